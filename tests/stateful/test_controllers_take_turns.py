"""An earlier release, today's and the next one take turns on the same records, and nothing gets lost."""

from __future__ import annotations

import pytest

from controller.core.model import Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.steps import Ask, Behave, Drop, Live, Until
from tests.cloud.steps_at_any_time import RunBy
from tests.cloud.story import Story

RELEASES = ("earlier", "today", "next")


@pytest.mark.parametrize("first", RELEASES)
@pytest.mark.parametrize("second", RELEASES)
def test_what_one_release_began_another_ends(first: str, second: str) -> None:
    story = Story().play([RunBy((first,)), Live("v1"), Drop("v2"), Until(Phase.SHIFTING), RunBy((second,))])
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


@pytest.mark.parametrize("turns", [("today", "earlier"), ("next", "today"), ("earlier", "next")])
def test_releases_that_take_turns_bring_traffic_back(turns: tuple[str, ...]) -> None:
    story = Story().play([RunBy(turns), Live("v1"), Drop("v2"), Until(Phase.BAKING), Behave("v2", error="ValueError")])
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.ROLLED_BACK, Routing("1"), [])


@pytest.mark.parametrize("then", ["today", "earlier"])
def test_what_only_the_next_release_knows_stays_in_the_record(then: str) -> None:
    story = Story().play([RunBy(("next",)), Live("v1"), Drop("v2"), Until(Phase.SHIFTING), RunBy((then,))])
    story.play([Ask("rollback")]).to_the_end()
    (record,) = story.deployments(CHECKOUT)
    assert (record.phase, record.extra["of_the_next"]) == (Phase.ROLLED_BACK, {"a": [1, "x"]})


def test_the_next_release_writes_the_next_schema() -> None:
    story = Story().play([RunBy(("next",)), Live("v1"), Drop("v2"), Until(Phase.SHIFTING)])
    row = story.cloud.table.rows[str(CHECKOUT), "deployment#000001"]
    assert row["record"]["M"]["schema"] == {"N": "2"}
