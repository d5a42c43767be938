"""Library metrics (S2.13) and service levels (S4): what is counted, and against what."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.arrow import Type, family
from oracle.canonical import Num
from oracle.cells import Cells, Tree, keyed, missing
from oracle.checks import Test, ecma
from oracle.values import DAY, Refused, amount, date_text, nearest, parse_date, read

METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
LEVELS = ("freshness", "latency", "retention")
_UNITS = {
    "ms": Fraction(1, 1000),
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86_400,
    "w": 604_800,
    "mo": "months",
    "y": "years",
}
_WORDS = {
    "sec": "s",
    "second": "s",
    "minute": "min",
    "hr": "h",
    "hour": "h",
    "day": "d",
    "week": "w",
    "month": "mo",
    "year": "y",
}


def among(cells: Cells, entries: list[Any]) -> Test:
    """Test for being one of the contract's values."""
    cells.need()
    allowed = {nearest(entry, cells.kind) for entry in entries if entry is not None and cells.kind.name != "null"}
    number = family(cells.kind) in ("integer", "number")
    return lambda value: (amount(value) if number else value) in allowed


def flagged(cells: Cells, code: str, fails: Test) -> Tree:
    """The values, NULL among them, on which `fails` is true."""
    bad = [(row, path, cells.shown(value)) for row, path, value in cells.need() if fails(value)]
    return {"evaluated": len(cells.cells), "bad": bad, "code": code, "count": len(bad)}


def _readable(entry: Any, kind: Type) -> bool:
    try:
        return read(entry, kind) is not None
    except Refused:
        return False


def measure(metric: str, arguments: Tree, cells: Cells | None, top: dict[str, Cells], rows: int) -> Tree:
    """Flagged values of a metric, and `count`, what its operator judges."""
    if metric == "rowCount":
        return {"evaluated": rows, "bad": [], "code": "metric-out-of-range", "count": rows}
    names = [] if cells else arguments.get("properties") or []
    if metric == "duplicateValues" and (cells or names):
        return keyed([cells] if cells else [top.get(name, missing(name, "column-missing")) for name in names])
    if cells is None:
        raise Refused("option-misplaced")
    if metric == "invalidValues":
        valid = among(cells, arguments["validValues"]) if "validValues" in arguments else lambda value: True
        pattern = ecma(arguments["pattern"]) if "pattern" in arguments else None
        tests: list[Test] = [valid, lambda value: pattern is None or pattern.search(value) is not None]
        return flagged(
            cells, "value-invalid", lambda value: value is not None and not all(test(value) for test in tests)
        )
    listed = arguments.get("missingValues", [None, ""]) if metric == "missingValues" else [None]
    found = among(cells, [entry for entry in listed if _readable(entry, cells.kind)])
    return flagged(cells, "value-missing", lambda value: None in listed if value is None else found(value))


def _step(written: Any, unit: Any) -> Any:
    """Seconds of a unit, or `months` or `years`."""
    word = str(unit)
    step = _UNITS.get(_WORDS.get(word) or _WORDS.get(word.removesuffix("s")) or word)
    if step is None:
        raise Refused("unit-ambiguous" if word == "m" else "unit-unknown")
    if not isinstance(written, Num) or (isinstance(step, str) and Fraction(Decimal(written)).denominator != 1):
        raise Refused("bound-unreadable")
    return step


def _limit(as_of: int, count: Fraction, step: Any) -> Fraction:
    """The oldest instant allowed."""
    if not isinstance(step, str):
        return Fraction(as_of - count * step * 10**9)
    day = date.fromisoformat(date_text(as_of // DAY))
    months = day.year * 12 + day.month - 1 - int(count) * (12 if step == "years" else 1)
    year, month = months // 12, months % 12 + 1
    moved = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    return Fraction(parse_date(moved.isoformat()) * DAY + as_of % DAY)


def level(entry: Tree, columns: list[Cells], as_of: int | None) -> Tree:
    """Judges the newest or, for retention, the oldest value of the columns."""
    name, written = str(entry["property"]), entry.get("value")
    if not columns:
        raise Refused("element-unknown")
    step = _step(written, entry.get("unit"))
    cells = [(value, family(source.kind)) for source in columns for _, _, value in source.need()]
    if any(family(source.kind) not in ("date", "timestamp", "null") for source in columns):
        raise Refused("type-mismatch")
    if as_of is None:
        raise Refused("as-of-missing")
    there = [value * (DAY if kind == "date" else 1) for value, kind in cells if value is not None]
    if not there:
        return {"evaluated": len(cells), "bad": [], "holds": None, "code": "no-values"}
    edge = min(there) if name == "retention" else max(there)
    metric = {"name": name, "value": max(0, (as_of - edge) // 10**6), "of": len(cells), "unit": entry["unit"],
              "operator": "mustBeLessOrEqualTo", "threshold": [str(written)]}  # fmt: skip
    holds = edge >= _limit(as_of, Fraction(Decimal(str(written))), step)
    return {"evaluated": len(cells), "bad": [], "holds": holds, "code": "too-old", "metric": metric}
