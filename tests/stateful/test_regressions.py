"""What walks have found, as they print it and a little shorter."""

from __future__ import annotations

import pytest

from controller.core.model import Cause, Phase
from tests.cloud.fault_steps import Before, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.steps import Behave, Drop, Ends, HasAlarm, Live, Minutes, MoveAlias, Scenario, Traffic, Until
from tests.cloud.steps_at_any_time import Asks, NewestFails
from tests.cloud.upload_steps import Published

SHORT = {"strategy": {"steps": [{"weight": 20, "hold": "1m"}], "bake": "1m"}}
BLOCKED = {"alarms": ["theirs"], "errors": False, "min_invocations": 0, "already_alarming": "block"}
FOUND = (
    Scenario(
        "a request for a rollback, handled again because an answer was lost, is no second one",
        given=(Live(), Published("v9"), Drop("v2", SHORT), Until(Phase.SHIFTING)),
        when=(
            Before("UpdateAlias", MoveAlias("2")),
            FailsAt("PutItem", Fault.LOST, nth=2),
            Asks("rollback"),
            Minutes(1),
            Asks("accept_drift"),
        ),
        then=Ends(Phase.ROLLED_BACK, "2", Cause.DRIFT),
    ),
    Scenario(
        "a rollback of what has no traffic yet leaves the alias to whoever moved it",
        given=(Live(), HasAlarm("theirs", "ALARM"), Drop("v2", SHORT), Until(Phase.SHIFTING), Asks("rollback")),
        when=(MoveAlias("2"), Drop("v3", {**SHORT, "gates": BLOCKED}), Asks("rollback")),
        then=Ends(Phase.FAILED, "2", Cause.REQUESTED),
    ),
    Scenario(
        "a person takes back what was rolled back, and the version that they left is still the one to go back to",
        given=(Live(), Traffic(30), Drop("v2", SHORT), NewestFails("ValueError"), Minutes(6)),
        when=(Behave("v2"), Asks("rollback", {"to": 1})),
        then=Ends(Phase.ROLLED_BACK, "2", Cause.REQUESTED),
    ),
)


@pytest.mark.parametrize("scenario", FOUND, ids=lambda scenario: scenario.name)
def test_a_scenario_that_was_found_keeps_the_rules_now(scenario: Scenario) -> None:
    assert scenario.wrong(scenario.begun().to_the_end()) == []


def test_what_another_version_failed_before_is_not_held_against_the_next_one() -> None:
    gates = {"alarms": [], "errors": False, "min_invocations": 0}
    long = {"strategy": {"steps": [{"weight": 20, "hold": "2m"}], "bake": "9m"}, "deadline": "40m"}
    at_once = {"strategy": {"steps": [], "bake": "2m"}, "gates": gates, "tests": []}
    scenario = Scenario(
        "somebody takes a failing version back by hand, and the next one gets all traffic at once",
        given=(Live(), Traffic(30), Drop("v4", long), Until(Phase.SUCCEEDED)),
        when=(NewestFails("ValueError"), Minutes(4), MoveAlias("1"), Drop("v3", at_once)),
        then=Ends(Phase.SUCCEEDED, "3", Cause.PROMOTED),
    )
    assert scenario.wrong(scenario.begun().to_the_end()) == []
