"""The command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import guard_nb

ROOT = Path(guard_nb.__file__).parent.parent


def environment() -> dict[str, str]:
    """The environment of a call: this package, and no colours."""
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "CLICOLOR_FORCE")}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}


def command(*args: object) -> list[str]:
    """The words of `guard-nb ARGS`."""
    return [sys.executable, "-m", "guard_nb", *map(str, args)]


def guard_nb_call(*args: object, folder: Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Runs `guard-nb ARGS` in a folder, to its end."""
    return subprocess.run(
        command(*args), cwd=folder, env=environment(), capture_output=True, check=False, timeout=120, **options
    )
