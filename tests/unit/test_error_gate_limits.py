"""How much evidence the error gate needs, whose evidence it takes, and what status says of the bake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.gates import errors
from controller.core.manifest.settings import ErrorGate
from controller.core.model import Deployment, Phase, Routing
from controller.core.model.deployment import MetricEvidence
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import BakeEvidence
from controller.core.statistics.history import History, Kind
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import Past, Shift
from tests.builders import NOW, PAST, ROUTINGS, after, confirmed, manifest, seen, shift

SPLIT, CANARY = ROUTINGS[Phase.SHIFTING], Routing("3")
GATE = ErrorGate(significance=0.01, bake_significance=0.001)
OFF: dict[str, Any] = {"alarms": [], "errors": False, "min_invocations": 0}
ON = manifest(gates={**OFF, "errors": {"significance": 0.01, "bake_significance": 0.001}})
ORDERS = [{"namespace": "Shop", "bad": "Refused", "all": "Orders", "version": "Version"}]
METRICS = manifest(gates={**OFF, "metrics": ORDERS})
CLEAN = Past(History(Kind.CLEAN, 1.0, 1.0, 0.5, 0.5, 1_000.0), after(seconds=3) - NOW)
BAD, GOOD = Minute(100, 40, 900, 1), Minute(100, 1, 900, 9)
COUNTED = tuple(CountedMinute(after(minutes=place), GOOD) for place in range(3))


def found(*minutes: Minute, whole: float | None = None, past: Past = CLEAN) -> Shift:
    return replace(shift(*minutes, past=past), whole=whole)


def on(phase: Phase = Phase.SHIFTING, **changes: Any) -> Deployment:
    return confirmed(phase, **{"manifest": ON, "shift": found(), **changes})


# -- how much is enough -----------------------------------------------------------------------------------------------


def test_a_significance_of_one_percent_is_spent_on_the_looks_and_on_the_whole_counts() -> None:
    assert errors.enough_in_shift(GATE) == pytest.approx(125)
    assert errors.enough_of_whole(GATE) == pytest.approx(1_000)


@pytest.mark.parametrize(("odds", "is_proof"), [(999.0, False), (1_001.0, True)])
def test_the_whole_counts_are_proof_from_a_thousand_to_one_on(odds: float, is_proof: bool) -> None:
    baking = on(Phase.BAKING, shift=found(GOOD, whole=odds))
    assert (errors.danger(baking, seen(CANARY), NOW) is not None) is is_proof


def test_the_looks_are_proof_in_the_shift_and_once_the_whole_was_judged_but_not_in_between() -> None:
    """A person who promotes in spite of the looks is not overruled by the same evidence."""
    proved = found(BAD, BAD, BAD)
    assert proved.odds > 125
    assert errors.danger(on(shift=proved), seen(SPLIT), NOW)
    assert errors.danger(on(Phase.BAKING, shift=proved), seen(CANARY), NOW) is None
    assert errors.danger(on(Phase.BAKING, shift=replace(proved, whole=1.0)), seen(CANARY), NOW)
    assert errors.danger(on(Phase.ROLLING_BACK, shift=replace(proved, whole=1.0)), seen(Routing("2")), NOW) is None


def bad_bake(past: Past = CLEAN) -> BakeEvidence:
    minutes = [ServedMinute(after(minutes=place), 1_000, 500) for place in range(3)]
    return BakeEvidence(((1_000, 1),) * 5).after(minutes, past.history)


def test_the_bakes_own_evidence_counts_in_the_bake_alone_and_with_the_day_before_known() -> None:
    assert errors.danger(on(Phase.BAKING, bake=bad_bake()), seen(CANARY), NOW)
    assert errors.danger(on(Phase.SHIFTING, bake=bad_bake()), seen(SPLIT), NOW) is None
    assert errors.danger(on(Phase.BAKING, bake=bad_bake(), shift=Shift()), seen(CANARY), NOW) is None


# -- what is noted ----------------------------------------------------------------------------------------------------


def test_the_day_before_is_noted_once_with_the_longest_request() -> None:
    unread = on(shift=Shift().in_step(NOW, 1000))
    noted = errors.note_past(unread, seen(SPLIT, past=CLEAN, longest_timeout=after(seconds=9) - NOW), NOW).evidence
    assert (noted.shift.past, noted.longest_timeout) == (CLEAN, after(seconds=9) - NOW)
    known = on(longest_timeout=after(seconds=9) - NOW)
    assert errors.note_past(known, seen(SPLIT, past=PAST), NOW) is known
    assert errors.note_past(unread, seen(SPLIT), NOW) is unread


def test_a_longest_request_that_is_known_stays_if_this_look_did_not_ask() -> None:
    unread = on(shift=Shift().in_step(NOW, 1000), longest_timeout=after(seconds=9) - NOW)
    assert errors.note_past(unread, seen(SPLIT, past=CLEAN), NOW).evidence.longest_timeout == after(seconds=9) - NOW


def test_a_shift_that_an_older_release_began_is_judged_with_the_weight_of_its_step() -> None:
    older = on(shift=Shift(CLEAN), step=1)
    (begun,) = errors.note(older, seen(SPLIT, minutes=COUNTED), after(minutes=5)).evidence.shift.steps
    assert (begun.began, begun.weight) == (NOW, 5000)


def test_nothing_is_judged_before_the_first_percent_or_without_a_gate() -> None:
    for before in (on(since=None), on(manifest=manifest(gates=OFF))):
        assert errors.note(before, seen(SPLIT, minutes=COUNTED), after(minutes=5)) is before


@pytest.mark.parametrize(
    ("changes", "routing"),
    [({"drift": "version 7"}, CANARY), ({}, Routing("7")), ({}, SPLIT), ({"shift": Shift()}, CANARY)],
    ids=["drift", "somebody else's", "an earlier step", "no day before"],
)
def test_minutes_of_the_bake_count_only_while_all_requests_are_the_canarys(
    changes: dict[str, Any], routing: Routing
) -> None:
    before = on(Phase.BAKING, **{"bake": BakeEvidence(((1_000, 1),) * 5), **changes})
    baked = tuple(ServedMinute(after(minutes=place), 1_000, 1) for place in range(3))
    assert errors.note(before, seen(routing, baked=baked), after(minutes=30)).evidence.bake == before.evidence.bake
    counted = on(Phase.BAKING, bake=BakeEvidence(((1_000, 1),) * 5))
    noted = errors.note(counted, seen(CANARY, baked=baked), after(minutes=30))
    assert noted.evidence.bake.judgement.evidence.minutes == 3


# -- doubt ------------------------------------------------------------------------------------------------------------


def test_the_worst_of_what_is_judged_is_the_doubt() -> None:
    doubtful = MetricEvidence(found(Minute(100, 4, 900, 1)))
    both = manifest(gates={**OFF, "errors": {"significance": 0.01}, "metrics": ORDERS})
    words = errors.doubtful(on(manifest=both, metrics=(doubtful,)))
    assert words
    assert words.startswith("4 of 5 Refused were version 3's")


def test_errors_are_no_doubt_where_only_metrics_are_judged() -> None:
    bad = found(Minute(100, 4, 900, 1))
    assert errors.doubtful(on(shift=bad))
    assert errors.doubtful(on(shift=bad, manifest=METRICS, metrics=(MetricEvidence(found(GOOD)),))) is None
    assert errors.doubtful(on(shift=bad, manifest=METRICS)) is None  # before the first look at the metrics
    assert errors.doubtful(on(shift=bad, manifest=manifest(gates=OFF))) is None


# -- the end of the shift ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, True),
        ({"manifest": METRICS}, True),
        ({"manifest": manifest(gates=OFF)}, False),
        ({"stable": None}, False),
        ({"shift": Shift(CLEAN)}, False),
        ({"shift": found(GOOD, whole=1.0)}, False),
    ],
    ids=["errors", "metrics", "no gate", "no stable version", "no step", "judged"],
)
def test_a_finished_shift_is_judged_to_its_end_if_it_was_judged_and_only_once(
    changes: dict[str, Any], is_open: bool
) -> None:
    assert errors.end_is_open(on(Phase.BAKING, **{"shift": found(GOOD), **changes})) is is_open
    assert not errors.end_is_open(on(Phase.SHIFTING, **{"shift": found(GOOD), **changes}))


def test_a_bake_says_until_when_requests_of_the_shift_may_fail_and_a_closing_one_waits_for_none() -> None:
    baking = on(Phase.BAKING, shift=found(GOOD))
    assert errors.holds(baking, seen(CANARY), NOW) == (
        "requests that began before the promotion may still fail; they are judged when all have ended, at"
        " 2026-11-24T10:02:03+00:00"
    )
    assert errors.holds(on(Phase.BAKING, shift=found(GOOD), closing=True), seen(CANARY), NOW) is None


# -- what people are told ---------------------------------------------------------------------------------------------


def test_status_tells_of_the_bake_once_a_minute_of_it_was_judged() -> None:
    told: Any = errors.report(on(Phase.BAKING, bake=bad_bake()))["errors_in_bake"]
    assert (told["minutes"], told["log_evidence"]) == (3, round(bad_bake().judgement.evidence.log, 3))
    assert (told["canary"]["invocations"], told["canary"]["errors"]) == (3_000, 1_500)
    assert (told["stable"]["invocations"], told["stable"]["errors"]) == (3_000, 3)
    assert (told["rolls_back_at"], told["evidence"]) == (6.908, "13,700 to 1, rolls back at 1,000 to 1")
    assert errors.report(on(Phase.BAKING))["errors_in_bake"] is None
    unjudged = manifest(gates={**OFF, "errors": {"significance": 0.01, "bake_significance": False}})
    assert errors.report(on(Phase.BAKING, bake=bad_bake(), manifest=unjudged))["errors_in_bake"] is None


def test_status_tells_of_the_whole_counts_once_they_are_judged() -> None:
    told: Any = errors.report(on(Phase.BAKING, shift=found(GOOD, whole=2.0)))["errors"]
    assert told["whole_counts"].startswith("version 3 failed 1 of 100 (1 %) requests, version 2 9 of 900 (1 %) in the")
    assert errors.report(on(manifest=manifest(gates=OFF))) == {"errors": None, "errors_in_bake": None}
