"""The page of what a query policy can allow: functions and forms, each asked of the gate in every dialect."""

from __future__ import annotations

import json
import re

import guard_nb as gn
from generated import ROOT

TABLE = ROOT / "rust" / "query" / "src" / "functions.rs"
DIALECTS = {"duckdb": "DuckDB", "postgresql": "PostgreSQL", "sqlite": "SQLite", "generic": "generic"}
KINDS = {
    "Aggregate": "Aggregates",
    "Ordered": "Aggregates WITHIN GROUP",
    "Window": "Windows",
    "Scalar": "Of one row",
    "Clock": "Of times in SQLite",
}
FORMS = {
    "SELECT list": [
        "SELECT id, amount * 2 AS twice FROM orders",
        "SELECT * FROM orders",
        "SELECT DISTINCT id FROM orders",
    ],
    "Conditions": [
        "SELECT id FROM orders WHERE amount > 5 AND NOT (id = 1 OR id IS NULL)",
        "SELECT id FROM orders WHERE id IN (1, 2) OR id BETWEEN 3 AND 5",
        "SELECT id FROM orders WHERE country LIKE 'A%'",
        "SELECT id FROM orders WHERE country ILIKE 'a%'",
        "SELECT id FROM orders WHERE amount IS DISTINCT FROM 5",
    ],
    "Joins": [
        "SELECT o.id FROM orders o JOIN items i ON o.id = i.order_id",
        "SELECT o.id FROM orders o LEFT JOIN items i ON o.id = i.order_id",
        "SELECT o.id FROM orders o RIGHT JOIN items i ON o.id = i.order_id",
        "SELECT o.id FROM orders o FULL JOIN items i ON o.id = i.order_id",
        "SELECT o.id FROM orders o CROSS JOIN items i",
        "SELECT id FROM orders JOIN more USING (id)",
        "SELECT orders.id FROM orders NATURAL JOIN more",
        "SELECT o.id FROM orders o, LATERAL (SELECT i.order_id FROM items i WHERE i.order_id = o.id) x",
    ],
    "Groups": [
        "SELECT country, sum(amount) FROM orders GROUP BY country HAVING count(*) > 1",
        "SELECT country, sum(amount) FROM orders GROUP BY ROLLUP (country)",
        "SELECT country, sum(amount) FROM orders GROUP BY ALL",
        "SELECT sum(amount) FILTER (WHERE id > 1) FROM orders",
    ],
    "Windows": [
        "SELECT id, sum(amount) OVER (PARTITION BY country ORDER BY id) FROM orders",
        "SELECT id, sum(amount) OVER w FROM orders WINDOW w AS (ORDER BY id)",
        "SELECT id FROM orders QUALIFY sum(amount) OVER (ORDER BY id) < 9",
    ],
    "Subqueries and WITH": [
        "WITH big AS (SELECT id FROM orders WHERE amount > 5) SELECT id FROM big",
        "WITH RECURSIVE big AS (SELECT id FROM orders) SELECT id FROM big",
        "SELECT id FROM orders WHERE id IN (SELECT order_id FROM items)",
        "SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id)",
        "SELECT id, (SELECT count(*) FROM items i WHERE i.order_id = o.id) AS n FROM orders o",
    ],
    "Set operations": [
        "SELECT id FROM orders UNION ALL SELECT order_id FROM items",
        "SELECT id FROM orders UNION SELECT order_id FROM items",
        "SELECT id FROM orders INTERSECT SELECT order_id FROM items",
        "SELECT id FROM orders EXCEPT ALL SELECT order_id FROM items",
    ],
    "Order and limit": [
        "SELECT id FROM orders ORDER BY amount DESC NULLS LAST LIMIT 5 OFFSET 2",
        "SELECT id FROM orders ORDER BY id FETCH FIRST 5 ROWS ONLY",
        "SELECT id FROM orders LIMIT (SELECT 5)",
    ],
    "Expressions": [
        "SELECT CASE WHEN amount > 5 THEN 'much' ELSE country END AS words FROM orders",
        "SELECT CAST(amount AS VARCHAR) AS words FROM orders",
        "SELECT amount::INTEGER AS whole FROM orders",
        "SELECT country || '!' AS words FROM orders",
        "SELECT EXTRACT(YEAR FROM DATE '2026-01-31') AS year FROM orders",
        "SELECT id FROM orders WHERE country ~ 'a'",
    ],
    "Else": [
        "SELECT id FROM orders -- note",
        "SELECT id FROM orders; SELECT 1",
        "SELECT id FROM orders FOR UPDATE",
        "SELECT id FROM orders TABLESAMPLE (5 PERCENT)",
        "SELECT * FROM (VALUES (1), (2)) AS v(n)",
        "INSERT INTO orders (id) VALUES (1)",
    ],
}


def table() -> dict[str, dict[str, list[bool]]]:
    """Kinds of functions, their names, and the dialects that have them, as the source lists them."""
    found: dict[str, dict[str, list[bool]]] = {kind: {} for kind in KINDS}
    entry = re.compile(r'^\s*\("(\w+)", Kind::(\w+)(?:\(\d\))?, ([A-Z| ]+)\)', re.MULTILINE)
    for name, kind, bits in entry.findall(TABLE.read_text(encoding="utf-8")):
        found[kind][name] = [bits == "ALL" or bit in bits.split(" | ") for bit in "DPSG"]
    return found


def gate(dialect: str, functions: list[str]) -> gn.Gate:
    """A gate of three relations."""
    relations = {
        "orders": {"columns": ["id", "amount", "country"]},
        "items": {"columns": ["order_id", "sku"]},
        "more": {"columns": ["id", "note"]},
    }
    queries = {"dialect": dialect, "maxRows": 100, "relations": relations, "functions": functions}
    return gn.Gate.loads(json.dumps({"apiVersion": "guard-nb/v1", "kind": "Gate", "id": "g", "queries": queries}))


def allowable(dialect: str, name: str) -> bool:
    """Can a policy of the dialect allow the function?"""
    try:
        gate(dialect, [name])
    except gn.GateError:
        return False
    return True


def row(cell: str, marks: list[bool]) -> str:
    """A line of a table: yes or nothing."""
    return f"| {cell} | {' | '.join('yes' if mark else '' for mark in marks)} |\n"


def form(sql: str, gates: list[gn.Gate]) -> str:
    """A form: who lets it through, or why nobody does."""
    query = {"kind": "query", "id": sql, "principal": "b", "sql": sql}
    decisions = [gate.decide(query) for gate in gates]
    shown = f"`{sql}`".replace("|", "\\|")
    if not any(decisions):
        shown += f" — {decisions[0].reasons[0].code}"
    return row(shown, [bool(decision) for decision in decisions])


def page() -> str:
    """The page."""
    head = f"|  | {' | '.join(DIALECTS.values())} |\n|---|{'---|' * len(DIALECTS)}\n"
    parts = [
        "# What a query policy can allow\n"
        "What is not here, or has no `yes`, is denied; the decision says why. A function must also be one of the\n"
        "policy's `functions`. The rules: [G8](../spec/gate.md).\n"
    ]
    wanted = ["sum", "count", "extract"]
    gates = [gate(dialect, [name for name in wanted if allowable(dialect, name)]) for dialect in DIALECTS]
    for title, forms in FORMS.items():
        parts.append(f"## {title}\n{head}{''.join(form(sql, gates) for sql in forms)}")
    parts.append(
        "# Functions that can be allowed\nNone reads files, the catalogue, the session, the clock or chance.\n"
    )
    for kind, names in table().items():
        rows = "".join(row(f"`{name}`", marks) for name, marks in sorted(names.items()))
        parts.append(f"## {KINDS[kind]}\n{head}{rows}")
    return "\n".join(parts)
