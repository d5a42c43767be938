"""Laws over random contracts and frames: native = oracle, merging, batches, and what a split is."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

import guard_nb as gn
from arrow_frames import cut, table
from generate import Case, cases, cuts
from oracle import Part, canonical, judge


def options(case: Case) -> dict[str, Any]:
    """Keyword arguments of `check`, `partial` and `split`."""
    return {"references": {name: table(frame) for name, frame in case.references.items()}, "as_of": case.as_of}


def without_reasons(document: dict[str, Any]) -> bytes:
    """Canonical bytes, the free words of reasons left out."""
    clauses = [{key: value for key, value in clause.items() if key != "reason"} for clause in document["clauses"]]
    return canonical(document | {"clauses": clauses})


def check(case: Case, batch: int | None = None) -> str:
    """The native document."""
    text: str = gn.Contract.loads(case.contract).check(table(case.frame, batch), **options(case)).to_json()
    return text


@given(cases())
def test_native_is_oracle(case: Case) -> None:
    document = judge(case.contract, [Part(case.frame)], None, case.references, case.as_of)
    assert without_reasons(json.loads(check(case))) == without_reasons(document)


@given(cases(), st.integers(1, 4))
def test_batches_do_not_matter(case: Case, batch: int) -> None:
    assert check(case, batch) == check(case)


@given(st.data())
def test_parts_in_any_order_are_the_whole(data: st.DataObject) -> None:
    case = data.draw(cases())
    contract = gn.Contract.loads(case.contract)
    parts = [
        contract.partial(table(cut(case.frame, *span)), start=span[0], **options(case))
        for span in data.draw(cuts(case.frame.rows))
    ]
    assert gn.merge(*parts).verdict().to_json() == check(case)
    carried = [gn.Partial.from_bytes(part.to_bytes()) for part in parts]
    assert gn.merge(*carried).verdict().to_json() == check(case)


@given(st.data())
def test_merging_is_associative(data: st.DataObject) -> None:
    case = data.draw(cases())
    contract = gn.Contract.loads(case.contract)
    spans = data.draw(cuts(case.frame.rows))
    parts = [contract.partial(table(cut(case.frame, *span)), start=span[0], **options(case)) for span in spans]
    at = data.draw(st.integers(1, len(parts)))
    left = gn.merge(*parts[:at])
    merged = gn.merge(left, gn.merge(*parts[at:])) if parts[at:] else left
    assert merged.verdict().to_json() == check(case)


@given(cases())
def test_a_split_is_disjoint_complete_ordered_and_closed(case: Case) -> None:
    numbered = table(case.frame).append_column("_row", pa.array(range(case.frame.rows), pa.int64()))
    contract = gn.Contract.loads(case.contract)
    split = contract.split(numbered, **options(case))
    accepted, rejected = pa.table(split.accepted), pa.table(split.rejected)
    if "_row" in accepted.column_names:
        rows = accepted["_row"].to_pylist(), rejected["_row"].to_pylist()
        assert sorted(rows[0] + rows[1]) == list(range(case.frame.rows))
        assert all(part == sorted(part) for part in rows)
    assert accepted.num_rows + rejected.num_rows == case.frame.rows
    again = contract.check(accepted, **options(case))
    assert json.loads(again.to_json())["records"]["rejected"] == 0
