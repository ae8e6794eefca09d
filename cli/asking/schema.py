"""The controller's requests, as its JSON Schema describes them: each becomes a subcommand, each member an option.

A request that is added to the schema appears in the client by itself.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import controller

_FILE = Path(controller.__file__).parent / "slipway.request.schema.json"
_MEMBER = "member:"
"""The beginning of the names under which argparse keeps members, so that none meets an option of the client."""
_POSITIONAL = "function"
_KINDS: Mapping[str, Callable[[str], object]] = {"integer": int, "number": float, "string": str}

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a request. ``kinds`` are its JSON types, empty for any JSON."""

    name: str
    description: str
    kinds: tuple[str, ...]
    choices: tuple[object, ...]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the controller."""

    word: str
    description: str
    members: tuple[Member, ...]

    @property
    def command(self) -> str:
        return self.word.replace("_", "-")

    def has(self, name: str) -> bool:
        return any(member.name == name for member in self.members)


def requests() -> tuple[Request, ...]:
    """Returns every request, in the order of the schema."""
    document = cast("Node", json.loads(_FILE.read_text("utf-8")))
    known = _node(_node(document["properties"])["request"])
    words, descriptions = _texts(known["enum"]), _texts(known["enumDescriptions"])
    return tuple(
        Request(word, description, tuple(_members(document, word)))
        for word, description in zip(words, descriptions, strict=True)
    )


def add_members(parser: ArgumentParser, request: Request, left_out: str, supplied: str) -> None:
    """Gives a subcommand the members of its request, but for one. The client supplies another if it is not given."""
    for member in request.members:
        needed, name = member.is_required and member.name != supplied, _MEMBER + member.name
        if member.name == _POSITIONAL:
            parser.add_argument(name, metavar="FUNCTION", nargs=None if needed else "?", help=_help(member))
        elif member.name != left_out:
            flag = f"--{member.name.replace('_', '-')}"
            parser.add_argument(flag, dest=name, required=needed, help=_help(member), **_reads(member))


def members_given(options: Namespace) -> dict[str, object]:
    """Returns the members that the command line gives."""
    return {
        name.removeprefix(_MEMBER): value
        for name, value in vars(options).items()
        if name.startswith(_MEMBER) and value is not None
    }


def _members(document: Node, word: str) -> Iterator[Member]:
    for rule in cast("list[Node]", document["allOf"]):
        asked = _node(_node(_node(rule["if"])["properties"])["request"])
        if word not in _texts(asked.get("enum", [asked.get("const")])):
            continue
        parts = _parts(document, _node(rule["then"]))
        required = {name for part in parts for name in _texts(part.get("required", []))}
        written = {name: node for part in parts for name, node in _node(part.get("properties")).items()}
        written.pop("request", None)
        for name, member in written.items():
            node = _resolved(document, _node(member))
            yield Member(
                name,
                str(node.get("description") or f"such as {_texts(node['examples'])[0]}"),
                tuple(_kinds(node)),
                tuple(cast("list[object]", node.get("enum", []))),
                name in required,
            )


def _parts(document: Node, own: Node) -> list[Node]:
    """Returns the parts of the schema that describe a request: those that it shares with others, then its own."""
    shared, part = [], own
    while "$ref" in part:
        part = _node(_node(document["$defs"])[str(part["$ref"]).rpartition("/")[2]])
        shared.append(part)
    return [*shared, own]


def _kinds(node: Node) -> Iterator[str]:
    found = node.get("type", [])
    yield from [found] if isinstance(found, str) else _texts(found)
    for form in (*cast("list[Node]", node.get("oneOf", [])), *cast("list[Node]", node.get("anyOf", []))):
        yield from _kinds(form)


def _resolved(document: Node, node: Node) -> Node:
    """Returns a node with all that it refers to. Its own words come first; members and needs are those of both."""
    reference = node.get("$ref")
    if reference is None:
        return node
    base = _resolved(document, _node(_node(document["$defs"])[str(reference).rpartition("/")[2]]))
    return {
        **base,
        **node,
        "properties": {**_node(base.get("properties")), **_node(node.get("properties"))},
        "required": [*_texts(base.get("required", [])), *_texts(node.get("required", []))],
    }


def _help(member: Member) -> str:
    return member.description.replace("%", "%%")


def _reads(member: Member) -> dict[str, Any]:
    """Returns how argparse reads a member: a flag, one of some words, or text of its types."""
    if member.kinds == ("boolean",):
        return {"action": "store_const", "const": True}
    if member.choices:
        return {"choices": member.choices}
    return {"type": partial(_read, member.kinds), "metavar": member.name.upper()}


def _read(kinds: tuple[str, ...], text: str) -> object:
    """Reads text as the first of the JSON types that it fits; lists, objects and anything else as JSON."""
    for kind, reads in _KINDS.items():
        if kind in kinds:
            with suppress(ValueError):
                return reads(text)
    if kinds and not {"array", "object"} & set(kinds):
        raise ArgumentTypeError(f"{text!r} is no {' or '.join(kinds)}")
    return _json(text)


def _json(text: str) -> object:
    """Reads JSON, or the file of that name."""
    try:
        return json.loads(Path(text).read_text("utf-8") if Path(text).is_file() else text)
    except (OSError, ValueError) as problem:
        raise ArgumentTypeError(f"{text!r} is neither JSON nor a file with JSON: {problem}") from problem


def _node(found: object) -> Node:
    return cast("Node", found) if isinstance(found, dict) else {}


def _texts(found: object) -> list[str]:
    return [str(each) for each in cast("list[object]", found)]
