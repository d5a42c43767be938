"""Data contracts judged by Rust kernels, the same in a notebook, a pipeline and production.

>>> import guard_nb as gn, polars as pl
>>> c = gn.Contract.loads('''
... apiVersion: v3.1.0
... kind: DataContract
... id: shop
... version: 1.0.0
... status: active
... schema:
...   - name: orders
...     properties:
...       - {name: id, logicalType: integer, required: true, unique: true}
... ''')
>>> v = c.check(pl.DataFrame({"id": [1, 2, 2, None]}))
>>> v.status, v.records, v.accepted, v.rejected
('reject', 4, 1, 3)

`import guard_nb` loads no frame library; frames come out as polars where they come out at all.
"""

from __future__ import annotations

from guard_nb._native import version as _version

# Type checkers take this name for true, as the one of `typing`, which would be a module more to load.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from guard_nb import errors
    from guard_nb._codes import Code, codes
    from guard_nb.backtest import Backtest
    from guard_nb.contract import Change, Contract, Diagnostic, lint
    from guard_nb.decision import Decision, Narrowing, Reason
    from guard_nb.errors import (
        ContractError,
        ExpressionError,
        FrameError,
        GateError,
        GuardError,
        GuardViolation,
        IngestError,
        InternalError,
        LedgerError,
        MergeError,
        QuarantineError,
        UsageError,
    )
    from guard_nb.expressions import Explanation, Function, explain, functions
    from guard_nb.gate import Call, Gate
    from guard_nb.guarding import Guard, guard
    from guard_nb.ingest import Csv, Ingestion
    from guard_nb.ledger import Ledger
    from guard_nb.split import Split
    from guard_nb.suggesting import Suggestions
    from guard_nb.transform import Transform, Transformed
    from guard_nb.verdict import Partial, Verdict, merge

__version__ = _version()

# Names are imported when they are first asked for: the command line, which needs none of them, starts at once.
_HOMES = {
    "_codes": ("Code", "codes"),
    "backtest": ("Backtest",),
    "contract": ("Change", "Contract", "Diagnostic", "lint"),
    "errors": (
        "ContractError",
        "ExpressionError",
        "FrameError",
        "GateError",
        "GuardError",
        "GuardViolation",
        "IngestError",
        "InternalError",
        "LedgerError",
        "MergeError",
        "QuarantineError",
        "UsageError",
    ),
    "expressions": ("Explanation", "Function", "explain", "functions"),
    "decision": ("Decision", "Narrowing", "Reason"),
    "gate": ("Call", "Gate"),
    "ledger": ("Ledger",),
    "guarding": ("Guard", "guard"),
    "ingest": ("Csv", "Ingestion"),
    "split": ("Split",),
    "suggesting": ("Suggestions",),
    "transform": ("Transform", "Transformed"),
    "verdict": ("Partial", "Verdict", "merge"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """The public name `name`, from the module that holds it."""
    from importlib import import_module

    if name == "errors":
        return import_module("guard_nb.errors")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'guard_nb' has no attribute {name!r}")
    value: object = getattr(import_module(f"guard_nb.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return [*__all__, "load_ipython_extension", "unload_ipython_extension"]


__all__ = [
    "Backtest",
    "Call",
    "Change",
    "Code",
    "Contract",
    "ContractError",
    "Csv",
    "Decision",
    "Diagnostic",
    "Explanation",
    "ExpressionError",
    "FrameError",
    "Function",
    "Gate",
    "GateError",
    "Guard",
    "GuardError",
    "GuardViolation",
    "IngestError",
    "Ingestion",
    "InternalError",
    "Ledger",
    "LedgerError",
    "MergeError",
    "Narrowing",
    "Partial",
    "QuarantineError",
    "Reason",
    "Split",
    "Suggestions",
    "Transform",
    "Transformed",
    "UsageError",
    "Verdict",
    "__version__",
    "codes",
    "errors",
    "explain",
    "functions",
    "guard",
    "lint",
    "merge",
]


def load_ipython_extension(shell: object) -> None:
    """`%load_ext guard_nb`: the `%%guard` and `%guard` magics."""
    from guard_nb.magics import load

    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext guard_nb`: leaves the shell as it was."""
    from guard_nb.magics import unload

    unload(shell)
