"""Verdict documents as polars frames."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLAUSES: Mapping[str, Any] = {
    "id": pl.String,
    "kind": pl.String,
    "name": pl.String,
    "columns": pl.List(pl.String),
    "scope": pl.String,
    "severity": pl.String,
    "coverage": pl.String,
    "outcome": pl.String,
    "code": pl.String,
    "reason": pl.String,
    "evaluated": pl.Int64,
    "failing": pl.Int64,
    "undecided": pl.Int64,
    "line": pl.Int64,
}

VIOLATIONS: Mapping[str, Any] = {
    "clause": pl.String,
    "outcome": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "source": pl.String,
    "record": pl.UInt64,
    "path": pl.String,
    "value": pl.String,
    "failing": pl.Int64,
    "undecided": pl.Int64,
}


def clauses(document: dict[str, Any], lines: dict[str, int]) -> pl.DataFrame:
    """One row for each clause; `line` is its line in the contract, where known.

    `undecided` counts the records on which the clause could not be decided; NULL for clauses that were not executed.
    """
    rows = [
        {
            **{key: clause.get(key) for key in CLAUSES},
            "undecided": undecided(clause) if "evaluated" in clause else None,
            "line": lines.get(clause["id"]),
        }
        for clause in document["clauses"]
    ]
    return pl.DataFrame(rows, schema=CLAUSES)


def violations(document: dict[str, Any]) -> pl.DataFrame:
    """One row for each piece of evidence; `value` is JSON text.

    `outcome` is `fail` for a violation and `unknown` for a record that could not be decided; `code` says why, `failing`
    and `undecided` count all such records of the clause.
    """
    rows = [
        {
            "clause": clause["id"],
            "outcome": outcome,
            "code": code,
            "severity": clause["severity"],
            "source": evidence["source"],
            "record": evidence["record"],
            "path": evidence["path"],
            "value": json.dumps(evidence.get("value", evidence.get("values")), ensure_ascii=False),
            "failing": clause.get("failing"),
            "undecided": undecided(clause),
        }
        for clause in document["clauses"]
        for outcome, code, evidence in _evidence(clause)
    ]
    return pl.DataFrame(rows, schema=VIOLATIONS)


def undecided(clause: dict[str, Any]) -> int:
    """On how many records a clause of a document could not be decided (S7.4)."""
    return sum(reason["count"] for reason in clause.get("undecided", []))


def _evidence(clause: dict[str, Any]) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Violations, then undecided records: outcome, code and evidence.

    The code of a clause that is unknown although it counted violations is not theirs.
    """
    own = clause.get("code") if clause.get("outcome") == "fail" else None
    for evidence in clause.get("evidence", []):
        yield "fail", own, evidence
    for reason in clause.get("undecided", []):
        for evidence in reason.get("evidence", []):
            yield "unknown", reason["code"], evidence
