"""Files and streams to trusted records: bytes, verdict and typed batches in one pass (docs/spec/ingestion.md)."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard

from guard_nb import _native, _schema, _texts
from guard_nb._arrow import reading
from guard_nb.errors import UsageError
from guard_nb.verdict import Verdict

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    import polars as pl

Source = str | os.PathLike[str] | bytes | BinaryIO
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Csv:
    """A CSV dialect; what is None comes from the contract, else from the format.

    `delimiter` and `quote` are one ASCII character. `header` says whether the first record names the columns. `nulls`
    are texts that are NULL without quotes, besides the empty one. `encoding` is a WHATWG label such as `windows-1252`;
    UTF-8 unless given. `sniff` guesses what is not said, and says in `notices` what was guessed and why.
    """

    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None
    nulls: tuple[str, ...] | None = None
    encoding: str | None = None
    sniff: bool = False

    def _native(self) -> dict[str, Any]:
        """For the seam."""
        return {
            "delimiter": _byte("delimiter", self.delimiter),
            "quote": _byte("quote", self.quote),
            "header": self.header,
            "nulls": None if self.nulls is None else [_texts.text("nulls", text) for text in self.nulls],
            "encoding": _texts.optional("encoding", self.encoding),
            "sniff": self.sniff,
        }


def _byte(name: str, char: str | None) -> int | None:
    if char is None:
        return None
    if len(char) != 1 or not char.isascii():
        message = f"`{name}` must be one ASCII character, not {char!r}"
        raise UsageError(message, code="dialect-unreadable", help="such as `;` or a tab")
    return ord(char)


class Ingestion:
    """Records of files under way: an iterator of the accepted ones, and the verdict on all.

    Iterating yields polars frames in the records' order, in bounded memory; each holds whole accepted records, with the
    contract's types. `verdict` reads what is left and gives the verdict on every record. As a context manager it stops
    the threads and, when the block raises, leaves no quarantine file.

        with contract.ingest("orders.ndjson.gz", quarantine="bad.ndjson") as run:
            for batch in run:
                load(batch)
        run.verdict.status
    """

    def __init__(self, native: _native.Ingest, wrap: Callable[[_native.Verdict], Verdict]) -> None:
        self._native = native
        self._empty = native.empty
        self._wrap = wrap
        self._ended: tuple[Verdict, int, list[str]] | None = None
        self._handed_out = False
        self._closed = False
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The accepted records that were not yet handed out.

        Raises `UsageError` after `close()` (`ingestion-closed`) or while another thread reads (`ingestion-busy`), and
        `FrameError` where polars has no type for a column.
        """
        import polars as pl

        while not self._handed_out:
            if self._closed:
                message = (
                    "this ingestion was closed, or failed before: records that were not handed out yet are not read"
                )
                raise UsageError(message, code="ingestion-closed", help="call `contract.ingest` again")
            if self._ended is not None:
                message = (
                    "the verdict was asked for first: records that were not handed out yet were judged and dropped"
                )
                raise UsageError(message, code="ingestion-closed", help="iterate or `read()` before `verdict`")
            _schema.for_polars(self._empty)
            with self._alone():
                try:
                    batch = self._native.next()
                except BaseException:
                    self._closed = True
                    raise
            self._handed_out = batch is None
            if batch is not None:
                with reading("polars cannot take the records"):
                    frame = pl.DataFrame(batch)
                yield frame

    def read(self) -> pl.DataFrame:
        """All accepted records that were not yet handed out, in one frame: memory in proportion to them."""
        import polars as pl

        batches = list(self)
        if batches:
            return pl.concat(batches)
        _schema.for_polars(self._empty)
        with reading("polars cannot take the records"):
            return pl.DataFrame(self._empty)

    @property
    def verdict(self) -> Verdict:
        """The verdict on all records; what was not handed out yet is read and judged, and cannot be had any more."""
        return self._end()[0]

    @property
    def quarantined(self) -> int:
        """Records that were not accepted."""
        return self._end()[1]

    @property
    def notices(self) -> list[str]:
        """What the reader of the verdict should know: names that lie about their format, dialects that were guessed."""
        return self._end()[2]

    def close(self) -> None:
        """Stops reading; a quarantine file that is not complete is not left behind."""
        with self._alone():
            self._closed = True
            self._native.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps other threads out: records are handed out once, in their order."""
        if not self._lock.acquire(blocking=False):
            message = "another thread reads from this ingestion"
            raise UsageError(
                message, code="ingestion-busy", help="let one thread read, and hand its frames to the others"
            )
        try:
            yield
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Completes the run, so that the quarantine file is there; or stops it when the block raised."""
        if kind is None:
            self._end()
        else:
            self.close()

    def _end(self) -> tuple[Verdict, int, list[str]]:
        if self._ended is None:
            with self._alone():
                verdict, quarantined, notices = self._native.finish()
            self._ended = (self._wrap(verdict), quarantined, notices)
        return self._ended


def sources(given: Source | Iterable[Source]) -> list[Any]:
    """Sources as the seam takes them: paths and patterns as texts, bytes and open files with a name."""
    one = isinstance(given, str | bytes | os.PathLike) or _is_open(given) or not isinstance(given, Iterable)
    listed: list[Any] = [given] if one else list(given)  # type: ignore[arg-type]
    return [_source(source, f" {at}" if len(listed) > 1 else "") for at, source in enumerate(listed)]


def is_source(given: object) -> TypeGuard[Source]:
    """Is it a source, and not a frame?"""
    return isinstance(given, str | bytes | os.PathLike) or _is_open(given)


def file_name(given: object) -> str | None:
    """What the records of a file are called: its name up to the first dot."""
    if not isinstance(given, str | os.PathLike):
        return None
    stem = Path(os.fsdecode(given)).name.partition(".")[0]
    return stem if re.fullmatch(r"[\w-]+", stem) else None


def _is_open(source: object) -> bool:
    return hasattr(source, "read")


def _source(source: Source, number: str) -> Any:
    """A path, or a name and bytes; `number` tells apart what has no name."""
    if isinstance(source, bytes):
        return (f"<bytes{number}>", source)
    if _is_open(source):
        content = source.read()  # type: ignore[union-attr]
        if not isinstance(content, bytes):
            message = "an open file must be read as bytes: open it with mode `rb`"
            raise UsageError(message, code="file-unreadable", help="pass its path, or open it with mode `rb`")
        return (str(getattr(source, "name", f"<file{number}>")), content)
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"`source` must be a path, bytes or a file open for bytes, not `{type(source).__name__}`")
    return _texts.text("source", os.fsdecode(source) if isinstance(source, os.PathLike) else source)


def limit(name: str, given: int | None) -> int | None:
    """A limit on its way through the seam, which has no place for negative numbers and those beyond 63 bits."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f"`{name}` must be an int, not `{type(given).__name__}`")
    if not 0 <= given < 1 << 63:
        message = f"`{name}` cannot be {given}"
        raise UsageError(message, code="limit-out-of-range", help="leave it out for the usual one")
    return given
