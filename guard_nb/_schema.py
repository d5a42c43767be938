"""Arrow schemas through the C data interface: which columns polars cannot hold, told before it is asked."""

from __future__ import annotations

import ctypes
from typing import Any

from guard_nb.errors import FrameError

_PYTHON = ctypes.pythonapi
_PYTHON.PyCapsule_GetPointer.restype = ctypes.c_void_p
_PYTHON.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]

# Arrow's format strings, by what people call the layout.
_UNHELD = {
    "+r": "run-end encoded values",
    "+vl": "list views",
    "+vL": "list views",
    "+u": "unions",
    "ti": "calendar intervals",
}


class _Schema(ctypes.Structure):
    """`struct ArrowSchema`, as far as it is read."""


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
]


def for_polars(batch: Any) -> None:
    """Refuses a batch of columns that no polars frame holds (`frame-unreadable`, `column-ambiguous`).

    polars would end with a panic, or with an error of its own.
    """
    # The capsule owns the schema: it must live while that is read.
    capsule = batch.__arrow_c_schema__()
    pointer = _PYTHON.PyCapsule_GetPointer(capsule, b"arrow_schema")
    fields = _children(_Schema.from_address(pointer))
    seen: set[str] = set()
    for field in fields:
        name = _text(field.name)
        if name in seen:
            help_ = "rename one of them where the file is written; `verdict` needs no frame"
            message = f"two columns are called `{name}`, and no polars frame has both"
            raise FrameError(message, code="column-ambiguous", help=help_)
        seen.add(name)
        if (layout := _unheld(field)) is not None:
            help_ = "cast the column where the file is written, or leave it out; `verdict` needs no frame"
            message = f"column `{name}` holds {layout}, which polars has no type for"
            raise FrameError(message, code="frame-unreadable", help=help_)


def not_misread(frame: Any) -> None:
    """Refuses columns that polars would take for others, without a word: decimals of 32 and 64 bits."""
    schema: Any = frame if hasattr(frame, "__arrow_c_schema__") else getattr(frame, "schema", None)
    if not hasattr(schema, "__arrow_c_schema__"):
        return
    capsule = schema.__arrow_c_schema__()
    pointer = _PYTHON.PyCapsule_GetPointer(capsule, b"arrow_schema")
    for field in _children(_Schema.from_address(pointer)):
        if _narrow(field):
            message = f"column `{_text(field.name)}` holds decimals of 32 or 64 bits, which polars takes for wider ones"
            raise FrameError(message, code="frame-unreadable", help="cast the column to decimals of 128 bits")


def _narrow(field: Any) -> bool:
    layout = _text(field.format)
    inner = [*_children(field), *([field.dictionary.contents] if field.dictionary else [])]
    few_bits = layout.startswith("d:") and layout.endswith((",32", ",64")) and layout.count(",") == 2
    return few_bits or any(map(_narrow, inner))


def _children(schema: _Schema) -> list[Any]:
    return [schema.children[at].contents for at in range(schema.n_children)]


def _text(name: bytes | None) -> str:
    return (name or b"").decode("utf-8", "replace")


def _unheld(field: Any) -> str | None:
    """What keeps a column, or what is nested in it, out of polars."""
    layout = _text(field.format)
    known = next((what for start, what in _UNHELD.items() if layout.startswith(start)), None)
    if known is None and layout.startswith("d:"):
        _, scale, *bits = layout[2:].split(",")
        if bits == ["256"]:
            return "decimals of more than 38 digits"
        if scale.startswith("-"):
            return "decimals of a negative scale"
    if known is None and field.dictionary:
        known = _unheld(field.dictionary.contents)
    return known or next(filter(None, map(_unheld, _children(field))), None)
