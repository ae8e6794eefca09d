"""The places of a JSON Schema's keys: "steps" belongs to strategy, "alias" to the top.

The schema may be anybody's and may refer to itself, so the depth is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

NO_OTHER_KEYS = ("additionalProperties", "unevaluatedProperties")
"""The keywords that a key unknown to the schema breaks."""
_DEFINITION = "#/$defs/"
_MAX_DEPTH = 8
_MAX_KEYS = 1_000


def places(schema: object) -> dict[str, str]:
    """Returns the place of each key's object, without keys that belong to several objects."""
    found: dict[str, set[str]] = {}
    for key, place in islice(_keys(schema, schema, "", _MAX_DEPTH), _MAX_KEYS):
        found.setdefault(key, set()).add(place or "the top")
    return {key: next(iter(where)) for key, where in found.items() if len(where) == 1}


def own_keys(whole: object, node: object, deeper: int = _MAX_DEPTH) -> Iterator[str]:
    """Yields the keys that an object itself may have, those of the definitions that it refers to included."""
    if not isinstance(node, Mapping) or not deeper:
        return
    properties = node.get("properties")
    yield from map(str, properties if isinstance(properties, Mapping) else ())
    yield from own_keys(whole, _referred(whole, node.get("$ref")), deeper - 1)


def _keys(whole: object, node: object, place: str, deeper: int) -> Iterator[tuple[str, str]]:
    if not isinstance(node, Mapping) or not deeper:
        return
    for part in (_referred(whole, node.get("$ref")), node.get("then"), node.get("else")):
        yield from _keys(whole, part, place, deeper - 1)
    yield from _keys(whole, node.get("items"), f"{place}[]", deeper - 1)
    properties = node.get("properties")
    for key, inside in properties.items() if isinstance(properties, Mapping) else ():
        yield str(key), place
        yield from _keys(whole, inside, f"{place}.{key}".lstrip("."), deeper - 1)


def _referred(whole: object, reference: object) -> object:
    definitions = whole.get("$defs") if isinstance(whole, Mapping) else None
    if not isinstance(reference, str) or not isinstance(definitions, Mapping):
        return None
    return definitions.get(reference.removeprefix(_DEFINITION))
