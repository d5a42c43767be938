"""The gate from Python."""

from __future__ import annotations

import json
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

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
limits:
  - {name: day, type: budget, max: "1000.00", currency: EUR, window: day, zone: Europe/Berlin}
"""


def pay(id_: str, amount: object, **more: object) -> dict[str, object]:
    arguments = {"payee": "acme", "amount": amount, "currency": "EUR", **more}
    return {
        "kind": "action",
        "id": id_,
        "principal": "bot-7",
        "task": "t",
        "tool": "send_money",
        "arguments": arguments,
    }


def codes(decision: gn.Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


@pytest.fixture
def gate() -> gn.Gate:
    return gn.Gate.loads(GATE)


@pytest.mark.parametrize(
    ("amount", "verdict", "code"),
    [
        (7.35, "allow", []),
        (Decimal("7.35"), "allow", []),
        (7, "allow", []),
        (100.0, "allow", []),
        (0.1 + 0.2, "deny", ["money-digits"]),
        (Decimal("7.350"), "deny", ["money-digits"]),
        (300, "escalate", ["approval-required"]),
        (501, "deny", ["rule-false"]),
        (float("nan"), "deny", ["proposal-malformed"]),
        (float("inf"), "deny", ["proposal-malformed"]),
        ("7", "deny", ["argument-invalid"]),
        (True, "deny", ["argument-invalid"]),
        (1e300, "deny", ["money-range"]),
    ],
)
def test_numbers_are_exact(gate: gn.Gate, amount: object, verdict: str, code: list[str]) -> None:
    decision = gate.decide(pay("a", amount))
    assert (decision.verdict, codes(decision)) == (verdict, code)
    assert bool(decision) is (verdict == "allow")


def test_text_keeps_its_digits(gate: gn.Gate) -> None:
    assert codes(gate.decide(json.dumps(pay("a", 7.35)).replace("7.35", "7.350"))) == ["money-digits"]
    assert codes(gate.decide("{")) == ["proposal-malformed"]
    assert codes(gate.decide(b"\xff")) == ["proposal-malformed"]
    assert codes(gate.decide('{"id": "\ud800"}')) == ["proposal-malformed"]
    assert codes(gate.decide(json.dumps(pay("a", 1))[:-1] + ', "id": "b"}')) == ["proposal-duplicate-name"]
    with pytest.raises(TypeError):
        gate.decide(7)  # type: ignore[arg-type]
    for odd in (date(2026, 1, 1), {1}):
        with pytest.raises(TypeError, match="which JSON has no form for"):
            gate.decide(pay("a", odd))


def test_execute_runs_once_and_commits(gate: gn.Gate) -> None:
    decision = gate.decide(pay("a", 7.35))
    with gate.execute(decision) as call:
        assert call.tool == "send_money"
        assert call.arguments == {"amount": Decimal("7.35"), "currency": "EUR", "payee": "acme"}
        call.actual = Decimal("7.00")
    assert gate.state(decision) == "committed"
    with pytest.raises(gn.LedgerError, match="permit-settled"), gate.execute(decision):
        pytest.fail("ran twice")
    with pytest.raises(gn.LedgerError, match="permit-invalid"), gate.execute(gate.decide(pay("b", 501))):
        pytest.fail("a denied call ran")


def test_an_unknown_outcome_stays_held(gate: gn.Gate) -> None:
    decision = gate.decide(pay("a", 200))
    with pytest.raises(TimeoutError), gate.execute(decision):
        raise TimeoutError
    assert gate.state(decision) == "running"
    gate.commit(decision)
    assert gate.state(decision) == "committed"
    other = gate.decide(pay("b", 200))
    with gate.execute(other) as call:
        call.release()
    assert gate.state(other) == "released"


def test_humans_approve(gate: gn.Gate) -> None:
    asked = gate.decide(pay("a", 300))
    with pytest.raises(gn.LedgerError, match="permit-invalid"), gate.execute(asked):
        pytest.fail("ran without approval")
    approved = gate.approve(asked, by="ann")
    assert approved
    assert approved.document["approvedBy"] == "ann"
    with gate.execute(approved) as call:
        assert call.arguments["amount"] == 300


def test_a_report_shows_the_denial(gate: gn.Gate) -> None:
    decision = gate.decide(pay("<b>x</b>", 1, payee="<script>alert(1)</script>"))
    html = decision.to_html()
    for word in ("✗ deny", "rule-false", "&lt;script&gt;"):
        assert word in html
    assert "<script>" not in html
    bundle = decision._repr_mimebundle_()
    assert bundle["application/vnd.guard-nb.decision.v1+json"]["verdict"] == "deny"
    assert bundle["text/plain"] == "<Decision deny: rule-false>"


def test_ledgers_are_files(tmp_path: Path) -> None:
    (tmp_path / "payments.gate.yaml").write_text(GATE, encoding="utf-8")
    file = tmp_path / "ledger.db"
    gate = gn.Gate.load(tmp_path / "payments.gate.yaml", ledger=file)
    first = gate.decide(pay("a", 7.35))
    again = gn.Gate.load(tmp_path / "payments.gate.yaml", ledger=file)
    assert again.decide(pay("a", 7.35)).replayed
    assert codes(again.decide(pay("a", 7.36))) == ["id-conflict"]
    assert again.decide(pay("a", 7.36)).reasons[0].path == "/arguments/amount"
    checkpoint = gate.ledger.checkpoint()
    again.commit(first)
    assert gate.ledger.verify(checkpoint) == 4
    assert [entry["event"] for entry in gate.ledger.log()] == ["decision", "conflict", "conflict", "commit"]
    with pytest.raises(gn.LedgerError, match="ledger-broken"):
        gate.ledger.verify(checkpoint.replace("checkpoint/v1\n3", "checkpoint/v1\n2"))
    (tmp_path / "other.db").write_text("no database at all, and long enough to be looked at as one", encoding="utf-8")
    with pytest.raises(gn.LedgerError, match="ledger-version"):
        gn.Ledger(tmp_path / "other.db")


def test_threads_never_overspend(tmp_path: Path) -> None:
    gate = gn.Gate.loads(GATE.replace("1000.00", "20.00"), ledger=tmp_path / "ledger.db")
    allowed: list[bool] = []

    def spend(name: int) -> None:
        allowed.extend(bool(gate.decide(pay(f"{name}-{call}", 1))) for call in range(4))

    threads = [threading.Thread(target=spend, args=(name,)) for name in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), sum(allowed)) == (64, 20)


def test_gate_files_have_findings(tmp_path: Path) -> None:
    with pytest.raises(gn.GateError) as caught:
        gn.Gate.loads(GATE.replace("limits:", "limts:"))
    assert caught.value.code == "gate-malformed"
    assert "did you mean `limits`?" in str(caught.value)
    schema = tmp_path / "parts.json"
    schema.write_text('{"type": "integer"}', encoding="utf-8")
    text = GATE.replace("currency: {type: string}", "currency: {type: string}\n        parts: {$ref: parts.json}")
    (tmp_path / "g.gate.yaml").write_text(text, encoding="utf-8")
    gate = gn.Gate.load(tmp_path / "g.gate.yaml")
    assert codes(gate.decide(pay("a", 1, parts="x"))) == ["argument-invalid"]
    for name in ("../parts.json", "/etc/passwd", "nowhere.json"):
        with pytest.raises(gn.GateError, match="schema-unresolved"):
            gn.Gate.loads(text.replace("parts.json", name))


class Shown(float):
    """A float of another library, which shows itself in its own way."""

    def __repr__(self) -> str:
        return f"lib.float64({float(self)})"


def test_what_a_proposal_holds_never_raises(gate: gn.Gate) -> None:
    deep: list[object] = []
    for _ in range(3_000):
        deep = [deep]
    assert gate.decide(pay("a", Shown(7.35))).verdict == "allow"
    assert codes(gate.decide(pay("b", 10**5_000))) == ["proposal-number"]
    assert codes(gate.decide(pay("c", -(10**5_000)))) == ["proposal-number"]
    assert codes(gate.decide(pay("d", deep))) == ["proposal-too-large"]


@pytest.mark.parametrize("by", ["", " ", "a\nb", "x" * 257, "bot-7"])
def test_nobody_cannot_approve(gate: gn.Gate, by: str) -> None:
    asked = gate.decide(pay("a", 300))
    assert asked.verdict == "escalate"
    with pytest.raises(gn.LedgerError) as caught:
        gate.approve(asked, by=by)
    assert caught.value.code == "approver-invalid"
    assert gate.approve(asked, by="ada").verdict == "allow"
