"""The package gives each vector's expected lines, and byte for byte the oracle's document."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

import guard_nb as gn
from arrow_frames import cut, table
from oracle import Part, canonical, judge
from vector_reader import Vector, faults, read_all

VECTORS = read_all()
DECIDED = [vector for vector in VECTORS if not vector.expected[0].startswith("error: ")]
REFUSED = [vector for vector in VECTORS if vector.expected[0].startswith("error: ")]
WHOLE = [
    vector for vector in DECIDED if len(vector.parts) == 1 and vector.parts[0].start == 0 and not vector.parts[0].source
]


def given(vector: Vector) -> dict[str, Any]:
    """Keyword arguments of `check` and `partial`."""
    references = {name: table(frame) for name, frame in vector.references.items()}
    options: dict[str, Any] = {"references": references} if references else {}
    options |= {"params": vector.params} if vector.params else {}
    return options | {name: vector.options[name] for name in ("object", "as_of") if name in vector.options}


def partials(vector: Vector, parts: list[Part]) -> Any:
    """The merged verdict of the parts, in the order given."""
    contract = gn.Contract.loads(vector.contract)
    made = [
        contract.partial(table(part.frame), source=part.source, start=part.start, **given(vector)) for part in parts
    ]
    return gn.merge(*made).verdict()


def comparable(text: str) -> bytes:
    """The document without its reasons, whose words are free; that they are there is compared."""
    document = json.loads(text)
    for clause in document["clauses"]:
        if "reason" in clause:
            assert clause["reason"]
            clause["reason"] = "…"
    return canonical(document)


def expected(vector: Vector) -> bytes:
    """The oracle's document in the same form."""
    document = judge(
        vector.contract,
        vector.parts,
        vector.options.get("object"),
        vector.references,
        vector.options.get("as_of"),
        vector.params,
    )
    return comparable(canonical(document).decode())


@pytest.mark.parametrize("vector", WHOLE, ids=lambda vector: vector.name)
def test_check(vector: Vector) -> None:
    found = gn.Contract.loads(vector.contract).check(table(vector.parts[0].frame), **given(vector)).to_json()
    assert faults(vector.expected, json.loads(found)) == []
    assert comparable(found) == expected(vector)
    assert canonical(json.loads(found)) == found.encode()


@pytest.mark.parametrize("vector", DECIDED, ids=lambda vector: vector.name)
def test_merged_parts(vector: Vector) -> None:
    found = partials(vector, vector.parts).to_json()
    assert faults(vector.expected, json.loads(found)) == []
    assert comparable(found) == expected(vector)
    assert partials(vector, vector.parts[::-1]).to_json() == found


@pytest.mark.parametrize("vector", WHOLE, ids=lambda vector: vector.name)
def test_a_part_for_each_record_in_any_order_gives_the_same_bytes(vector: Vector) -> None:
    frame = vector.parts[0].frame
    parts = [Part(cut(frame, row, row + 1), "", row) for row in range(frame.rows)] or [Part(frame)]
    random.Random(vector.name).shuffle(parts)
    whole = gn.Contract.loads(vector.contract).check(table(frame), **given(vector))
    assert partials(vector, parts).to_json() == whole.to_json()


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector.name)
def test_no_verdict(vector: Vector) -> None:
    code = vector.expected[0].removeprefix("error: ")
    with pytest.raises(Exception) as raised:  # noqa: PT011
        partials(vector, vector.parts)
    assert code in (getattr(raised.value, "code", None), str(raised.value)) or code in str(raised.value)
