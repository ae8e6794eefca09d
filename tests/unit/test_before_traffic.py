"""Before any traffic: what each outcome leaves in the record, what ends a deployment, how the first percent begins."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.lifecycle.state_machine import Event, transition
from controller.core.manifest.settings import HookPoint
from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, Routing, TestOutcome, events, outcomes
from controller.core.model.deployment import Failing
from controller.core.model.deployment.hold.delay import DelayKind
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.model.observation import AlarmState
from tests.builders import NOW, after, artifact, changed, deployment, manifest, seen

STABLE, QUIET = seen(Routing("2"), alarms={"checkout-p99": AlarmState.OK}), {"checkout-p99": AlarmState.OK}
LATER = after(minutes=1)
BAD = Reason(Cause.BAD_ARTIFACT, "other bytes")
TESTED = frozenset({Milestone.IDENTIFIED, Milestone.TESTED})


def preparing(**changes: Any) -> Deployment:
    return deployment(Phase.PREPARING, **{"preflighted": True, "stable": "2", **changes})


def ready(**changes: Any) -> Deployment:
    """Returns a deployment whose tests have passed."""
    return deployment(Phase.TESTING, **{"done": TESTED, **changes})


def on(before: Deployment, event: Event) -> Deployment:
    return transition(before, event, STABLE, LATER)


def told(found: Deployment) -> str:
    return found.timeline[-1].text


# -- outcomes ---------------------------------------------------------------------------------------------------------


def test_preflight_leaves_the_way_back_and_what_the_stable_version_still_owes() -> None:
    older = artifact(key="checkout/2.zip")
    found = on(deployment(), outcomes.Preflighted("2", stable_artifact=older, behind=41)).versions
    assert (found.preflighted, found.stable, found.stable_artifact, found.behind) == (True, "2", older, 41)
    onboards = on(deployment(), outcomes.Preflighted(None, onboards=True)).versions
    assert (onboards.preflighted, onboards.stable, onboards.onboards) == (True, None, True)


def test_onboarding_leaves_the_version_to_go_back_to_and_tells_whoever_calls_the_function() -> None:
    found = on(preparing(stable=None, onboards=True), outcomes.Onboarded("1"))
    assert found.stable == "1"
    (notice,) = found.bookkeeping.outbox
    assert notice.text.startswith("onboarded: what checkout ran is version 1 now and checkout:live carries it; callers")


def test_the_hash_of_allowed_bytes_is_remembered() -> None:
    found = on(preparing(), outcomes.Identified("sha-3"))
    assert (found.versions.sha256, Milestone.IDENTIFIED in found.done) == ("sha-3", True)


@pytest.mark.parametrize("of", ["refused", "quarantined"])
def test_bytes_that_must_not_be_published_end_the_deployment(of: str) -> None:
    found = on(preparing(), outcomes.Identified("sha-3", **{of: BAD}))  # type: ignore[arg-type]
    assert (found.phase, found.reason) == (Phase.FAILED, BAD)


@pytest.mark.parametrize("note", ["", "MemorySize was left alone"])
def test_latest_that_was_brought_to_the_stable_version_is_not_behind_any_more(note: str) -> None:
    found = on(preparing(behind=41), outcomes.CaughtUp(note))
    assert (found.versions.behind, [entry.text for entry in found.timeline]) == (None, [note] if note else [])


def test_a_published_version_is_the_canary_with_the_hash_that_lambda_gave_it() -> None:
    found = on(preparing(sha256=None), outcomes.Published("3", "sha-of-lambda")).versions
    assert (found.canary, found.sha256) == ("3", "sha-of-lambda")


@pytest.mark.parametrize(("count", "words"), [(0, "0 tests"), (1, "1 test"), (2, "2 tests")])
def test_a_version_that_is_active_is_tested_and_people_are_told_by_how_many_tests(count: int, words: str) -> None:
    tests = [{"name": f"test-{number}"} for number in range(count)]
    found = on(preparing(canary="3", manifest=manifest(tests=tests)), outcomes.BecameActive())
    assert (found.phase, told(found)) == (
        Phase.TESTING,
        f"TESTING: version 3 is published; {words} before any traffic",
    )


def test_the_results_of_the_tests_stay_in_the_record() -> None:
    results = (TestOutcome("ping", True, 0.1), TestOutcome("pong", True, 0.2))
    found = on(deployment(Phase.TESTING), outcomes.Tested(results))
    assert (found.evidence.tests, told(found), Milestone.TESTED in found.done) == (results, "2 tests passed", True)


ENDING = Failing(BAD, NOW)
STILL: list[tuple[Phase, Event]] = [
    (Phase.PREPARING, outcomes.Published("3", "sha-3")),
    (Phase.PREPARING, outcomes.BecameActive()),
    (Phase.PREPARING, outcomes.EffectRefused(Reason(Cause.PUBLISH_FAILED, "no"))),
]


@pytest.mark.parametrize(("phase", "event"), STILL, ids=lambda each: getattr(type(each), "__name__", str(each)))
def test_a_deployment_that_is_ending_goes_on_ending_for_its_first_reason(phase: Phase, event: Event) -> None:
    ending = deployment(phase, preflighted=True, stable="2", done=TESTED, failing=ENDING)
    assert on(ending, event) == ending


def test_latest_that_cannot_be_restored_is_given_up_in_words_after_fifteen_minutes() -> None:
    ending = deployment(Phase.TESTING, done=TESTED, failing=ENDING)
    assert transition(ending, events.Tick(), STABLE, after(minutes=14.9)) == ending
    ended = transition(ending, events.Tick(), STABLE, after(minutes=15))
    assert (ended.phase, ended.reason, ended.failing) == (Phase.FAILED, BAD, None)
    assert ended.timeline[-2].text.startswith("given up: $LATEST could not be brought back to the stable version;")


def test_a_call_that_fails_for_too_long_ends_no_deployment_that_is_ending_already() -> None:
    delayed = outcomes.Delayed(DelayKind.FAILING, Reason(Cause.PUBLISH_FAILED, "no access"), "allow it")
    once = on(deployment(Phase.TESTING, done=TESTED, failing=ENDING), delayed)
    assert transition(once, delayed, STABLE, after(minutes=30)).failing == ENDING
    healthy = on(deployment(Phase.TESTING, done=TESTED), delayed)
    ended = transition(healthy, delayed, STABLE, after(minutes=30))
    assert ended.objection and ended.objection.cause is Cause.PUBLISH_FAILED


# -- the first percent ------------------------------------------------------------------------------------------------


def test_the_first_percent_is_told_with_both_versions() -> None:
    found = on(ready(), events.Tick())
    assert (found.phase, found.traffic.since, told(found)) == (
        Phase.SHIFTING,
        LATER,
        "SHIFTING: 10% to version 3, the rest to 2",
    )
    assert found.traffic.expected_routings == (Routing("2"), Routing("2", "3", 1000))


def test_a_strategy_without_steps_moves_all_traffic_at_once() -> None:
    found = on(ready(manifest=manifest(strategy={"steps": [], "bake": "30m"})), events.Tick())
    assert (found.phase, found.traffic.expected_routings) == (Phase.BAKING, (Routing("2"), Routing("3")))


@pytest.mark.parametrize(
    ("routing", "words"),
    [(Routing("7"), "version 7"), (Routing("2", "7", 1000), "version 2 with 10% to version 7")],
)
def test_an_alias_that_somebody_moved_meanwhile_is_not_shifted(routing: Routing, words: str) -> None:
    found = transition(ready(), events.Tick(), seen(routing, alarms=QUIET), LATER)
    text = f"the alias carries {words} now, not what it did when the deployment began"
    assert found.failing == Failing(Reason(Cause.DRIFT, text), LATER)


def test_a_first_deployment_makes_the_alias_and_overwrites_none() -> None:
    first = changed(ready(stable=None), onboards=False)
    assert transition(first, events.Tick(), seen(None, alarms=QUIET), LATER).phase is Phase.BAKING
    made_by_somebody = transition(first, events.Tick(), seen(Routing("1"), alarms=QUIET), LATER)
    assert (made_by_somebody.phase, made_by_somebody.reason and made_by_somebody.reason.cause) == (
        Phase.FAILED,
        Cause.DRIFT,
    )


@pytest.mark.parametrize(
    ("status", "minutes", "cause"),
    [
        (HookStatus.FAILED, 1, Cause.HOOK),
        (HookStatus.IN_PROGRESS, 10, Cause.HOOK_SILENT),
        (HookStatus.IN_PROGRESS, 9.9, None),
    ],
)
def test_a_hook_that_fails_or_is_silent_ends_the_deployment_before_any_traffic(
    status: HookStatus, minutes: float, cause: Cause | None
) -> None:
    asks = manifest(hooks={"before_traffic": {"function": "smoke", "wait": "10m", "then": "rollback"}})
    run = HookRun(HookPoint.BEFORE_TRAFFIC, 0, NOW, NOW, status, calls=1)
    found = transition(ready(manifest=asks, hooks=(run,)), events.Tick(), STABLE, after(minutes=minutes))
    assert found.phase is Phase.TESTING
    assert (found.failing.reason.cause if found.failing else None) is cause
