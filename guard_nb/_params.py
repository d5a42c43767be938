"""Values of `:name` parameters on their way to the kernels."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from guard_nb import _arrow, _texts
from guard_nb._visible import visible
from guard_nb.errors import UsageError

Params = Mapping[str, object]


def frame(params: Params | None) -> Any:
    """One row, a column a parameter; None without parameters. Types are those that polars gives Python's values.

    Raises `UsageError` for what is no mapping of names, and for values that no Arrow type holds.
    """
    if not params:
        return None
    if not isinstance(params, Mapping) or not all(isinstance(name, str) for name in params):
        help_ = 'name each value: `params={"limit": 5}`'
        raise UsageError("`params` is no mapping of names to values", code="param-unreadable", help=help_)
    import polars as pl

    columns = []
    for name, value in params.items():
        _texts.text("params", name, part="a name in ")
        try:
            column = pl.Series(name, [_finite(value)])
        except (TypeError, ValueError, ArithmeticError, RuntimeError, pl.exceptions.PolarsError) as error:
            help_ = "give a number, text, truth value, date, time or instant, or a list of them"
            message = f"the parameter `{visible(name)}` has no Arrow type: {error}"
            raise UsageError(message, code="param-unreadable", help=help_) from error
        if column.dtype == pl.Object:
            help_ = "give a number, text, truth value, date, time or instant, or a list of them"
            message = f"the parameter `{visible(name)}` is a {type(value).__name__}"
            raise UsageError(message, code="param-unreadable", help=help_)
        columns.append(column)
    return _arrow.capsule(pl.DataFrame(columns))


def _finite(value: object) -> object:
    """The value; decimals without digits have no Arrow type, and polars ends a call with a panic over them."""
    if isinstance(value, Decimal) and (not value.is_finite() or value.adjusted() > 38):
        message = f"{value} is no number of at most 38 digits"
        raise ValueError(message)
    return value
