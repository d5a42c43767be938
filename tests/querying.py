"""A gate on queries, frames for them, and proposals."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

GATE = """
apiVersion: guard-nb/v1
kind: Gate
id: reports
params: {least: 5}
queries:
  dialect: duckdb
  context: [tenant]
  relations:
    orders: {columns: [id, amount, country], where: "tenant = :tenant AND amount >= :least"}
    sales.countries: {columns: [code, region], rows: 2}
  functions: [sum, count, lower]
  maxRows: 3
"""
ORDERS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, 5, 6, 7],
        "tenant": [4, 4, 5, 4, 4, 5, 4],
        "amount": [
            Decimal("10.00"),
            Decimal("4.99"),
            Decimal("99.00"),
            Decimal("20.50"),
            Decimal("5.00"),
            Decimal("7.00"),
            Decimal("8.00"),
        ],
        "country": ["DE", "DE", "DE", "FR", "DE", "IT", "IT"],
    }
)
COUNTRIES = pl.DataFrame({"code": ["DE", "FR"], "region": ["EU", "EU"], "secret": [1, 2]})
FRAMES = {"orders": ORDERS, "sales.countries": COUNTRIES}


def ask(sql: str, id_: str = "q", **params: object) -> dict[str, object]:
    return {"kind": "query", "id": id_, "principal": "bot", "sql": sql, "params": params}
