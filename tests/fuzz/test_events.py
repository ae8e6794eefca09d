"""Whatever comes to the door is handled, or refused or ignored with a reason, and nonsense moves no traffic."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from controller.core.model import Routing
from tests.builders import CHECKOUT
from tests.cloud.faults import Json
from tests.fuzz.fuzz_settings import fuzzed
from tests.fuzz.handler import AtTheDoor, kept
from tests.fuzz.nonsense import ODD, damaged, nested, values
from tests.fuzz.samples import samples, shifting, uploaded

LONGEST_LINE = 10_000


def from_aws() -> list[Json]:
    """Returns an event of every kind that a rule, or S3, or an alarm hands to the controller."""
    return [*(each for each in samples().values() if "request" not in each), uploaded()]


def is_a_true_alarm(payload: Any) -> bool:
    """Does an alarm of the deployment say that it fires? Said once more, and more simply than the controller does."""
    if not isinstance(payload, dict):
        return False
    from_the_bus = payload.get("detail") if payload.get("source") == "aws.cloudwatch" else None
    alarm = payload.get("alarmData", from_the_bus)
    try:
        return bool(alarm["alarmName"] == "slipway/checkout/live/1" and alarm["state"]["value"] == "ALARM")
    except (TypeError, KeyError, IndexError):
        return False


def hears(payload: Any) -> tuple[AtTheDoor, list[Json]]:
    """Returns the story after it heard a payload, and what was logged."""
    story = shifting().copy()
    if is_a_true_alarm(payload):  # as if somebody had put the alarm into that state by hand
        story.cloud.cloudwatch.moved.add("slipway/checkout/live/1")
    with kept() as log:
        story.hears(payload)
    return story, log.lines


def check(payload: Any) -> None:
    """Nothing breaks, what is logged is short, and only a true alarm moves traffic."""
    story, lines = hears(payload)
    assert (story.violations, story.failures) == ([], [])
    assert lines and all(len(json.dumps(line)) < LONGEST_LINE for line in lines)
    allowed = (shifting().routing, Routing("1")) if is_a_true_alarm(payload) else (shifting().routing,)
    assert story.routing in allowed
    if len(allowed) == 1:
        aliases = story.cloud.lambda_.functions[CHECKOUT.function].aliases
        assert aliases == shifting().cloud.lambda_.functions[CHECKOUT.function].aliases


@fuzzed(150)
@given(st.deferred(lambda: st.sampled_from(from_aws())).flatmap(damaged))
def test_a_damaged_event_breaks_nothing_and_moves_no_traffic(payload: Any) -> None:
    check(payload)


@fuzzed(60)
@given(values | st.dictionaries(st.sampled_from(["Records", "alarmData", "detail", "source", "request"]), values))
def test_what_is_no_event_at_all_breaks_nothing_and_moves_no_traffic(payload: Any) -> None:
    check(payload)


RECORD: Json = samples()["s3-notification"]["Records"][0]


@fuzzed(20)
@given(st.lists(damaged(RECORD, 2) | st.just(RECORD), max_size=30))
@example([RECORD] * 200)
@example(list(ODD))
def test_many_records_are_handled_each_by_itself(records: list[Any]) -> None:
    payload = {"Records": records}
    check(payload)
    _, lines = hears(payload)
    assert len([line for line in lines if line["message"] == "handled"]) == max(len(records), 1)


KEYS = st.text(st.sampled_from("abc./+%20ZzéA\0\ud800 -_~"), max_size=40)
FORMS = ("{}", "checkout/{}.zip", "{}/a.zip", "checkout%2F{}.zip", "check+out/{}.zip", "{}.zip")


@fuzzed(60)
@given(
    KEYS,
    st.sampled_from(FORMS),
    st.booleans(),
)
def test_a_key_is_understood_or_refused_and_never_repaired(text: str, form: str, direct: bool) -> None:
    key = form.format(text)
    event = copy.deepcopy({"Records": [RECORD]} if direct else uploaded())
    about = event["Records"][0]["s3"] if direct else event["detail"]
    about["object"] = {"key": key}
    check(event)


def test_a_payload_that_is_nested_without_end_is_refused() -> None:
    for payload in (nested(950), {"Records": nested(950)}, {"request": nested(950)}, {"alarmData": nested(950)}):
        check(payload)
