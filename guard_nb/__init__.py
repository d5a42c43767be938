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

from guard_nb import errors
from guard_nb._native import version as _version
from guard_nb.codes import Code, codes
from guard_nb.contract import Change, Contract, Diagnostic, lint
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
from guard_nb.gate import Call, Decision, Gate, Ledger, Reason
from guard_nb.guarding import Guard, guard
from guard_nb.ingest import Csv, Ingestion
from guard_nb.split import Split
from guard_nb.suggesting import Suggestions
from guard_nb.transform import Transform, Transformed
from guard_nb.verdict import Partial, Verdict, merge

__version__ = _version()

__all__ = [
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
