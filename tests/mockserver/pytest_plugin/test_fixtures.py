"""The fixtures, in test runs of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mockserver import environment


def test_each_test_gets_the_server_in_a_clean_state(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_inner="""
        from minting import mint
        from mockserver import Rule, Script, Silence

        def test_first(mock_gemini):
            assert mint(mock_gemini) == 200
            mock_gemini.play(Script("mute", (Rule("turn", (Silence(),)),)))
            assert len(mock_gemini.tokens) == 1

        def test_second(mock_gemini, mock_gemini_server):
            from mockserver import ECHO
            assert mock_gemini is mock_gemini_server
            assert (mock_gemini.tokens, mock_gemini.journal) == ((), ())
            assert mock_gemini._service._script is ECHO
        """
    )
    pytester.runpytest().assert_outcomes(passed=2)


def test_the_journal_is_printed_when_a_test_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_inner="""
        import urllib.error, urllib.request
        from minting import mint

        def test_fails(mock_gemini):
            mint(mock_gemini, key="AIzaSyCanaryCanaryCanaryCanary")
            try:
                urllib.request.urlopen(mock_gemini.url + "/v1beta/auth_tokens", b"{}", timeout=5)
            except urllib.error.HTTPError as error:
                error.close()
            assert False

        def test_fails_without_a_word(mock_gemini):
            assert False
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*- mock gemini journal -*",
            "*http-1  request   POST /v1alpha/auth_tokens?key=AIza*ry",
            "*http-1  response  200 *",
            "*http-2  refusal   * [[]TOK-002]",
            "*→ tokens are not served on v1beta at this service date: set http_options=*",
            "*- mock gemini journal -*",
            "nothing reached the mock",
        ]
    )
    result.stdout.no_fnmatch_line("*AIzaSyCanaryCanaryCanaryCanary")


def test_the_journal_is_not_printed_when_a_test_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_inner="""
        from minting import mint
        import pytest

        def test_passes(mock_gemini):
            mint(mock_gemini)

        @pytest.mark.xfail
        def test_fails_as_expected(mock_gemini):
            mint(mock_gemini)
            assert False

        def test_without_the_fixture():
            assert False
        """
    )
    result = pytester.runpytest("-rA")
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    assert "mock gemini journal" not in result.stdout.str()


def test_the_environment_is_set_and_restored(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment.REMOVED:
        monkeypatch.setenv(name, "leads elsewhere")
    monkeypatch.setenv("GEMINI_API_KEY", "a real key")
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "intranet.example,localhost")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://before")
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    pytester.makepyfile(
        test_inner="""
        import os

        def test_inside(mock_gemini):
            assert {name: os.environ[name] for name in mock_gemini.env} == mock_gemini.env
            assert os.environ["GOOGLE_GEMINI_BASE_URL"] == mock_gemini.url
            assert os.environ["GOOGLE_API_KEY"] == os.environ["GEMINI_API_KEY"] == "mock-gemini-key"
            assert not [name for name in os.environ if os.environ[name] == "leads elsewhere"]
            direct = "intranet.example,localhost,127.0.0.1,::1"
            assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == direct
            assert os.environ["HTTPS_PROXY"] == "http://proxy.example:3128"

        def test_outside(mock_gemini_server):
            assert os.environ["GOOGLE_GEMINI_BASE_URL"] == "http://before"
            assert "NODE_EXTRA_CA_CERTS" not in os.environ
            assert os.environ["GEMINI_API_KEY"] == "a real key"
            assert os.environ["GOOGLE_CLOUD_PROJECT"] == "leads elsewhere"
            assert "NO_PROXY" not in os.environ
        """
    )
    pytester.runpytest().assert_outcomes(passed=2)
    assert os.environ["GOOGLE_GEMINI_BASE_URL"] == "http://before"


def test_it_works_with_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_inner="""
        from minting import mint
        import pytest

        @pytest.mark.parametrize("n", range(8))
        def test_alone_on_my_server(mock_gemini, n):
            assert mint(mock_gemini) == 200
            assert len(mock_gemini.tokens) == 1
        """
    )
    pytester.runpytest_subprocess("-n", "2", "-p", "xdist").assert_outcomes(passed=8)


@pytest.mark.parametrize(
    ("ini", "day"), [("", "2025-05-20"), ("latest", "2026-11-22"), ("2026-07-03", "2026-07-03")]
)
def test_the_service_date_is_an_ini_option(pytester: pytest.Pytester, ini: str, day: str) -> None:
    pytester.makeini(f"[pytest]\nmock_gemini_service_date = {ini}\n" if ini else "[pytest]\n")
    pytester.makepyfile(
        test_inner=f"def test(mock_gemini): assert mock_gemini.options.service_date.isoformat() == {day!r}"
    )
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_bad_ini_option_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmock_gemini_service_date = tomorrow\n")
    pytester.makepyfile(test_inner="def test(mock_gemini): pass")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    line = (
        "*mock_gemini_service_date: service date 'tomorrow' is not known: expected launch, latest or a date*"
    )
    result.stderr.fnmatch_lines([line])


def test_the_fixtures_explain_themselves(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--fixtures", "-q")
    result.stdout.fnmatch_lines(["mock_gemini_server *session scope*", "mock_gemini *"])


def test_a_test_may_stop_and_a_session_ends_with_no_thread(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_inner="def test(mock_gemini): pass")
    pytester.runpytest("-W", "error", "-p", "no:asyncio").assert_outcomes(passed=1)
    import threading

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mockserver")]


@pytest.mark.parametrize("module", ["mockserver.pytest_plugin", "mockserver"])
def test_importing_brings_no_sdk_and_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"google", "cryptography", "trustme", "aiohttp", "requests", "httpx", "uvloop"}
