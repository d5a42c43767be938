"""Drafted contracts load without a finding, hold on the frame they came from, and say what they saw."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing.parametric import dataframes

import guard_nb.polars  # noqa: F401
from guard_nb import Contract
from guard_nb.errors import FrameError

# NUL is left out: a name ends there on its way through the Arrow C interface.
HOSTILE = [
    *[
        "",
        " ",
        "a: b",
        "- x",
        "#",
        "a #b",
        "null",
        "Null",
        "~",
        "yes",
        "No",
        "on",
        "n",
        "y",
        "true",
        "1",
        "1e3",
        "0x1F",
    ],
    *[
        "2026-01-01",
        ".inf",
        "NaN",
        "<<",
        "=",
        "'",
        '"',
        '\\"',
        "\\",
        "{a}",
        "[a]",
        "a, b",
        "&a",
        "*a",
        "!a",
        "!!str",
        "%a",
    ],
    *["@a", "`a`", "|", ">", "?", "---", "...", "${HOME}", "a.b", "a[]", "\n", "\r\n", "\t", "\x07", "\x7f", "\x85"],
    *["\u2028", "\ufeff", "\u202eevil", "é", "e\u0301", "名前", "😀", "\U000e0041", "\U0010ffff", "x" * 5000],
]


def sound(frame: Any, **options: Any) -> Contract:
    """The draft, once it has loaded without a finding and accepted the frame."""
    draft = Contract.infer(frame, **options)
    # An object in which nothing was seen has nothing to declare.
    assert [each for each in draft.lint() if each.code != "properties-undeclared"] == [], draft.to_yaml()
    verdict = draft.check(frame)
    assert verdict.status == "accept", f"{draft.to_yaml()}\n{verdict.clauses}"
    return draft


def properties(draft: Contract) -> dict[str, Any]:
    """The properties by name, as another YAML reader sees them."""
    return {entry["name"]: entry for entry in yaml.safe_load(draft.to_yaml())["schema"][0]["properties"]}


def arrow_types() -> list[tuple[pa.DataType, st.SearchStrategy[Any]]]:
    instants = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1))
    decimals = st.decimals(-9999, 9999, places=2)
    small = st.integers(-128, 127)
    texts = st.text(st.characters(codec="utf-8"), max_size=4)
    return [
        (pa.int8(), small),
        (pa.uint64(), st.integers(0, 2**64 - 1)),
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.float32(), st.floats(width=32)),
        (pa.float64(), st.floats()),
        (pa.decimal128(20, 2), decimals),
        (pa.decimal256(60, 2), decimals),
        (pa.decimal128(20, -2), st.integers(-99, 99).map(lambda n: Decimal(n) * 100)),
        (pa.bool_(), st.booleans()),
        (pa.string(), texts),
        (pa.large_string(), texts),
        (pa.string_view(), texts),
        (pa.binary(), st.binary(max_size=4)),
        (pa.binary(2), st.binary(min_size=2, max_size=2)),
        (pa.date32(), st.dates()),
        (pa.date64(), st.dates()),
        (pa.time32("s"), st.times().map(lambda time: time.replace(microsecond=0))),
        (pa.time64("us"), st.times()),
        (pa.timestamp("ns"), instants),
        (pa.timestamp("us", "Europe/Berlin"), instants),
        (pa.duration("us"), st.timedeltas(dt.timedelta(-9), dt.timedelta(9))),
        (pa.month_day_nano_interval(), st.tuples(small, small, small)),
        (pa.null(), st.none()),
        (pa.dictionary(pa.int8(), pa.string()), st.sampled_from("abc")),
        (pa.map_(pa.string(), pa.int8()), st.dictionaries(texts, small, max_size=2).map(lambda d: list(d.items()))),
    ]


@st.composite
def arrow_columns(draw: st.DrawFn, rows: int, depth: int = 2) -> pa.Array:
    """A column of any type, nested ones among them."""
    kind = draw(st.sampled_from(["scalar", "list", "struct", "fixed"] if depth else ["scalar"]))
    nulls = st.just(False) if draw(st.booleans()) else st.booleans()
    mask = draw(st.lists(nulls, min_size=rows, max_size=rows))
    if kind == "scalar":
        data_type, values = draw(st.sampled_from(arrow_types()))
        cells = draw(st.lists(values, min_size=rows, max_size=rows))
        return pa.array([None if null else cell for cell, null in zip(cells, mask, strict=True)], data_type)
    if kind == "struct":
        names = draw(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=2))
        fields = [draw(arrow_columns(rows, depth - 1)) for _ in names]
        return pa.StructArray.from_arrays(fields, names, mask=pa.array(mask, pa.bool_()))
    if kind == "fixed":
        return pa.FixedSizeListArray.from_arrays(draw(arrow_columns(2 * rows, depth - 1)), 2)
    lengths = draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    offsets = [sum(lengths[:end]) for end in range(rows + 1)]
    items = draw(arrow_columns(offsets[-1], depth - 1))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items, mask=pa.array(mask, pa.bool_()))


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)


@st.composite
def arrow_tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 8))
    names = draw(st.lists(st.one_of(st.sampled_from(HOSTILE), NAMES), max_size=4, unique=True))
    times = draw(st.sampled_from([1, 1, 12]))
    table = pa.table([draw(arrow_columns(rows)) for _ in names], names=names)
    return pa.concat_tables([table] * times)


@settings(max_examples=150)
@given(arrow_tables())
def test_a_draft_holds_on_every_arrow_frame(table: pa.Table) -> None:
    sound(table)


EXCLUDED = [pl.Int128, pl.UInt128, pl.Null, pl.Object]
NESTED = [pl.List, pl.Array, pl.Struct, pl.Categorical, pl.Enum]


@settings(max_examples=60)
@given(dataframes(max_cols=4, max_size=12, allow_null=True, excluded_dtypes=EXCLUDED))
def test_a_draft_holds_on_every_polars_frame(frame: pl.DataFrame) -> None:
    sound(frame)


@settings(max_examples=25)
@given(dataframes(max_cols=3, max_size=8, allowed_dtypes=NESTED, excluded_dtypes=EXCLUDED))
def test_a_draft_holds_on_nested_polars_frames(frame: pl.DataFrame) -> None:
    sound(frame)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_values_read_back(name: str) -> None:
    value = name[:50]
    frame = pl.DataFrame({name: [value] * 10 + ["other"] * 10, name + "2": list(range(20))})
    draft = sound(frame, name=name, id=name)
    assert (draft.id, draft.objects, draft.columns()) == (name, [name], [name, name + "2"])
    document = yaml.safe_load(draft.to_yaml())
    assert document["id"] == document["schema"][0]["name"] == name
    found = document["schema"][0]["properties"][0]
    assert found["name"] == name
    assert found["quality"][0]["arguments"]["validValues"] == sorted([value, "other"], key=str.encode)


def test_a_draft_is_deterministic_and_says_how_much_it_saw() -> None:
    frame = pl.DataFrame({"order_id": range(5000), "month": [1, 2, 12, 7] * 1250})
    text = Contract.infer(frame).to_yaml()
    assert text == Contract.infer(frame).to_yaml() == Contract.infer(frame.lazy()).to_yaml()
    assert text == Contract.infer(frame.to_arrow().to_reader(max_chunksize=7)).to_yaml()
    assert "5,000 records" in text.splitlines()[0]


def test_what_it_proposes_rejects_what_it_has_not_seen() -> None:
    frame = pl.DataFrame({"order_id": range(60), "month": [1, 2, 12] * 20, "state": ["open", "shut"] * 30})
    draft = sound(frame)
    assert properties(draft)["order_id"]["primaryKey"] is True
    for worse, kind in [
        (pl.DataFrame({"order_id": [1, 1]}), "primaryKey"),
        (pl.DataFrame({"order_id": [None]}, schema={"order_id": pl.Int64}), "required"),
        (pl.DataFrame({"month": [13]}), "maximum"),
        (pl.DataFrame({"state": ["lost"]}), "invalidValues"),
        (pl.DataFrame({"month": ["1"]}), "logicalType"),
    ]:
        failed = draft.check(worse).clauses.filter(pl.col("outcome") == "fail")
        assert kind in failed.filter(pl.col("columns").list.first() == worse.columns[0])["kind"].to_list()


def test_types_of_the_standard() -> None:
    values = {
        "integer": 1,
        "number": 0.5,
        "boolean": True,
        "string": "a",
        "date": dt.date(2026, 1, 1),
        "time": dt.time(1),
        "timestamp": dt.datetime(2026, 1, 1),
        "array": [1],
        "object": {"k": 1},
    }
    frame = pl.DataFrame({name: [value] for name, value in values.items()})
    assert {name: entry["logicalType"] for name, entry in properties(sound(frame)).items()} == {
        name: name for name in values
    }
    frame = pl.DataFrame({"raw": [b"a"], "money": [Decimal("1.5")], "span": [dt.timedelta(1)]})
    found = {name: entry.get("logicalType") for name, entry in properties(sound(frame)).items()}
    assert found == {"raw": "string", "money": "number", "span": None}
    assert "durations have no logical type" in Contract.infer(frame).to_yaml()


def test_empty_frames() -> None:
    assert properties(sound(pl.DataFrame(schema={"a": pl.Int8, "b": pl.List(pl.String)}))).keys() == {"a", "b"}
    assert sound(pl.DataFrame()).columns() == []
    assert sound(pl.LazyFrame(schema={"a": pl.Int8})).columns() == ["a"]


def test_two_columns_of_one_name() -> None:
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(FrameError, match="more than one column `a`") as caught:
        Contract.infer(table)
    assert caught.value.code == "column-ambiguous"


def test_not_a_frame() -> None:
    with pytest.raises(FrameError, match="`int` is not a frame"):
        Contract.infer(1)


def test_the_polars_namespace() -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    draft = frame.guard.infer(name="t")  # type: ignore[attr-defined]
    assert (draft.id, draft.objects) == ("t", ["t"])
    assert frame.lazy().guard.infer(name="t", id="x").id == "x"  # type: ignore[attr-defined]


def test_ten_thousand_columns() -> None:
    frame = pl.DataFrame({f"c{number}": [number, number + 1] for number in range(10_000)})
    assert len(Contract.infer(frame).columns()) == 10_000
