"""``genai-live-compat doctor``: what it prints, what it ends with; nothing secret leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from suite.commands import main
from suite.doctor.checks import CHECKS
from suite.prose import RENDERERS
from tests.pages import BLOCKS

from .conftest import CLIENT_JS, KEY, SERVER_JS, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Patient


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing is set that a check looks at."""
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin:/bin"})
    monkeypatch.setattr("suite.doctor.machine.port", list)


def doctor(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command; its exit status, standard output and standard error."""
    try:
        status = main(["doctor", *words])
    except SystemExit as ended:
        status = int(ended.code or 0)
    told = capsys.readouterr()
    return status, told.out, told.err


def test_an_owner_reads_what_breaks_and_the_lines_that_mend_it(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    patient.put("package.json", '{"dependencies": {"@google/genai": "2.32.0"}}')
    patient.put("server.js", SERVER_JS).put("client.js", CLIENT_JS)
    status, out, err = doctor(capsys, str(patient.root))
    assert (status, err) == (1, "")
    closing = out[out.index("2 things break") :].splitlines()
    [page] = [block for block in BLOCKS if block.note.startswith("closing of: ")]
    assert closing == page.text.splitlines()
    assert [line.split()[0] for line in closing[-2:]] == ["server.js:2", "client.js:3"]
    assert all("httpOptions: {apiVersion:" in line for line in closing[-2:])
    assert "genai-live-compat explain js==2.32.0/both/create:none/connect:none" in out


def test_an_empty_folder_is_well_but_not_all_of_it_was_seen(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = doctor(capsys, str(patient.root))
    assert status == 0
    assert "nothing that breaks was found; " in out
    assert "could not be seen, which is not green" in out


def test_every_report_and_no_secret_in_any(
    patient: Patient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", {"PATH": "/bin", "GOOGLE_API_KEY": KEY, "GEMINI_API_KEY": TOKEN})
    patient.put(
        "app.py", f"from google import genai\ngenai.Client(api_key={TOKEN!r}, http_options=f({KEY!r}))"
    )
    patient.put("b.js", f"new GoogleGenAI({{apiKey: '{KEY}', httpOptions: g('{TOKEN}')}}).live.connect({{}})")
    for kind in RENDERERS:
        status, out, _ = doctor(capsys, str(patient.root), "--report", kind)
        assert status == 1
        assert "k" * 20 not in out
        assert "5" * 20 not in out
    [written] = [json.loads(doctor(capsys, str(patient.root), "--report", "json")[1])]
    assert [check["number"] for check in written["checks"]] == [check.number for check in CHECKS]


def test_numbers_are_in_order_and_each_check_says_what_it_looks_at() -> None:
    assert [check.number for check in CHECKS] == list(range(1, len(CHECKS) + 1))
    assert all(check.name and check.looks_at for check in CHECKS)


def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", "utf-8")
    for path, kind in ((tmp_path / "no", "not there"), (file, "a file")):
        status, out, err = doctor(capsys, str(path))
        assert (status, out) == (2, "")
        assert err == f"genai-live-compat: {path} is {kind}: expected the folder of a project\n"
    assert doctor(capsys, str(tmp_path), "--report", "pdf")[0] == 2
