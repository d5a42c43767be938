"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from guard_nb.errors import UsageError


def whole(path: Path, text: str) -> None:
    """Writes beside the target and renames, so that no reader sees half a file. Raises `UsageError`."""
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(aside).chmod(0o666 & ~_umask())
        Path(aside).replace(path)
    except OSError as error:
        Path(aside).unlink(missing_ok=True)
        raise _unwritable(path, error) from error
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> UsageError:
    message = f"`{path}` cannot be written: {error.strerror or error}"
    return UsageError(message, code="file-unwritable", help="check the folder and its permissions")
