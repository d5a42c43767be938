"""Proposals and amounts as JSON text, with the digits kept (docs/spec/gate.md, G1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from guard_nb import _texts

DEEPEST = 100
FARTHEST = 400
# Bits of whole numbers; those beyond are denied for their digits, and Python refuses to write them.
LONGEST = 4_000
Amount = Decimal | int | float | str
Proposal = Mapping[str, Any] | str | bytes


def encoded(proposal: object) -> bytes:
    """The bytes of a proposal, or of a context. What is no mapping, text or bytes is a `TypeError`."""
    if isinstance(proposal, bytes):
        return proposal
    if not isinstance(proposal, Mapping | str):
        message = f"a proposal is a mapping or JSON text, not `{type(proposal).__name__}`"
        raise TypeError(message)
    text = proposal if isinstance(proposal, str) else _json(proposal, 0)
    # Half of a surrogate pair becomes bytes that are no UTF-8, which is a denial.
    return text.encode("utf-8", "surrogatepass")


def plain(value: Amount) -> str:
    """Plain digits: a float by its shortest decimal form, without a fraction where it has none."""
    if isinstance(value, str):
        return _texts.text("actual", value)
    if isinstance(value, float):
        # Numbers of other libraries are floats too, and show themselves in their own way.
        value = Decimal(float.__repr__(value).removesuffix(".0"))
    if isinstance(value, int) and value.bit_length() > LONGEST:
        return f"{'-' if value < 0 else ''}1e{FARTHEST + 1}"
    # What is far beyond any limit keeps its exponent: written out it could have any number of zeros.
    plainly = isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) <= FARTHEST)
    return format(value, "f") if plainly else str(value)


def _json(value: object, depth: int) -> str:
    """A value as JSON text with the digits kept; what JSON has no form for is written so that it is denied."""
    if depth > DEEPEST:
        return "[]"  # Nobody reads so deep.
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float | Decimal):
        return plain(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        names = [_texts.text("a name of the proposal", name) for name in value]
        return "{" + ",".join(f"{json.dumps(name)}:{_json(value[name], depth + 1)}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_json(item, depth + 1) for item in value) + "]"
    message = f"a proposal holds a `{type(value).__name__}`, which JSON has no form for"
    raise TypeError(message)
