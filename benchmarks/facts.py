"""What the machine is, without its name."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import tomllib
from datetime import UTC, datetime
from pathlib import Path

PACKAGES = ["guard_nb", "polars", "dataframely", "pandera", "pointblank", "duckdb", "pyarrow", "numpy"]


def facts() -> dict[str, str]:
    """Machine and versions."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _cpu(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "vrl": _locked("vrl"),
    }


def load() -> float:
    """Processes that want a core, averaged over the last minute; more than this one's threads means noise."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "from source"


def _locked(crate: str) -> str:
    lock = tomllib.loads((Path(__file__).parent / "vrl" / "Cargo.lock").read_text(encoding="utf-8"))
    return next(package["version"] for package in lock["package"] if package["name"] == crate)
