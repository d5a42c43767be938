"""Texts that have no UTF-8, and arguments that are no texts: errors of this package, or a TypeError that names the argument."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import guard_nb as gn

GUARD = gn.Contract.loads(
    "{apiVersion: v3.1.0, kind: DataContract, id: bad, version: 1.0.0, status: active,"
    " schema: [{name: t, properties: [{name: a}]}]}"
)
FRAME = pl.DataFrame({"a": [1]})
HALF = "\ud800"

TEXTS: dict[str, Any] = {
    "variables": lambda bad: gn.Contract.loads("id: ${x}", {"x": bad}),
    "object": lambda bad: GUARD.check(FRAME, bad),
    "source": lambda bad: GUARD.partial(FRAME, bad),
    "references": lambda bad: GUARD.check(FRAME, references={bad: FRAME}),
    "name": lambda bad: gn.Contract.infer(FRAME, name=bad),
    "id": lambda bad: gn.Contract.infer(FRAME, id=bad),
    "input_object": lambda bad: gn.Transform("SELECT a FROM input", input=GUARD, input_object=bad),
    "output_object": lambda bad: gn.Transform("SELECT a FROM input", output=GUARD, output_object=bad),
    "table": lambda bad: gn.Transform("SELECT a FROM input", input=FRAME, table=bad),
}


@pytest.mark.parametrize("argument", TEXTS)
def test_texts_that_are_no_unicode_and_what_is_no_text(argument: str) -> None:
    with pytest.raises(gn.UsageError, match=rf"text-unreadable: .*`{argument}` holds U\+D800") as caught:
        TEXTS[argument](HALF)
    str(caught.value).encode("utf-8")
    with pytest.raises(TypeError, match=f"`{argument}` must be a str, not `int`"):
        TEXTS[argument](5)


def test_expressions_that_are_no_unicode_or_no_text() -> None:
    for argument, call in (("text", gn.explain), ("sql", lambda text: gn.Transform(text, input=FRAME))):
        with pytest.raises(gn.ExpressionError, match="U\\+D800") as caught:
            call(f"SELECT\n  '{HALF}'")
        assert (caught.value.line, caught.value.column) == (2, 4)
        assert "  2 |   '\ufffd'\n    |    ^" in str(caught.value)
        with pytest.raises(TypeError, match=f"`{argument}` must be a str, not `bytes`"):
            call(b"a")
    with pytest.raises(TypeError, match="`output` must be a Contract"):
        gn.Transform("SELECT a FROM input", input=FRAME, output="orders")  # type: ignore[arg-type]


@pytest.mark.parametrize("params", [{HALF: 1}, {"x": HALF}, {"x": [HALF]}])
def test_parameters_that_are_no_unicode(params: dict[str, object]) -> None:
    for call in (GUARD.check, lambda data, params: gn.Transform("SELECT :x AS x FROM input", params=params)):
        with pytest.raises(gn.UsageError, match="-unreadable") as caught:
            call(FRAME, params=params)
        str(caught.value).encode("utf-8")


def test_contracts_and_files_that_are_no_unicode() -> None:
    with pytest.raises(gn.ContractError, match="1:5 error: the text holds U\\+DFFF"):
        gn.Contract.loads("id: \udfff")
    assert [(found.line, found.column) for found in gn.lint("a: 1\nb: \udfff")] == [(2, 4)]
    for call in (gn.Contract.load, gn.Transform.load, gn.guard):
        for name in (HALF, "a\0b"):
            with pytest.raises(gn.UsageError, match=r"contract-|transform-unreadable") as caught:
                call(name)
            str(caught.value).encode("utf-8")
    with pytest.raises(gn.UsageError, match="text-unreadable"):
        gn.Verdict.from_json(HALF)
    with pytest.raises(gn.UsageError, match="text-unreadable"):
        gn.Transform.loads(HALF)
