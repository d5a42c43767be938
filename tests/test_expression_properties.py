"""Random row rules: the package judges as the oracle does, byte for byte, whatever the batches and parts."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

import guard_nb as gn
from arrow_frames import cut, table
from generate import cuts
from generate_expressions import Rules, rules
from oracle import Part, canonical, judge


def comparable(document: dict[str, Any]) -> bytes:
    """Canonical bytes without reasons, whose words are free."""
    clauses = [{key: value for key, value in clause.items() if key != "reason"} for clause in document["clauses"]]
    return canonical(document | {"clauses": clauses})


def native(case: Rules, batch: int | None = None) -> str:
    """The package's document."""
    text: str = gn.Contract.loads(case.contract).check(table(case.frame, batch)).to_json()
    return text


def differences(found: dict[str, Any], expected: dict[str, Any], case: Rules) -> list[str]:
    """What differs, clause by clause, to be read by people."""
    out = []
    for mine, other in zip(found["clauses"], expected["clauses"], strict=False):
        keys = [key for key in {*mine, *other} - {"reason"} if mine.get(key) != other.get(key)]
        text = case.expressions[int(mine["id"].rpartition(".q")[2])] if ".quality.q" in mine["id"] else ""
        out += [f"{mine['id']} {text}: {key}: found {mine.get(key)}, expected {other.get(key)}" for key in keys]
    return out


@given(rules())
def test_native_is_oracle(case: Rules) -> None:
    expected = judge(case.contract, [Part(case.frame)])
    found = json.loads(native(case))
    for line in differences(found, expected, case):
        note(line)
    assert comparable(found) == comparable(expected)


@given(rules(), st.integers(1, 4))
def test_batches_do_not_matter(case: Rules, batch: int) -> None:
    assert native(case, batch) == native(case)


@given(st.data())
def test_parts_do_not_matter(data: st.DataObject) -> None:
    case = data.draw(rules())
    contract = gn.Contract.loads(case.contract)
    parts = [
        contract.partial(table(cut(case.frame, *span)), start=span[0]) for span in data.draw(cuts(case.frame.rows))
    ]
    assert gn.merge(*parts).verdict().to_json() == native(case)


def test_rules_mostly_run() -> None:
    """What is generated is worth judging: most rules are neither refused nor fault everywhere."""
    outcomes: list[str] = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(rules())
    def collect(case: Rules) -> None:
        document = judge(case.contract, [Part(case.frame)])
        outcomes.extend(
            clause.get("code") or clause["outcome"] for clause in document["clauses"] if ".quality." in clause["id"]
        )

    collect()
    refused = sum(code in ("operand-types", "argument-types", "cast-type", "column-unknown") for code in outcomes)
    assert refused < len(outcomes) / 2
    assert {"pass", "rule-violated", "metric-out-of-range"} <= set(outcomes)
    assert (
        len(
            {"cast-failed", "arithmetic-overflow", "division-by-zero", "result-not-finite", "argument-out-of-range"}
            & set(outcomes)
        )
        >= 2
    )
