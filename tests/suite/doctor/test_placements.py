"""What the source of a project sets where, and what will come of it."""

# ruff: noqa: E501  (examples stay on one line)

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from suite.doctor.findings import Severity
from suite.doctor.sources import javascript

from .conftest import CLIENT_JS, SERVER_JS, of, severities

if TYPE_CHECKING:
    from .conftest import Patient


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
