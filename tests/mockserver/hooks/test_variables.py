"""The variables of a process that is led: nothing that stands there is lost."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockserver import SERVICE_HOST, MockServer
from mockserver.hooks import redirected, redirecting, with_option

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = "127.0.0.1:8089"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MockServer]:
    with MockServer(tls_dir=tmp_path / "tls", redirect=(SERVICE_HOST,)) as running:
        yield running


def test_hosts_and_address_are_told() -> None:
    env = redirecting({}, ["one.example", "two.example"], AT)
    assert (env["MOCKSERVER_REDIRECT"], env["MOCKSERVER_ADDRESS"]) == ("one.example,two.example", AT)
    assert redirected(env) == {"one.example", "two.example"}
    assert redirected({}) == frozenset()


def test_the_hooks_are_files() -> None:
    env = redirecting({}, [SERVICE_HOST], AT)
    assert (Path(env["PYTHONPATH"]) / "sitecustomize.py").is_file()
    assert Path(env["NODE_OPTIONS"].removeprefix('--require="').removesuffix('"')).is_file()


def test_what_stands_there_stays_and_nothing_is_added_twice() -> None:
    before = {"PYTHONPATH": f"own{os.pathsep}other", "NODE_OPTIONS": "--max-old-space-size=64"}
    once = redirecting(before, [SERVICE_HOST], AT)
    assert once["PYTHONPATH"].endswith(f"{os.pathsep}own{os.pathsep}other")
    assert once["NODE_OPTIONS"].startswith("--max-old-space-size=64 --require=")
    assert redirecting(once, [SERVICE_HOST], AT) == once


def test_a_path_with_spaces_and_quotes_is_one_option() -> None:
    assert with_option("", "--require", Path('a b"c')) == '--require="a b\\"c"'


def test_a_proxy_is_not_asked_for_a_host_that_is_led(server: MockServer) -> None:
    env = server.environment({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "own.example"})
    assert env["HTTPS_PROXY"] == "http://proxy.example"
    assert env["NO_PROXY"] == env["no_proxy"] == f"own.example,localhost,127.0.0.1,::1,{SERVICE_HOST}"


def test_without_a_host_nothing_is_led(tmp_path: Path) -> None:
    with MockServer(tls_dir=tmp_path) as server:
        env = server.environment({"PATH": "p"})
    assert not {"MOCKSERVER_REDIRECT", "MOCKSERVER_ADDRESS", "PYTHONPATH", "NODE_OPTIONS"} & set(env)
    assert env["GOOGLE_GEMINI_BASE_URL"] == server.url


def test_a_key_of_its_own_stays_its_own(server: MockServer) -> None:
    assert server.environment({})["GEMINI_API_KEY"] == "mock-gemini-key"
    assert server.environment({"GEMINI_API_KEY": "own"})["GOOGLE_API_KEY"] == "own"
    assert server.environment({"GEMINI_API_KEY": "own"}, "given")["GEMINI_API_KEY"] == "given"


def test_what_leads_past_the_mock_is_gone(server: MockServer) -> None:
    assert "GOOGLE_GENAI_USE_VERTEXAI" not in server.environment({"GOOGLE_GENAI_USE_VERTEXAI": "true"})


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_authorities_of_the_users_own_stay_trusted(server: MockServer, tmp_path: Path, name: str) -> None:
    with MockServer(tls_dir=tmp_path / "company") as other:
        company = other.ca_file
    env = server.environment({name: str(company)})
    trusting = ssl.create_default_context(cafile=env[name])
    known = trusting.get_ca_certs(binary_form=True)
    for authority in (company, server.ca_file):
        assert ssl.PEM_cert_to_DER_cert(authority.read_text()) in known
    assert len(known) == 2
    again = server.environment({name: env[name]})
    assert again[name] == env[name], "it is not added twice"
    assert other.ca_file.read_text() == company.read_text(), "nothing is written beside the user's own"


def test_a_file_that_is_gone_is_no_authority(server: MockServer, tmp_path: Path) -> None:
    env = server.environment({"NODE_EXTRA_CA_CERTS": str(tmp_path / "gone.pem")})
    assert env["NODE_EXTRA_CA_CERTS"] == str(server.ca_file)
