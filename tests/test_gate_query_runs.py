"""What an approved query may take and tell while it runs: time, memory, and nothing of rows that the gate hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import guard_nb as gn
from querying import FRAMES, GATE, ask


@pytest.fixture
def gate() -> gn.Gate:
    return gn.Gate.loads(GATE).with_context(tenant=4)


def one_of_two() -> gn.Gate:
    """The rows of tenant 1, of relations with a column that is text."""
    text = """
apiVersion: guard-nb/v1
kind: Gate
id: codes
queries:
  dialect: duckdb
  context: [tenant]
  relations:
    orders: {columns: [id, code], where: "tenant = :tenant"}
    customers: {columns: [id, code], where: "tenant = :tenant OR shared = 1"}
  functions: [count, abs]
  maxRows: 100
"""
    return gn.Gate.loads(text).with_context(tenant=1)


TELLING = [
    "SELECT count(*) AS n FROM orders WHERE CAST(code AS INTEGER) >= 0",
    "SELECT count(*) AS n FROM orders o JOIN customers c ON o.id = c.id AND CAST(c.code AS INTEGER) >= 0",
    "SELECT count(*) AS n FROM orders o, customers c WHERE o.id = c.id AND CAST(o.code AS INTEGER) = CAST(c.code AS INTEGER)",
    "SELECT (SELECT count(*) FROM customers c WHERE c.id = o.id AND CAST(c.code AS INTEGER) > 0) AS n FROM orders o",
    "SELECT count(*) AS n FROM orders o LEFT JOIN customers c ON o.id = c.id AND CAST(c.code AS INTEGER) > 0",
    "SELECT count(*) AS n FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.id AND CAST(c.code AS INTEGER) > 0)",
]


@pytest.mark.parametrize("place", ["frames", "tables"])
@pytest.mark.parametrize("sql", TELLING)
def test_no_error_tells_of_hidden_rows(sql: str, place: str) -> None:
    """A cast that fails on every row of another tenant, and never on ours: DuckDB would ask it first, and show the text."""
    ids = pl.DataFrame({"id": range(20_000)})
    theirs = pl.col("id") % 50 == 49
    rows = ids.with_columns(
        tenant=pl.when(theirs).then(2).otherwise(1),
        code=pl.when(theirs).then(pl.format("SECRET-{}", "id")).otherwise(pl.lit("7")),
        shared=pl.lit(0),
    )
    source: Any = {"orders": rows, "customers": rows}
    if place == "tables":
        source = duckdb.connect()
        source.register("kept", rows)
        source.execute("CREATE TABLE orders AS SELECT * FROM kept; CREATE TABLE customers AS SELECT * FROM kept")
    gate = one_of_two()
    found = gate.run(gate.decide(ask(sql)), source)
    assert found["n"].to_list()[0] in {19_600, 1}
    assert found["n"].n_unique() == 1


@pytest.mark.parametrize("by_file", [False, True])
def test_a_query_has_so_much_time(gate: gn.Gate, tmp_path: Path, by_file: bool) -> None:
    """Hours of work end; the permit is released, and the connection is good for the next one."""
    many = pl.DataFrame({"id": range(20_000), "tenant": 4, "amount": 9, "country": "DE"})
    source: Any = {"orders": many}
    if by_file:
        source = tmp_path / "data.duckdb"
        with duckdb.connect(source) as made:
            made.register("kept", many)
            made.execute("CREATE TABLE orders AS SELECT * FROM kept")
    sql = "SELECT sum(a.id * b.id + c.id) AS n FROM orders a, orders b, orders c"
    decision = gate.decide(ask(sql))
    with pytest.raises(gn.UsageError, match=r"stopped after 0\.1 s"):
        gate.run(decision, source, timeout=0.1)
    assert gate.state(decision) == "released"
    assert gate.run(gate.decide(ask("SELECT count(*) AS n FROM orders", "r")), source).rows() == [(20_000,)]


def test_a_connection_lives_on_after_a_stop(gate: gn.Gate) -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE orders AS SELECT range AS id, 4 AS tenant, 9 AS amount, 'DE' AS country FROM range(20000)"
    )
    with pytest.raises(gn.UsageError, match="stopped after"):
        gate.run(
            gate.decide(ask("SELECT sum(a.id * b.id + c.id) AS n FROM orders a, orders b, orders c")),
            connection,
            timeout=0.1,
        )
    assert connection.execute("SELECT sum(id) FROM orders").fetchall() == [(199_990_000,)]


def test_a_query_has_so_much_memory(gate: gn.Gate) -> None:
    many = pl.DataFrame({"id": range(3_000), "tenant": 4, "amount": 9, "country": "DE"})
    decision = gate.decide(ask("SELECT count(DISTINCT a.id * 3001 + b.id) AS n FROM orders a, orders b"))
    with pytest.raises(gn.UsageError, match="more memory than it may have") as caught:
        gate.run(decision, {"orders": many}, memory_bytes=32 << 20)
    assert "memory_bytes" in caught.value.help
    assert gate.state(decision) == "released"


@pytest.mark.parametrize(
    ("caps", "error"),
    [
        ({"timeout": 0}, gn.UsageError),
        ({"timeout": float("nan")}, gn.UsageError),
        ({"timeout": 1e300}, gn.UsageError),
        ({"timeout": "1"}, TypeError),
        ({"memory_bytes": 0}, gn.UsageError),
        ({"memory_bytes": 1.5}, TypeError),
    ],
)
def test_a_cap_that_is_none_is_refused(gate: gn.Gate, caps: dict[str, Any], error: type[Exception]) -> None:
    decision = gate.decide(ask("SELECT id FROM orders"))
    with pytest.raises(error, match=next(iter(caps))):
        gate.run(decision, FRAMES, **caps)
    assert gate.state(decision) == "held"
