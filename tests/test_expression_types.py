"""Every operator and function over operands of every type: the package refuses with the oracle's code or gives its type."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

import guard_nb as gn
from arrow_frames import table
from generate_expressions import COLUMNS
from oracle.arrow import Frame, parse_type
from oracle.expression.evaluate import Names, bind
from oracle.expression.functions import TABLE
from oracle.expression.parse import parse
from oracle.expression.values import Type
from oracle.values import Refused

_MORE = [("aa", "list<list<int64>>"), ("ax", "list<float64>"), ("at", "list<timestamp(ms)>"), ("ad", "list<date32>")]
_COLUMNS = [(name, kind) for name, kind, *_ in COLUMNS] + _MORE
FRAME = Frame([name for name, _ in _COLUMNS], [parse_type(kind) for _, kind in _COLUMNS], [[] for _ in _COLUMNS], 0)
EMPTY, NAMES = table(FRAME), Names(dict(zip(FRAME.names, FRAME.types, strict=True)))
_LITERALS = """NULL; -NULL; coalesce(NULL); 12; 1.50; 1e0; TRUE; 'a'; 'UTC'; 'month'; 'hour'; 'isoyear'; 'g'; '(a)'; '2024-02-29'
    '2024-02-29 10:00:00'; '10:00:00'; upper('a'); DATE '2024-02-29'; TIME '12:00:00'; TIMESTAMP '2024-02-29 12:30:45.5'; TIMESTAMP '2024-02-29 12:30:45Z'
    TIMESTAMP '2026-01-31 00:00:00.000000001'; INTERVAL '1 day'; INTERVAL '1 hour'; INTERVAL '1 month'; []; [NULL]; [1, 2]; ['a']; [1.5]; [x]; unhex('61')
    CAST(NULL AS BIGINT); CAST(NULL AS VARCHAR); CAST(NULL AS DATE)"""
LEAVES = [*FRAME.names, *(text.strip() for text in re.split(r"[;\n]", _LITERALS))]
_CASTS = "BIGINT; TINYINT; SMALLINT; INTEGER; DECIMAL; DOUBLE; VARCHAR; BLOB; DATE; TIME; TIMESTAMP; BOOLEAN"
OPERATORS = """_ + _; _ - _; _ * _; _ / _; _ % _; _ // _; _ || _; _ = _; _ < _; _ IS DISTINCT FROM _; _ AND _; _ OR _; _ LIKE _; _ ILIKE _; _ IN (_); _ IN (_, _)
    coalesce(_, _); nullif(_, _); CASE WHEN b THEN _ ELSE _ END; CASE WHEN _ THEN _ ELSE _ END; CASE _ WHEN _ THEN 1 END; [_, _]; _ AT TIME ZONE _; -_; +_; NOT _; _ IS NULL
    _ IS TRUE; [_]; (_).a; (_)[1]; (_)[_]; _ BETWEEN _ AND _; coalesce(_, _, _); EXTRACT(YEAR FROM _); EXTRACT(HOUR FROM _); string_concat(_, _); like(_, _); ilike(_, _, _)
    CAST(_ AS TIMESTAMP WITH TIME ZONE); CAST(_ AS DECIMAL(38, 20)); TRY_CAST(_ AS BIGINT); if(_, _, _)"""
FORMS = [form.strip() for form in re.split(r"[;\n]", OPERATORS)] + [f"CAST(_ AS {kind})" for kind in _CASTS.split("; ")]


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """An operator or a function, called with as many leaves as it takes, now and then with one more."""
    form = draw(st.sampled_from([*FORMS, *sorted(TABLE)]))
    if form in TABLE:
        params = TABLE[form].params
        least = sum("?" not in param for param in params)
        form += "(" + ", ".join("_" * draw(st.integers(least, len(params) + draw(st.integers(0, 9)) // 9))) + ")"
    return "".join(draw(st.sampled_from(LEAVES)) if part == "_" else part for part in re.split(r"\b(_)\b", form))


def shown(kind: Type) -> str:
    """As the package writes it, without precisions and fields."""
    if kind.item is not None:
        return shown(kind.item) + "[]"
    return f"DECIMAL({kind.scale})" if kind.name == "DECIMAL" else kind.name


def native(text: str) -> str:
    """The package's code or type."""
    try:
        found = gn.explain(text, EMPTY).type
    except gn.ExpressionError as refused:
        return str(refused.code)
    found = re.sub(r"DECIMAL\(\d+, (\d+)\)", r"DECIMAL(\1)", re.sub(r"STRUCT\(.*?\)", "STRUCT", found))
    return found.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


def oracle(text: str) -> str:
    """The oracle's code or type."""
    try:
        return shown(bind(parse(text), NAMES).typed.type)
    except Refused as refused:
        return refused.code


@given(st.lists(expressions(), min_size=5, max_size=5))
def test_types_are_the_oracles(texts: list[str]) -> None:
    assert {text: native(text) for text in texts} == {text: oracle(text) for text in texts}
