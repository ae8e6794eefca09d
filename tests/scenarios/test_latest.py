"""``$LATEST`` is where versions are made, and callers of the bare function name run it: they keep what they had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.fault_steps import Before, FailsAt
from tests.cloud.faults import Fault, Refusal
from tests.cloud.steps import QUICK, Ask, Behave, Drop, Live, Minutes, Running, Until, UntilStep
from tests.cloud.story import Story
from tests.cloud.zips import code_of

BIGGER: Mapping[str, Any] = {
    "function": {
        **QUICK["function"],  # type: ignore[dict-item]
        "MemorySize": 512,
        "Environment": {"Variables": {"TABLE": "orders"}},
    }
}


def bare(story: Story) -> tuple[str, int, object]:
    """Returns what callers of the bare name run: the code, its memory and its environment."""
    latest = story.cloud.lambda_.functions["checkout"].latest
    found = latest.configuration
    return code_of(latest.running), found["MemorySize"], found.get("Environment", {}).get("Variables", {})


OLD, NEW = ("v1", 128, {}), ("v2", 512, {"TABLE": "orders"})


def changes(story: Story) -> list[str]:
    """Returns what was changed of ``$LATEST``, in order."""
    calls = (call for call in story.cloud.calls if not call.parameters.get("DryRun"))
    return [
        call.operation.removeprefix("UpdateFunction").lower()
        for call in calls
        if call.operation.startswith("UpdateFunction")
    ]


def timeline(story: Story, number: int = 1) -> str:
    return "\n".join(entry.text for entry in story.deployments()[number - 1].timeline)


@pytest.mark.parametrize("given", [Live("v1"), Running("v1")], ids=["released before", "being onboarded"])
@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_callers_of_the_bare_name_keep_what_they_had_until_the_end(given: Any, phase: Phase) -> None:
    story = Story().play([given, Drop("v2", BIGGER), Until(phase)])
    assert (story.phase(), bare(story)) == (phase, OLD)
    story.to_the_end()
    assert (story.phase(), bare(story), story.violations) == (Phase.SUCCEEDED, NEW, [])


def test_it_is_back_while_a_snapshot_is_still_being_made() -> None:
    story = Story().play([Live("v1")])
    story.cloud.lambda_.published_in *= 600
    story.play([Drop("v2", BIGGER), Minutes(2)])
    assert (story.phase(), bare(story)) == (Phase.PREPARING, OLD)
    story.play([Until(Phase.TESTING), Until(Phase.SUCCEEDED)]).to_the_end()
    assert (bare(story), story.violations) == (NEW, [])


def test_a_first_deployment_leaves_it_as_published() -> None:
    story = Story().play([Drop("v2", BIGGER), Until(Phase.SUCCEEDED)]).to_the_end()
    assert (story.phase(), bare(story)) == (Phase.SUCCEEDED, NEW)


@pytest.mark.parametrize("then", [Ask("rollback"), Behave("v2", error="ValueError")], ids=["asked", "by alarm"])
def test_a_rollback_leaves_it_as_it_is(then: Any) -> None:
    story = Story().play([Live("v1"), Drop("v2", BIGGER), UntilStep(1), then]).to_the_end()
    assert (story.phase(), bare(story), story.violations) == (Phase.ROLLED_BACK, OLD, [])
    assert changes(story) == ["configuration", "code"] * 2  # to publish, and right after that


def test_a_failed_test_leaves_it_as_it_is() -> None:
    story = Story().play([Live("v1"), Behave("v2", error="ValueError"), Drop("v2", BIGGER)]).to_the_end()
    assert (story.phase(), bare(story), story.violations) == (Phase.FAILED, OLD, [])


# -- the next deployment ----------------------------------------------------------------------------------------------


def test_the_next_deployment_starts_from_what_the_last_one_has_set() -> None:
    """It waits, and its turn comes in the very moment in which the first one succeeds."""
    story = Story().play([Live("v1"), Drop("v2", {**BIGGER, "on_newer": "queue"}), Until(Phase.SHIFTING), Drop("v3")])
    story.to_the_end()
    assert [each.phase for each in story.deployments()] == [Phase.SUCCEEDED] * 2
    assert (bare(story), story.violations) == (("v3", 512, {"TABLE": "orders"}), [])


def test_the_next_deployment_first_does_what_the_last_one_could_not() -> None:
    story = Story().play([Live("v1"), Drop("v2", BIGGER), Until(Phase.BAKING)])
    usual = story.cloud.lambda_._update_function_configuration

    def refuse(_: object) -> Any:
        raise Refusal(400, "InvalidParameterValueException", "Layer version arn:layer:1 does not exist.")

    story.cloud.lambda_._update_function_configuration = refuse  # type: ignore[method-assign]
    story.to_the_end()
    assert (story.phase(), bare(story)) == (Phase.SUCCEEDED, OLD)
    assert "$LATEST of checkout was not brought to version 2" in timeline(story)
    story.cloud.lambda_._update_function_configuration = usual  # type: ignore[method-assign]
    story.play([Drop("v3"), Until(Phase.SUCCEEDED)]).to_the_end()
    assert bare(story) == ("v3", 512, {"TABLE": "orders"})


# -- other hands ------------------------------------------------------------------------------------------------------


def test_code_that_somebody_puts_there_meanwhile_is_left_alone_and_said() -> None:
    story = Story().play([Live("v1"), Drop("v2", BIGGER), Until(Phase.SHIFTING)])
    latest = story.cloud.lambda_.functions["checkout"].latest
    latest.configuration, latest.code = story.cloud.lambda_.coded(latest.configuration, b"theirs"), b"theirs"
    story.to_the_end()
    assert (story.phase(), latest.code) == (Phase.SUCCEEDED, b"theirs")
    assert "$LATEST of checkout was left alone: somebody else has put other code there" in timeline(story)


def test_a_setting_that_somebody_changes_meanwhile_is_left_alone_and_said() -> None:
    story = Story().play([Live("v1"), Drop("v2", BIGGER), Until(Phase.SHIFTING)])
    story.cloud.lambda_.functions["checkout"].latest["MemorySize"] = 1024
    story.to_the_end()
    assert bare(story) == ("v2", 1024, {"TABLE": "orders"})
    assert "MemorySize of $LATEST of checkout was left alone: somebody else has changed it since" in timeline(story)


def test_settings_that_the_manifest_does_not_name_are_somebody_elses() -> None:
    """A stack has changed the function, and has published nothing: the new version takes that over."""
    story = Story().play([Live("v1")])
    story.cloud.lambda_.functions["checkout"].latest["Timeout"] = 20
    story.play([Drop("v2", BIGGER), Until(Phase.SHIFTING)])
    assert story.cloud.lambda_.functions["checkout"].latest["Timeout"] == 20
    story.play([Ask("rollback")]).to_the_end()
    assert story.cloud.lambda_.functions["checkout"].latest["Timeout"] == 20


# -- trouble ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TwoMinutes:
    """So long that a tick takes the deployment for one that nobody is at work on."""

    def play(self, story: Story) -> bool:
        story.minute()
        story.minute()
        return True


def calls_from(story: Story, operation: str) -> list[tuple[str, int]]:
    """Returns the calls of the next drop from the first one of that operation until the test: ("GetFunction", 2)."""
    told = story.copy().play([Drop("v2", BIGGER)])
    made = told.cloud.calls[len(story.cloud.calls) :]
    operations = [call.operation for call in made]
    found = made[operations.index(operation) : operations.index("Invoke")]
    return [(call.operation, call.nth - story.cloud.wire.made[call.operation]) for call in found]


def test_a_controller_that_dies_at_any_call_while_it_publishes_has_brought_it_back_before_traffic() -> None:
    live = Story().play([Live("v1")])
    for call, nth in calls_from(live, "UpdateFunctionConfiguration"):
        story = live.copy().play([FailsAt(call, Fault.CRASH_AFTER, nth), Drop("v2", BIGGER), Until(Phase.SHIFTING)])
        assert (story.phase(), bare(story)) == (Phase.SHIFTING, OLD), (call, nth)
        story.to_the_end()
        assert (story.phase(), bare(story), story.violations) == (Phase.SUCCEEDED, NEW, []), (call, nth)
        assert set(story.cloud.lambda_.functions["checkout"].versions) == {"1", "2"}


def test_a_second_controller_between_any_two_calls_does_not_put_the_new_code_there_again() -> None:
    """The first one has read the record, and goes on when the other one has published and brought it back."""
    live = Story().play([Live("v1")])
    for call, nth in calls_from(live, "UpdateFunctionCode"):
        story = live.copy().play([Before(call, TwoMinutes(), nth), Drop("v2", BIGGER), Until(Phase.BAKING)])
        assert (story.phase(), bare(story), story.violations) == (Phase.BAKING, OLD, []), (call, nth)


def test_what_cannot_be_put_back_is_said_and_tried_again_by_the_rollback() -> None:
    story = Story().play([Live("v1")])
    usual, refusals = story.cloud.lambda_._update_function_code, [True]

    def refuse(asked: Any) -> Any:
        if asked.get("DryRun") or not story.deployments()[-1].canary or not refusals:
            return usual(asked)
        refusals.pop()
        raise Refusal(400, "CodeStorageExceededException", "Code storage limit exceeded.")

    story.cloud.lambda_._update_function_code = refuse  # type: ignore[method-assign]
    story.play([Drop("v2", BIGGER), Until(Phase.SHIFTING)])
    assert (story.phase(), bare(story)) == (Phase.SHIFTING, ("v2", 128, {}))
    assert "$LATEST of checkout was not brought to version 1" in timeline(story)
    story.play([Ask("rollback")]).to_the_end()
    assert (story.phase(), bare(story), story.violations) == (Phase.ROLLED_BACK, OLD, [])


def test_where_it_cannot_be_brought_to_what_succeeded_for_too_long_the_next_deployment_is_told() -> None:
    story = Story().play([Live("v1"), Drop("v2", BIGGER), Until(Phase.BAKING)])
    usual = story.cloud.lambda_._update_function_code

    def fail(_: Any) -> Any:
        raise Refusal(500, "ServiceException", "An internal error occurred.")

    story.cloud.lambda_._update_function_code = fail  # type: ignore[method-assign]
    story.play([Until(Phase.SUCCEEDED), Minutes(17)])
    assert "given up: $LATEST could not be brought to version 2; the next deployment begins with it" in timeline(story)
    story.cloud.lambda_._update_function_code = usual  # type: ignore[method-assign]
    story.play([Drop("v3"), Until(Phase.SUCCEEDED)]).to_the_end()
    assert bare(story) == ("v3", 512, {"TABLE": "orders"})
