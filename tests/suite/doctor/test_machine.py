"""Variables, certificates, clock and port: wrong in their way, and not."""

# ruff: noqa: E501  (examples stay on one line)

from __future__ import annotations

import json
import socket
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mockserver import MockServer
from suite.doctor import checks, machine, trust
from suite.doctor.environment import Environment, Setting
from suite.doctor.findings import Severity

from .conftest import KEY, TOKEN, severities

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Patient


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
