"""Narrowing from Python: tasks, proofs and counterexamples."""

from __future__ import annotations

import pytest

import guard_nb as gn

GATE = """
apiVersion: guard-nb/v1
kind: Gate
id: payments
params: {known_payees: [acme, globex]}
tools:
  - name: send_money
    inputSchema:
      type: object
      required: [payee, amount, currency]
      additionalProperties: false
      properties:
        payee: {type: string, maxLength: 40}
        amount: {type: number, exclusiveMinimum: 0}
        currency: {type: string}
    money: {amount: /amount, currency: /currency}
    allow: "amount <= 500.00 AND payee IN (:known_payees)"
    escalate: "amount > 200.00"
  - name: get_invoice
    inputSchema: {type: object}
    allow: "TRUE"
limits:
  - {name: day, type: budget, max: "1000.00", currency: EUR, window: day, by: [/payee], tools: [send_money]}
"""
TASK = {
    "apiVersion": "guard-nb/v1",
    "kind": "Narrowing",
    "tools": [{"name": "send_money", "allow": "payee = 'acme' AND amount <= 80", "escalate": "amount > 50"}],
    "limits": [{"name": "day", "max": "100.00"}],
}


def pay(id_: str, amount: object, payee: str = "acme", tool: str = "send_money") -> dict[str, object]:
    arguments = {"payee": payee, "amount": amount, "currency": "EUR"} if tool == "send_money" else {}
    return {"kind": "action", "id": id_, "principal": "bot", "tool": tool, "arguments": arguments}


def test_a_task_narrows() -> None:
    wide = gn.Gate.loads(GATE)
    gate = wide.narrow(TASK)
    assert gate.tools == ["send_money"]
    assert gate.decide(pay("1", 20)).verdict == "allow"
    assert gate.decide(pay("2", 50.01)).verdict == "escalate"
    assert gate.decide(pay("3", 80.01)).verdict == "deny"
    assert gate.decide(pay("4", 1, payee="globex")).verdict == "deny"
    assert gate.decide(pay("5", 1, tool="get_invoice")).verdict == "deny"
    assert gate.is_narrower(wide)
    assert wide.decide(pay("6", 1, tool="get_invoice")).verdict == "allow"


def test_both_gates_spend_from_one_pot() -> None:
    wide = gn.Gate.loads(GATE)
    gate = wide.narrow(TASK)
    assert gate.ledger is wide.ledger
    assert wide.decide(pay("1", 90)).verdict == "allow"
    (reason,) = gate.decide(pay("2", 20)).reasons
    assert (reason.code, reason.limit) == ("budget-exceeded", "day")
    assert gate.decide(pay("3", 10)).verdict == "allow"


def test_a_wider_gate_has_a_counterexample() -> None:
    wide = gn.Gate.loads(GATE)
    other = gn.Gate.loads(GATE.replace("500.00", "500.01"))
    found = other.is_narrower(wide)
    assert not found
    assert (found.answer, found.narrow, found.wide) == ("refuted", "escalate", "deny")
    assert found.proposal is not None
    assert found.proposal["arguments"]["amount"] == 500.01
    # It is what it says.
    assert other.decide({**found.proposal, "id": "x"}).verdict == "escalate"
    assert wide.decide({**found.proposal, "id": "x"}).verdict == "deny"


def test_a_greater_limit_is_named() -> None:
    found = gn.Gate.loads(GATE.replace("1000.00", "1000.01")).is_narrower(gn.Gate.loads(GATE))
    assert (found.answer, found.limit) == ("refuted", "day")


def test_what_is_not_proved_is_not_true() -> None:
    found = gn.Gate.loads(GATE.replace("amount <= 500.00", "amount * 2 <= 1000.00")).is_narrower(gn.Gate.loads(GATE))
    assert found.answer == "unknown"
    assert not found
    assert "amount <= 500.00" in found.doubts[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"limits": [{"name": "day", "max": "1000.01"}]}, "gate-wider"),
        ({"tools": ["shell"]}, "gate-tool-unlisted"),
        ({"tools": [{"name": "send_money", "allow": "TRUE) OR (TRUE"}]}, "expression-syntax"),
        ({"tools": [{"name": "send_money", "inputSchema": {}}]}, "gate-malformed"),
        ({"params": {"known_payees": ["mallory"]}}, "name-duplicate"),
        ({"params": {"known_payees.0": "mallory"}}, "gate-value"),
        ({"kind": "Gate"}, "gate-value"),
    ],
    ids=["limit", "tool", "parentheses", "schema", "params", "list member", "kind"],
)
def test_tasks_cannot_widen(change: dict[str, object], code: str) -> None:
    wide = gn.Gate.loads(GATE)
    with pytest.raises(gn.GateError) as caught:
        wide.narrow({"apiVersion": "guard-nb/v1", "kind": "Narrowing", **change})
    assert caught.value.code == code


def test_the_error_names_the_limit() -> None:
    wide = gn.Gate.loads(GATE)
    with pytest.raises(gn.GateError) as caught:
        wide.narrow({"apiVersion": "guard-nb/v1", "kind": "Narrowing", "limits": [{"name": "day", "max": "1000.01"}]})
    assert "a task may only lower the limit `day` [gate-wider]" in str(caught.value)


def test_what_is_no_gate_is_said_so() -> None:
    gate = gn.Gate.loads(GATE)
    for wrong in ("payments", None, {"id": "payments"}):
        with pytest.raises(TypeError, match="`other` must be a Gate, not `"):
            gate.is_narrower(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`against` must be a Gate, not `str`"):
        gate.backtest([], against="payments")  # type: ignore[arg-type]


def test_a_relation_goes_with_its_context() -> None:
    wide = gn.Gate.loads("""
apiVersion: guard-nb/v1
kind: Gate
id: reports
queries:
  dialect: duckdb
  context: [tenant]
  maxRows: 10
  relations:
    orders: {columns: [id], where: "tenant = :tenant"}
    countries: {columns: [code]}
""")
    head = {"apiVersion": "guard-nb/v1", "kind": "Narrowing"}
    gate = wide.narrow({**head, "queries": {"relations": ["countries"]}})
    assert gate.is_narrower(wide)
    query = {"kind": "query", "id": "1", "principal": "bot", "sql": "SELECT code FROM countries"}
    assert gate.with_context(tenant=4).decide(query).verdict == "transform"
    with pytest.raises(gn.GateError, match="gate-wider"):
        wide.narrow({**head, "queries": {"maxRows": 11}})


REPORTS = """
apiVersion: guard-nb/v1
kind: Gate
id: reports
queries:
  dialect: duckdb
  context: [tenant]
  maxRows: 10
  relations:
    orders: {columns: [id, code], where: "tenant = :tenant"}
    countries: {columns: [code, name]}
limits:
  - {name: pace, type: velocity, max: 2, window: day, by: [principal]}
"""


def test_a_limit_on_queries_cannot_go() -> None:
    wide = gn.Gate.loads(REPORTS)
    found = gn.Gate.loads(REPORTS.replace("max: 2", "max: 3")).is_narrower(wide)
    assert (found.answer, found.limit, found.context) == ("refuted", "pace", {"tenant": "someone"})
    gone = gn.Gate.loads(REPORTS[: REPORTS.index("limits:")])
    found = gone.is_narrower(wide)
    assert (found.answer, found.limit) == ("refuted", "pace")
    assert wide.is_narrower(gone)
    task = wide.narrow({"apiVersion": "guard-nb/v1", "kind": "Narrowing", "queries": {"relations": ["countries"]}})
    query = {"kind": "query", "principal": "bot", "sql": "SELECT code FROM countries"}
    bound = task.with_context(tenant=4)
    assert [bound.decide({**query, "id": str(at)}).verdict for at in range(3)] == ["transform", "transform", "deny"]


def test_fewer_columns_are_no_narrowing() -> None:
    wide = gn.Gate.loads(REPORTS)
    narrow = gn.Gate.loads(REPORTS.replace("[code, name]", "[name]"))
    found = narrow.is_narrower(wide)
    assert found.answer == "refuted"
    assert found.context is not None
    assert found.proposal is not None
    # It is what it says.
    assert narrow.with_context(**found.context).decide({**found.proposal, "id": "x"}).verdict == found.narrow
    assert wide.with_context(**found.context).decide({**found.proposal, "id": "x"}).verdict == found.wide == "deny"


def test_another_principals_gate_is_another() -> None:
    gate = gn.Gate.loads(REPORTS)
    assert gate.with_context(tenant=4).is_narrower(gate.with_context(tenant=4))
    assert gate.with_context(tenant=4).is_narrower(gate.with_context(tenant=5)).answer == "unknown"
