"""A violating cell stops every runner, however it is written; an accepted one stops none."""

from __future__ import annotations

from pathlib import Path

import pytest
from runners import RUNNERS

CELLS = {
    "expression": ("%%guard t\nFRAME", "GuardViolation"),
    "assignment": ("%%guard t\nx = FRAME", "GuardViolation"),
    "await": ("%%guard t\nx = await asyncio.sleep(0, FRAME)\nx", "GuardViolation"),
    "under time": ("%%time\n%%guard t\nFRAME", "GuardViolation"),
    "under capture": ("%%capture\n%%guard t\nFRAME", "GuardViolation"),
    "semicolon": ("%%guard t\nFRAME;", "GuardViolation"),
    "line form": ("%guard t\n\nx = FRAME", "GuardViolation"),
    "exception before": ("%%guard t\n1 / 0\nFRAME", "ZeroDivisionError"),
    "exception before, under capture": ("%%capture\n%%guard t\n1 / 0\nFRAME", "UsageError"),
    "empty": ("%%guard t", "UsageError"),
}


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_violation_stops_the_run(runner: str, cell: str, tmp_path: Path):
    source, error = CELLS[cell]
    run = RUNNERS[runner](source.replace("FRAME", "bad"), tmp_path)
    swallowed = "ZeroDivisionError" if runner == "papermill" and cell == "exception before, under capture" else error
    assert (run.error, run.went_on) == (swallowed, False), "papermill names the first error that it sees"


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS)
def test_accepted_cells_let_it_go_on(runner: str, tmp_path: Path):
    body = "x = good\nassert x is good"
    assert RUNNERS[runner](f"%%guard t\n{body}\nx", tmp_path).went_on
