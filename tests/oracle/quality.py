"""One entry of `quality`: what it counts, its operator and its scope (S1.8, S2.9, S7.5)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle import checks, rules
from oracle.canonical import Num
from oracle.cells import Tree
from oracle.values import Refused


def listed(value: Any) -> list[Any]:
    """A list, of one where only one is written."""
    return value if isinstance(value, list) else [value]


class Quality:
    """What is written, read once."""

    def __init__(self, rule: Tree) -> None:
        self.metric, self.engine = rule.get("metric", rule.get("rule")), rule.get("engine")
        self.arguments: Tree = rule.get("arguments") or {}
        self.kind = str(rule.get("type") or ("library" if self.metric else "text"))
        self.operators = [name for name in rule if name.startswith("must")]
        self.digits = listed(rule[self.operators[0]]) if len(self.operators) == 1 else []
        self.bounds = [Fraction(Decimal(item)) for item in self.digits if isinstance(item, Num)]
        self.unit = rule.get("unit", "rows")
        self.percent = self.unit == "percent"
        self.row_rule = self.kind == "sql" or (self.kind == "custom" and self.engine == "guard_nb")

    @property
    def clause(self) -> str:
        """The clause's kind."""
        if self.metric in rules.METRICS:
            return str(self.metric)
        return "rowRule" if self.kind == "custom" and self.row_rule else self.kind

    @property
    def scope(self) -> str:
        """What the clause judges."""
        counted = self.kind == "library" and self.metric in rules.METRICS[:4]
        if (self.row_rule or counted) and 0 < len(self.digits) == len(self.bounds):
            if not checks.without_tolerance(self.operators[0], self.bounds, self.percent):
                return "table"
            return "key" if self.metric == "duplicateValues" else "record"
        return "record" if self.kind in ("sql", "custom") else "table"

    @property
    def phrase(self) -> str:
        """The clause's name for people."""
        custom = "row rule" if self.row_rule else f"custom rule ({self.engine})"
        known = {"sql": "sql rule", "custom": custom, "text": "text"}
        if self.kind in known or not self.digits:
            return known.get(self.kind, str(self.metric))
        return f"{self.metric} {self.operators[0]} {' and '.join(map(str, self.digits))}{' percent' * self.percent}"

    def check(self) -> None:
        """Refuses what cannot be judged."""
        if self.kind == "custom" and not self.row_rule:
            raise Refused("engine-unknown")
        if self.kind == "library" and self.metric not in rules.METRICS:
            raise Refused("metric-unknown")
        if not self.digits and (len(self.operators) > 1 or self.kind != "custom"):
            raise Refused("operator-missing")
        if len(self.bounds) < len(self.digits):
            raise Refused("bound-unreadable")
        if self.unit not in ("rows", "percent"):
            raise Refused("unit-unknown")

    def admits(self, count: int, of: int) -> bool:
        """Whether the operator admits the count."""
        return checks.admits(
            self.operators[0], self.bounds, Fraction(count * 100, of or 1) if self.percent else Fraction(count)
        )

    def measured(self, count: int, of: int) -> Tree:
        """The clause's metric."""
        unit = "percent" if self.percent else "rows"
        return {"name": "violations" if self.row_rule else self.clause, "value": count, "of": of, "unit": unit, "operator": self.operators[0],
                "threshold": [str(item) for item in self.digits]}  # fmt: skip
