"""Contracts by name: `orders` is `orders.odcs.yaml` in the working directory or its `contracts` folder."""

from __future__ import annotations

import os
from pathlib import Path

from guard_nb._visible import visible
from guard_nb.contract import Contract
from guard_nb.errors import UsageError

FOLDERS = (".", "contracts")
SUFFIXES = (".odcs.yaml", ".odcs.yml", ".odcs.json")


def find_contract(contract: Contract | str | os.PathLike[str]) -> Contract:
    """The contract itself, the file at a path, or the file of a name. Raises `UsageError` when there is none."""
    if isinstance(contract, Contract):
        return contract
    path = Path(contract)
    if path.is_file():
        return Contract.load(path)
    for candidate in candidates(str(contract)):
        if candidate.is_file():
            return Contract.load(candidate)
    near = ", ".join(f"`{name}`" for name in names()) or "none"
    message = f"no contract `{visible(str(contract))}` here; contracts found: {near}"
    raise UsageError(message, code="contract-unknown", help="give a path, or a name of a `*.odcs.yaml` file")


def candidates(name: str) -> list[Path]:
    """Where a contract of this name may be; a name never leaves the folders."""
    if not name or any(part in name for part in ("/", "\\", "\0")):
        return []
    return [Path(folder) / f"{name}{suffix}" for folder in FOLDERS for suffix in SUFFIXES]


def names() -> list[str]:
    """Names of the contracts that can be found."""
    found: set[str] = set()
    for folder in FOLDERS:
        for suffix in SUFFIXES:
            found.update(path.name.removesuffix(suffix) for path in Path(folder).glob(f"*{suffix}"))
    return sorted(found)
