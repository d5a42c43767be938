"""Wrong contracts and wrong frames: each gets a clear answer, never a panic and never a false accept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import guard_nb as gn

HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: bad\nversion: 1.0.0\nstatus: active\nschema:\n"


def of(properties: str) -> gn.Contract:
    """A contract with one object `t`."""
    return gn.Contract.loads(f"{HEAD}  - {{name: t, properties: [{properties}]}}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [1", "yaml-syntax"),
        ("apiVersion: v3.1.0\nschema:\n\t- name: t\n", "yaml-tab"),
        ("- 1\n- 2\n", None),
        ("", None),
        ("\x00\x01\x02", None),
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)),
            None,
        ),
        ("[" * 100_000, None),
        ("apiVersion: v9.0.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n", None),
    ],
    ids=["cut off", "tab", "list", "empty", "binary", "alias bomb", "deep", "version"],
)
def test_a_text_that_is_no_contract(text: str, code: str | None) -> None:
    with pytest.raises(gn.ContractError) as caught:
        gn.Contract.loads(text)
    assert caught.value.diagnostics
    assert all(found["span"]["line"] >= 0 for found in caught.value.diagnostics)
    assert code is None or code in {found["code"] for found in caught.value.diagnostics}
    assert gn.lint(text)


@pytest.mark.parametrize(
    "properties",
    [
        "{name: a, logicalType: string, logicalTypeOptions: {pattern: '(a'}}",
        "{name: a, logicalType: string, logicalTypeOptions: {pattern: '(?=a)b'}}",
        "{name: a, logicalType: string, logicalTypeOptions: {pattern: '(a)\\1'}}",
        "{name: a, logicalType: integer, logicalTypeOptions: {minimum: 5, maximum: 1}}",
        "{name: a, logicalType: string, logicalTypeOptions: {minLength: 5, maxLength: 1}}",
        "{name: a, relationships: [{to: t.nowhere}]}",
        "{name: a}, {name: a}",
        "{name: a, quality: [{metric: nullValues, mustBeBetween: [10, 1]}]}",
    ],
)
def test_a_contract_that_cannot_mean_what_it_says(properties: str) -> None:
    with pytest.raises(gn.ContractError, match=r"\d+:\d+ error"):
        of(properties)


def test_unknown_keys_are_told_and_kept() -> None:
    guard = of("{name: a, requird: true}")
    assert any("requird" in found.message for found in guard.lint())
    assert "requird" in guard.to_yaml()


def frame(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame(columns)


def test_a_column_that_is_not_there() -> None:
    guard = of("{name: a, required: true}")
    assert guard.check(frame(b=[1])).status == "reject"
    assert guard.check(frame(b=[1])).rejected == 1
    assert guard.check(pl.DataFrame({"b": []})).status == "reject"
    assert guard.split(frame(b=[1])).accepted.height == 0


def test_a_column_that_is_there_twice() -> None:
    table = pa.table([pa.array([1]), pa.array([None], pa.int64())], names=["a", "a"])
    verdict = of("{name: a, required: true}").check(table)
    assert (verdict.status, verdict.accepted) == ("unknown", 0)
    assert "column-ambiguous" in verdict.to_json()


def test_a_column_of_another_type() -> None:
    verdict = of("{name: a, logicalType: integer, logicalTypeOptions: {minimum: 0}}").check(frame(a=["1", "x"]))
    assert (verdict.status, verdict.rejected) == ("reject", 2)


def test_no_columns_no_rows_and_very_many_columns() -> None:
    assert of("{name: a}").check(pl.DataFrame()).status == "reject"
    assert gn.Contract.loads(HEAD + "  - {name: t, properties: []}").check(pl.DataFrame()).status == "accept"
    wide = pl.DataFrame({f"c{i}": [i] for i in range(10_000)})
    guard = of(", ".join(f"{{name: c{i}, logicalType: integer, required: true}}" for i in range(10_000)))
    assert guard.check(wide).status == "accept"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_none(value: float) -> None:
    assert of("{name: a, logicalType: number}").check(frame(a=[1.0, value])).rejected == 1
    bounded = of(
        "{name: a, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 9},"
        " customProperties: [{property: allowNonFinite, value: true}]}"
    )
    assert bounded.check(frame(a=[1.0, value])).rejected == 1


@pytest.mark.parametrize(
    ("kind", "values", "least", "greatest"),
    [
        (pl.Int8, [-128, 127], -128, 127),
        (pl.Int64, [-(2**63), 2**63 - 1], -(2**63), 2**63 - 1),
        (pl.UInt64, [0, 2**64 - 1], 0, 2**64 - 1),
    ],
)
def test_integers_at_the_edges(kind: Any, values: list[int], least: int, greatest: int) -> None:
    data = pl.DataFrame({"a": pl.Series(values, dtype=kind)})
    inside = of(f"{{name: a, logicalType: integer, logicalTypeOptions: {{minimum: {least}, maximum: {greatest}}}}}")
    outside = of(
        f"{{name: a, logicalType: integer, logicalTypeOptions: {{exclusiveMinimum: {least}, exclusiveMaximum: {greatest}}}}}"
    )
    assert inside.check(data).status == "accept"
    assert outside.check(data).rejected == 2


def test_integers_wider_than_arrow_has() -> None:
    data = pl.DataFrame({"a": pl.Series([2**100, 2**100, None, -1], dtype=pl.Int128)})
    assert (
        of("{name: a, logicalType: integer, unique: true, logicalTypeOptions: {minimum: 0}}").check(data).rejected == 3
    )
    with pytest.raises(gn.FrameError, match="frame-unreadable"):
        of("{name: a}").check(pl.DataFrame({"a": pl.Series([2**127 - 1], dtype=pl.Int128)}))


def test_params_bind_nothing_yet() -> None:
    with pytest.raises(gn.UsageError, match="params-unused"):
        of("{name: a}").check(pl.DataFrame({"a": [1]}), params={"x": 1})


def test_columns_without_a_type() -> None:
    """Polars calls a column of nothing but NULL `Null`, wherever it sits."""
    data = pl.DataFrame({"a": [None, None], "l": [[None], []], "s": [{"x": None}, {"x": None}], "n": [1, 2]})
    assert of("{name: a, logicalType: integer}, {name: l}, {name: s}, {name: n}").check(data).status == "accept"
    assert of("{name: a, required: true}").check(data.lazy()).rejected == 2
    assert of("{name: n}").split(data).accepted.equals(data)


def test_all_null() -> None:
    data = pl.DataFrame({"a": [None, None]})
    assert (
        of("{name: a, logicalType: integer, unique: true, logicalTypeOptions: {minimum: 5}}").check(data).status
        == "accept"
    )
    assert of("{name: a, required: true}").check(data).rejected == 2


@pytest.mark.parametrize("name", ["<b>x</b>", "a\nb", "\x1b[31mred", "\u202egnp", "", " ", "a.b", "`x`", "💥"])
def test_hostile_names(name: str) -> None:
    import json

    guard = of(f"{{name: {json.dumps(name or 'a', ensure_ascii=False)}, required: true}}")
    verdict = guard.check(pl.DataFrame({name or "a": [None, 1], f"{name}!": [1, 2]}))
    assert verdict.rejected == 1
    for text in (verdict.to_text(), verdict.to_text("table"), "\n".join(verdict.to_traceback()), verdict.to_html()):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<b>" not in verdict.to_html()


def test_a_stream_that_was_read_before() -> None:
    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), [pa.record_batch({"a": [1]})])
    guard = of("{name: a}")
    assert guard.check(reader).records == 1
    # pyarrow hands out an empty stream the second time, which would be accepted.
    with pytest.raises(gn.FrameError, match="read before"):
        guard.check(reader)


def test_a_stream_that_breaks() -> None:
    def batches() -> Any:
        yield pa.record_batch({"a": [1]})
        raise ValueError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    with pytest.raises(gn.FrameError, match="the disk is gone"):
        of("{name: a}").check(reader)


@pytest.mark.parametrize("thing", [42, "flights.csv", None, [1, 2], {"a": [1]}, object()])
def test_what_is_no_frame(thing: object) -> None:
    with pytest.raises(gn.FrameError, match="not-a-frame"):
        of("{name: a}").check(thing)


def test_an_object_that_is_not_there() -> None:
    guard = gn.Contract.loads(HEAD + "  - {name: t}\n  - {name: u}")
    with pytest.raises(gn.UsageError, match="several schema objects"):
        guard.check(frame(a=[1]))
    with pytest.raises(gn.UsageError, match="no schema object `v`"):
        guard.check(frame(a=[1]), "v")


def test_times_without_a_zone() -> None:
    with pytest.raises(gn.UsageError, match="no time zone"):
        of("{name: a}").check(frame(a=[1]), as_of=dt.datetime(2026, 1, 1))
    with pytest.raises(gn.UsageError, match="no instant"):
        of("{name: a}").check(frame(a=[1]), as_of="yesterday")


def test_parts_that_do_not_belong_together() -> None:
    guard, other = of("{name: a}"), of("{name: a, required: true}")
    part = guard.partial(frame(a=[1]))
    with pytest.raises(gn.MergeError, match="parts-overlap"):
        gn.merge(part, part)
    with pytest.raises(gn.MergeError, match="parts-differ"):
        gn.merge(part, other.partial(frame(a=[1]), start=1))
    hole = gn.merge(part, guard.partial(frame(a=[1]), start=5)).verdict()
    assert hole.status == "unknown"
    data = part.to_bytes()
    for damaged in (b"", b"x", data[:-1], data + b"x", data[:100] + bytes([data[100] ^ 1]) + data[101:]):
        with pytest.raises(gn.MergeError, match="partial-unreadable"):
            gn.Partial.from_bytes(damaged)


def test_frames_of_every_library_are_judged_alike() -> None:
    import duckdb
    import pandas as pd

    guard = of("{name: a, logicalType: integer, unique: true}, {name: s, logicalType: string, required: true}")
    data = {"a": [1, 2, 2], "s": ["x", None, "z"]}
    table = pa.table(data)
    expected = guard.check(pl.DataFrame(data))
    assert expected.rejected == 2
    frames: list[object] = [pl.LazyFrame(data), table, table.to_reader(), table.to_batches()[0], pd.DataFrame(data)]
    assert [guard.check(each) == expected for each in frames] == [True] * len(frames)
    assert guard.check(duckdb.from_arrow(table)) == expected


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1, None], pa.uint16()),
        pa.array([1.5, None], pa.float32()),
        pa.array([1.5, None], pa.float16()) if hasattr(pa, "float16") else pa.nulls(2),
        pa.array([Decimal("1.50"), None], pa.decimal128(38, 2)),
        pa.array([Decimal("1.50"), None], pa.decimal256(60, 2)),
        pa.array([True, None]),
        pa.array([dt.date(2026, 1, 1), None], pa.date64()),
        pa.array([dt.time(1, 2), None], pa.time64("ns")),
        pa.array([dt.datetime(2026, 1, 1), None], pa.timestamp("ms", "UTC")),
        pa.array([dt.timedelta(1), None], pa.duration("s")),
        pa.array(["x", None], pa.large_string()),
        pa.array(["x", None], pa.string_view()),
        pa.array([b"x", None], pa.binary()),
        pa.array([b"xy", None], pa.binary(2)),
        pa.array(["x", None]).dictionary_encode(),
        pa.array([[1], None], pa.list_(pa.int8())),
        pa.array([[1], None], pa.large_list(pa.int8())),
        pa.array([[1], None], pa.list_(pa.int8(), 1)),
        pa.array([[1], None], pa.list_view(pa.int8())),
        pa.array([{"x": 1}, None]),
        pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int8())),
        pa.nulls(2),
        pa.RunEndEncodedArray.from_arrays([1, 2], pa.array([1, None])),
    ],
    ids=lambda array: str(array.type),
)
def test_every_layout_gets_an_answer(array: Any) -> None:
    """`required` finds the NULL of every layout, or the clause says that it cannot; nothing passes in silence."""
    verdict = of("{name: a, required: true, unique: true}").check(pa.table({"a": array}))
    lines = {line["kind"]: line for line in verdict.document["clauses"]}
    required = lines["required"]
    nulls = 2 if array.type == pa.null() else 1
    assert required["coverage"] == "refused" or required["failing"] == nulls
    assert lines["unique"]["coverage"] == "refused" or lines["unique"]["outcome"] == "pass"
    assert verdict.status != "accept"
    assert verdict.to_html()
    assert verdict.to_text()


def test_texts_that_are_no_utf8_never_reach_a_kernel() -> None:
    buffers = [None, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe")]
    table = pa.table({"a": pa.StringArray.from_buffers(1, buffers[1], buffers[2])})
    guard = of("{name: a, logicalType: string, logicalTypeOptions: {pattern: '^x$', maxLength: 1}}")
    with pytest.raises(gn.FrameError, match="frame-unreadable"):
        guard.check(table)


def test_a_producer_that_fails_is_told_apart_from_what_is_no_frame() -> None:
    import pandas as pd

    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise RuntimeError("the socket closed")

    with pytest.raises(gn.FrameError, match="the socket closed"):
        of("{name: a}").check(Broken())
    with pytest.raises(gn.FrameError, match="frame-unreadable"):
        of("{name: a}").check(pd.DataFrame({"a": [1, "x", b"y"]}))
    with pytest.raises(gn.FrameError, match="frame-unreadable"):
        of("{name: a}").check(pl.LazyFrame({"a": ["x"]}).select(pl.col("a").cast(pl.Int64)))


def test_a_split_judges_what_check_judges() -> None:
    guard = of("{name: a, logicalType: date}")
    table = pa.table({"a": pa.array([0, 86_400_000], pa.date64())})
    assert guard.check(table).accepted == guard.split(table).accepted.height == 2
    with pytest.raises(gn.FrameError):
        of("{name: b}").split(pa.table({"b": [1], "a": pa.array([Decimal(1)], pa.decimal256(60, 0))}))


def test_a_level_that_names_nothing_is_refused_beside_other_objects() -> None:
    sla = "slaProperties: [{property: freshness, value: 1, unit: d, element: tt.a}]"
    guard = gn.Contract.loads(f"{HEAD}  - {{name: t, properties: [{{name: a}}]}}\n  - {{name: u}}\n{sla}\n")
    verdict = guard.check(frame(a=[1]), "t", as_of="2026-01-01T00:00:00Z")
    assert (verdict.status, "element-unknown" in verdict.to_json()) == ("unknown", True)


def test_a_relationship_of_another_type_does_not_load() -> None:
    with pytest.raises(gn.ContractError, match="ForeignKey"):
        of("{name: a, relationships: [{type: ForeignKey, to: t.a}]}")


def test_a_changed_verdict_is_not_believed() -> None:
    text = of("{name: a, required: true}").check(frame(a=[None])).to_json()
    assert gn.Verdict.from_json(text).to_json() == text
    for old, new in [
        ('"status":"reject"', '"status":"accept"'),
        ('"rejected":1', '"rejected":0'),
        ("verdict/v1", "verdict/v2"),
    ]:
        with pytest.raises(gn.UsageError, match="verdict-unreadable"):
            gn.Verdict.from_json(text.replace(old, new))


def test_numbers_of_records_have_an_end() -> None:
    for start in (-1, 2**63, 2**64 - 1):
        with pytest.raises(gn.UsageError, match="start-out-of-range"):
            of("{name: a}").partial(frame(a=[1, 2]), start=start)
    with pytest.raises(gn.UsageError, match="references-unnamed"):
        of("{name: a}").check(frame(a=[1]), references=[frame(a=[1])])  # type: ignore[arg-type]


def test_guards_say_what_stopped_them() -> None:
    with pytest.raises(gn.GuardViolation, match="guard-reject"), gn.guard(of("{name: a, required: true}")) as guard:
        guard.check(frame(a=[None]))
    refused = of("{name: a, quality: [{type: sql, query: 'SELECT 1', mustBe: 0}]}")
    with pytest.raises(gn.GuardViolation, match="guard-unknown"), gn.guard(refused) as guard:
        guard.check(frame(a=[1]))


def test_calls_that_cannot_be_understood(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from guard_nb.magics import commands, find

    with pytest.raises(gn.UsageError, match="verdict-unknown"):
        commands._entry("10000")
    verdict = of("{name: a}").check(frame(a=[1]))
    with pytest.raises(gn.UsageError, match="style-unknown"):
        verdict.to_text("loud")
    with pytest.raises(gn.UsageError, match="contract-unreadable"):
        gn.Contract.load(tmp_path)
    with pytest.raises(gn.UsageError, match="variable-unknown"):
        find.variable("nowhere", {})
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    with pytest.raises(gn.UsageError, match="chart-unavailable"):
        verdict.chart()


HALF = "\ud800"


@pytest.mark.parametrize(
    "made",
    [
        lambda pd: pd.DataFrame({"a": [2**100, 1]}),
        lambda pd: pd.DataFrame({"a": [1j]}),
        lambda pd: pd.DataFrame({"a": pd.Series([HALF], dtype=object)}),
        lambda pd: pl.LazyFrame({"a": [1]}).select("b"),
        lambda pd: pl.LazyFrame({"a": [1]}).select("a", "a"),
        lambda pd: pl.scan_csv("nowhere.csv"),
        lambda pd: RaisesOn("arrow"),
    ],
    ids=["overflow", "complex", "surrogate", "column missing", "column twice", "no file", "relation"],
)
def test_a_frame_that_cannot_be_read_is_told_alike_everywhere(made: Any) -> None:
    import pandas as pd

    guard, frame = of("{name: a}"), made(pd)
    calls = [
        guard.check,
        guard.partial,
        guard.split,
        gn.Contract.infer,
        gn.Contract.suggest,
        lambda bad: guard.check(pl.DataFrame({"a": [1]}), references={"other": bad}),
        lambda bad: gn.explain("a", bad),
        lambda bad: gn.Transform("SELECT a FROM input", input=bad),
        gn.Transform("SELECT 1 AS x FROM input").run,
    ]
    for call in calls:
        with pytest.raises(gn.FrameError, match="frame-unreadable") as caught:
            call(frame)
        str(caught.value).encode("utf-8")


class RaisesOn:
    """An object whose conversion to Arrow fails."""

    def __init__(self, name: str) -> None:
        setattr(self, name, self.fail)

    def fail(self) -> object:
        raise RuntimeError("the relation is gone")


@pytest.mark.parametrize(
    "array",
    [
        pa.array([0], pa.timestamp("us", "No/Where")),
        pa.array([1], pa.decimal256(60, 0)),
        pa.array([[1]], pa.list_view(pa.int8())),
    ],
    ids=["time zone", "decimal256", "list view"],
)
def test_columns_that_polars_cannot_hold(array: Any) -> None:
    """Verdicts need no polars; records that come out do."""
    table = pa.table({"a": array})
    assert of("{name: a, required: true}").check(table).records == 1
    with pytest.raises(gn.FrameError, match="frame-unreadable"):
        of("{name: a}").split(table)
    with pytest.raises(gn.FrameError, match="polars cannot hold"):
        gn.Transform("SELECT 1 AS x FROM input").run(table)


def test_ctrl_c_is_no_frame_error() -> None:
    class Stopped:
        def arrow(self) -> object:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        of("{name: a}").check(Stopped())
