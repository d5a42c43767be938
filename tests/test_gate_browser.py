"""Proposals are an attacker's text: the report of a decision in a real browser."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import guard_nb as gn
from test_report_browser import CONTRAST, HOSTILE, POLICY, assert_inert, blank, chromium, inspect

__all__ = ["blank", "chromium"]

pytestmark = pytest.mark.browser

GATE = json.dumps(
    {
        "apiVersion": "guard-nb/v1",
        "kind": "Gate",
        "id": "payments",
        "tools": [
            {
                "name": "pay",
                "inputSchema": {
                    "type": "object",
                    "properties": {"amount": {"type": "number"}, "to": {"type": "string"}},
                },
                "money": {"amount": "/amount", "currency": "EUR"},
                "allow": "amount <= 500",
                "escalate": "amount > 200",
            }
        ],
        "limits": [{"name": "day", "type": "budget", "max": "300.00", "currency": "EUR", "window": "day"}],
    }
)


def pay(id_: str, amount: object, **more: object) -> dict[str, Any]:
    arguments = {"amount": amount, "to": "acme", **more}
    return {
        "kind": "action",
        "id": id_,
        "principal": "bot-7",
        "task": "invoice 881",
        "tool": "pay",
        "arguments": arguments,
    }


@pytest.mark.parametrize("policy", ["", POLICY], ids=["without a policy", "under a policy"])
def test_hostile_proposals_are_text(blank: Any, policy: str) -> None:
    for text in HOSTILE:
        # Names in a gate are seen, whatever they say.
        seen = "".join(filter(str.isprintable, text)).strip() or "day"
        gate = gn.Gate.loads(GATE.replace('"day", "type"', f'{json.dumps(seen)}, "type"'))
        wild = {
            "kind": "action",
            "id": text,
            "principal": text,
            "task": text,
            "tool": text,
            "arguments": {text: [text]},
        }
        strange = pay(text, 1, **{text: {text: text}})
        for proposal in (
            wild,
            strange,
            pay(text, 400),
            pay("x" + text, 250, to=text),
            {"kind": text, text: text},
            text,
        ):
            found = inspect(blank, gate.decide(proposal).to_html(), policy)
            assert_inert({**found, "tags": [tag for tag in found["tags"] if tag != "br"]})


def test_reports_are_small_and_readable_in_both_themes(chromium: Any) -> None:
    gate = gn.Gate.loads(GATE)
    decisions = [
        gate.decide(pay("a", 120.5)),
        gate.decide(pay("b", 199)),
        gate.decide(pay("c", 250)),
        gate.decide(pay("d", "7")),
    ]
    assert [one.verdict for one in decisions] == ["allow", "deny", "deny", "deny"]
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme, viewport={"width": 900, "height": 700})
        shown = context.new_page()
        for decision in decisions:
            html = decision.to_html()
            assert len(html.encode()) <= 8_000
            shown.set_content(f"<!doctype html><style>:root{{color-scheme:light dark}}</style><body>{html}</body>")
            assert shown.evaluate(CONTRAST) >= 4.5, (scheme, decision)
        if folder := os.environ.get("SCREENSHOTS"):
            page = "<hr>".join(decision.to_html() for decision in decisions)
            shown.set_content(f"<!doctype html><style>:root{{color-scheme:light dark}}</style><body>{page}</body>")
            shown.screenshot(path=Path(folder) / f"decision-{scheme}.png", full_page=True)
        context.close()


def test_the_notebook_gets_the_document(blank: Any) -> None:
    decision = gn.Gate.loads(GATE).decide(pay("a", 501))
    bundle = decision._repr_mimebundle_()
    assert bundle["application/vnd.guard-nb.decision.v1+json"] == json.loads(decision.to_json())
    found = inspect(blank, bundle["text/html"], POLICY)
    for words in ("✗ deny", "rule-false", "to do:", "proposed", "had to hold", "not reached", "501"):
        assert words in found["text"], words
