"""The table of codes: what can be wrong, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from guard_nb import _native


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the table. `area` is contract, data, plan, expression, ingest or usage."""

    name: str
    area: str
    summary: str
    help: str
    example: str


def codes(name: str | None = None) -> list[Code]:
    """Every code, or the one of this name (an empty list if there is none).

    >>> codes("value-duplicate")[0].summary
    'a key occurs in more than one record'
    """
    table = [Code(*row) for row in _native.codes()]
    return table if name is None else [code for code in table if code.name == name]
