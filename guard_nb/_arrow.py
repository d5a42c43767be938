"""Frames in and out: anything with an Arrow PyCapsule goes in, polars comes out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from guard_nb.errors import FrameError

if TYPE_CHECKING:
    import polars as pl


def batches(frame: object) -> Iterator[Any]:
    """The frame as one or more objects with an Arrow stream.

    A polars LazyFrame is run and its batches come one after the other, so its values are judged, not only its schema; an
    empty result still gives one batch with the schema. Everything else is one object.
    """
    if not is_lazy(frame):
        yield capsule(frame)
        return
    lazy: Any = frame
    seen = False
    for batch in lazy.collect_batches(maintain_order=True):
        seen = True
        yield batch
    if not seen:
        yield lazy.collect_schema().to_frame()


def is_lazy(frame: object) -> bool:
    """Is it a polars LazyFrame?"""
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(frame, polars.LazyFrame)


def capsule(frame: object) -> Any:
    """The object itself if it has an Arrow PyCapsule, else what its library makes of it."""
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        return frame
    for name in ("to_arrow_table", "fetch_arrow_reader", "arrow"):
        convert = getattr(frame, name, None)
        if callable(convert):
            return convert()
    message = f"`{type(frame).__name__}` is not a frame"
    help_ = "pass a polars, pandas or pyarrow frame, a DuckDB relation or anything with `__arrow_c_stream__`"
    raise FrameError(message, code="not-a-frame", help=help_)


def to_polars(frame: object) -> pl.DataFrame:
    """The frame as a polars DataFrame; a LazyFrame is collected."""
    import polars as pl

    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    return pl.DataFrame(capsule(frame))


def name_of(frame: object) -> str | None:
    """A name that the frame bears, such as a DuckDB relation's alias."""
    name = getattr(frame, "alias", None)
    return name if isinstance(name, str) else None
