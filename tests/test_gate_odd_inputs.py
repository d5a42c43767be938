"""What comes from others and is odd ends in an error of ours, with a code, or in a gate or an answer: never in another exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guard_nb as gn
from test_gate_backtest import LOOSE, call, day
from test_gate_import import MANDATE

CODES = {each.name for each in gn.codes()}
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**40,
    0.5,
    1e300,
    float("nan"),
    "",
    " ",
    "x",
    "USD",
    "usd",
    "\ud800",
    "\u202e",
    "\0",
    "x" * 70_000,
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "999999999999",
    [],
    [[]],
    {},
    {"...": "digest"},
    {"id": []},
    [{"id": 5}],
    [None, 1, "a", {}],
    b"bytes",
    Decimal("1.5"),
    date(2026, 1, 1),
    {1: 2},
    {(1, 2): 3},
    object(),
]
WHOLE = MANDATE | {
    "payee": {"id": "m1"},
    "payment_instrument": {"id": "card-1"},
    "pisp": {"domain_name": "p.example"},
    "payment_amount": {"amount": 5, "currency": "USD"},
    "execution_date": "2026-01-01",
    "exp": 5,
    "nbf": 4,
    "constraints": [
        *MANDATE["constraints"],
        {"type": "payment.allowed_pisps", "allowed": [{"domain_name": "p.example"}]},
        {"type": "payment.execution_date", "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z"},
    ],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    out = copy.copy(value)
    out[path[0]] = replaced(value[path[0]], path[1:], new)
    return out


def ours(run: Callable[[], object]) -> str | None:
    """The code of the error of ours that a call ends in; any other exception fails the test."""
    found: gn.GuardError | None = None
    try:
        run()
    except gn.GuardError as error:
        found = error
    assert found is None or (found.code in CODES and found.code != "internal-error" and str(found))
    return found.code if found else None


def imported(source: Any) -> None:
    gn.Gate.from_ap2(source, name="m", checked=["exp", "nbf"])


def test_the_whole_mandate_is_imported() -> None:
    imported(WHOLE)
    assert len(list(places(WHOLE))) > 40


@pytest.mark.parametrize("path", list(places(WHOLE))[1:], ids=str)
def test_any_value_of_a_mandate_may_be_odd(path: tuple[Any, ...]) -> None:
    codes = {ours(lambda odd=odd: imported(replaced(WHOLE, path, odd))) for odd in ODD}  # type: ignore[misc]
    assert codes & {"import-unreadable", "import-unsupported"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["USD", "DAILY"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(places(WHOLE))[1:]), json_values), min_size=1, max_size=3))
def test_several_values_may_be_odd(edits: list[tuple[tuple[Any, ...], Any]]) -> None:
    source = WHOLE
    for path, new in sorted(edits, key=lambda edit: len(edit[0]), reverse=True):
        source = replaced(source, path, new)
    ours(lambda: imported(source))
    ours(lambda: imported(json.dumps(source)))


@pytest.mark.parametrize("source", ["", "{", "[]", "5", b"\xff", "\ud800", "[" * 5_000, {}, {"vct": []}, "{}" * 2])
def test_what_is_no_mandate(source: Any) -> None:
    assert ours(lambda: imported(source)) == "import-unreadable"


TEXT = call("1", "pay", "a", "5")
COLUMNS: dict[str, pl.Series] = {
    "integers": pl.Series([1, None]),
    "floats": pl.Series([0.5, float("nan")]),
    "huge": pl.Series([2**100, 5], dtype=pl.Int128),
    "booleans": pl.Series([True, None]),
    "dates": pl.Series([date(2026, 1, 1), None]),
    "times": pl.Series([time(1), None]),
    "spans": pl.Series([timedelta(1), None]),
    "instants": pl.Series([datetime(2026, 1, 1), None]),
    "milliseconds": pl.Series([datetime.min, datetime.max], dtype=pl.Datetime("ms")),
    "microseconds": pl.Series([datetime.min, datetime.max], dtype=pl.Datetime("us")),
    "far milliseconds": pl.Series([2**63 - 1, -(2**63)]).cast(pl.Datetime("ms")),
    "far microseconds": pl.Series([2**63 - 1, -(2**63)]).cast(pl.Datetime("us")),
    "nanoseconds": pl.Series([2**63 - 1, -(2**63)]).cast(pl.Datetime("ns")),
    "zoned": pl.Series([datetime(2026, 1, 1), None]).dt.replace_time_zone("Asia/Tokyo"),
    "far zoned": pl.Series([2**62, -(2**62)]).cast(pl.Datetime("us", "Asia/Tokyo")),
    "texts": pl.Series(["x", "1.50"]),
    "odd texts": pl.Series(["\0", "\u202e"]),
    "categories": pl.Series(["x", "1.50"], dtype=pl.Categorical),
    "bytes": pl.Series([b"\xff", TEXT.encode()]),
    "lists": pl.Series([[1], None]),
    "arrays": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int8, 2)),
    "structs": pl.Series([{"id": "1"}, {"id": None}]),
    "deep": pl.Series([[{"a": [datetime(2026, 1, 1)]}], None]),
    "decimals": pl.Series([Decimal("1.50"), None]),
    "nulls": pl.Series([None, None]),
    "objects": pl.Series([object(), {1}], dtype=pl.Object),
    "mappings": pl.Series([{"id": "\ud800"}, {"id": date(2026, 1, 1)}], dtype=pl.Object),
}


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("role", ["proposal", "at", "actual", "arguments", "id", "sql"])
def test_any_column_of_a_history_may_be_odd(role: str, kind: str) -> None:
    gate = gn.Gate.loads(LOOSE)
    frame = day([TEXT, call("2", "pay", "a", "7")], actual=["1", None])
    if role in ("arguments", "id", "sql"):
        frame = frame.drop("proposal").with_columns(kind=pl.lit("action"), principal=pl.lit("p"), tool=pl.lit("pay"))
    frame = frame.with_columns(COLUMNS[kind].alias(role))

    def run() -> None:
        done = gate.backtest(frame, actual="actual", against=gn.Gate.loads(LOOSE.replace("50.00", "6.00")))
        assert len(done.frame) == 2
        assert done._repr_html_()
        assert repr(done)
        done._repr_mimebundle_()
        done.counterexamples()

    assert ours(run) in (None, "frame-unreadable", "not-a-frame")


def test_columns_that_can_be_meant_are_taken() -> None:
    gate = gn.Gate.loads(LOOSE)
    frame = day([TEXT, call("2", "pay", "a", "7")])
    for kind in ("integers", "floats", "decimals", "texts", "categories", "nulls"):
        assert len(gate.backtest(frame.with_columns(COLUMNS[kind].alias("actual")), actual="actual").frame) == 2
    for kind in ("instants", "milliseconds", "microseconds", "nanoseconds", "zoned", "nulls"):
        assert len(gate.backtest(frame.with_columns(COLUMNS[kind].alias("at"))).frame) == 2


def test_times_that_nobody_can_write_are_named() -> None:
    frame = day([TEXT, call("2", "pay", "a", "7")])
    for kind in ("far milliseconds", "far microseconds", "far zoned"):
        far = pl.when(pl.int_range(2) == 1).then(COLUMNS[kind]).cast(COLUMNS[kind].dtype).alias("at")
        with pytest.raises(gn.FrameError, match="row 1 of `at` is beyond the years 1 to 9999"):
            gn.Gate.loads(LOOSE).backtest(frame.with_columns(far))


@pytest.mark.parametrize("actual", [5, b"actual", ["actual"]])
def test_names_of_columns_are_texts(actual: Any) -> None:
    with pytest.raises(TypeError, match="`actual` must be a str"):
        gn.Gate.loads(LOOSE).backtest(day([TEXT]), actual=actual)


def frames() -> Iterator[Any]:
    import pandas as pd
    import pyarrow as pa

    empty = {"proposal": [], "at": []}
    yield from (
        None,
        5,
        "x",
        [],
        {},
        object(),
        pl.DataFrame(),
        pl.LazyFrame(),
        pl.Series([1]),
        pa.table({}),
        pd.DataFrame(),
    )
    yield from (pl.DataFrame(empty), pa.table(empty), pd.DataFrame(empty), pl.LazyFrame(empty))
    times = pa.array([1], pa.timestamp("us", "+07:30"))
    yield pa.table({"proposal": [TEXT], "at": times})
    yield pa.table({"proposal": [TEXT], "at": pa.array([1], pa.timestamp("us", "No/Where"))})
    yield pa.table([[TEXT], [TEXT], pa.array([1], pa.timestamp("us"))], names=["proposal", "proposal", "at"])
    yield pa.table({"proposal": pa.array([TEXT]).dictionary_encode(), "at": pa.array([1], pa.timestamp("s"))})
    yield pd.DataFrame({"proposal": [object()], "at": [datetime(2026, 1, 1)]})
    yield pd.DataFrame({"proposal": [TEXT], "at": [pd.NaT]})
    yield pd.DataFrame([[TEXT, 1]], columns=[0, 1])
    yield pl.LazyFrame({"proposal": [TEXT], "at": ["x"]}).with_columns(pl.col("at").cast(pl.Int64))


@pytest.mark.parametrize("frame", list(frames()), ids=lambda frame: type(frame).__module__.partition(".")[0])
def test_any_frame_may_be_odd(frame: Any) -> None:
    gate = gn.Gate.loads(LOOSE)
    found = ours(lambda: gate.backtest(frame)._repr_html_())
    assert found in (None, "not-a-frame", "frame-unreadable", "column-missing")
