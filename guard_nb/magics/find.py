"""What a guard line's names stand for in a notebook: contracts, frames, references."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from guard_nb import _arrow
from guard_nb.contract import Contract
from guard_nb.errors import FrameError, UsageError
from guard_nb.registry import find_contract, names

Namespace = Mapping[str, Any]
TABLES = ("__arrow_c_stream__", "__arrow_c_array__", "to_arrow_table", "fetch_arrow_reader")


def contract(name: str, variables: Namespace) -> Contract:
    """A variable that holds a contract, else a file, else a name that `guard_nb.registry` finds."""
    held = variables.get(name)
    if isinstance(held, Contract):
        return held
    try:
        return find_contract(name)
    except UsageError as error:
        if error.code == "contract-unknown":
            error.help = _did_you_mean(name, names()) or error.help
        raise


def variable(name: str, variables: Namespace) -> Any:
    """The value of a variable. Raises `UsageError` with the nearest frame's name if there is none."""
    if name in variables:
        return variables[name]
    help_ = _did_you_mean(name, frames(variables)) or "run the cell that makes it, or correct the name"
    raise UsageError(f"no variable `{name}`", code="variable-unknown", help=help_)


def frames(variables: Namespace) -> list[str]:
    """Names of the user's variables that hold frames."""
    return sorted(name for name, value in list(variables.items()) if not name.startswith("_") and is_frame(value))


def is_frame(value: object) -> bool:
    """Is it a table that can be read more than once? Modules, classes, single columns and streams are not."""
    if isinstance(value, ModuleType | type):
        return False
    if _arrow.is_lazy(value):
        return True
    if not hasattr(value, "columns") or _reads_once(value):
        return False
    return any(hasattr(value, name) for name in TABLES)


def guarded(value: object) -> object:
    """The value if it can be checked and still flow on. Raises `FrameError` otherwise."""
    if not _arrow.is_lazy(lasting(value)):
        _arrow.capsule(value)
    return value


def lasting(value: object) -> object:
    """The value if reading it does not use it up. Raises `FrameError` otherwise."""
    if hasattr(value, "__await__"):
        raise FrameError("the value is not awaited yet", code="not-a-frame", help="write `await` in front of it")
    if _reads_once(value):
        help_ = "read it into a table first, for instance with `.read_all()`"
        raise FrameError("a stream can be read only once; a check would use it up", code="not-a-frame", help=help_)
    return value


def references(
    asked: dict[str, str] | None, contract: Contract, guarded_object: str | None, variables: Namespace
) -> dict[str, Any]:
    """Frames for foreign keys, by schema object.

    Those named by `--references`; without it, every variable that holds a frame and bears the name of another schema
    object of the contract.
    """
    if asked is not None:
        return {name: guarded(variable(source, variables)) for name, source in asked.items()}
    others = (name for name in contract.objects if name != guarded_object)
    return {name: variables[name] for name in others if name in variables and is_frame(variables[name])}


def parameters(asked: dict[str, str] | None, variables: Namespace) -> dict[str, Any]:
    """Values of parameters, from the variables that were named for them."""
    return {name: variable(source, variables) for name, source in (asked or {}).items()}


def schema_object(asked: str | None, name: str | None, contract: Contract) -> str | None:
    """The object asked for; else the only one; else the one that bears the variable's name; else None."""
    if asked is not None:
        if asked in contract.objects:
            return asked
        help_ = _did_you_mean(asked, contract.objects) or f"objects: {', '.join(contract.objects)}"
        raise UsageError(f"the contract has no object `{asked}`", code="object-unknown", help=help_)
    if len(contract.objects) == 1:
        return contract.objects[0]
    if name is not None and name in contract.objects:
        return name
    return None


def require_object(found: str | None, contract: Contract) -> str:
    """The schema object, or `UsageError` that lists the choices."""
    if found is not None:
        return found
    help_ = f"add `--object NAME`; objects: {', '.join(contract.objects)}"
    message = "the contract has several objects and none bears the value's name"
    raise UsageError(message, code="object-unclear", help=help_)


def _reads_once(value: object) -> bool:
    return hasattr(value, "read_next_batch")


def _did_you_mean(name: str, known: list[str]) -> str | None:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{near[0]}`?" if near else None
