"""Frames in and out: anything with an Arrow PyCapsule goes in, polars comes out."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from guard_nb import _schema, _texts
from guard_nb.errors import FrameError, GuardError

if TYPE_CHECKING:
    import polars as pl


def batches(frame: object) -> Iterator[Any]:
    """The frame as one or more objects with an Arrow stream.

    A polars LazyFrame is run and its batches come one after the other, so its values are judged, not only its schema;
    an empty result still gives one batch with the schema. Everything else is one object.
    """
    if not is_lazy(frame):
        yield capsule(frame)
        return
    lazy: Any = frame
    seen = False
    with reading():
        for batch in lazy.collect_batches(maintain_order=True):
            seen = True
            yield capsule(batch)
        if not seen:
            yield capsule(lazy.collect_schema().to_frame())


@contextmanager
def reading(what: str = "the frame cannot be read") -> Iterator[None]:
    """Whatever a frame's library raises inside is a `FrameError`: a plan that fails, a value that has no Arrow type."""
    try:
        yield
    except GuardError:
        raise
    except BaseException as error:
        # A panic of polars is no `Exception`; neither is Ctrl-C, which passes.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        # The message may hold half of a surrogate pair, which no terminal takes.
        why = str(error).encode("utf-8", "backslashreplace").decode("utf-8")
        help_ = "see the message of its library"
        raise FrameError(f"{what}: {why}", code="frame-unreadable", help=help_) from error


def _refuse_nul_names(frame: object) -> None:
    """polars ends the process when it exports a column or field whose name has a NUL: C strings end there."""
    polars = sys.modules.get("polars")
    if polars is None or not isinstance(frame, polars.DataFrame | polars.LazyFrame | polars.Series):
        return
    with reading():
        schema = {frame.name: frame.dtype} if isinstance(frame, polars.Series) else frame.collect_schema()
    bad = next((name for name in _field_names(schema) if "\0" in name), None)
    if bad is not None:
        message = f"a column or field is named {bad!r}; a name with a NUL cannot leave polars"
        raise FrameError(message, code="not-a-frame", help="rename it")


def _field_names(schema: Any) -> Iterator[str]:
    """Names of columns and, below them, of struct fields."""
    for name, kind in schema.items():
        yield name
        while (inner := getattr(kind, "inner", None)) is not None:
            kind = inner
        if (fields := getattr(kind, "fields", None)) is not None:
            yield from _field_names({field.name: field.dtype for field in fields})


def is_table(frame: object) -> bool:
    """Is it a frame in memory that can be read again: pyarrow's tables and batches, pandas' frames?"""
    if is_lazy(frame) or hasattr(frame, "read_next_batch"):
        return False
    return type(frame).__module__.partition(".")[0] in ("pyarrow", "pandas")


def is_lazy(frame: object) -> bool:
    """Is it a polars LazyFrame?"""
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(frame, polars.LazyFrame)


def capsule(frame: object) -> Any:
    """The object itself if it has an Arrow PyCapsule, else what its library makes of it."""
    _refuse_nul_names(frame)
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(frame, polars.DataFrame):
        return typed(frame)
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        _refuse_second_reading(frame)
        return frame
    for name in ("to_arrow_table", "fetch_arrow_reader", "arrow"):
        convert = getattr(frame, name, None)
        if callable(convert):
            with reading():
                return convert()
    message = f"`{type(frame).__name__}` is not a frame"
    help_ = "pass a polars, pandas or pyarrow frame, a DuckDB relation or anything with `__arrow_c_stream__`"
    raise FrameError(message, code="not-a-frame", help=help_)


def _refuse_second_reading(frame: object) -> None:
    """A reader that was drained looks like an empty frame, and an empty frame is accepted: so it is read once only."""
    if not hasattr(frame, "read_next_batch"):
        return
    if frame in _drained:
        message = f"this `{type(frame).__name__}` was read before and has nothing left"
        raise FrameError(message, code="frame-unreadable", help="make a new reader, or pass a table")
    with suppress(TypeError):
        _drained.add(frame)


_drained: weakref.WeakSet[Any] = weakref.WeakSet()


class Untyped:
    """A polars frame with columns of type Null, exported as another type and named in `guard_null_columns`.

    Polars gives its Null arrays a validity buffer, which Arrow's null layout does not have, so they cannot be imported.
    """

    def __init__(self, frame: pl.DataFrame, columns: list[int]) -> None:
        self._frame = frame
        self.guard_null_columns = columns

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The stream of the frame with stand-ins for its Null columns."""
        return self._frame.__arrow_c_stream__(requested_schema)


def typed(frame: pl.DataFrame) -> Any:
    """The frame, or its stand-in if it has Null columns."""
    import polars as pl

    dtypes = frame.dtypes
    if not any(dtype in (pl.Null, pl.Int128, pl.UInt128) or dtype.is_nested() for dtype in dtypes):
        return frame
    wanted = [_stand_in(dtype) for dtype in dtypes]
    casts = [_cast(frame[:, at], new) for at, (old, new) in enumerate(zip(dtypes, wanted, strict=True)) if old != new]
    if not casts:
        return frame
    return Untyped(frame.with_columns(casts), [at for at, dtype in enumerate(dtypes) if dtype == pl.Null])


def _cast(series: pl.Series, dtype: Any) -> pl.Series:
    """Strict: a value that does not fit ends the check, it is not made NULL."""
    import polars as pl

    try:
        return series.cast(dtype, strict=True)
    except pl.exceptions.PolarsError as error:
        message = f"column `{series.name}` of {series.dtype} holds values that Arrow has no type for"
        raise FrameError(message, code="frame-unreadable", help="cast the column before the guard") from error


def _stand_in(dtype: Any) -> Any:
    """The type that goes out: Arrow has no 128-bit integers, only decimals of 38 digits."""
    import polars as pl

    if dtype == pl.Null:
        return pl.Boolean()
    if dtype in (pl.Int128, pl.UInt128):
        return pl.Decimal(38, 0)
    if isinstance(dtype, pl.List):
        return pl.List(_stand_in(dtype.inner))
    if isinstance(dtype, pl.Array):
        return pl.Array(_stand_in(dtype.inner), dtype.size)
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(field.name, _stand_in(field.dtype)) for field in dtype.fields])
    return dtype


def to_polars(frame: object) -> pl.DataFrame:
    """The frame as a polars DataFrame; a LazyFrame is collected."""
    import polars as pl

    _refuse_nul_names(frame)
    if isinstance(frame, pl.DataFrame):
        return frame
    if not isinstance(frame, pl.LazyFrame):
        _schema.not_misread(frame)
    with reading():
        return frame.collect() if isinstance(frame, pl.LazyFrame) else pl.DataFrame(capsule(frame))


def name_of(frame: object) -> str | None:
    """A name that the frame bears, such as a DuckDB relation's alias."""
    name = getattr(frame, "alias", None)
    return name if isinstance(name, str) and not _texts.has_half(name) else None


def read_once(frame: object) -> object:
    """The frame as one that costs nothing to read again: relations are run, pandas' columns converted; others stay."""
    kind = type(frame).__module__.partition(".")[0]
    if kind == "polars" or kind == "pyarrow":
        return frame
    return to_polars(frame) if kind == "pandas" else capsule(frame)


def schema_of(frame: object) -> Any:
    """A frame without records that has the schema of `frame`; readers keep what they have."""
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(frame, polars.LazyFrame):
        with reading():
            return capsule(frame.collect_schema().to_frame())
    if polars is not None and isinstance(frame, polars.DataFrame):
        return capsule(frame.clear())
    schema: Any = getattr(frame, "schema", None)
    if hasattr(schema, "empty_table"):
        with reading():
            return schema.empty_table()
    return capsule(frame)
