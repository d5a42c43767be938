"""JSON texts as trees with the places of all values; a reader that stops at the first fault (S9.9)."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.ingest.lexical import JSON_NUMBER

LEVELS = 64
SPACE = " \t\r\n"
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
HEX = set("0123456789abcdefABCDEF")


class Stop(Exception):
    """Reading stopped at `at`."""

    def __init__(self, code: str, at: int) -> None:
        super().__init__(code)
        self.code, self.at = code, at


@dataclass
class Node:
    """A value from `start` to `end`; `text` is that of a string or a number."""

    kind: str
    start: int
    end: int = 0
    text: str = ""
    elements: list[Node] = field(default_factory=list)
    members: list[tuple[str, int, Node]] = field(default_factory=list)


class Parser:
    """Reads values of a text. `lenient` minds their form only."""

    def __init__(self, text: str, at: int = 0, *, lenient: bool = False) -> None:
        self.text, self.at, self.lenient = text, at, lenient

    def space(self) -> str:
        """Goes past white space; the character there, or an empty text."""
        while self.peek() and self.peek() in SPACE:
            self.at += 1
        return self.peek()

    def peek(self) -> str:
        """The character here, or an empty text."""
        return self.text[self.at : self.at + 1]

    def stop(self, code: str = "json-syntax", at: int | None = None) -> Stop:
        """What to raise."""
        return Stop(code, self.at if at is None else at)

    def value(self, level: int = 0) -> Node:
        """The next value."""
        first = self.space()
        node = Node("", self.at)
        if first == '"':
            node.kind, node.text = "string", self.string()
        elif first and first in "-0123456789":
            node.kind, node.text = "number", self.number()
        elif first in ("{", "["):
            if level == LEVELS and not self.lenient:
                raise self.stop("depth-exceeded")
            self.at += 1
            node.kind = "object" if first == "{" else "array"
            self.members(node, level + 1) if first == "{" else self.elements(node, level + 1)
        else:
            node.kind = self.word()
        node.end = self.at
        return node

    def word(self) -> str:
        """`true`, `false` or `null`."""
        for word in ("true", "false", "null"):
            if self.peek() == word[0]:
                for letter in word:
                    if self.peek() != letter:
                        raise self.stop()
                    self.at += 1
                return word
        raise self.stop()

    def number(self) -> str:
        """A number; where its form is wrong, the place of the first wrong character is found by trying."""
        found = JSON_NUMBER.match(self.text, self.at)
        end = found.end() if found else self.at
        start, rest = self.at, self.text[end:]
        # What a number may still go on with, and does not.
        if not found:
            self.at += 1
            raise self.stop()
        number = self.text[start:end]
        if rest[:1].isdigit() and rest[:1].isascii():
            raise self.stop(at=end)
        if rest[:1] == "." and "." not in number and "e" not in number.lower():
            raise self.stop(at=end + 1)
        if rest[:1] in ("e", "E") and "e" not in number.lower():
            raise self.stop(at=end + (2 if rest[1:2] in ("+", "-") else 1))
        self.at = end
        return number

    def string(self) -> str:
        """The text of a string, unescaped."""
        self.at += 1
        out = ""
        while (char := self.peek()) != '"':
            if char == "" or char < " ":
                raise self.stop()
            if char == "\\":
                out += self.escape()
            else:
                out += char
                self.at += 1
        self.at += 1
        return out

    def escape(self) -> str:
        """The character of an escape."""
        start = self.at
        self.at += 1
        if self.peek() != "u":
            if self.peek() not in ESCAPES:
                raise self.stop()
            self.at += 1
            return ESCAPES[self.text[self.at - 1]]
        code = self.hexadecimal()
        if 0xD800 <= code < 0xDC00:
            for expected in "\\u":
                if self.peek() == "":
                    raise self.stop()
                if self.peek() != expected:
                    return self.lone(start)
                self.at += 1
            self.at -= 1
            low = self.hexadecimal()
            if not 0xDC00 <= low < 0xE000:
                # The second escape is read by itself.
                self.at -= 6
                return self.lone(start, self.at)
            return chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00)
        return self.lone(start) if 0xDC00 <= code < 0xE000 else chr(code)

    def lone(self, start: int, at: int | None = None) -> str:
        """Half of a pair."""
        if not self.lenient:
            raise self.stop("json-lone-surrogate", start)
        if at is None and self.text[self.at - 1 : self.at] == "\\":
            self.at -= 1
        return "?"

    def hexadecimal(self) -> int:
        """Four digits after the `u` here."""
        self.at += 1
        for _ in range(4):
            if self.peek() not in HEX:
                raise self.stop()
            self.at += 1
        return int(self.text[self.at - 4 : self.at], 16)

    def elements(self, node: Node, level: int) -> None:
        """Elements of an array after its bracket."""
        if self.space() == "]":
            self.at += 1
            return
        while True:
            node.elements.append(self.value(level))
            if self.closes("]"):
                return

    def members(self, node: Node, level: int) -> None:
        """Members of an object after its bracket."""
        if self.space() == "}":
            self.at += 1
            return
        while True:
            if self.space() != '"':
                raise self.stop()
            at = self.at
            name = self.string()
            if self.space() != ":":
                raise self.stop()
            self.at += 1
            node.members.append((name, at, self.value(level)))
            if self.space() == "}" and not self.lenient:
                names = [name for name, _, _ in node.members]
                if len(set(names)) < len(names):
                    raise self.stop("json-duplicate-name")
            if self.closes("}"):
                return

    def closes(self, bracket: str) -> bool:
        """Is that the last one? Else goes past the comma."""
        char = self.space()
        if char not in (",", bracket) or char == "":
            raise self.stop()
        self.at += 1
        return char == bracket
