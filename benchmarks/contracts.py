"""Contracts of the workloads, as ODCS text."""

from __future__ import annotations

import json

from benchmarks.frames import EMAIL, STATUSES

Property = dict[str, object]


def contract(properties: list[Property], quality: list[dict[str, object]] | None = None) -> str:
    """A document with one object `t`; JSON is YAML too."""
    return json.dumps(
        {
            "apiVersion": "v3.2.0",
            "kind": "DataContract",
            "id": "bench",
            "version": "1.0.0",
            "status": "active",
            "schema": [{"name": "t", "properties": properties, "quality": quality or []}],
        }
    )


def orders() -> list[Property]:
    """Seven checks on seven columns."""
    return [
        {"name": "id", "logicalType": "integer", "unique": True},
        {"name": "customer", "logicalType": "integer", "required": True},
        {"name": "quantity", "logicalType": "integer", "logicalTypeOptions": {"minimum": 1, "maximum": 100}},
        {"name": "price", "logicalType": "number", "logicalTypeOptions": {"minimum": 0, "maximum": 10_000}},
        {"name": "status", "logicalType": "string", "enum": [{"value": value} for value in STATUSES]},
        {"name": "email", "logicalType": "string", "logicalTypeOptions": {"pattern": EMAIL}},
        {
            "name": "at",
            "logicalType": "timestamp",
            "logicalTypeOptions": {"minimum": "2020-01-01T00:00:00", "maximum": "2025-12-31T23:59:59"},
        },
    ]


def tiny() -> list[Property]:
    """Ten checks on ten columns."""
    return [
        *orders(),
        {"name": "discount", "logicalType": "number", "logicalTypeOptions": {"minimum": 0, "maximum": 1}},
        {"name": "parcels", "logicalType": "integer", "logicalTypeOptions": {"minimum": 0, "maximum": 9}},
        {"name": "country", "logicalType": "string", "enum": [{"value": value} for value in ("DE", "FR", "PL")]},
    ]


def floats(columns: int) -> list[Property]:
    """Five clauses on each of the first `columns` columns."""
    bounds = {"minimum": 0, "exclusiveMinimum": 0, "maximum": 1, "exclusiveMaximum": 1}
    return [
        {"name": f"c{index}", "logicalType": "number", "logicalTypeOptions": bounds, "required": True}
        for index in range(columns)
    ]


def key(columns: list[str]) -> list[Property]:
    """One column: `unique`. Several: their composite `primaryKey`."""
    if len(columns) == 1:
        return [{"name": columns[0], "unique": True}]
    return [{"name": name, "primaryKey": True, "primaryKeyPosition": at} for at, name in enumerate(columns, 1)]


def ten_clauses() -> list[Property]:
    """Ten clauses, presence and type among them, for the report's size."""
    return orders()[:3]
