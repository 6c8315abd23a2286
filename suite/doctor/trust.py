"""Which certificates this machine trusts, as far as variables say so."""

from __future__ import annotations

import warnings
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509

from .findings import Finding, Severity

if TYPE_CHECKING:
    from .environment import Environment, Setting

#: Variables with a bundle of certificates, and who reads them.
BUNDLES: Final = {
    "SSL_CERT_FILE": "Python's ssl, which google-genai uses",
    "REQUESTS_CA_BUNDLE": "requests, which old versions of google-genai use",
    "CURL_CA_BUNDLE": "requests and curl",
    "NODE_EXTRA_CA_CERTS": "Node",
}
_UNCHECKED: Final = "NODE_TLS_REJECT_UNAUTHORIZED"
#: In a bundle of all authorities some are always old; in one of a few, each counts.
_FEW: Final = 5


def look(env: Environment, now: datetime | None = None) -> list[Finding]:
    """Bundles that are not there, cannot be read or are out of date."""
    moment = now or datetime.now(timezone.utc)
    found = [
        one
        for name, reader in BUNDLES.items()
        if (setting := env.get(name)) is not None
        for one in _bundle(setting, reader, moment)
    ]
    folder = env.get("SSL_CERT_DIR")
    if folder is not None and not Path(folder.value).is_dir():
        what = f"SSL_CERT_DIR names no folder: {folder.value}"
        found.append(Finding(Severity.BREAKS, what, (folder.where,), "unset it, or name one"))
    unchecked = env.get(_UNCHECKED)
    if unchecked is not None and unchecked.value == "0":
        what = f"{_UNCHECKED}=0 makes Node trust everybody: whoever is in between reads keys and tokens"
        fix = "unset it, and name the authority in NODE_EXTRA_CA_CERTS"
        found.append(Finding(Severity.MAY, what, (unchecked.where,), fix))
    return found


def _bundle(setting: Setting, reader: str, now: datetime) -> list[Finding]:
    where, path = (setting.where,), Path(setting.value)
    fix = f"let {setting.name} name a bundle that is there, or unset it: {reader} reads it"
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"{setting.name} names {path}, which cannot be read: {error.strerror}"
        return [Finding(Severity.BREAKS, what, where, fix)]
    try:
        with warnings.catch_warnings():  # of old roots, which are not ours
            warnings.simplefilter("ignore")
            held = x509.load_pem_x509_certificates(data)
            expired = [one for one in held if one.not_valid_after_utc < now]
    except ValueError:
        what = f"{setting.name} names {path}, which holds no certificates in PEM"
        return [Finding(Severity.BREAKS, what, where, fix)]
    if len(expired) == len(held) or (expired and len(held) <= _FEW):
        last = max(one.not_valid_after_utc for one in expired)
        gone = f"{len(expired)} of its {len(held)} certificates expired, the last on {last:%Y-%m-%d}"
        what = f"{setting.name} names {path}: {gone}"
        severity = Severity.BREAKS if len(expired) == len(held) else Severity.MAY
        return [Finding(severity, what, where, "get them anew; the mock makes its own at each start")]
    return [Finding(Severity.NOTE, f"{setting.name} names {path} ({len(held)} certificates)", where)]
