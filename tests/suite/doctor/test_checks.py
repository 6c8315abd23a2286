"""Each check on a project or an environment that is wrong in its way, and on one that is not."""

# ruff: noqa: E501  (examples stay on one line)

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mockserver import MockServer
from suite.doctor import checks, machine, manifests, trust
from suite.doctor.environment import Environment, Setting
from suite.doctor.findings import Severity
from suite.doctor.manifests import Pin
from suite.doctor.sources import javascript

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from suite.doctor.findings import Finding

    from .conftest import Patient

TOKEN = "auth_tokens/" + 64 * "5"
KEY = "AIzaSy" + 33 * "k"
SERVER_JS = """import { GoogleGenAI } from '@google/genai';
const ai = new GoogleGenAI({ apiKey: process.env.KEY });
export const mint = () => ai.authTokens.create({ config: { uses: 1 } });
"""
CLIENT_JS = """import { GoogleGenAI } from '@google/genai';
export async function talk(token, callbacks) {
  const ai = new GoogleGenAI({ apiKey: token.name });
  return ai.live.connect({ model: 'm', callbacks });
}
"""


def severities(found: list[Finding]) -> list[Severity]:
    """How bad each finding is."""
    return [one.severity for one in found]


def of(found: list[Finding], severity: Severity) -> list[Finding]:
    """The findings that are so bad."""
    return [one for one in found if one.severity is severity]


# -- versions ---------------------------------------------------------------------------------------------

LOCKED = [
    ("uv.lock", '[[package]]\nname = "google-genai"\nversion = "3.4.0"\n', 3),
    ("poetry.lock", '[[package]]\nname = "google-genai"\nversion = "3.4.0"\n', 3),
    ("Pipfile.lock", '{"default": {"google-genai": {"hashes": ["sha256:1"],\n"version": "==3.4.0"}}}', 2),
    ("package-lock.json", '{"packages": {\n"node_modules/@google/genai": {\n"version": "2.32.0"}}}', 3),
    ("package-lock.json", '{"dependencies": {"@google/genai": {"version": "2.32.0"}}}', 1),
    ("pnpm-lock.yaml", "packages:\n\n  '@google/genai@2.32.0(x@1)':\n    resolution: {}\n", 3),
    ("pnpm-lock.yaml", "packages:\n  /@google/genai/2.32.0:\n    dev: false\n", 2),
    ("yarn.lock", '"@google/genai@^2.0.0":\n  version "2.32.0"\n', 2),
    ("yarn.lock", '"@google/genai@npm:^2.0.0":\n  version: 2.32.0\n', 2),
    ("bun.lock", '{"packages": {"@google/genai": ["@google/genai@2.32.0", "", {}]}}', 1),
]
ASKED = [
    ("requirements.txt", "# google-genai==9\ngoogle-genai[aiohttp] >=3,<4 ; python_version > '3'\n", ">=3,<4", 2),
    ("requirements-dev.txt", "google_genai==3.4.0 \\\n --hash=sha256:1\n", "==3.4.0", 1),
    ("requirements/live.txt", "google-genai\n", None, 1),
    ("pyproject.toml", '[project]\ndependencies = [\n "google-genai>=3.1",\n]\n', ">=3.1", 3),
    ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = "^3.4"\n', "^3.4", 2),
    ("pyproject.toml", '[x]\ngoogle-genai = {version = "~3.4", extras = []}\n', "~3.4", 2),
    ("package.json", '{"dependencies": {\n"@google/genai": "^2.32.0"}}', "^2.32.0", 2),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "line"), LOCKED)
def test_a_lock_file_says_the_version(path: str, text: str, line: int) -> None:
    [pin] = manifests.pins(path, text)
    assert pin.version in ("3.4.0", "2.32.0")
    assert (pin.rank, pin.where) == (1, f"{path}:{line}")


@pytest.mark.parametrize(("path", "text", "spec", "line"), ASKED)
def test_a_manifest_says_what_may_be(path: str, text: str, spec: str | None, line: int) -> None:
    found = list(manifests.pins(path, text))
    if path == "requirements/live.txt":
        assert not found, "its name does not say that it is one"
        return
    assert [(pin.spec, pin.where) for pin in found] == [(spec, f"{path}:{line}")]
    assert found[0].newest


def test_other_packages_are_not_taken_for_an_sdk() -> None:
    for path, text in {
        "requirements.txt": "google-genai-extra==1\nmy-google-genai==2\n",
        "package.json": '{"@google/genai-tools": "1.0.0", "x@google/genai": "1"}',
        "uv.lock": 'name = "google-genai-x"\nversion = "1"\n',
    }.items():
        assert not list(manifests.pins(path, text)), path


@pytest.mark.parametrize(
    ("spec", "fits", "not_"),
    [
        ("^2.3.0", "2.32.0", "3.0.0"), ("~2.3.0", "2.3.1", "2.4.0"), ("^0.14.0", "0.14.1", "0.15.0"),
        (">=1,<2", "1.30.0", "2.0.0"), (">=1.0 <3", "2.32.0", "3.0.0"), ("^2", "2.32.0", "3.0.0"),
        ("~=3.4", "3.5.0", "4.0.0"), (">=20.0.0", "22.1.0", "18.0.0"),
    ],
)  # fmt: skip
def test_specifiers_of_pip_npm_and_poetry(spec: str, fits: str, not_: str) -> None:
    allowed = manifests.specifiers(spec)
    assert allowed is not None
    assert fits in allowed
    assert not_ not in allowed


@pytest.mark.parametrize("spec", ["git+ssh://host/x", "file:../x", "workspace:*", "1.x || 2.x"])
def test_what_cannot_be_read_is_no_version(spec: str) -> None:
    pin = Pin("js", spec, "package.json:1", 2)
    assert (pin.version, pin.newest) == (None, None)


def test_installed_wins_over_locked_over_asked_for(
    patient: Patient, beside: Callable[[str | None], None]
) -> None:
    beside("3.5.0")
    patient.put("requirements.txt", "google-genai>=1\n")
    patient.put("uv.lock", 'name = "google-genai"\nversion = "3.3.0"\n')
    assert str(patient.look().subjects[0]) == "python==3.3.0"
    patient.put(".venv/lib/python3.11/site-packages/google_genai-3.4.0.dist-info/METADATA")
    assert str(patient.look().subjects[0]) == "python==3.4.0"
    [clash] = of(patient.find(1), Severity.MAY)
    assert "3.4.0" in clash.what
    assert "3.3.0 (uv.lock:2): they disagree" in clash.what


def test_what_is_beside_this_tool_counts_only_where_the_project_has_none(
    patient: Patient, beside: Callable[[str | None], None]
) -> None:
    assert severities(patient.find(1)) == [Severity.UNSEEN]
    beside("3.5.0")
    assert str(patient.look().subjects[0]) == "python==3.5.0"
    patient.put("requirements.txt", "google-genai==3.4.0\n")
    assert [str(one) for one in patient.look().subjects] == ["python==3.4.0"]


def test_a_lock_that_the_manifest_allows_does_not_disagree(patient: Patient) -> None:
    patient.put("package.json", '{"dependencies": {"@google/genai": "^2.0.0"}}')
    patient.put("yarn.lock", '"@google/genai@^2.0.0":\n  version "2.32.0"\n')
    assert not of(patient.find(1), Severity.MAY)
    patient.put("package.json", '{"dependencies": {"@google/genai": "^3.0.0"}}')
    assert of(patient.find(1), Severity.MAY)


@pytest.mark.usefixtures("beside")
def test_packages_of_before(patient: Patient) -> None:
    assert not patient.find(2)
    patient.put("requirements.txt", "google-generativeai==0.8\n")
    patient.put("package.json", '{"dependencies": {"@google/generative-ai": "^0.24.0"}}')
    assert severities(patient.find(2)) == [Severity.BREAKS, Severity.BREAKS]


def test_libraries_and_runtimes(patient: Patient) -> None:
    packages = ".venv/lib/python3.11/site-packages"
    patient.put(f"{packages}/httpx-0.28.1.dist-info/METADATA")
    patient.put(f"{packages}/google_genai-3.4.0.dist-info/METADATA", "Name: x\nRequires-Python: >=99.0\n")
    assert "httpx 0.28.1" in patient.find(3)[0].what
    python = patient.root / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert severities(patient.find(4)) == [Severity.BREAKS]
    patient.put(f"{packages}/google_genai-3.4.0.dist-info/METADATA", "Requires-Python: >=3.9\n")
    assert severities(patient.find(4)) == [Severity.NOTE]


def test_a_node_that_is_too_old_or_missing(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"version": "2.32.0", "engines": {"node": ">=20.0.0"}}
    patient.put("node_modules/@google/genai/package.json", json.dumps(about))
    node = patient.put("bin/node", "#!/bin/sh\necho v18.20.0\n").root / "bin/node"
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(node.parent), prepend=os.pathsep)
    [finding] = patient.find(4)
    assert finding.severity is Severity.BREAKS
    assert "needs Node >=20.0.0" in finding.what
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert severities(patient.find(4)) == [Severity.UNSEEN]


# -- variables --------------------------------------------------------------------------------------------


def test_no_key_is_a_note(patient: Patient) -> None:
    assert severities(patient.find(5)) == [Severity.NOTE]


def test_both_keys_and_which_wins_by_version(patient: Patient) -> None:
    patient.environ = {"GOOGLE_API_KEY": KEY, "GEMINI_API_KEY": f"{KEY}2"}
    patient.put("requirements.txt", "google-genai==3.4.0\n")
    patient.put("package.json", '{"dependencies": {"@google/genai": "1.3.0"}}')
    [finding] = patient.find(5)
    assert finding.severity is Severity.MAY
    assert "python==3.4.0 takes GOOGLE_API_KEY and warns" in finding.what
    assert "js==1.3.0 reads GOOGLE_API_KEY only" in finding.what
    patient.environ["GEMINI_API_KEY"] = KEY
    assert not patient.find(5), "the same key twice is no harm"


def test_a_token_in_place_of_a_key_and_nothing_secret_is_shown(patient: Patient) -> None:
    patient.put(".env", f"# keys\nexport GEMINI_API_KEY='{TOKEN}'\n")
    [finding] = patient.find(5)
    assert (finding.severity, finding.where) == (Severity.BREAKS, (".env:2",))
    assert "555" not in json.dumps(finding.json())


@pytest.mark.parametrize("name", ["GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE"])
def test_variables_of_vertex_ai(patient: Patient, name: str) -> None:
    patient.environ = {name: "False"}
    assert not patient.find(6)
    patient.environ = {"GOOGLE_CLOUD_PROJECT": "p"}
    assert severities(patient.find(6)) == [Severity.NOTE]
    patient.environ = {name: "True", "GOOGLE_CLOUD_PROJECT": "p"}
    assert severities(patient.find(6)) == [Severity.BREAKS]


def test_base_url_and_api_version(patient: Patient) -> None:
    assert not patient.find(7)
    patient.environ = {"GOOGLE_GEMINI_BASE_URL": "http://user:secret@127.0.0.1:8089"}
    [finding] = patient.find(7)
    assert "a mock on this machine" in finding.what
    assert "secret" not in finding.what
    patient.environ = {"GOOGLE_GEMINI_BASE_URL": "127.0.0.1"}
    assert Severity.BREAKS in severities(patient.find(7))
    patient.environ = {"GOOGLE_GENAI_API_VERSION": "v1beta"}
    assert "google-genai 3.0.0 and newer and @google/genai 3.1.0 and newer read it" in patient.find(7)[0].what
    patient.environ = {"GOOGLE_GENAI_API_VERSION": "v9"}
    assert severities(patient.find(7)) == [Severity.MAY]


def test_proxies(patient: Patient) -> None:
    assert not patient.find(8)
    patient.environ = {"HTTPS_PROXY": "http://me:pw@proxy:3128"}
    [finding] = patient.find(8)
    assert finding.severity is Severity.NOTE
    assert "pw" not in finding.what
    patient.environ |= {"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:8089", "no_proxy": "example.org"}
    assert Severity.BREAKS in severities(patient.find(8))
    for excluding in ("*", "localhost,127.0.0.1", "127.0.0.1:8089"):
        patient.environ["no_proxy"] = excluding
        assert Severity.BREAKS not in severities(patient.find(8)), excluding
    patient.environ = {"all_proxy": "socks5://proxy:1080"}
    assert Severity.MAY in severities(patient.find(8))


# -- certificates, clock, port ----------------------------------------------------------------------------


def bundle(path: Path, *ends_in_days: int) -> str:
    """A bundle of certificates that end in so many days."""
    written = b""
    now = datetime.now(timezone.utc)
    for days in ends_in_days:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(days=99)).not_valid_after(now + timedelta(days=days))
        )  # fmt: skip
        written += made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path.write_bytes(written)
    return str(path)


@pytest.mark.parametrize("name", list(trust.BUNDLES))
def test_a_bundle(patient: Patient, name: str) -> None:
    authority = patient.root / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    patient.environ = {name: str(authority)}
    assert severities(patient.find(9)) == [Severity.NOTE]
    for wrong in (patient.root / "no.pem", patient.root, patient.put("x.pem", "hello").root / "x.pem"):
        patient.environ = {name: str(wrong)}
        assert severities(patient.find(9)) == [Severity.BREAKS], wrong
    patient.environ = {name: bundle(patient.root / "old.pem", -1, -2)}
    [finding] = patient.find(9)
    assert finding.severity is Severity.BREAKS
    assert "2 of its 2 certificates expired" in finding.what
    patient.environ = {name: bundle(patient.root / "one.pem", -1, 9)}
    assert severities(patient.find(9)) == [Severity.MAY]


def test_an_old_root_among_many_is_no_finding(tmp_path: Path) -> None:
    path = bundle(tmp_path / "many.pem", -1, *range(1, 8))
    setting = Setting("SSL_CERT_FILE", path, "$SSL_CERT_FILE")
    assert severities(trust.look(Environment((setting,)))) == [Severity.NOTE]


def test_folders_and_node_that_trusts_everybody(patient: Patient) -> None:
    patient.environ = {"SSL_CERT_DIR": str(patient.root), "NODE_TLS_REJECT_UNAUTHORIZED": "1"}
    assert not patient.find(9)
    patient.environ = {"SSL_CERT_DIR": str(patient.root / "no"), "NODE_TLS_REJECT_UNAUTHORIZED": "0"}
    assert severities(patient.find(9)) == [Severity.BREAKS, Severity.MAY]


def test_the_clock_is_not_green_unless_it_was_asked(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert severities(patient.find(10)) == [Severity.UNSEEN]
    [check] = [check for check in checks.CHECKS if check.number == 10]
    monkeypatch.setattr(machine, "date_of", lambda: None)
    assert severities(check.look(patient.look(online=True))) == [Severity.UNSEEN]


@pytest.mark.parametrize(
    ("ahead_s", "severity", "words"),
    [
        (0, Severity.NOTE, "within 1 s"), (-20, Severity.NOTE, "within 20 s"),
        (90, Severity.BREAKS, "90 s ahead of"), (-3600, Severity.BREAKS, "3600 s behind"),
    ],
)  # fmt: skip
def test_a_clock_that_is_wrong(ahead_s: int, severity: Severity, words: str) -> None:
    server = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
    [finding] = machine.clock(server + timedelta(seconds=ahead_s), lambda: "Sun, 22 Nov 2026 12:00:00 GMT")
    assert finding.severity is severity
    assert words in finding.what


def test_the_date_of_a_server_even_of_one_that_refuses() -> None:
    with MockServer() as server:
        assert machine.date_of(f"{server.url}/nothing/here") is not None
    assert machine.date_of("http://127.0.0.1:9/") is None


def test_the_port_of_the_mock() -> None:
    with MockServer() as server:
        [finding] = machine.port(server.port)
        assert finding.severity is Severity.NOTE
    assert not machine.port(server.port)
    with socket.create_server(("127.0.0.1", 0)) as other:
        [finding] = machine.port(other.getsockname()[1])
        assert finding.severity is Severity.MAY


# -- source -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("beside")
def test_a_project_that_sets_no_api_version(patient: Patient) -> None:
    patient.put("package.json", '{"dependencies": {"@google/genai": "2.32.0"}}')
    patient.put("server.js", SERVER_JS).put("web/client.js", CLIENT_JS)
    together, mints, connects = patient.find(13)
    assert "create:none/connect:none on js==2.32.0: refused 404 at launch, works at latest" in together.what
    assert mints.what.startswith(
        "server.js:3 mints with no API version set, on js==2.32.0: refused 404 at launch"
    )
    assert (mints.severity, mints.at) == (Severity.DEPENDS, "server.js:2")
    assert mints.code.startswith("new GoogleGenAI({apiKey: KEY, httpOptions:")
    assert connects.what.startswith("web/client.js:4 connects with no API version set")
    assert "hangs at launch" in connects.what
    assert connects.at == "web/client.js:3"


@pytest.mark.usefixtures("beside")
def test_what_is_written_as_told_is_found_well(patient: Patient) -> None:
    patient.put("package.json", '{"dependencies": {"@google/genai": "2.32.0"}}')
    patient.put("server.js", SERVER_JS).put("client.js", CLIENT_JS)
    for finding in patient.find(13):
        if finding.at:
            path, _, line = finding.at.partition(":")
            lines = (patient.root / path).read_text("utf-8").splitlines()
            lines[int(line) - 1] = f"const ai = {finding.code};"
            patient.put(path, "\n".join(lines))
    assert severities(patient.find(13)) == [Severity.NOTE] * 3


@pytest.mark.usefixtures("beside")
def test_the_newest_default_breaks_at_every_date(patient: Patient) -> None:
    patient.put("requirements.txt", "google-genai==3.4.0\n")
    patient.put("app.py", "from google import genai\nclient = genai.Client()\nclient.auth_tokens.create()\n")
    [finding] = patient.find(13)
    assert finding.severity is Severity.BREAKS
    assert "refused 404 at launch, refused 404 at latest" in finding.what
    patient.environ = {"GOOGLE_GENAI_API_VERSION": "v1alpha"}
    [finding] = patient.find(13)
    assert finding.severity is Severity.NOTE, "this version reads the variable"
    patient.put("requirements.txt", "google-genai==1.30.0\n")
    [finding] = patient.find(13)
    assert finding.severity is Severity.DEPENDS, "this one does not"


@pytest.mark.usefixtures("beside")
def test_a_version_at_the_session_that_is_refused_or_ignored(patient: Patient) -> None:
    text = (
        "from google import genai\nc = genai.Client(api_key=token.name)\n"
        "c.aio.live.connect(model=M, config={'http_options': {'api_version': 'v1alpha'}})\n"
    )
    patient.put("app.py", text).put("requirements.txt", "google-genai==1.30.0\n")
    [finding] = patient.find(13)
    assert finding.severity is Severity.BREAKS
    assert (finding.at, "takes no HTTP options" in finding.why) == ("app.py:2", True)
    patient.put("requirements.txt", "google-genai==3.4.0\n")
    [finding] = patient.find(13)
    assert finding.severity is Severity.NOTE
    patient.put("app.py", text.replace("v1alpha", "v1beta"))
    [finding] = patient.find(13)
    assert (finding.severity, finding.at) == (Severity.DEPENDS, "app.py:3")


@pytest.mark.usefixtures("beside")
def test_sessions_with_a_key(patient: Patient) -> None:
    text = "from google import genai\nc = genai.Client(http_options={'api_version': 'v1beta'})\nc.aio.live.connect()\n"
    patient.put("app.py", text).put("requirements.txt", "google-genai==3.4.0\n")
    [finding] = patient.find(13)
    assert finding.severity is Severity.NOTE
    assert "with an API key, which works at every service date" in finding.what
    patient.put("app.py", text.replace("v1beta", "v1"))
    [finding] = patient.find(13)
    assert finding.severity in (Severity.DEPENDS, Severity.BREAKS)
    assert finding.code.startswith("genai.Client(api_key=KEY, http_options=")


@pytest.mark.usefixtures("beside")
def test_what_cannot_be_seen_is_said_and_what_works_is_told(patient: Patient) -> None:
    patient.put("app.py", "from google import genai\ngenai.Client(http_options=o).auth_tokens.create()\n")
    [finding] = patient.find(13)
    assert finding.severity is Severity.UNSEEN
    assert "cannot be seen: o comes from elsewhere" in finding.what
    assert "works at every service date is genai.Client(api_key=KEY" in finding.fix
    patient.put("app.py", "from google import genai\ngenai.Client(api_key=k).live.connect()\n")
    [finding] = patient.find(13)
    assert "if its key, which cannot be seen, is a token" in finding.what


@pytest.mark.usefixtures("beside")
def test_a_backend_in_python_and_a_frontend_in_javascript(patient: Patient) -> None:
    patient.put("api/requirements.txt", "google-genai==3.4.0\n")
    patient.put("api/app.py", "from google import genai\ngenai.Client().auth_tokens.create()\n")
    patient.put("web/package.json", '{"dependencies": {"@google/genai": "2.32.0"}}')
    patient.put("web/client.js", CLIENT_JS.replace("@google/genai'", "@google/genai/web'"))
    together = patient.find(13)[0]
    assert "create:none/connect:none, on python==3.4.0 and web==2.32.0" in together.what


@pytest.mark.usefixtures("beside")
def test_each_folder_has_its_own_version(patient: Patient) -> None:
    for folder, version in (("a", "2.32.0"), ("b", "3.1.0")):
        patient.put(f"{folder}/package.json", f'{{"dependencies": {{"@google/genai": "{version}"}}}}')
        patient.put(f"{folder}/server.js", SERVER_JS)
    told = [finding.what for finding in patient.find(13)]
    assert "a/server.js:3 mints" in told[0]
    assert "js==2.32.0" in told[0]
    assert "js==3.1.0" in told[1]


@pytest.mark.parametrize(
    ("address", "severity", "words"),
    [
        ("v1alpha.GenerativeService.BidiGenerateContentConstrained", Severity.NOTE, "at every service date"),
        ("v1beta.GenerativeService.BidiGenerateContentConstrained", Severity.DEPENDS, "not served at launch"),
        ("v1.GenerativeService.BidiGenerateContentConstrained", Severity.BREAKS, "launch and latest"),
        ("v1beta.GenerativeService/BidiGenerateContent", Severity.BREAKS, "WS-019"),
        ("v1alpha.GenerativeService.BidiGenerateContent?access_token=x", Severity.BREAKS, "CLS-003"),
        ("v1alpha.GenerativeService.BidiGenerateContentConstrained?key=x", Severity.BREAKS, "CLS-005"),
    ],
)
def test_addresses_of_sockets(patient: Patient, address: str, severity: Severity, words: str) -> None:
    url = f"wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.{address}"
    for path, text in {"a.py": f"U = {url!r}", "b.ts": f"const u = `{url}`;"}.items():
        patient.put(path, text)
    found = patient.find(12)
    assert severities(found) == [severity] * 2
    assert all(words in one.what for one in found)
    assert {one.where[0] for one in found} == {"a.py:1", "b.ts:1"}


def test_addresses_of_tokens(patient: Patient) -> None:
    for path, version in {"v1alpha": "note", "v1beta": "depends", "v1": "breaks"}.items():
        patient.put("a.js", f"fetch('https://generativelanguage.googleapis.com/{path}/auth_tokens')")
        assert patient.find(12)[0].severity.value == version
    patient.put("a.js", "fetch(`https://host/${version}/auth_tokens`)")
    assert severities(patient.find(12)) == [Severity.UNSEEN]
    patient.put("a.js", "fetch('https://host/v1beta/authTokens')")
    assert "TOK-005" in patient.find(12)[0].what


def test_without_a_parser_it_is_said_that_javascript_was_not_read(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(javascript, "is_there", lambda: False)
    patient.put("client.js", CLIENT_JS).put(
        "app.py", "from google import genai\ngenai.Client().auth_tokens.create()"
    )
    found = patient.find(13)
    [finding] = of(found, Severity.UNSEEN)
    assert "genai-live-compat[doctor]" in finding.what
    assert "1 files, such as client.js" in finding.what
    assert any("app.py:2 mints" in one.what for one in found)


def test_the_parser_is_asked_for_once_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(grammar: str) -> Any:
        raise ImportError(grammar)

    monkeypatch.setattr(javascript, "_parser", missing)
    assert not javascript.is_there()


# -- which files ------------------------------------------------------------------------------------------


def test_folders_of_others_are_left_alone(patient: Patient) -> None:
    for folder in ("node_modules/x", ".venv/lib", "dist", "deep/node_modules/y", ".git"):
        patient.put(f"{folder}/server.js", SERVER_JS)
    assert not patient.look().sites
    patient.put("deep/server.js", SERVER_JS)
    assert len(patient.look().sites) == 1


def test_what_git_ignores_is_left_alone(patient: Patient) -> None:
    subprocess.run(["git", "init", "-q", str(patient.root)], check=True)
    patient.put(".gitignore", "generated/\n").put("generated/server.js", SERVER_JS).put("new.js", SERVER_JS)
    assert [site.place.path for site in patient.look().sites] == ["new.js"]


def test_large_and_broken_files(patient: Patient) -> None:
    patient.put("large.js", SERVER_JS + "x" * 2_000_001)
    (patient.root / "binary.py").write_bytes(b"genai \xff\xfe\x00")
    (patient.root / "gone.py").symlink_to(patient.root / "nowhere")
    found = patient.find(13)
    assert len(found) == 1
    assert found[0].what.startswith("binary.py")
