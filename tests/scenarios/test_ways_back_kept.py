"""A release that fails costs nothing that was there before: the way back of the last one, the same bytes, and room."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.model import Phase, Routing, Target
from tests.cloud.fault_steps import Fails
from tests.cloud.faults import Fault, Refusal
from tests.cloud.steps import Ask, Drop, Live, Minutes, Until, UntilNoted, UntilStep
from tests.cloud.story import Story, asking

PREVIOUS = Target("checkout", "previous")
SNAP = {"function": {"SnapStart": {"ApplyOn": "PublishedVersions"}}, "gates": {"errors": False, "min_invocations": 0}}
REPLICATED = Refusal(
    400,
    "InvalidParameterValueException",
    "Lambda was unable to delete arn:aws:lambda:us-east-1:123456789012:function:checkout:2 because it is a replicated"
    " function. Please see our documentation for Deleting Lambda@Edge Functions and Replicas.",
)


def timeline(story: Story, number: int) -> str:
    return "\n".join(entry.text for entry in story.deployments()[number - 1].timeline)


def backup(story: Story) -> Routing | None:
    return story.seen().routing(PREVIOUS)


def released() -> Story:
    """Version 2 serves, and version 1 is the way back."""
    return Story().play([Live("v1"), Drop("v2"), Until(Phase.SUCCEEDED)]).to_the_end()


# -- the backup alias -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", [UntilStep(1), Until(Phase.BAKING)], ids=["shifting", "baking"])
def test_after_a_rollback_the_way_back_of_the_release_before_is_there(until: Any) -> None:
    story = released().play([Drop("v3"), until])
    assert backup(story) == Routing("2")
    story.play([Ask("rollback")]).to_the_end()
    assert (story.routing, backup(story), story.violations) == (Routing("2"), Routing("1"), [])


def test_after_a_success_the_way_back_is_the_version_before() -> None:
    story = released().play([Drop("v3"), Until(Phase.SUCCEEDED)]).to_the_end()
    assert (story.routing, backup(story), story.violations) == (Routing("3"), Routing("2"), [])


def test_after_a_rollback_over_a_success_the_way_back_is_the_one_before() -> None:
    story = released().play([Drop("v3"), Until(Phase.SUCCEEDED), Minutes(11), Ask("rollback")]).to_the_end()
    assert (story.routing, backup(story), story.violations) == (Routing("2"), Routing("1"), [])
    story.play([Minutes(11), Ask("rollback")]).to_the_end()
    assert (story.routing, story.phase(), story.violations) == (Routing("1"), Phase.ROLLED_BACK, [])


@pytest.mark.parametrize("how", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.SERVICE_ERROR])
def test_so_it_is_whatever_fails_on_the_way(how: Fault) -> None:
    begun = released().play([Drop("v3"), Until(Phase.SUCCEEDED), Minutes(11)]).to_the_end()
    for nth in range(1, 25):
        story = begun.copy()
        story.cloud.fail(len(story.cloud.calls) + nth, how)
        story.play([Ask("rollback")]).to_the_end()
        assert (story.routing, backup(story), story.violations) == (Routing("2"), Routing("1"), []), nth


def test_two_failed_releases_in_a_row_keep_it_too() -> None:
    story = released()
    for code in ("v3", "v4"):
        story.play([Drop(code), UntilStep(1), Ask("rollback")]).to_the_end()
    assert (story.routing, backup(story), story.violations) == (Routing("2"), Routing("1"), [])


def test_a_controller_that_dies_at_any_call_of_the_rollback_puts_it_back() -> None:
    shifting = released().play([Drop("v3"), UntilStep(1)])
    before, done = len(shifting.cloud.calls), shifting.copy().play([Ask("rollback")])
    for call in range(len(done.cloud.calls) - before):
        story = shifting.copy().play([Fails(call, Fault.CRASH_AFTER), Ask("rollback")]).to_the_end()
        assert (story.routing, backup(story), story.violations) == (Routing("2"), Routing("1"), []), call


def test_a_backup_alias_that_somebody_moves_meanwhile_stays_where_it_is() -> None:
    story = released().play([Drop("v3"), UntilStep(1)])
    story.cloud.lambda_.functions["checkout"].aliases["previous"]["FunctionVersion"] = "3"
    story.play([Ask("rollback")]).to_the_end()
    assert backup(story) == Routing("3")
    assert "checkout:previous was left alone: somebody else has made it carry version 3" in timeline(story, 2)


def test_one_whose_version_is_deleted_meanwhile_stays_and_says_so() -> None:
    story = released().play([Drop("v3"), UntilStep(1)])
    del story.cloud.lambda_.functions["checkout"].versions["1"]
    story.play([Ask("rollback")]).to_the_end()
    assert (story.phase(), story.routing, backup(story)) == (Phase.ROLLED_BACK, Routing("2"), Routing("2"))
    assert "given up: UpdateAlias of checkout:previous to version 1 failed" in timeline(story, 2)


def test_the_version_that_it_is_to_keep_again_is_not_pruned_meanwhile() -> None:
    """The deployment before is still cleaning up when the next one has moved the backup alias."""
    story = Story().play([Live("v1")])
    for number in (2, 3):
        story.play([Drop(f"v{number}"), Until(Phase.SUCCEEDED)]).to_the_end()
    story.play([Drop("v4"), Until(Phase.BAKING)])
    usual, times = story.cloud.lambda_._list_versions_by_function, [Refusal(500, "ServiceException", "down")] * 9

    def listing(asked: Any) -> Any:
        if times:
            raise times.pop()
        return usual(asked)

    story.cloud.lambda_._list_versions_by_function = listing  # type: ignore[method-assign]
    story.play([Until(Phase.SUCCEEDED), Drop("v5"), UntilNoted("the alias was seen"), Minutes(1)])
    assert "old versions deleted: 2" in timeline(story, 3)
    assert (story.phase(), backup(story)) == (Phase.SHIFTING, Routing("4"))
    story.play([Ask("rollback")]).to_the_end()
    assert (backup(story), story.violations) == (Routing("3"), [])


# -- a rollback that is asked for twice -------------------------------------------------------------------------------


def test_a_rollback_that_is_sent_again_does_not_go_back_over_one_release_more() -> None:
    story = released().play([Drop("v3"), UntilStep(1), Ask("rollback")]).to_the_end()
    story.asks(asking("rollback"))
    assert story.routing == Routing("2")


def test_one_that_is_another_request_does() -> None:
    story = released().play([Drop("v3"), UntilStep(1), Ask("rollback")]).to_the_end()
    assert story.asks(asking("rollback", id="further", why="version 2 was bad, too"))
    story.to_the_end()
    assert (story.routing, story.phase(), story.violations) == (Routing("1"), Phase.ROLLED_BACK, [])


# -- a version that failed --------------------------------------------------------------------------------------------


def snapshots_fail(story: Story) -> list[bool]:
    """As long as the list holds something, a new version fails because of something outside."""
    lambda_, is_down = story.cloud.lambda_, [True]
    made = lambda_._new_version

    def new_version(function: Any, description: str) -> Any:
        if is_down:
            reason = {"StateReason": "An error occurred during initialization.", "StateReasonCode": "FunctionError"}
            lambda_.becomes = {"State": "Failed", **reason}
        return made(function, description)

    lambda_._new_version = new_version  # type: ignore[method-assign]
    return is_down


def test_the_same_zip_is_published_anew_once_the_cause_is_mended() -> None:
    story = Story().play([Live("v1")])
    is_down = snapshots_fail(story)
    for number in (1, 2, 3):
        story.play([Drop("v2", SNAP, key=f"checkout/{number}.zip")]).to_the_end()
        assert (story.phase(), "drop the artifact again" in timeline(story, number)) == (Phase.FAILED, True)
    is_down.clear()
    story.play([Drop("v2", SNAP, key="checkout/mended.zip")]).to_the_end()
    assert (story.phase(), story.violations) == (Phase.SUCCEEDED, [])
    assert story.routing == Routing("5")
    assert set(story.cloud.lambda_.functions["checkout"].versions) == {"1", "5"}


def test_a_failed_version_that_an_alias_points_to_is_left() -> None:
    story = Story().play([Live("v1")])
    snapshots_fail(story)
    story.play([Drop("v2", SNAP)]).to_the_end()
    story.cloud.lambda_.point("checkout", "theirs", "2")
    story.play([Drop("v2", SNAP, key="checkout/again.zip")]).to_the_end()
    assert (story.phase(), "2" in story.cloud.lambda_.functions["checkout"].versions) == (Phase.FAILED, True)
    assert "version 2 of checkout is not usable: State is Failed" in timeline(story, 2)


def test_a_failed_version_that_slipway_did_not_make_is_left() -> None:
    story = Story().play([Live("v1")])
    snapshots_fail(story)
    story.play([Drop("v2", SNAP)]).to_the_end()
    story.cloud.lambda_.functions["checkout"].versions["2"]["Description"] = "made by a pipeline"
    story.play([Drop("v2", SNAP, key="checkout/again.zip")]).to_the_end()
    assert set(story.cloud.lambda_.functions["checkout"].versions) == {"1", "2"}


# -- a version that cannot be deleted ---------------------------------------------------------------------------------


def released_with(stuck: set[str], refusal: Refusal, last: int = 9) -> Story:
    """Lambda does not delete these versions; version 1 is not Slipway's."""
    story = Story().play([Live("v1")])
    usual = story.cloud.lambda_._delete_function

    def delete(asked: Any) -> Any:
        if asked.get("Qualifier") in stuck:
            raise refusal
        return usual(asked)

    story.cloud.lambda_._delete_function = delete  # type: ignore[method-assign]
    for number in range(2, last + 1):
        story.play([Drop(f"v{number}"), Until(Phase.SUCCEEDED)]).to_the_end()
    return story


@pytest.mark.parametrize(
    "refusal",
    [
        REPLICATED,
        Refusal(400, "SomethingNewException", "Lambda was unable to delete it."),
        Refusal(403, "AccessDeniedException", "... because an explicit deny in a service control policy"),
    ],
    ids=lambda refusal: refusal.code,
)
def test_the_versions_behind_one_that_cannot_be_deleted_are_deleted(refusal: Refusal) -> None:
    story = released_with({"2", "4"}, refusal)
    assert set(story.cloud.lambda_.functions["checkout"].versions) == {"1", "2", "4", "8", "9"}
    assert story.violations == []


def test_each_is_noted_once_with_what_can_be_done() -> None:
    story = released_with({"2", "4"}, REPLICATED)
    told = "\n".join(timeline(story, number) for number in range(1, 9))
    assert (told.count("version 2 is not deleted"), told.count("version 4 is not deleted")) == (1, 1)
    assert "because it is a replicated function" in told
    assert "delete it by hand once nothing holds it, or leave it" in told
    assert "drop it again" not in told


def test_one_that_is_let_go_later_is_deleted_then() -> None:
    stuck = {"2"}
    story = released_with(stuck, REPLICATED, last=5)
    assert "2" in story.cloud.lambda_.functions["checkout"].versions
    stuck.clear()
    story.play([Drop("v6"), Until(Phase.SUCCEEDED)]).to_the_end()
    assert set(story.cloud.lambda_.functions["checkout"].versions) == {"1", "5", "6"}


def test_a_version_that_lambda_fails_to_delete_for_ever_does_not_keep_the_deployment_at_work() -> None:
    story = released_with({"2"}, Refusal(500, "ServiceException", "An internal error occurred."), last=4)
    assert set(story.cloud.lambda_.functions["checkout"].versions) == {"1", "2", "3", "4"}
    assert "given up: old versions could not be deleted; the next deployment tries again" in timeline(story, 3)
