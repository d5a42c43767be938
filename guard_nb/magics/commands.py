"""The `guard` magic itself: its help, its commands, and the answer to a guard line in the wrong place."""

from __future__ import annotations

from pathlib import Path

from guard_nb._visible import visible
from guard_nb.contract import lint
from guard_nb.errors import GuardError, UsageError
from guard_nb.magics import find, language, run, show
from guard_nb.magics.line import COMMANDS, read_line
from guard_nb.registry import candidates, names
from guard_nb.session import Entry, ledger


def guard(line: str, cell: str | None = None) -> None:
    """Guards the frame that a cell produces: `%%guard CONTRACT [flags]` on its first line.

    The value of the last expression, or what the last line assigns, is judged by the contract and flows on unchanged.
    Unless everything is accepted, the cell fails and Run All stops; the name left of an assignment is then not bound.
    `%guard CONTRACT [flags]` as a cell's first line does the same and leaves the body visible to linters.

    CONTRACT is a file, the name of a `*.odcs.yaml` file here or in `contracts`, or a variable that holds a contract.

    --as NAME          bind the accepted records (polars)
    --rejects NAME     bind the rejected and unknown records with the reasons (polars)
    --mode MODE        enforce (default): fail unless accepted; quarantine: go on with the parts, needs --as or
                       --rejects; warn: report only
    --on NAME          check this variable after the last line
    --sample N         judge the first N records only; never counts as accepted
    --quiet            show the report only unless everything is accepted
    --object NAME      the schema object; else the only one, or the one that bears the variable's name
    --references A,B=F variables that foreign keys refer to; else those that bear the names of schema objects
    --as-of T          the instant that service levels are judged against (RFC 3339)
    --params A,B=NAME  variables for the `:a` and `:b` of row rules

    A `;` at the end of the cell silences the report, never the verdict.

    %guard status                 one line for each guarded cell so far, whatever became of its output
    %guard explain [N]            the full text of the last verdict, or of number N of the status
    %guard list                   contracts found here, with what lint says
    %guard check NAME CONTRACT [flags]   checks a variable at once, with the flags above
    %guard suggest FRAME          rules that hold on every record of a frame, as YAML to prune and paste
    %guard rule FRAME expression  what an expression is, before it judges: types, NULL, ranges, faults, cost;
                                  CONTRACT or CONTRACT/OBJECT in place of FRAME takes the ranges of its clauses
    %guard functions [NAME]       the functions of expressions, or one of them
    """
    if cell is not None or line.startswith("%%"):
        raise show.concise(_misplaced())
    command, _, rest = line.strip().rstrip(";").strip().partition(" ")
    try:
        _command(command, rest.strip())
    except GuardError as error:
        show.shortened(error)
        raise


def _command(command: str, rest: str) -> None:
    match command:
        case "status":
            _no_more(command, rest)
            _status()
        case "explain":
            _explain(rest)
        case "list":
            _no_more(command, rest)
            _list()
        case "check":
            _check(rest)
        case "functions":
            language.show_functions(rest)
        case "suggest":
            language.show_suggestions(rest)
        case "rule":
            language.show_rule(rest)
        case _:
            raise _misplaced()


def _misplaced() -> UsageError:
    help_ = f"put it on the first line of the cell, below other cell magics; commands: {', '.join(COMMANDS)}"
    return UsageError("this guard line guards nothing here", code="guard-line", help=help_)


def _no_more(command: str, rest: str) -> None:
    if rest:
        raise UsageError(f"`%guard {command}` takes nothing more", code="guard-line", help=f"write `%guard {command}`")


def _status() -> None:
    entries = ledger().entries
    if not entries:
        print("no guarded cell has run in this session")
        return
    for entry in entries:
        print(visible(entry.describe()))
    passed = sum(entry.accepted for entry in entries)
    print(f"{passed} of {len(entries)} accepted")


def _explain(number: str) -> None:
    print(_entry(number).verdict.to_text())  # type: ignore[union-attr]


def _entry(number: str) -> Entry:
    judged = [entry for entry in ledger().entries if entry.verdict is not None]
    if not number:
        if not judged:
            raise UsageError("there is no verdict yet", code="verdict-unknown", help="run a guarded cell first")
        return judged[-1]
    for entry in judged:
        if str(entry.number) == number:
            return entry
    help_ = "`%guard status` numbers them"
    raise UsageError(f"no verdict number `{number}`", code="verdict-unknown", help=help_)


def _list() -> None:
    found = names()
    if not found:
        print("no contract here or in `contracts`: looked for *.odcs.yaml, *.odcs.yml, *.odcs.json")
    for name in found:
        path = next((path for path in candidates(name) if path.is_file()), None)
        if path is not None:
            print(visible(f"{name:<24} {path!s:<36} {_lint_counts(path)}"))


def _lint_counts(path: Path) -> str:
    try:
        diagnostics = lint(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return f"unreadable: {error}"
    counts = [
        f"{count} {level}{'s' if count > 1 else ''}"
        for level in ("error", "warning", "info")
        if (count := sum(found.level == level for found in diagnostics))
    ]
    return ", ".join(counts) or "clean"


def _check(rest: str) -> None:
    """`%guard check NAME CONTRACT [flags]`: the variable's name takes the place of `--on`."""
    name, _, asked = rest.partition(" ")
    if not name.isidentifier():
        help_ = "write `%guard check NAME CONTRACT [flags]`"
        raise UsageError("the check names no variable", code="guard-line", help=help_)
    line = read_line(asked)
    if line.on is not None:
        raise UsageError("`--on` names a second variable", code="guard-flag", help="write `%guard check NAME CONTRACT`")
    run.check_now(name, line)


def contract_names(variables: find.Namespace) -> list[str]:
    """Names that may follow `%%guard`."""
    from guard_nb.contract import Contract

    held = [name for name, value in list(variables.items()) if not name.startswith("_") and isinstance(value, Contract)]
    return sorted({*names(), *held})
