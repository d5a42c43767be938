"""`guard-nb decide`, `approve` and `ledger`: statuses, streams, permits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

import guard_nb as gn
from command import command, environment
from shell import Said, shell

GATE = """\
apiVersion: guard-nb/v1
kind: Gate
id: payments
tools:
  - name: pay
    inputSchema: {$ref: pay.schema.json}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 500"
    escalate: "amount > 200"
limits:
  - {name: day, type: budget, max: "300.00", currency: EUR, window: total}
"""
SCHEMA = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "number"}, "note": {"type": "string"}},
}


def pay(id_: str, amount: object, **more: object) -> str:
    arguments = {"amount": amount, **more}
    return json.dumps({"kind": "action", "id": id_, "principal": "bot-7", "tool": "pay", "arguments": arguments})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pay.gate.yaml").write_text(GATE, encoding="utf-8")
    (tmp_path / "pay.schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return tmp_path


def decide(folder: Path, *more: str, given: str | bytes | None = None) -> Said:
    text = given.encode() if isinstance(given, str) else given
    return shell(folder, "decide", "pay.gate.yaml", *more, given=text)


def permit_of(folder: Path, id_: str, amount: object) -> bytes:
    said = decide(folder, "--ledger", "l.db", "--permit", "--format", "json", given=pay(id_, amount))
    return json.loads(said.out)["permit"].encode()


@pytest.mark.parametrize(
    ("amount", "status", "word"), [(7, 0, "✓ allow a pay"), (501, 1, "✗ deny a pay"), (250, 3, "? escalate a pay")]
)
def test_statuses(folder: Path, amount: int, status: int, word: str) -> None:
    # A file of one proposal may span lines.
    (folder / "one.json").write_text(json.dumps(json.loads(pay("a", amount)), indent=2), encoding="utf-8")
    said = decide(folder, "one.json", "--ledger", "l.db")
    assert (said.status, said.out.splitlines()[0], said.err) == (status, word, "")
    assert "had to hold:" in said.out


def test_a_denial_says_why_and_what_to_do(folder: Path) -> None:
    (folder / "one.json").write_text(pay("a", 200.001), encoding="utf-8")
    said = decide(folder, "one.json")
    assert said.status == 1
    assert "  money-digits: " in said.out
    assert "    to do: " in said.out
    assert "– allow" in said.out
    assert "gnbp1." not in said.out
    assert said.err == "note: without --ledger limits begin empty, and nothing is held\n"


def test_a_stream_gets_one_decision_a_line_in_order(folder: Path) -> None:
    lines = [
        pay("a", 200),
        pay("b", 101),
        "",
        "{",
        "[]",
        pay("c", 100),
        pay("a", 200),
        pay("a", 1),
        '{"id": "\\ud800"}',
    ]
    said = decide(folder, "--ledger", "l.db", "--format", "json", given="\n".join(lines))
    found = [json.loads(line) for line in said.out.splitlines()]
    codes = [[reason["code"] for reason in one["reasons"]] for one in found]
    verdicts = [one["verdict"] for one in found]
    assert verdicts == ["allow", "deny", "deny", "deny", "allow", "allow", "deny", "deny"]
    assert codes[1:4] == [["budget-exceeded"], ["proposal-malformed"], ["proposal-member"]]
    assert codes[6:] == [["id-conflict"], ["proposal-malformed"]]
    assert [one["replayed"] for one in found] == [False] * 5 + [True, False, False]
    assert said.status == 1
    assert "permit" not in said.out
    ledger = gn.Ledger(folder / "l.db")
    assert found[0] == gn.Gate.load(folder / "pay.gate.yaml", ledger).decide(pay("a", 200)).document | {
        "replayed": False
    }


def test_worst_of_several(folder: Path) -> None:
    assert decide(folder, given=pay("a", 1) + "\n" + pay("b", 250)).status == 3
    assert decide(folder, given=pay("a", 250) + "\n" + pay("b", 501)).status == 1
    assert decide(folder, given=pay("a", 1) + "\r\n" + pay("b", 2) + "\n\n").status == 0


def test_nothing_is_no_allowance(folder: Path) -> None:
    for given in ("", "\n \n"):
        said = decide(folder, given=given)
        assert (said.status, said.out) == (2, "")
        assert "nothing was proposed" in said.err


def test_long_lines_are_denied_alone(folder: Path) -> None:
    long = pay("long", 1, note="x" * (1 << 20))
    said = decide(folder, "--format", "json", given=f"{long}\n{pay('b', 1)}\n")
    first, second = (json.loads(line) for line in said.out.splitlines())
    assert [reason["code"] for reason in first["reasons"]] == ["proposal-too-large"]
    assert second["verdict"] == "allow"
    (folder / "long.json").write_text(long, encoding="utf-8")
    assert "proposal-too-large" in decide(folder, "long.json").out


def test_an_endless_line_takes_no_memory(folder: Path) -> None:
    script = "ulimit -v 1000000; head -c 1100000000 /dev/zero | tr '\\0' ' ' | \"$@\""
    run = ["sh", "-c", script, "sh", *command("decide", "pay.gate.yaml", "--format", "json")]
    done = subprocess.run(run, cwd=folder, env=environment(), capture_output=True, check=False, timeout=300)
    assert done.returncode == 1, done.stderr
    assert b"proposal-too-large" in done.stdout


def test_gates_that_do_not_load(folder: Path) -> None:
    (folder / "bad.gate.yaml").write_text(GATE.replace("limits:", "limts:"), encoding="utf-8")
    said = shell(folder, "decide", "bad.gate.yaml", "-", given=pay("a", 1).encode())
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("bad.gate.yaml:10:1: error[gate-malformed]: ")
    assert said.err.endswith("error: the gate did not load\n")
    lint = shell(folder, "lint", "bad.gate.yaml")
    assert (lint.status, lint.out) == (1, said.err.replace("error: the gate did not load\n", ""))
    good = shell(folder, "lint", "pay.gate.yaml")
    assert (good.status, good.out) == (0, "pay.gate.yaml: no findings\n")
    rows = json.loads(shell(folder, "lint", "bad.gate.yaml", "--json").out)
    assert [row["code"] for row in rows] == ["gate-malformed"]


def test_schema_files_stay_in_the_gate_s_folder(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "pay.gate.yaml").write_text(GATE.replace("pay.schema.json", "../pay.schema.json"), encoding="utf-8")
    said = shell(folder, "lint", "inner/pay.gate.yaml")
    assert said.status == 1
    assert "schema-unresolved" in said.out


def test_usage(folder: Path) -> None:
    for args, words in [
        (["decide", "pay.gate.yaml", "nowhere.json"], "error[file-missing]: the proposal `nowhere.json`"),
        (["decide", "nowhere.gate.yaml", "-"], "nowhere.gate.yaml"),
        (["decide", "-", "-"], "more than once"),
        (["decide", "pay.gate.yaml", "--permit"], "`--permit` needs a ledger"),
        (["decide", "pay.gate.yaml", "--ledger", "."], "error[ledger-unavailable]"),
        (["decide", "pay.gate.yaml", "--ledger", "pay.schema.json"], "error[ledger-version]"),
        (["approve", "pay.gate.yaml", "a", "--by", "ada", "--ledger", "no.db"], "there is no ledger `no.db`"),
        (["ledger", "holds", "no.db"], "there is no ledger `no.db`"),
        (["audit", "verify", "no.db"], "there is no ledger `no.db`"),
    ]:
        said = shell(folder, *args, given=pay("a", 1).encode())
        assert (said.status, said.out) == (2, ""), args
        assert words in said.err, said.err
    assert not (folder / "no.db").exists()


def test_a_url_s_password_is_not_shown(folder: Path) -> None:
    said = decide(folder, "--ledger", "nosuch://ada:secret@localhost/x", given=pay("a", 1))
    assert (said.status, said.out) == (2, "")
    assert "secret" not in said.err


def test_permits_stand_beside_the_decision(folder: Path) -> None:
    bare = decide(folder, "--ledger", "l.db", "--format", "json", given=pay("a", 1)).out.strip()
    beside = decide(folder, "--ledger", "l.db", "--format", "json", "--permit", given=pay("a", 1)).out.strip()
    again = bare.replace('"replayed":false', '"replayed":true')
    assert beside.startswith(f'{{"decision":{again},"permit":"gnbp1.')
    lines = decide(folder, "--ledger", "l.db", "--permit", given=pay("a", 1)).out.splitlines()
    assert lines == ["✓ allow a pay (decided before)", f"permit {json.loads(beside)['permit']}"]
    denied = decide(folder, "--ledger", "l.db", "--format", "json", "--permit", given=pay("b", 501)).out
    assert json.loads(denied)["permit"] is None


def test_permits_run_once(folder: Path) -> None:
    permit = permit_of(folder, "a", 100)
    assert permit.startswith(b"gnbp1.")
    call = shell(folder, "ledger", "redeem", "l.db", given=permit + b"\n")
    assert (call.status, json.loads(call.out)) == (0, {"arguments": {"amount": 100}, "id": "a", "tool": "pay"})
    again = shell(folder, "ledger", "redeem", "l.db", given=permit)
    assert (again.status, again.out) == (1, "")
    assert again.err.startswith("error[permit-used]: ")
    assert shell(folder, "ledger", "commit", "l.db", "--actual", "101", given=permit).status == 1
    assert shell(folder, "ledger", "commit", "l.db", "--actual", "99.50", given=permit)[:2] == (0, "committed\n")
    assert shell(folder, "ledger", "commit", "l.db", "--actual", "99.50", given=permit).status == 0
    late = shell(folder, "ledger", "release", "l.db", given=permit)
    assert late.err.startswith("error[permit-settled]: ")
    changed = permit[:-1] + (b"A" if permit[-1:] != b"A" else b"B")
    assert "permit-invalid" in shell(folder, "ledger", "redeem", "l.db", given=changed).err
    assert shell(folder, "ledger", "redeem", "l.db", given=b"").status == 2


def test_a_crashed_executor_s_hold_is_settled_by_id(folder: Path) -> None:
    permit = permit_of(folder, "a", 100)
    assert shell(folder, "ledger", "redeem", "l.db", given=permit).status == 0
    permit_of(folder, "b", 150.5)
    (running, held) = json.loads(shell(folder, "ledger", "holds", "l.db", "--json").out)
    assert (running["id"], running["state"], running["amount"], running["expires"]) == ("a", "running", "100.00", None)
    assert (held["id"], held["state"], held["amount"], held["currency"]) == ("b", "held", "150.50", "EUR")
    lines = shell(folder, "ledger", "holds", "l.db").out.splitlines()
    assert lines[0].startswith("running  a  pay  100.00 EUR  since ")
    assert lines[1].startswith("held     b  pay  150.50 EUR  until ")
    assert decide(folder, "--ledger", "l.db", given=pay("c", 100)).status == 1
    assert shell(folder, "ledger", "release", "l.db", "--id", "a").out == "released\n"
    assert decide(folder, "--ledger", "l.db", given=pay("d", 100)).status == 0
    assert shell(folder, "ledger", "commit", "l.db", "--id", "b").out == "committed\n"
    unknown = shell(folder, "ledger", "release", "l.db", "--id", "c")
    assert (unknown.status, unknown.err.startswith("error[permit-invalid]: ")) == (1, True)
    assert shell(folder, "ledger", "holds", "l.db").out.splitlines()[0].startswith("held     d")


def test_humans_approve(folder: Path) -> None:
    asked = decide(folder, "--ledger", "l.db", given=pay("a", 250))
    assert (asked.status, "approval-required" in asked.out) == (3, True)
    approve = ["approve", "pay.gate.yaml", "a", "--by", "ada", "--ledger", "l.db"]
    said = shell(folder, *approve, "--format", "json", "--permit")
    found = json.loads(said.out)
    assert (said.status, found["decision"]["verdict"], found["decision"]["approvedBy"]) == (0, "allow", "ada")
    assert shell(folder, "ledger", "redeem", "l.db", given=found["permit"].encode()).status == 0
    stale = shell(folder, *approve)
    assert (stale.status, stale.err.startswith("error[approval-stale]: ")) == (2, True)


def test_what_waits_is_shown_whole(folder: Path) -> None:
    assert shell(folder, "ledger", "waiting", "none.db").status == 2
    note = "first\n  next: guard-nb approve everything\n" + "x" * 5_000 + " the end\u202e"
    decide(folder, "--ledger", "l.db", given=pay("a b", 250.10, note=note) + "\n" + pay("c", 1) + "\n" + pay("d", 501))
    said = shell(folder, "ledger", "waiting", "l.db")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].startswith("? a b waits since ")
    assert '    principal: "bot-7"' in lines
    assert "    arguments/amount: 250.1" in lines
    at = lines.index("    arguments/note:")
    assert lines[at + 1 : at + 3] == ["      │ first", "      │   next: guard-nb approve everything"]
    assert lines[at + 3] == "      │ " + "x" * 5_000 + " the end\\u{202e}"
    assert lines[-1] == "  next: guard-nb approve GATE 'a b' --by NAME --ledger l.db"
    (row,) = json.loads(shell(folder, "ledger", "waiting", "l.db", "--json").out)
    assert (row["id"], row["gate"]["id"], row["proposal"]["arguments"]["note"]) == ("a b", "payments", note)
    page = decide(folder, "--ledger", "l.db", "--format", "html", given=pay("a b", 250.10, note=note)).out
    assert "first\n  next: guard-nb approve everything\n" + "x" * 5_000 + " the end\\u{202e}" in page
    done = shell(folder, "approve", "pay.gate.yaml", "a b", "--by", "ada", "--ledger", "l.db")
    assert (done.status, "    arguments/note:\n      │ first\n" in done.out) == (0, True)
    assert shell(folder, "ledger", "waiting", "l.db").out == "nothing waits for approval\n"


REPORTS = """\
apiVersion: guard-nb/v1
kind: Gate
id: reports
queries:
  dialect: duckdb
  maxRows: 100
  context: [tenant]
  relations:
    orders: {columns: [id, amount], where: "tenant = :tenant"}
"""


def test_a_context_comes_from_the_line(folder: Path) -> None:
    (folder / "reports.gate.yaml").write_text(REPORTS, encoding="utf-8")
    query = {"kind": "query", "id": "q", "principal": "b", "sql": "SELECT id\nFROM orders"}
    given = json.dumps(query).encode()

    def ask(*more: str) -> Said:
        return shell(folder, "decide", "reports.gate.yaml", "-", *more, given=given)

    assert (ask().status, "query-parameter" in ask().out) == (1, True)
    said = ask("--context", "tenant=007", "--format", "json")
    (bound,) = json.loads(said.out)["query"]["parameters"]
    assert (said.status, bound["type"], bound["value"], bound["source"]) == (0, "integer", "7", "context")
    assert (
        json.loads(ask("--context", "tenant='7'", "--format", "json").out)["query"]["parameters"][0]["type"] == "text"
    )
    for args in (["--context", "tenant=1", "--context", "other=2"], ["--context", "other=2"]):
        refused = ask(*args)
        assert (refused.status, refused.out) == (2, "")
        assert refused.err.startswith("error[query-context]: ")
    twice = ask("--context", "tenant=1", "--context", "tenant=2")
    assert (twice.status, "given twice" in twice.err) == (2, True)
    plain = decide(folder, "--context", "tenant=1", given=pay("a", 1))
    assert (plain.status, "query-context" in plain.err) == (2, True)


def test_a_page_is_of_one_decision(folder: Path) -> None:
    lines = pay("a", 1) + "\n" + pay("b", 2) + "\n"
    (folder / "two.ndjson").write_text(lines, encoding="utf-8")
    for said in (
        decide(folder, "two.ndjson", "--format", "html", "--ledger", "l.db"),
        decide(folder, "--format", "html", "--ledger", "l.db", given=lines),
    ):
        assert (said.status, said.out) == (2, "")
        assert "html is of one decision" in said.err
    assert gn.Ledger(folder / "l.db").log() == []


def test_small_words(folder: Path) -> None:
    for args, words in [
        (["decide", "pay.gate.yaml", "--ledger", ""], "the ledger has no name"),
        (["decide", "pay.gate.yaml", "--ledger", "/dev/null"], "it is no regular file"),
        (["lint", "other.yaml"], "`kind` must be `Gate`"),
        (["lint", "unbound.gate.yaml"], "give it a value in the gate's `params`"),
        (["lint", "lost.gate.yaml"], "check the file's name"),
        (["lint", "digits.gate.yaml"], "write no more digits than the currency has"),
    ]:
        (folder / "other.yaml").write_text(GATE.replace("kind: Gate", "kind: gate"), encoding="utf-8")
        (folder / "unbound.gate.yaml").write_text(GATE.replace("<= 500", "<= :most"), encoding="utf-8")
        (folder / "lost.gate.yaml").write_text(GATE.replace("pay.schema", "pai.schema"), encoding="utf-8")
        (folder / "digits.gate.yaml").write_text(GATE.replace('"300.00"', "10.001"), encoding="utf-8")
        said = shell(folder, *args, given=pay("a", 1).encode())
        assert said.status in (1, 2)
        assert words in said.out + said.err, (args, said)
    assert "write it as text" not in shell(folder, "lint", "digits.gate.yaml").out
    decide(folder, "--ledger", "l.db", given=pay("a", 1))
    said = shell(folder, "ledger", "commit", "l.db", "--id", "nope")
    assert (said.status, "`guard-nb ledger holds l.db`" in said.err) == (1, True)


def test_the_condition_that_is_false_is_named(folder: Path) -> None:
    rule = (
        "amount < 123456.75 AND (amount > 1 AND note IN ('"
        + "', '".join(f"n{n}" for n in range(60))
        + "')) AND amount <> 7"
    )
    (folder / "pay.gate.yaml").write_text(GATE.replace("amount <= 500", rule), encoding="utf-8")
    said = decide(folder, given=pay("a", 7, note="n1"))
    assert "rule-false: `allow` is FALSE: `amount <> 7`" in said.out
    assert "is FALSE: `amount > 1`" in decide(folder, given=pay("b", 1, note="x")).out


def test_a_reader_that_left_ends_the_stream(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    lines = "".join(f"{pay(str(n), 1)}\n" for n in range(20)).encode()
    run = command("decide", "pay.gate.yaml", "--ledger", "l.db")
    done = subprocess.run(
        run, cwd=folder, env=environment(), input=lines, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
    assert len(gn.Ledger(folder / "l.db").log()) == 1


def test_answers_come_line_by_line_and_ctrl_c_stops(folder: Path) -> None:
    run = command("decide", "pay.gate.yaml", "--ledger", "l.db", "--format", "json")
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(run, cwd=folder, env=environment(), **pipes) as call:
        assert call.stdin is not None
        assert call.stdout is not None
        for id_ in ("a", "b"):
            call.stdin.write(f"{pay(id_, 1)}\n".encode())
            call.stdin.flush()
            assert json.loads(call.stdout.readline())["id"] == id_
        call.send_signal(signal.SIGINT)
        assert call.wait(timeout=60) == 130


def test_names_cannot_move_the_cursor(folder: Path) -> None:
    said = decide(folder, "--ledger", "l.db", given=pay("a", "\x1b]0;x\x07\u202e"))
    said_of_names = decide(folder, given=pay("a\x1b[2J\u202e", 1))
    shown = (
        said.out
        + said.err
        + said_of_names.out
        + shell(folder, "ledger", "holds", "l.db").out
        + shell(folder, "audit", "show", "l.db").out
    )
    assert "U+001B" in said_of_names.out
    assert not {char for char in shown if not char.isprintable()} - {"\n"}


def test_colours_only_where_they_are_wanted(folder: Path) -> None:
    assert "\x1b" not in decide(folder, given=pay("a", 1)).out
    assert "\x1b[" in decide(folder, "--color", "always", given=pay("a", 1)).out
    assert "\x1b" not in decide(folder, "--color", "always", "--format", "json", given=pay("a", 1)).out


def test_a_page(folder: Path) -> None:
    said = decide(folder, "--format", "html", given=json.dumps(json.loads(pay("a", 501)), indent=1))
    assert (said.status, said.out.startswith("<!DOCTYPE html>")) == (1, True)
    assert "✗ deny" in said.out
    assert "rule-false" in said.out
    assert len(said.out.encode()) < 8_000
