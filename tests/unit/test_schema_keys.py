"""Where a JSON Schema has each of its keys."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.manifest.schema_keys import places


def test_a_key_belongs_to_the_object_that_may_have_it() -> None:
    schema = {
        "$defs": {"step": {"properties": {"weight": {}}}},
        "properties": {
            "alias": {},
            "strategy": {"properties": {"steps": {"items": {"$ref": "#/$defs/step"}}}},
            "gate": {"if": {"type": "boolean"}, "then": {"const": False}, "else": {"properties": {"limit": {}}}},
        },
    }
    assert places(schema) == {
        "alias": "the top", "strategy": "the top", "gate": "the top", "steps": "strategy", "weight": "strategy.steps[]",
        "limit": "gate",
    }  # fmt: skip


def test_a_key_of_several_places_belongs_to_none() -> None:
    schema = {"properties": {"a": {"properties": {"then": {}}}, "b": {"properties": {"then": {}}}}}
    assert places(schema) == {"a": "the top", "b": "the top"}


@pytest.mark.parametrize("schema", [None, True, 7, [], {"properties": 7}, {"$ref": 7}, {"$ref": "#"}, {"items": [1]}])
def test_of_what_is_no_schema_nothing_is_known(schema: object) -> None:
    assert places(schema) == {}


def test_a_schema_that_refers_to_itself_is_followed_so_far() -> None:
    # Without a limit neither would ever end.
    itself: Any = {"properties": {letter: {"$ref": "#/$defs/a"} for letter in "abcdefgh"}}
    places({"$defs": {"a": itself}, **itself})
    places({"$defs": {"a": {name: {"$ref": "#/$defs/a"} for name in ("then", "else", "items")}}, "$ref": "#/$defs/a"})
