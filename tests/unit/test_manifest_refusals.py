"""What a ``slipway.json`` is refused for, how that reads, and what it never says."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.manifest.building import ManifestProblem
from controller.core.manifest.parsing import parse
from controller.core.manifest.settings import Manifest, Step, Strategy
from controller.core.model import ALIAS_NAME

ROLE = "arn:aws:iam::123456789012:role/checkout"
SECRET = "hunter2"
MINUTE = timedelta(minutes=1)


def parsed(document: object) -> Manifest:
    return parse(("the zip", json.dumps(document)))


def refused(document: object) -> str:
    """Returns what the refusal of a document says."""
    return refused_text(json.dumps(document))


def refused_text(text: str) -> str:
    with pytest.raises(ManifestProblem) as refusal:
        parse(("the zip", text))
    return str(refusal.value)


def with_steps(*weights: float) -> dict[str, object]:
    return {"strategy": {"steps": [{"weight": weight, "hold": "1m"} for weight in weights]}}


# -- refusals: the place, what was found, what is allowed -------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "place", "found", "allowed"),
    [
        ({"alias": "7"}, "alias", '"7"', "text that matches"),
        ({"alias": "previous"}, "alias", '"previous"', "text that matches"),
        ({"alias": "live-previous"}, "alias", '"live-previous"', "text that matches"),
        ({"alias": ""}, "alias", '""', "text that matches"),
        ({"alias": None}, "alias", "null", "string"),
        ({"strategy": 5}, "strategy", "5", "object"),
        ({"strategy": {}}, "strategy", "{}", "an object with steps"),
        ({"strategy": {"steps": [], "a": 1}}, "strategy", '"a": 1}', "only the keys bake, steps (unknown: a)"),
        (with_steps(0), "strategy.steps[0].weight", "0", "more than 0"),
        (with_steps(10, 100), "strategy.steps[1].weight", "100", "less than 100"),
        ({"strategy": {"steps": [{"weight": 5}]}}, "strategy.steps[0]", '{"weight": 5}', "an object with hold"),
        (
            {"strategy": {"steps": [{"weight": 5, "hold": "5 min"}]}},
            "strategy.steps[0].hold", '"5 min"', "text that matches",
        ),
        ({"strategy": {"steps": [{"weight": "5", "hold": "5m"}]}}, "strategy.steps[0].weight", '"5"', "number"),
        ({"strategy": {"steps": [], "bake": 600}}, "strategy.bake", "600", "string"),
        ({"gates": {"alarms": "a"}}, "gates.alarms", '"a"', "array"),
        ({"gates": {"alarms": ["a", "a"]}}, "gates.alarms", '["a", "a"]', "no item twice"),
        ({"gates": {"alarms": [""]}}, "gates.alarms[0]", '""', "at least 1 characters"),
        ({"gates": {"alarms": [str(n) for n in range(41)]}}, "gates.alarms", '["0", ', "at most 40 items"),
        ({"gates": {"min_invocations": -1}}, "gates.min_invocations", "-1", "0 or more"),
        ({"gates": {"min_invocations": 1000001}}, "gates.min_invocations", "1000001", "1000000 or less"),
        ({"gates": {"min_invocations": 1.5}}, "gates.min_invocations", "1.5", "integer"),
        ({"gates": {"no_traffic": {"wait": "1m"}}}, "gates.no_traffic", '{"wait": "1m"}', "an object with then"),
        (
            {"gates": {"no_traffic": {"wait": "1m", "then": "abort"}}},
            "gates.no_traffic.then", '"abort"', '"hold", "promote", "rollback"',
        ),
        ({"gates": {"already_alarming": "x"}}, "gates.already_alarming", '"x"', '"ignore_until_ok", "block"'),
        ({"tests": [{}]}, "tests[0]", "{}", "an object with name"),
        ({"tests": [{"name": "a", "response": []}]}, "tests[0].response", "[]", "object or boolean"),
        ({"tests": [{"name": "n" * 101}]}, "tests[0].name", '"nnn', "at most 100 characters"),
        ({"function": {"MemorySize": 64}}, "function.MemorySize", "64", "128 or more"),
        ({"function": {"Role": "checkout"}}, "function.Role", '"checkout"', "text that matches"),
        ({"function": {"Architectures": []}}, "function.Architectures", "[]", "at least 1 items"),
        ({"hooks": {"each_step": {}}}, "hooks.each_step", "{}", "an object with function"),
        ({"hooks": {"later": {}}}, "hooks", '{"later": {}}', "only the keys after_bake, after_rollback, "),
        (
            {"hooks": {"each_step": {"function": "arn:aws:lambda"}}},
            "hooks.each_step.function", '"arn:aws:lambda"', "text that matches",
        ),
        ({"strategy": {"steps": [{"pause": "1h", "hold": "1m"}]}}, "strategy.steps[0]", "1h", "only the keys pause"),
        ({"strategy": {"steps": [{"pause": 5}]}}, "strategy.steps[0].pause", "5", "string"),
        ({"gates": {"latency": True}}, "gates.latency", "true", "false"),
        ({"gates": {"throttles": {"percent": 100}}}, "gates.throttles.percent", "100", "less than 100"),
        (
            {"gates": {"errors": {"significance": 0.1, "bake_significance": 1}}},
            "gates.errors.bake_significance", "1", "0.5 or less",
        ),
        ({"tests": [{"name": "a", "times": 0}]}, "tests[0].times", "0", "1 or more"),
        ({"on_newer": "maybe"}, "on_newer", '"maybe"', '"supersede", "queue", "reject"'),
        ({"on_failure": True}, "on_failure", "true", '"rollback", "freeze"'),
        ({"deadline": "1w"}, "deadline", '"1w"', "text that matches"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_place_what_was_found_and_what_is_allowed(
    document: object, place: str, found: str, allowed: str
) -> None:
    text = refused(document)
    assert text.startswith(f"the zip: {place}: found ")
    assert found in text.partition(", allowed: ")[0]
    assert allowed in text.partition(", allowed: ")[2]


@pytest.mark.parametrize("text", ["[]", '"live"', "null", "7"])
def test_a_manifest_is_an_object(text: str) -> None:
    assert refused_text(text) == "the zip: the top: allowed: object"


def test_an_unknown_section_is_named_beside_the_known_ones() -> None:
    assert refused({"strategies": {}}) == (
        "the zip: the top: allowed: only the keys $schema, alias, deadline, function, gates, hooks, on_failure,"
        " on_newer, strategy, tests (unknown: strategies, did you mean strategy?)"
    )


def test_a_weight_has_at_most_two_decimals() -> None:
    assert refused(with_steps(5.125)).endswith("a weight has at most two decimals, found 5.125")


def test_a_pause_does_not_follow_a_pause() -> None:
    assert "a pause follows a pause; make one of them" in refused({"strategy": {"steps": [{"pause": "1h"}] * 2}})


def test_pauses_have_an_end() -> None:
    steps = [{"pause": "200d"}, {"weight": 5, "hold": "1m"}, {"pause": "166d"}]
    text = refused({"strategy": {"steps": steps}})
    assert "strategy.steps: the pauses take 366 days, 0:00:00 together, allowed: at most 365 days, 0:00:00" in text


def test_the_bake_is_not_judged_less_strictly_than_the_shift() -> None:
    text = refused({"gates": {"errors": {"significance": 0.01, "bake_significance": 0.02}}})
    assert "gates: errors.bake_significance is 0.02, allowed: at most significance, 0.01, or false" in text


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ({"payload": 1, "payload_file": "a.json"}, "payload and payload_file"),
        ({"response": {}, "error": "Bad"}, "response and error"),
    ],
)
def test_a_test_says_each_thing_once(test: dict[str, object], found: str) -> None:
    assert f"'a' has {found}, allowed: one of them" in refused({"tests": [{"name": "a", **test}]})


def test_a_weight_that_is_nothing_is_refused() -> None:
    assert "a step's weight lies between 0 and 100 %" in refused(with_steps(1e-9))


@pytest.mark.parametrize("weights", [(50, 10), (10, 10), (10, 50, 50)])
def test_weights_that_do_not_rise_are_refused(weights: tuple[float, ...]) -> None:
    shown = ", ".join(str(weight) for weight in weights)
    assert f"strategy.steps: weights must rise from step to step, found {shown}" in refused(with_steps(*weights))


@pytest.mark.parametrize(("within", "found"), [("0s", "0:00:00"), ("61s", "0:01:01"), ("1d", "1 day")])
def test_a_test_takes_between_a_second_and_a_minute(within: str, found: str) -> None:
    text = refused({"tests": [{"name": "slow", "within": within}]})
    assert "'slow'" in text
    assert f"within {found}" in text
    assert "allowed: 1s to 60s" in text


def test_all_tests_together_fit_into_one_invocation() -> None:
    text = refused({"tests": [{"name": str(n), "within": "60s"} for n in range(4)]})
    assert "together they may take 0:04:00, allowed: 0:03:20" in text


def test_every_run_and_every_warm_up_counts_as_one_that_takes_as_long_as_it_may() -> None:
    fits = {"name": "a", "within": "20s", "times": 6, "warm_up": 4}
    assert parsed({"tests": [fits]}).longest_tests == timedelta(seconds=200)
    for more in ({"times": 7}, {"warm_up": 5}, {"within": "21s"}):
        assert "allowed: 0:03:20; lower within, times or warm_up" in refused({"tests": [{**fits, **more}]})


def test_a_deadline_leaves_time_for_the_holds_and_the_bake() -> None:
    text = refused({**with_steps(10), "deadline": "11m"})
    assert "deadline: found 0:11:00, allowed: more than 0:11:00, the holds and the bake together" in text
    assert parsed({**with_steps(10), "deadline": "12m"}).deadline == 12 * MINUTE


@pytest.mark.parametrize(
    "document",
    [
        {"alias": "live\n"},
        {"deadline": "48h\n"},
        {"strategy": "LambdaAllAtOnce\n"},
        {"function": {"Handler": "app.handler\n"}},
        {"function": {"Role": f"{ROLE}\n"}},
    ],
)
def test_a_last_newline_is_part_of_a_value(document: object) -> None:
    assert "\\n" in refused(document)


@pytest.mark.parametrize("weight", [0, 10_000, -1])
def test_a_step_of_no_traffic_or_all_cannot_be_built(weight: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 100 %"):
        Step(weight, MINUTE)


def test_a_strategy_that_falls_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="must rise"):
        Strategy((Step(200, MINUTE), Step(100, MINUTE)), MINUTE)


@pytest.mark.parametrize(
    "name",
    ["", "LambdaCanary20Percent5Minutes", "LambdaCanary10Percent7Minutes", "CodeDeployDefault.OneAtATime", "allatonce"],
)
def test_another_name_is_no_strategy(name: str) -> None:
    assert refused({"strategy": name}).startswith(f"the zip: strategy: found {json.dumps(name)}, allowed: text that")


# -- not JSON ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{", "{'alias': 'live'}", "alias: live", '{"alias": "live",}', "\ufeff{}"])
def test_what_is_not_json_is_said_to_be_none(text: str) -> None:
    assert refused_text(text).startswith("the zip is not JSON: ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_json_calls_no_number_is_none(number: str) -> None:
    text = refused_text(f'{{"tests": [{{"name": "a", "payload": {number}}}]}}')
    assert text == f"the zip is not JSON: {number} is not a JSON number"


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_that_would_become_infinity_is_refused_also_in_a_payload_and_not_quoted(number: str) -> None:
    """Python would write it as Infinity, which is no JSON: the version would never be asked."""
    text = refused_text(f'{{"tests": [{{"name": "a", "payload": [{number}]}}]}}')
    assert text == "the zip is not JSON: a number in it is larger than readers take"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"gates": {"alarms": ["a"]}, "alias": "live", "gates": {}}', "gates"),
        ('{"strategy": {"steps": [{"weight": 5, "hold": "1m", "hold": "9m"}]}}', "hold"),
        (f'{{"function": {{"Environment": {{"Variables": {{"{SECRET}": "1", "{SECRET}": "2"}}}}}}}}', "..."),
        (f'{{"tests": [{{"name": "a", "payload": {{"{SECRET}": 1, "b": 2, "{SECRET}": 1}}}}]}}', "..."),
    ],
)
def test_a_key_that_stands_twice_is_refused_and_named_if_it_is_one_of_a_manifest(text: str, key: str) -> None:
    assert refused_text(text) == f"the zip is not JSON: the key {key} stands twice in one object, allowed: once"


def test_of_a_great_many_keys_that_stand_twice_the_first_is_found_in_no_time() -> None:
    many = ", ".join(f'"{number}": 0' for number in range(20_000))
    assert "the key ... stands twice" in refused_text(f"{{{many}, {many}}}")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400, "9" * 5000])
def test_a_number_beyond_all_bounds_is_refused(number: str) -> None:
    refused_text(f'{{"gates": {{"min_invocations": {number}}}}}')
    refused_text(f'{{"strategy": {{"steps": [{{"weight": {number}, "hold": "1m"}}]}}}}')


@pytest.mark.parametrize(
    "text", ['{"gates": {"alarms": ["\\ud800"]}}', '{"tests": [{"name": "\\udfff"}]}', '{"\\ud83d": 1}', '"\\ud83d"']
)
def test_half_a_character_is_refused_because_aws_cannot_be_sent_it(text: str) -> None:
    assert "surrogates not allowed" in refused_text(text)


def test_half_a_character_is_not_quoted() -> None:
    text = refused_text('{"tests": [{"name": "a", "payload": "\\ud8ab"}]}')
    assert text == "the zip is not JSON: half a character, surrogates not allowed"
    assert "d8ab" not in text


def test_a_character_in_two_escapes_is_whole() -> None:
    assert parse(("the zip", '{"gates": {"alarms": ["\\ud83d\\ude00"]}}')).gates.alarms == ("\U0001f600",)


# -- more than can be checked -----------------------------------------------------------------------------------------


LISTED = [
    {"tests": [{"name": "a"}] * 2_000},
    {"strategy": {"steps": [{"pause": "1m"}] * 2_000}},
    {"gates": {"alarms": [[], {}, *range(2_000)]}},
    {"function": {"Layers": ["a"] * 2_000}},
    {"tests": [{"name": "a", "response": {"properties": {"payload": {"allOf": [{}] * 2_000}}}}]},
    {"tests": {"payload": [[]] * 2_000}},
    [[]] * 2_000,
]


@pytest.mark.parametrize("document", LISTED)
def test_more_values_than_can_be_checked_in_a_second_are_refused_before_that(document: object) -> None:
    """jsonschema takes a kilobyte for each problem, and compares each item with each other where their types differ.
    256 KB of them took it minutes and 600 MB.
    """
    assert refused(document) == "the zip: the top: found more values, allowed: 1500 beside the payloads"


def test_as_many_values_as_are_allowed_are_checked() -> None:
    document = {"function": {"Environment": {"Variables": {str(number): "" for number in range(1_496)}}}}
    assert parsed(document).document == document
    with pytest.raises(ManifestProblem, match="found more values"):
        parsed({"alias": "live", **document})


def test_a_payload_may_hold_any_number_of_values() -> None:
    assert parsed({"tests": [{"name": "a", "payload": [0] * 10_000}]}).tests[0].payload == [0] * 10_000


# -- response schemas -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [{"type": "objekt"}, {"required": "ok"}, {"pattern": "("}, {"minimum": "1"}, {"properties": {"a": 1}}],
)
def test_a_response_is_a_json_schema(response: object) -> None:
    text = refused({"tests": [{"name": "fine"}, {"name": "bad", "response": response}]})
    assert text.startswith("the zip: tests[1].response is not a JSON Schema: ")


def test_a_schema_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    """What it holds is no schema, so fetching it would be noticed."""
    elsewhere = tmp_path / "answer.schema.json"
    elsewhere.write_text('{"type": "objekt"}')
    response = {"$ref": elsewhere.as_uri()}
    assert parsed({"tests": [{"name": "a", "response": response}]}).tests[0].response == response


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        {"function": {"Environment": SECRET}},
        {"function": {"Environment": {"Variables": SECRET}}},
        {"function": {"Environment": {"Variables": {"TOKEN": [SECRET]}}}},
        {"function": {"Environment": {"Variables": {"TOKEN": {"value": SECRET}}}}},
        {"function": {"Environment": {"TOKEN": SECRET}}},
        {"function": {"Environment": {"Variables": {"TOKEN": SECRET}}, "Memory": 512}},
        {"function": {"Enviroment": {"Variables": {"TOKEN": SECRET}}}},
        {"function": [{"Environment": {"Variables": {"TOKEN": SECRET}}}]},
        {"function": json.dumps({"Environment": {"Variables": {"TOKEN": SECRET}}})},
        {"functions": {"Environment": {"Variables": {"TOKEN": SECRET}}}},
        {"function": {"Environment": {"Variables": {"TOKEN": SECRET}}}, "alarms": []},
        [{"function": {"Environment": {"Variables": {"TOKEN": SECRET}}}}],
    ],
)
def test_an_environment_variable_is_never_quoted(document: object) -> None:
    assert SECRET not in refused(document)


def test_a_json_error_does_not_quote_the_document() -> None:
    assert SECRET not in refused_text(f'{{"function": {{"Environment": {{"Variables": {{"TOKEN": "{SECRET}"}}}} oops')


# -- hostile documents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [90, 120, 300, 480, 950, 980, 100_000])
@pytest.mark.parametrize(
    ("around", "opening", "closing"),
    [
        ("%s", "[", "]"),
        ('{"alias": %s}', "[", "]"),
        ('{"tests": [{"name": "a", "payload": %s}]}', "[", "]"),
        ('{"tests": [{"name": "a", "response": %s}]}', '{"not": ', "}"),
        ('{"function": {"VpcConfig": %s}}', '{"a": ', "}"),
    ],
    ids=["the whole", "alias", "payload", "response", "function"],
)
def test_however_deep_a_document_is_it_is_taken_or_refused(around: str, opening: str, closing: str, depth: int) -> None:
    _taken_or_refused(around % (opening * depth + "{}" + closing * depth))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["name", "payload", "response", "within", "steps", "weight", "hold", "bake", "alarms", "no_traffic", "wait"]
LIKELY = st.recursive(
    JSON | st.sampled_from(["5m", "0s", "1d\n", "hold", 10, 99.99, {"$ref": "#"}, {"type": "x"}, "LambdaAllAtOnce"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
SECTIONS = ["alias", "strategy", "gates", "tests", "function", "on_newer", "on_failure", "deadline"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(SECTIONS), LIKELY, max_size=3) | JSON)
def test_any_json_is_taken_or_refused(document: object) -> None:
    _taken_or_refused(json.dumps(document))


@settings(max_examples=100, deadline=None)
@given(st.text() | st.text(alphabet='{}[]":,0123456789eE.-+ntfalsr \\u'))
def test_any_text_is_taken_or_refused(text: str) -> None:
    _taken_or_refused(text)


DURATIONS = st.builds("{}{}".format, st.integers(0, 999_999), st.sampled_from("smhd"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=6), DURATIONS, DURATIONS, st.lists(st.floats(0, 100), max_size=4))
def test_what_is_taken_can_be_used(alias: str, bake: str, deadline: str, weights: list[float]) -> None:
    steps = [{"weight": weight, "hold": "1m"} for weight in weights]
    document = {"alias": alias, "strategy": {"steps": steps, "bake": bake}, "deadline": deadline}
    found = _taken_or_refused(json.dumps(document))
    if found:
        assert ALIAS_NAME.fullmatch(found.alias)
        assert found.strategy.holds < found.deadline


def _taken_or_refused(text: str) -> Manifest | None:
    try:
        return parse(("the zip", text))
    except ManifestProblem as problem:
        assert str(problem)  # noqa: PT017 - a refusal says something
        return None


SERVED = {"namespace": "Checkout", "bad": "ServerErrors", "all": "Requests", "version": "version"}


@pytest.mark.parametrize("lacking", sorted(SERVED))
def test_a_metric_needs_both_names_their_namespace_and_the_dimension_of_the_version(lacking: str) -> None:
    metric = {name: value for name, value in SERVED.items() if name != lacking}
    assert lacking in refused({"gates": {"metrics": [metric]}})


def test_the_dimension_of_the_version_is_no_other_dimension_too() -> None:
    metric = {**SERVED, "dimensions": {"version": "7"}}
    assert refused({"gates": {"metrics": [metric]}}).endswith("version holds the version; leave it out of dimensions")


def test_six_metrics_are_one_too_many() -> None:
    metrics = [{**SERVED, "bad": f"Bad{number}"} for number in range(6)]
    assert "metrics" in refused({"gates": {"metrics": metrics}})


# -- all problems at once ---------------------------------------------------------------------------------------------

MANY = {
    "strategy": {"steps": [{"weight": 10, "hold": "5 min"}, {"weight": "20%", "hold": "5m"}], "bake": 600},
    "alias": "7",
    "gates": {"alarms": "a", "errors": True},
    "tests": [{"name": "a", "response": {"type": "objekt"}}],
}
PLACES = (
    "strategy.steps[0].hold",
    "strategy.steps[1].weight",
    "strategy.bake",
    "alias",
    "gates.alarms",
    "gates.errors",
)


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    problems = refused(MANY).removeprefix("the zip: ").split("; also ")
    assert [problem.partition(":")[0] for problem in problems[:-1]] == list(PLACES)
    assert problems[-1].startswith("tests[0].response is not a JSON Schema: ")


def test_whoever_writes_the_sections_in_another_order_is_told_in_that_order() -> None:
    turned = dict(reversed(MANY.items()))
    problems = refused(turned).removeprefix("the zip: ").split("; also ")
    assert [problem.partition(":")[0] for problem in problems[:-1]] == [*PLACES[4:], PLACES[3], *PLACES[:3]]


def test_an_unknown_key_is_told_where_it_stands_and_a_missing_one_where_its_object_begins() -> None:
    text = refused({"alias": "7", "colour": 1, "tests": [{"within": "soon"}], "deadline": "1w"})
    assert [problem.partition(":")[0] for problem in text.removeprefix("the zip: ").split("; also ")] == [
        "alias", "the top", "tests[0]", "tests[0].within", "deadline",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [11, 13, 100])
def test_of_many_problems_the_first_ten_are_told_and_how_many_more_there_are(count: int) -> None:
    text = refused({"function": {"Layers": list(range(5))}, "tests": [0] * (count - 5)})
    assert text.count("; also ") == 9
    assert text.endswith("; and 1 more" if count == 11 else "; and 3 more" if count == 13 else " more")


def test_what_is_told_of_all_of_them_fits_into_a_record() -> None:
    text = refused(
        {"function": {"Role": "x" * 80, "Layers": [1] * 5, "colour": 1}, "gates": {"g" * 200: 1}, "tests": [{}]}
    )
    assert len(text) < 2_000


def test_problems_of_the_zip_and_of_the_bucket_are_told_together() -> None:
    with pytest.raises(ManifestProblem) as refusal:
        parse(("the zip", '{"alias": "7"}'), ("the bucket", "{,}"), ("the template", "{}"))
    first, second = str(refusal.value).split("; also ")
    assert first.startswith("the zip: alias: found ")
    assert second.startswith("the bucket is not JSON: line 1 column 2: ")


def test_what_no_schema_can_say_is_told_together_too() -> None:
    steps = [{"weight": 50, "hold": "1m"}, {"weight": 10, "hold": "1m"}]
    text = refused(
        {"strategy": {"steps": steps}, "gates": {"errors": {"significance": 0.01, "bake_significance": 0.02}}}
    )
    assert "strategy.steps: weights must rise" in text
    assert "; also gates: errors.bake_significance" in text
    text = refused(
        {"tests": [{"name": "a", "within": "70s", "payload": 1, "payload_file": "a.json"}], "deadline": "1m"}
    )
    assert [part in text for part in ("1s to 60s", "payload and payload_file", "deadline: found 0:01:00")] == [True] * 3


# -- what was meant ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "written", "meant"),
    [
        ({"stratgy": {}}, "stratgy", "strategy"),
        ({"Alias": "live"}, "Alias", "alias"),
        ({"on-newer": "queue"}, "on-newer", "on_newer"),
        ({"onFailure": "freeze"}, "onFailure", "on_failure"),
        ({"hook": {}}, "hook", "hooks"),
        ({"gates": {"alarm": ["a"]}}, "alarm", "alarms"),
        ({"gates": {"minInvocations": 5}}, "minInvocations", "min_invocations"),
        ({"strategy": {"steps": [], "bakes": "1m"}}, "bakes", "bake"),
        ({"strategy": {"steps": [{"wieght": 5, "hold": "1m", "weight": 5}]}}, "wieght", "weight"),
        ({"tests": [{"name": "a", "paylod": SECRET}]}, "paylod", "payload"),
        ({"function": {"runtime": "python3.13"}}, "runtime", "Runtime"),
        ({"function": {"memory_size": 512}}, "memory_size", "MemorySize"),
        ({"function": {"Enviroment": {"Variables": {"TOKEN": SECRET}}}}, "Enviroment", "Environment"),
        ({"function": {"Environment": {"variables": {"TOKEN": SECRET}}}}, "variables", "Variables"),
    ],
)  # fmt: skip
def test_a_key_that_is_nearly_one_is_asked_after(document: object, written: str, meant: str) -> None:
    text = refused(document)
    assert f"(unknown: {written}, did you mean {meant}?)" in text
    assert SECRET not in text


@pytest.mark.parametrize(
    ("document", "written", "place"),
    [
        ({"steps": []}, "steps", "strategy"),
        ({"bake": "5m"}, "bake", "strategy"),
        ({"weight": 5}, "weight", "strategy.steps[]"),
        ({"alarms": []}, "alarms", "gates"),
        ({"Runtime": "python3.13"}, "Runtime", "function"),
        ({"Environment": {"Variables": {"TOKEN": SECRET}}}, "Environment", "function"),
        ({"before_traffic": {}}, "before_traffic", "hooks"),
        ({"function": {"alias": "live"}}, "alias", "the top"),
        ({"function": {"Variables": {"TOKEN": SECRET}}}, "Variables", "function.Environment"),
        ({"strategy": {"steps": [], "deadline": "1h"}}, "deadline", "the top"),
        ({"gates": {"strategy": {}}}, "strategy", "the top"),
    ],
)
def test_a_key_that_belongs_elsewhere_is_told_where(document: object, written: str, place: str) -> None:
    text = refused(document)
    assert f"unknown: {written}, which belongs to {place})" in text
    assert SECRET not in text


@pytest.mark.parametrize("key", ["then", "significance", "wait"])
def test_of_a_key_that_belongs_to_several_places_none_is_told(key: str) -> None:
    assert "belongs" not in refused({key: 1})


@pytest.mark.parametrize("key", ["colour", "x", "", "zzzzzzzz" * 50])
def test_a_key_that_is_near_to_none_is_only_named(key: str) -> None:
    assert f"(unknown: {key[:60]})" in refused({key: 1})


def test_a_great_many_unknown_keys_are_counted() -> None:
    text = refused({f"zz{number:02}": 1 for number in range(30)})
    assert text.endswith("zz08; zz09; and 20 more)")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"deadline": "1 day"}, '"90s", "5m" or "2h" (A whole number and s, m, h or d)'),
        ({"deadline": 600}, 'string, as "90s", "5m" or "2h" (A whole number and s, m, h or d)'),
        ({"alias": "live!"}, '"live" or "prod" ('),
        ({"function": {"Role": "checkout"}}, '"arn:aws:iam::123456789012:role/checkout"'),
        ({"function": {"Handler": "app handler"}}, '"app.handler"'),
        ({"hooks": {"each_step": {"function": "arn:aws:x"}}}, '"slipway-hook-ask" or "slipway-hook-ask:live"'),
        ({"tests": [{"name": "a", "error": "no such"}]}, '"ValueError" or "Runtime.ImportModuleError"'),
        ({"strategy": "LambdaCanary10Percent5Minute"}, "did you mean LambdaCanary10Percent5Minutes?"),
        ({"strategy": "AllAtOnce"}, "did you mean LambdaAllAtOnce?"),
        ({"strategy": {"steps": [{"weight": "10%", "hold": "1m"}]}}, "number, written as 10 without quotes"),
        ({"gates": {"min_invocations": "50"}}, "integer, written as 50 without quotes"),
        ({"gates": {"alarms": "checkout-5xx"}}, 'array, as ["checkout-5xx"]'),
        ({"function": {"Architectures": "arm64"}}, 'array, as ["arm64"]'),
    ],
)
def test_a_form_is_told_by_examples(document: object, said: str) -> None:
    text = refused(document)
    assert said in text
    assert not any(sign in text for sign in ("^", "(?!", "[A-Z", "{0,"))


@pytest.mark.parametrize(
    ("gate", "on"),
    [
        ("errors", '{"significance": 0.01} turns the gate on; without errors it is on, too'),
        ("latency", '{"significance": 0.01} turns the gate on'),
        ("timeouts", '{"significance": 0.01} turns the gate on'),
        ("throttles", '{"percent": 1} turns the gate on'),
    ],
)
def test_a_gate_that_is_true_is_told_how_it_is_turned_on(gate: str, on: str) -> None:
    text = refused({"gates": {gate: True}})
    assert text == f"the zip: gates.{gate}: found true, allowed: false (which turns the gate off; {on})"
    assert parsed({"gates": {gate: json.loads(on.partition("}")[0] + "}")}})


@pytest.mark.parametrize("weights", [(0.1,), (0.1, 0.5), (0.05, 0.25, 0.9), (0.01,)])
def test_weights_as_lambda_has_them_are_asked_after(weights: tuple[float, ...]) -> None:
    text = refused(with_steps(*weights))
    first = weights[0]
    assert f"strategy.steps: found a weight of {first:g}, which is {first:g} %, allowed: percent" in text
    assert f"did you mean {first * 100:g}?" in text


@pytest.mark.parametrize("weights", [(0.1, 1), (0.25, 99.99), (0.01, 0.1, 5), (1,), (1.5,), (10, 50)])
def test_a_small_weight_before_a_larger_one_is_meant(weights: tuple[float, ...]) -> None:
    assert [step.weight for step in parsed(with_steps(*weights)).strategy.steps] == [round(w * 100) for w in weights]


def test_weights_of_lambda_are_noticed_beside_a_pause_and_beside_other_problems() -> None:
    steps = [{"pause": "1h"}, {"weight": 0.1, "hold": "1m"}, {"pause": "1h"}]
    assert "did you mean 10?" in refused({"alias": "7", "strategy": {"steps": steps}})
