"""What is known of expressions and transforms, as text for people."""

from __future__ import annotations

from typing import Any


def tree_text(lines: list[dict[str, Any]], indent: str = "") -> str:
    """A tree of sub-expressions: what, type, what it can be, how it can fail, what it costs."""
    shown = [(indent + "  " * line["depth"] + line["what"], _facts(line)) for line in lines]
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
        fed = f"  ← {', '.join(item['from'])}" if item["from"] else ""
        decided = f"  decided by {', '.join(item['decidedBy'])}" if item["decidedBy"] else ""
        parts.append(f"{item['name']}{fed}{decided}\n{tree_text(item['tree'], '  ')}")
    if report["where"]:
        parts.append(f"WHERE\n{tree_text(report['where']['tree'], '  ')}")
    if report["faults"]:
        ways = "such records are quarantined alone; to handle them yourself say TRY_CAST, NULLIF, COALESCE or CASE"
        parts.append(f"can fail: {', '.join(report['faults'])}\n  {ways}")
    else:
        parts.append("cannot fail")
    for clause in report["clauses"]:
        mark = {"proved": "✓", "checked": "·", "impossible": "✗"}[clause["state"]]
        parts.append(f"{mark} {clause['column']}: {clause['clause']} {clause['state']} ({clause['why']})")
    parts.append(f"about {report['costNs']:,} ns a record")
    return "\n".join(parts)
