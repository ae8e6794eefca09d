"""The table of the keys of slipway.json, made from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from controller.core.manifest.building import schema
from docs.markdown import ANY, KINDS, Row, code, either, table

Node = Mapping[str, Any]
_NO_LINE_BREAK = r"(?!\n)"  # says the same as $ to everybody but Python
_PHRASES: Mapping[str, str] = {
    "minimum": "from {}",
    "maximum": "to {}",
    "exclusiveMinimum": "over {}",
    "exclusiveMaximum": "under {}",
    "maxItems": "at most {}",
    "maxLength": "at most {} characters",
}
_LAST_HOOK = ".after_rollback"
"""All hooks have the same keys, so they are listed once, after the last one."""
_OF_LAMBDA = "As in Lambda's CreateFunction."


def manifest() -> str:
    """Lists every key of slipway.json."""
    return table(("key", "allowed", "default", "meaning"), _keys(schema(), ""))


def _keys(node: Node, prefix: str) -> Iterator[Row]:
    for name, written in cast("Node", node.get("properties", {})).items():
        whole = _resolved(written)
        path = f"{prefix}{name}"
        default = "must be given" if name in node.get("required", ()) else _default(whole, path)
        yield code(path), _allowed(whole), default, _meaning(written, whole, path)
        yield from _inner(written, whole, path)


def _inner(written: Node, whole: Node, path: str) -> Iterator[Row]:
    """Yields the keys of what a key holds: of the items of a list, and of both forms of what has two."""
    reference = str(written.get("$ref", ""))
    if reference.endswith("/hook"):
        if path.endswith(_LAST_HOOK):
            yield from _keys(whole, "hooks.*.")
        return
    inside = _resolved(whole.get("items", whole))
    prefix = f"{path}[]." if "items" in whole else f"{path}."
    for form in ("else", "then") if "if" in inside else ("",):
        yield from _keys(_resolved(inside[form]) if form else inside, prefix)


def _resolved(node: Node) -> Node:
    """Returns a node with what it refers to; its own words come first."""
    reference = node.get("$ref")
    if reference is None:
        return node
    return {**schema()["$defs"][reference.rpartition("/")[2]], **node}  # type: ignore[index]


def _default(node: Node, path: str) -> str:
    if "default" in node:
        return code(json.dumps(node["default"]))
    return "left alone" if path.startswith("function.") else ""


def _meaning(written: Node, whole: Node, path: str) -> str:
    own = written.get("description")
    if own is None and path.startswith("function."):
        return _OF_LAMBDA
    return str(own or whole["description"])


def _allowed(node: Node) -> str:
    if str(node.get("$ref", "")).endswith("/duration"):
        return "duration"
    if "enum" in node:
        return either(code(word) for word in node["enum"])
    if "else" in node:
        other = code("false") if "const" in node["then"] else "a name"
        return f"{_allowed(_resolved(node['else']))}, or {other}"
    kinds = node.get("type", ANY)
    kind = either(KINDS[each] for each in ([kinds] if isinstance(kinds, str) else kinds))
    return ", ".join([kind, *_bounds(node)])


def _bounds(node: Node) -> Iterator[str]:
    for word, phrase in _PHRASES.items():
        if word in node:
            yield phrase.format(node[word])
    if "pattern" in node:
        yield f"matching {code(node['pattern'].replace(_NO_LINE_BREAK, ''))}"
    if node.get("items", {}).keys() & {"enum", "type"} and "properties" not in node["items"]:
        yield f"each {_allowed(node['items'])}"
