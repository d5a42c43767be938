"""Ways to run a notebook, told apart only by whether it stopped, with what, and whether the cell after it ran."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
import papermill
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from papermill.exceptions import PapermillExecutionError

SETUP = '''
%load_ext guard_nb
import asyncio
import polars as pl
import guard_nb as gn
t = gn.Contract.loads("""
apiVersion: v3.1.0
kind: DataContract
id: t
version: 1.0.0
status: active
schema:
  - name: rows
    properties: [{name: a, logicalType: integer, required: true}]
""")
good, bad = pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [1, None]})
'''


@dataclass
class Run:
    """How a run of a notebook ended. `error` is the exception's name; `went_on` says whether the cell after it ran."""

    error: str | None
    went_on: bool
    cells: list[Any] = field(default_factory=list)


def notebook(*cells: str) -> Any:
    """A notebook of code cells."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def _cells(cell: str, marker: Path) -> tuple[str, ...]:
    return (SETUP, cell, f"open({str(marker)!r}, 'w').close()")


def nbclient(cell: str, folder: Path) -> Run:
    """The library under papermill, nbconvert, Voilà and Quarto."""
    marker = folder / "ran"
    made = notebook(*_cells(cell, marker))
    try:
        NotebookClient(made, timeout=120, kernel_name="python3").execute()
    except CellExecutionError as error:
        return Run(error.ename, marker.exists(), made.cells)
    return Run(None, marker.exists(), made.cells)


def with_papermill(cell: str, folder: Path) -> Run:
    """papermill."""
    marker, source, target = folder / "ran", folder / "in.ipynb", folder / "out.ipynb"
    nbformat.write(notebook(*_cells(cell, marker)), source)
    try:
        papermill.execute_notebook(source, target, progress_bar=False, kernel_name="python3")
    except PapermillExecutionError as error:
        return Run(error.ename, marker.exists())
    return Run(None, marker.exists())


def nbconvert(cell: str, folder: Path) -> Run:
    """`jupyter nbconvert --execute`, as a command; it prints the error as the notebook shows it."""
    marker, source = folder / "ran", folder / "in.ipynb"
    nbformat.write(notebook(*_cells(cell, marker)), source)
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output", "out", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=300, check=False)
    if done.returncode == 0:
        return Run(None, marker.exists())
    shown = done.stderr.rpartition("------------------")[2]
    signs = {"✗ reject: ": "GuardViolation", "UsageError:": "UsageError", "ZeroDivisionError": "ZeroDivisionError"}
    return Run(next((name for sign, name in signs.items() if sign in shown), shown), marker.exists())


def kernel(cell: str, folder: Path) -> Run:
    """What JupyterLab does for Run All: every cell is sent at once, and the kernel drops what follows an error."""
    marker = folder / "ran"
    with Kernel() as running:
        waiting = [running.client.execute(source) for source in _cells(cell, marker)]
        replies = [running.reply(message) for message in waiting]
    error = next((reply["content"]["ename"] for reply in replies if reply["content"]["status"] == "error"), None)
    return Run(error, marker.exists())


RUNNERS: dict[str, Callable[[str, Path], Run]] = {
    "kernel": kernel,
    "nbclient": nbclient,
    "papermill": with_papermill,
    "nbconvert": nbconvert,
}


class Kernel:
    """A kernel that runs one cell after the other."""

    def __enter__(self) -> Kernel:
        """Starts it."""
        self.manager, self.client = start_new_kernel(kernel_name="python3", startup_timeout=120)
        return self

    def __exit__(self, *_: object) -> None:
        """Ends it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def reply(self, message: str) -> dict[str, Any]:
        """The reply to a request."""
        while True:
            reply = self.client.get_shell_msg(timeout=120)
            if reply["parent_header"].get("msg_id") == message:
                return reply

    def run(self, cell: str, seen: Callable[[dict[str, Any]], None] = lambda _: None) -> Cell:
        """Runs a cell to its end. `seen` gets each message as it comes."""
        message = self.client.execute(cell)
        outputs: list[dict[str, Any]] = []
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                found = self.client.get_iopub_msg(timeout=5)
            except Empty:
                continue
            if found["parent_header"].get("msg_id") != message:
                continue
            if found["msg_type"] == "status" and found["content"]["execution_state"] == "idle":
                return Cell(self.reply(message)["content"], outputs)
            outputs.append({"type": found["msg_type"], **found["content"]})
            seen(outputs[-1])
        raise TimeoutError(cell)


@dataclass
class Cell:
    """The reply to a cell, and what it put out."""

    reply: dict[str, Any]
    outputs: list[dict[str, Any]]

    @property
    def error(self) -> str | None:
        """The name of the exception that ended it."""
        return self.reply.get("ename")

    @property
    def text(self) -> str:
        """All text put out, tracebacks included."""
        parts = []
        for output in self.outputs:
            parts.append(output.get("text", ""))
            parts.append(output.get("data", {}).get("text/plain", ""))
            parts.extend(output.get("traceback", []))
        return "\n".join(parts)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Outputs of one message type."""
        return [output for output in self.outputs if output["type"] == kind]
