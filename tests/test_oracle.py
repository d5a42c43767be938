"""The oracle agrees with each vector's hand-written expectation."""

from __future__ import annotations

import json
import random

import pytest
from oracle import OracleError, canonical, judge
from oracle.canonical import es6
from oracle.checks import ecma
from vector_reader import Vector, faults, read_all

VECTORS = read_all()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_expected_lines(vector: Vector) -> None:
    assert vector.contract and vector.parts and vector.expected
    given = (vector.contract, vector.parts, vector.options.get("object"), vector.references, vector.options.get("as_of"))
    if vector.expected[0].startswith("error: "):
        with pytest.raises(OracleError, match=vector.expected[0].removeprefix("error: ")):
            judge(*given)
    else:
        assert faults(vector.expected, judge(*given)) == []


@pytest.mark.parametrize("file", sorted({vector.file for vector in VECTORS}))
def test_each_file_has_a_case_that_lists_every_clause(file: str) -> None:
    heads = [vector.expected for vector in VECTORS if vector.file == file]
    assert any("…" not in lines for lines in heads)


def test_titles_are_unique() -> None:
    assert len({vector.name for vector in VECTORS}) == len(VECTORS)


def test_lines_can_fail() -> None:
    document = judge(VECTORS[0].contract, VECTORS[0].parts)
    assert faults([*VECTORS[0].expected, "t.nothing.required pass"], document)
    assert faults(["accept: 99 records, 99 accepted, 0 rejected, 0 unknown", "…"], document)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0, "0"), (-0.0, "0"), (5e-324, "5e-324"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-7, "1e-7"), (1e-6, "0.000001"),
     (333333333.33333329, "333333333.3333333"), (-1.5, "-1.5"), (9007199254740992.0, "9007199254740992"), (1.25e-10, "1.25e-10")],
)  # fmt: skip
def test_numbers_are_written_as_ecmascript_does(number: float, text: str) -> None:
    assert es6(number) == text


def test_numbers_survive() -> None:
    source = random.Random(8785)
    numbers = [source.uniform(-1, 1) * 10 ** source.randint(-300, 300) for _ in range(2000)]
    assert [float(es6(number)) for number in numbers] == numbers


def test_canonical_bytes() -> None:
    tree = {"\ufb33": 1, "\U0001f600": 2, "a": [True, None, "\x1f\u20ac\"\\/\n"], "": {}}
    text = '{"":{},"a":[true,null,"\\u001f€\\"\\\\/\\n"],"\U0001f600":2,"\ufb33":1}'
    assert canonical(tree) == text.encode()
    assert json.loads(canonical(tree)) == tree


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [("a.c", "a\u2028c", False), ("^a$", "a\n", False), (r"\d", "٣", False), (r"\s", "\u3000", True), (r"\w", "é", False),
     (r"^[\s]$", "\ufeff", True), (r"(?<x>b)", "abc", True), (r"[.]", "x", False), (r"[$]", "$", True), (r"\.", "x", False)],
)  # fmt: skip
def test_patterns_mean_what_ecma_262_says(pattern: str, text: str, found: bool) -> None:
    assert (ecma(pattern).search(text) is not None) == found
