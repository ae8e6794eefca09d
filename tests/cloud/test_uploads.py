"""Uploads that come late, twice or beside others: the real controller over an AWS in memory."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.fault_steps import Before, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.steps import QUICK, Ask, Behave, Drop, Ends, Live, Minutes, Scenario, Until
from tests.cloud.steps_at_any_time import Asks
from tests.cloud.story import Story
from tests.cloud.upload_steps import (
    AllEnd,
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


# -- the bytes in flight ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_the_bytes_in_flight_dropped_again_change_nothing(story: Story, phase: Phase) -> None:
    story.play([Drop("v2"), Until(phase)])
    before, routing = story.deployments()[0], story.routing
    story.play([Drop("v2", key=AGAIN)])
    assert (story.phase(1), story.routing) == (phase, routing)
    assert (story.deployments()[0].traffic.step, story.deployments()[0].traffic.confirmed_at) == (
        before.traffic.step,
        before.traffic.confirmed_at,
    )
    again = story.deployments()[1]
    assert (again.phase, again.reason and again.reason.cause) == (Phase.FAILED, Cause.UNCHANGED)
    assert story.deployments()[0].timeline[-1].text == "the same bytes were dropped again: #2 ends, this one goes on"
    story.to_the_end()
    assert (story.phase(1), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_they_are_told_of_and_count_as_the_newest_upload(story: Story) -> None:
    story.play([Drop("v2"), Late(Drop("v3"), 2), Minutes(1), Drop("v2", key=AGAIN)])
    assert story.cloud.bus.details[-1]["deployment"] == "checkout:live#2"
    story.to_the_end()
    assert ([each.number for each in story.deployments()], story.routing) == ([1, 2], Routing("2"))


@pytest.mark.parametrize(
    "changes",
    [AT_ONCE, {"function": {**QUICK["function"], **MORE}}],  # type: ignore[dict-item]
)
def test_the_same_bytes_with_another_manifest_take_the_place(story: Story, changes: Mapping[str, object]) -> None:
    story.play([PutManifest(), Drop("v2", None), PutManifest(changes), Drop("v2", None, AGAIN)])
    assert story.phase(1) is Phase.ROLLED_BACK
    assert story.phase(2) in (Phase.SHIFTING, Phase.BAKING)


def test_other_bytes_of_the_same_size_take_the_place(story: Story) -> None:
    story.play([Drop("v2"), Drop("v3")])
    assert [each.artifact.size for each in story.deployments()] == [story.deployments()[0].artifact.size] * 2
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


def test_where_a_newer_one_waits_the_bytes_in_flight_are_the_newest(story: Story) -> None:
    queue = {"on_newer": "queue"}
    story.play([Drop("v2", queue), Drop("v3"), Drop("v2", queue, AGAIN)])
    assert (story.phase(1), story.phase(2), story.deployments()[2].hold.queued) == (Phase.SHIFTING, Phase.FAILED, True)


def test_where_lambda_does_not_say_the_hash_they_take_the_place(story: Story) -> None:
    story.play([Drop("v2")])
    story.cloud.fail(lambda call: call.parameters.get("DryRun") is True, Fault.DENIED)
    story.play([Drop("v2", key=AGAIN)])
    assert story.phase(1) is Phase.ROLLED_BACK


def test_where_the_one_in_flight_turns_back_meanwhile_the_upload_is_one_like_any_other(story: Story) -> None:
    """The rollback comes when it has been seen that the bytes are the same, just before that is saved."""
    story.play([Drop("v2"), Before("TransactWriteItems", Ask("rollback")), Drop("v2", key=AGAIN)])
    assert [each.phase for each in story.deployments()] == [Phase.ROLLED_BACK, Phase.FAILED]
    reason = story.deployments()[1].reason
    assert reason and reason.cause is Cause.QUARANTINED


# -- what a person deploys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["events", "lambda"])
def test_who_deploys_what_is_taken_in_is_told_so_though_the_rest_of_it_failed(story: Story, service: str) -> None:
    """Asked again after that, the same bytes would be deployed again, and perhaps after they were rolled back."""
    story.play([Drop("v2"), Ask("rollback")])
    taken_in = len(story.cloud.calls) + 5
    story.cloud.fail(lambda call: call.number > taken_in and call.service == service, Fault.SERVICE_ERROR)
    story.play([Deploy("checkout/v2.zip", lift_quarantine=True)])
    answer = story.answers[-1]
    assert (answer["ok"], "failed" in (answer.get("unfinished") or answer["deployment"]["held_by"])) == (True, True)
    assert story.answers[-1]["deployment"]["deployment"] == "checkout:live#2"
    story.to_the_end()
    assert [each.phase for each in story.deployments()] == [Phase.ROLLED_BACK, Phase.SUCCEEDED]
    assert story.violations == []


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
    story.play([Carries("beta", "1"), Drop("v2", {**AT_ONCE, "alias": "beta"}), Drop("v3"), Asks("rollback")])
    story.to_the_end()
    promoted, asked = (Phase.SUCCEEDED, Cause.PROMOTED), (Phase.ROLLED_BACK, Cause.REQUESTED)
    beta, live = AllEnd((promoted,), "2", "beta"), AllEnd((asked,), "1")
    assert Both(beta, live).wrong(story) is None
    assert "checkout:live should have ended" in str(Both(beta, AllEnd((asked,), "3")).wrong(story))
    assert "checkout:beta should have ended" in str(Both(AllEnd((asked,), "2", "beta"), live).wrong(story))


def test_the_controllers_own_function_hears_through_its_alias(story: Story) -> None:
    story.play([IsTheController(), Drop("v2", AT_ONCE), Behave("v2", error="ImportError"), Minutes(1)])
    assert story.failures[-1] == "the version of the controller that the alias live chose does not start"
    assert story.phase() is Phase.BAKING


def test_an_alarm_is_heard_by_the_version_before_the_controllers_own(story: Story) -> None:
    baking = {"strategy": {"steps": [], "bake": "30m"}, "tests": []}
    story.play([IsTheController(), Drop("v2", baking), Until(Phase.BAKING), Behave("v2", error="ImportError")])
    story.to_the_end()
    assert (story.phase(), story.cause(), story.violations) == (Phase.ROLLED_BACK, Cause.ALARM, [])


def test_what_is_given_to_go_wrong_is_no_fault_of_the_sweep(story: Story) -> None:
    died = (Live("v1"), FailsAt("PublishVersion", Fault.CRASH_BEFORE), Drop("v2"))
    begun = Scenario("died", given=died, when=(), then=Ends(Phase.SUCCEEDED, "2")).begun()
    assert (begun.phase(), begun.cloud.plan.injected) == (Phase.PREPARING, 0)
