"""Every call of every scenario fails, and the rules hold: after every step, and in the end."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from controller.core.model import Phase
from tests.cloud.deliveries import Order
from tests.cloud.faults import Fault
from tests.cloud.steps import Scenario
from tests.faults import scenarios
from tests.faults.processes import on_all_processors
from tests.faults.results import Swept
from tests.faults.sweep import Told, sweep
from tests.faults.troubles import FAULTS, Away, CallFails
from tests.turns import TURNS


@pytest.mark.parametrize("scenario", scenarios.ALL, ids=lambda each: each.name)
def test_a_scenario_plays_to_its_end(scenario: Scenario) -> None:
    assert Told(scenario).wrong == []


@pytest.mark.parametrize(
    ("place", "scenario"), list(enumerate(scenarios.ALL)), ids=lambda each: getattr(each, "name", "")
)
def test_so_it_does_in_another_order_of_events(place: int, scenario: Scenario) -> None:
    """``make faults`` plays each scenario in every order."""
    other = [order for order in Order if order is not Order.AS_THEY_CAME]
    assert Told(scenario, other[place % len(other)]).wrong == []


def test_every_call_of_a_scenario_of_each_kind_fails_in_turn_and_the_rules_hold(swept: Swept) -> None:
    found = on_all_processors(partial(sweep, turns=TURNS), scenarios.ONE_OF_EACH_KIND, at_once=1)
    swept.add(found)
    assert found.wrong == [], "\n".join(found.wrong[:5])
    each_call = [row.stories for broken, row in found.rows.items() if "call" in broken]
    assert len(each_call) == len(FAULTS)
    # In each order of events a scenario has a few calls more or less.
    assert min(each_call) >= found.calls / TURNS * 0.8


def test_the_judge_and_not_the_alarm_gives_the_judges_verdict() -> None:
    story = scenarios.JUDGES_VERDICT.begun().to_the_end()
    reason = story.deployments()[0].reason
    assert reason and "errors were version 2's" in reason.text


def test_a_story_goes_on_from_before_the_call_as_if_it_were_told_from_the_start() -> None:
    scenario = scenarios.ROLLBACK_REQUEST
    story = scenario.begun()
    number = len(story.cloud.calls) + 10
    story.cloud.fail(number, Fault.LOST)
    story.to_the_end()
    again = Told(scenario).told_with(number, CallFails(Fault.LOST))
    assert [str(call) for call in again.cloud.calls] == [str(call) for call in story.cloud.calls]
    assert again.phase() is Phase.ROLLED_BACK


def test_a_call_that_goes_wrong_is_named_with_what_tells_it_again() -> None:
    told = Told(scenarios.FIRST_DEPLOYMENT)
    told.scenario = scenarios.GOOD_CANARY
    (wrong,) = told.swept([(told.calls[7], CallFails(Fault.DENIED))]).wrong
    assert "told_with(7, CallFails(how=<Fault.DENIED" in wrong
    assert "it should have ended SUCCEEDED on version 2" in wrong


def test_what_is_over_after_a_while_is_no_reason_to_end_otherwise() -> None:
    told = Told(scenarios.FIRST_DEPLOYMENT)
    told.scenario = replace(scenarios.GOOD_CANARY, or_else=(scenarios.FIRST_DEPLOYMENT.then,))
    (wrong,) = told.swept([(told.calls[7], CallFails(Fault.THROTTLED))]).wrong
    assert "it should have ended SUCCEEDED on version 2" in wrong
    assert told.swept([(told.calls[7], Away(("s3",), 2, Fault.THROTTLED))]).wrong == []
