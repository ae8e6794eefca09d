"""What each payload leads to, also where there are several events in it, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.model import Refused, Transient
from controller.dispatch import Dispatcher
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.many_functions import controller as started
from tests.cloud.snapshot import Remembered, Seen
from tests.cloud.under_way import fails, own_alarm, under_way
from tests.unit.raw_events import TICK, alarm, hears, line, notification


def accepted(cloud: Cloud) -> list[str]:
    """Returns the functions that have a deployment, in order."""
    return [target.function for target in Seen(cloud, Remembered()).deployments]


# -- several events in one payload ------------------------------------------------------------------------------------


def test_every_record_of_a_notification_is_handled_in_its_order(cloud: Cloud, controller: Dispatcher) -> None:
    outcomes = hears(controller, notification(cloud, "alpha", "beta", "gamma"))
    assert [outcome.line["deployment"] for outcome in outcomes] == ["alpha:live#1", "beta:live#1", "gamma:live#1"]


def test_a_record_that_fails_does_not_keep_the_others_from_being_handled(cloud: Cloud, controller: Dispatcher) -> None:
    payload = notification(cloud, "alpha", "beta", "gamma")
    fails(cloud, "GetObject", Fault.SERVICE_ERROR, about="beta/")
    with pytest.raises(Transient, match=r"1 of 3 looks failed, the first: .*beta/1\.zip"):
        hears(controller, payload)
    assert accepted(cloud) == ["alpha", "gamma"]


def test_a_payload_that_comes_again_heals_what_failed_and_repeats_nothing(cloud: Cloud, controller: Dispatcher) -> None:
    payload = notification(cloud, "alpha", "beta")
    fails(cloud, "GetObject", Fault.SERVICE_ERROR, about="alpha/")
    with pytest.raises(Transient):
        hears(controller, payload)
    cloud.plan.heal()
    outcomes = hears(started(cloud), payload)
    assert [outcome.line.get("deployment", outcome.line.get("ignored")) for outcome in outcomes] == [
        "alpha:live#1",
        "beta/1.zip: this upload was taken in before",
    ]


def test_a_record_that_is_refused_does_not_keep_the_others_from_being_handled(
    cloud: Cloud, controller: Dispatcher
) -> None:
    payload = notification(cloud, "alpha", "beta")
    fails(cloud, "TransactWriteItems", Fault.DENIED, about="alpha:live")
    with pytest.raises((Transient, Refused)):
        hears(controller, payload)
    assert accepted(cloud) == ["beta"]


def test_what_is_no_event_is_ignored_with_its_reason(controller: Dispatcher) -> None:
    assert line(controller, {"source": "aws.ec2", "detail-type": "news"}) == {
        "event": "ignored",
        "reason": "not an event for Slipway: source 'aws.ec2', detail-type 'news'",
    }


# -- what is said -----------------------------------------------------------------------------------------------------


def test_an_upload_says_which_deployment_it_became_and_how_far_it_came(cloud: Cloud, controller: Dispatcher) -> None:
    assert line(controller, notification(cloud, "alpha")) == {
        "event": "upload",
        "deployment": "alpha:live#1",
        "phase": "SUCCEEDED",
        "step": 0,
        "reason": (
            "version 1 is live; nobody has called it yet, as far as CloudWatch has counted; it has no tests either, so"
            " call alpha:live once"
        ),
        "ended": [{"deployment": "alpha:live#1", "outcome": "SUCCEEDED", "cause": "promoted"}],
    }


def test_a_key_that_cannot_be_deployed_is_said_as_its_failed_deployment(cloud: Cloud, controller: Dispatcher) -> None:
    payload = notification(cloud, "alpha")
    payload["Records"][0]["s3"]["object"]["key"] = "alpha/my+build.zip"
    told = line(controller, payload)
    assert (told["event"], told["deployment"], told["phase"]) == ("upload", "alpha:live#1", "FAILED")
    assert "alpha/my build.zip" in told["reason"]


def test_an_upload_that_is_ignored_says_why(cloud: Cloud, controller: Dispatcher) -> None:
    payload = notification(cloud, "alpha")
    hears(controller, payload)
    assert line(controller, payload) == {
        "event": "upload",
        "ignored": "alpha/1.zip: this upload was taken in before",
    }


def test_an_alarm_says_what_it_did(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud)
    assert line(controller, alarm(own_alarm("checkout"), "checkout")) == {
        "event": "alarm",
        "alarm": "slipway/checkout/live/42",
        "alias_rolled_back": True,
        "seconds_to_alias": 0.0,
        "deployments": [
            {
                "deployment": "checkout:live#42",
                "phase": "ROLLING_BACK",
                "step": 0,
                "reason": "alarm slipway/checkout/live/42 is firing",
            }
        ],
    }


def test_a_tick_says_where_each_deployment_is(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud)
    told = line(controller, TICK)
    assert told == {
        "event": "tick",
        "open": 1,
        "due": 1,
        "quiet": 0,
        "left": 0,
        "passed_over": 0,
        "throttled": 0,
        "rolling_back": 0,
        "deployments": [{"deployment": "checkout:live#42", "phase": "SHIFTING", "step": 0, "reason": None}],
    }


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"request": "status", "function": "checkout"}, {"ok": True, "target": "checkout:live#42"}),
        (
            {
                "request": "promote",
                "function": "checkout",
                "deployment": 1,
                "who": "alice",
                "why": "urgent",
                "id": "one",
            },
            {
                "ok": False,
                "target": "checkout",
                "error": "checkout:live#1 is not open, checkout:live#42 is; send the request again without deployment,"
                " or with that number",
                "who": "alice",
                "why": "urgent",
                "id": "one",
            },
        ),
        (
            {"request": "pause", "function": "checkout", "password": "hunter2"},
            {"ok": False, "error": "refused by slipway.request.schema.json"},
        ),
    ],
    ids=["met", "not met", "no request"],
)
def test_a_request_is_answered_and_said_with_who_asked_and_why(
    cloud: Cloud, controller: Dispatcher, payload: dict[str, Any], said: dict[str, Any]
) -> None:
    under_way(cloud)
    (outcome,) = hears(controller, payload)
    assert outcome.line == {"event": "request", "request": payload["request"], **said}
    assert outcome.answer is not None and outcome.answer["ok"] is said["ok"]


def test_only_a_request_has_an_answer(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud)
    for payload in (TICK, alarm("theirs"), notification(cloud, "alpha"), {"source": "aws.ec2"}):
        assert [outcome.answer for outcome in hears(controller, payload)] == [None]
