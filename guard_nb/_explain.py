"""What is known of expressions and transforms, as text for people."""

from __future__ import annotations

from typing import Any

from guard_nb._visible import brief, visible

MARKS = {"proved": "✓", "checked": "·", "impossible": "✗"}
# How to handle a fault in the text, so that its records are not quarantined.
WAYS = {
    "arithmetic-overflow": "bound the columns in an input contract, or compute with CAST(x AS DECIMAL(38, 0))",
    "division-by-zero": "divide by NULLIF(x, 0): NULL where there is no quotient",
    "result-not-finite": "an input contract says that numbers are finite; or CASE WHEN is_finite(x) THEN … END",
    "cast-failed": "TRY_CAST(x AS type): NULL where there is no value",
    "argument-out-of-range": "CASE WHEN x is in range THEN … END",
    "temporal-out-of-range": "bound the dates in an input contract, or CASE WHEN x is in range THEN … END",
    "result-too-large": "bound the length in an input contract, or left(x, n)",
}
ANY_WAY = "TRY_CAST, NULLIF, COALESCE or CASE"
WHAT_CAP = 200
PROVED_CAP = 1_000


def tree_text(lines: list[dict[str, Any]], indent: str = "") -> str:
    """A tree of sub-expressions: what, type, what it can be, how it can fail, what it costs."""
    shown = [(indent + "  " * line["depth"] + brief(line["what"], WHAT_CAP), _facts(line)) for line in lines]
    width = min(44, max((len(left) for left, _ in shown), default=0))
    return "\n".join(f"{left:<{width}}  {right}".rstrip() for left, right in shown)


def _facts(line: dict[str, Any]) -> str:
    if line["again"]:
        return "(as above, computed once)"
    words = [line["type"]]
    if line["range"]:
        words.append(line["range"])
    words.append("can be NULL" if line["nullable"] else "never NULL")
    if line["faults"]:
        words.append(f"can fail: {', '.join(line['faults'])}")
    if line["cost"]:
        words.append(f"~{line['cost']} ns")
    return " · ".join(words)


def transform_text(report: dict[str, Any]) -> str:
    """A transform: items with lineage, then the condition, faults with ways to handle them, clauses, cost."""
    parts = []
    for item in report["items"]:
        fed = f"  ← {_names(item['from'])}" if item["from"] else ""
        decided = f"  decided by {_names(item['decidedBy'])}" if item["decidedBy"] else ""
        parts.append(f"{visible(item['name'])}{fed}{decided}\n{tree_text(item['tree'], '  ')}")
    if report["where"]:
        parts.append(f"WHERE\n{tree_text(report['where']['tree'], '  ')}")
    if report["faults"]:
        parts.append("can fail; such records are quarantined alone, unless the text handles them")
        parts += [f"  {code}: {WAYS.get(code, ANY_WAY)}" for code in report["faults"]]
    else:
        parts.append("cannot fail")
    proved = [f"{clause['column']} {clause['clause']}" for clause in report["clauses"] if clause["state"] == "proved"]
    if proved:
        parts.append(f"{MARKS['proved']} proved before running: {brief(', '.join(proved), PROVED_CAP)}")
    for clause in report["clauses"]:
        if clause["state"] == "proved":
            continue
        said = f"{clause['column']}: {clause['clause']} {clause['state']} ({clause['why']})"
        parts.append(f"{MARKS[clause['state']]} {visible(said)}")
    parts.append(f"about {report['costNs']:,} ns a record")
    return "\n".join(parts)


def _names(columns: list[str]) -> str:
    return ", ".join(visible(column) for column in columns)
