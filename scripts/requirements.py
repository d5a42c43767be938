"""Prints what pyproject.toml asks for: the dependencies, and the extras and dependency groups that are named."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any


def _project() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))


def _sets(project: dict[str, Any]) -> dict[str, list[str]]:
    return {**project["project"].get("optional-dependencies", {}), **project["dependency-groups"]}


def names() -> list[str]:
    """Every extra and dependency group."""
    return list(_sets(_project()))


def requirements(chosen: list[str]) -> list[str]:
    """What the build and the package need, and the extras and dependency groups chosen."""
    project = _project()
    sets = _sets(project)
    unknown = [name for name in chosen if name not in sets]
    if unknown:
        raise SystemExit(f"no extra or group {', '.join(unknown)}; there are {', '.join(sets)}")
    always = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    return sorted({*always, *(item for name in chosen for item in sets[name])})


if __name__ == "__main__":
    print("\n".join(requirements(sys.argv[1:])))
