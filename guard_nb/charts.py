"""Charts of verdicts: Altair objects to edit, shown where Altair's own output is not.

JupyterLab renders Vega-Lite up to version 5 while Altair writes version 6, and its HTML loads scripts from elsewhere.
The charts here display as Vega-Lite 5, as SVG where `vl-convert-python` is installed, and as text.
"""

from __future__ import annotations

import importlib
from collections import Counter
from typing import Any

from guard_nb._frames import undecided
from guard_nb.errors import UsageError

VEGALITE = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FAIL, UNKNOWN, WARN = "#d55e00", "#9a6fb0", "#e69f00"
SHADES = {"fail": FAIL, "fail (only reported)": WARN, "unknown": UNKNOWN}
KINDS = ("clauses",)
TOOLTIP = ("clause", "outcome", "failing", "undecided", "evaluated", "code", "scope")


class ClauseChart:
    """An Altair chart (`altair`) with a display that needs no network. Its own methods can be called here too."""

    def __init__(self, chart: Any, text: str) -> None:
        self.altair = chart
        self._text = text

    def __getattr__(self, name: str) -> Any:
        """What the Altair chart has; what gives a chart gives one that displays like this one."""
        found = getattr(self.altair, name)
        if name.startswith("_") or not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            made = found(*args, **kwargs)
            return ClauseChart(made, self._text) if isinstance(made, type(self.altair)) else made

        return call

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        spec = {**self.altair.to_dict(), "$schema": SCHEMA}
        svg = _svg(spec)
        bundle: dict[str, Any] = {VEGALITE: spec, "text/plain": self._text}
        return bundle if svg is None else {**bundle, "image/svg+xml": svg}

    def __repr__(self) -> str:
        """The chart as text."""
        return self._text


def chart(document: dict[str, Any], kind: str = "clauses") -> ClauseChart:
    """A chart of a verdict document. `clauses`: how much of what each clause looked at fails.

    What is unknown has a colour of its own, because it is not a pass: a clause that could not be executed takes the
    full width, records on which a row rule could not be decided take their share behind those that fail. Clauses that
    pass are counted in the subtitle. Raises `UsageError` for another kind or without Altair.
    """
    if kind not in KINDS:
        raise UsageError(f"no chart `{kind}`", code="chart-unknown", help=f"use {', '.join(KINDS)}")
    judged = [clause for clause in document["clauses"] if clause["coverage"] != "informational"]
    labels = _labels(judged)
    bars_of = [_rows(clause, labels[clause["id"]]) for clause in judged]
    bars_of.sort(key=lambda rows: (-sum(row["share"] for row in rows), [row["order"] for row in rows]))
    rows = [row for rows in bars_of for row in rows]
    passing = f"{sum(clause['outcome'] == 'pass' for clause in judged)} of {len(judged)} clauses pass"
    alt = _altair()
    bars = alt.Chart(alt.InlineData(rows)).mark_bar(height=11, cornerRadiusEnd=2)
    shades = alt.Scale(domain=list(SHADES), range=list(SHADES.values()))
    encoded = bars.encode(
        y=alt.Y("clause:N", sort=None, title=None, axis=alt.Axis(labelLimit=360, ticks=False, domain=False)),
        x=alt.X("share:Q", title="share of what was looked at", axis=alt.Axis(format="%", grid=True, gridOpacity=0.3)),
        color=alt.Color("outcome:N", scale=shades, legend=alt.Legend(title=None, orient="top")),
        tooltip=[alt.Tooltip(f"{name}:N") for name in TOOLTIP],
    )
    title = alt.TitleParams(passing, anchor="start", fontWeight="normal", fontSize=12)
    return ClauseChart(encoded.properties(width=420, height=alt.Step(17), title=title), _text(rows, passing))


def _labels(clauses: list[dict[str, Any]]) -> dict[str, str]:
    """A label for each clause id: columns and name, and the id where that would be another clause's too."""
    plain = {}
    for clause in clauses:
        columns = ", ".join(clause["columns"]) if len(clause["columns"]) < 3 else ""
        plain[clause["id"]] = f"{columns}: {clause['name']}" if columns else clause["name"]
    times = Counter(plain.values())
    return {id_: label if times[label] == 1 else f"{label} ({id_})" for id_, label in plain.items()}


def _rows(clause: dict[str, Any], label: str) -> list[dict[str, Any]]:
    """The bars of a clause: what fails, then what could not be decided; none for a plain pass."""
    outcome, evaluated, failing = clause["outcome"], clause.get("evaluated") or 0, clause.get("failing") or 0
    open_ = undecided(clause)
    facts = {
        "clause": label,
        "failing": failing,
        "undecided": open_,
        "evaluated": evaluated,
        "code": clause.get("code") or "",
        "scope": clause["scope"],
        "order": clause["id"],
    }
    rows = []
    if outcome == "fail" or (outcome == "unknown" and not open_):
        counted = outcome == "fail" and evaluated and failing
        said = outcome if outcome != "fail" or clause["severity"] == "error" else "fail (only reported)"
        words = f"{failing:,} of {evaluated:,}" if counted else f"{outcome}: {clause.get('code')}"
        rows.append({**facts, "outcome": said, "share": failing / evaluated if counted else 1.0, "said": words})
    if open_:
        codes = ", ".join(reason["code"] for reason in clause["undecided"])
        share = min(open_ / evaluated, 1.0) if evaluated else 1.0
        words = f"{open_:,} of {evaluated:,} undecided: {codes}"
        rows.append({**facts, "outcome": "unknown", "share": share, "code": codes, "said": words})
    return rows


def _text(rows: list[dict[str, Any]], passing: str) -> str:
    width = max((len(row["clause"]) for row in rows), default=0)
    longest = max((row["share"] for row in rows), default=0) or 1
    lines = [
        f"{row['clause']:<{width}} {'█' * round(24 * row['share'] / longest) or '▏':<24} " + row["said"] for row in rows
    ]
    return "\n".join([*lines, passing])


def _altair() -> Any:
    try:
        return importlib.import_module("altair")
    except ImportError as error:
        help_ = "pip install 'guard_nb[notebook]'"
        raise UsageError("charts need the package `altair`", code="chart-unavailable", help=help_) from error


def _svg(spec: dict[str, Any]) -> str | None:
    """The chart as SVG, where `vl-convert-python` is installed."""
    try:
        convert = importlib.import_module("vl_convert")
    except ImportError:
        return None
    return str(convert.vegalite_to_svg(spec, vl_version="5.21"))
