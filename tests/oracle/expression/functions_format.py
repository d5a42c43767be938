"""Dates and times by a format: strftime and strptime."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from oracle.expression.calendar import civil, days_of, weekday
from oracle.expression.functions import Call, function
from oracle.expression.functions_time import DAYS, MONTHS, day_of
from oracle.expression.operators import require
from oracle.expression.values import CAST, VARCHAR, Fault, Type, Typed, timestamp
from oracle.values import DAY

_WRITTEN: dict[str, Callable[[int, int], str]] = {
    "Y": lambda day, _: f"{'-' * (civil(day)[0] < 0)}{abs(civil(day)[0]):04}",
    "y": lambda day, _: f"{abs(civil(day)[0]) % 100:02}",
    "m": lambda day, _: f"{civil(day)[1]:02}",
    "d": lambda day, _: f"{civil(day)[2]:02}",
    "j": lambda day, _: f"{day - days_of(civil(day)[0], 1, 1) + 1:03}",
    "b": lambda day, _: MONTHS[civil(day)[1] - 1][:3],
    "B": lambda day, _: MONTHS[civil(day)[1] - 1],
    "a": lambda day, _: DAYS[weekday(day)][:3],
    "A": lambda day, _: DAYS[weekday(day)],
    "H": lambda _, nanos: f"{nanos // (3600 * 10**9):02}",
    "M": lambda _, nanos: f"{nanos // (60 * 10**9) % 60:02}",
    "S": lambda _, nanos: f"{nanos // 10**9 % 60:02}",
    "g": lambda _, nanos: f"{nanos % 10**9 // 10**6:03}",
    "f": lambda _, nanos: f"{nanos % 10**9 // 10**3:06}",
    "n": lambda _, nanos: f"{nanos % 10**9:09}",
    "%": lambda day, nanos: "%",
}
_CLOCK = set("HMSgfn")


def _pieces(text: str) -> list[tuple[str, str]]:
    """Directives (their letter) and literal text by turns."""
    found = re.findall(r"%(.?)|([^%]+)", text, re.DOTALL)
    require(all(plain or letter in _WRITTEN for letter, plain in found))
    return [(letter, plain) for letter, plain in found]


def _strftime_type(args: Sequence[Typed]) -> Type:
    if args[1].constant is not None:
        letters = {letter for letter, _ in _pieces(args[1].constant)}
        require(args[0].type.name != "DATE" or not letters & _CLOCK)
    return VARCHAR


@function("strftime", "local temporal, text!", _strftime_type)
def _strftime(call: Call, x: int, text: str) -> str:
    day = day_of(x, call.types[0])
    nanos = 0 if call.types[0].name == "DATE" else x % DAY
    return "".join(plain or _WRITTEN[letter](day, nanos) for letter, plain in _pieces(text))


_READ = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{1,2}+", "d": r"\d{1,2}+", "j": r"\d{1,3}+", "H": r"\d{1,2}+", "M": r"\d{1,2}+",
    "S": r"\d{1,2}+", "g": r"\d{1,3}+", "f": r"\d{1,6}+", "n": r"\d{1,9}+", "b": "|".join(name[:3] for name in MONTHS), "B": "|".join(MONTHS),
    "a": "|".join(name[:3] for name in DAYS), "A": "|".join(DAYS),
}  # fmt: skip


def _strptime_type(args: Sequence[Typed]) -> Type:
    if args[1].constant is not None:
        letters = [letter for letter, _ in _pieces(args[1].constant) if letter not in ("", "%")]
        require(len(set(letters)) == len(letters))
        month, day = {"m", "b", "B"} & set(letters), "d" in letters
        require(bool({"Y", "y"} & set(letters)) and ((month and day) or "j" in letters))
    return timestamp()


@function("strptime", "text, text!", _strptime_type)
def _strptime(call: Call, x: str, text: str) -> int:
    pattern = "".join(
        re.escape(plain) if plain else "%" if letter == "%" else f"(?P<{letter}>(?i:{_READ[letter]}))"
        for letter, plain in _pieces(text)
    )
    match = re.fullmatch(pattern, x, re.ASCII)
    if match is None:
        raise Fault(CAST)
    try:
        return _instant(match.groupdict())
    except ValueError:
        raise Fault(CAST) from None


def _named(name: str, names: Sequence[str]) -> int:
    return next(at for at, other in enumerate(names, 1) if other[:3].lower() == name[:3].lower())


def _instant(read: dict[str, str]) -> int:
    """Nanoseconds of the fields; ValueError where there is no such day or time."""
    year = int(read["Y"]) if "Y" in read else int(read["y"]) + (1900 if int(read["y"]) >= 69 else 2000)
    spelt = read.get("b") or read.get("B")
    month = _named(spelt, MONTHS) if spelt else int(read.get("m", 0))
    if month and "d" in read:
        day = days_of(year, month, int(read["d"]))
    else:
        day = days_of(year, 1, 1) + int(read["j"]) - 1
        if int(read["j"]) < 1 or civil(day)[0] != year:
            raise ValueError(read["j"])
    for letter in "aA":
        if letter in read and weekday(day) + 1 != _named(read[letter], DAYS):
            raise ValueError(read[letter])
    hour, minute, second = (int(read.get(letter, 0)) for letter in "HMS")
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(hour)
    fraction = next((int(read[letter].ljust(9, "0")) for letter in "gfn" if letter in read), 0)
    if fraction % 1000:
        raise ValueError(fraction)
    return day * DAY + ((hour * 60 + minute) * 60 + second) * 10**9 + fraction
