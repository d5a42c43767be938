"""Transforms in Python: every promise of the docstrings, over every kind of frame."""

from __future__ import annotations

import datetime as dt
import json
import signal
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import guard_nb as gn

ORDERS = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: qty, logicalType: integer, required: true, logicalTypeOptions: {minimum: 1, maximum: 1000}}
      - {name: price, logicalType: number, required: true, logicalTypeOptions: {minimum: 0, maximum: 100}}
  - name: lines
    properties:
      - {name: total, logicalType: number, required: true, logicalTypeOptions: {minimum: 0, maximum: 100000}}
      - {name: note, logicalType: string}
"""
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


@settings(max_examples=60, deadline=None)
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
    frame = FRAME.to_arrow()
    relation = duckdb.sql("SELECT * FROM frame")
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
    done = gn.Transform(f"SELECT {quoted}, {quoted} + 1 AS {quoted[:-1]}2\" FROM input", input=frame).run(frame)
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
        ("SELECT a FROM input -- all", "expression-comment", 1, 21),
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


# Parameters and the artefact

VALUES: dict[str, Any] = {
    "truth": True,
    "count": -(2**63) + 1,
    "money": Decimal("12.50"),
    "ratio": 0.1,
    "text": "it's \"x\" :name — é",
    "day": dt.date(2026, 1, 31),
    "time": dt.time(13, 0, 0, 5),
    "local": dt.datetime(2026, 1, 31, 13, 0, 0, 123456),
    "instant": dt.datetime(2026, 1, 31, 13, tzinfo=ZoneInfo("UTC")),
}


def test_parameters_of_all_types_round_trip():
    sql = "SELECT " + ", ".join(f":{name} AS {name}" for name in VALUES) + " FROM input"
    made = transform(sql, params=VALUES)
    assert made.parameters == sorted(VALUES)
    first = made.run(FRAME).output
    assert first.row(0, named=True) == VALUES
    again = gn.Transform.loads(made.to_json())
    assert again.digest == made.digest
    assert_frame_equal(again.run(FRAME).output, first)


def test_parameters_are_values_and_never_text():
    hostile = "' OR 1 = 1 --"
    made = transform("SELECT s FROM input WHERE s = :s", params={"s": hostile})
    assert made.run(FRAME).output.height == 0
    assert hostile not in made.sql


@pytest.mark.parametrize("params", [{"limit": {}}, {"limit": object()}, ["limit"], {1: 2}])
def test_parameters_without_a_type(params: Any):
    with pytest.raises(gn.UsageError) as caught:
        transform("SELECT a FROM input WHERE a < :limit", params=params)
    assert caught.value.code == "param-unreadable"


def test_unused_parameters_are_misuse():
    with pytest.raises(gn.UsageError, match="limit") as caught:
        transform(params={"limit": 1})
    assert caught.value.code == "params-unused"


def test_the_artefact_runs_alone(tmp_path: Path):
    contract = gn.Contract.loads(ORDERS)
    made = gn.Transform(
        "SELECT qty * price AS total, :note AS note FROM orders",
        input=contract,
        input_object="orders",
        output=contract,
        output_object="lines",
        params={"note": "n"},
    )
    file = tmp_path / "lines.json"
    made.save(file)
    assert [path.name for path in tmp_path.iterdir()] == ["lines.json"], "nothing is left beside it"
    again = gn.Transform.load(file)
    frame = pl.DataFrame({"qty": [2], "price": [1.5]})
    done = again.run(frame)
    assert (again.digest, again.output_object) == (made.digest, "lines")
    assert done.verdict is not None
    assert (done.verdict.status, done.output["total"].to_list()) == ("accept", [3.0])
    made.save(file)
    assert file.read_text() == made.to_json() + "\n", "the same transform is the same file"


def test_any_changed_byte_of_the_meaning_is_refused(tmp_path: Path):
    text = transform("SELECT a + 1 AS b FROM input WHERE b < :m", params={"m": 1.5}).to_json()
    for at in range(0, len(text), 7):
        changed = text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]
        with pytest.raises(gn.GuardError):
            gn.Transform.loads(changed)
    file = tmp_path / "t.json"
    file.write_text(text.replace("a + 1", "a + 2"))
    with pytest.raises(gn.UsageError, match="changed") as caught:
        gn.Transform.load(file)
    assert caught.value.code == "transform-unreadable"


def test_files_that_are_not_there(tmp_path: Path):
    with pytest.raises(gn.UsageError) as caught:
        gn.Transform.load(tmp_path / "none.json")
    assert caught.value.code == "transform-unreadable"
    with pytest.raises(gn.UsageError) as caught:
        transform().save(tmp_path / "nowhere" / "t.json")
    assert caught.value.code == "file-unwritable"


# What is known before, and the output contract


def lines(sql: str) -> gn.Transform:
    contract = gn.Contract.loads(ORDERS)
    return gn.Transform(sql, input=contract, input_object="orders", output=contract, output_object="lines")


def test_clauses_are_proved_from_the_input_contract():
    states = lines("SELECT qty * price AS total, CAST(NULL AS VARCHAR) AS note FROM orders").check()
    found = {(item, clause): state for item, clause, state, _ in states.rows()}
    assert found["total", "type"] == "proved"
    for clause in ("logicalType", "required", "minimum", "maximum"):
        assert found["total", clause] == "proved", clause


def test_what_the_input_contract_proves_is_checked_all_the_same():
    done = lines("SELECT qty * price AS total, CAST(NULL AS VARCHAR) AS note FROM orders").run(
        pl.DataFrame({"qty": [-5, 1], "price": [1.0, 1.0]})
    )
    assert done.verdict is not None
    assert (done.verdict.status, done.verdict.rejected) == ("reject", 1)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT -1.5 AS total, 'x' AS note FROM orders", "minimum"),
        ("SELECT qty * price AS total, 5 AS note FROM orders", "logicalType"),
        ("SELECT qty * price AS total FROM orders", "presence"),
    ],
)
def test_an_impossible_clause_is_an_error_before_running(sql: str, named: str):
    made = lines(sql)
    assert "impossible" in made.check()["state"].to_list()
    with pytest.raises(gn.UsageError, match=named) as caught:
        made.run(pl.DataFrame({"qty": [1], "price": [1.0]}))
    assert caught.value.code == "clause-impossible"


def test_lineage_says_what_feeds_and_what_decides():
    made = gn.Transform("SELECT CASE WHEN a > 1 THEN s ELSE 'x' END AS t, 1 AS one FROM input WHERE b < 2", input=FRAME)
    assert set(made.lineage().rows()) == {
        ("t", "s", "from"),
        ("t", "a", "decides"),
        ("t", "b", "decides"),
        ("one", "b", "decides"),
    }


def test_reports_are_of_the_frame_that_is_asked_about():
    made = gn.Transform("SELECT a + 1 AS b FROM input", input=pl.DataFrame({"a": [1]}))
    assert made.report()["items"][0]["faults"] == ["arithmetic-overflow"]
    assert made.report(pl.DataFrame({"a": [1]}, schema={"a": pl.Int8}))["items"][0]["faults"] == []
    assert "cannot fail" in made.explain(pl.DataFrame({"a": [1]}, schema={"a": pl.Int8}))


def test_explanations_show_ways_out_and_hide_nothing_that_acts():
    made = gn.Transform('SELECT 1 / a AS "x\x1b[31m\u202e" FROM input', input=FRAME)
    text = made.explain()
    assert "NULLIF" in text
    assert not {char for char in text if not char.isprintable()} - {"\n"}


def test_the_bundle_is_json_html_and_text():
    bundle = transform()._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.guard-nb.transform.v1+json", "text/html", "text/plain"}
    json.dumps(bundle)
    assert len(bundle["text/html"].encode()) <= 8_000
    assert "<script" not in bundle["text/html"]


# Interruption


def test_ctrl_c_ends_it():
    frame = pl.select(a=pl.int_range(0, 4_000_000), s=pl.lit("abcdefghij" * 5))
    items = ", ".join(f"replace(upper(s), 'A', '{n}') AS s{n}" for n in range(40))
    made = gn.Transform(f"SELECT {items} FROM input", input=frame)
    calls: list[int] = []

    def progress(done: int) -> None:
        calls.append(done)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    with pytest.raises(KeyboardInterrupt):
        made.run(frame, progress=progress)
    assert calls[-1] < frame.height
