"""Transforms in Python: every promise of the docstrings, over every kind of frame."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import guard_nb as gn

FRAME = pl.DataFrame({"a": [6, 0, None, 3, 2], "b": [1.5, 2.5, 3.5, None, 4.5], "s": ["x", "y", "z", "", None]})
SQL = "SELECT a, 12 // a AS share, upper(s) AS s FROM input WHERE b < 4"


def transform(sql: str = SQL, frame: object = FRAME, **more: Any) -> gn.Transform:
    return gn.Transform(sql, input=frame, **more)


# What becomes of each record


def test_every_record_ends_in_one_place():
    done = transform().run(FRAME)
    assert done.output.to_dict(as_series=False) == {"a": [6, None], "share": [2, None], "s": ["X", "Z"]}
    assert done.quarantined.to_dict(as_series=False) == {
        "a": [0],
        "b": [2.5],
        "s": ["y"],
        "guard_record": [1],
        "guard_code": ["division-by-zero"],
        "guard_item": ["share"],
    }
    assert (done.records, done.left_out, done.verdict) == (5, 2, None)
    assert done.kept.to_list() == [True, False, True, False, False]
    assert "5 → 2, 1 quarantined, 2 left out" in repr(done)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-3, 3)), st.one_of(st.none(), st.floats(allow_infinity=False, width=32))
        ),
        max_size=60,
    )
)
def test_the_counts_add_up_and_kept_says_which(rows: list[tuple[int | None, float | None]]):
    frame = pl.DataFrame(rows, schema={"a": pl.Int64, "x": pl.Float64}, orient="row")
    made = gn.Transform("SELECT a, 6 / a AS q, x + 1 AS y FROM input WHERE x > 0 OR a = 1", input=frame)
    done = made.run(frame)
    left, faults = 0, []
    for number, (a, x) in enumerate(rows):
        nan = x is not None and x != x
        if a == 1 or (x is not None and not nan and x > 0):
            if a == 0:
                faults.append((number, "division-by-zero", "q"))
            elif nan:
                faults.append((number, "result-not-finite", "y"))
        elif nan:
            faults.append((number, "result-not-finite", "WHERE"))
        else:
            left += 1
    assert done.quarantined.select("guard_record", "guard_code", "guard_item").rows() == faults
    assert (done.records, done.left_out) == (len(rows), left)
    assert done.records == done.output.height + done.quarantined.height + done.left_out
    assert_frame_equal(done.output.select("a"), frame.filter(done.kept).select("a"))


def test_the_first_item_that_fails_is_named_and_where_comes_first():
    frame = pl.DataFrame({"a": [0, 0], "x": [1.0, float("nan")]})
    bad = gn.Transform("SELECT 1 / a AS p, 2 / a AS q FROM input WHERE x > 0", input=frame).run(frame).quarantined
    assert bad.select("guard_record", "guard_item").rows() == [(0, "p"), (1, "WHERE")]


def test_passed_columns_keep_their_types():
    frame = pl.DataFrame(
        {"i": [1], "d": [Decimal("1.50")], "c": ["x"], "t": [dt.datetime(2026, 1, 1)], "l": [[1, 2]]},
        schema={
            "i": pl.Int8,
            "d": pl.Decimal(9, 2),
            "c": pl.Categorical,
            "t": pl.Datetime("ms", "Europe/Berlin"),
            "l": pl.List(pl.Int16),
        },
    )
    assert_frame_equal(gn.Transform("SELECT * FROM input", input=frame).run(frame).output, frame)


@pytest.mark.parametrize("name", ["guard_record", "guard_code", "guard_item"])
def test_a_column_of_the_quarantines_name_stays(name: str):
    frame = pl.DataFrame({name: [0]})
    bad = gn.Transform(f"SELECT 1 / {name} AS q FROM input", input=frame).run(frame).quarantined
    assert bad[name].to_list() == [0]
    assert bad[name + "_"].len() == 1
    assert bad.width == 4


# Every kind of frame


def expected() -> gn.Transformed:
    return transform().run(FRAME)


@pytest.mark.parametrize(
    "made",
    [
        FRAME,
        FRAME.lazy(),
        FRAME.to_arrow(),
        FRAME.to_arrow().to_batches()[0],
        pa.RecordBatchReader.from_batches(FRAME.to_arrow().schema, FRAME.to_arrow().to_batches(max_chunksize=2)),
        FRAME.to_pandas(use_pyarrow_extension_array=True),
    ],
    ids=["polars", "lazy", "table", "batch", "reader", "pandas"],
)
def test_frames(made: object):
    done, wanted = transform().run(made), expected()
    assert_frame_equal(done.output, wanted.output)
    assert_frame_equal(done.quarantined, wanted.quarantined)
    assert done.kept.to_list() == wanted.kept.to_list()


def test_a_relation():
    connection = duckdb.connect()
    connection.register("orders", FRAME.to_arrow())
    relation = connection.sql("SELECT * FROM orders")
    assert_frame_equal(transform(frame=relation).run(relation).output, expected().output)


def test_the_schema_of_a_reader_costs_nothing_of_it():
    table = FRAME.to_arrow()
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    made = transform(frame=reader)
    assert made.check(reader).height == 3
    assert made.run(reader).records == 5
    with pytest.raises(gn.FrameError, match="read before"):
        made.run(reader)


def test_stream_equals_whole():
    frame = pl.select(a=pl.int_range(0, 5_000) % 7, b=(pl.int_range(0, 5_000) % 10).cast(pl.Float64), s=pl.lit("x"))
    made, whole = transform(), transform().run(frame)
    parts = list(made.stream(frame.slice(start, 999) for start in range(0, 5_000, 999)))
    assert_frame_equal(pl.concat(part.output for part in parts), whole.output)
    assert_frame_equal(pl.concat(part.quarantined for part in parts), whole.quarantined)
    assert pl.concat(part.kept for part in parts).to_list() == whole.kept.to_list()
    assert sum(part.left_out for part in parts) == whole.left_out


def test_stream_takes_one_frame_at_a_time():
    asked: list[int] = []

    def frames() -> Any:
        for number in range(3):
            asked.append(number)
            yield FRAME

    stream = transform().stream(frames())
    next(stream)
    assert asked == [0]
    assert next(stream).quarantined["guard_record"].to_list() == [6]


def test_an_empty_frame_gives_every_column():
    empty = FRAME.clear()
    for made in (empty, empty.lazy(), empty.to_arrow()):
        done = transform().run(made)
        assert done.output.schema == expected().output.schema
        assert done.quarantined.schema == expected().quarantined.schema
        assert (done.records, done.left_out, done.kept.len()) == (0, 0, 0)


def test_nothing_quarantined_gives_every_column_too():
    done = gn.Transform("SELECT a FROM input", input=FRAME).run(FRAME)
    assert done.quarantined.height == 0
    assert done.quarantined.columns == [*FRAME.columns, "guard_record", "guard_code", "guard_item"]


def test_passed_columns_are_not_copied():
    frame = pl.DataFrame({"a": pl.int_range(0, 1_000, eager=True)})
    out = gn.Transform("SELECT a FROM input", input=frame).run(frame).output
    addresses = [each.to_arrow()["a"].chunk(0).buffers()[1].address for each in (out, frame)]
    assert addresses[0] == addresses[1]


# Names and texts


@pytest.mark.parametrize("name", ["größe", "two words", 'a"b', "a.b", "select", "🛫", "A", "a\nb", " "])
def test_names_of_any_kind(name: str):
    frame = pl.DataFrame({name: [1]})
    quoted = '"' + name.replace('"', '""') + '"'
    done = gn.Transform(f'SELECT {quoted}, {quoted} + 1 AS {quoted[:-1]}2" FROM input', input=frame).run(frame)
    assert done.output.to_dict(as_series=False) == {name: [1], name + "2": [2]}


def test_star_and_more():
    done = gn.Transform("SELECT *, a + 1 AS next FROM input WHERE a IS NOT NULL", input=FRAME).run(FRAME)
    assert done.output.columns == ["a", "b", "s", "next"]


def test_the_table_bears_a_name():
    made = gn.Transform("SELECT orders.a FROM orders", input=FRAME, table="orders")
    assert made.run(FRAME).records == 5
    again = gn.Transform.loads(made.to_json())
    assert (again.digest, again.run(FRAME).records) == (made.digest, 5)
    with pytest.raises(gn.ExpressionError, match="no table `other`"):
        gn.Transform("SELECT a FROM other", input=FRAME, table="orders")


@pytest.mark.parametrize(
    ("sql", "code", "line", "column"),
    [
        ("SELECT a FROM", "expression-syntax", 1, 14),
        ("SELECT a,\n       uper(s) AS t\nFROM input", "function-unknown", 2, 8),
        ("SELECT a, b AS a FROM input", "item-name", 1, 11),
        ("SELECT *, 1 AS s FROM input", "item-name", 1, 11),
        ("SELECT a + 1 FROM input", "item-name", 1, 8),
        ("SELECT a FROM input; SELECT b FROM input", "expression-syntax", 1, 20),
        ("SELECT a FROM input;", "expression-syntax", 1, 20),
        ("SELECT a FROM input -- all", "expression-comment", 1, 21),
        ("SELECT a\nFROM other", "column-unknown", 2, 6),
        ("SELECT\n  COUNT(*) FROM input", "expression-not-supported", 2, 3),
        ("", "expression-syntax", 1, 1),
        (" ", "expression-syntax", 1, 1),
        ("SELECT max(a) AS m FROM input", "expression-not-supported", 1, 8),
        ("SELECT a + s AS t FROM input", "operand-types", 1, 8),
        ("SELECT c FROM input", "column-unknown", 1, 8),
        ("SELECT a FROM input WHERE a", "operand-types", 1, 27),
        ("SELECT a FROM input WHERE a < :limit", "parameter-unbound", 1, 31),
    ],
)
def test_texts_are_refused_with_a_position(sql: str, code: str, line: int, column: int):
    with pytest.raises(gn.ExpressionError) as caught:
        transform(sql)
    error = caught.value
    assert (error.code, error.line) == (code, line)
    assert column <= error.column <= column + 4, "the first or the second of two items may be named"
    assert "^" in str(error)


def test_a_frame_of_another_schema_is_refused_when_it_runs():
    made = transform()
    with pytest.raises(gn.ExpressionError, match="no column `a`"):
        made.run(FRAME.drop("a"))
    with pytest.raises(gn.ExpressionError, match="upper"):
        made.run(FRAME.with_columns(s=pl.lit(1)))
    assert made.run(FRAME).records == 5


def test_what_is_no_frame():
    with pytest.raises(gn.FrameError):
        transform().run(42)
    with pytest.raises(gn.GuardError):
        gn.Transform("SELECT a FROM input", input=42)


def test_without_an_input_the_error_says_what_to_give():
    with pytest.raises(gn.ExpressionError, match=r"no column `a`[^$]*help: give `input=`"):
        gn.Transform("SELECT a FROM input")
    assert gn.Transform("SELECT * FROM input").run(FRAME).records == 5
    with pytest.raises(gn.ExpressionError, match="there are no columns"):
        gn.Transform("SELECT a FROM input", input=pl.DataFrame())
    with pytest.raises(gn.ExpressionError, match="give a frame"):
        gn.explain("a")


def test_the_longest_list_that_is_read():
    numbers = pl.DataFrame({"a": [0, 9_999, 10_000]})
    text = "SELECT a IN ({}) AS x FROM input"
    members = ",".join(map(str, range(10_000)))
    done = gn.Transform(text.format(members), input=numbers).run(numbers)
    assert done.output["x"].to_list() == [True, True, False]
    with pytest.raises(gn.ExpressionError, match=r"expression-too-large: .* 10001 members; at most 10000"):
        gn.Transform(text.format(members + ",10000"), input=numbers)
