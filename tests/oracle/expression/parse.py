"""Text to a small tree of nodes (S6.4, S6.5, S6.16, S6.23, S6.24): sqlglot reads, everything it knows beyond the language is refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlglot import exp, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.parser import Parser
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokenizer_core import TokenType

from oracle.values import Refused

TEXT_LIMIT, DEPTH_LIMIT, NODE_LIMIT, MEMBER_LIMIT = 64 * 1024, 64, 40_000, 10_000
_AGGREGATES = re.compile(
    r"any_value|arg_(max|min)|array_agg|avg|bit_(and|or)|bool_(and|or)|count|first|group_concat|last|list|max|median|min|mode"
    r"|quantile_(cont|disc)|stddev(_pop|_samp)?|string_agg|sum|var_(pop|samp)|variance"
)

_OUTSIDE = re.compile(
    r"all|any|some|age|current_(date|time|timestamp|user)|get_current_time|localtime(stamp)?|now|nextval|random|setseed|today"
    r"|transaction_timestamp|uuid"
)


@dataclass(frozen=True)
class Node:
    """An operation over nodes, or a leaf with its value."""

    kind: str
    args: tuple[Node, ...] = ()
    value: Any = None

    def parameters(self) -> set[str]:
        """Names of the parameters below."""
        own = {str(self.value)} if self.kind == "param" else set()
        return own.union(*(arg.parameters() for arg in self.args))


def _literal(kind: str) -> Callable[..., exp.Expr]:
    """`DATE '…'`. sqlglot has read what stands behind it (`[1]`, `.a`, `::VARCHAR`) as the text's, where it is the date's."""

    def make(self: Parser, this: exp.Expr, to: exp.Expr) -> exp.Expr:
        text = this
        while not isinstance(text, exp.Literal):
            text = text.this
        found = exp.Anonymous(this="$literal", expressions=[exp.Var(this=kind), text.copy()])
        if text is this:
            return found
        text.replace(found)
        return this

    return make


def _no_literal(self: Parser, this: exp.Expr, to: exp.Expr) -> exp.Expr:
    """`INTEGER '1'` and the like."""
    raise Refused("expression-not-supported")


def _called(name: str) -> Callable[[Parser], exp.Expr]:
    """`substring(a FROM b FOR c)`, or a plain call."""

    def parse(self: Parser) -> exp.Expr:
        args = self._parse_csv(self._parse_bitwise)
        start = self._parse_bitwise() if self._match(TokenType.FROM) else None
        count = self._parse_bitwise() if self._match(TokenType.FOR) else None
        if count is not None and start is None:
            start = exp.Literal.number(1)
        return exp.Anonymous(this=name, expressions=[*args, *(part for part in (start, count) if part is not None)])

    return parse


def _trimmed(self: Parser) -> exp.Expr:
    """`trim(LEADING a FROM b)`, or a plain call."""
    where = self._prev.text.upper() if self._match_texts(self.TRIM_TYPES) else ""
    args = self._parse_csv(self._parse_bitwise)
    if not args:
        raise Refused("expression-syntax")
    if self._match(TokenType.FROM) and (text := self._parse_bitwise()):
        args = [text, *args]
    return exp.Anonymous(this={"LEADING": "ltrim", "TRAILING": "rtrim"}.get(where, "trim"), expressions=args)


def _cast(safe: bool) -> Callable[[Parser], exp.Expr]:
    return lambda self: self._parse_cast(not safe, safe=safe)


class _Tokenizer(tokens.Tokenizer):
    """Of the language: quotes are doubled, nothing else escapes."""

    IDENTIFIERS: ClassVar = ['"']
    KEYWORDS: ClassVar = {
        key: token
        for key, token in tokens.Tokenizer.KEYWORDS.items()
        if not key.startswith(("/*", "{", "--")) and key not in ("DIV", "RLIKE", "REGEXP", "XOR", "~~", "~~~")
    } | {"//": TokenType.DIV}
    SINGLE_TOKENS: ClassVar = tokens.Tokenizer.SINGLE_TOKENS


class _Parser(Parser):
    """Calls stay calls, by their names."""

    FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": lambda self: self._parse_case()}
    FUNCTION_PARSERS: ClassVar = {
        "CAST": _cast(False),
        "TRY_CAST": _cast(True),
        "EXTRACT": lambda self: self._parse_extract(),
        "POSITION": lambda self: self._parse_position(),
        "SUBSTRING": _called("substring"),
        "TRIM": _trimmed,
    }
    UNARY_PARSERS: ClassVar = Parser.UNARY_PARSERS | {
        TokenType.PLUS: lambda self: exp.Anonymous(this="$plus", expressions=[self._parse_unary()]),
    }
    TYPE_LITERAL_PARSERS: ClassVar = dict.fromkeys(exp.DType, _no_literal) | {
        exp.DType.DATE: _literal("DATE"),
        exp.DType.TIME: _literal("TIME"),
        exp.DType.TIMESTAMP: _literal("TIMESTAMP"),
        exp.DType.TIMESTAMPTZ: _literal("TIMESTAMPTZ"),
    }
    IS_PREDICATE_PRECEDENCE: ClassVar = PostgresParser.IS_PREDICATE_PRECEDENCE


class Guard(Dialect):
    """sqlglot's reader of the language."""

    Tokenizer = _Tokenizer
    Parser = _Parser


_BINARY: dict[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.IntDiv: "//", exp.Mod: "%", exp.EQ: "=", exp.NEQ: "<>",
    exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.And: "and", exp.Or: "or", exp.NullSafeNEQ: "is distinct",
    exp.DPipe: "||",
}  # fmt: skip
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--|/\*|[()\[\]{};]|\w+|\s+|.", re.DOTALL)


def _scan(text: str) -> None:
    """What is refused before the text is read: size, comments, several statements, nesting."""
    if len(text.encode()) > TEXT_LIMIT:
        raise Refused("expression-too-large")
    depth = 0
    for token in _TOKEN.findall(text):
        if token in ("--", "/*"):
            raise Refused("expression-comment")
        if token == ";":
            raise Refused("expression-syntax")
        word = token.lower()
        depth += (word in ("(", "[", "{", "case")) - (word in (")", "]", "}", "end"))
        if depth > DEPTH_LIMIT:
            raise Refused("expression-too-large")


def parse(text: str) -> Node:
    """The tree of an expression; refuses what is no expression of the language."""
    return _limited(_read(text, exp.Condition))


def parse_query(text: str) -> tuple[str, Node | None]:
    """Table and condition of `SELECT COUNT(*) FROM table WHERE condition` (S7.2); no condition for every other query."""
    query = _read(text, exp.Select)
    parts = {key for key, value in query.args.items() if value not in (None, [], False)} - {"kind"}
    table = query.find(exp.Table)
    counts = [e.sql().upper() for e in query.expressions] == ["COUNT(*)"]
    if parts != {"expressions", "from_", "where"} or not counts or table is None or {*_set(table)} - {"this"}:
        return "", None
    return table.name, _limited(query.args["where"].this)


def _set(e: exp.Expr) -> list[str]:
    return [key for key, value in e.args.items() if value not in (None, [], False)]


def _read(text: str, kind: type[exp.Expr]) -> exp.Expr:
    _scan(text)
    with deep():
        try:
            found = Dialect.get_or_raise(Guard).parse_into(kind, text)
        except SqlglotError:
            raise Refused("expression-syntax") from None
    if len(found) != 1 or found[0] is None:
        raise Refused("expression-syntax")
    return found[0]


def _limited(e: exp.Expr) -> Node:
    with deep():
        node = _lower(e)
        if _size(node) > NODE_LIMIT:
            raise Refused("expression-too-large")
        return node


@contextmanager
def deep() -> Iterator[None]:
    """Long chains of operators are deep trees."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 100_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _size(node: Node) -> int:
    return 1 + sum(map(_size, node.args))


def _lower(e: exp.Expr) -> Node:
    """A node of sqlglot as ours."""
    name = _BINARY.get(type(e))
    if name is not None:
        return Node(name, (_lower(e.this), _lower(e.expression)))
    handler = _HANDLERS.get(type(e))
    if handler is None:
        raise Refused("expression-not-supported")
    return handler(e)


def _all(parts: list[exp.Expr]) -> tuple[Node, ...]:
    return tuple(map(_lower, parts))


def _number(text: str) -> Node:
    return Node("number", value=text)


def _name(e: exp.Expr) -> tuple[str, bool]:
    if not isinstance(e, exp.Identifier):
        raise Refused("expression-not-supported")
    return str(e.this), bool(e.args.get("quoted"))


def _column(e: exp.Expr) -> Node:
    parts = [e.args.get(part) for part in ("catalog", "db", "table", "this")]
    return Node("column", value=tuple(_name(part) for part in parts if part is not None))


def _glued(e: exp.Expr) -> Node:
    """Texts side by side are two expressions."""
    raise Refused("expression-syntax")


def _dot(e: exp.Expr) -> Node:
    return Node("field", (_lower(e.this),), _name(e.expression))


def _bracket(e: exp.Expr) -> Node:
    (inner,) = e.expressions
    if isinstance(inner, exp.Slice):
        raise Refused("expression-not-supported")
    return Node("call", (_lower(e.this), _lower(inner)), "list_extract")


def _case(e: exp.Expr) -> Node:
    """Conditions and results by turns, then the result without condition."""
    parts: list[Node] = []
    for branch in e.args["ifs"]:
        condition = _lower(branch.this)
        parts += [Node("=", (_lower(e.this), condition)) if e.this else condition, _lower(branch.args["true"])]
    last = e.args.get("default")
    return Node("case", (*parts, _lower(last) if last else Node("null")))


def _in(e: exp.Expr) -> Node:
    if e.args.get("query") or e.args.get("unnest") or e.args.get("field"):
        raise Refused("expression-not-supported")
    if len(e.expressions) > MEMBER_LIMIT:
        raise Refused("expression-too-large")
    if not e.expressions:
        raise Refused("expression-syntax")
    return Node("in", (_lower(e.this), *_all(e.expressions)))


def _between(e: exp.Expr) -> Node:
    if e.args.get("symmetric") is not None:
        raise Refused("expression-not-supported")
    if e.args.get("low") is None or e.args.get("high") is None:
        raise Refused("expression-syntax")
    x = _lower(e.this)
    return Node("and", (Node(">=", (x, _lower(e.args["low"]))), Node("<=", (x, _lower(e.args["high"])))))


def _is(e: exp.Expr) -> Node:
    what = e.expression
    if isinstance(what, exp.Null):
        return Node("is null", (_lower(e.this),))
    if isinstance(what, exp.Boolean):
        return Node("is true" if what.this else "is false", (_lower(e.this),))
    raise Refused("expression-not-supported")


def _like(e: exp.Expr, escape: str | None = None) -> Node:
    node = Node("ilike" if isinstance(e, exp.ILike) else "like", (_lower(e.this), _lower(e.expression)), escape)
    return Node("not", (node,)) if e.args.get("negate") else node


def _escape(e: exp.Expr) -> Node:
    if not isinstance(e.this, (exp.Like, exp.ILike)) or not e.expression.is_string:
        raise Refused("expression-not-supported")
    return _like(e.this, e.expression.name)


def _to(e: exp.Expr) -> Node:
    to = e.args["to"]
    name = to.this.value if isinstance(to.this, exp.DType) else str(to.this)
    if e.args.get("format") or e.args.get("default"):
        raise Refused("expression-not-supported")
    sizes = tuple(part.name for part in to.expressions)
    kind = "try_cast" if isinstance(e, exp.TryCast) else "cast"
    return Node(kind, (_lower(e.this),), ("LIST" if to.args.get("nested") else name, *sizes))


def _call(e: exp.Expr) -> Node:
    name = str(e.this).lower()
    if name == "$plus":
        return Node("plus", _all(e.expressions))
    if name == "$literal":
        return Node("temporal", value=(e.expressions[0].name, e.expressions[1].name))
    if _AGGREGATES.fullmatch(name) or _OUTSIDE.fullmatch(name):
        raise Refused("expression-not-supported")
    return Node("call", _all(e.expressions), name)


def _interval(e: exp.Expr) -> Node:
    unit = e.args.get("unit")
    if e.this is None or not isinstance(e.this, exp.Literal) or not (unit is None or isinstance(unit, exp.Var)):
        raise Refused("expression-not-supported")
    return Node("interval", value=f"{e.this.name} {unit.name}" if unit else e.this.name)


def _named(name: str, *parts: str) -> Callable[[exp.Expr], Node]:
    def make(e: exp.Expr) -> Node:
        return Node("call", _all([e.args[part] for part in parts if e.args.get(part) is not None]), name)

    return make


def _extract(e: exp.Expr) -> Node:
    return Node("call", (Node("text", value=e.this.name.lower()), _lower(e.expression)), "date_part")


def _placeholder(e: exp.Expr) -> Node:
    if not isinstance(e.this, str) or not e.this:
        raise Refused("expression-not-supported")
    return Node("param", value=e.this)


_HANDLERS: dict[type[exp.Expr], Callable[[Any], Node]] = {
    exp.Literal: lambda e: Node("text", value=e.name) if e.is_string else _number(e.name),
    exp.Boolean: lambda e: Node("boolean", value=bool(e.this)),
    exp.Null: lambda e: Node("null"),
    exp.Paren: lambda e: _lower(e.this),
    exp.Neg: lambda e: Node("neg", (_lower(e.this),)),
    exp.Not: lambda e: Node("not", (_lower(e.this),)),
    exp.NullSafeEQ: lambda e: Node("not", (Node("is distinct", (_lower(e.this), _lower(e.expression))),)),
    exp.Array: lambda e: Node("call", _all(e.expressions), "list_value"),
    exp.Concat: _glued, exp.Column: _column, exp.Dot: _dot, exp.Bracket: _bracket, exp.Case: _case, exp.In: _in, exp.Between: _between,
    exp.Is: _is, exp.Like: _like, exp.ILike: _like, exp.Escape: _escape, exp.Cast: _to, exp.TryCast: _to,
    exp.Anonymous: _call, exp.Interval: _interval, exp.Extract: _extract, exp.Placeholder: _placeholder,
    exp.AtTimeZone: lambda e: Node("at time zone", (_lower(e.this), _lower(e.args["zone"]))),
    exp.StrPosition: _named("strpos", "this", "substr"),
}  # fmt: skip
