"""A function that was there before Slipway: it is onboarded once, and whatever comes after it keeps what it ran."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.core.lifecycle.test_results import Answer
from controller.core.model import Cause, Phase, Routing
from controller.core.model.outcomes import EffectRefused, Onboarded
from tests.adapters.fake_lambda import FakeLambda
from tests.adapters.publishing import preparing, publishing
from tests.builders import CHECKOUT
from tests.fakes import Function
from tests.scenarios.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.world.functions["checkout"] = Function(code="sha-theirs")
    return story


def _fails_its_test(story: Story) -> None:
    story.world.answers["2"] = Answer(None, "ValueError", 0.1)
    story.drops("v2", tests=[{"name": "ping"}])


def _is_rolled_back(story: Story) -> None:
    story.drops("v2").alarms()


def _is_dropped_by_a_person(story: Story) -> None:
    story.puts("v2").meanwhile("publishing.identify", lambda: story.asks("rollback"))
    story.hears(story.upload("v2"))


@pytest.mark.parametrize("happens", [_fails_its_test, _is_rolled_back, _is_dropped_by_a_person])
def test_after_a_failure_the_alias_and_latest_run_what_the_function_ran(
    story: Story, happens: Callable[[Story], None]
) -> None:
    happens(story)
    story.ticks(2)
    assert story.phase() in (Phase.FAILED, Phase.ROLLED_BACK)
    function = story.world.functions["checkout"]
    assert (story.routing, function.versions["1"], function.code) == (Routing("1"), "sha-theirs", "sha-theirs")


def test_the_next_drop_after_a_failure_finds_it_onboarded(story: Story) -> None:
    _fails_its_test(story)
    story.drops("v3")
    assert (story.phase(2), story.deployment(2).onboards, story.deployment(2).stable) == (Phase.SHIFTING, False, "1")


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
