"""What is wrong with a JSON value, in words: the place, what was found unless it is secret, and what is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.manifest.schema_errors import all_problems, first_problem, in_one_line, schema_problem

SECRET = "hunter2"


def nested(depth: int, value: object = 1) -> object:
    for _ in range(depth):
        value = [value]
    return value


def test_a_value_that_fits_has_no_problem() -> None:
    assert first_problem({"a": 1}, {"properties": {"a": {"type": "integer"}}}) is None


@pytest.mark.parametrize(
    ("value", "schema", "problem"),
    [
        (1, {"type": "string"}, "the top: found 1, allowed: string"),
        (1, {"type": ["string", "null"]}, "the top: found 1, allowed: string or null"),
        ({"a": {"b": [1, "x"]}}, {"properties": {"a": {"properties": {"b": {"items": {"type": "integer"}}}}}},
         'a.b[1]: found "x", allowed: integer'),
        ([[1]], {"items": {"items": {"const": 2}}}, "[0][0]: found 1, allowed: 2"),
        ("b", {"enum": ["a", None, 1]}, 'the top: found "b", allowed: "a", null, 1'),
        ("b", {"pattern": "^a"}, 'the top: found "b", allowed: text that matches ^a'),
        ({"a": 1}, {"required": ["a", "b", "c"]}, 'the top: found {"a": 1}, allowed: an object with b, c'),
        ({"a": 1, "z": 2}, {"properties": {"a": {}, "b": {}}, "additionalProperties": False},
         'the top: found {"a": 1, "z": 2}, allowed: only the keys a, b (unknown: z)'),
        (1, {"minimum": 2}, "the top: found 1, allowed: 2 or more"),
        (3, {"maximum": 2}, "the top: found 3, allowed: 2 or less"),
        (2, {"exclusiveMinimum": 2}, "the top: found 2, allowed: more than 2"),
        (2, {"exclusiveMaximum": 2}, "the top: found 2, allowed: less than 2"),
        ("", {"minLength": 1}, 'the top: found "", allowed: at least 1 characters'),
        ("ab", {"maxLength": 1}, 'the top: found "ab", allowed: at most 1 characters'),
        ([], {"minItems": 1}, "the top: found [], allowed: at least 1 items"),
        ([1, 2], {"maxItems": 1}, "the top: found [1, 2], allowed: at most 1 items"),
        ([1, 1], {"uniqueItems": True}, "the top: found [1, 1], allowed: no item twice"),
        (1, {"oneOf": [True, True]}, "the top: found 1, allowed: what satisfies oneOf"),
        ([1], {"contains": False}, "the top: found [1], allowed: what satisfies contains"),
        (1, False, "the top: found 1, allowed: nothing"),
    ],
)  # fmt: skip
def test_a_problem_says_where_what_and_what_instead(value: object, schema: object, problem: str) -> None:
    assert first_problem(value, schema) == problem


def test_the_problem_nearest_to_the_top_is_said_first() -> None:
    schema = {"required": ["z"], "properties": {"a": {"type": "string"}}}
    assert (first_problem({"a": 1}, schema) or "").startswith("the top: ")


def test_of_a_great_many_problems_only_some_are_looked_at() -> None:
    looked_at: list[object] = []

    class Counted(str):
        __slots__ = ()

        def __repr__(self) -> str:
            looked_at.append(self)
            return "a repr that jsonschema puts into each of its errors"

    value: object = [Counted("x")] * 100_000
    assert first_problem(value, {"items": {"type": "integer"}}) == '[0]: found "x", allowed: integer'
    assert 0 < len(looked_at) <= 100


def test_a_long_way_to_the_place_is_cut() -> None:
    key = "k" * 1_000
    problem = first_problem({key: 1}, {"properties": {key: {"type": "string"}}}, quote=False) or ""
    assert problem == f"{'k' * 297}...: allowed: string"


def test_a_long_value_is_cut() -> None:
    found = (first_problem("x" * 500, {"type": "integer"}) or "").partition("found ")[2].partition(", allowed")[0]
    assert len(found) == 80
    assert found.endswith("...")


# -- what is not quoted -----------------------------------------------------------------------------------------------

HIDDEN = {
    "properties": {"open": {"type": "integer"}, "function": {"properties": {"env": {"type": "integer"}}}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "value",
    [
        {"function": {"env": SECRET}},
        {"function": {"env": {"deeper": [SECRET]}}},
        {"function": {"env": 1}, "functoin": {"env": SECRET}},
        {"function": {"env": SECRET}, "unknown": 1},
    ],
    ids=["the secret", "below it", "misspelled", "around it"],
)
def test_a_secret_and_what_holds_it_are_not_quoted(value: object) -> None:
    problem = first_problem(value, HIDDEN, secrets=(("function", "env"),))
    assert problem is not None
    assert SECRET not in problem


def test_what_stands_beside_a_secret_is_quoted() -> None:
    problem = first_problem({"open": "x", "function": {"env": 1}}, HIDDEN, secrets=(("function", "env"),))
    assert problem == 'open: found "x", allowed: integer'


def test_nothing_is_quoted_where_nothing_may_be() -> None:
    assert first_problem(SECRET, {"type": "integer"}, quote=False) == "the top: allowed: integer"


def test_of_a_secret_nobody_is_asked_what_was_meant() -> None:
    schema = {"properties": {"token": {"pattern": "^hunter3$", "examples": ["hunter3"]}}}
    said = 'token: allowed: text that matches the form of "hunter3"'
    assert first_problem({"token": SECRET}, schema, secrets=(("token",),)) == said
    assert first_problem({"token": SECRET}, schema, quote=False) == said
    assert first_problem({"token": SECRET}, schema) == f'token: found "{SECRET}", {said[7:]}, did you mean hunter3?'


# -- all at once ------------------------------------------------------------------------------------------------------


def test_problems_come_in_the_order_in_which_the_value_has_them() -> None:
    schema = {"properties": {name: {"items": {"type": "integer"}} for name in "abc"}}
    found = all_problems({"c": ["x"], "a": [1, "y", *range(9), "z"], "b": 1}, schema)
    assert [problem.partition(":")[0] for problem in found] == ["c[0]", "a[1]", "a[11]"]


def test_what_has_no_problem_has_none_of_them() -> None:
    assert all_problems({"a": 1}, {"type": "object"}) == []


def test_the_same_is_not_told_twice() -> None:
    assert len(all_problems(1, {"allOf": [{"type": "string"}, {"type": "string"}]})) == 1


def test_in_one_line_the_first_ten_are_told_as_far_as_they_fit() -> None:
    assert in_one_line(["a"]) == "a"
    assert in_one_line(["a", "b"]) == "a; also b"
    assert in_one_line(["a"] * 13) == "a; also " * 9 + "a; and 3 more"
    assert in_one_line(["a" * 1_000] * 3) == "a" * 1_000 + "; and 2 more"


# -- what cannot be checked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    ["https://example.com/a.json", "http://[", "file:///etc/passwd", "urn:a:b", "other.json"],
)
def test_a_reference_to_elsewhere_is_a_problem(reference: str) -> None:
    assert first_problem(1, {"$ref": reference}) == f"the schema refers to {reference!r}, which is not in it"


def test_a_reference_to_elsewhere_is_not_fetched_even_where_it_could_be(tmp_path: Path) -> None:
    elsewhere = tmp_path / "answer.schema.json"
    elsewhere.write_text("{}")
    problem = first_problem(1, {"$ref": elsewhere.as_uri()})
    assert problem == f"the schema refers to {elsewhere.as_uri()!r}, which is not in it"


def test_a_reference_into_nothing_is_a_problem() -> None:
    assert first_problem(1, {"$ref": "#/$defs/lost"}) == "the schema refers to '/$defs/lost', which is not in it"


def test_a_reference_within_the_schema_is_followed() -> None:
    schema = {"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"}
    assert first_problem(1, schema) == "the top: found 1, allowed: string"


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (1, {"$ref": "#"}),
        (nested(5000), {"items": {"$ref": "#"}}),
        (nested(5000), {"type": "string"}),
        (nested(5000), {"enum": [nested(5000, 2)]}),
    ],
    ids=["a schema that is itself", "a deep value", "a deep quote", "deep on both sides"],
)
def test_what_is_too_deep_is_said_to_be(value: object, schema: object) -> None:
    assert first_problem(value, schema) == "nested too deeply to be checked"


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (float("nan"), {"multipleOf": 0.5}),
        (float("inf"), {"multipleOf": 0.5}),
        (1, {"$id": "http://[", "$ref": "x"}),
    ],
    ids=["NaN", "infinity", "no address"],
)
def test_what_the_library_cannot_compare_is_a_problem(value: object, schema: object) -> None:
    assert "cannot be compared" in (first_problem(value, schema) or "")


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
SCHEMAS: Any = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "number", "object", "array", "null", "integer", "boolean"]),
            "multipleOf": st.sampled_from([0.1, 1, 1e-300]),
            "minimum": st.integers(-3, 3),
            "pattern": st.sampled_from(["^a", "b$", "."]),
            "const": VALUES,
            "uniqueItems": st.booleans(),
            "required": st.lists(st.sampled_from("abc"), unique=True),
            "$ref": st.sampled_from(["#", "#/properties/a", "http://example.com", "http://["]),
            "$id": st.sampled_from(["http://example.com/b", "http://[", "urn:x"]),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "additionalProperties": inner,
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "propertyNames": inner,
            "contains": inner,
        },
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(VALUES, SCHEMAS)
def test_any_value_fits_any_schema_or_has_a_problem(value: object, schema: object) -> None:
    assert schema_problem(schema) is None
    problem = first_problem(value, schema, quote=False)
    assert problem is None or problem


# -- schemas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", [True, False, {}, {"type": "object"}, {"$ref": "#/$defs/lost"}, {"unknown": 1}])
def test_a_schema_has_no_problem(schema: object) -> None:
    assert schema_problem(schema) is None


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "objekt"}, "type"),
        ({"properties": {"a": {"minimum": "1"}}}, "properties.a.minimum"),
        ({"anyOf": []}, "anyOf"),
        ({"pattern": "("}, "pattern"),
        (7, "the top"),
    ],
)
def test_what_is_no_schema_says_where(schema: object, place: str) -> None:
    assert (schema_problem(schema) or "").startswith(f"{place}: ")


@pytest.mark.parametrize("schema", [{"pattern": "a{99999999999}"}, {"patternProperties": {"a{4294967295}": {}}}])
def test_a_pattern_that_repeats_too_often_is_said_to_be_no_schema(schema: object) -> None:
    assert schema_problem(schema) == "a pattern in it repeats more often than can be counted"


@pytest.mark.parametrize(
    "refers_to",
    [
        {"pattern": "("}, {"type": 5}, {"type": "wonder"}, {"properties": 5}, {"required": 5}, {"minLength": "x"},
        5, "x", {"allOf": 7}, {"allOf": [3]}, {"items": 7}, {"$ref": 7}, {"enum": 5},
        {"patternProperties": {"(": {}}}, [1], {"multipleOf": 0}, {"dependentRequired": 5},
        {"dependentSchemas": [1]}, {"prefixItems": 3}, {"$id": 7}, {"if": 3}, {"contains": 4}, {"minContains": "a",
        "contains": {}}, {"propertyNames": 3}, {"unevaluatedItems": 3},
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], "text", 7])
def test_what_a_reference_leads_to_may_be_no_schema_at_all(refers_to: object, value: object) -> None:
    """Nobody has checked it: it is a value to the schema that holds it."""
    schema = {"$ref": "#/default", "default": refers_to}
    assert schema_problem(schema) is None
    first_problem(value, schema, quote=False)
    schema = {"$ref": "#/default", "default": {"type": 5}}
    assert first_problem(value, schema) == "the schema refers to a place that is no schema"


def test_a_schema_that_is_too_deep_is_said_to_be() -> None:
    schema: object = {}
    for _ in range(2000):
        schema = {"not": schema}
    assert schema_problem(schema) == "nested too deeply to be checked"
