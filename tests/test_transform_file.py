"""What is known of a transform before it runs, its parameters and its file."""

from __future__ import annotations

import datetime as dt
import json
import signal
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
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


# Parameters and the artefact

VALUES: dict[str, Any] = {
    "truth": True,
    "count": -(2**63) + 1,
    "money": Decimal("12.50"),
    "ratio": 0.1,
    "text": 'it\'s "x" :name — é',
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
