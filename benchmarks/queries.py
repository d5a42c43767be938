"""Proposals of SQL, and those who judge them: parse, check every name, put conditions and a LIMIT in, write anew."""

from __future__ import annotations

import importlib
import json
from typing import Any

import guard_nb as gn
from benchmarks.timing import GUARD, Answer, Contender

SCHEMA = {
    "orders": ["id", "customer_id", "amount", "country", "created"],
    "customers": ["id", "name", "country"],
}
FUNCTIONS = {"sum", "count", "date_trunc"}
MOST = 1000
GATE = f"""
apiVersion: guard-nb/v1
kind: Gate
id: queries
queries:
  dialect: duckdb
  context: [tenant]
  relations:
    orders: {{columns: {json.dumps(SCHEMA["orders"])}, where: "tenant = :tenant"}}
    customers: {{columns: {json.dumps(SCHEMA["customers"])}, where: "tenant = :tenant"}}
  functions: {json.dumps(sorted(FUNCTIONS))}
  maxRows: {MOST}
"""
# Every fifth text reads a column, a relation or a function that is not on the list.
WORDS = [
    ("c.name", "customers", "sum"),
    ("c.name", "customers", "sum"),
    ("c.country", "customers", "sum"),
    ("c.name", "customers", "count"),
    ("c.password", "customers", "sum"),
    ("c.name", "customers", "sum"),
    ("c.country", "customers", "sum"),
    ("c.name", "customers", "sum"),
    ("c.country", "customers", "count"),
    ("c.name", "users", "sum"),
]


def texts(count: int) -> list[str]:
    """Queries of ten lines, each another one."""
    return [_text(number, *WORDS[number % len(WORDS)]) for number in range(count)]


def _text(number: int, column: str, relation: str, function: str) -> str:
    return f"""SELECT {column},
       date_trunc('month', o.created) AS month,
       {function}(o.amount) AS total,
       count(*) AS orders
FROM orders o
JOIN {relation} c ON c.id = o.customer_id
WHERE o.country = 'DE' AND o.amount BETWEEN {number} AND {number + 500}
GROUP BY {column}, date_trunc('month', o.created)
HAVING {function}(o.amount) > 100
ORDER BY total DESC LIMIT {50 + number % 2000}"""


def contenders(queries: list[str]) -> list[Contender]:
    """guard_nb with identity, permit and log; sqlglot with what it needs to come to the same text."""
    proposals = [
        json.dumps({"kind": "query", "id": f"q-{number:08}", "principal": "bot-7", "sql": sql})
        for number, sql in enumerate(queries)
    ]

    def guard() -> Answer:
        gate = gn.Gate.loads(GATE).with_context(tenant=4)
        return {"allowed": sum(gate.decide(text).verdict == "transform" for text in proposals)}

    return [Contender(GUARD, guard), Contender("sqlglot", _sqlglot(queries), max_rounds=3)]


def _sqlglot(queries: list[str]) -> Any:
    judge = Glot()

    def run() -> Answer:
        return {"allowed": sum(judge.written(sql) is not None for sql in queries)}

    return run


class Glot:
    """A gate of sqlglot's parser, resolver and writer. No token is judged, nothing is read back, no lineage is told."""

    def __init__(self) -> None:
        self.glot: Any = importlib.import_module("sqlglot")
        self.exp: Any = importlib.import_module("sqlglot.expressions")
        self.qualify: Any = importlib.import_module("sqlglot.optimizer.qualify").qualify
        self.errors: Any = importlib.import_module("sqlglot.errors").SqlglotError
        self.schema = {table: dict.fromkeys(columns, "VARCHAR") for table, columns in SCHEMA.items()}
        names = ", ".join
        self.guarded = {
            table: self.glot.parse_one(f"SELECT {names(columns)} FROM {table} WHERE tenant = $tenant", read="duckdb")
            for table, columns in SCHEMA.items()
        }

    def written(self, sql: str) -> str | None:
        """The text that may run, or none."""
        exp = self.exp
        try:
            tree = self.glot.parse_one(sql, read="duckdb")
            if not isinstance(tree, exp.Query) or not self._known(tree):
                return None
            tree = self.qualify(tree, schema=self.schema, dialect="duckdb")
        except self.errors:
            return None
        for table in list(tree.find_all(exp.Table)):
            table.replace(self.guarded[table.name].copy().subquery(table.alias_or_name))
        limit = tree.args.get("limit")
        asked = int(limit.expression.name) if limit else MOST
        return str(tree.limit(min(asked, MOST)).sql(dialect="duckdb"))

    def _known(self, tree: Any) -> bool:
        exp = self.exp
        if any(table.name not in SCHEMA for table in tree.find_all(exp.Table)):
            return False
        calls = (call for call in tree.find_all(exp.Func) if not isinstance(call, exp.Connector))
        return all(self._name(call) in FUNCTIONS for call in calls)

    def _name(self, call: Any) -> str:
        known = {"timestamp_trunc": "date_trunc"}
        name = str(call.name if isinstance(call, self.exp.Anonymous) else call.sql_name()).lower()
        return known.get(name, name)
