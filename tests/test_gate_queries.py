"""Queries and transforms through the gate, run: what comes back, what is locked, what becomes of the permit."""

from __future__ import annotations

import builtins
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import guard_nb as gn
from guard_nb import queries
from querying import FRAMES, GATE, ORDERS, ask


@pytest.fixture
def gate() -> gn.Gate:
    return gn.Gate.loads(GATE).with_context(tenant=4)


def codes(decision: gn.Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_an_approved_query_sees_its_tenant_alone(gate: gn.Gate) -> None:
    decision = gate.decide(
        ask(
            "SELECT country, sum(amount) AS total FROM orders WHERE country <> :home GROUP BY country ORDER BY country",
            home="XX",
        )
    )
    assert decision
    assert decision.verdict == "transform"
    found = gate.run(decision, FRAMES)
    assert found.rows() == [("DE", Decimal("15.00")), ("FR", Decimal("20.50")), ("IT", Decimal("8.00"))]
    assert gate.state(decision) == "committed"
    with pytest.raises(gn.LedgerError, match="permit-settled"):
        gate.run(decision, FRAMES)


def test_rows_are_capped(gate: gn.Gate) -> None:
    decision = gate.decide(ask("SELECT id FROM orders ORDER BY id"))
    assert gate.run(decision, FRAMES)["id"].to_list() == [1, 4, 5]


def test_a_call_has_the_approved_text_and_every_value(gate: gn.Gate) -> None:
    decision = gate.decide(
        ask(
            "SELECT id FROM orders WHERE amount = :a AND country = :c AND id <> :n",
            a=Decimal("0.10"),
            c="x'; --",
            n=None,
        )
    )
    assert decision.query is not None
    with gate.execute(decision) as call:
        assert (call.kind, call.tool, call.sql) == ("query", "", decision.query["sql"])
        assert call.parameters == {"a": Decimal("0.1"), "c": "x'; --", "n": None, "least": 5, "tenant": 4}
        assert "x'" not in str(call.sql)
    assert gate.state(decision) == "committed"


def test_another_tenant_is_another_gate(gate: gn.Gate) -> None:
    other = gate.with_context(tenant=5)
    assert other.digest != gate.digest
    assert other.ledger is gate.ledger
    found = other.run(other.decide(ask("SELECT id FROM orders ORDER BY id")), FRAMES)
    assert found["id"].to_list() == [3, 6]
    assert codes(gn.Gate.loads(GATE).decide(ask("SELECT id FROM orders"))) == ["query-parameter"]
    assert codes(gate.decide(ask("SELECT id FROM orders", "r", tenant=5))) == ["query-parameter-reserved"]
    for wrong in ({}, {"tenant": 4, "more": 1}, {"tennant": 4}, {"tenant": None}):
        with pytest.raises(gn.GateError, match="query-context"):
            gate.with_context(**wrong)  # type: ignore[arg-type]
    with pytest.raises(gn.GateError) as caught:
        gate.with_context(tennant=4)
    first, second, *_ = str(caught.value).splitlines()
    assert (first, "0:0" in second) == ("the context does not fit the gate", False)
    with pytest.raises(TypeError, match="must be a Decision"):
        gate.run("x", FRAMES)  # type: ignore[arg-type]


def test_reasons_have_places(gate: gn.Gate) -> None:
    (reason,) = gate.decide(ask("SELECT id,\n secret FROM orders")).reasons
    assert (reason.code, reason.path) == ("query-column-unknown", "/sql")
    assert reason.span == {"line": 2, "column": 2, "start": 12, "end": 18}
    assert reason.help is not None
    assert "`country`" in reason.help


def test_schemas_are_made(gate: gn.Gate) -> None:
    decision = gate.decide(
        ask(
            "SELECT c.region, count(*) AS n FROM orders o JOIN sales.countries c ON c.code = o.country GROUP BY c.region"
        )
    )
    assert gate.run(decision, FRAMES).rows() == [("EU", 3)]


def test_the_database_is_locked(gate: gn.Gate, tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.register("kept", ORDERS)
    connection.execute("CREATE TABLE orders AS SELECT * FROM kept")
    outside = tmp_path / "x.csv"
    outside.write_text("a\n1\n")
    local = ORDERS  # noqa: F841
    assert gate.run(gate.decide(ask("SELECT id FROM orders ORDER BY id")), connection)["id"].to_list() == [1, 4, 5]
    for sql in (
        f"SELECT * FROM '{outside}'",
        f"SELECT * FROM read_csv('{outside}')",
        f"COPY orders TO '{tmp_path / 'y.csv'}'",
        f"ATTACH '{tmp_path / 'z.db'}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM local",
        "SET enable_external_access = true",
        "SET python_enable_replacements = true",
        "SET lock_configuration = false",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(sql).fetchall()
    # A locked connection can be used again.
    assert gate.run(gate.decide(ask("SELECT count(*) AS n FROM orders", "r")), connection).rows() == [(4,)]


def test_a_connection_locked_otherwise_is_not_used(gate: gn.Gate) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE orders (id INT, tenant INT, amount INT, country TEXT)")
    connection.execute("SET lock_configuration = true")
    decision = gate.decide(ask("SELECT id FROM orders"))
    with pytest.raises(gn.UsageError, match="query-unrunnable"):
        gate.run(decision, connection)
    assert gate.state(decision) == "released"


def test_a_file_is_opened_to_be_read(gate: gn.Gate, tmp_path: Path) -> None:
    path = tmp_path / "data.duckdb"
    with duckdb.connect(path) as made:
        made.register("kept", ORDERS)
        made.execute("CREATE TABLE orders AS SELECT * FROM kept")
    assert gate.run(gate.decide(ask("SELECT count(*) AS n FROM orders")), path).rows() == [(4,)]


@pytest.mark.parametrize(
    "source", [{}, {"orders": ORDERS.drop("tenant")}, 7, ORDERS], ids=["none", "column", "int", "frame"]
)
def test_what_cannot_run_is_released(gate: gn.Gate, source: Any) -> None:
    decision = gate.decide(ask("SELECT id FROM orders"))
    with pytest.raises(gn.UsageError, match="query-unrunnable"):
        gate.run(decision, source)
    assert gate.state(decision) == "released"


def test_nothing_runs_without_a_permit(gate: gn.Gate) -> None:
    with pytest.raises(gn.LedgerError, match="permit-invalid"):
        gate.run(gate.decide(ask("SELECT id FROM users")), FRAMES)


def test_without_duckdb_there_is_help(gate: gn.Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **more: Any) -> Any:
        if name == "duckdb":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    decision = gate.decide(ask("SELECT id FROM orders"))
    with pytest.raises(gn.UsageError, match=r"guard_nb\[duckdb\]"):
        gate.run(decision, FRAMES)
    assert gate.state(decision) == "held"


def test_other_dialects_run_by_their_own_driver() -> None:
    gate = gn.Gate.loads(GATE.replace("dialect: duckdb", "dialect: sqlite")).with_context(tenant=4)
    decision = gate.decide(ask("SELECT id FROM orders WHERE country = :c ORDER BY id", c="DE"))
    with pytest.raises(gn.UsageError, match="query-unrunnable"):
        gate.run(decision, FRAMES)
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE orders (id, tenant, amount, country)")
    rows = [(a, b, float(c), d) for a, b, c, d in ORDERS.rows()]
    database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
    with gate.execute(decision) as call:
        assert database.execute(str(call.sql), call.parameters).fetchall() == [(1,), (5,)]


CONTRACTS = {
    "orders.odcs.yaml": """
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: amount, logicalType: integer, required: true}
      - {name: parts, logicalType: integer, required: true}
""",
    "daily.odcs.yaml": """
apiVersion: v3.1.0
kind: DataContract
id: daily
version: 1.0.0
status: active
schema:
  - name: daily
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: share, logicalType: integer, required: true, logicalTypeOptions: {maximum: 40}}
""",
}
SHAPES = """
apiVersion: guard-nb/v1
kind: Gate
id: shapes
transforms: {input: orders.odcs.yaml, output: daily.odcs.yaml}
"""


def shape(sql: str, **params: object) -> dict[str, object]:
    return {"kind": "transform", "id": "t", "principal": "bot", "sql": sql, "params": params}


FRAME = pl.DataFrame({"id": [1, 2, 3, 4], "amount": [10, 20, 30, 100], "parts": [1, 0, 3, 2]})
SHARE = "SELECT id, CAST(amount / parts AS BIGINT) AS share FROM input WHERE id > :least AND amount > :some"


def test_an_approved_transform_quarantines_records_alone() -> None:
    gate = gn.Gate.loads(SHAPES, files=CONTRACTS)
    decision = gate.decide(shape(SHARE, least=1, some=Decimal("9.5")))
    assert decision.verdict == "allow", decision.reasons
    assert decision.transform is not None
    assert decision.transform["items"][1]["from"] == ["amount", "parts"]
    found = gate.run(decision, FRAME)
    assert found.output.rows() == [(3, 10), (4, 50)]
    assert found.quarantined["id"].to_list() == [2]
    assert found.verdict.status == "reject"
    assert found.left_out == 1
    assert gate.state(decision) == "committed"


def test_a_transform_runs_by_the_contracts_it_was_judged_by() -> None:
    gate = gn.Gate.loads(SHAPES, files=CONTRACTS)
    decision = gate.decide(shape("SELECT id, amount AS share FROM input"))
    changed = {**CONTRACTS, "daily.odcs.yaml": CONTRACTS["daily.odcs.yaml"].replace("40", "4000")}
    other = gn.Gate.loads(SHAPES, ledger=gate.ledger, files=changed)
    assert other.digest != gate.digest
    with pytest.raises(gn.UsageError, match="query-unrunnable"):
        other.run(decision, FRAME)
    assert gate.state(decision) == "released"


def test_a_narrowed_gate_runs_transforms() -> None:
    tool = "tools: [{name: look, inputSchema: {type: object}, allow: 'TRUE'}]"
    gate = gn.Gate.loads(f"{SHAPES}{tool}\n", files=CONTRACTS).narrow(
        {"apiVersion": "guard-nb/v1", "kind": "Narrowing"}
    )
    decision = gate.decide(shape(SHARE, least=1, some=Decimal("9.5")))
    assert gate.run(decision, FRAME).output.rows() == [(3, 10), (4, 50)]


def test_a_transform_that_is_not_proved_is_denied() -> None:
    gate = gn.Gate.loads(SHAPES, files=CONTRACTS)
    assert codes(gate.decide(shape("SELECT id, CASE WHEN id > 1 THEN 1 END AS share FROM input"))) == ["transform-null"]


def test_calls_of_tools_are_not_run_here() -> None:
    tool = "tools: [{name: query, inputSchema: {type: object}, allow: 'TRUE'}]"
    gate = gn.Gate.loads(f"apiVersion: guard-nb/v1\nkind: Gate\nid: g\n{tool}\n")
    call = {
        "kind": "action",
        "id": "a",
        "principal": "p",
        "tool": "query",
        "arguments": {"sql": "DROP TABLE x", "dialect": "duckdb"},
    }
    decision = gate.decide(call)
    with pytest.raises(gn.UsageError, match="query-unrunnable"):
        gate.run(decision, FRAMES)
    assert gate.state(decision) == "held"
    with gate.execute(decision) as running:
        assert (running.kind, running.sql, running.parameters) == ("action", None, {})


def test_every_lock_is_a_setting_that_duckdb_has() -> None:
    names = {row[0] for row in duckdb.connect().execute("SELECT name FROM duckdb_settings()").fetchall()}
    assert set(queries.LOCKS) <= names
    assert list(queries.LOCKS)[-1] == "lock_configuration"


def test_a_gate_without_tools_is_narrowed() -> None:
    wide = gn.Gate.loads(
        "apiVersion: guard-nb/v1\nkind: Gate\nid: reports\nqueries:\n  dialect: duckdb\n"
        "  relations: {orders: {columns: [id, amount]}, users: {columns: [id]}}\n  maxRows: 100\n"
    )
    task = {"apiVersion": "guard-nb/v1", "kind": "Narrowing", "queries": {"relations": ["orders"], "maxRows": 10}}
    narrow = wide.narrow(task)
    assert narrow.is_narrower(wide)
    asked = {"kind": "query", "principal": "bot", "sql": "SELECT id FROM users"}
    assert wide.decide({**asked, "id": "1"}).verdict == "transform"
    assert [reason.code for reason in narrow.decide({**asked, "id": "2"}).reasons] == ["query-relation-unknown"]


@pytest.mark.parametrize("sql", ["SELECT 1 AS id, 2 AS id", "SELECT INTERVAL '1' DAY AS d"])
def test_a_result_that_is_no_frame_is_released(gate: gn.Gate, sql: str) -> None:
    decision = gate.decide(ask(sql))
    if decision:
        with pytest.raises(gn.UsageError) as caught:
            gate.run(decision, FRAMES)
        assert caught.value.code == "query-unrunnable"
        assert gate.state(decision) == "released"
