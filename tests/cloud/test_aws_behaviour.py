"""Versions that cannot be started or sleep, and ticks that come late: what callers and the controller meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.core.model import Phase, Routing
from local.emulator.rules.lambda_.starts import CANNOT_START
from tests.builders import CHECKOUT, after
from tests.cloud.aws_behaviour import CannotStart, IdleForWeeks, LateTicks
from tests.cloud.cloud import Cloud
from tests.cloud.deliveries import LIVE
from tests.cloud.faults import Json
from tests.cloud.steps import Drop, Live, Minutes, Until
from tests.cloud.story import Story

NAMED = {"FunctionName": "checkout"}


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    cloud.lambda_.point("checkout", "live", "1")
    return cloud


def counted(cloud: Cloud) -> set[str]:
    return {metric for (metric, _), minutes in cloud.metrics._values.items() if minutes}


def refusal(client: Any, **more: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        client.invoke(**NAMED, **more)
    said = caught.value.response
    return said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Code"]


@pytest.mark.parametrize("error", CANNOT_START)
def test_whoever_invokes_a_version_that_cannot_be_started_is_refused_and_counted_nowhere(
    live: Cloud, client: Any, error: str
) -> None:
    """Status: botocore's model of Invoke. Not counted: developer guide, types of metrics."""
    live.lambda_.behave("v1", refuses=error)
    status = {"EFSMountFailureException": 403}.get(error, 408 if error.startswith("EFS") else 502)
    assert [refusal(client, Qualifier=qualifier) for qualifier in ("1", "live")] == [(status, error)] * 2
    assert (live.lambda_.serve("checkout", "live", 10), counted(live)) == (0, set())


def test_only_the_requests_that_draw_it_are_lost(live: Cloud) -> None:
    story = Story().play([Live("v1"), Drop("v2", {"tests": []}), CannotStart("v2")])
    assert story.routing == Routing("1", "2", 2000)
    assert 0 < 1000 - story.cloud.lambda_.serve("checkout", "live", 1000) < 300


def test_it_starts_again_when_the_cause_is_mended(live: Cloud, client: Any) -> None:
    live.lambda_.behave("v1", refuses="KMSDisabledException")
    refusal(client, Qualifier="1")
    live.lambda_.behave("v1")
    assert client.invoke(**NAMED, Qualifier="1")["StatusCode"] == 200


def test_what_sleeps_loses_its_callers_requests_until_the_first_of_them_has_woken_it(live: Cloud) -> None:
    """Developer guide, function states: the invocation fails and the function is Pending until it is made again."""
    live.lambda_.sleep("checkout", "1")
    assert (live.lambda_.serve("checkout", "live", 10), counted(live)) == (0, set())
    assert live.lambda_.version("checkout", "1")["State"] == "Pending"
    live.advance(timedelta(minutes=1))
    assert live.lambda_.serve("checkout", "live", 10) == 0
    live.advance(timedelta(minutes=1))
    assert live.lambda_.serve("checkout", "live", 10) == 10


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, (409, "SnapStartNotReadyException")),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, (502, "ResourceNotReadyException")),
    ],
)
def test_a_version_says_why_it_sleeps(
    live: Cloud, client: Any, setting: dict[str, Any], expected: tuple[int, str]
) -> None:
    """botocore's model of Invoke."""
    live.lambda_.version("checkout", "1").update(**setting)
    live.lambda_.sleep("checkout", "1")
    assert refusal(client, Qualifier="1") == expected
    assert refusal(client, Qualifier="1") == (409, "ResourceConflictException")
    live.advance(timedelta(minutes=2))
    assert client.invoke(**NAMED, Qualifier="1")["StatusCode"] == 200


def test_only_what_nobody_calls_is_idle_for_weeks() -> None:
    story = Story().play([Live("v1"), Drop("v2"), Until(Phase.SUCCEEDED), IdleForWeeks()])
    states = {number: story.cloud.lambda_.version("checkout", number)["State"] for number in ("1", "2")}
    assert states == {"1": "Inactive", "2": "Active"}


@dataclass
class Listening(Story):
    """A story that remembers when what the controller heard was due."""

    due: list[str] = field(default_factory=list)

    def hears(self, event: Json, alias: str = LIVE) -> bool:
        self.due.append(event.get("time", ""))
        return super().hears(event, alias)


def test_late_ticks_say_when_each_of_them_was_due() -> None:
    """EventBridge user guide, schedules; developer guide, asynchronous invocation: up to 6 hours in the queue."""
    story = Listening().play([Live("v1"), Minutes(1), LateTicks(3)])
    assert story.cloud.clock.now == after(minutes=1)
    assert story.due == ["2026-11-24T10:01:00Z", "2026-11-24T09:58:00Z", "2026-11-24T09:59:00Z", "2026-11-24T10:00:00Z"]


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_hours_of_ticks_at_once_do_not_hurry_a_deployment(phase: Phase) -> None:
    story = Story().play([Live("v1"), Drop("v2"), Until(phase)])
    before = story.phase(), story.routing, story.deployments(CHECKOUT)[-1].traffic.step
    story.play([LateTicks(6 * 60)])
    assert (story.phase(), story.routing, story.deployments(CHECKOUT)[-1].traffic.step) == before
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])
