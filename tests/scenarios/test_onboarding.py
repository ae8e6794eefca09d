"""A function that was there before Slipway: it is onboarded once, and whatever comes after it keeps what it ran."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.core.model import Cause, Phase, Routing
from controller.core.model.outcomes import EffectRefused, Onboarded
from tests.adapters.fake_lambda import FakeLambda
from tests.adapters.publishing import preparing, publishing
from tests.builders import CHECKOUT
from tests.cloud.scene import Scene


@pytest.fixture
def story(story: Scene) -> Scene:
    return story.given_running("theirs")


def _fails_its_test(story: Scene) -> None:
    story.behaves("v2", error="ValueError")
    story.drops("v2", tests=[{"name": "ping"}])


def _is_rolled_back(story: Scene) -> None:
    story.drops("v2").alarms()


def _is_dropped_by_a_person(story: Scene) -> None:
    story.puts("v2").meanwhile("UpdateFunctionCode", lambda: story.requests("rollback"))
    story.tells(story.upload("v2"))


@pytest.mark.parametrize("happens", [_fails_its_test, _is_rolled_back, _is_dropped_by_a_person])
def test_after_a_failure_the_alias_and_latest_run_what_the_function_ran(
    story: Scene, happens: Callable[[Scene], None]
) -> None:
    happens(story)
    story.ticks(2)
    assert story.phase() in (Phase.FAILED, Phase.ROLLED_BACK)
    assert (story.routing, story.versions["1"], story.latest_code) == (Routing("1"), "theirs", "theirs")


def test_the_next_drop_after_a_failure_finds_it_onboarded(story: Scene) -> None:
    _fails_its_test(story)
    story.drops("v3")
    assert (story.phase(2), story.deployment(2).versions.onboards, story.deployment(2).stable) == (
        Phase.SHIFTING,
        False,
        "1",
    )


@pytest.mark.parametrize(
    ("version", "weights"), [("1", {"2": 0.1}), ("$LATEST", None)], ids=["it is split", "it is on $LATEST"]
)
def test_an_alias_that_somebody_makes_meanwhile_is_taken_only_where_it_is_a_way_back(
    version: str, weights: dict[str, float] | None
) -> None:
    """Preflight refuses such aliases; this one was made after it."""
    fake = FakeLambda()
    fake.function()
    fake.publish()
    fake.alias(CHECKOUT.alias, version, weights)
    outcome = publishing(fake).onboard(preparing(stable=None, onboards=True))
    assert isinstance(outcome, EffectRefused)
    assert outcome.reason.cause is Cause.PUBLISH_FAILED
    assert "somebody else has made checkout:live meanwhile" in outcome.reason.text
    assert fake.writes == []


def test_an_alias_that_is_made_between_two_calls_of_the_onboarding_is_looked_at_as_well() -> None:
    fake = FakeLambda()
    fake.function()
    fake.before["create_alias"] = lambda: fake.alias(CHECKOUT.alias, "$LATEST")
    assert isinstance(publishing(fake).onboard(preparing(stable=None, onboards=True)), EffectRefused)


def test_an_alias_that_is_made_meanwhile_on_one_version_is_the_way_back() -> None:
    fake = FakeLambda()
    fake.function()
    fake.publish()
    fake.alias(CHECKOUT.alias, "1")
    assert publishing(fake).onboard(preparing(stable=None, onboards=True)) == Onboarded("1")
