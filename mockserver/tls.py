"""A throwaway certificate for loopback, made once and kept, and the bundle that makes clients trust it."""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

HOSTS: Final = ("localhost", "127.0.0.1", "::1")
#: A new certificate every period, each good for two: nothing that is kept can be about to expire.
_PERIOD_DAYS: Final = 30
_CA: Final = "ca.pem"
_CHAIN: Final = "server.pem"
_BUNDLE: Final = "with-roots"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files on disk, PEM: our authority, our authority with the public roots, the server's key and chain."""

    ca_file: Path
    bundle_file: Path
    chain_file: Path

    def context(self) -> ssl.SSLContext:
        """The server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain_file)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def env(self) -> dict[str, str]:
        """What a client process needs in its environment to trust the server."""
        return {
            "SSL_CERT_FILE": str(self.bundle_file),
            "REQUESTS_CA_BUNDLE": str(self.bundle_file),
            "NODE_EXTRA_CA_CERTS": str(self.ca_file),
        }

    def trusted(self, before: Mapping[str, str]) -> dict[str, str]:
        """The same for a process whose environment names authorities already: they stay trusted."""
        return {name: self._with_own(before.get(name, ""), ours) for name, ours in self.env().items()}

    def _with_own(self, own: str, ours: str) -> str:
        """A file of somebody's own with our authority behind it; ours, where that is no file."""
        if not Path(own).is_file():
            return ours
        content = Path(own).read_bytes()
        return own if self.ca_file.read_bytes() in content else str(_bundle(self.ca_file, content))


def default_directory() -> Path:
    """Where certificates are kept: the user's cache, or a temporary folder where there is none."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or (
            os.path.expanduser("~/.cache") if os.environ.get("HOME") else None
        )
    root = Path(base) if base else Path(tempfile.gettempdir())
    return root / "genai-live-compat" / "tls"


def ensure(directory: Path | None = None, extra_hosts: tuple[str, ...] = ()) -> Certificates:
    """Find good certificates in a folder, or make them.

    The authority's private key is never written: nobody can sign another certificate with it.

    Raises:
        OSError: the folder can be neither read nor written.
    """
    hosts = (*HOSTS, *(host for host in extra_hosts if host not in HOSTS))
    period = int(time.time() // (_PERIOD_DAYS * 86_400))
    label = hashlib.sha256(f"{period} {' '.join(hosts)}".encode()).hexdigest()[:12]
    folder = (directory or default_directory()) / label
    if not _good(folder):
        _make(folder, hosts)
    return Certificates(folder / _CA, _bundle(folder / _CA, public_roots()), folder / _CHAIN)


def _good(folder: Path) -> bool:
    try:
        Certificates(folder / _CA, folder / _CA, folder / _CHAIN).context()
    except OSError:  # absent, unreadable, or no certificate (SSLError is an OSError)
        return False
    return (folder / _CA).is_file()


def _make(folder: Path, hosts: tuple[str, ...]) -> None:
    """Make a folder of certificates whole, then move it into place: other processes may do the same."""
    # Imported here: it brings cryptography, which takes longer to import than a kept certificate to load.
    from datetime import datetime, timedelta, timezone

    import trustme

    folder.parent.mkdir(parents=True, exist_ok=True)
    until = datetime.now(timezone.utc) + timedelta(days=2 * _PERIOD_DAYS)
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    leaf = authority.issue_cert(*hosts, key_type=trustme.KeyType.ECDSA, not_after=until)
    chain = leaf.private_key_pem.bytes() + b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:  # mode 0700
        made = Path(temporary) / "made"
        made.mkdir()
        (made / _CA).write_bytes(authority.cert_pem.bytes())
        (made / _CHAIN).write_bytes(chain)
        try:
            made.rename(folder)
        except OSError:
            if not _good(folder):  # not another process's, but a broken one
                shutil.rmtree(folder, ignore_errors=True)
                made.rename(folder)


def _bundle(ca_file: Path, roots: bytes) -> Path:
    """Our authority behind others; named by its content: it never changes under a reader."""
    content = roots + b"\n" + ca_file.read_bytes()
    path = ca_file.with_name(f"{_BUNDLE}-{hashlib.sha256(content).hexdigest()[:12]}.pem")
    if not path.is_file():
        descriptor, name = tempfile.mkstemp(dir=ca_file.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    return path


def public_roots() -> bytes:
    """What a client would trust without us: the environment's choice, else the system's, else certifi's."""
    paths = ssl.get_default_verify_paths()
    candidates = [os.environ.get("SSL_CERT_FILE"), paths.openssl_cafile]
    if paths.capath:  # some systems have a folder only; their bundle lies in it
        candidates += [os.path.join(paths.capath, name) for name in ("ca-certificates.crt", "ca-bundle.crt")]
    for candidate in candidates:
        if candidate and Path(candidate).is_file() and _BUNDLE not in Path(candidate).name:
            return Path(candidate).read_bytes()
    try:
        certifi = import_module("certifi")  # used where it happens to be, never required
    except ImportError:  # Windows keeps its roots in a store
        roots = ssl.create_default_context().get_ca_certs(binary_form=True)
        return "".join(map(ssl.DER_cert_to_PEM_cert, roots)).encode()
    return Path(certifi.where()).read_bytes()
