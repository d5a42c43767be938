"""Texts."""

from __future__ import annotations

from typing import Any

from oracle.expression.functions import Call, function
from oracle.expression.functions_numeric import in_range
from oracle.expression.values import BIGINT, BOOLEAN, LARGE, VARCHAR, Fault, limited

_LIMIT = 2**20


@function("length char_length character_length", "text", BIGINT)
def _length(call: Call, x: str) -> int:
    return len(x)


@function("octet_length strlen", "bytes", BIGINT)
def _octet_length(call: Call, x: Any) -> int:
    return len(x.encode() if isinstance(x, str) else x)


@function("upper ucase", "text", VARCHAR)
def _upper(call: Call, x: str) -> str:
    return limited(x.upper())


@function("lower lcase", "text", VARCHAR)
def _lower(call: Call, x: str) -> str:
    return limited(x.lower())


@function("concat", "text*", VARCHAR, null_aware=True)
def _concat(call: Call, *parts: str | None) -> str:
    return limited("".join(part for part in parts if part is not None))


@function("concat_ws", "text, text*", VARCHAR, null_aware=True)
def _concat_ws(call: Call, separator: str | None, *parts: str | None) -> str | None:
    return None if separator is None else limited(separator.join(part for part in parts if part is not None))


@function("strpos instr", "text, text", BIGINT)
def _strpos(call: Call, x: str, part: str) -> int:
    return x.find(part) + 1


@function("starts_with prefix", "text, text", BOOLEAN)
def _starts_with(call: Call, x: str, part: str) -> bool:
    return x.startswith(part)


@function("ends_with suffix", "text, text", BOOLEAN)
def _ends_with(call: Call, x: str, part: str) -> bool:
    return x.endswith(part)


@function("contains", "text, text", BOOLEAN)
def _contains(call: Call, x: str, part: str) -> bool:
    return part in x


@function("ascii", "text", BIGINT)
def _ascii(call: Call, x: str) -> int:
    return ord(x[0]) if x else 0


@function("unicode ord", "text", BIGINT)
def _unicode(call: Call, x: str) -> int:
    return ord(x[0]) if x else -1


@function("chr", "integer", VARCHAR)
def _chr(call: Call, n: int) -> str:
    in_range(0 <= n < 0x110000 and not 0xD800 <= n < 0xE000)
    return chr(n)


@function("levenshtein editdist3", "text, text", BIGINT)
def _levenshtein(call: Call, x: str, y: str) -> int:
    in_range(len(x) * len(y) <= 1 << 24)
    row = list(range(len(y) + 1))
    for at, char in enumerate(x, 1):
        last, row[0] = row[0], at
        for place, other in enumerate(y, 1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (char != other))
    return row[-1]


@function("reverse", "text", VARCHAR)
def _reverse(call: Call, x: str) -> str:
    return limited(x[::-1])


@function("replace", "text, text, text", VARCHAR)
def _replace(call: Call, x: str, old: str, new: str) -> str:
    return limited(x.replace(old, new) if old else x)


@function("translate", "text, text, text", VARCHAR)
def _translate(call: Call, x: str, old: str, new: str) -> str:
    table = {ord(char): new[at] if at < len(new) else None for at, char in reversed(list(enumerate(old)))}
    return limited(x.translate(table))


@function("repeat", "text, integer", VARCHAR)
def _repeat(call: Call, x: str, n: int) -> str:
    if len(x.encode()) * max(n, 0) > _LIMIT:
        raise Fault(LARGE)
    return x * n if x else ""


def _filling(x: str, n: int, fill: str) -> str:
    missing = n - len(x)
    if missing <= 0:
        return ""
    in_range(fill != "")
    if missing > _LIMIT:
        raise Fault(LARGE)
    return (fill * (missing // len(fill) + 1))[:missing]


@function("lpad", "text, integer, text", VARCHAR)
def _lpad(call: Call, x: str, n: int, fill: str) -> str:
    return limited(_filling(x, n, fill) + x[: max(n, 0)])


@function("rpad", "text, integer, text", VARCHAR)
def _rpad(call: Call, x: str, n: int, fill: str) -> str:
    return limited(x[: max(n, 0)] + _filling(x, n, fill))


def _stripped(x: str, chars: str, left: bool, right: bool) -> str:
    start, end = 0, len(x)
    while left and start < end and x[start] in chars:
        start += 1
    while right and end > start and x[end - 1] in chars:
        end -= 1
    return x[start:end]


@function("trim", "text, text?", VARCHAR)
def _trim(call: Call, x: str, chars: str = " ") -> str:
    return _stripped(x, chars, left=True, right=True)


@function("ltrim", "text, text?", VARCHAR)
def _ltrim(call: Call, x: str, chars: str = " ") -> str:
    return _stripped(x, chars, left=True, right=False)


@function("rtrim", "text, text?", VARCHAR)
def _rtrim(call: Call, x: str, chars: str = " ") -> str:
    return _stripped(x, chars, left=False, right=True)


@function("substring substr", "text, integer, integer?", VARCHAR)
def _substring(call: Call, x: str, start: int, count: int | None = None) -> str:
    in_range(count is None or count >= 0)
    return x[max(start - 1, 0) : None if count is None else max(start - 1 + count, 0)]


@function("left", "text, integer", VARCHAR)
def _left(call: Call, x: str, n: int) -> str:
    return x[:n] if n >= 0 else x[: max(len(x) + n, 0)]


@function("right", "text, integer", VARCHAR)
def _right(call: Call, x: str, n: int) -> str:
    return x[max(len(x) - n, 0) :] if n >= 0 else x[-n:]


@function("split_part", "text, text, integer", VARCHAR)
def _split_part(call: Call, x: str, separator: str, n: int) -> str:
    parts = x.split(separator) if separator else list(x)
    at = n - 1 if n > 0 else len(parts) + n
    return parts[at] if n != 0 and 0 <= at < len(parts) else ""
