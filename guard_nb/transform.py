"""Transforms: `SELECT … FROM input [WHERE …]`, a total function of one record, explained before it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guard_nb import _arrow, _native, _params, _schema, _texts, _write
from guard_nb._params import Params
from guard_nb._visible import visible
from guard_nb.contract import Contract
from guard_nb.errors import UsageError
from guard_nb.verdict import Verdict

if TYPE_CHECKING:
    from typing import Self

    import polars as pl

Progress = Callable[[int], object]
LISTED = 3


@dataclass(frozen=True, slots=True)
class Transformed:
    """What became of each record of a frame: `records = output.height + quarantined.height + left_out`.

    `output` (polars) are the records that passed, in order. `quarantined` (polars) are the input records on which the
    condition or an item failed, with `guard_record`, `guard_code` and `guard_item`. `left_out` counts the records on
    which WHERE was FALSE or NULL. `verdict` is the output contract's on `output`; None without one. `kept` says of each
    input record whether it is in `output`: records of `output` in order are those of `frame.filter(kept)`.
    """

    output: pl.DataFrame
    quarantined: pl.DataFrame
    records: int
    left_out: int
    verdict: Verdict | None
    kept: pl.Series

    def __repr__(self) -> str:
        """Counts, and the verdict's status."""
        status = f", {self.verdict.status}" if self.verdict else ""
        out, bad = self.output.height, self.quarantined.height
        return f"<Transformed {self.records:,} → {out:,}, {bad:,} quarantined, {self.left_out:,} left out{status}>"


class Transform:
    """A transform of records, typed and explained before any record is seen; see docs/reference/expressions.md.

    `sql` is `SELECT item AS name, … FROM input [WHERE …]`; FROM takes the input object's name too, and `table`. `input`
    is the contract that describes the records, or a frame whose schema does; `output` the contract that the result must
    satisfy. `input_object` and `output_object` name the schema objects of contracts that have several. `params` bind
    the `:name`s.

    Raises `ExpressionError` with the position for texts that are no such query, whatever the reason, `UsageError` for
    parameters that are not used, and `FrameError` for a frame whose schema cannot be read. Making one sees no record
    and costs microseconds per item.
    """

    def __init__(
        self,
        sql: str,
        *,
        input: Contract | object | None = None,  # noqa: A002
        output: Contract | None = None,
        input_object: str | None = None,
        output_object: str | None = None,
        params: Params | None = None,
        table: str | None = None,
    ) -> None:
        text = _texts.expression("sql", sql)
        if output is not None and not isinstance(output, Contract):
            message = f"`output` must be a Contract, not `{type(output).__name__}`"
            raise TypeError(message)
        contract = input if isinstance(input, Contract) else None
        objects = _texts.optional("input_object", input_object), _texts.optional("output_object", output_object)
        schema = None if input is None or contract is not None else _arrow.schema_of(input)
        self.input, self.output, self.output_object = contract, output, output_object
        native_in = contract._native if contract else None
        native_out = output._native if output else None
        args = (objects[0], schema, native_out, objects[1], _params.frame(params), _texts.optional("table", table))
        self._native = _native.Transform(text, native_in, *args)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Reads what `save` wrote. A file that was changed is refused with `UsageError`."""
        where = Path(path)
        try:
            text = where.read_bytes().decode("utf-8")
        except (OSError, ValueError) as error:
            message = f"`{visible(str(where))}` cannot be read: {error}"
            raise UsageError(message, code="transform-unreadable", help="check the path") from error
        return cls.loads(text)

    @classmethod
    def loads(cls, text: str) -> Self:
        """Reads what `to_json` gave."""
        made = cls.__new__(cls)
        made._native = _native.Transform.from_json(_texts.text("text", text))
        document = json.loads(text)
        made.input, made.output = _contract(document["input"]), _contract(document["output"])
        made.output_object = document["output"].get("object")
        return made

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the portable file: text, contracts, parameters, schemas, digest. Written aside and renamed."""
        _write.whole(Path(path), self.to_json() + "\n")

    def to_json(self) -> str:
        """The portable file as canonical JSON; `digest` in it covers all but the contracts' texts: they have theirs."""
        return self._native.to_json()

    @property
    def sql(self) -> str:
        """The text."""
        return self._native.sql

    @property
    def digest(self) -> str:
        """SHA-256 of the portable file's meaning."""
        digest: str = json.loads(self.to_json())["digest"]
        return digest

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters that the text uses."""
        return list(self.report()["parameters"])

    def report(self, frame: object | None = None) -> dict[str, Any]:
        """What is known before running: items with type, nullability, range, faults, lineage and tree; proofs; cost.

        Against the frame's schema if one is given, else as the input contract describes it.
        """
        schema = None if frame is None else _arrow.schema_of(frame)
        report: dict[str, Any] = json.loads(self._native.report(schema))
        return report

    def refuse_impossible(self, report: dict[str, Any] | None = None) -> None:
        """Raises `UsageError` if no record can satisfy some clause of the output contract; `run` asks this first."""
        clauses = (self.report() if report is None else report)["clauses"] if self.output else []
        wrong = [clause for clause in clauses if clause["state"] == "impossible"]
        if wrong:
            found = "; ".join(f"`{each['column']}`: {each['clause']}, {each['why']}" for each in wrong[:LISTED])
            more = f"; and {len(wrong) - LISTED} more" if len(wrong) > LISTED else ""
            message = f"no record can satisfy the output contract: {found}{more}"
            raise UsageError(message, code="clause-impossible", help="correct the item, or the contract")

    def check(self, frame: object | None = None) -> pl.DataFrame:
        """One row for each item and each clause of the output contract: what is proved, checked, or impossible.

        Columns: `item`, `clause` (`type` for the item itself), `state` (`proved`, `checked`, `impossible`), `why`.
        """
        import polars as pl

        report = self.report(frame)
        rows = [(item["name"], "type", "proved", _type_line(item)) for item in report["items"]]
        rows += [(clause["column"], clause["clause"], clause["state"], clause["why"]) for clause in report["clauses"]]
        return pl.DataFrame(rows, schema=["item", "clause", "state", "why"], orient="row")

    def lineage(self, frame: object | None = None) -> pl.DataFrame:
        """Which columns feed which: `item`, `column`, `role` (`from`: its value; `decides`: a condition)."""
        import polars as pl

        rows = []
        for item in self.report(frame)["items"]:
            rows += [(item["name"], column, "from") for column in item["from"]]
            rows += [(item["name"], column, "decides") for column in item["decidedBy"]]
        return pl.DataFrame(rows, schema=["item", "column", "role"], orient="row")

    def explain(self, frame: object | None = None) -> str:
        """The report as text."""
        from guard_nb import _explain

        return _explain.transform_text(self.report(frame))

    def run(self, frame: object, *, progress: Progress | None = None) -> Transformed:
        """Transforms a frame and checks the output.

        Takes what `Contract.check` takes; a LazyFrame is run in batches. Records are numbered from 0. A record on which
        the condition or an item fails is quarantined alone. Memory: the frame's output; see `stream` for bounded
        memory. Columns that pass unchanged are not copied, unless records are left out.

        Raises `ExpressionError` when the frame's columns do not fit the text, `FrameError` when the frame cannot be
        read or polars cannot hold its columns, and `UsageError` when no record can satisfy the output contract. Ctrl-C
        stops it.
        """
        parts = list(self.stream(_arrow.batches(frame) if _arrow.is_lazy(frame) else [frame], progress=progress))
        return _whole(parts, self)

    def stream(self, frames: Iterable[object], *, progress: Progress | None = None) -> Iterator[Transformed]:
        """Transforms frame after frame of one schema; each yields its own `Transformed`, numbered on from the last.

        Memory is that of one frame and its output. The verdict of each part is on that part alone.
        """
        self.refuse_impossible()
        start = 0
        for frame in frames:
            output, quarantined, masks, records, left_out = self._native.run(_arrow.capsule(frame), start, progress)
            out, kept = _frame(output), _series(masks)
            verdict = self.output.check(out, self.output_object) if self.output else None
            yield Transformed(out, _frame(quarantined), records, left_out, verdict, kept)
            start += records

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from guard_nb import _explain_html

        return _explain_html.bundle(self.report(), self._digest())

    def _digest(self) -> str | None:
        """The digest; None when a parameter is of a type that files do not hold."""
        try:
            return self.digest
        except UsageError:
            return None

    def __repr__(self) -> str:
        """The text, on one line."""
        return f"<Transform {' '.join(self.sql.split())}>"


def _contract(side: dict[str, Any]) -> Contract | None:
    text = side.get("contract")
    return Contract.loads(text) if text else None


def _frame(batches: list[Any]) -> pl.DataFrame:
    import polars as pl

    _schema.not_misread(batches[0])
    with _arrow.reading("polars cannot hold the columns of the result"):
        return pl.concat([pl.DataFrame(batch) for batch in batches], rechunk=False)


def _series(masks: list[Any]) -> pl.Series:
    import polars as pl

    parts = [pl.Series("kept", pl.Series(mask), dtype=pl.Boolean) for mask in masks]
    return pl.concat(parts, rechunk=False) if parts else pl.Series("kept", [], dtype=pl.Boolean)


def _whole(parts: list[Transformed], transform: Transform) -> Transformed:
    if len(parts) == 1:
        return parts[0]
    import polars as pl

    if not parts:
        raise UsageError("no frame was given", code="not-a-frame", help="give a frame with a schema")
    output = pl.concat([part.output for part in parts], rechunk=False)
    bad = [part.quarantined for part in parts if part.quarantined.height]
    quarantined = pl.concat(bad, rechunk=False) if bad else parts[0].quarantined
    verdict = transform.output.check(output, transform.output_object) if transform.output else None
    records, left_out = sum(part.records for part in parts), sum(part.left_out for part in parts)
    kept = pl.concat([part.kept for part in parts], rechunk=False)
    return Transformed(output, quarantined, records, left_out, verdict, kept)


def _type_line(item: dict[str, Any]) -> str:
    null = "can be NULL" if item["nullable"] else "never NULL"
    faults = f"; can fail: {', '.join(item['faults'])}" if item["faults"] else "; cannot fail"
    span = f", {item['range']}" if item["range"] else ""
    return f"{item['type']}{span}, {null}{faults}"
