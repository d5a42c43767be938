"""`%%transform IN -> OUT`: explained, run, checked, bound; or stopped, with nothing bound."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from guard_nb import _arrow, _explain_html
from guard_nb.contract import Contract
from guard_nb.errors import ExpressionError, GuardViolation, QuarantineError, UsageError
from guard_nb.magics import find, parts, run, show
from guard_nb.magics.transform_line import TransformLine, read_transform
from guard_nb.session import Counts, Entry, ledger
from guard_nb.transform import Transform, Transformed
from guard_nb.verdict import Verdict

T = TypeVar("T")
UNBOUND = re.compile(r"`:(\w+)`")


def transform(line: str, cell: str | None = None) -> None:
    """Transforms the records of a frame by `SELECT item AS name, … FROM input [WHERE condition]`.

    `%%transform IN -> OUT [flags]` above the SQL: each record of the variable IN becomes at most one record of OUT
    (polars). FROM says `input`, IN, or the name of the input contract's object. `:name` stands for the variable of that
    name. Types, ranges, lineage and how records can fail are shown before anything runs.

    The cell fails closed: unless everything came through, it raises, Run All stops and OUT is not bound.

    --contract NAME        the contract that the output must satisfy; a clause that no record can satisfy stops at once
    --input-contract NAME  the contract that describes the input: its clauses narrow ranges, so that more is proved
    --object NAME, --input-object NAME   schema objects of contracts that have several
    --params A,B=NAME      variables for `:a` and `:b`; the others are those of their names
    --rejects NAME         bind the input records on which it failed, with guard_record, guard_code and guard_item
    --mode MODE            enforce (default): fail unless the contract accepts the output and no record failed, or
                           `--rejects` took those; quarantine: bind the accepted output records only, and as rejects
                           also the input records of the others, with guard_clauses; warn: report only
    --explain              explain only, run nothing (OUT may be left out)
    --save FILE            write the transform as a file for `Transform.load`
    --quiet                show the counts only unless everything came through
    """
    if cell is None:
        help_ = "write `%%transform IN -> OUT` on the first line of a cell, and the SQL below it"
        raise show.concise(UsageError("this transform line has no SQL", code="guard-line", help=help_))
    entry = ledger().open(run.cell_number(), "")
    entry.transform = " ".join(line.partition("--")[0].split()).replace("->", "→")
    try:
        asked = read_transform(line)
        entry.transform, entry.mode, entry.contract = asked.title, asked.mode, asked.contract or ""
        _transform(asked, cell, entry)
    except BaseException as error:
        ledger().close(entry, fault=show.shortened(error))
        raise
    if asked.explain:
        ledger().discard(entry)


def _transform(asked: TransformLine, sql: str, entry: Entry) -> None:
    variables = run.user_variables()
    frame = _arrow.read_once(find.lasting(find.variable(asked.source, variables)))
    if not asked.explain:
        for name in (asked.target, asked.rejects):
            if name is not None and name != asked.source:
                variables.pop(name, None)
    made = _made(asked, sql.strip("\r\n").rstrip(), frame, entry, variables)
    report = made.report(frame)
    if not asked.quiet or asked.explain:
        show.say_bundle(_explain_html.bundle(report, made._digest(), asked.title))
    made.refuse_impossible(report)
    if asked.save is not None:
        made.save(asked.save)
    if not asked.explain:
        _run(asked, made, frame, entry, variables)


def _made(asked: TransformLine, sql: str, frame: object, entry: Entry, variables: Mapping[str, Any]) -> Transform:
    output, output_object = _side(asked.contract, asked.object, asked.target, variables)
    given, input_object = _side(asked.input_contract, asked.input_object, asked.source, variables)
    entry.object = output_object

    def make(params: dict[str, Any]) -> Transform:
        return Transform(
            sql,
            input=given or frame,
            output=output,
            input_object=input_object,
            output_object=output_object,
            params=params,
            table=asked.source,
        )

    return with_parameters(make, asked.params, variables)


def _side(
    name: str | None, asked: str | None, variable: str | None, variables: Mapping[str, Any]
) -> tuple[Contract | None, str | None]:
    if name is None:
        return None, None
    contract = find.contract(name, variables)
    return contract, find.require_object(find.schema_object(asked, variable, contract), contract)


def with_parameters(
    make: Callable[[dict[str, Any]], T], asked: dict[str, str] | None, variables: Mapping[str, Any]
) -> T:
    """What `make` makes of the parameters that its text uses: those asked for, else variables of their names."""
    params = find.parameters(asked, variables)
    while True:
        try:
            return make(params)
        except ExpressionError as error:
            found = UNBOUND.search(error.message) if error.code == "parameter-unbound" else None
            if found is None or found[1] in params:
                raise
            name = found[1]
            if name not in variables:
                error.help = f"set a variable `{name}`, or name another: `--params {name}=VARIABLE`"
                raise
            params[name] = variables[name]


def _run(asked: TransformLine, made: Transform, frame: object, entry: Entry, variables: dict[str, Any]) -> None:
    progress = show.Progress(f"transforming {asked.title}", run.height(frame))
    read = _arrow.to_polars(frame) if asked.mode == "quarantine" and _arrow.is_lazy(frame) else frame
    try:
        done = made.run(read, progress=progress)
        ok, rejects, verdict = parts.parted(asked.mode, made, read, done)
    except BaseException as error:
        progress.clear(f"transforming {asked.title} ended: {type(error).__name__}")
        raise
    verdict = None if verdict is None else verdict.named(asked.target, asked.rejects)
    counts = Counts(done.records, done.output.height, done.quarantined.height, done.left_out)
    entry.counts = counts
    ledger().close(entry, verdict=verdict)
    stop = _stop(asked, done, verdict)
    if asked.rejects is not None:
        variables[asked.rejects] = rejects
    if stop is None and asked.target is not None:
        variables[asked.target] = ok
    _report(asked, made, done, verdict, progress, _notes(asked, stop is None, ok.height, rejects.height))
    if stop is not None:
        raise stop


def _stop(asked: TransformLine, done: Transformed, verdict: Verdict | None) -> BaseException | None:
    """Why the cell fails, if it does. What the output contract says comes first."""
    if asked.mode != "enforce":
        return None
    if verdict is not None and verdict.status != "accept":
        return GuardViolation(verdict)
    if done.quarantined.height and asked.rejects is None:
        return QuarantineError(done)
    return None


def _notes(asked: TransformLine, bound: bool, ok: int, rejects: int) -> list[str]:
    said = [f"{asked.target}: {ok:,} records"] if bound else []
    said += [f"{asked.rejects}: {rejects:,} that did not come through"] if asked.rejects else []
    saved = [f"Saved to {asked.save}."] if asked.save else []
    return [*([f"Bound {' · '.join(said)}."] if said else []), *saved]


def _report(
    asked: TransformLine,
    made: Transform,
    done: Transformed,
    verdict: Verdict | None,
    progress: show.Progress,
    notes: list[str],
) -> None:
    through = not done.quarantined.height and (verdict is None or verdict.status == "accept")
    progress.put(_explain_html.ran(*parts.counted(made, done), notes))
    if verdict is not None and not (asked.quiet and through):
        show.say_bundle(show.Report(verdict, []).bundle())
