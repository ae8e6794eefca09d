"""Two stories go on alike only where nothing that matters differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from controller.core.model import Phase
from tests.builders import CHECKOUT
from tests.cloud.aws_behaviour import ByVersionWithWeightsOnly, CannotStart, ComesLater
from tests.cloud.deliveries import Delivery, Order
from tests.cloud.equivalence import future_of
from tests.cloud.fault_steps import Before
from tests.cloud.faults import Fault
from tests.cloud.metrics import Invoked
from tests.cloud.steps import Drop, HasAlarm, Live, Minutes, Until
from tests.cloud.story import TICK, Story


@pytest.fixture(scope="module")
def told() -> Story:
    return Story().play([Live("v1"), HasAlarm("queue-age"), Drop("v2"), Until(Phase.SHIFTING), Minutes(1)])


@pytest.fixture
def story(told: Story) -> Story:
    return told.copy()


def test_a_copy_goes_on_alike_and_so_does_what_comes_of_it(story: Story) -> None:
    other = story.copy()
    assert future_of(story) == future_of(other) is not None
    for each in (story, other):
        each.play([Minutes(2)])
    assert future_of(story) == future_of(other)


def test_what_went_wrong_on_the_way_makes_no_difference(story: Story) -> None:
    other = story.copy()
    other.cloud.fail(len(other.cloud.calls), Fault.CRASH_BEFORE)
    for each in (story, other):
        each.hears(TICK)
    assert other.failures and not story.failures
    assert future_of(story) == future_of(other)


def _row_changes(story: Story) -> None:
    key, row = next(iter(story.cloud.table.rows.items()))
    story.cloud.table.rows[key] = {**row, "more": {"S": "one"}}


def _still_runs(story: Story) -> None:
    metrics = story.cloud.metrics
    metrics.count(CHECKOUT.function, CHECKOUT.alias, "1", Invoked(seconds=300))


CHANGES: dict[str, Callable[[Story], object]] = {
    "time": lambda story: story.cloud.advance(timedelta(seconds=1)),
    "a row": _row_changes,
    "an alias": lambda story: story.cloud.lambda_.point(CHECKOUT.function, CHECKOUT.alias, "1"),
    "a version": lambda story: story.cloud.lambda_.publish(CHECKOUT.function),
    "how code behaves": lambda story: story.cloud.lambda_.behave("v2", error="ValueError"),
    "an alarm": lambda story: story.cloud.cloudwatch.move("queue-age", "ALARM"),
    "traffic": lambda story: story.cloud.callers.clear(),
    "what was counted": lambda story: story.cloud.lambda_.serve(CHECKOUT.function, CHECKOUT.alias, 1),
    "how late a series comes": lambda story: story.play([ComesLater("1")]),
    "a request that still runs": _still_runs,
    "what an alias without weights is counted by": lambda story: story.play([ByVersionWithWeightsOnly()]),
    "what cannot start": lambda story: story.play([CannotStart("v2")]),
    "what sleeps": lambda story: story.cloud.lambda_.sleep(CHECKOUT.function, "1"),
    "an upload": lambda story: story.cloud.storage.put("drop", "checkout/v3.zip", b"PK"),
    "a delivery": lambda story: story.deliveries.append(Delivery(TICK, story.cloud.clock.now)),
    "a dead letter": lambda story: story.dead_letters.append(Delivery(TICK, story.cloud.clock.now)),
    "what is still to be played": lambda story: story.steps.append(Minutes(1)),
    "the order of events": lambda story: setattr(story, "order", Order.REVERSED),
    "whose the alias is": lambda story: story.theirs.update({CHECKOUT: "theirs"}),
    "who was told": lambda story: story.cloud.bus.entries.clear(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_else_differs_they_do_not_go_on_alike(story: Story, change: Callable[[Story], object]) -> None:
    before = future_of(story)
    change(story)
    assert future_of(story) not in (before, None)


def test_nobody_can_say_how_a_story_goes_on_where_more_is_planned_to_go_wrong(story: Story) -> None:
    story.cloud.fail(len(story.cloud.calls), Fault.LOST)
    assert future_of(story) is None
    story.hears(TICK)
    assert future_of(story)
    story.cloud.down("s3", until=story.cloud.clock.now + timedelta(minutes=1))
    assert future_of(story) is None
    story.play([Minutes(1), Before("PublishVersion", Minutes(1))])
    assert future_of(story) is None
