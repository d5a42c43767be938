"""`decide` on anything: it never raises, and it never allows what a plain reading denies."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import guard_nb as gn

GATE = """
apiVersion: guard-nb/v1
kind: Gate
id: any
tools:
  - name: pay
    inputSchema:
      type: object
      required: [payee, amount]
      additionalProperties: false
      properties:
        payee: {type: string, maxLength: 12, pattern: "^[a-z]+$"}
        amount: {type: number, exclusiveMinimum: 0}
        parts: {type: integer, minimum: 0}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 50.00 AND (parts IS NULL OR amount / parts < 20)"
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["pay", "refund", "", "PAY"])
amounts = st.one_of(
    st.integers(-5, 60),
    st.decimals(-5, 60, places=2),
    st.decimals(-5, 60, places=3),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["7.35", None, True, [7], {}]),
)
proposals = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["action", "action", "action", "query", "shell"]),
        # Marks, and what Python's tables do not know yet, are seen or not by tables of their own.
        "id": st.text(st.characters(exclude_categories=("Cn", "Cs", "Mn")), min_size=0, max_size=3),
        "principal": st.sampled_from(["bot", "bot", "", 7]),
        "tool": names,
        "arguments": st.fixed_dictionaries(
            {"payee": st.sampled_from(["acme", "Acme", "", "acme\n", 5]), "amount": amounts},
            optional={"parts": st.integers(-1, 4), "extra": JSON},
        ),
    },
    optional={"task": st.sampled_from(["t", None, ""]), "more": JSON},
)


def seen(text: str) -> bool:
    """Is every character drawn as something, but for single blanks inside?"""
    drawn = all(char.isprintable() and char not in "\u115f\u1160\u3164\uffa0" for char in text)
    return drawn and text == text.strip()


def allows(proposal: dict[str, Any]) -> bool:
    """The gate above, read plainly."""
    known = {"kind", "id", "principal", "tool", "arguments", "task"}
    texts = [proposal[name] for name in ("id", "principal", "tool")]
    if "task" in proposal:
        texts.append(proposal["task"])
    arguments = proposal["arguments"]
    amount = arguments["amount"]
    if not (set(proposal) <= known and proposal["kind"] == "action" and proposal["tool"] == "pay"):
        return False
    if not all(isinstance(text, str) and 1 <= len(text) <= 256 and seen(text) for text in texts):
        return False
    if not set(arguments) <= {"payee", "amount", "parts"} or arguments["payee"] != "acme":
        return False
    if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):
        return False
    exact = Decimal(repr(amount)) if isinstance(amount, float) else Decimal(amount)
    if not exact.is_finite() or not 0 < exact <= 50:
        return False
    written = format(exact, "f")
    cents = written.partition(".")[2]
    if isinstance(amount, float):
        cents = cents.removesuffix("0") if cents == "0" else cents
    if len(cents) > 2:
        return False
    parts = arguments.get("parts")
    # Division by zero decides nothing, and neither does what is negative.
    return parts is None or (parts > 0 and exact / parts < 20)


@settings(max_examples=400, deadline=None)
@given(proposals)
def test_it_allows_what_a_plain_reading_allows(proposal: dict[str, Any]) -> None:
    decision = gn.Gate.loads(GATE).decide(proposal)
    assert bool(decision) == allows(proposal), (decision, proposal)
    assert decision or decision.reasons


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80) | JSON.map(lambda value: json.dumps(value, default=str)))
def test_arbitrary_texts_are_denied_with_a_code(text: str | bytes) -> None:
    decision = gn.Gate.loads(GATE).decide(text)
    assert decision.verdict == "deny"
    assert gn.codes(decision.reasons[0].code)


@settings(max_examples=300, deadline=None)
@given(proposals, st.data())
def test_a_broken_text_is_never_allowed_unless_it_reads_so(proposal: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(proposal, default=str, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(len(text), at + 6)))
    text = (
        text[:at]
        + data.draw(st.sampled_from(["", "\\", '"', "{", "}", ",", "0", "9", "null", "\x00", "e", "."]))
        + text[end:]
    )
    decision = gn.Gate.loads(GATE).decide(text.encode("utf-8", "surrogatepass"))
    if decision:
        assert allows(json.loads(text, parse_float=Decimal))
    assert json.loads(decision.to_json())["verdict"] == decision.verdict
