"""Queries that the gate allows, run on DuckDB and SQLite: they see exactly what the one tenant's own database would show.

The oracle is the query as it was asked, run on a database that holds the rows and columns of that tenant alone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parent.parent
Row = tuple[Any, ...]
TENANT = 2
SHOWN = {"orders": ["id", "customer_id", "amount", "country"], "customers": ["id", "name", "country"]}
FUNCTIONS = [
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "lower",
    "upper",
    "coalesce",
    "abs",
    "length",
    "row_number",
    "rank",
    "lag",
]

QUERIES = [
    "SELECT * FROM orders",
    "SELECT o.* FROM orders AS o WHERE o.amount > 50",
    "SELECT country, count(*), sum(amount) FROM orders GROUP BY country",
    "SELECT country, sum(amount) AS s FROM orders GROUP BY 1 HAVING sum(amount) > 100 ORDER BY s, country",
    "SELECT DISTINCT country FROM customers",
    "SELECT count(DISTINCT customer_id) FROM orders",
    "SELECT c.name, o.amount FROM orders o JOIN customers c ON c.id = o.customer_id",
    "SELECT c.name, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name",
    "SELECT a.id, b.id FROM orders a, orders b WHERE a.amount < b.amount AND a.country = b.country",
    "SELECT count(*) FROM orders CROSS JOIN customers",
    "SELECT country, count(*) FROM orders JOIN customers USING (country) GROUP BY country",
    "SELECT * FROM orders JOIN customers USING (country)",
    "SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE country = 'DE')",
    "SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id)",
    "SELECT id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.id = customer_id AND c.country = o.country)",
    "SELECT id, (SELECT max(p.amount) FROM orders p WHERE p.country = o.country) FROM orders o",
    "SELECT id FROM orders WHERE amount >= (SELECT avg(amount) FROM orders)",
    "SELECT t.s FROM (SELECT country, sum(amount) AS s FROM orders GROUP BY country) AS t WHERE t.s > 10",
    "WITH t AS (SELECT country, max(amount) AS m FROM orders GROUP BY country) SELECT o.id FROM orders o, t WHERE o.amount = t.m AND o.country = t.country",
    "WITH x AS (SELECT id FROM orders), y AS (SELECT id FROM x WHERE id > 5) SELECT count(*) FROM y",
    "SELECT country FROM orders UNION SELECT country FROM customers",
    "SELECT country FROM orders UNION ALL SELECT country FROM customers ORDER BY country",
    "SELECT country FROM orders EXCEPT SELECT country FROM customers",
    "SELECT id, row_number() OVER (PARTITION BY country ORDER BY amount, id) FROM orders",
    "SELECT id, lag(amount) OVER w, rank() OVER w FROM orders WINDOW w AS (PARTITION BY country ORDER BY amount, id)",
    "SELECT amount / sum(amount) OVER () FROM orders",
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM orders WHERE amount > 99) THEN 'y' ELSE 'n' END FROM customers",
    "SELECT count(*) FILTER (WHERE amount > 10) FROM orders",
    "SELECT id FROM orders ORDER BY amount DESC, id LIMIT 3 OFFSET 1",
    "SELECT coalesce(country, 'none') || '!' FROM orders WHERE country IS NULL OR NOT (amount < 30 OR country = 'DE')",
    "SELECT id FROM orders WHERE 1 = 1 OR country = 'x' AND amount > 0 OR NULL IS NULL",
    "SELECT max(id), min(id) FROM (SELECT id FROM orders UNION ALL SELECT id FROM customers) AS u",
]


def spec(dialect: str) -> dict[str, Any]:
    relations = {
        "orders": {"columns": SHOWN["orders"], "where": "tenant = :tenant AND NOT hidden"},
        "customers": {"columns": SHOWN["customers"], "where": "tenant = :tenant"},
    }
    return {"dialect": dialect, "relations": relations, "functions": FUNCTIONS, "maxRows": 1_000_000}


def judge(dialect: str, queries: list[str]) -> list[dict[str, Any]]:
    policy = spec(dialect)
    lines = "".join(json.dumps({"policy": policy, "sql": sql, "gate": {"tenant": TENANT}}) + "\n" for sql in queries)
    command = ["cargo", "run", "--quiet", "--locked", "--manifest-path", "rust/Cargo.toml"]
    command += ["--package", "guard-query", "--example", "judge_lines"]
    run = subprocess.run(
        command, cwd=ROOT, input=lines, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def rows(chance: random.Random) -> dict[str, list[Row]]:
    """All tenants' rows: tenant and hidden come first. Ids overlap, so that a join or an id alone betrays no tenant."""
    countries = ["DE", "FR", "IT", None]
    orders = [
        (
            chance.randrange(4),
            chance.random() < 0.2,
            at % 30,
            chance.randrange(12),
            chance.randrange(100),
            chance.choice(countries),
        )
        for at in range(120)
    ]
    customers = [
        (tenant, False, at, f"name {tenant} {at}", chance.choice(countries)) for tenant in range(4) for at in range(10)
    ]
    return {"orders": orders, "customers": customers}


def fill(
    execute: Callable[[str], Any], many: Callable[[str, list[Row]], Any], data: dict[str, list[Row]], whole: bool
) -> None:
    for table, values in data.items():
        columns = (["tenant", "hidden"] if whole else []) + SHOWN[table]
        types = {"hidden": "BOOLEAN", "name": "VARCHAR", "country": "VARCHAR"}
        typed = [f"{column} {types.get(column, 'INTEGER')}" for column in columns]
        execute(f"CREATE TABLE {table} ({', '.join(typed)})")
        own = values if whole else [row[2:] for row in values if row[0] == TENANT and not row[1]]
        many(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", own)


class OnDuckDB:
    dialect = "duckdb"

    def __init__(self, data: dict[str, list[Row]], whole: bool) -> None:
        self.base = duckdb.connect()
        fill(self.base.execute, self.base.executemany, data, whole)
        self.base.execute("SET enable_external_access = false")
        self.base.execute("SET lock_configuration = true")

    def rows(self, sql: str, bound: dict[str, Any] | None = None) -> list[Row]:
        return self.base.execute(sql, bound or {}).fetchall()


class OnSQLite:
    dialect = "sqlite"

    def __init__(self, data: dict[str, list[Row]], whole: bool) -> None:
        self.base = sqlite3.connect(":memory:")
        fill(self.base.execute, self.base.executemany, data, whole)

    def rows(self, sql: str, bound: dict[str, Any] | None = None) -> list[Row]:
        return self.base.execute(sql, bound or {}).fetchall()


def composed(chance: random.Random) -> str:
    """A random query over subqueries, WITH, joins and set operations, whose result is a function of the rows alone."""

    def source(depth: int) -> str:
        kind = chance.randrange(5) if depth else 0
        if kind == 1:
            return f"(SELECT id, country FROM {source(depth - 1)} AS i WHERE {condition('i', depth - 1)})"
        if kind == 2:
            both = "UNION ALL" if chance.random() < 0.5 else "UNION"
            return f"(SELECT id, country FROM {source(depth - 1)} AS i {both} SELECT id, country FROM {source(0)} AS j)"
        if kind == 3:
            return f"(SELECT a.id, b.country FROM {source(depth - 1)} AS a JOIN {source(0)} AS b ON a.id = b.id)"
        if kind == 4:
            return f"(WITH orders AS (SELECT id, country FROM customers) SELECT id, country FROM {source(0)} AS k)"
        return chance.choice(["orders", "customers"])

    def condition(alias: str, depth: int) -> str:
        plain = chance.choice(
            [
                f"{alias}.id > {chance.randrange(20)}",
                f"{alias}.country = 'DE'",
                f"{alias}.country IS NULL",
                f"NOT {alias}.id = 3",
            ]
        )
        if depth and chance.random() < 0.5:
            inner = f"SELECT 1 FROM {source(depth - 1)} AS e WHERE e.id = {alias}.id"
            inside = f"{alias}.id IN (SELECT s.id FROM {source(depth - 1)} AS s)"
            return f"({plain} OR {chance.choice([f'EXISTS ({inner})', inside, 'TRUE'])})"
        return plain

    items = chance.choice(["q.id, q.country", "count(*), max(q.id)", "q.country, count(*)", "*"])
    group = " GROUP BY q.country" if items.startswith("q.country,") else ""
    start = f"WITH w AS (SELECT id, country FROM {source(1)} AS v) " if chance.random() < 0.3 else ""
    head = "w" if start else source(2)
    return f"{start}SELECT {items} FROM {head} AS q WHERE {condition('q', 2)}{group}"


def like(rows: list[Row]) -> list[str]:
    return sorted(repr(tuple(round(value, 9) if isinstance(value, float) else value for value in row)) for row in rows)


def asked(engine: OnDuckDB | OnSQLite, sql: str) -> list[Row] | None:
    """The rows of a query as it was asked. SQLite takes one of WITH that reads a relation of its own name for recursive."""
    try:
        return engine.rows(sql)
    except sqlite3.OperationalError as error:
        if "circular" not in str(error):
            raise
        return None


@pytest.mark.parametrize("engine", [OnDuckDB, OnSQLite])
def test_a_query_sees_what_the_tenants_own_database_shows(engine: type[OnDuckDB | OnSQLite]) -> None:
    chance = random.Random(7)
    queries = QUERIES + [composed(chance) for _ in range(250)]
    decisions = judge(engine.dialect, queries)
    assert len(decisions) == len(queries)
    data = rows(chance)
    everyone, alone = engine(data, whole=True), engine(data, whole=False)
    seen = 0
    for sql, decision in zip(queries, decisions, strict=True):
        assert decision["verdict"] == "allowed", (sql, decision)
        bound = {parameter["name"]: TENANT for parameter in decision["parameters"]}
        found = everyone.rows(decision["sql"], bound)
        expected = asked(alone, sql)
        if expected is None:
            continue
        assert like(found) == like(expected), (sql, decision["sql"])
        seen += len(found)
    assert seen > 1_000


# Forms of several dialects; what SQLite has no syntax for has to be denied in its own.
FORMS = [
    "SELECT id FROM orders WHERE country ILIKE 'd%'",
    "SELECT c.name FROM customers c, LATERAL (SELECT max(o.id) AS m FROM orders o) t",
    "SELECT id FROM orders WHERE country > DATE '2026-01-01'",
    "SELECT TIME '10:00:00' AS d FROM orders",
    "SELECT INTERVAL '1' DAY AS d FROM orders",
    "SELECT country AT TIME ZONE 'UTC' AS t FROM orders",
    "SELECT id FROM orders WHERE id = ANY (SELECT id FROM customers)",
    "SELECT id FROM orders WHERE id > ALL (SELECT id FROM customers)",
    "SELECT id FROM orders WHERE (id > 1) IS UNKNOWN",
    "SELECT id FROM orders WHERE (id > 1) IS NOT TRUE",
    "SELECT id FROM orders WHERE amount IS NOT NULL IS TRUE",
    "SELECT country FROM orders GROUP BY ROLLUP (country)",
    "SELECT country FROM orders GROUP BY CUBE (country)",
    "SELECT country FROM orders GROUP BY GROUPING SETS ((country), ())",
    "SELECT count(*) FROM orders GROUP BY ()",
    "SELECT id FROM orders UNION DISTINCT SELECT id FROM customers",
    "SELECT id FROM orders EXCEPT ALL SELECT id FROM customers",
    "SELECT id FROM orders INTERSECT ALL SELECT id FROM customers",
    "SELECT id FROM orders INTERSECT SELECT id FROM customers",
    "SELECT id FROM orders MINUS SELECT id FROM customers",
    "(SELECT id FROM orders) UNION (SELECT id FROM customers)",
    "(SELECT id FROM orders)",
    "SELECT t.id FROM ((SELECT id FROM orders)) AS t",
    "SELECT id FROM orders WHERE EXISTS ((SELECT 1 FROM customers))",
    "WITH t AS ((SELECT id FROM orders)) SELECT id FROM t",
    "SELECT o.n FROM orders AS o (n)",
    "SELECT t.n FROM (SELECT id FROM orders) AS t (n)",
    "SELECT v.a FROM (VALUES (1, 'x'), (2, 'y')) AS v (a, b)",
    "WITH v (a, b) AS (VALUES (1, 'x')) SELECT a FROM v",
    "SELECT t.id FROM (SELECT id FROM orders OFFSET 5) AS t",
    "SELECT id FROM orders OFFSET 5",
    "SELECT id FROM orders ORDER BY id OFFSET 2 ROWS FETCH FIRST 5 ROWS ONLY",
    "SELECT DISTINCT ON (country) country FROM orders",
    "SELECT amount::INTEGER AS w FROM orders",
    "SELECT CAST(amount AS DECIMAL(10, 2)) AS w FROM orders",
    "SELECT id FROM orders WHERE country NOT LIKE 'a' ESCAPE 'x'",
    "SELECT id FROM orders WHERE (country, customer_id) IN (SELECT country, id FROM customers)",
    "SELECT sum(amount) OVER (ORDER BY id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM orders",
    "SELECT sum(amount) OVER (ORDER BY id RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) FROM orders",
    "SELECT lag(amount) IGNORE NULLS OVER (ORDER BY id) FROM orders",
    "SELECT id, rank() OVER (ORDER BY id) AS r FROM orders QUALIFY r = 1",
    "SELECT o.id FROM orders o JOIN (customers c JOIN orders p ON p.id = c.id) ON c.id = o.id",
    "SELECT - -id, - - -id, -(-1), - + -id, 1 - -1 FROM orders",
    "SELECT CASE id WHEN 1 THEN TRUE ELSE NULL END FROM orders",
]


def test_what_is_allowed_on_sqlite_is_what_sqlite_reads() -> None:
    engine = OnSQLite(rows(random.Random(7)), whole=True)
    decisions = judge("sqlite", FORMS)
    allowed = [decision for decision in decisions if decision["verdict"] == "allowed"]
    assert 12 <= len(allowed) < len(FORMS)
    for decision in allowed:
        bound = {parameter["name"]: TENANT for parameter in decision["parameters"]}
        engine.rows(decision["sql"], bound)


def test_the_oracle_can_fail() -> None:
    data = rows(random.Random(7))
    everyone, alone = OnDuckDB(data, whole=True), OnDuckDB(data, whole=False)
    sql = "SELECT id, country FROM orders"
    assert like(everyone.rows(sql)) != like(alone.rows(sql))


class OnPostgreSQL:
    """A server of its own in a folder, reached by its socket; values are texts as psql writes them."""

    def __init__(self, folder: Path) -> None:
        # The server refuses to run as root.
        self.more: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
        self.folder = folder
        if self.more:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "gate", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        self.run("pg_ctl", "-D", str(folder / "data"), "-l", str(folder / "log"), "-o", options, "-w", "start")

    def run(self, *command: str, text: str = "") -> str:
        run = subprocess.run(
            command, cwd=self.folder, input=text, capture_output=True, text=True, check=True, timeout=240, **self.more
        )
        return run.stdout

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def psql(self, database: str, script: str) -> str:
        options = ["-X", "-q", "-A", "-t", "-h", str(self.folder), "-U", "gate", "-d", database, "-P", "null=NULL"]
        return self.run("psql", *options, text=script)

    def make(self, database: str, data: dict[str, list[Row]], whole: bool) -> None:
        self.psql("postgres", f"CREATE DATABASE {database};")
        statements: list[str] = []

        def many(_: str, values: list[Row]) -> None:
            table = statements[-1].split()[2]
            written = ", ".join("(" + ", ".join("NULL" if v is None else repr(v) for v in row) + ")" for row in values)
            statements.append(f"INSERT INTO {table} VALUES {written}")

        fill(statements.append, many, data, whole)
        self.psql(database, "".join(f"{each};\n" for each in statements))

    def answers(self, database: str, queries: list[str]) -> list[list[str]]:
        """The sorted lines of each answer; an error is an empty answer with `ERROR`."""
        script = [f"\\set tenant {TENANT}"]
        for sql in queries:
            script += [f"{sql} ;", "\\echo :ERROR", "\\echo ---"]
        sections = self.psql(database, "\n".join(script) + "\n").split("---\n")[:-1]
        assert len(sections) == len(queries)
        return [sorted(section.splitlines()) for section in sections]


@pytest.fixture(scope="module")
def postgresql() -> Iterator[OnPostgreSQL]:
    if not all(shutil.which(name) for name in ("initdb", "pg_ctl", "psql")):
        pytest.skip("no PostgreSQL server is installed")
    # A socket's path is short.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = OnPostgreSQL(Path(folder))
        try:
            yield server
        finally:
            server.stop()


def test_a_query_on_postgresql_sees_what_the_tenants_own_database_shows(postgresql: OnPostgreSQL) -> None:
    chance = random.Random(7)
    queries = QUERIES + [composed(chance) for _ in range(250)]
    decisions = judge("postgresql", queries)
    data = rows(chance)
    postgresql.make("everyone", data, whole=True)
    postgresql.make("alone", data, whole=False)
    assert [decision for decision in decisions if decision["verdict"] != "allowed"] == []
    found = postgresql.answers("everyone", [decision["sql"] for decision in decisions])
    expected = postgresql.answers("alone", queries)
    failed = [sql for sql, lines in zip(queries, expected, strict=True) if "true" in lines]
    assert failed == []
    wrong = [sql for sql, one, other in zip(queries, found, expected, strict=True) if one != other]
    assert wrong == []
    assert sum(map(len, found)) > 1_000
    # The oracle can fail.
    assert postgresql.answers("everyone", ["SELECT id, country FROM orders"]) != postgresql.answers(
        "alone", ["SELECT id, country FROM orders"]
    )
