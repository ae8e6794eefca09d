"""Uploads that come late, twice or beside others: the real controller over an AWS in memory."""

from __future__ import annotations

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.arriving import (
    AllEnd,
    AskOnce,
    Both,
    Carries,
    Deploy,
    IsTheController,
    Late,
    Published,
    PutManifest,
    Serves,
    Together,
)
from tests.cloud.faults import Fault
from tests.cloud.steps import QUICK, Ask, Behave, Drop, Ends, Live, Minutes, Scenario, Until
from tests.cloud.story import Story
from tests.cloud.trouble import Fails

AT_ONCE = {"strategy": {"steps": [], "bake": "1m"}, "tests": []}
MORE = {"MemorySize": 512}
AGAIN = "checkout/again.zip"


@pytest.fixture
def story() -> Story:
    return Story().play([Live("v1")])


# -- settings that are rolled back ------------------------------------------------------------------------------------


def test_settings_that_are_rolled_back_do_not_quarantine_the_bytes_that_serve(story: Story) -> None:
    story.play([PutManifest({**AT_ONCE, "function": MORE}), Drop("v1", None), Ask("rollback")]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.ROLLED_BACK, Routing("1"), [])
    said = [each.text for each in story.deployments()[0].timeline]
    assert "not quarantined: version 1 has the same bytes, other settings" in said


def test_the_same_bytes_may_be_dropped_with_better_settings(story: Story) -> None:
    story.play([PutManifest({**AT_ONCE, "function": MORE}), Drop("v1", None), Ask("rollback")])
    better = {**AT_ONCE, "function": {"MemorySize": 256}}
    story.play([PutManifest(better), Drop("v1", None, AGAIN)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("3"), [])


def test_a_rollback_of_its_own_does_not_quarantine_them_either(story: Story) -> None:
    story.play([PutManifest({**AT_ONCE, "function": MORE}), Drop("v1", None), Until(Phase.SUCCEEDED), Ask("rollback")])
    story.play([PutManifest(), Drop("v1", None, AGAIN)]).to_the_end()
    assert [each.phase for each in story.deployments()] == [Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUCCEEDED]
    assert story.violations == []


def test_settings_and_bytes_that_are_rolled_back_together_are_quarantined(story: Story) -> None:
    story.play([Drop("v2", {**AT_ONCE, "function": {**QUICK["function"], **MORE}}), Ask("rollback")]).to_the_end()  # type: ignore[dict-item]
    assert any(key[1].startswith("quarantine#") for key in story.cloud.table.rows)


# -- the steps --------------------------------------------------------------------------------------------------------


def test_a_late_event_comes_when_it_is_late(story: Story) -> None:
    story.play([Late(Drop("v2"), 2), Minutes(1)])
    assert story.deployments() == []
    story.play([Minutes(1)])
    assert story.phase() is Phase.SHIFTING


def test_what_is_dropped_together_is_heard_of_afterwards(story: Story) -> None:
    story.play([Together((Drop("v2", AT_ONCE, AGAIN), Drop("v3", AT_ONCE, AGAIN)))]).to_the_end()
    assert Serves(Phase.SUCCEEDED, "v3").wrong(story) is None
    assert "on v2" in str(Serves(Phase.SUCCEEDED, "v2").wrong(story))


def test_a_person_may_deploy_what_is_quarantined(story: Story) -> None:
    story.play([Drop("v2"), Ask("rollback"), Deploy("checkout/v2.zip", lift_quarantine=True)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_what_was_published_long_ago_is_pruned_but_what_another_alias_carries(story: Story) -> None:
    story.play([*map(Published, "abcd"), Carries("beta", "2", {"3": 0.1}), Drop("v2", AT_ONCE)]).to_the_end()
    assert sorted(story.cloud.lambda_.functions["checkout"].versions) == ["1", "2", "3", "5", "6"]
    assert story.cloud.lambda_.functions["checkout"].latest.code == story.cloud.lambda_.version("checkout", "6").code


def test_the_ends_of_all_deployments_of_two_aliases_are_looked_at(story: Story) -> None:
    story.play([Carries("beta", "1"), Drop("v2", {**AT_ONCE, "alias": "beta"}), Drop("v3"), AskOnce("rollback")])
    story.to_the_end()
    promoted, asked = (Phase.SUCCEEDED, Cause.PROMOTED), (Phase.ROLLED_BACK, Cause.REQUESTED)
    beta, live = AllEnd((promoted,), "2", "beta"), AllEnd((asked,), "1")
    assert Both(beta, live).wrong(story) is None
    assert "checkout:live should have ended" in str(Both(beta, AllEnd((asked,), "3")).wrong(story))
    assert "checkout:beta should have ended" in str(Both(AllEnd((asked,), "2", "beta"), live).wrong(story))


def test_the_controllers_own_function_hears_through_its_alias(story: Story) -> None:
    story.play([IsTheController(), Drop("v2", AT_ONCE), Behave("v2", error="ImportError"), Minutes(1)])
    assert story.failures[-1] == "the version of the controller that the alias chose does not start"
    assert story.phase() is Phase.BAKING


def test_what_is_given_to_go_wrong_is_no_fault_of_the_sweep(story: Story) -> None:
    died = (Live("v1"), Fails(28, Fault.CRASH_AFTER), Drop("v2"))
    begun = Scenario("died", given=died, when=(), then=Ends(Phase.SUCCEEDED, "2")).begun()
    assert (begun.phase(), begun.cloud.plan.injected) == (Phase.PREPARING, 0)
