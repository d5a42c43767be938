"""Verdict documents as polars frames."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "line": pl.Int64,
}

VIOLATIONS: Mapping[str, Any] = {
    "clause": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "source": pl.String,
    "record": pl.UInt64,
    "path": pl.String,
    "value": pl.String,
    "failing": pl.Int64,
}


def clauses(document: dict[str, Any], lines: dict[str, int]) -> pl.DataFrame:
    """One row for each clause; `line` is its line in the contract, where known."""
    rows = [
        {**{key: clause.get(key) for key in CLAUSES}, "line": lines.get(clause["id"])} for clause in document["clauses"]
    ]
    return pl.DataFrame(rows, schema=CLAUSES)


def violations(document: dict[str, Any]) -> pl.DataFrame:
    """One row for each piece of evidence; `value` is JSON text."""
    rows = [
        {
            "clause": clause["id"],
            "code": clause.get("code"),
            "severity": clause["severity"],
            "source": evidence["source"],
            "record": evidence["record"],
            "path": evidence["path"],
            "value": json.dumps(evidence.get("value", evidence.get("values")), ensure_ascii=False),
            "failing": clause.get("failing"),
        }
        for clause in document["clauses"]
        for evidence in clause.get("evidence", [])
    ]
    return pl.DataFrame(rows, schema=VIOLATIONS)
