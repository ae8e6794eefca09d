"""The error gate by transition: it judges while both versions serve, rolls back on proof, remembers what it saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from controller.core import report
from controller.core.gates import errors, order
from controller.core.lifecycle.due import due_at
from controller.core.lifecycle.quarantine import quarantines
from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Phase
from controller.core.model.events import PromoteRequested, Tick
from controller.core.model.observation import AlarmState
from controller.core.statistics.history import History, Kind
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import Past, Shift
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, manifest, seen
from tests.builders import shift as shift_of

SPLIT = ROUTINGS[Phase.SHIFTING]
QUIET = {"slipway/checkout/live/42": AlarmState.OK}
WATCHED = manifest(gates={"errors": {"significance": 0.01}, "min_invocations": 0})
UNWATCHED = manifest(gates={"errors": False, "min_invocations": 0})
CLEAN = Past(History(Kind.CLEAN, 1.0, 1.0, 0.5, 0.5, 1_000.0), after(seconds=3) - NOW)
BAD = Minute(100, 8, 900, 1)
GOOD = Minute(100, 0, 900, 1)


def shifting(**changes: Any) -> Deployment:
    return confirmed(Phase.SHIFTING, **{"manifest": WATCHED, "shift": Shift(CLEAN).in_step(NOW, 1000), **changes})


def looked(deployment: Deployment, *minutes: Minute, at: int | None = None) -> Deployment:
    """Returns the deployment after a look a minute and more after the last of these minutes, the first of NOW."""
    counted = tuple(CountedMinute(after(minutes=place), each) for place, each in enumerate(minutes))
    moment = after(minutes=len(minutes) + 1 if at is None else at)
    return transition(deployment, Tick(), seen(SPLIT, alarms=QUIET, minutes=counted), moment)


def watched(deployment: Deployment, *minutes: Minute) -> Deployment:
    """Returns the deployment after a look at each of these minutes, until the step or the phase changes."""
    for place in range(len(minutes)):
        now = looked(deployment, *minutes[: place + 1])
        if (now.traffic.step, now.phase) != (deployment.traffic.step, deployment.phase):
            return now
        deployment = now
    return deployment


def test_a_canary_that_fails_more_often_is_rolled_back_with_what_was_seen() -> None:
    back = watched(shifting(), BAD, BAD, BAD, BAD)
    assert back.phase is Phase.ROLLING_BACK
    assert back.reason and back.reason.cause is Cause.ERRORS
    assert back.reason.text == (
        "24 of 27 errors were version 3's, which has 10% of the requests; the evidence that 3 is worse than 2 is"
        " 1,330 to 1, by the split of the errors; rolls back at 125 to 1"
    )


def test_its_bytes_are_quarantined() -> None:
    assert quarantines(watched(shifting(), BAD, BAD, BAD))


def test_one_bad_minute_is_never_the_end() -> None:
    quiet = watched(shifting(), GOOD, GOOD, GOOD)
    assert watched(quiet, GOOD, GOOD, GOOD, Minute(100, 100, 900, 0)).phase is Phase.SHIFTING


def test_a_canary_that_fails_as_often_stays() -> None:
    long = manifest(strategy={"steps": [{"weight": 10, "hold": "5h"}], "bake": "5m"}, gates=WATCHED.document["gates"])
    assert watched(shifting(manifest=long), *[Minute(100, 1, 900, 9)] * 30).phase is Phase.SHIFTING


def test_a_look_that_finds_no_further_minute_changes_nothing() -> None:
    once = looked(shifting(), GOOD, BAD)
    assert looked(once, GOOD, BAD) is once


def test_an_error_that_comes_late_is_found_by_the_next_look() -> None:
    """The requests of a minute fail minutes after; CloudWatch then has them in the minute in which they began."""
    on_time, late = Minute(60, 0, 900, 1), Minute(100, 8, 900, 1)
    found = shifting()
    for place in range(1, 4):
        found = looked(found, *[late] * max(0, place - 2), *[on_time] * min(place, 2))
    assert (found.phase, found.evidence.shift.seen.canary_errors) == (Phase.SHIFTING, 8)
    assert looked(found, *[late] * 3, on_time).phase is Phase.ROLLING_BACK


def test_no_data_of_the_stable_version_is_not_taken_for_no_errors() -> None:
    """Both fail; the stable version's points come later than the canary's."""
    both, canary_alone = Minute(100, 50, 900, 450), Minute(100, 50, 0, 0)
    found = shifting()
    for place in range(1, 5):
        found = looked(found, *[both] * (place - 1), canary_alone)
    assert found.phase is Phase.SHIFTING
    assert (found.evidence.shift.seen.canary_errors, found.evidence.shift.seen.stable_errors) == (150, 1350)


def test_the_gate_can_be_turned_off() -> None:
    off = confirmed(Phase.SHIFTING, manifest=UNWATCHED)
    assert not errors.judges(off)
    assert looked(off, BAD, BAD).phase is Phase.SHIFTING


def test_nothing_is_judged_before_the_day_before_was_read() -> None:
    before = shifting(shift=Shift().in_step(NOW, 1000))
    unread = looked(before, BAD, BAD, BAD)
    assert unread.evidence.shift.evidence.units == 0
    counted = tuple(CountedMinute(after(minutes=place), BAD) for place in range(3))
    read = transition(before, Tick(), seen(SPLIT, alarms=QUIET, minutes=counted, past=CLEAN), after(minutes=4))
    assert read.evidence.shift.evidence.units == 1


def test_what_somebody_else_made_the_alias_carry_is_no_evidence() -> None:
    theirs = shifting(drift="version 7")
    assert looked(theirs, BAD, BAD, BAD).evidence.shift.evidence.units == 0
    assert looked(theirs, BAD, BAD, BAD).evidence.shift.seen.canary_errors == 24


def test_requests_that_cannot_be_counted_hold_the_step() -> None:
    uncounted = seen(SPLIT, alarms=QUIET, minutes=None)
    held = transition(shifting(), Tick(), uncounted, after(minutes=5))
    assert (held.traffic.step, held.evidence.unreadable_since) == (0, after(minutes=5))
    said = "the requests of both versions cannot be read from CloudWatch"
    assert order.holding(held, uncounted, after(minutes=5)) == said


def test_it_looks_at_every_tick_while_both_versions_serve() -> None:
    assert due_at(shifting(), NOW) == NOW
    assert due_at(confirmed(Phase.SHIFTING, manifest=UNWATCHED), NOW) == after(minutes=5)


def test_a_canary_that_really_gets_more_requests_may_have_more_errors() -> None:
    """Fourteen percent of the requests at a weight of ten, and fourteen percent of the errors."""
    more = Minute(14_000, 140, 86_000, 860)
    long = manifest(strategy={"steps": [{"weight": 10, "hold": "5h"}], "bake": "5m"}, gates=WATCHED.document["gates"])
    assert watched(shifting(manifest=long), *[more] * 60).evidence.shift.odds < 2


# -- in doubt, hold ---------------------------------------------------------------------------------------------------

DOUBTED = (GOOD, GOOD, GOOD, Minute(100, 2, 900, 1))


def test_a_step_in_doubt_is_held_for_another_hold_and_says_so() -> None:
    held = watched(shifting(), *DOUBTED)
    assert held.evidence.shift.odds > errors.DOUBT
    assert (held.traffic.step, held.hold.doubts) == (0, 1)
    assert held.timeline[-1].text.startswith("in doubt: step 1 is held for another 5m; 2 of 6 errors were version 3's")
    words = order.holding(held, seen(SPLIT, alarms=QUIET), after(minutes=6))
    assert words and words.startswith("in doubt, hold 2 of 4, for another 4m: 2 of 6 errors were version 3's")


def test_without_evidence_against_the_canary_the_step_goes_on() -> None:
    assert watched(shifting(), GOOD, GOOD, GOOD, GOOD).traffic.step == 1


def test_evidence_that_wears_off_lets_the_step_go_on_after_another_hold() -> None:
    went_on = watched(shifting(), *DOUBTED, *[GOOD] * 6)
    assert (went_on.traffic.step, went_on.hold.doubts) == (1, 0)


def test_doubt_holds_a_step_three_times_at_most() -> None:
    doubtful = [*DOUBTED, *[Minute(100, 1, 900, 4)] * 30]
    step_ended = watched(shifting(), *doubtful)
    assert (step_ended.traffic.step, step_ended.phase) == (1, Phase.SHIFTING)
    assert step_ended.timeline[-1].at == after(minutes=20)


def test_doubt_does_not_hold_a_step_beyond_the_deadline() -> None:
    strategy = {"steps": [{"weight": 10, "hold": "5m"}], "bake": "0s"}
    soon = manifest(gates=WATCHED.document["gates"], deadline="9m", strategy=strategy)
    assert watched(shifting(manifest=soon), *DOUBTED).phase is Phase.BAKING


def test_a_person_may_go_on_in_spite_of_doubt() -> None:
    held = watched(shifting(), *DOUBTED)
    assert transition(held, PromoteRequested(), seen(SPLIT, alarms=QUIET), after(minutes=6)).phase is Phase.BAKING


# -- the end of the shift ---------------------------------------------------------------------------------------------

LATE = Minute(1_000, 300, 9_000, 9)
BAKES = manifest(
    gates={"errors": {"significance": 0.01, "bake_significance": False}, "min_invocations": 0},
    strategy={"steps": [{"weight": 10, "hold": "5m"}], "bake": "30m"},
)


def baking(**changes: Any) -> Deployment:
    """Returns a deployment that was promoted at NOW + 10 minutes and saw no errors of its canary until then."""
    before = shift_of(*[Minute(1_000, 0, 9_000, 9)] * 9, past=CLEAN)
    promoted = {"phase_since": after(minutes=10), "manifest": BAKES, "shift": before, **changes}
    return changed(confirmed(Phase.BAKING, **promoted), confirmed_at=after(minutes=10))


def ended(deployment: Deployment, counts: Minute, minutes: float) -> Deployment:
    counted = tuple(CountedMinute(after(minutes=place), counts) for place in range(10))
    view = seen(ROUTINGS[Phase.BAKING], alarms=QUIET, ended=counted)
    return transition(deployment, Tick(), view, after(minutes=minutes))


def test_what_failed_late_in_the_shift_is_found_in_the_bake() -> None:
    back = ended(baking(), LATE, minutes=12.1)
    assert (back.phase, back.reason and back.reason.cause) == (Phase.ROLLING_BACK, Cause.ERRORS)


def test_the_whole_counts_find_what_the_looks_cannot() -> None:
    """The rest of a shift is one unit and multiplies by 30 at most, which is no proof by itself."""
    back = ended(baking(), LATE, minutes=12.1)
    assert back.evidence.shift.odds < 125
    assert back.reason and "version 3 failed 3,000 of 10,000 (30 %) requests" in back.reason.text
    assert "in the whole shift, now that all of them have ended" in back.reason.text


def test_a_burst_as_any_other_is_no_proof_by_the_whole_counts_where_bursts_are_rare() -> None:
    """Half of the requests are the canary's, and so is the one burst of 20 errors, as every other one is."""
    counted = [CountedMinute(after(minutes=each), Minute(500, 20 * (each == 3), 500, 0)) for each in range(9)]
    for spread, is_proof in ((19.0, False), (1.0, True)):
        seldom = Past(History(Kind.THIN, spread, 1.0, 0.1, 0.1, 1_000.0), CLEAN.longest)
        whole = Shift(seldom).in_step(NOW, 5_000).after_end(counted, after(minutes=9)).whole
        assert whole is not None
        assert (whole >= 1_000) is is_proof


def test_a_shift_whose_requests_may_still_run_is_not_yet_judged_to_its_end() -> None:
    assert ended(baking(), LATE, minutes=12).evidence.shift.whole is None


def test_the_end_of_a_good_shift_is_judged_once_and_changes_nothing() -> None:
    good = ended(baking(), Minute(1_000, 1, 9_000, 9), minutes=12.1)
    assert (good.phase, good.evidence.shift.whole is None) == (Phase.BAKING, False)
    assert ended(good, LATE, minutes=13) is good


def test_a_bake_lasts_until_all_requests_of_the_shift_have_ended() -> None:
    short = manifest(gates=BAKES.document["gates"], strategy={"steps": [{"weight": 10, "hold": "5m"}], "bake": "1m"})
    long = Past(CLEAN.history, after(minutes=15) - NOW)
    held = baking(manifest=short, shift=replace(baking().evidence.shift, past=long))
    view = seen(ROUTINGS[Phase.BAKING], alarms=QUIET)
    why = order.holding(held, view, after(minutes=20))
    assert why == (
        "requests that began before the promotion may still fail; they are judged when all have ended, at"
        " 2026-11-24T10:27:00+00:00"
    )
    assert due_at(held, after(minutes=20)) == after(minutes=20)
    assert transition(held, Tick(), view, after(minutes=20)).traffic.closing is False


def test_requests_that_cannot_be_counted_keep_no_bake_open_for_ever() -> None:
    short = manifest(gates=BAKES.document["gates"], strategy={"steps": [{"weight": 10, "hold": "5m"}], "bake": "1m"})
    view = seen(ROUTINGS[Phase.BAKING], alarms=QUIET)
    assert transition(baking(manifest=short), Tick(), view, after(minutes=26)).traffic.closing is False
    assert transition(baking(manifest=short), Tick(), view, after(minutes=28)).traffic.closing is True


def test_the_minute_in_which_a_step_begins_is_left_out_of_the_whole_counts() -> None:
    """Its requests are of two weights; beside the rest they would look like more errors of the canary."""
    steps = shift_of(Minute(100, 0, 900, 0), past=CLEAN).in_step(after(minutes=1.5), 5000)
    mixed = [Minute(100, 0, 900, 0), Minute(500, 400, 500, 0), Minute(500, 0, 500, 0)]
    counted = [CountedMinute(after(minutes=place), each) for place, each in enumerate(mixed)]
    assert steps.after_end(counted, after(minutes=3)).whole == 1.0


def test_whoever_promoted_in_spite_of_the_evidence_is_not_overruled_by_the_same_evidence() -> None:
    known = baking(shift=shift_of(*[BAD] * 9, past=CLEAN))
    assert known.evidence.shift.odds > 125
    assert ended(known, LATE, minutes=12.1).phase is Phase.BAKING


def test_without_a_bake_nothing_waits_for_late_requests() -> None:
    none = manifest(gates=BAKES.document["gates"], strategy={"steps": [{"weight": 10, "hold": "5m"}], "bake": "0s"})
    assert errors.end_due_at(baking(manifest=none)) is None


# -- what people are told ---------------------------------------------------------------------------------------------


def test_status_says_what_the_gate_has_seen_in_words_and_when_it_rolls_back() -> None:
    once = looked(shifting(), Minute(100, 3, 900, 1))
    found = report.full(once, seen(SPLIT, alarms=QUIET), NOW)["errors"]
    assert found == {
        "looks": 1,
        "canary": {"invocations": 100, "errors": 3, "in_words": "3 of 100 (3 %)"},
        "stable": {"invocations": 900, "errors": 1, "in_words": "1 of 900 (0.111 %)"},
        "log_evidence": 0.684,
        "rolls_back_at": 4.828,
        "evidence": "1.98 to 1, rolls back at 125 to 1",
        "in_doubt": True,
        "history": "clean",
        "in_words": (
            "3 of 4 errors were version 3's, which has 10% of the requests; the evidence that 3 is worse than 2 is"
            " 1.98 to 1, by the split of the errors"
        ),
        "whole_counts": None,
    }


def test_status_says_nothing_of_errors_before_the_first_look() -> None:
    assert report.full(shifting(), seen(SPLIT, alarms=QUIET), NOW)["errors"] is None


def test_versions_that_serve_in_turns_are_seen_by_the_gate_all_the_same() -> None:
    """The controller itself has one request a minute: no minute has some of both versions."""
    before = shifting(has_data=False)
    turns = (Minute(0, 0, 1, 0), Minute(1, 0, 0, 0), Minute(0, 0, 1, 0))
    assert looked(before, *turns).evidence.has_data
    assert not looked(before, *[Minute(0, 0, 1, 0)] * 3).evidence.has_data
