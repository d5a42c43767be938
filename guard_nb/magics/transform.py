"""How a guard line becomes a check: one input transformer and one AST transformer.

The input transformer replaces the guard line by a one-line call of the `guard` line magic, so that line numbers stay
right. The AST transformer takes that call away and wraps the cell's last expression or assignment in `finish`. Nothing
is run through `run_cell`, so `await` works and an exception stops every runner. Where only the first of the two runs,
the call is still there and raises: the cell fails closed.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from tokenize import TokenError
from typing import Any, cast

from IPython.core.displayhook import DisplayHook

from guard_nb.errors import GuardError
from guard_nb.magics.line import COMMANDS, read_line

GUARD_LINE = re.compile(r"\s*(%{1,2})guard(?=[\s;]|$)(.*)", re.DOTALL)
CELL_FORM = "%%"
TRANSFORM_LINE = re.compile(r"%%transform\s(?!.*--explain).*")

_semicolon_at_end = cast(Callable[[str], Any], DisplayHook.semicolon_at_end_of_expression)
_tokens = itertools.count(1)


class GuardLines:
    """Cleanup input transformer: the guard line, if it is the first line of code, becomes a call.

    Stateless, because IPython transforms a cell more than once. `has_side_effects` keeps it out of the check whether a
    cell is complete, where IPython should still see a cell magic.
    """

    guard_nb = True
    has_side_effects = True

    def __call__(self, lines: list[str]) -> list[str]:
        """The cell's lines, as many as before."""
        for index, line in enumerate(lines):
            text = line.strip()
            if text and not text.startswith("#"):
                found = GUARD_LINE.fullmatch(line.rstrip("\r\n"))
                return lines if found is None else self._replace(lines, index, found)
        return lines

    @staticmethod
    def _replace(lines: list[str], index: int, found: re.Match[str]) -> list[str]:
        form = CELL_FORM if found.group(1) == "%%" else ""
        silence = " ;" if _ends_with_semicolon("".join(lines[index + 1 :])) else ""
        asked = f"{form}{found.group(2).strip()}{silence}"
        return [*lines[:index], f"get_ipython().run_line_magic('guard', {asked!r})\n", *lines[index + 1 :]]


def _ends_with_semicolon(body: str) -> bool:
    try:
        return bool(_semicolon_at_end(body))
    except (SyntaxError, TokenError):  # a body with magics or open brackets; Python will say so later
        return body.rstrip().endswith(";")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a cell gives to check: `kind` is `value` (and its variable's name, if any), `none` or `empty` (and why)."""

    kind: str
    name: str | None = None
    why: str = ""


class GuardNodes(ast.NodeTransformer):
    """AST transformer: wraps the last expression or assignment of a guarded cell."""

    guard_nb = True

    def visit(self, node: ast.AST) -> ast.AST:
        """The module, guarded if its first statement is a guard line's call. Other nodes are not looked into."""
        if not isinstance(node, ast.Module) or not node.body:
            return node
        first = node.body[0]
        asked = _asked(first)
        if asked is not None:
            return _guarded(node, asked)
        if len(node.body) == 1 and isinstance(first, ast.Expr) and _holds_guard(first.value):
            node.body = [_settled(first)]
        return node


def _asked(statement: ast.stmt) -> str | None:
    words = _magic_words(statement, "run_line_magic")
    if words is None or len(words) != 2 or words[0] != "guard":
        return None
    text = words[1]
    if text.startswith(CELL_FORM):
        return text.removeprefix(CELL_FORM)
    return None if _is_command(text) else text


def _holds_guard(value: ast.expr) -> bool:
    """Is it another cell magic, and the first line of code in its body, below further cell magics, one that guards?"""
    words = _magic_words(value, "run_cell_magic")
    for line in words[2].splitlines() if words is not None and len(words) == 3 else ():
        text = line.strip()
        if TRANSFORM_LINE.fullmatch(text):
            return True
        found = GUARD_LINE.fullmatch(text)
        if found is not None:
            return found.group(1) == "%%" or not _is_command(found.group(2))
        if text and not text.startswith(("#", "%%")):
            return False
    return False


def _is_command(text: str) -> bool:
    words = text.replace(";", " ").split()
    return bool(words) and words[0] in COMMANDS


def _magic_words(node: ast.AST, method: str) -> list[str] | None:
    """The words of `get_ipython().method(word, …)`, if that is what the node is."""
    call = node.value if isinstance(node, ast.Expr) else node
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=attr), args=args):
            words = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            return words if attr == method and len(words) == len(args) else None
        case _:
            return None


def _guarded(module: ast.Module, asked: str) -> ast.Module:
    token = next(_tokens)
    body = module.body[1:]
    last = body[-1] if body else None
    shape = _shape(last)
    opening = ast.Expr(_call("begin", token, asked, shape.kind, shape.name or "", shape.why))
    begin = ast.copy_location(opening, module.body[0])
    if last is None:
        module.body = [begin]
    else:
        module.body = [begin, *body[:-1], *_wrapped(last, shape, token, _names_variable(asked))]
    ast.fix_missing_locations(module)
    return module


def _shape(last: ast.stmt | None) -> Shape:
    match last:
        case None:
            return Shape("empty", why="the cell has no code below its guard line")
        case ast.Expr(value=ast.Name(id=name)):
            return Shape("value", name)
        case ast.Expr() | ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return Shape("value")
        case ast.Assign(targets=targets) if not any(isinstance(target, ast.Tuple | ast.List) for target in targets):
            return Shape("value", next((target.id for target in targets if isinstance(target, ast.Name)), None))
        case ast.Assign():
            return Shape("none", why="the last line assigns several names at once")
        case ast.AnnAssign(value=value, target=target) if value is not None:
            return Shape("value", target.id if isinstance(target, ast.Name) else None)
        case ast.AugAssign(target=ast.Name(id=name)):
            return Shape("value", name)
        case _:
            return Shape("none", why="the cell's last line is neither an expression nor an assignment")


def _wrapped(last: ast.stmt, shape: Shape, token: int, on: bool) -> list[ast.stmt]:
    """The last statement with its value passing through `finish`; or followed by a check that reads a variable."""
    assigns = shape.kind == "value" and not on
    match last:
        case ast.Expr(value=value):
            last.value = ast.copy_location(_call("finish", token, value), value)
            return [last]
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if assigns:
            last.value = ast.copy_location(_call("finish", token, value), value)
            return [last]
    checked: list[ast.expr] = [ast.Name(shape.name, ast.Load())] if shape.name and not on else []
    return [last, ast.copy_location(ast.Expr(_call("finish_after", token, *checked)), last)]


def _names_variable(asked: str) -> bool:
    """Has the guard line `--on`? A line that cannot be read has not: `begin` refuses it before anything else runs."""
    try:
        return read_line(asked).on is not None
    except GuardError:
        return False


def _settled(statement: ast.Expr) -> ast.stmt:
    """The outer cell magic, followed by what it may have swallowed."""
    value = _call("settle", _call("mark"), statement.value)
    settled = ast.copy_location(ast.Expr(ast.copy_location(value, statement.value)), statement)
    return ast.fix_missing_locations(settled)


def _call(name: str, *args: ast.expr | str | int) -> ast.expr:
    """`guard_nb.magics.run.name(args…)` without a name that a notebook could rebind; locations are the caller's."""
    wanted = ast.List([ast.Constant(name)], ast.Load())
    path = [ast.Constant("guard_nb.magics.run"), ast.Constant(None), ast.Constant(None), wanted]
    module = ast.Call(ast.Name("__import__", ast.Load()), path, [])
    values = [arg if isinstance(arg, ast.expr) else ast.Constant(arg) for arg in args]
    return ast.Call(ast.Attribute(module, name, ast.Load()), values, [])
