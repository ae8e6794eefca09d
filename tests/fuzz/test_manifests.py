"""Any manifest is refused by a text that names the place, or everything that is done with it works."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from controller.aws.dynamodb.items import from_item, to_item
from controller.core.lifecycle.due import due_at
from controller.core.manifest.building import ManifestProblem, build
from controller.core.manifest.parsing import parse
from controller.core.manifest.schema_errors import first_problem, schema_problem
from controller.core.manifest.settings import Manifest
from controller.core.model import MAX_REASON_LENGTH, Phase
from controller.core.records.codec import from_record, to_record
from tests.builders import NOW, changed, deployment
from tests.cloud.faults import Json
from tests.cloud.steps import BUCKET, QUICK, ROLE, Live
from tests.cloud.story import Story, asking
from tests.cloud.zips import zipped
from tests.fuzz.fuzz_settings import fuzzed
from tests.fuzz.handler import AtTheDoor, kept
from tests.fuzz.hostile_zips import with_manifest
from tests.fuzz.nonsense import damaged, nested, values

FUNCTION: Json = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}
WHOLE: Json = {
    "alias": "live",
    "strategy": {"steps": [{"pause": "1h"}, {"weight": 1.25, "hold": "1m"}, {"weight": 50, "hold": "0s"}]},
    "gates": {
        "alarms": ["checkout-p99"], "errors": {"significance": 0.01, "bake_significance": False}, "min_invocations": 50,
        "latency": {"significance": 0.5, "skip_invocations": 0}, "timeouts": {"significance": 0.01},
        "throttles": {"percent": 0.01, "then": "hold"}, "no_traffic": {"wait": "30m", "then": "promote"},
        "already_alarming": "block",
    },
    "tests": [
        {"name": "adds up", "payload": {"a": [1.5, None]}, "response": {"required": ["ok"]}, "within": "3s"},
        {"name": "refuses", "payload": 7, "error": "ValueError", "warm_up": 1},
    ],
    "hooks": {"before_promotion": {"function": "slipway-hook-smoke:live", "wait": "15m", "then": "hold"}},
    "function": {**FUNCTION, "MemorySize": 512, "Timeout": 10, "Environment": {"Variables": {"CURRENCY": "EUR"}}},
    "on_newer": "queue",
    "on_failure": "freeze",
    "deadline": "24h",
}  # fmt: skip
SAMPLES: tuple[Json, ...] = (
    WHOLE,
    {**QUICK},
    {"strategy": "LambdaLinear10PercentEvery1Minute", "function": FUNCTION},
    {"function": FUNCTION, "tests": [{"name": "a"}], "strategy": {"steps": []}},
)
DURATIONS = (
    "0s",
    "1s",
    "59s",
    "1m",
    "999999d",
    "999999h",
    "9999999999999999h",
    "1.5m",
    "-1m",
    "1M",
    "\u0661m",
    "1m\n",
    "00m",
)
NUMBERS = (0, -0.0, 0.01, 0.005, 5.000000001, 99.99, 100, 1e-320, 1e308, 10**30, 0.1 + 0.2, 33.333, True)
EXTREME = ("weight", "hold", "bake", "deadline", "wait", "pause", "within", "significance", "percent")
with_extremes = st.sampled_from(SAMPLES).flatmap(
    lambda sample: st.lists(
        st.tuples(
            st.sampled_from(EXTREME),
            st.sampled_from(DURATIONS) | st.sampled_from(NUMBERS),
        ),
        min_size=1, max_size=3,
    ).map(lambda changes: _with(sample, dict(changes)))
)  # fmt: skip


def _with(value: Any, changes: Json) -> Any:
    """Returns the value with every member of those names changed."""
    if isinstance(value, dict):
        return {name: changes[name] if name in changes else _with(each, changes) for name, each in value.items()}
    return [_with(each, changes) for each in value] if isinstance(value, list) else value


def check(text: str) -> Manifest | None:
    """It is refused in words, or may be stored, read again, written as an item, and reckoned with."""
    try:
        manifest = parse(("slipway.json in the zip", text))
    except ManifestProblem as problem:
        said = str(problem)
        assert said.startswith("slipway.json") and len(said) < 3 * MAX_REASON_LENGTH
        return None
    json.dumps(manifest.document, allow_nan=False)
    assert build(manifest.document) == manifest
    for phase in (Phase.PREPARING, Phase.BAKING, *([Phase.SHIFTING] if manifest.strategy.steps else [])):
        stored = changed(deployment(phase), manifest=manifest, step=0)
        item = to_item(to_record(stored))
        assert from_record(from_item(item), stored.revision) == stored
        due = due_at(stored, NOW)
        assert due is None or NOW - timedelta(days=1) < due
    assert NOW + manifest.strategy.holds + manifest.deadline + manifest.strategy.pauses > NOW
    assert all(0 < step.weight < 10_000 for step in manifest.strategy.steps)
    return manifest


@fuzzed(200)
@given(st.sampled_from(SAMPLES).flatmap(damaged) | with_extremes)
@example(WHOLE)
@example({**WHOLE, "strategy": {"steps": [{"weight": 5, "hold": "999998d"}], "bake": "1m"}, "deadline": "999999d"})
def test_a_damaged_manifest_is_refused_by_name_or_can_be_worked_with(document: Any) -> None:
    check(json.dumps(document))


@fuzzed(100)
@given(values)
def test_any_json_is_refused_or_can_be_worked_with(document: Any) -> None:
    check(json.dumps(document))


TEXTS = (
    "", " ", "{", "}", "{}{}", "{} x", "\0", "nul", "null", "NaN", '{"gates": {"min_invocations": NaN}}', "{'a': 1}",
    "// x\n{}",
    '{"a": 1,}', '{"alias": "a", "alias": "b"}', '{"\\ud800": 1}', '{"deadline": "\\ud83d"}', "[" * 100_000,
    '{"a":' * 100_000,
    json.dumps(nested(900)), '{"gates": {"min_invocations": ' + "9" * 5_000 + "}}", '{"deadline": 1e999}', "\ufeff{}",
    '{"tests": [{"name": "a", "payload": ' + "[" * 960 + "]" * 960 + "}]}",
    '{"tests": [{"name": "a", "response": ' + '{"not":' * 400 + "{}" + "}" * 400 + "}]}",
    '{"function": {"VpcConfig": ' + '{"a":' * 900 + "1" + "}" * 900 + "}}",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_hardly_json_is_refused_or_can_be_worked_with(text: str) -> None:
    check(text)


@fuzzed(100)
@given(st.data())
def test_a_text_with_a_part_cut_out_or_doubled_is_refused_or_can_be_worked_with(data: st.DataObject) -> None:
    text = json.dumps(data.draw(st.sampled_from(SAMPLES)))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 60, len(text))))
    put = data.draw(st.sampled_from(["", text[start:end] * 2, '"', "{", "]", "\\", "\\ud800", "1e999", "\0", "é"]))
    check(text[:start] + put + text[end:])


# -- a response is compared with any schema, and that ends ------------------------------------------------------------

KEYWORDS = (
    "type", "properties", "items", "$ref", "$dynamicRef", "$id", "$anchor", "allOf", "oneOf", "not", "if", "then",
    "enum", "const", "pattern", "patternProperties", "additionalProperties", "required", "minLength", "minimum",
    "format", "multipleOf", "uniqueItems", "contains", "minContains", "prefixItems", "unevaluatedItems",
    "unevaluatedProperties", "$defs", "dependentRequired", "dependentSchemas", "propertyNames", "$schema",
    "$dynamicAnchor", "a",
)  # fmt: skip
words = st.sampled_from(["", "(", "a", "#", "#/default", "string", "http://[", "\0"])
schemas = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | words | st.floats(allow_nan=False),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), inside, max_size=4),
    max_leaves=12,
)


@fuzzed(250)
@given(schemas, schemas)
@example({"pattern": "a{99999999999}"}, "a")
@example({"type": "wonder"}, "a")
def test_any_answer_is_compared_with_any_schema_and_with_what_is_none(schema: Any, response: Any) -> None:
    said = [first_problem(response, {"$ref": "#/default", "default": schema}, quote=False)]
    if isinstance(schema, dict | bool):
        wrong = schema_problem(schema)
        said.append(wrong or first_problem(response, schema, quote=False))
    assert all(each is None or (each and len(each) < MAX_REASON_LENGTH) for each in said)


# -- what is accepted is deployed, or ends with a reason --------------------------------------------------------------


def story_of(manifest: Any) -> Story:
    """Tells what comes of a zip with that manifest, until a person has had enough of waiting."""
    story = AtTheDoor()
    story.play([Live("v1")])
    story.cloud.cloudwatch.put("checkout-p99", "OK")
    story.cloud.storage.put(BUCKET, "checkout/v2.zip", zipped("v2", manifest))
    story.asks({"request": "plan", "bucket": BUCKET, "key": "checkout/v2.zip"})
    story.deliver()
    for _ in range(4):
        if story.is_at_rest:
            return story
        story.minute()
    for _ in range(2):
        story.asks(asking("resume", alias=alias_of(story)))
        story.asks(asking("rollback", alias=alias_of(story)))
        story.minute()
    return story


def alias_of(story: Story) -> str:
    targets = list(story.seen().deployments)
    return targets[0].alias if targets else "live"


@fuzzed(15)
@given(st.sampled_from(SAMPLES).flatmap(lambda sample: damaged(sample, 2)) | with_extremes)
def test_whatever_a_manifest_says_its_deployment_comes_to_an_end_and_the_answers_are_json(manifest: Any) -> None:
    with kept():
        story = story_of(manifest)
    assert (story.violations, story.failures) == ([], [])
    assert json.dumps(story.answers, allow_nan=False)
    (made,) = [
        each for mine in story.seen().deployments.values() for each in mine if each.artifact.key.endswith("v2.zip")
    ]
    assert made.phase.is_terminal and made.reason


@pytest.mark.parametrize(
    "content", [b"\xff\xfe{\0}\0", b'{"alias": "\xe9"}', b"\xef\xbb\xbf\xef\xbb\xbf{}", b"\0" * 100]
)
def test_a_manifest_that_is_no_text_fails_its_deployment(content: bytes) -> None:
    story = Story().play([Live("v1")])
    story.cloud.storage.put(BUCKET, "checkout/v2.zip", with_manifest(content).written())
    story.deliver()
    assert (story.phase(), story.violations, story.failures) == (Phase.FAILED, [], [])
