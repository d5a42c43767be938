"""Text of data and contracts on its way to people's eyes."""

from __future__ import annotations

# Printable for Python, and yet nothing to see.
_BLANK = {
    0x034F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x2800,
    0x3164,
    0xFFA0,
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
}


def visible(text: str) -> str:
    """Text with control, format and bidirectional characters as escapes, so that it cannot act on a terminal."""
    return "".join(char if _seen(char) else char.encode("unicode_escape").decode("ascii") for char in text)


def brief(text: str, cap: int) -> str:
    """`visible`, cut with `…` after `cap` characters."""
    shown = visible(text[: cap + 1])
    return shown if len(shown) <= cap else shown[: cap - 1] + "…"


def _seen(char: str) -> bool:
    return char.isprintable() and ord(char) not in _BLANK
