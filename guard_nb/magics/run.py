"""What runs in a guarded cell: `begin` before the body, `finish` around its last value.

Called by the code that `guard_nb.magics.transform` writes. Every path ends in a verdict, an exception or an open entry
in the ledger; none ends in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from IPython.core.getipython import get_ipython

from guard_nb import _arrow
from guard_nb.contract import Contract
from guard_nb.errors import GuardError, GuardViolation, InternalError, UsageError
from guard_nb.magics import find, show
from guard_nb.magics.line import GuardLine, read_line
from guard_nb.session import Entry, ledger
from guard_nb.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """A guard line that was understood, waiting for its value."""

    line: GuardLine
    contract: Contract
    name: str | None
    entry: Entry


LINTS = 5

NOTHING = {
    "empty": "write the frame below the guard line, or use `%guard check NAME CONTRACT`",
    "none": "end the cell with the frame, or name it: `--on NAME`",
}

_plans: dict[int, Plan] = {}


def begin(token: int, asked: str, kind: str, name: str, why: str) -> None:
    """Reads the guard line and loads its contract before the body runs, so that mistakes cost nothing."""
    words = asked.split()
    entry = ledger().open(cell_number(), words[0] if words else "?")
    try:
        line = read_line(asked)
        entry.contract, entry.mode, entry.sampled = line.contract, line.mode, line.sample
        if kind == "empty" or (kind == "none" and line.on is None):
            raise UsageError(why, code="nothing-checked", help=NOTHING[kind])
        contract = find.contract(line.contract, user_variables())
        entry.object = find.schema_object(line.object, line.on or name or None, contract)
    except BaseException as error:
        ledger().close(entry, fault=show.shortened(error))
        raise
    _plans[token] = Plan(line, contract, line.on or name or None, entry)


def finish(token: int, value: Any) -> Any:
    """Judges the cell's value, or the variable of `--on`, and hands the value on.

    Raises `GuardViolation` unless the verdict accepts or the mode is another than enforce.
    """
    plan = _plans.pop(token, None)
    if plan is None:
        raise InternalError("the guard line of this cell did not run", help="run the cell again")
    try:
        frame = value if plan.line.on is None else find.variable(plan.line.on, user_variables())
        judge(plan, frame)
    except BaseException as error:
        ledger().close(plan.entry, fault=show.shortened(error))
        raise
    return value


def check_now(name: str, line: GuardLine) -> None:
    """Judges a variable at once, as a guarded cell would."""
    entry = ledger().open(cell_number(), line.contract)
    entry.mode, entry.sampled = line.mode, line.sample
    try:
        contract = find.contract(line.contract, user_variables())
        entry.object = find.schema_object(line.object, name, contract)
        judge(Plan(line, contract, name, entry), find.variable(name, user_variables()))
    except BaseException as error:
        ledger().close(entry, fault=show.shortened(error))
        raise


def finish_after(token: int, value: Any = None) -> None:
    """`finish` for a cell whose last line has no value of its own to show."""
    finish(token, value)


def mark() -> int:
    """The number of guarded cells so far."""
    return len(ledger().entries)


def settle(before: int, value: Any) -> Any:
    """After another cell magic: raises what it swallowed of the guarded cell inside, and hands its value on.

    `%%capture` and magics like it run the body and drop its exception; a guard inside must stop the notebook all the
    same.
    """
    inside = ledger().entries[before:]
    for entry in inside:
        if entry.fault is not None:
            raise entry.fault
        if entry.status == "not checked":
            raise show.concise(_unreached(entry))
    if not inside:
        help_ = "make it the first line below the other magic"
        error = UsageError("the guard line inside this cell magic did not run", code="nothing-checked", help=help_)
        raise show.concise(error)
    return value


def judge(plan: Plan, value: object) -> Verdict:
    """Checks a frame as a plan says: binds the parts, shows the report, notes the ledger, raises if it must."""
    line, variables = plan.line, user_variables()
    for name in (line.accepted, line.rejects):
        if name is not None:
            variables.pop(name, None)
    frame = find.guarded(value)
    chosen = find.require_object(plan.entry.object, plan.contract)
    given = find.references(line.references, plan.contract, chosen, variables)
    if line.sample is not None:
        frame = _first(frame, line.sample)
    progress = show.Progress(f"{plan.contract.id}/{chosen}", height(frame))
    try:
        verdict, parts = _check(plan, frame, chosen, given, progress)
    except BaseException as error:
        progress.clear(f"checking {plan.contract.id}/{chosen} ended: {type(error).__name__}")
        raise
    ledger().close(plan.entry, verdict=verdict)
    if not _stops(line, verdict):
        _bind(variables, line.accepted, parts[0])
    _bind(variables, line.rejects, parts[1])
    _report(plan, verdict, chosen, given, progress)
    if _stops(line, verdict):
        raise GuardViolation(verdict)
    return verdict


def _check(
    plan: Plan, frame: object, chosen: str, references: dict[str, Any], progress: show.Progress
) -> tuple[Verdict, tuple[Any, Any]]:
    line, contract = plan.line, plan.contract
    params = find.parameters(line.params, user_variables())
    called = plan.name if line.sample is None or plan.name is None else f"{plan.name}.head({line.sample})"
    if line.accepted is None and line.rejects is None:
        verdict = contract.check(
            frame, chosen, references=references, as_of=line.as_of, params=params, progress=progress
        )
        return verdict.named(called), (None, None)
    split = contract.split(frame, chosen, references=references, as_of=line.as_of, params=params, progress=progress)
    return split.verdict.named(called, line.rejects), (split.accepted, split.rejected)


def _report(plan: Plan, verdict: Verdict, chosen: str, given: dict[str, Any], progress: show.Progress) -> None:
    line = plan.line
    if line.silent or (line.quiet and verdict.status == "accept" and line.sample is None):
        progress.clear()
        if line.silent and verdict.status != "accept" and line.mode != "enforce":
            show.say(show.line(verdict, f"{plan.contract.id}/{chosen}"))
        return
    progress.replace(show.Report(verdict, _notes(plan, verdict, chosen, given)))


def _notes(plan: Plan, verdict: Verdict, chosen: str, given: dict[str, Any]) -> list[str]:
    line, notes = plan.line, []
    if line.sample is not None:
        called = plan.name or chosen
        notes.append(f"A sample: the first {verdict.records:,} records of `{called}`. The others were not judged.")
    used = [reference["name"] for reference in verdict.document["references"]]
    if used:
        from_ = [f"`{(line.references or {}).get(name, name)}`" for name in used if name in given]
        notes.append(f"Foreign keys looked into the variables {', '.join(from_)}.")
    warnings = [found for found in plan.contract.lint() if found.level == "warning"]
    notes += [f"Warning, contract line {found.line}: {found.message}" for found in warnings[:LINTS]]
    bound = []
    if line.accepted and not _stops(line, verdict):
        bound.append(f"`{line.accepted}`: {verdict.accepted:,} accepted")
    if line.rejects:
        bound.append(f"`{line.rejects}`: {verdict.records - verdict.accepted:,} rejected or unknown")
    return [*notes, f"Bound {' · '.join(bound)}."] if bound else notes


def _stops(line: GuardLine, verdict: Verdict) -> bool:
    return line.mode == "enforce" and verdict.status != "accept"


def _bind(variables: dict[str, Any], name: str | None, part: Any) -> None:
    if name is not None and part is not None:
        variables[name] = part


def _first(frame: object, count: int) -> object:
    return (frame if _arrow.is_lazy(frame) else _arrow.to_polars(frame)).head(count)  # type: ignore[attr-defined]


def height(frame: object) -> int | None:
    """Number of records, where it is known without reading them."""
    if _arrow.is_lazy(frame):
        return None
    try:
        return len(frame)  # type: ignore[arg-type]
    except TypeError:
        return None


def _unreached(entry: Entry) -> GuardError:
    message = f"the cell guarded by `{entry.transform or entry.contract}` ended before its check"
    return UsageError(message, code="nothing-checked", help="take the outer magic away to see why")


def user_variables() -> dict[str, Any]:
    """The notebook's variables."""
    shell = get_ipython()
    if shell is None:
        raise InternalError("there is no IPython shell here", help="use `with guard_nb.guard(contract)` in scripts")
    variables: dict[str, Any] = shell.user_ns
    return variables


def cell_number() -> int | None:
    """The number of the cell that runs: the last input in the history, also inside another cell magic."""
    shell = get_ipython()
    history = None if shell is None else shell.history_manager
    return None if history is None else len(history.input_hist_parsed) - 1
