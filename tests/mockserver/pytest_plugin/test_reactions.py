"""What refusals and open sockets do to a test, and what markers and settings change."""

from __future__ import annotations

import pytest

REFUSED = """
    from minting import mint, open_socket, ready

    def test_refused(mock_gemini):
        assert mint(mock_gemini, version="v1beta") == 404
"""


def test_a_refusal_that_the_test_says_nothing_of_fails_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_inner=REFUSED)
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "the mock refused 1 times, and the test says nothing of it:",
            "*http-1  refusal * [[]TOK-002]",
            "*→ tokens are not served on v1beta at this service date: *",
            "if this test is about it, say so: mock_gemini.assert_refused('TOK-002'); to let all such tests "
            "pass, set mock_gemini_unexpected = warn (or ignore) in the configuration of pytest",
            "*- mock gemini journal -*",
        ]
    )


@pytest.mark.parametrize(("reaction", "warnings"), [("warn", 1), ("ignore", 0)])
def test_it_may_warn_or_pass(pytester: pytest.Pytester, reaction: str, warnings: int) -> None:
    pytester.makeini(f"[pytest]\nmock_gemini_unexpected = {reaction}\n")
    pytester.makepyfile(test_inner=REFUSED)
    pytester.runpytest_subprocess("-p", "no:asyncio").assert_outcomes(passed=1, warnings=warnings)


def test_a_marker_says_otherwise(pytester: pytest.Pytester) -> None:
    marked = REFUSED.replace(
        "def test", "import pytest\n\n    @pytest.mark.mock_gemini(unexpected='ignore')\n    def test"
    )
    pytester.makepyfile(test_inner=marked)
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_test_that_fails_by_itself_is_not_told_twice(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_inner=REFUSED
        + """
        assert False

    import pytest

    @pytest.mark.xfail
    def test_known(mock_gemini):
        mint(mock_gemini, version="v1beta")
        assert False
"""
    )
    pytester.runpytest().assert_outcomes(failed=1, xfailed=1)


def test_open_sockets_are_told_where_a_project_wants_it(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmock_gemini_open_sockets = fail\n")
    pytester.makepyfile(
        test_inner="""
        import pytest
        from minting import ready

        kept = []

        def test_leaves_one(mock_gemini):
            kept.append(ready(mock_gemini))

        @pytest.mark.mock_gemini(open_sockets="ignore")
        def test_leaves_one_and_may(mock_gemini):
            kept.append(ready(mock_gemini))

        def test_closes(mock_gemini):
            ready(mock_gemini).close()

        def test_the_rest():
            for socket in kept:
                socket.close()
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["the test left 1 sockets open, expected none:", "*ws-1  handshake *"])


def test_a_marker_chooses_what_the_mock_plays_and_is(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_inner="""
        import os
        import pytest
        from minting import mint
        from mockserver import Refuse, Rule, Script

        busy = Script("busy", (Rule("mint", (Refuse("TOK-058"),), nth=1),))

        @pytest.mark.mock_gemini(script=busy)
        def test_script(mock_gemini, mock_gemini_server):
            assert mock_gemini is mock_gemini_server
            assert [mint(mock_gemini), mint(mock_gemini)] == [429, 200]

        @pytest.mark.mock_gemini(service_date="latest", api_keys=("mine", "yours"), max_sessions=1)
        class TestServer:
            def test_options(self, mock_gemini, mock_gemini_server):
                assert mock_gemini is not mock_gemini_server
                assert mock_gemini.options.max_sessions == 1
                assert os.environ["GEMINI_API_KEY"] == "mine"
                assert os.environ["GOOGLE_GEMINI_BASE_URL"] == mock_gemini.url
                assert mint(mock_gemini, "yours", "v1beta") == 200
                assert mint(mock_gemini, "other", "v1beta") == 400
                mock_gemini.assert_refused("TOK-041")

            @pytest.mark.mock_gemini(script="echo", service_date="launch")
            def test_the_nearer_mark_wins(self, mock_gemini):
                assert mock_gemini.options.service_date.year == 2025
                assert mock_gemini.options.max_sessions == 1

        @pytest.mark.mock_gemini
        def test_without_naming_the_fixture():
            assert "127.0.0.1" in os.environ["GOOGLE_GEMINI_BASE_URL"]

        def test_back_to_normal(mock_gemini):
            assert mint(mock_gemini) == 200
        """
    )
    pytester.runpytest("--strict-markers").assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ("'echo'", "mark mock_gemini: got 'echo', expected names of script, unexpected, *"),
        ("skript='echo'", "mark mock_gemini: got skript, expected names of script, unexpected, *"),
        ("unexpected='no'", "mark mock_gemini, unexpected: got 'no', expected one of fail, warn, ignore"),
        (
            "service_date='tomorrow'",
            "*service date 'tomorrow' is not known: expected launch, latest or a date*",
        ),
    ],
)
def test_a_marker_that_says_nonsense_is_told(pytester: pytest.Pytester, mark: str, says: str) -> None:
    pytester.makepyfile(
        test_inner=f"""
        import pytest

        @pytest.mark.mock_gemini({mark})
        def test(mock_gemini): pass
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{says}"])


@pytest.mark.parametrize(
    ("ini", "says"),
    [
        ("mock_gemini_unexpected = maybe", "*_unexpected: got 'maybe', expected one of fail, warn, ignore"),
        ("mock_gemini_open_sockets = x", "*_open_sockets: got 'x', expected one of fail, warn, ignore"),
        ("mock_gemini_pace = slow", "*mock_gemini_pace: 'slow' is no number, expected 0 to 1"),
    ],
)  # fmt: skip
def test_a_bad_setting_is_a_usage_error(pytester: pytest.Pytester, ini: str, says: str) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([says])


def test_a_project_overrides_address_folder_date_and_key(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def mock_gemini_address():
            return ("::1", 0)

        @pytest.fixture(scope="session")
        def mock_gemini_tls_dir(tmp_path_factory):
            return tmp_path_factory.mktemp("tls")

        @pytest.fixture(scope="session")
        def mock_gemini_service_date():
            return "latest"

        @pytest.fixture(scope="session")
        def mock_gemini_api_key():
            return "our-key"
        """
    )
    pytester.makepyfile(
        test_inner="""
        import os
        import pytest

        @pytest.mark.parametrize("own", [False, pytest.param(True, marks=pytest.mark.mock_gemini(pace=1))])
        def test(mock_gemini, mock_gemini_tls_dir, own):
            assert mock_gemini.url.startswith("http://[::1]:")
            assert mock_gemini_tls_dir in mock_gemini.ca_file.parents
            assert mock_gemini.options.service_date.year == 2026
            assert os.environ["GOOGLE_API_KEY"] == "our-key"
        """
    )
    pytester.runpytest().assert_outcomes(passed=2)


@pytest.mark.parametrize("plugin", ["none", "asyncio", "anyio"])
def test_coroutines_are_tests_too(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, plugin: str
) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS")
    pytester.makeini("[pytest]\nasyncio_mode = auto\n" if plugin == "asyncio" else "[pytest]\n")
    if plugin == "none":
        test = "def test(mock_gemini):\n    asyncio.run(main(mock_gemini))"
    else:
        mark = "@pytest.mark.anyio\n" if plugin == "anyio" else ""
        test = f"{mark}async def test(mock_gemini):\n    await main(mock_gemini)"
    pytester.makepyfile(
        test_inner=f"""
import asyncio
import pytest
from minting import mint
from websockets.asyncio.client import connect

@pytest.fixture
def anyio_backend():
    return "asyncio"

async def main(mock_gemini):
    url = mock_gemini.url.replace("http", "ws") + "/ws/google.ai.generativelanguage.v1beta.GenerativeService"
    async with connect(url + ".BidiGenerateContent?key=any") as socket:
        await socket.send('{{"setup": {{"model": "models/gemini-3.8-live"}}}}')
        await socket.recv()
        await mock_gemini.eventually(mock_gemini.assert_connected, times=1)
    await mock_gemini.eventually(mock_gemini.assert_closed, 1000, by="client")

{test}
"""
    )
    off = {"none": ["asyncio", "anyio"], "asyncio": ["anyio"], "anyio": ["asyncio"]}[plugin]
    options = [word for name in off for word in ("-p", f"no:{name}")]
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=1)
