"""Names that the gate gives to what has none, and other names that it gives to queries of WITH, capture none of the query's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

import guard_nb as gn
from querying import ask

GATE = """
apiVersion: guard-nb/v1
kind: Gate
id: names
queries:
  dialect: {dialect}
  relations:
    orders: {{columns: [id, amount]}}
    places: {{columns: [id, lower, count, column_1, name]}}
  functions: [lower, count, abs, max]
  maxRows: 1000
"""
TABLES = """
CREATE TABLE orders (id INTEGER, amount INTEGER);
INSERT INTO orders VALUES (1, 5), (9, 4), (10, 3), (11, 2), (100, 1);
CREATE TABLE places (id INTEGER, lower INTEGER, count INTEGER, column_1 INTEGER, name VARCHAR);
INSERT INTO places VALUES (1, 3, 7, 2, 'C'), (2, 2, 8, 3, 'A'), (3, 1, 9, 1, 'B');
"""
GUARDED = 'SELECT "guarded"."id" AS "id", "guarded"."amount" AS "amount" FROM "orders" AS "guarded"'
QUERIES = [
    # A query of WITH that gets another name.
    "WITH orders AS (SELECT 1 AS id), orders_1 AS (SELECT 2 AS id) SELECT o.id AS a, p.id AS b FROM orders AS o, orders_1 AS p",
    "WITH orders_1 AS (SELECT 2 AS id), orders AS (SELECT 1 AS id) SELECT o.id AS a, p.id AS b FROM orders AS o, orders_1 AS p",
    "WITH orders AS (SELECT 1 AS id) SELECT t.a, t.b FROM (WITH orders_1 AS (SELECT 5 AS id) SELECT o.id AS a, p.id AS b FROM orders AS o, orders_1 AS p) AS t",
    "WITH orders AS (SELECT 1 AS id) SELECT t.a FROM (WITH Orders_1 AS (SELECT 5 AS id) SELECT o.id AS a FROM orders AS o) AS t",
    "WITH orders AS (SELECT 7 AS id) SELECT t.a FROM (WITH orders AS (SELECT 8 AS id) SELECT id AS a FROM orders) AS t UNION ALL SELECT id FROM orders",
    # What the gate writes for a relation means a query of WITH under its name.
    f"WITH orders AS (SELECT 1 AS id, 2 AS amount) SELECT t.id, t.amount FROM ({GUARDED}) AS t",
    # Subqueries without a name.
    "SELECT (SELECT derived_1.x FROM (SELECT 1 AS x)) AS n FROM (SELECT 2 AS x) AS derived_1",
    "SELECT (SELECT y FROM (SELECT 1 AS x)) AS n FROM (SELECT 2 AS y)",
    "SELECT derived_1.x, y FROM (SELECT 1 AS y), (SELECT 2 AS x) AS derived_1",
    # Columns of a query around, whose table has the name of one in between.
    "SELECT (SELECT x FROM (SELECT 1 AS y) AS t) AS n FROM (SELECT 2 AS x) AS t",
    "SELECT (SELECT max(amount) FROM (SELECT 1 AS y) AS orders) AS n FROM orders WHERE id = 9 GROUP BY id, amount",
    # Items without a name.
    "SELECT CAST(id AS VARCHAR) FROM orders ORDER BY id LIMIT 3",
    "SELECT lower(name) FROM places ORDER BY lower LIMIT 2",
    "SELECT abs(id - 3) FROM places ORDER BY column_1",
    "SELECT id + 1 FROM places ORDER BY column_1",
    "SELECT id * -1, column_1 FROM places ORDER BY column_1",
    "SELECT (id) FROM orders ORDER BY id DESC LIMIT 2",
    "SELECT count(*) FROM places GROUP BY count ORDER BY count",
    # Items with one.
    "SELECT -id AS id FROM orders ORDER BY id LIMIT 2",
    "SELECT -id AS n FROM orders AS o ORDER BY n, o.id LIMIT 2",
    "SELECT -id AS amount FROM orders ORDER BY amount LIMIT 2",
    "SELECT -id AS amount FROM orders WHERE amount > 2 ORDER BY amount",
    "SELECT max(-id) AS amount FROM orders GROUP BY amount ORDER BY amount LIMIT 2",
    "SELECT o.amount, p.amount AS other FROM orders AS o JOIN orders AS p USING (id) ORDER BY id",
]
# SQLite lets a query of WITH see those behind it.
STANDARD = "WITH orders AS (SELECT id FROM places), places AS (SELECT 4 AS id) SELECT o.id AS a, p.id AS b FROM orders AS o, places AS p"
CASES = [(dialect, sql) for dialect in ("duckdb", "sqlite") for sql in QUERIES] + [("duckdb", STANDARD)]
Runs = Callable[[str], list[tuple[Any, ...]]]


def engine(dialect: str) -> Runs:
    if dialect == "duckdb":
        base = duckdb.connect()
        base.execute(TABLES)
        return lambda sql: base.execute(sql).fetchall()
    lite = sqlite3.connect(":memory:")
    lite.executescript(TABLES)
    return lambda sql: lite.execute(sql).fetchall()


@pytest.mark.parametrize(("dialect", "sql"), CASES)
def test_the_rows_are_those_of_the_text_as_it_was_asked(dialect: str, sql: str) -> None:
    decision = gn.Gate.loads(GATE.format(dialect=dialect)).decide(ask(sql))
    assert decision, decision.reasons
    written = decision.document["query"]["sql"]
    run = engine(dialect)
    found, expected = run(written), run(sql)
    assert expected
    if "ORDER BY" not in sql:
        found, expected = sorted(found), sorted(expected)
    assert found == expected, written


JOINS = [
    "SELECT o.id FROM orders AS o JOIN places AS p",
    "SELECT o.id FROM orders AS o INNER JOIN places AS p",
    "SELECT o.id FROM orders AS o LEFT JOIN places AS p",
]


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql", "generic"])
@pytest.mark.parametrize("sql", JOINS)
def test_a_join_says_how_rows_meet(dialect: str, sql: str) -> None:
    decision = gn.Gate.loads(GATE.format(dialect=dialect)).decide(ask(sql))
    (reason,) = decision.reasons
    assert reason.code == "query-clause"
    assert reason.help is not None
    assert "CROSS JOIN" in reason.help
    if dialect == "duckdb":
        with pytest.raises(duckdb.Error):
            engine(dialect)(sql)


@pytest.mark.parametrize("sql", JOINS)
def test_sqlite_joins_without_condition(sql: str) -> None:
    decision = gn.Gate.loads(GATE.format(dialect="sqlite")).decide(ask(sql))
    assert decision, decision.reasons
    run = engine("sqlite")
    assert sorted(run(decision.document["query"]["sql"])) == sorted(run(sql))


@pytest.mark.parametrize("join", ["CROSS JOIN places AS p", ", places AS p", "JOIN places AS p ON TRUE"])
def test_other_joins_are_as_before(join: str) -> None:
    decision = gn.Gate.loads(GATE.format(dialect="duckdb")).decide(ask(f"SELECT o.id FROM orders AS o {join}"))
    assert decision, decision.reasons
    assert len(engine("duckdb")(decision.document["query"]["sql"])) == 15
