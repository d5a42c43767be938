"""JSON Schema draft-07 written as 2020-12, where that means the same (docs/spec/gate.md, G11.3)."""

from __future__ import annotations

from typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SEVEN = {f"{scheme}://json-schema.org/draft-07/schema{end}" for scheme in ("http", "https") for end in ("", "#")}
_DEEPEST = 100
# Under these a schema, a list of schemas, or schemas by name.
_ONE = ("additionalProperties", "contains", "propertyNames", "not", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf")
_MAPS = ("properties", "patternProperties", "definitions", "$defs")
# Draft-07 does not know these, and so ignores them.
_LATER = (
    *("minContains", "maxContains", "dependentRequired", "dependentSchemas", "prefixItems", "unevaluatedItems"),
    *("unevaluatedProperties", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"),
    "$vocabulary",
)
# What may stand beside `$ref`, beside which draft-07 ignores everything.
_BESIDE = ("$ref", "$comment", "title", "description", "default", "examples", "readOnly", "writeOnly", "definitions")


class DraftError(ValueError):
    """A schema that says something else in 2020-12."""


def is_seven(schema: dict[str, Any]) -> bool:
    """Does the schema say that it is draft-07?"""
    return isinstance(schema.get("$schema"), str) and schema["$schema"] in _SEVEN


def of_seven(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema in 2020-12. `DraftError` where it would not mean the same."""
    root = {key: value for key, value in schema.items() if key != "$schema"}
    # Arguments are an object always.
    plain = {key: value for key, value in root.items() if not (key == "type" and value == "object")}
    found: dict[str, Any] = _converted(plain if "$ref" in root else root, 0)
    return {"type": "object", **found}


def _converted(schema: Any, depth: int) -> Any:
    if not isinstance(schema, dict):
        return schema
    if depth > _DEEPEST:
        message = f"it has more than {_DEEPEST} levels"
        raise DraftError(message)
    _same(schema)
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _ONE:
            out[key] = _converted(value, depth + 1)
        elif key in _LISTS and isinstance(value, list):
            out[key] = [_converted(each, depth + 1) for each in value]
        elif key in _MAPS and isinstance(value, dict):
            out[key] = {name: _converted(each, depth + 1) for name, each in value.items()}
        elif key == "dependencies" and isinstance(value, dict):
            out |= _dependencies(value, depth)
        elif key not in ("items", "additionalItems"):
            out[key] = value
    return out | _items(schema, depth)


def _same(schema: dict[str, Any]) -> None:
    """Raises where a keyword means something in one of the drafts only."""
    for key in _LATER:
        if key in schema:
            message = f"it has `{key}`, which draft-07 ignores"
            raise DraftError(message)
    beside = sorted(set(schema) - set(_BESIDE)) if "$ref" in schema else []
    if beside:
        message = f"it has `{beside[0]}` beside `$ref`, which draft-07 ignores"
        raise DraftError(message)
    if "$schema" in schema or "#" in str(schema.get("$id", "")):
        message = "a part of it has a `$schema` or a name of its own"
        raise DraftError(message)


def _items(schema: dict[str, Any], depth: int) -> dict[str, Any]:
    """`items` of both kinds. `additionalItems` says something behind a list only."""
    if "items" not in schema:
        return {}
    items = schema["items"]
    if not isinstance(items, list):
        return {"items": _converted(items, depth + 1)}
    out: dict[str, Any] = {"prefixItems": [_converted(each, depth + 1) for each in items]} if items else {}
    if "additionalItems" in schema:
        out["items"] = _converted(schema["additionalItems"], depth + 1)
    return out


def _dependencies(found: dict[str, Any], depth: int) -> dict[str, Any]:
    names = {name: value for name, value in found.items() if isinstance(value, list)}
    schemas = {name: _converted(value, depth + 1) for name, value in found.items() if name not in names}
    return ({"dependentRequired": names} if names else {}) | ({"dependentSchemas": schemas} if schemas else {})
