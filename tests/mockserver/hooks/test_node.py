"""What Node asks of a host that is led reaches the server, whatever the client; nothing else does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import SERVICE_HOST, MockServer, hooks

from .conftest import HOST, MARK, PROGRAMS, asked, said, without_base_url

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE: Final = shutil.which("node") or ""
pytestmark = pytest.mark.skipif(not NODE, reason="there is no Node on this machine")

HOOK: Final = Path(hooks.__file__).parent / "node" / "redirect.cjs"
OVER_TLS: Final = ("fetch", "https", "tls", "tls options", "thread")
PLAIN: Final = ("net", "net options", "net socket", "net address")
EXPECTED: Final = dict.fromkeys([*OVER_TLS, *PLAIN], 200)


def node(env: Mapping[str, str], *clients: str, host: str = HOST) -> Any:
    """What became of clients in Node."""
    return said([NODE, str(PROGRAMS / "clients.mjs"), host, *clients], dict(env))


@pytest.mark.parametrize("host", [HOST, SERVICE_HOST])
def test_clients_reach_it_by_the_hosts_own_name(server: MockServer, host: str) -> None:
    assert node(without_base_url(server), *EXPECTED, host=host) == EXPECTED
    assert asked(server) == [(host, True)] * len(OVER_TLS) + [(host, False)] * len(PLAIN)


@pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}."])
def test_a_name_is_read_as_the_network_reads_it(server: MockServer, host: str) -> None:
    assert node(without_base_url(server), "lookup", "net", host=host) == {"lookup": MARK, "net": 200}


def test_nodes_own_websocket_reaches_it_where_there_is_one(server: MockServer) -> None:
    assert node(without_base_url(server), "WebSocket")["WebSocket"] in ("open", "none")


@pytest.mark.parametrize("host", [f"sub.{HOST}", f"x{HOST}", f"{HOST}.elsewhere.invalid"])
def test_names_near_it_are_led_nowhere(server: MockServer, host: str) -> None:
    got = node(without_base_url(server), "lookup", "fetch", "net", host=host)
    assert set(got.values()) <= {"ENOTFOUND", "EAI_AGAIN"}
    assert server.journal == ()


def test_every_other_host_is_untouched(server: MockServer, tmp_path: Path) -> None:
    with MockServer(tls_dir=tmp_path) as other:
        code = f"fetch('{other.url}/_mock/health').then((answer) => console.log(answer.status))"
        assert said([NODE, "--eval", code], without_base_url(server)) == 200
    assert server.journal == ()


def test_a_hook_of_the_users_own_runs_too(server: MockServer, tmp_path: Path) -> None:
    own = tmp_path / "own hook.cjs"
    own.write_text("globalThis.own = 'ran';\n")
    env = without_base_url(server, NODE_OPTIONS=f'--require "{own}"')
    code = f"require('dns').lookup('{HOST}', (_, address) => console.log(JSON.stringify([own, address])))"
    assert said([NODE, "--eval", code], env) == ["ran", MARK]


#: Each way in which the hook could be wrong, and the clients that then no longer get there.
WRONG: Final = {
    "no connections": ("leadSockets();", "", set(EXPECTED)),
    "no lookups": ("leadLookups();", "", {"net address"}),
    "another port": ("port: Number(PORT)", "port: 9", {*OVER_TLS, "net", "net options", "net address"}),
    "two arguments": ("} else if (isLed(list[1])) {", "} else if (false) {", {"net socket"}),
}


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_hook_is_found_out(server: MockServer, tmp_path: Path, way: str) -> None:
    before, after, failing = WRONG[way]
    text = HOOK.read_text("utf-8")
    assert text.count(before) == 1, text.count(before)
    wrong = tmp_path / "redirect.cjs"
    wrong.write_text(text.replace(before, after), "utf-8")
    got = node({**without_base_url(server), "NODE_OPTIONS": f'--require="{wrong}"'}, *EXPECTED)
    assert {name for name in EXPECTED if got[name] != EXPECTED[name]} == failing
