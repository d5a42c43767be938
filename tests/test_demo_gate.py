"""What the fourth notebook shows of a gate, counted again by a plain reading of its gate file."""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest

import guard_nb

ROOT = Path(guard_nb.__file__).parent.parent
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
NOTEBOOK = NOTEBOOKS / "04_gate_an_agent.ipynb"
DECISION, BACKTEST = (f"application/vnd.guard-nb.{name}.v1+json" for name in ("decision", "backtest"))
REASONS = {"damaged", "late", "lost", "wrong item"}
# What a decision can be about (G2.5).
KINDS = {"form", "tool", "schema", "records", "money", "allow", "escalate", "query", "transform"}
LIMITS = {"budget", "velocity", "rate", "once", "order"}

sys.path.insert(0, str(NOTEBOOKS))
import run_demo  # noqa: E402


@pytest.fixture(scope="module")
def notebook() -> Any:
    """The notebook, run; its own assertions hold, or this fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        return run_demo.execute(NOTEBOOK)


def outputs(notebook: Any, mime: str) -> list[Any]:
    found = [output["data"] for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    return [data[mime] for data in found if mime in data]


def test_every_obligation_fails_and_holds(notebook: Any):
    """The last table, read from its text: kind, failed, held."""
    rows = [line.strip("│").split("┆") for line in outputs(notebook, "text/plain")[-1].splitlines() if "┆" in line]
    counts = {kind.strip(): (int(failed), int(held)) for kind, failed, held in rows[1:]}
    assert set(counts) == KINDS | LIMITS
    assert all(failed and held for failed, held in counts.values())


def test_each_verdict_is_shown_as_a_report(notebook: Any):
    shown = outputs(notebook, DECISION)
    assert {each["verdict"] for each in shown} == {"allow", "deny", "escalate", "transform"}
    assert {reason["code"] for each in shown for reason in each["reasons"]} == {
        "rule-false",
        "approval-required",
        "budget-exceeded",
        "transform-null",
    }
    (approved,) = [each for each in shown if "approvedBy" in each]
    assert (approved["verdict"], approved["approvedBy"]) == ("allow", "ada")


def test_nothing_is_told_of_the_machine(notebook: Any):
    page = run_demo.page(notebook)
    assert str(ROOT) not in page
    for word in ("<script", "src=", "@import", "url(", "<link", "<iframe"):
        assert word not in page.lower(), word


def history(notebook: Any) -> list[tuple[datetime, dict[str, Any]]]:
    """The year, made by the notebook's own functions."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (helpers,) = [source for source in cells if "def refund(" in source]
    (maker,) = [source for source in cells if "def history(" in source]
    scope: dict[str, Any] = {}
    exec(cells[0], scope)
    exec(helpers[: helpers.index("def decide(")], scope)
    exec(maker[: maker.index("year = ")], scope)
    scope["scratch"].cleanup()
    past: pl.DataFrame = scope["history"]()
    assert past.height == 20_000
    return [(at, json.loads(text, parse_float=Decimal)) for at, text in past.select("at", "proposal").iter_rows()]


def read(past: list[tuple[datetime, dict[str, Any]]], ask_over: int, purse: int) -> list[tuple[str, str | None]]:
    """Verdict and code of each, by going through all that was allowed before."""
    looked: dict[tuple[str, str], datetime] = {}
    refunds: list[tuple[datetime, int, Decimal]] = []
    refunded: set[str] = set()
    notes: dict[str, datetime] = {}
    said: list[tuple[str, str | None]] = []
    for at, proposal in past:
        call, task = proposal["arguments"], proposal["task"]
        if proposal["tool"] == "find_order":
            looked[task, call["order"]] = at
            said.append(("allow", None))
            continue
        if proposal["tool"] == "send_note":
            due = max(notes.get(proposal["principal"], at), at)
            if due - at > timedelta(minutes=30):
                said.append(("deny", "rate-exceeded"))
            else:
                notes[proposal["principal"]] = due + timedelta(minutes=30)
                said.append(("allow", None))
            continue
        amount = call["amount"]
        if call["reason"] not in REASONS or amount > 150:
            said.append(("deny", "rule-false"))
            continue
        while refunds and refunds[0][0] <= at - timedelta(days=30):
            refunds.pop(0)
        lately = itertools.takewhile(lambda one, since=at - timedelta(hours=24): one[0] > since, reversed(refunds))
        day = sum(spent for _, _, spent in lately)
        month = sum(who == call["customer"] for _, who, _ in refunds)
        last = looked.get((task, call["order"]))
        faults = {
            "budget-exceeded": day + amount > purse,
            "velocity-exceeded": month >= 2,
            "order-missing": last is None or last < at - timedelta(hours=8),
            "intent-repeated": call["order"] in refunded,
        }
        fault = next(itertools.compress(faults, faults.values()), None)
        if fault is not None:
            said.append(("deny", fault))
        elif amount > ask_over or call.get("days_late", 0) > 60:
            said.append(("escalate", "approval-required"))
        else:
            refunds.append((at, call["customer"], amount))
            refunded.add(call["order"])
            said.append(("allow", None))
    return said


def test_the_back_test_is_what_a_plain_reading_gives(notebook: Any):
    past = history(notebook)
    before, after = read(past, 50, 300), read(past, 25, 250)
    plain, compared = outputs(notebook, BACKTEST)
    summary = Counter({(each["verdict"], each["code"]): each["proposals"] for each in plain["summary"]})
    assert summary == Counter(before)
    pairs = Counter((old, new) for (old, _), (new, _) in zip(before, after, strict=True))
    names = ("allow", "escalate", "deny")
    assert compared["changes"] == [{"before": old, **{new: pairs[old, new] for new in names}} for old in names]
    assert compared["changed"] == sum(count for (old, new), count in pairs.items() if old != new)
    assert compared["changed"] > 0


def test_the_notebook_is_stored_without_outputs():
    stored = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(stored)
    for cell in stored.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
