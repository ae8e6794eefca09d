"""A wait before traffic: what it says, what begins its limit anew, and when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, Routing
from controller.core.model.deployment.hold.delay import FAILING_TIMEOUT, Delay, DelayKind
from controller.core.model.events import Tick
from controller.core.model.outcomes import Delayed
from tests.builders import NOW, after, deployment, manifest, seen

TESTING = deployment(Phase.TESTING)
DONE = frozenset({Milestone.IDENTIFIED, Milestone.RESTORED})
NOT_FAILING = [kind for kind in DelayKind if kind is not DelayKind.FAILING]


def delayed(
    before: Deployment, minutes: float, kind: DelayKind = DelayKind.FAILING, said: str = "no", advice: str = ""
) -> Deployment:
    """Returns the deployment after a look in vain, so many minutes after NOW."""
    event = Delayed(kind, Reason(Cause.TEST_FAILED, said), advice)
    return transition(before, event, seen(None), after(minutes=minutes))


def fails_after(*looks: tuple[float, DelayKind]) -> float | None:
    """Returns at which minute a deployment has failed that was looked at in vain so; None where it has not."""
    found = deployment(Phase.TESTING, done=DONE)
    for minute, kind in looks:
        found = delayed(found, minute, kind)
        if found.phase is Phase.FAILED:
            return minute
    return None


def every_minute(kind: DelayKind, first: int = 0, last: int = 60) -> list[tuple[float, DelayKind]]:
    return [(minute, kind) for minute in range(first, last)]


def test_a_call_that_fails_is_tried_again_for_fifteen_minutes() -> None:
    assert timedelta(minutes=15) == FAILING_TIMEOUT
    assert fails_after(*every_minute(DelayKind.FAILING)) == 15


@pytest.mark.parametrize("kind", NOT_FAILING)
def test_whatever_else_is_waited_for_ends_with_the_deadline_only(kind: DelayKind) -> None:
    assert fails_after(*every_minute(kind, last=24 * 60)) is None


@pytest.mark.parametrize("kind", [DelayKind.THROTTLED, DelayKind.OUTAGE])
def test_throttles_and_outages_between_do_not_begin_the_limit_anew(kind: DelayKind) -> None:
    looks = [(minute, DelayKind.FAILING if minute % 2 == 0 else kind) for minute in range(60)]
    assert fails_after(*looks) == 16
    assert fails_after((0, DelayKind.FAILING), *every_minute(kind, 1, 59)) is None


def test_aws_at_work_begins_the_limit_anew_because_the_call_went_well() -> None:
    """A role that could be assumed at last, half an hour of SnapStart, and one error after that."""
    looks = (*every_minute(DelayKind.FAILING, 0, 3), *every_minute(DelayKind.AT_WORK, 3, 33), (33, DelayKind.FAILING))
    assert fails_after(*looks) is None
    assert fails_after(*looks, *every_minute(DelayKind.FAILING, 34, 60)) == 48


def test_other_words_do_not_begin_the_limit_anew() -> None:
    found = deployment(Phase.TESTING, done=DONE)
    for minute in range(15):
        found = delayed(found, minute, said=f"words {minute}")
    assert delayed(found, 15, said="new words").phase is Phase.FAILED


def test_the_end_quotes_aws_and_says_what_to_do_next() -> None:
    found = delayed(delayed(deployment(Phase.TESTING, done=DONE), 0), 15, said="Invoke failed: x", advice="allow it")
    assert found.reason == Reason(
        Cause.TEST_FAILED, "Invoke failed: x; tried for 15 minutes; allow it, then drop the artifact again"
    )
    assert found.timeline[-1].text == f"FAILED: {found.reason.text}" if found.reason else None
    assert found.hold.delay is None


def test_where_only_time_helps_the_end_says_so() -> None:
    words = Delay(DelayKind.FAILING, "Invoke failed: x", "", NOW).last_words()
    assert words == "Invoke failed: x; tried for 15 minutes; wait until AWS is well, then drop the artifact again"


def test_before_the_end_latest_is_put_back() -> None:
    found = delayed(delayed(TESTING, 0), 15)
    assert (found.phase, found.cleans_up_since) == (Phase.TESTING, after(minutes=15))
    assert found.failing and found.failing.reason.cause is Cause.TEST_FAILED
    assert found.hold.delay is None
    cleaning_up = delayed(found, 16, said="UpdateFunctionCode failed: no")
    assert (cleaning_up.reason, cleaning_up.phase) == (found.reason, Phase.TESTING)
    assert cleaning_up.hold.delay and cleaning_up.hold.delay.said == "UpdateFunctionCode failed: no"


def test_the_timeline_has_the_first_failure_and_each_change_of_it() -> None:
    found = TESTING
    for minute, said in enumerate(["a", "a", "b", "b", "b", "a"]):
        found = delayed(found, minute, said=said)
    assert [entry.text.partition(";")[0] for entry in found.timeline] == ["a", "b", "a"]


def test_the_number_of_a_request_is_no_change() -> None:
    said = "KMS says no (Request ID: 5f0f7c0e-1d2c-4b6e-9a3b-0123456789a{})"
    first = delayed(TESTING, 0, said=said.format(0))
    assert delayed(first, 1, said=said.format(1)) == first


@pytest.mark.parametrize("kind", NOT_FAILING)
def test_what_has_no_limit_of_its_own_says_that_the_deadline_ends_it(kind: DelayKind) -> None:
    found = delayed(TESTING, 0, kind, "AWS is at work", "wait")
    assert found.hold.delay
    assert found.hold.delay.in_words() == "AWS is at work; wait; looked at again every minute until the deadline"


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in (Phase.PREPARING, Phase.TESTING)])
def test_a_wait_before_traffic_means_nothing_later(phase: Phase) -> None:
    before = deployment(phase)
    assert delayed(before, 1) == before


def test_the_deadline_says_what_was_waited_for() -> None:
    switched_off = delayed(TESTING, 0, DelayKind.THROTTLED, "checkout is switched off", "raise its concurrency")
    ended = transition(switched_off, Tick(), seen(Routing("2")), NOW + manifest().deadline_with_pauses)
    assert ended.failing
    said = "checkout is switched off; raise its concurrency"
    assert ended.failing.reason.text == f"the deadline of 1 day, 0:00:00 has passed; {said}"


def test_a_call_cannot_be_failing_since_never() -> None:
    with pytest.raises(ValueError, match="since"):
        Delay(DelayKind.FAILING, "x", "")
