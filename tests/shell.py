"""Calls of `guard-nb` as the package installs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Said(NamedTuple):
    """What a call said."""

    status: int
    out: str
    err: str


def shell(folder: Path, *arguments: str, given: bytes | None = None) -> Said:
    """Runs `guard-nb` in a folder."""
    command = [sys.executable, "-m", "guard_nb", *arguments]
    done = subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())
