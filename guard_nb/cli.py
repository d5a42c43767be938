"""The command line `guard-nb`: the Rust program, with the one command that needs Python."""

from __future__ import annotations

import sys

from guard_nb import _native

REJECT, USAGE = 1, 2


def main() -> None:
    """Runs `guard-nb` with the process's arguments and ends it with the exit status: `guard-nb --help`."""
    sys.exit(_native.cli(["guard-nb", *sys.argv[1:]]))


def run_notebook(path: str, output: str | None = None, timeout: int | None = None) -> int:
    """Runs a notebook from top to bottom in its own folder; `output` gets it with its outputs.

    Returns 0 when every cell ran, 1 when a guard stopped it (`GuardViolation`), 2 when something else did, with the
    reason on stderr. `timeout` are seconds that a cell may take.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError as missing:
        return _failed(f"running notebooks needs {missing.name}: pip install 'guard_nb[notebook]'", USAGE)
    from pathlib import Path

    where = Path(path)
    try:
        document = nbformat.read(where, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # nbformat raises what its parts raise
        return _failed(f"`{where}` is no notebook that can be read: {error}", USAGE)
    folder = {"metadata": {"path": str(where.resolve().parent)}}
    client = NotebookClient(document, timeout=timeout, resources=folder)
    status = 0
    try:
        client.execute()
    except CellExecutionError as error:
        status = _failed(str(error), REJECT if error.ename == "GuardViolation" else USAGE)
    except (CellTimeoutError, DeadKernelError) as error:
        status = _failed(str(error), USAGE)
    if output is not None:
        nbformat.write(document, output)  # type: ignore[no-untyped-call]
    return status


def _failed(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
