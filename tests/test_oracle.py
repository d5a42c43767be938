"""The oracle agrees with each vector's hand-written expectation."""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrow_frames import cut, table
from generate import Case, cases, cuts
from oracle import OracleError, Part, canonical, judge
from oracle.canonical import es6, shortest
from oracle.checks import ecma
from vector_reader import Vector, faults, read_all

VECTORS = read_all()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_expected_lines(vector: Vector) -> None:
    assert all((vector.contract, vector.parts, vector.expected))
    given = (
        vector.contract,
        vector.parts,
        vector.options.get("object"),
        vector.references,
        vector.options.get("as_of"),
        vector.params,
    )
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


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("0.10", "0.1"),
        ("1e-1", "0.1"),
        ("-12.50", "-12.5"),
        ("1e-41", "1e-41"),
        ("9007199254740993.0", "9007199254740993"),
    ],
)
def test_equal_numbers_have_one_spelling(digits: str, text: str) -> None:
    assert shortest(digits) == text


def test_canonical_bytes() -> None:
    tree = {"\ufb33": 1, "\U0001f600": 2, "a": [True, None, '\x1f\u20ac"\\/\n'], "": {}}
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


@settings(max_examples=100)
@given(st.data())
def test_parts_in_any_order_are_the_whole(data: st.DataObject) -> None:
    case = data.draw(cases())
    whole = judge(case.contract, [Part(case.frame)], None, case.references, case.as_of)
    parts = [Part(cut(case.frame, *span), "", span[0]) for span in data.draw(cuts(case.frame.rows))]
    assert canonical(judge(case.contract, parts, None, case.references, case.as_of)) == canonical(whole)
    counts = whole["records"]
    assert counts["total"] == counts["accepted"] + counts["rejected"] + counts["unknown"] == case.frame.rows
    assert all(len(clause.get("evidence", [])) == min(5, clause.get("failing", 0)) for clause in whole["clauses"])
    assert len({clause["id"] for clause in whole["clauses"]}) == len(whole["clauses"])


@settings(max_examples=100)
@given(cases())
def test_frames_are_arrow_tables(case: Case) -> None:
    found = table(case.frame)
    assert found.num_rows == case.frame.rows
    assert found.column_names == case.frame.names


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_vectors_are_arrow_tables(vector: Vector) -> None:
    for frame in [*(part.frame for part in vector.parts), *vector.references.values()]:
        assert table(frame).num_rows == frame.rows


def test_every_code_of_data_plans_and_expressions_has_a_case() -> None:
    tests = Path(__file__).parent
    sources = [
        (tests.parent / "rust/verdict/src/codes" / name).read_text(encoding="utf-8")
        for name in ("data.rs", "plan.rs", "expression.rs")
    ]
    codes = {code for source in sources for code in re.findall(r'^ +[A-Z_]+ = "([a-z-]+)"', source, re.MULTILINE)}
    fired = {word for vector in VECTORS for line in vector.expected if line[:1].strip() for word in line.split()}
    listed = (tests / "vectors/README.md").read_text(encoding="utf-8").partition("## Codes without a case")[2]
    excused = set(re.findall(r"^\| `([a-z-]+)` \|", listed, re.MULTILINE))
    assert codes - fired == excused


def test_the_oracle_stands_alone() -> None:
    allowed = {"oracle", "sqlglot", "yaml", *sys.stdlib_module_names}
    for path in (Path(__file__).parent / "oracle").rglob("*.py"):
        imported = re.findall(r"^(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(imported) <= allowed, path.name
