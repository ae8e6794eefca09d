"""Work beside the traffic: what is remembered as done, what is given up and when, and what people are told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.lifecycle.state_machine import Event, transition
from controller.core.model import Cause, Deployment, Milestone, Notice, Phase, Reason, events
from controller.core.model.deployment import Failing
from controller.core.model.outcomes import AlarmMade, Finished, Restored, Sent
from tests.builders import NOW, ROUTINGS, after, confirmed, deployment, seen

VIEW = seen(ROUTINGS[Phase.BAKING])
NO = Reason(Cause.TEST_FAILED, "no")
NOTE = "MemorySize of $LATEST was left alone"


def noted(before: Deployment, event: Event, minutes: float = 1) -> Deployment:
    return transition(before, event, VIEW, after(minutes=minutes))


def lines(found: Deployment) -> list[str]:
    return [entry.text for entry in found.timeline]


@pytest.mark.parametrize("note", ["", "given up: no permission"])
def test_a_milestone_is_remembered_and_its_note_told(note: str) -> None:
    found = noted(confirmed(Phase.SHIFTING), Finished(Milestone.QUARANTINED, note))
    assert (Milestone.QUARANTINED in found.done, lines(found)) == (True, [note] if note else [])


def test_the_own_alarm_is_noted_with_its_time_and_the_longest_request() -> None:
    before = deployment(Phase.SHIFTING, done=frozenset())
    found = noted(before, AlarmMade(Milestone.ALARM_AT_PROMOTION, timedelta(seconds=9)))
    assert (found.alarms.own_made_at, found.evidence.longest_timeout) == (after(minutes=1), timedelta(seconds=9))
    assert found.done == {Milestone.ALARM_MADE, Milestone.ALARM_AT_PROMOTION}


@pytest.mark.parametrize("note", ["", "nobody was told: no topic"])
def test_a_notice_that_was_sent_leaves_the_outbox(note: str) -> None:
    first, second = Notice(NOW, Phase.SHIFTING, "10%"), Notice(NOW, Phase.BAKING, "all")
    found = noted(confirmed(Phase.SHIFTING, outbox=(first, second)), Sent(first, note))
    assert (found.bookkeeping.outbox, lines(found)) == ((second,), [note] if note else [])


# -- $LATEST ----------------------------------------------------------------------------------------------------------


def preparing(**changes: Any) -> Deployment:
    return deployment(Phase.PREPARING, **{"preflighted": True, "stable": "2", "canary": "3", **changes})


def test_latest_that_was_brought_back_after_publishing_is_remembered_by_its_version() -> None:
    found = noted(preparing(), Restored("2"))
    assert (found.versions.latest, Milestone.RESTORED in found.done, lines(found)) == ("2", True, [])


def test_a_setting_that_could_not_be_brought_back_is_told_and_tried_once_more_if_the_deployment_fails() -> None:
    found = noted(preparing(), Restored("2", NOTE))
    assert (found.versions.latest, Milestone.RESTORED in found.done, lines(found)) == ("2", False, [NOTE])
    failing = preparing(failing=Failing(NO, NOW))
    assert Milestone.RESTORED in noted(failing, Restored("2", NOTE)).done


def test_after_the_success_latest_is_the_canarys_or_left_to_the_next_deployment() -> None:
    ended = deployment(Phase.SUCCEEDED, latest="2")
    brought = noted(ended, Restored("3"))
    assert (brought.versions.latest, Milestone.LATEST_LEFT in brought.done) == ("3", False)
    left = noted(ended, Restored("3", NOTE))
    assert (left.versions.latest, Milestone.LATEST_LEFT in left.done, lines(left)) == ("2", True, [NOTE])


# -- given up ---------------------------------------------------------------------------------------------------------

BEHIND = "given up: $LATEST could not be brought to version 3; the next deployment begins with it"
UNPRUNED = "given up: old versions could not be deleted; the next deployment tries again"


def ended(minutes: float, **changes: Any) -> Deployment:
    return noted(deployment(Phase.SUCCEEDED, **{"latest": "2", **changes}), events.Tick(), minutes)


def test_what_a_success_still_owes_after_fifteen_minutes_is_left_to_the_next_deployment() -> None:
    assert ended(14.9) == deployment(Phase.SUCCEEDED, latest="2")
    assert lines(ended(15)) == [BEHIND, UNPRUNED]
    assert {Milestone.LATEST_LEFT, Milestone.PRUNED} <= ended(15).done


@pytest.mark.parametrize(
    ("changes", "given_up"),
    [
        ({"latest": "3"}, [UNPRUNED]),
        ({"latest": None}, [UNPRUNED]),
        ({"done": frozenset({Milestone.TESTED, Milestone.PRUNED})}, [BEHIND]),
        ({"done": frozenset({Milestone.TESTED, Milestone.PRUNED, Milestone.LATEST_LEFT})}, []),
    ],
    ids=["latest is right", "latest was never touched", "pruned", "both given up before"],
)
def test_only_what_is_owed_is_given_up_and_once(changes: dict[str, Any], given_up: list[str]) -> None:
    assert lines(ended(15, **changes)) == given_up
