"""The parts of benchmarks: each measure counts what a right server did, and nothing of a wrong one."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import struct
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks import lifecycle, machine, measures, memory, plot, realtime, run, servers, table, wire
from benchmarks.figures import Aim, Compared, Figures, Single
from benchmarks.measures import Rate

from .pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.servers import Server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="benchmarks read /proc")
needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="the floor is a C program")

#: Every measure that loads a server, with so few operations that they take no time.
MEASURES: Final[dict[str, Callable[[Server], Any]]] = {
    "tokens": lambda server: measures.tokens(server, 32),
    "tokens of their own": lambda server: measures.tokens_of_their_own(server, 32),
    "sessions": lambda server: measures.sessions(server, 16),
    "setup times": lambda server: measures.setup_times(server, 3),
    "messages in": lambda server: measures.messages_in(server, 256),
    "frames out": lambda server: measures.frames_out(server, 16),
    "idle sessions": lambda server: memory.idle_sessions(server, (8, 16)),
    "real time": lambda server: realtime.speak(server, 4, 1.0),
}


@pytest.fixture(scope="module", autouse=True)
def _short() -> Iterator[None]:
    """Nothing settles here, and nobody is pinned."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "SETTLED_S", 0.0)
        patch.setattr(memory, "BEFORE", 2)
        patch.setattr(servers, "pin", lambda core, pid: None)
        yield


@pytest.fixture(scope="module")
def mock() -> Iterator[Server]:
    with servers.mock("mock", "--set", "pace=0", burst=4) as server:
        yield server


@pytest.fixture(scope="module")
def floor() -> Iterator[Server]:
    with servers.floor(4) as server:
        yield server


@pytest.mark.parametrize("name", MEASURES)
def test_the_mock_is_measured(name: str, mock: Server) -> None:
    found = MEASURES[name](mock)
    if isinstance(found, Rate):
        assert found.operations >= 16
        assert min(found.per_s, found.per_core_s, found.busy) > 0


@needs_cc
@pytest.mark.parametrize("name", list(MEASURES))
def test_the_floor_does_the_same_bytes(name: str, floor: Server) -> None:
    MEASURES[name](floor)


@needs_cc
@pytest.mark.parametrize(
    "name", ["tokens", "sessions", "setup times", "messages in", "frames out", "real time"]
)
def test_a_server_that_answers_wrongly_is_not_counted(name: str) -> None:
    with servers.floor(4, "--wrong") as wrong, pytest.raises(wire.WrongAnswer):
        MEASURES[name](wrong)


@needs_cc
def test_one_wrong_byte_in_a_burst_is_seen(floor: Server) -> None:
    other = servers.MOCK.frame[:-1] + b"x"
    changed = servers.Server("floor", floor.process, floor.port, _with(frame=other), burst=4)
    with pytest.raises(wire.WrongAnswer, match="expected"):
        measures.frames_out(changed, 4)


@needs_cc
def test_an_answer_that_never_comes_is_seen(floor: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PATIENCE", struct.pack("ll", 0, 200_000))
    changed = servers.Server("floor", floor.process, floor.port, _with(audio_answer=b"\x81\x02no"), burst=4)
    with pytest.raises(wire.WrongAnswer, match="said no more"):
        measures.messages_in(changed, 256)


def _with(**changes: bytes) -> servers.Dialect:
    return replace(servers.MOCK, **changes)


def test_sessions_over_tls_are_measured(mock: Server) -> None:
    trust = ssl.create_default_context(cafile=mock.about["ca_file"])
    assert measures.sessions(mock, 16, trust).operations == 16


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx")
def test_nginx_is_measured(mock: Server) -> None:
    trust = ssl.create_default_context(cafile=mock.about["ca_file"])
    with servers.nginx() as nginx:
        assert measures.requests_over_tls(nginx, 16, trust).operations == 16


# -- starts -----------------------------------------------------------------------------------------------


def test_a_start_is_timed_to_the_right_answer() -> None:
    port = servers.free_port()
    command = [sys.executable, "-m", "mockserver", "--port", str(port), "--log", "none"]
    assert lifecycle.first_answer_s(command, port, servers.MOCK.mint, servers.MOCK.minted, ROOT) > 0
    with pytest.raises(wire.WrongAnswer):
        lifecycle.first_answer_s(command, port, servers.MOCK.mint, b"another answer", ROOT)


def test_a_command_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "TIMEOUT_S", 0.2)
    with pytest.raises(RuntimeError, match="gave no answer"):
        lifecycle.first_answer_s([sys.executable, "-c", ""], servers.free_port(), b"", b"", ROOT)


def test_starts_inside_a_program_are_timed() -> None:
    starts, stops = lifecycle.in_process_s(2)
    assert len(starts) == len(stops) == 2
    assert min(starts + stops) > 0


# -- what is made of it -----------------------------------------------------------------------------------


def figures() -> Figures:
    rates = {"mock": [Rate(100, 2.0, 1.0)] * 3, "peer": [Rate(100, 4.0, 2.0)], "floor": [Rate(100, 1.0, 0.1)]}
    return Figures(
        machine.about(),
        [
            Compared.of("tokens", rates, Aim(2), "not the same"),
            Compared.of("sessions", rates, Aim(2.5)),
            Compared.of("audio", {**rates, table.FAST: [Rate(150, 1.0, 1.0)] * 3}, Aim(2.5)),
        ],
        {"mock": (0.001, 0.002)},
        {"mock": {1_000: 2_048.0}},
        [Single("p99", 12.0, "ms", Aim(10, "at most"), "a note")],
        ["the peer, for there is no npm"],
    )


def test_rates_are_medians_and_ratios_of_medians() -> None:
    rates = {"mock": [Rate(n, 1.0, 0.5) for n in (1, 2, 30)], "peer": [Rate(1, 1.0, 1.0)]}
    row = Compared.of("x", rates)
    assert row.per_s["mock"] == 2
    assert row.times("mock", "peer") == 4
    assert row.times("mock", "peer", "clock") == 2
    assert row.times("mock", "floor") is None


def test_the_tables_say_what_is_met_and_what_is_missed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nbehind\n", "utf-8")
    table.write(page, figures())
    text = page.read_text("utf-8")
    assert text.startswith("before")
    assert text.endswith("behind\n")
    assert "old" not in text
    assert "| tokens | 1,000 | 100 |  | 50 | 2.00 |  | ≥ 2 | met |" in text
    assert "| sessions | 1,000 | 100 |  | 50 | 2.00 |  | ≥ 2.5 | missed |" in text
    assert "| audio | 1,000 | 100 | 150 | 50 | 2.00 | 3.00 | ≥ 2.5 | met with `fast` |" in text
    assert "| p99 | 12 ms | ≤ 10 | missed |" in text
    assert "| mock | 2.00 KiB |" in text
    assert "Not measured: the peer, for there is no npm." in text
    table.write(page, figures())
    assert page.read_text("utf-8") == text


def test_other_pythons_have_a_table_of_their_own(tmp_path: Path) -> None:
    seen = figures()
    assert "With other Pythons" not in table.markdown(seen)
    rates = {**seen.compared[0].per_core_s, "3.99.0, built by hand": 200.0}
    audio = {**rates, table.FAST: 150.0}
    rows = [replace(seen.compared[0], per_core_s=rates), replace(seen.compared[2], per_core_s=audio)]
    text = table.markdown(replace(seen, compared=rows))
    assert f"| Python {seen.about['Python']} | Python 3.99.0, built by hand |" in text
    assert "| tokens | 2.00 | 4.00 |" in text
    assert "| audio | 3.00 | 4.00 |" in text


@needs_cc
def test_the_mock_is_measured_with_another_python(tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\necho >> {tmp_path}/asked\nexec {sys.executable} "$@"\n', "utf-8")
    other.chmod(0o755)
    assert machine.python_of(str(other)) == machine.python()
    race = replace(run.RACES[2], operations=16)
    row = run.compare(race, run.Size(1, 1.0, (), 0, 0, 0.0, 0), None, {"another": str(other)})
    assert set(row.per_core_s) == {"mock", "another", "floor"}
    assert len((tmp_path / "asked").read_text("utf-8")) == 2, "asked what it is, and started"


@pytest.mark.parametrize("program", ["/no/such/python", "/bin/false"])
def test_a_python_that_does_not_serve_is_told(program: str) -> None:
    with pytest.raises(ValueError, match=f"^{program} does not serve: .*; expected a Python that has"):
        machine.python_of(program)


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text", "utf-8")
    with pytest.raises(ValueError, match="no place for tables"):
        table.write(page, figures())


def test_the_plot_has_a_bar_for_each_rate_and_a_line_for_each_aim() -> None:
    drawn = plot.render(figures())
    assert drawn.count('class="bar"') == drawn.count('class="aim"') == len(figures().compared)


#: Anything between these may be measured: far below and far beyond what the picture shows.
RATIOS: Final = st.floats(min_value=1e-9, max_value=1e9)


def boxes(drawn: str) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Where labels are, and where bars and aims are, from left to right, in a picture with one row."""

    labels = re.findall(r'<text class="figure" x="([\d.]+)"[^>]*>([^<]+)</text>', drawn)
    bars = re.findall(r'<rect class="bar" x="([\d.]+)" y="\d+" width="([\d.]+)"', drawn)
    aims = [float(x) for x in re.findall(r'<line class="aim" x1="([\d.]+)"', drawn)]
    return (
        # Digits of the font are narrower; the aim's line is two wide.
        [(float(x), float(x) + 6.7 * len(text)) for x, text in labels],
        [*((float(x), float(x) + float(width)) for x, width in bars), *((x - 1, x + 1) for x in aims)],
    )


def picture(ratio: float, aim: float | None) -> str:
    row = Compared("x", {"mock": ratio, "peer": 1.0}, {}, {}, None if aim is None else Aim(aim))
    return plot.render(replace(figures(), compared=[row]))


@given(RATIOS, st.none() | RATIOS)
@example(0.71, 1.3)
@example(1.0, 1.0)
@example(1e9, 1e9)
@example(99.999, 64.0)
def test_a_label_is_in_the_picture_and_on_no_mark(ratio: float, aim: float | None) -> None:
    [(left, right)], marks = boxes(picture(ratio, aim))
    assert len(marks) == 1 + (aim is not None)
    assert left > 0
    assert right < 760
    assert all(right < begins or ends < left for begins, ends in marks)


def test_a_label_that_is_always_behind_its_bar_is_seen_on_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "_beside", lambda right, width, mark: right + 6)
    [(left, right)], [_, (begins, ends)] = boxes(picture(0.71, 1.3))
    assert left < begins < ends < right


@pytest.mark.parametrize(
    ("told", "schemes", "says"),
    [
        ("'--enable-optimizations' '--with-lto=full'", (), "built with PGO and LTO"),
        ("'--enable-optimizations'", (), "built with PGO"),
        ("'--enable-shared'", (), "built without optimisation"),
        ("'--enable-shared'", ("deb_system",), "built with PGO and LTO"),
        (None, (), "built it does not say how"),
    ],
)
def test_the_machine_tells_how_python_was_built(
    told: str | None, schemes: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.sysconfig, "get_config_var", {"CONFIG_ARGS": told}.get)
    monkeypatch.setattr(machine.sysconfig, "get_scheme_names", lambda: schemes)
    assert machine.build() == says
    assert machine.about()["Python"].endswith(f", {says}")


def test_figures_are_json() -> None:
    assert json.loads(json.dumps(figures().data()))["compared"][0]["note"] == "not the same"


def test_the_page_has_the_marks_and_the_rows_of_the_races() -> None:
    text = (ROOT / "docs/performance.md").read_text("utf-8")
    assert text.index(table.BEGIN) < text.index(table.END)
    if "### Rates" in text:
        assert all(f"| {race.what} |" in text for race in run.RACES)
