"""`guard()`: an enforcing block for scripts and notebooks without magics."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING

from guard_nb.contract import Contract
from guard_nb.errors import GuardViolation, UsageError
from guard_nb.registry import find_contract
from guard_nb.verdict import Verdict

if TYPE_CHECKING:
    from typing import Self

MODES = ("enforce", "quarantine", "warn")


class Guard:
    """A block in which frames are checked; leaving it without a check is a mistake and raises."""

    def __init__(self, contract: Contract, mode: str = "enforce") -> None:
        if mode not in MODES:
            raise UsageError(f"no mode `{mode}`", code="mode-unknown", help=f"use {', '.join(MODES)}")
        self.contract = contract
        self.mode = mode
        self.verdicts: list[Verdict] = []

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def check(self, frame: object, object: str | None = None, **options: object) -> Verdict:  # noqa: A002
        """Checks a frame as `Contract.check`; raises `GuardViolation` unless it accepts, or the mode is another."""
        verdict = self.contract.check(frame, object, **options)  # type: ignore[arg-type]
        self.verdicts.append(verdict)
        if self.mode == "enforce" and verdict.status != "accept":
            raise GuardViolation(verdict)
        return verdict

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Fails closed: a block that checked nothing does not pass."""
        if kind is None and not self.verdicts:
            help_ = "call `g.check(frame)` inside the block"
            raise UsageError("the guard block checked nothing", code="nothing-checked", help=help_)


def guard(contract: Contract | str | os.PathLike[str], mode: str = "enforce") -> Guard:
    """A guard for a `with` block. `contract` is a contract, a file, or the name of one near the working directory.

    `mode` is `enforce` (a frame that is not accepted raises `GuardViolation`), `quarantine` or `warn` (the verdict is
    returned either way).
    """
    return Guard(find_contract(contract), mode)
