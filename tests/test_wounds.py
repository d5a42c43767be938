"""Faults that other tools had, each by its name, so that we never have them.

The threads are named as `project#number`; the words are ours.
"""

from __future__ import annotations

import json

import polars as pl
import pytest

import guard_nb as gn

HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: wounds\nversion: 1.0.0\nstatus: active\n"


def contract(schema: str, more: str = "") -> gn.Contract:
    """A contract with this schema."""
    return gn.Contract.loads(f"{HEAD}schema:\n{schema}\n{more}")


def clause(verdict: gn.Verdict, ident: str) -> dict[str, object]:
    """One line of the verdict."""
    return next(line for line in verdict.document["clauses"] if line["id"] == ident)


def test_a_lazy_frame_is_judged_by_its_values() -> None:
    """pandera#1534, pandera#1776: only the schema of a LazyFrame was looked at."""
    guard = contract("  - {name: t, properties: [{name: a, logicalType: integer, logicalTypeOptions: {minimum: 0}}]}")
    lazy = pl.LazyFrame({"a": [1, -1, 2]}).with_columns(pl.col("a") * 2)
    assert guard.check(lazy).rejected == 1
    assert guard.check(lazy) == guard.check(lazy.collect())


def test_a_lazy_frame_without_rows_still_shows_its_columns() -> None:
    """A LazyFrame that yields nothing must not pass without its schema being looked at."""
    guard = contract("  - {name: t, properties: [{name: a}, {name: b}]}")
    assert guard.check(pl.LazyFrame({"a": [1]}).filter(pl.col("a") > 5)).status == "reject"


@pytest.mark.parametrize(
    "rule",
    [
        "{name: a, unique: true}",
        "{name: a, required: true}",
        "{name: a, logicalType: integer, logicalTypeOptions: {maximum: 2}}",
        "{name: a, quality: [{metric: duplicateValues, mustBe: 0}]}",
    ],
)
def test_rejected_rows_never_come_back_as_good(rule: str) -> None:
    """pandera#1830: rows failing uniqueness stayed in the output; dataframely#38: the filtered part failed again."""
    guard = contract(f"  - {{name: t, properties: [{rule}]}}")
    parts = guard.split(pl.DataFrame({"a": [1, 3, 3, None, 2, 5]}))
    assert parts.accepted.height + parts.rejected.height == 6
    assert guard.check(parts.accepted).rejected == 0
    assert guard.check(parts.accepted).status == "accept"


def test_a_self_reference_is_closed_under_removal() -> None:
    """dataframely#38: a record whose target is removed must go too, and the one that refers to it."""
    guard = contract(
        "  - name: t\n    properties:\n      - {name: id, required: true}\n"
        "      - {name: boss, relationships: [{to: t.id}]}\n      - {name: pay, logicalType: integer, logicalTypeOptions: {minimum: 0}}"
    )
    frame = pl.DataFrame({"id": [1, 2, 3, 4], "boss": [None, 1, 2, 4], "pay": [-1, 5, 5, 5]})
    parts = guard.split(frame)
    assert parts.accepted["id"].to_list() == [4]
    assert guard.check(parts.accepted).rejected == 0


def test_a_key_is_unique_over_all_parts_not_in_each() -> None:
    """datacontract-cli#1593: a filtered daily check passed for weeks while the table had duplicate keys."""
    guard = contract("  - {name: t, properties: [{name: id, primaryKey: true}]}")
    days = [pl.DataFrame({"id": [1, 2]}), pl.DataFrame({"id": [3, 1]})]
    assert all(guard.check(day).status == "accept" for day in days)
    merged = gn.merge(guard.partial(days[0]), guard.partial(days[1], start=2)).verdict()
    assert (merged.status, merged.rejected) == ("reject", 2)
    assert clause(merged, "t.id.primaryKey")["scope"] == "key"


@pytest.mark.parametrize(
    "rule",
    [
        "{type: sql, query: 'SELECT AVG(a) FROM {object}', mustBe: 0}",
        "{type: custom, engine: soda, implementation: 'checks: []'}",
        "{type: custom, engine: guard_nb, implementation: {rule: 'a >'}}",
        "{metric: standardDeviation, mustBe: 0}",
        "{metric: nullValues}",
        "{metric: nullValues, mustBe: 0, unit: furlongs}",
    ],
)
def test_no_rule_is_skipped_without_a_word(rule: str) -> None:
    """datacontract-cli#659, #784, dqx#1424: rules that could not be run left no trace, and the check passed."""
    verdict = contract(f"  - {{name: t, properties: [{{name: a, quality: [{rule}]}}]}}").check(pl.DataFrame({"a": [1]}))
    line = clause(verdict, "t.a.quality.0")
    assert (line["coverage"], line["outcome"]) == ("refused", "unknown")
    assert line["code"]
    assert line["reason"]
    assert verdict.status == "unknown"
    assert str(line["name"]) in verdict.to_text()
    assert "not executed" in verdict.to_text()


@pytest.mark.parametrize(
    "rule",
    [
        "{type: sql, query: 'SELECT COUNT(*) FROM {object} WHERE 1 / a < 0', mustBe: 0}",
        "{type: custom, engine: guard_nb, implementation: {rule: '1 / a > 0'}}",
    ],
)
def test_no_record_passes_a_rule_that_failed_on_it(rule: str) -> None:
    """A rule that ends in an error on a record says neither yes nor no of it; taken for no violation, it passes."""
    gate = contract(f"  - {{name: t, properties: [{{name: a, quality: [{rule}]}}]}}")
    verdict = gate.check(pl.DataFrame({"a": [1, 0]}))
    line = clause(verdict, "t.a.quality.0")
    assert (line["coverage"], line["outcome"], line["code"]) == ("executed", "unknown", "division-by-zero")
    assert (verdict.status, verdict.accepted, verdict.unknown) == ("unknown", 1, 1)
    for told in (verdict.to_text(), verdict.to_html(), verdict.to_junit(), "\n".join(verdict.to_traceback())):
        assert "could not be decided on 1 of 2" in told
        assert "not executed" not in told


def test_m_is_neither_minutes_nor_months() -> None:
    """One tool read `unit: m` as minutes for freshness and as months for retention."""
    sla = "slaProperties:\n  - {property: freshness, value: 5, unit: m, element: t.at}"
    guard = contract("  - {name: t, properties: [{name: at, logicalType: timestamp}]}", sla)
    frame = pl.DataFrame({"at": ["2026-01-01T00:00:00Z"]}).with_columns(pl.col("at").str.to_datetime(time_zone="UTC"))
    line = clause(guard.check(frame, as_of="2026-01-01T00:01:00Z"), "t.sla.freshness")
    assert (line["coverage"], line["code"]) == ("refused", "unit-ambiguous")


def test_failing_rows_are_counted_beyond_what_is_shown() -> None:
    """GX caps failing rows; a cap that is not told is a lie."""
    verdict = contract("  - {name: t, properties: [{name: a, required: true}]}").check(
        pl.DataFrame({"a": [None] * 1000}, schema={"a": pl.Int64})
    )
    line = clause(verdict, "t.a.required")
    assert line["failing"] == 1000
    assert len(line["evidence"]) == 5  # type: ignore[arg-type]
    assert "1,000" in verdict.to_text()
    assert "1,000" in verdict.to_html()


def test_record_numbers_go_beyond_32_bits() -> None:
    """pandera cast the failing row's index to 32 bits."""
    guard = contract("  - {name: t, properties: [{name: a, required: true}]}")
    part = guard.partial(pl.DataFrame({"a": [1, None]}), source="big", start=2**33)
    line = clause(part.verdict(), "t.a.required")
    assert [entry["record"] for entry in line["evidence"]] == [2**33 + 1]  # type: ignore[index, attr-defined]


def test_a_rule_that_could_not_run_is_no_warning() -> None:
    """dbt-core#15514: a database error during a test was downgraded to a warning, and the run was green."""
    guard = contract(
        "  - {name: t, properties: [{name: a, relationships: [{to: other.id}]}]}\n  - {name: other, properties: [{name: id}]}"
    )
    verdict = guard.check(pl.DataFrame({"a": [1]}), "t")
    assert (verdict.status, verdict.accepted, verdict.unknown) == ("unknown", 0, 1)
    assert clause(verdict, "t.a.foreignKey")["code"] == "reference-missing"


def test_reports_are_inert() -> None:
    """A peer's report executed the markup of a rejected cell. tests/test_report_browser.py shows the same in a browser."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    guard = contract("  - {name: t, properties: [{name: a, logicalType: string, logicalTypeOptions: {maxLength: 3}}]}")
    verdict = guard.check(pl.DataFrame({"a": [evil], f"{evil}?": [evil]}))
    for html in (verdict.to_html(), verdict.to_html(page=True)):
        assert "<img" not in html
        assert "<script" not in html
    assert "<script" not in verdict.to_junit()
    assert json.loads(verdict.to_json())["undeclared"] == [f"{evil}?"]
    values = [entry["value"] for line in json.loads(verdict.to_json())["clauses"] for entry in line.get("evidence", [])]
    assert values == [evil]
    assert evil not in verdict.to_oors().replace(f"{evil}?", "")
