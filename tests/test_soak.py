"""The soak measures what it says: its line is the least-squares line, and every activity can fail."""

from __future__ import annotations

import gc
import ssl
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import churn, soak
from mockserver import Close, MockServer, Rule, Script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Those that have no turn: a server that closes each turn does not spoil them.
WITHOUT_A_TURN = {
    churn.uses_a_token,
    churn.mints_many,
    churn.drops,
    churn.floods,
    churn.does_not_read,
    churn.talks_nonsense,
}


def served(activity: Callable[[Any], None], tls_dir: Path, **options: Any) -> None:
    """One visit to a server of its own."""
    with MockServer(tls_dir=tls_dir, pace=0, **options) as server:
        activity(SimpleNamespace(port=server.port, tls=ssl.create_default_context(cafile=server.ca_file)))
        assert not [entry for entry in server.journal if "mock itself failed" in entry.what]


@pytest.fixture(scope="module")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.mark.parametrize("activity", dict.fromkeys(churn.ACTIVITIES), ids=lambda one: one.__name__)
def test_a_visit_is_served(activity: Callable[[Any], None], tls_dir: Path) -> None:
    served(activity, tls_dir)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "activity", sorted({*churn.ACTIVITIES} - WITHOUT_A_TURN, key=lambda one: one.__name__)
)
def test_a_turn_that_is_closed_is_noticed(activity: Callable[[Any], None], tls_dir: Path) -> None:
    script = Script("closes", (Rule("turn", (Close(1011, "no"),)),))
    with pytest.raises((churn.wire.WrongAnswer, ConnectionError)):
        served(activity, tls_dir, script=script)
    gc.collect()  # the socket that was left open, while its warning is expected


def test_a_line_is_found_in_a_curve() -> None:
    samples = [{"minutes": float(n), "resident": 100 + 3 * n + (-1) ** n} for n in range(20)]
    line = soak.slope(samples, "resident")
    assert line["per_minute"] == pytest.approx(3, abs=0.02)
    assert 0 < line["half_interval"] < 0.1
    flat = soak.slope([{"minutes": float(n), "resident": 7} for n in range(5)], "resident")
    assert (flat["per_minute"], flat["half_interval"]) == (0, 0)


def test_what_is_warm_has_full_rings() -> None:
    samples = [
        {"minutes": float(n), "dropped": max(0, n - 3), "tokens": min(n * 5_000, 20_000)}
        for n in range(1, 11)
    ]
    assert soak.warm(samples) == 6.0, "two minutes behind the fourth"
    assert soak.warm([{"minutes": 3.0, "dropped": 0, "tokens": 5}]) == 2.0, "of a short run, a part"
    assert soak.warm([{"minutes": 3.0, "dropped": 1, "tokens": 5_000}]) == 2.0, "a third is left"


def test_a_run_that_is_too_short_for_a_line_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["soak.py", "--minutes", "0.2"])
    with pytest.raises(SystemExit):
        soak.main()
    assert "at least 1" in capsys.readouterr().err


def test_a_curve_is_a_picture() -> None:
    samples = [{"minutes": n / 2, "resident": 50 * 2**20} for n in range(1, 5)]
    assert soak.curve(samples, 1.0).startswith("<svg ")
