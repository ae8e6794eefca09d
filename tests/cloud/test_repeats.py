"""Requests that come again, over real clients: what AWS answers is what the controller knows them by."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.fault_steps import Before, Down, Fails
from tests.cloud.faults import Fault
from tests.cloud.steps import Ask, Drop, Live, Minutes, Until
from tests.cloud.story import Story, asking

ONE = {"id": "one"}
LONG_BAKE = {"strategy": {"steps": [{"weight": 20, "hold": "2m"}], "bake": "40m"}}


@pytest.fixture
def story() -> Story:
    return Story().play([Live("v1"), Drop("v2", LONG_BAKE), Until(Phase.SHIFTING)])


@pytest.mark.parametrize("more", [{}, {"deployment": 1}, ONE], ids=str)
def test_a_promote_whose_answer_was_lost_is_sent_again_and_the_bake_goes_on(
    story: Story, more: Mapping[str, object]
) -> None:
    story.play([Ask("promote", more), Minutes(1), Ask("promote", more), Minutes(1)])
    assert (story.phase(), story.routing, story.violations) == (Phase.BAKING, Routing("2"), [])
    assert story.answers[-1]["ok"] and "checkout:live#1 did this" in str(story.answers[-1]["repeated"])
    story.play([Ask("promote", {"phase": "BAKING"}), Minutes(1)])
    assert (story.phase(), story.violations) == (Phase.SUCCEEDED, [])


@pytest.mark.parametrize("operation", ["PutItem", "UpdateAlias", "GetAlias", "PutEvents"])
def test_the_second_may_come_while_the_first_is_carried_out(story: Story, operation: str) -> None:
    story.play([Before(operation, Ask("promote", ONE)), Ask("promote", ONE), Minutes(2)])
    assert (story.phase(), story.violations) == (Phase.BAKING, [])
    assert all(answer["ok"] for answer in story.answers)


@pytest.mark.parametrize("number", range(14))
@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_rollback_is_finished_by_the_same_one_wherever_the_first_died(
    story: Story, number: int, fault: Fault
) -> None:
    story.play([Fails(number, fault)])
    story.hears(asking("rollback", **ONE))
    assert story.asks(asking("rollback", **ONE))
    assert (story.routing, story.violations) == (Routing("1"), [])


def test_a_rollback_with_an_id_needs_no_table(story: Story) -> None:
    story.play([Down("dynamodb", 3)])
    story.hears(asking("rollback", **ONE))
    assert (story.routing, story.violations) == (Routing("1"), [])
