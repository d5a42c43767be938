"""Gate files from what others publish: MCP tool lists and AP2 mandates (docs/spec/gate.md, G11).

Everything that comes from the other side is data: it is written as JSON, which YAML reads as itself, so that no name or
description can become a key, a comment's end or a rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from guard_nb._draft import DRAFT, DraftError, is_seven, of_seven
from guard_nb._visible import visible
from guard_nb.errors import UsageError

if TYPE_CHECKING:
    Source = str | bytes | Mapping[str, Any]

MOST_BYTES = 1 << 20
MOST_TOOLS = 1_000
DEEPEST = 100
# What a tool's entry in the gate file is made of.
READ = ("name", "title", "description", "inputSchema", "annotations")
HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
# What JSON leaves as it is and YAML, terminals or editors do not take for text.
_ODD = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff]"
)


class Digits(str):
    """A number as it was written."""

    __slots__ = ()


def unreadable(message: str) -> UsageError:
    """What is no list of tools or mandate at all."""
    return UsageError(message, code="import-unreadable", help="give the JSON as it was published")


def unsupported(message: str, help_: str) -> UsageError:
    """What a gate cannot say, or only with less than was meant."""
    return UsageError(message, code="import-unsupported", help=help_)


def read(source: Source, what: str) -> Any:
    """JSON text or a mapping, with numbers as written and no name twice."""
    if isinstance(source, Mapping):
        try:
            source = json.dumps(source, ensure_ascii=False, allow_nan=False, default=_digits)
        except (TypeError, ValueError, RecursionError) as error:
            message = f"{what} has no form in JSON: {error}"
            raise unreadable(message) from error
    if not isinstance(source, str | bytes):
        message = f"{what} is JSON text or a mapping, not `{type(source).__name__}`"
        raise TypeError(message)
    if len(source) > MOST_BYTES:
        message = f"{what} is longer than {MOST_BYTES} bytes"
        raise unreadable(message)
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        return json.loads(
            text, object_pairs_hook=_once, parse_int=Digits, parse_float=Digits, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        message = f"{what} is no JSON: {visible(str(error))}"
        raise unreadable(message) from error


def _digits(value: object) -> Any:
    message = f"`{type(value).__name__}` is no JSON"
    raise TypeError(message)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the name {json.dumps(twice)} occurs twice"
        raise ValueError(message)
    return out


def _no_constant(name: str) -> Any:
    message = f"`{name}` is no number"
    raise ValueError(message)


def flow(value: Any, depth: int = 0) -> str:
    """A value as JSON on one line, odd characters escaped. Numbers keep their digits."""
    if depth > DEEPEST:
        message = f"more than {DEEPEST} levels"
        raise unreadable(message)
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return _ODD.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(name)}: {flow(item, depth + 1)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, depth + 1) for item in value) + "]"
    return json.dumps(value)


def comment(text: str) -> str:
    """Words of the other side for a comment: ASCII, so that no character ends the line."""
    return json.dumps(text if len(text) <= 200 else f"{text[:200]}…")


def head(title: str, id_: str) -> list[str]:
    """The first lines of a file."""
    return [f"# {title}", "apiVersion: guard-nb/v1", "kind: Gate", f"id: {flow(id_)}"]


def from_mcp(source: Source, *, name: str) -> str:
    """A gate file with each tool of an MCP `tools/list` result, all of them denied."""
    found = read(source, "the list of tools")
    if isinstance(found, dict) and isinstance(found.get("result"), dict):
        found = found["result"]
    tools = found.get("tools") if isinstance(found, dict) else found
    if not isinstance(tools, list) or not tools:
        message = "there is no list of `tools` with at least one tool"
        raise unreadable(message)
    if isinstance(found, dict) and found.get("nextCursor") is not None:
        message = "the list goes on: it has a `nextCursor`"
        raise unsupported(message, "ask for the other pages and give all tools at once")
    if len(tools) > MOST_TOOLS:
        message = f"more than {MOST_TOOLS} tools"
        raise unreadable(message)
    lines = head("From an MCP tools/list. Every tool is denied until somebody writes its `allow`.", name)
    lines.append("tools:")
    names: set[str] = set()
    for number, tool in enumerate(tools):
        lines += _tool(tool, number, names)
    return "\n".join(lines) + "\n"


def _tool(tool: Any, number: int, names: set[str]) -> list[str]:
    name = tool.get("name") if isinstance(tool, dict) else None
    if not isinstance(name, str) or isinstance(name, Digits) or not 1 <= len(name) <= 256:
        message = f"tool {number} has no `name` of 1 to 256 characters"
        raise unreadable(message)
    if name in names:
        message = f"the tool {flow(name)} is listed twice"
        raise unreadable(message)
    names.add(name)
    schema = tool.get("inputSchema")
    if not isinstance(schema, dict) or schema.get("type") != "object":
        message = f"the tool {flow(name)} has no `inputSchema` of type object"
        raise unreadable(message)
    lines = []
    if is_seven(schema):
        schema = _of_seven(name, schema)
        lines.append("  # Its schema was draft-07; here it says the same in 2020-12.")
    elif schema.get("$schema", DRAFT) not in (DRAFT, f"{DRAFT}#"):
        message = f"the tool {flow(name)} has an `inputSchema` of another draft: {flow(schema['$schema'])[:200]}"
        raise unsupported(message, f"write it in {DRAFT}, or leave the tool out of the list")
    rest = sorted(comment(other) for other in tool if other not in READ)
    if rest:
        lines.append(f"  # The server's list has members that a gate has no use for: {', '.join(rest)}.")
    description = tool.get("description", tool.get("title"))
    hints = tool.get("annotations") if isinstance(tool.get("annotations"), dict) else {}
    title = tool.get("title", hints.get("title"))
    if isinstance(title, str) and title != description:
        lines.append(f"  # The server's title: {comment(title)}.")
    odd = sorted(comment(hint) for hint in hints if hint not in HINTS and hint != "title")
    if odd:
        lines.append(f"  # The server's hints have members that a gate has no use for: {', '.join(odd)}.")
    said = [f"{hint} {'true' if hints[hint] else 'false'}" for hint in HINTS if isinstance(hints.get(hint), bool)]
    if said:
        lines.append(f"  # The server says of it: {', '.join(said)}. Nothing follows from that.")
    if schema.get("additionalProperties") is not False:
        lines.append(
            "  # Arguments that the schema does not declare pass: set `additionalProperties: false` if none should."
        )
    lines.append(f"  - name: {flow(name)}")
    if isinstance(description, str) and not isinstance(description, Digits):
        lines.append(f"    description: {flow(description)}")
    lines.append(f"    inputSchema: {flow(schema)}")
    lines.append('    allow: "FALSE"')
    return lines


def _of_seven(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    try:
        return of_seven(schema)
    except DraftError as error:
        why = visible(str(error))
        message = f"the `inputSchema` of the tool {flow(name)} is draft-07, and says something else in 2020-12: {why}"
        raise unsupported(message, f"write it in {DRAFT}, or leave the tool out of the list") from error
