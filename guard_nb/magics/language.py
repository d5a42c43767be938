"""`%guard functions`, `%guard suggest` and `%guard rule`: the expression language at hand."""

from __future__ import annotations

import difflib
from itertools import groupby

from guard_nb._visible import visible
from guard_nb.contract import Contract
from guard_nb.errors import UsageError
from guard_nb.expressions import Function, explain, functions
from guard_nb.magics import find, run
from guard_nb.magics.transforms import with_parameters


def show_functions(name: str) -> None:
    """Every function by family, or one with its signature, meaning and examples."""
    if name:
        print(_described(_function(name)))
        return
    for family, found in groupby(functions(), key=lambda each: each.family):
        print(f"{family:<12} {', '.join(each.name for each in found)}")
    print("%guard functions NAME says more")


def _function(name: str) -> Function:
    wanted = name.lower()
    names: dict[str, Function] = {}
    for each in functions():
        names |= {called.lower(): each for called in (each.name, *each.aliases)}
    if wanted in names:
        return names[wanted]
    near = difflib.get_close_matches(wanted, names, n=1)
    help_ = f"did you mean `{near[0]}`?" if near else "`%guard functions` lists them"
    raise UsageError(f"no function `{name}`", code="function-unknown", help=help_)


def _described(found: Function) -> str:
    also = f"   also {', '.join(found.aliases)}" if found.aliases else ""
    null = "NULL for NULL" if found.strict else "takes NULL"
    lines = [f"{found.signature}{also}", f"  {found.docs}", f"  {null} · about {found.cost} ns a record"]
    return "\n".join([*lines, *(f"  {text} → {result}" for text, result in found.examples)])


def show_suggestions(name: str) -> None:
    """The rules that hold on every record of a frame, as a `quality:` list to prune."""
    if not name:
        raise UsageError("the command names no frame", code="guard-line", help="write `%guard suggest FRAME`")
    found = Contract.suggest(find.guarded(find.variable(name, run.user_variables())))
    if found.frame.is_empty():
        print(visible(f"no rule holds on every record of {name}"))
        return
    print("\n".join(map(visible, found.to_yaml().rstrip("\n").split("\n"))))
    if found.truncated:
        print("# there are more: see Contract.suggest(frame).truncated")


def show_rule(asked: str) -> None:
    """The tree of an expression over a frame, or over a contract's object."""
    over, _, text = asked.partition(" ")
    text = text.strip()
    if not text:
        help_ = "write `%guard rule FRAME expression`, or `%guard rule CONTRACT/OBJECT expression`"
        raise UsageError("the command names no expression", code="guard-line", help=help_)
    variables = run.user_variables()
    if find.is_frame(variables.get(over)):
        print(with_parameters(lambda params: explain(text, variables[over], params=params), None, variables))
        return
    name, _, wanted = over.partition("/") if variables.get(over) is None else (over, "", "")
    contract = find.contract(name, variables)
    chosen = find.require_object(find.schema_object(wanted or None, None, contract), contract)
    print(with_parameters(lambda params: explain(text, contract, chosen, params=params), None, variables))
