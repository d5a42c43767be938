"""`guard-nb audit`: what it finds, what it proves, and what it tells other tools."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import guard_nb as gn
from shell import Said, shell

GATE = """\
apiVersion: guard-nb/v1
kind: Gate
id: payments
tools:
  - name: pay
    inputSchema: {type: object, required: [amount], properties: {amount: {type: number}, to: {type: string}}}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 500 AND to = 'acme'"
    escalate: "amount > 200"
"""


def pay(id_: str, amount: object, to: str = "acme") -> dict[str, object]:
    arguments = {"amount": amount, "to": to}
    return {"kind": "action", "id": id_, "principal": "bot-7", "task": "t", "tool": "pay", "arguments": arguments}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A committed call, a denied one, an approved one that runs, and a repeated id: sequences 0 to 7."""
    gate = gn.Gate.loads(GATE, tmp_path / "l.db")
    with gate.execute(gate.decide(pay("a", 100))) as call:
        call.actual = 99
    gate.decide(pay("b", 7, "mallory"))
    approved = gate.approve(gate.decide(pay("c", 300)), by="ada")
    gate.ledger._native.redeem(approved.permit)
    gate.decide(pay("a", 2))
    return tmp_path


def audit(folder: Path, *args: str) -> Said:
    return shell(folder, "audit", *args)


def leaves(folder: Path) -> list[str]:
    return audit(folder, "show", "l.db", "--format", "ndjson").out.splitlines()


def change(folder: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(folder / "l.db") as connection:
        connection.execute(sql, values)


def merkle(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    half = 1
    while half * 2 < len(entries):
        half *= 2
    return hashlib.sha256(b"\1" + merkle(entries[:half]) + merkle(entries[half:])).digest()


def checkpoint(folder: Path, name: str) -> str:
    said = audit(folder, "checkpoint", "l.db")
    assert said.status == 0
    (folder / name).write_text(said.out, encoding="utf-8")
    return said.out


def test_a_whole_log(folder: Path) -> None:
    bare = audit(folder, "verify", "l.db")
    assert (bare.status, bare.err) == (0, "")
    assert "8 entries agree" in bare.out
    assert "no checkpoint was given" in bare.out
    checkpoint(folder, "now")
    assert (
        audit(folder, "verify", "l.db", "--checkpoint", "now").out
        == "✓ 8 entries agree with each other and with what they led to, and with the checkpoint\n"
    )
    gn.Gate.loads(GATE, folder / "l.db").decide(pay("later", 1))
    said = audit(folder, "verify", "l.db", "--checkpoint", "now")
    assert said.out.endswith("; 1 entry came after it, and no checkpoint vouches for that\n")


def test_one_entry(tmp_path: Path) -> None:
    gn.Gate.loads(GATE, tmp_path / "l.db").decide(pay("a", 1))
    assert audit(tmp_path, "verify", "l.db").out.startswith("✓ 1 entry agrees with what it led to; no checkpoint")


def test_what_was_proposed_is_shown_with_content(folder: Path) -> None:
    said = audit(folder, "show", "l.db", "--id", "c", "--content")
    assert '    arguments/amount: 300\n    arguments/to: "acme"\n' in said.out
    refused = audit(folder, "show", "l.db", "--content", "--format", "json")
    assert (refused.status, "is for people" in refused.err) == (2, True)


def test_a_checkpoint_is_the_root_of_the_leaves(folder: Path) -> None:
    form, size, root, _ = checkpoint(folder, "now").splitlines()
    assert (form, size) == ("guard-nb/checkpoint/v1", "8")
    assert root == merkle([leaf.encode() for leaf in leaves(folder)]).hex()


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("UPDATE log SET leaf = replace(leaf, '99', '1') WHERE sequence = 2", ()),
        ("UPDATE log SET leaf = replace(leaf, 'deny', 'allow') WHERE sequence = 3", ()),
        ("DELETE FROM log WHERE sequence = 7", ()),
        ("DELETE FROM log WHERE sequence = 3", ()),
        ("UPDATE records SET decision = replace(decision, 'deny', 'allow') WHERE id = ?", ("b",)),
        ("DELETE FROM records WHERE id = ?", ("b",)),
        ("UPDATE reservations SET state = 3 WHERE id = ?", ("a",)),
    ],
)
def test_what_was_changed_is_found(folder: Path, sql: str, values: tuple[object, ...]) -> None:
    checkpoint(folder, "before")
    change(folder, sql, *values)
    said = audit(folder, "verify", "l.db", "--checkpoint", "before")
    assert said.status == 1
    assert said.out.startswith("✗ ledger-broken: ")


def test_a_checkpoint_of_another_ledger(folder: Path) -> None:
    (folder / "other").write_text(gn.Ledger(folder / "other.db").checkpoint(), encoding="utf-8")
    assert audit(folder, "verify", "l.db", "--checkpoint", "other").status == 1


def test_the_log_for_people(folder: Path) -> None:
    lines = [line.split("  ") for line in audit(folder, "show", "l.db").out.splitlines()]
    words = [" ".join(word.strip() for word in line if word.strip() and "T" not in word) for line in lines]
    assert words == [
        "0 allow a pay",
        "1 redeem a",
        "2 commit a 99.00",
        "3 deny b pay",
        "4 escalate c pay",
        "5 allow c pay",
        "6 redeem c",
        "7 deny a",
    ]
    assert len(audit(folder, "show", "l.db", "--id", "c").out.splitlines()) == 3
    assert audit(folder, "show", "l.db", "--since", "2999-01-01T00:00:00Z").out == "no entries\n"
    assert "error[as-of-unreadable]" in audit(folder, "show", "l.db", "--since", "monday").err


def test_the_log_for_machines(folder: Path) -> None:
    entries = json.loads(audit(folder, "show", "l.db", "--format", "json").out)
    assert entries == [json.loads(leaf) for leaf in leaves(folder)] == gn.Ledger(folder / "l.db").log()


def test_inclusion(folder: Path) -> None:
    checkpoint(folder, "now")
    for sequence in range(8):
        (folder / "proof").write_text(audit(folder, "prove", "l.db", "--leaf", str(sequence)).out, encoding="utf-8")
        said = audit(folder, "check-proof", "proof", "--checkpoint", "now")
        assert (said.status, said.out) == (0, f"✓ entry {sequence} stands in the log of 8 entries\n")
    assert audit(folder, "check-proof", "proof").status == 3
    proof: dict[str, Any] = json.loads((folder / "proof").read_text(encoding="utf-8"))
    for changed in (
        proof | {"entry": proof["entry"].replace("deny", "allow")},
        proof | {"sequence": 6},
        proof | {"path": proof["path"][1:]},
        proof | {"root": "00" * 32},
    ):
        (folder / "changed").write_text(json.dumps(changed), encoding="utf-8")
        assert audit(folder, "check-proof", "changed", "--checkpoint", "now").status == 1
    for broken in ("{}", "", json.dumps(proof | {"format": "x"}), json.dumps(proof | {"path": ["zz"]})):
        (folder / "broken").write_text(broken, encoding="utf-8")
        said = audit(folder, "check-proof", "broken", "--checkpoint", "now")
        assert (said.status, said.out, "is no proof" in said.err) == (2, "", True)
    assert audit(folder, "prove", "l.db", "--leaf", "8").status == 1


def test_consistency(folder: Path) -> None:
    checkpoint(folder, "old")
    gn.Gate.loads(GATE, folder / "l.db").decide(pay("d", 1))
    checkpoint(folder, "new")
    (folder / "proof").write_text(audit(folder, "prove", "l.db", "--consistency", "8", "9").out, encoding="utf-8")
    both = audit(folder, "check-proof", "proof", "--checkpoint", "old", "--checkpoint", "new")
    assert (both.status, both.out) == (0, "✓ the log of 8 entries is the start of that of 9\n")
    assert audit(folder, "check-proof", "proof", "--checkpoint", "old").status == 3
    change(folder, "UPDATE log SET leaf = replace(leaf, '99', '1') WHERE sequence = 2")
    (folder / "proof").write_text(audit(folder, "prove", "l.db", "--consistency", "8", "9").out, encoding="utf-8")
    assert audit(folder, "check-proof", "proof", "--checkpoint", "old", "--checkpoint", "new").status == 1
    assert audit(folder, "prove", "l.db").status == 2
    assert audit(folder, "prove", "l.db", "--consistency", "9", "8").status == 1


def spans(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line)["resourceSpans"][0]["scopeSpans"][0] for line in text.splitlines()]
    assert {one["schemaUrl"] for one in found} == {"https://opentelemetry.io/schemas/1.41.0"}
    return [span for one in found for span in one["spans"]]


def attributes(span: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}


def test_spans(folder: Path) -> None:
    said = audit(folder, "export", "l.db", "--format", "otel")
    assert (said.status, said.err) == (0, "")
    assert "mallory" not in said.out
    first, denied, approved, conflict = spans(said.out)
    assert (first["name"], first["kind"]) == ("execute_tool pay", 1)
    assert (len(first["traceId"]), len(first["spanId"])) == (32, 16)
    assert int(first["startTimeUnixNano"]) <= int(first["endTimeUnixNano"])
    assert [event["name"] for event in first["events"]] == ["guard_nb.decision", "guard_nb.redeem", "guard_nb.commit"]
    expected = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "pay",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "a",
        "gen_ai.agent.id": "bot-7",
        "guard_nb.verdict": "allow",
        "guard_nb.hold": "committed",
        "guard_nb.gate.id": "payments",
        "guard_nb.task": "t",
    }
    assert expected.items() <= attributes(first).items()
    assert "status" not in first
    assert (denied["status"], attributes(denied)["error.type"]) == ({"code": 2, "message": "rule-false"}, "rule-false")
    assert (attributes(approved)["guard_nb.approved_by"], attributes(approved)["guard_nb.hold"]) == ("ada", "running")
    assert attributes(conflict)["error.type"] == "id-conflict"
    assert audit(folder, "export", "l.db", "--format", "otel").out == said.out
    shown = audit(folder, "export", "l.db", "--format", "otel", "--content", "--id", "b").out
    (span,) = spans(shown)
    assert json.loads(attributes(span)["gen_ai.tool.call.arguments"]) == {"amount": 7, "to": "mallory"}


def test_provenance(folder: Path) -> None:
    said = audit(folder, "export", "l.db", "--format", "prov")
    assert "mallory" not in said.out
    document = json.loads(said.out)
    assert document["prefix"] == {"gnb": "urn:guard-nb:"}
    known = {name for kind in ("entity", "activity", "agent") for name in document[kind]}
    for relation, keys in [
        ("used", ("prov:activity", "prov:entity")),
        ("wasAssociatedWith", ("prov:activity", "prov:agent")),
        ("wasAttributedTo", ("prov:entity", "prov:agent")),
        ("wasInformedBy", ("prov:informed", "prov:informant")),
    ]:
        assert {one[key] for one in document[relation].values() for key in keys} <= known, relation
    verdicts = [one["gnb:verdict"] for one in document["activity"].values() if "gnb:verdict" in one]
    assert verdicts == ["allow", "deny", "escalate", "allow", "deny"]
    kinds = {one["prov:label"]: one["prov:type"]["$"] for one in document["agent"].values()}
    assert kinds == {"bot-7": "prov:SoftwareAgent", "ada": "prov:Person"}
    calls = [one for one in document["activity"].values() if one["prov:type"]["$"] == "gnb:Call"]
    assert [one.get("gnb:outcome") for one in calls] == ["commit", None]


def test_python_exports_the_same(folder: Path) -> None:
    ledger = gn.Ledger(folder / "l.db")
    assert ledger.export("prov") == audit(folder, "export", "l.db", "--format", "prov").out
    assert ledger.export() == audit(folder, "export", "l.db", "--format", "otel").out
    assert "mallory" in ledger.export(content=True)
    assert ledger.export("ndjson") == audit(folder, "show", "l.db", "--format", "ndjson").out
    with pytest.raises(ValueError, match="otel, prov or ndjson"):
        ledger.export("xml")  # type: ignore[arg-type]


def test_a_ledger_in_memory_is_exported_like_any_other() -> None:
    gate = gn.Gate.loads(GATE)
    assert gate.ledger.export() == ""
    assert gate.ledger.export("ndjson") == ""
    decision = gate.decide(pay("a", 1))
    gate.commit(decision)
    (span,) = spans(gate.ledger.export())
    told = attributes(span)
    assert (told["guard_nb.verdict"], told["guard_nb.hold"]) == ("allow", "committed")
    activities = json.loads(gate.ledger.export("prov"))["activity"].values()
    assert [one["gnb:verdict"] for one in activities if "gnb:verdict" in one] == ["allow"]
    events = [json.loads(line)["event"] for line in gate.ledger.export("ndjson").splitlines()]
    assert events == ["decision", "commit"]


def test_looking_leaves_the_log_as_it_was(folder: Path) -> None:
    before = leaves(folder)
    for args in (
        ["verify", "l.db"],
        ["checkpoint", "l.db"],
        ["export", "l.db", "--format", "prov"],
        ["prove", "l.db", "--leaf", "0"],
    ):
        assert audit(folder, *args).status == 0
    assert leaves(folder) == before
