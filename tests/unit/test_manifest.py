"""``slipway.json``: what every key means, what is there without it, and how several become one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.manifest.building import ManifestProblem, build, duration, named_strategy, schema
from controller.core.manifest.parsing import parse
from controller.core.manifest.settings import (
    AlreadyAlarming,
    ErrorGate,
    Gates,
    Hook,
    HookPoint,
    LatencyGate,
    Manifest,
    OnFailure,
    OnNewer,
    OnTimeout,
    Step,
    Strategy,
    TestCase,
    ThrottleGate,
    Wait,
)
from tests.builders import manifest

ROLE = "arn:aws:iam::123456789012:role/checkout"
MINUTE = timedelta(minutes=1)


def parsed(document: object) -> Manifest:
    return parse(("the zip", json.dumps(document)))


# -- without a manifest -----------------------------------------------------------------------------------------------


def test_an_empty_manifest_has_every_default() -> None:
    found = parsed({})
    assert found == Manifest(
        alias="live",
        strategy=Strategy((Step(1000, 5 * MINUTE),), 10 * MINUTE),
        gates=Gates(
            alarms=(), errors=ErrorGate(0.01, 0.001), latency=None, timeouts=None, throttles=None, min_invocations=10,
            no_traffic=Wait(30 * MINUTE, OnTimeout.ROLLBACK), already_alarming=AlreadyAlarming.IGNORE_UNTIL_OK,
        ),
        tests=(),
        function={},
        on_newer=OnNewer.SUPERSEDE,
        on_failure=OnFailure.ROLLBACK,
        deadline=timedelta(hours=24),
        document={},
        hooks={},
    )  # fmt: skip


def test_no_manifest_at_all_is_an_empty_one() -> None:
    assert parse() == parse(("the zip", None), ("the bucket", None)) == parsed({})


@pytest.mark.parametrize(
    ("section", "default"),
    [
        ("alias", "live"),
        ("strategy", {"steps": [{"weight": 10, "hold": "5m"}], "bake": "10m"}),
        ("gates", {}),
        ("gates", {"alarms": [], "min_invocations": 10, "already_alarming": "ignore_until_ok"}),
        ("gates", {"no_traffic": {"wait": "30m", "then": "rollback"}}),
        ("gates", {"latency": False, "timeouts": False, "throttles": False}),
        ("tests", []),
        ("hooks", {}),
        ("function", {}),
        ("on_newer", "supersede"),
        ("on_failure", "rollback"),
        ("deadline", "24h"),
    ],
)
def test_a_default_that_is_said_changes_nothing(section: str, default: object) -> None:
    assert replace(parsed({section: default}), document={}) == parsed({})


def test_every_section_but_the_address_of_the_schema_is_tested_here() -> None:
    assert set(schema()["properties"]) == {  # type: ignore[call-overload]
        "$schema", "alias", "strategy", "gates", "tests", "hooks", "function", "on_newer", "on_failure", "deadline",
    }  # fmt: skip


# -- what every key means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "attribute", "value"),
    [
        ({"alias": "green"}, "alias", "green"),
        (
            {"strategy": {"steps": [{"weight": 0.25, "hold": "90s"}, {"weight": 99.99, "hold": "2h"}], "bake": "1d"},
             "deadline": "3d"},
            "strategy",
            Strategy((Step(25, 90 * timedelta(seconds=1)), Step(9999, 120 * MINUTE)), timedelta(days=1)),
        ),
        ({"strategy": {"steps": []}}, "strategy", Strategy((), 10 * MINUTE)),
        ({"strategy": {"steps": [], "bake": "0s"}}, "strategy", Strategy((), timedelta(0))),
        (
            {"gates": {"alarms": ["a", "b"], "min_invocations": 0, "no_traffic": {"wait": "1h", "then": "promote"},
                       "already_alarming": "block"}},
            "gates",
            Gates(
                alarms=("a", "b"), errors=ErrorGate(0.01, 0.001), latency=None, timeouts=None, throttles=None,
                min_invocations=0, no_traffic=Wait(timedelta(hours=1), OnTimeout.PROMOTE),
                already_alarming=AlreadyAlarming.BLOCK,
            ),
        ),
        (
            {"strategy": {"steps": [{"pause": "1h"}, {"weight": 5, "hold": "0s"}, {"pause": "2d", "then": "hold"}]}},
            "strategy",
            Strategy(
                (Step(500, timedelta(0), Wait(timedelta(days=2), OnTimeout.HOLD)),), 10 * MINUTE,
                Wait(timedelta(hours=1), OnTimeout.ROLLBACK),
            ),
        ),
        (
            {"hooks": {"each_step": {"function": "slipway-hook-a:live", "wait": "1h", "then": "promote"},
                       "after_bake": {"function": "slipway-hook-b"}}},
            "hooks",
            {HookPoint.EACH_STEP: Hook("slipway-hook-a:live", Wait(timedelta(hours=1), OnTimeout.PROMOTE)),
             HookPoint.AFTER_BAKE: Hook("slipway-hook-b", Wait(10 * MINUTE, OnTimeout.ROLLBACK))},
        ),
        (
            {"tests": [{"name": "no", "payload_file": "no.json", "error": "Bad", "times": 3, "warm_up": 2}]},
            "tests",
            (TestCase("no", {}, True, timedelta(seconds=10), "no.json", "Bad", 3, 2),),
        ),
        (
            {"tests": [{"name": "ping", "payload": [1], "response": {"type": "object"}, "within": "2s"}]},
            "tests",
            (TestCase("ping", [1], {"type": "object"}, timedelta(seconds=2)),),
        ),
        ({"tests": [{"name": "ping"}]}, "tests", (TestCase("ping", {}, True, timedelta(seconds=10)),)),
        ({"tests": [{"name": "ping", "response": False}]}, "tests", (TestCase("ping", {}, False, 10 * MINUTE / 60),)),
        ({"function": {"MemorySize": 512}}, "function", {"MemorySize": 512}),
        ({"on_newer": "queue"}, "on_newer", OnNewer.QUEUE),
        ({"on_newer": "reject"}, "on_newer", OnNewer.REJECT),
        ({"on_failure": "freeze"}, "on_failure", OnFailure.FREEZE),
        ({"deadline": "1h"}, "deadline", timedelta(hours=1)),
    ],
)  # fmt: skip
def test_a_key_means_what_it_says(document: object, attribute: str, value: object) -> None:
    assert getattr(parsed(document), attribute) == value


def test_every_weight_is_taken_to_the_hundredth() -> None:
    """In binary 0.29 * 100 is a little less than 29."""
    written = [hundredths / 100 for hundredths in range(1, 10_000)]
    steps = build({"strategy": {"steps": [{"weight": each, "hold": "0s"} for each in written]}}).strategy.steps
    assert [step.weight for step in steps] == list(range(1, 10_000))


def test_every_gate_that_compares_can_be_turned_on_and_says_what_it_takes_for_given() -> None:
    gates = parsed(
        {"gates": {"errors": {"significance": 0.05, "bake_significance": False}, "latency": {"significance": 0.01},
                   "timeouts": {"significance": 0.02}, "throttles": {"percent": 0.25}}}
    ).gates  # fmt: skip
    assert gates.errors == ErrorGate(0.05, None)
    assert gates.latency == LatencyGate(0.01, 100)
    assert gates.timeouts == 0.02
    assert gates.throttles == ThrottleGate(25, OnTimeout.ROLLBACK)


def test_the_bake_is_judged_ten_times_as_strictly_unless_it_is_said_how() -> None:
    assert parsed({"gates": {"errors": {"significance": 0.05}}}).gates.errors == ErrorGate(0.05, 0.005)


def test_a_gate_that_is_false_is_off() -> None:
    gates = parsed({"gates": dict.fromkeys(("errors", "latency", "timeouts", "throttles"), False)}).gates
    assert (gates.errors, gates.latency, gates.timeouts, gates.throttles) == (None, None, None, None)


def test_pauses_come_on_top_of_the_deadline() -> None:
    steps = [{"weight": 5, "hold": "1m"}, {"pause": "24h"}]
    assert parsed({"strategy": {"steps": steps}}).deadline_with_pauses == timedelta(hours=48)


@pytest.mark.parametrize("then", OnTimeout)
def test_a_wait_can_end_in_three_ways(then: OnTimeout) -> None:
    assert parsed({"gates": {"no_traffic": {"wait": "1m", "then": then.value}}}).gates.no_traffic.then is then


@pytest.mark.parametrize(("text", "minutes"), [("90s", 1.5), ("5m", 5), ("2h", 120), ("1d", 1440), ("0s", 0)])
def test_a_duration_is_a_number_and_a_unit(text: str, minutes: float) -> None:
    assert duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("name", "weights", "hold"),
    [
        ("LambdaAllAtOnce", (), None),
        ("LambdaCanary10Percent5Minutes", (1000,), 5 * MINUTE),
        ("LambdaCanary10Percent10Minutes", (1000,), 10 * MINUTE),
        ("LambdaCanary10Percent15Minutes", (1000,), 15 * MINUTE),
        ("LambdaCanary10Percent30Minutes", (1000,), 30 * MINUTE),
        ("LambdaLinear10PercentEvery1Minute", tuple(range(1000, 10000, 1000)), 1 * MINUTE),
        ("LambdaLinear10PercentEvery2Minutes", tuple(range(1000, 10000, 1000)), 2 * MINUTE),
        ("LambdaLinear10PercentEvery3Minutes", tuple(range(1000, 10000, 1000)), 3 * MINUTE),
        ("LambdaLinear10PercentEvery10Minutes", tuple(range(1000, 10000, 1000)), 10 * MINUTE),
    ],
)
@pytest.mark.parametrize("prefix", ["", "CodeDeployDefault."])
def test_codedeploys_names_mean_what_they_do_there(
    prefix: str, name: str, weights: tuple[int, ...], hold: timedelta | None
) -> None:
    strategy = parsed({"strategy": prefix + name}).strategy
    assert tuple(step.weight for step in strategy.steps) == weights
    assert {step.hold for step in strategy.steps} == ({hold} if hold else set())
    assert strategy.bake == 10 * MINUTE


def test_a_name_that_is_none_of_codedeploys_is_said() -> None:
    with pytest.raises(ValueError, match="not one of CodeDeploy's names: Slowly"):
        named_strategy("Slowly")


def test_a_missing_function_can_be_created_from_three_settings() -> None:
    three = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}
    assert parsed({"function": three}).can_create
    for name in three:
        two = {key: value for key, value in three.items() if key != name}
        assert not parsed({"function": two}).can_create


def test_the_holds_and_the_bake_are_the_shortest_time() -> None:
    assert manifest().strategy.holds == 45 * MINUTE


# -- several manifests ------------------------------------------------------------------------------------------------


def test_the_zip_wins_over_the_bucket_and_the_bucket_over_the_template() -> None:
    found = parse(
        ("the zip", '{"alias": "zip"}'),
        ("the bucket", '{"alias": "bucket", "on_newer": "queue"}'),
        ("the template", '{"alias": "template", "on_newer": "reject", "on_failure": "freeze"}'),
    )
    assert (found.alias, found.on_newer, found.on_failure) == ("zip", OnNewer.QUEUE, OnFailure.FREEZE)


def test_a_section_is_taken_whole() -> None:
    found = parse(
        ("the zip", '{"gates": {"alarms": ["a"]}}'),
        ("the bucket", '{"gates": {"alarms": ["b"], "min_invocations": 99}}'),
    )
    assert (found.gates.alarms, found.gates.min_invocations) == (("a",), 10)


def test_what_is_stored_is_the_merged_document_and_builds_the_same_again() -> None:
    found = parse(("the zip", '{"alias": "a"}'), ("the bucket", '{"deadline": "2h"}'))
    assert found.document == {"alias": "a", "deadline": "2h"}
    assert build(found.document) == found


def test_the_address_of_the_schema_is_not_stored() -> None:
    assert parsed({"$schema": "https://example.com/slipway.schema.json"}).document == {}


def test_a_refusal_names_the_source() -> None:
    with pytest.raises(ManifestProblem, match=r"^checkout/slipway\.json in the bucket: alias: "):
        parse(("the zip", "{}"), ("checkout/slipway.json in the bucket", '{"alias": 7}'))


def test_a_bad_source_is_refused_although_another_wins() -> None:
    with pytest.raises(ManifestProblem, match=r"^the template: on_newer: "):
        parse(("the zip", '{"on_newer": "queue"}'), ("the template", '{"on_newer": "maybe"}'))
