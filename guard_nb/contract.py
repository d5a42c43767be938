"""Contracts: ODCS documents, loaded once and judged often."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guard_nb import _arrow, _native, _params, _texts
from guard_nb._params import Params
from guard_nb._visible import visible
from guard_nb.errors import UsageError
from guard_nb.ingest import Csv, Ingestion, Source, file_name, is_source, limit, sources
from guard_nb.split import Split, make_split
from guard_nb.suggesting import Suggestions, suggested
from guard_nb.verdict import Partial, Verdict

if TYPE_CHECKING:
    from typing import Self

References = Mapping[str, object]
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding in a contract's text. `line` and `column` count from 1."""

    code: str
    level: str
    message: str
    help: str | None
    line: int
    column: int
    path: str

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """From the seam's JSON."""
        span = found["span"]
        return cls(
            found["code"], found["level"], found["message"], found["help"], span["line"], span["column"], found["path"]
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts.

    `producer` and `consumer` say what it means to each: `breaking`, `tightening`, `loosening` or `neutral`.
    """

    path: str
    kind: str
    producer: str
    consumer: str
    message: str
    old: str | None
    new: str | None


class Contract:
    """An ODCS contract (v3.0, 3.1 or 3.2) whose every clause has a meaning or was reported.

    Made by `Contract.load`, `Contract.loads` or `Contract.infer`. Checking never changes it, and threads may share it.
    """

    def __init__(self, native: _native.Contract, path: str | None = None) -> None:
        self._native = native
        self.path = path

    @classmethod
    def load(cls, path: str | os.PathLike[str], variables: Mapping[str, str] | None = None) -> Self:
        """Reads a contract file (YAML or JSON, UTF-8).

        Raises `ContractError` with every finding if it does not load, and `UsageError` if the file cannot be read.
        """
        where = Path(path)
        try:
            text = where.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"`{where}` is not UTF-8 at byte {error.start}"
            raise UsageError(message, code="contract-unreadable", help="save the contract as UTF-8") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message = f"`{visible(str(where))}` cannot be read: {reason}"
            raise UsageError(message, code="contract-unreadable", help="check the path") from error
        return cls(_native.Contract.loads(text, _texts.mapping("variables", variables)), str(where))

    @classmethod
    def loads(cls, text: str, variables: Mapping[str, str] | None = None) -> Self:
        """Reads a contract from text; `variables` resolve `${NAME}` (ODCS 3.2). Raises `ContractError`."""
        return cls(_native.Contract.loads(_texts.contract("text", text), _texts.mapping("variables", variables)))

    @classmethod
    def infer(
        cls,
        frame: object,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        format: str | None = None,  # noqa: A002
        csv: Csv | None = None,
        limit: int | None = None,
    ) -> Self:
        """Drafts a contract from a frame or a file: clauses that hold on every record, and the evidence in comments.

        `frame` is what `check` takes, or a source that `ingest` takes, with `format` and `csv` as there; a LazyFrame is
        run in batches. Of text files the first 1,000,000 records are looked at, or `limit`; checking the same file
        accepts. `name` is the schema object's (the file's name, or `frame`), and the contract's `id` unless that is
        given. Proposed are types, `required`, natural bounds, small sets of values, patterns of
        codes and keys; what is not certain enough is a comment, for you to keep or drop: `print(draft.to_yaml())`.
        The same records give the same text.

        Raises `FrameError` if two columns have one name, `IngestError` if a file cannot be read. Cost: one pass over
        every value, two over text files; columns that may be keys are kept until the end. Ctrl-C stops it.
        """
        called = (file_name(frame) or "frame") if name is None else _texts.text("name", name)
        known = called if id is None else _texts.text("id", id)
        if is_source(frame):
            dialect = (csv or Csv())._native()
            kind = _texts.optional("format", format)
            return cls.loads(_native.infer_files(sources(frame), kind, dialect, limit, called, known))
        inference = _native.Inference()
        for batch in _arrow.batches(frame):
            inference.push(batch)
        return cls.loads(inference.draft(called, known))

    @staticmethod
    def suggest(frame: object) -> Suggestions:
        """Row rules that hold on every record of a frame: orderings, sums, products, presences, mappings.

        `frame` is what `check` takes; a LazyFrame is run in batches. A rule that fails on one record is not proposed.
        Each comes with the records it was tested on; prune them, then paste `suggestions.to_yaml()` below `quality:`.
        Ctrl-C stops it.
        """
        return suggested(frame)

    @property
    def id(self) -> str:
        """`id` of the document."""
        return self._native.id

    @property
    def version(self) -> str:
        """`version` of the document."""
        return self._native.version

    @property
    def name(self) -> str | None:
        """`name` of the document."""
        return self._native.name

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form; comments, order of keys and layout of the text do not change it."""
        return self._native.digest

    @property
    def objects(self) -> list[str]:
        """Names of the schema objects."""
        return list(self._native.objects)

    def columns(self, object: str | None = None) -> list[str]:  # noqa: A002
        """Names of an object's top-level properties."""
        return list(self._native.columns(_texts.optional("object", object)))

    def lint(self) -> list[Diagnostic]:
        """Warnings and infos about this contract; errors kept it from loading."""
        return [Diagnostic.read(found) for found in json.loads(self._native.diagnostics)]

    def diff(self, newer: Contract) -> list[Change]:
        """What `newer` changes, for producers and for consumers, in the contract's order."""
        return [Change(**change) for change in json.loads(_native.diff(self._native, newer._native))]

    def to_yaml(self) -> str:
        """The text it was read from, byte for byte: what guard_nb does not know is kept."""
        return self._native.text

    def check(
        self,
        frame: object,
        object: str | None = None,  # noqa: A002
        *,
        references: References | None = None,
        as_of: datetime | str | None = None,
        params: Params | None = None,
        progress: Progress | None = None,
    ) -> Verdict:
        """Judges a frame.

        `frame` is a polars DataFrame or LazyFrame (run in batches, every value judged), a pandas or pyarrow table, a
        DuckDB relation or anything with an Arrow PyCapsule; nothing is copied where the layout allows. `object` names
        the schema object, needed when the contract has several and none bears the frame's name. `references` are the
        frames that foreign keys refer to, by object name. `as_of` is the instant that service levels are judged
        against (aware datetime or RFC 3339), and `:as_of` in row rules. `params` bind the other `:name`s of row rules
        by name: numbers, texts, truth values, dates, times, instants. `progress` is called now and then with the number
        of records done.

        Records are numbered from 0 in the frame's order. Cost: one pass over each column with clauses, on all cores,
        with the GIL released; keys take memory in proportion to the records. Ctrl-C stops it.
        """
        started = time.perf_counter_ns()
        object, hint = _texts.optional("object", object), _arrow.name_of(frame)  # noqa: A001
        when = _instant(as_of)
        frames = _references(references)
        if not _arrow.is_lazy(frame):
            capsule = _arrow.capsule(frame)
            native = self._native.check(capsule, object, hint, frames, when, _params.frame(params), progress)
        else:
            checker = self._native.checker(object, hint, frames, when, _params.frame(params), "", 0, False, progress)
            for batch in _arrow.batches(frame):
                checker.push(self._native, batch)
            native = checker.verdict()
        return self._verdict(native, started)

    def ingest(
        self,
        source: Source | Iterable[Source],
        format: str | None = None,  # noqa: A002
        quarantine: str | os.PathLike[str] | None = None,
        *,
        object: str | None = None,  # noqa: A002
        references: References | None = None,
        as_of: datetime | str | None = None,
        params: Params | None = None,
        csv: Csv | None = None,
        threads: int | None = None,
        chunk_bytes: int | None = None,
        record_bytes: int | None = None,
        memory_bytes: int | None = None,
        progress: Progress | None = None,
    ) -> Ingestion:
        """Reads and judges files: an iterator of accepted records as polars frames, and `.verdict` on all.

        `source` is a path, a pattern such as `data/*.csv`, bytes, a file open for bytes, or several of these. `format`
        is `ndjson`, `json`, `csv`, `tsv`, `parquet`, `arrow` or `quarantine`; by name and first bytes unless given;
        gzip and zstd are unpacked; open files are read whole. Records that are not accepted go to the file
        `quarantine` with source, number, line, byte range, codes and raw bytes. `csv` is the dialect. The other
        keywords are those of `check`.

        Records are numbered from 0 in each source, damaged ones included. Memory is bounded by a few chunks of
        `chunk_bytes` (1 MiB); a record longer than `record_bytes` (16 MiB) is rejected. Where the contract has keys,
        the source is read twice, and keys of more than `memory_bytes` (128 MiB) go to temporary files. Results depend
        neither on `threads` nor on `chunk_bytes` nor on `memory_bytes`. Raises `IngestError` for
        sources that cannot be read at all; damaged records are in the verdict. Ctrl-C stops it. docs/spec/ingestion.md.
        """
        started = time.perf_counter_ns()
        given = sources(source)
        native = _native.Ingest.open(
            self._native,
            given,
            _texts.optional("format", format),
            _texts.optional("object", object),
            _references(references),
            _instant(as_of),
            _params.frame(params),
            quarantine if quarantine is None else os.fspath(quarantine),
            (csv or Csv())._native(),
            {
                "threads": limit("threads", threads),
                "chunk_bytes": limit("chunk_bytes", chunk_bytes),
                "record_bytes": limit("record_bytes", record_bytes),
                "memory_bytes": limit("memory_bytes", memory_bytes),
            },
            progress,
        )
        files = [path for path in given if isinstance(path, str)]
        return Ingestion(native, lambda verdict: self._verdict(verdict, started, files))

    def partial(
        self,
        part: object,
        source: str | None = None,
        start: int = 0,
        object: str | None = None,  # noqa: A002
        *,
        references: References | None = None,
        as_of: datetime | str | None = None,
        params: Params | None = None,
    ) -> Partial:
        """Judges a part of a frame into a state that merges exactly with others.

        `start` is the number of the part's first record in its `source`. `merge(...)` of the parts' states gives the
        verdict of the whole, byte for byte. Keys are kept: memory grows with records × key width.
        """
        if not 0 <= start < 2**63:
            message = f"`start` is {start}"
            raise UsageError(message, code="start-out-of-range", help="records are numbered from 0 to 2⁶³ − 1")
        named, hint = _texts.optional("object", object), _arrow.name_of(part)
        where = _texts.optional("source", source) or ""
        options = (_references(references), _instant(as_of), _params.frame(params))
        checker = self._native.checker(named, hint, *options, where, start, False, None)
        for batch in _arrow.batches(part):
            checker.push(self._native, batch)
        return Partial(checker.partial())

    def split(
        self,
        frame: object,
        object: str | None = None,  # noqa: A002
        *,
        references: References | None = None,
        as_of: datetime | str | None = None,
        params: Params | None = None,
        progress: Progress | None = None,
    ) -> Split:
        """Judges a frame and parts its records: `accepted`, `rejected` (polars) and `verdict`.

        Disjoint, complete, in order, and closed: checking `accepted` again rejects nothing. `rejected` has the unknown
        records too, and three more columns: `guard_record`, `guard_status`, `guard_clauses`. Takes what `check` takes.
        """
        started = time.perf_counter_ns()
        named = _texts.optional("object", object)
        whole = _arrow.to_polars(frame)
        # A table is judged as it is, not as polars would convert it; a stream can be read once only.
        judged = frame if _arrow.is_table(frame) else whole
        options = (_references(references), _instant(as_of), _params.frame(params))
        checker = self._native.checker(named, _arrow.name_of(frame), *options, "", 0, True, progress)
        checker.push(self._native, _arrow.capsule(judged))
        native, accepted, reasons, dropped = checker.split()
        return make_split(whole, self._verdict(native, started), accepted, reasons, dropped)

    def _verdict(self, native: _native.Verdict, started: int, files: list[str] | None = None) -> Verdict:
        elapsed = (time.perf_counter_ns() - started) // 1000
        return Verdict(native, elapsed_us=elapsed, contract_path=self.path, sources=files or None)

    def __repr__(self) -> str:
        """id, version and objects."""
        return f"<Contract {self.id} {self.version}: {', '.join(self.objects)}>"


def lint(text: str) -> list[Diagnostic]:
    """Everything worth saying about a contract's text, errors included; never raises."""
    found = _texts.contract_finding("text", text)
    return [Diagnostic.read(found) for found in ([found] if found else json.loads(_native.lint(text)))]


def _references(references: References | None) -> dict[str, Any] | None:
    if not references:
        return None
    if not isinstance(references, Mapping):
        help_ = 'name each frame: `references={"planes": planes}`'
        raise UsageError("`references` is no mapping of names to frames", code="references-unnamed", help=help_)
    names = [_texts.text("references", name, part="a name in ") for name in references]
    return dict(zip(names, [_arrow.capsule(_collected(frame)) for frame in references.values()], strict=True))


def _collected(frame: object) -> object:
    return _arrow.to_polars(frame) if _arrow.is_lazy(frame) else frame


def _instant(as_of: datetime | str | None) -> str | None:
    if as_of is None or isinstance(as_of, str):
        return _texts.optional("as_of", as_of)
    if not isinstance(as_of, datetime):
        help_ = "give an aware datetime, or RFC 3339 text such as 2026-01-31T00:00:00Z"
        message = f"`as_of` is a {type(as_of).__name__}, not an instant"
        raise UsageError(message, code="as-of-unreadable", help=help_)
    if as_of.tzinfo is None:
        help_ = "give it a zone: `as_of.replace(tzinfo=datetime.timezone.utc)`"
        raise UsageError("`as_of` has no time zone", code="as-of-unreadable", help=help_)
    return as_of.isoformat()
