"""`frame.guard`: a polars namespace. `import guard_nb.polars` registers it for DataFrame and LazyFrame."""

from __future__ import annotations

import os
from typing import Any

import polars as pl

from guard_nb.contract import Contract
from guard_nb.registry import find_contract
from guard_nb.split import Split
from guard_nb.verdict import Verdict


@pl.api.register_dataframe_namespace("guard")
@pl.api.register_lazyframe_namespace("guard")
class GuardNamespace:
    """`frame.guard.check(contract)`, `frame.guard.split(contract)` and `frame.guard.infer()`."""

    def __init__(self, frame: pl.DataFrame | pl.LazyFrame) -> None:
        self._frame = frame

    def check(self, contract: Contract | str | os.PathLike[str], **options: Any) -> Verdict:
        """As `Contract.check`; a LazyFrame is run and every value judged."""
        return find_contract(contract).check(self._frame, **options)

    def split(self, contract: Contract | str | os.PathLike[str], **options: Any) -> Split:
        """As `Contract.split`."""
        return find_contract(contract).split(self._frame, **options)

    def infer(self, *, name: str = "frame", id: str | None = None) -> Contract:  # noqa: A002
        """As `Contract.infer`; a LazyFrame is run."""
        return Contract.infer(self._frame, name=name, id=id)
