"""Every example of docs/reference/expressions.md does what the page says; where DuckDB is said to differ, it does."""

from __future__ import annotations

import datetime
import doctest
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

import guard_nb as gn

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "expressions.in.md"
NOON = datetime.datetime(2026, 1, 31, 13)
RECORD = pl.DataFrame(
    {
        "qty": [3],
        "zero": [0],
        "nothing": pl.Series([None], dtype=pl.Int64),
        "price": pl.Series([Decimal("2.50")], dtype=pl.Decimal(9, 2)),
        "ratio": [0.5],
        "single": pl.Series([0.1], dtype=pl.Float32),
        "nan": [float("nan")],
        "name": ["Zoë"],
        "due": [datetime.date(2026, 1, 31)],
        "made": [NOON],
        "seen": [NOON.replace(tzinfo=datetime.UTC)],
        "tags": [["new", "gift"]],
        "shop": [{"city": "Bonn"}],
    }
)
FUNCTIONS = [(entry.name, text, result) for entry in gn.functions() for text, result in entry.examples]
# DuckDB cannot choose among overloads by a bare NULL, and takes no notice of a zone in a TIMESTAMP literal.
LITERALS = re.compile(r"\(NULL\)|TIMESTAMP '[^']*Z'")
SAME = [row for row in FUNCTIONS if row[0] in {entry.name for entry in gn.functions() if not entry.duckdb}]
SAME = [row for row in SAME if not LITERALS.search(row[1])]
CELL = re.compile(r"(?<!\\)\|")


def rows(header: str) -> list[tuple[str, ...]]:
    """The cells of the page's tables under a header, without their code marks."""
    found, inside = [], False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        inside = line.startswith("|") and (inside or line == header)
        if inside and line != header and not line.startswith("|---"):
            cells = [cell.strip().replace("\\|", "|") for cell in CELL.split(line)[1:-1]]
            found.append(tuple(cell.removeprefix("`").removesuffix("`") for cell in cells))
    return found


EXAMPLES = rows("| expression | result |")
DIFFERENCES = rows("| expression | here | DuckDB | why |")


def outcome(expression: str) -> str:
    """NULL, the value's text, `fails: code` or `refused: code`."""
    try:
        done = gn.Transform(f"SELECT {expression} AS x FROM input", input=RECORD).run(RECORD)
    except gn.ExpressionError as error:
        return f"refused: {error.code}"
    if done.quarantined.height:
        return f"fails: {done.quarantined['guard_code'][0]}"
    if done.output["x"][0] is None:
        return "NULL"
    return text_of(f"CAST({expression} AS VARCHAR)")


def text_of(expression: str) -> str:
    value = gn.Transform(f"SELECT {expression} AS x FROM input", input=RECORD).run(RECORD).output["x"][0]
    assert isinstance(value, str)
    return value


@pytest.fixture(scope="module")
def other() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("record", RECORD.to_arrow())
    return connection


def in_duckdb(connection: duckdb.DuckDBPyConnection, expression: str) -> str:
    try:
        # The line break ends a comment.
        (value,) = connection.execute(f"SELECT CAST({expression}\n AS VARCHAR) FROM record").fetchone()
    except duckdb.Error:
        return "error"
    return "NULL" if value is None else value


def test_every_function_has_examples() -> None:
    assert [entry.name for entry in gn.functions() if len(entry.examples) < 2] == []
    assert len(FUNCTIONS) > 300
    assert len(EXAMPLES) > 70
    assert len(DIFFERENCES) > 30


@pytest.mark.parametrize(("name", "expression", "result"), FUNCTIONS, ids=[f"{row[0]}: {row[1]}" for row in FUNCTIONS])
def test_functions(name: str, expression: str, result: str) -> None:
    assert outcome(expression) == result


@pytest.mark.parametrize(("name", "expression", "result"), SAME, ids=[f"{row[0]}: {row[1]}" for row in SAME])
def test_functions_without_a_difference(
    other: duckdb.DuckDBPyConnection, name: str, expression: str, result: str
) -> None:
    there = in_duckdb(other, expression)
    there = there + ":00" if re.search(r" \d\d:\d\d:\d\d\+\d\d$", there) else there
    assert there.removesuffix(".0") == ("error" if result.startswith("fails: ") else result)


def test_functions_that_duckdb_lacks(other: duckdb.DuckDBPyConnection) -> None:
    known = {name for (name,) in other.execute("SELECT function_name FROM duckdb_functions()").fetchall()}
    lacking = {entry.name for entry in gn.functions() if entry.duckdb.startswith("absent")}
    assert lacking
    assert lacking & known == set()


@pytest.mark.parametrize(("expression", "result"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_operators(expression: str, result: str) -> None:
    assert outcome(expression) == result


@pytest.mark.parametrize(("expression", "here", "there", "why"), DIFFERENCES, ids=[row[0] for row in DIFFERENCES])
def test_differences(other: duckdb.DuckDBPyConnection, expression: str, here: str, there: str, why: str) -> None:
    assert outcome(expression) == here
    assert in_duckdb(other, expression) == there
    assert why


def test_the_record_is_as_the_page_says() -> None:
    types = {row[0]: row[1] for row in rows("| column | type | value |")}
    assert {name: gn.explain(f'"{name}"', RECORD).type for name in RECORD.columns} == types


def test_explain_is_as_the_page_shows() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("```", "")
    shown = doctest.DocTestParser().get_doctest(text, {"gn": gn, "record": RECORD}, PAGE.name, str(PAGE), 0)
    assert shown.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(shown).failed == 0


def test_clauses_take_faults_off_as_the_page_says() -> None:
    contract = gn.Contract.loads(
        "{apiVersion: v3.1.0, kind: DataContract, id: a, version: 1.0.0, status: active, schema: [{name: a, properties: "
        "[{name: qty, logicalType: integer, logicalTypeOptions: {minimum: 1}}]}]}"
    )
    frame = RECORD.select("qty", total="price")
    assert "division-by-zero" in gn.explain("total / qty", frame).faults
    assert "division-by-zero" not in gn.explain("total / qty", contract, frame=frame).faults
