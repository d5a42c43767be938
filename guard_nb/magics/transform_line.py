"""The first line of a `%%transform` cell: `IN -> OUT [flags]`, read into a value or refused."""

from __future__ import annotations

from dataclasses import dataclass

from guard_nb.errors import UsageError
from guard_nb.magics.line import read_flags, read_mode, read_name, read_pairs, read_words

FLAGS = {
    "--contract": "NAME: the contract that the output must satisfy",
    "--input-contract": "NAME: the contract that describes the input",
    "--object": "NAME: the output contract's schema object",
    "--input-object": "NAME: the input contract's schema object",
    "--params": "A,B=NAME: variables for `:a` and `:b`; else those of their names",
    "--rejects": "NAME: bind the input records that did not come through, with the reasons (polars)",
    "--mode": "enforce (default), quarantine or warn",
    "--explain": "explain only, run nothing",
    "--save": "FILE: write the transform as a file that runs elsewhere",
    "--quiet": "show the counts only unless everything came through",
}
SWITCHES = ("--explain", "--quiet")
FORM = "write `%%transform IN -> OUT [flags]`; `%%transform?` shows the flags"


@dataclass(frozen=True, slots=True)
class TransformLine:
    """What the line asks for. `target` is None with `--explain` only."""

    source: str
    target: str | None = None
    contract: str | None = None
    input_contract: str | None = None
    object: str | None = None
    input_object: str | None = None
    params: dict[str, str] | None = None
    rejects: str | None = None
    mode: str = "enforce"
    explain: bool = False
    save: str | None = None
    quiet: bool = False

    @property
    def title(self) -> str:
        """`in → out`."""
        return f"{self.source} → {self.target}" if self.target else self.source


def read_transform(text: str) -> TransformLine:
    """Reads the line without its `%%transform`. Raises `UsageError` for anything that it does not fully understand."""
    source, arrow, rest = text.rstrip().rstrip(";").partition("->")
    if not arrow:
        source, rest = "", text
    given, names = read_flags(read_words(rest, "the transform line"), FLAGS, SWITCHES)
    if not arrow and names and "--explain" in given:
        source, names = names[0], names[1:]
    source = source.strip()
    if not source.isidentifier() or len(names) > 1 or (not names and "--explain" not in given):
        found = f"`{names[1]}` is too much" if len(names) > 1 else "the transform line names no input and output"
        raise UsageError(found, code="guard-line", help=FORM)
    line = TransformLine(
        source=source,
        target=read_name(names[0], "OUT", "a variable's name") if names else None,
        contract=given.get("--contract"),
        input_contract=given.get("--input-contract"),
        object=given.get("--object"),
        input_object=given.get("--input-object"),
        params=read_pairs(given.get("--params"), "--params", "limit,day=as_of"),
        rejects=read_name(given.get("--rejects"), "--rejects", FLAGS["--rejects"]),
        mode=read_mode(given.get("--mode", "enforce")),
        explain="--explain" in given,
        save=given.get("--save"),
        quiet="--quiet" in given,
    )
    _agree(line)
    return line


def _agree(line: TransformLine) -> None:
    for flag, of, needed in (
        ("--object", "--contract", line.contract),
        ("--input-object", "--input-contract", line.input_contract),
    ):
        if (line.object if flag == "--object" else line.input_object) is not None and needed is None:
            raise UsageError(f"`{flag}` is given without `{of}`", code="guard-flag", help=f"add `{of} NAME`")
    if line.rejects is not None and line.rejects in (line.source, line.target):
        raise UsageError("`--rejects` names the input or the output", code="guard-flag", help="give another name")
    if line.mode == "quarantine" and line.rejects is None:
        help_ = "add `--rejects bad`: what did not come through must not get lost"
        raise UsageError("`--mode quarantine` binds the rest to no name", code="guard-flag", help=help_)
