"""Between any two calls of a controller somebody else does something, whole: a second controller, or a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from controller.core.model import Phase
from tests.builders import CHECKOUT
from tests.cloud.faults import Fault
from tests.cloud.steps import Ask, Behave, Drop, Ends, Hear, Live, Minutes, Scenario, Until
from tests.cloud.steps_at_any_time import MoveIfThere, Tick
from tests.cloud.story import Story
from tests.faults.among_others import AMONG_OTHERS
from tests.faults.interruptions import Interruption, interrupted
from tests.faults.results import Swept
from tests.faults.scenarios import ALARM_IN_THE_BAKE, ROLLBACK_REQUEST
from tests.faults.traffic import APPROVED, UNANSWERED

GOOD, BACK, REFUSED = Ends(Phase.SUCCEEDED, "2"), Ends(Phase.ROLLED_BACK, "1"), Ends(Phase.FAILED, "1")
SHORT: Mapping[str, object] = {"strategy": {"steps": [{"weight": 20, "hold": "1m"}], "bake": "1m"}}
GOOD_CANARY = Scenario("good canary, in short", given=(Live("v1"),), when=(Drop("v2", SHORT),), then=GOOD)
ALARM_IN_THE_SHIFT = Scenario(
    "alarm in the shift",
    given=(Live("v1"), Drop("v2"), Until(Phase.SHIFTING)),
    when=(Behave("v2", error="ValueError"),),
    then=BACK,
)
PRUNING = Scenario(
    "old versions pruned at the end",
    given=(Live("v1"), Drop("v2", SHORT), Until(Phase.SUCCEEDED), Drop("v3", SHORT), Until(Phase.SUCCEEDED)),
    when=(Drop("v4", SHORT),),
    then=Ends(Phase.SUCCEEDED, "4"),
)
SOMEBODY_ACTS = (
    Interruption(Ask("rollback"), (BACK, REFUSED)),
    # What a controller does last of all, for a record that is over, nobody comes after: a late write that stays.
    Interruption(Ask("rollback"), (BACK, REFUSED), fault=Fault.CRASH_AFTER),
    # A test that takes a minute has failed.
    Interruption(Ask("promote"), (GOOD, BACK, REFUSED)),
    Interruption(Minutes(1), (REFUSED,)),
    Interruption(Hear()),
    Interruption(Drop("v9", SHORT)),
)
PEOPLE_ANSWER = (
    Interruption(Ask("approve"), (GOOD, BACK)),
    Interruption(Ask("deny"), (BACK, REFUSED)),
    Interruption(Ask("rollback"), (BACK, REFUSED)),
)


@dataclass(frozen=True)
class AskIfOpen(Ask):
    """A person asks, where there is something to ask about."""

    def play(self, story: Story) -> bool:
        return story.seen().open_one(CHECKOUT) is None or super().play(story)


DRIFT = Interruption(
    MoveIfThere("2"),
    (Ends(Phase.SUCCEEDED, "2"), Ends(Phase.ROLLED_BACK, "2"), Ends(Phase.FAILED, "2")),
    (Minutes(1), AskIfOpen("accept_drift")),
)
TAKEN_BACK = Interruption(
    MoveIfThere("2"),
    (Ends(Phase.SUCCEEDED, "2"), Ends(Phase.ROLLED_BACK, "3"), Ends(Phase.ROLLED_BACK, "2"), Ends(Phase.FAILED, "2")),
    (Minutes(1), AskIfOpen("rollback")),
)
ON_THREE = Ends(Phase.ROLLED_BACK, "3"), Ends(Phase.FAILED, "3")


@pytest.mark.parametrize("scenario", [GOOD_CANARY, ALARM_IN_THE_SHIFT], ids=lambda each: each.name)
def test_whatever_a_second_controller_does_between_two_calls_the_rules_hold(scenario: Scenario, swept: Swept) -> None:
    found = interrupted(scenario, SOMEBODY_ACTS)
    swept.add(found)
    assert found.wrong == [], "\n".join(found.wrong[:5])


@pytest.mark.parametrize("scenario", [APPROVED, UNANSWERED], ids=lambda each: each.name)
def test_so_they_do_while_people_are_asked(scenario: Scenario, swept: Swept) -> None:
    found = interrupted(scenario, PEOPLE_ANSWER)
    swept.add(found)
    assert found.wrong == [], "\n".join(found.wrong[:5])


@pytest.mark.parametrize("scenario", [ROLLBACK_REQUEST, ALARM_IN_THE_BAKE], ids=lambda each: each.name)
def test_so_they_do_on_the_way_back(scenario: Scenario, swept: Swept) -> None:
    found = interrupted(scenario, SOMEBODY_ACTS[2:])
    swept.add(found)
    assert found.wrong == [], "\n".join(found.wrong[:5])


def test_pruning_and_backups_stand_whatever_a_second_controller_or_somebody_else_does(swept: Swept) -> None:
    acts = (Interruption(Ask("rollback"), ON_THREE), DRIFT, TAKEN_BACK)
    found = interrupted(PRUNING, acts)
    swept.add(found)
    assert found.wrong == [], "\n".join(found.wrong[:5])


@pytest.mark.parametrize("scenario", AMONG_OTHERS, ids=lambda each: each.name)
def test_two_ticks_at_once_over_many_deployments_keep_the_rules(scenario: Scenario, swept: Swept) -> None:
    found = interrupted(scenario, (Interruption(Tick()),))
    swept.add(found)
    assert found.wrong == [], "\n".join(found.wrong[:5])
