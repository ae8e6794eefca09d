"""A demo that went as it must has no problem; every way in which it can go wrong is one, by name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cli.asking.answers import Count, Deployment, Evidence, Routing
from local.demo.alarms import Fired
from local.demo.alias import Carried
from local.demo.outcome import Outcome, closing, problems
from local.demo.releases import DROPS
from local.demo.run import reported
from local.demo.traffic import Answer
from local.stack import StackFailed

OWN_ALARM = "slipway/checkout/live/3"


def split(version: str, canary: str, percent: int) -> Routing:
    return Routing(version, ((canary, percent / 100),))


CHANGES = tuple(
    Carried(at, routing)
    for at, routing in (
        (0.0, None),
        (2.0, Routing("1")),
        (10.0, split("1", "2", 20)),
        (14.0, split("1", "2", 50)),
        (18.0, Routing("2")),
        (30.0, split("2", "3", 20)),
        (33.5, Routing("2")),
        (40.0, split("2", "4", 20)),
        (44.0, split("2", "4", 50)),
        (48.0, Routing("4")),
        (54.0, split("4", "5", 65)),
        (70.0, Routing("4")),
    )
)
DEPLOYMENTS = tuple(
    Deployment(f"checkout:live#{number}", drop.phase, f"checkout/{drop.file}", "v", drop.version, drop.cause, None)
    for number, drop in enumerate(DROPS, start=1)
)
ANSWERS = tuple(
    Answer(version, failed) for version in "12345" for failed in ({"4": (False,)}.get(version, (True, False)))
)


def judged(log: float) -> Evidence:
    return Evidence(4, Count(291, 14), Count(209, 0), log, 4.605)


EVIDENCE = {"2": judged(-0.7), "4": judged(0.0), "5": judged(5.361)}
AS_IT_MUST = Outcome(
    deployments=DEPLOYMENTS,
    live=Routing("4"),
    previous=Routing("2"),
    fired=(Fired(OWN_ALARM, 33.25),),
    evidence=EVIDENCE,
    changes=CHANGES,
    answers=ANSWERS,
    lost=(),
    seconds=81.5,
)


def but(**changes: Any) -> Outcome:
    return replace(AS_IT_MUST, **changes)


def with_deployment(number: int, **changes: Any) -> Outcome:
    found = list(DEPLOYMENTS)
    found[number - 1] = replace(found[number - 1], **changes)
    return but(deployments=tuple(found))


def without(routing: Routing) -> Outcome:
    return but(changes=tuple(change for change in CHANGES if change.routing != routing))


def test_a_demo_that_went_as_it_must_has_no_problem() -> None:
    assert problems(AS_IT_MUST) == ()


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (with_deployment(2, phase="ROLLED_BACK", cause="alarm"), "the deployments must end as"),
        (with_deployment(4, canary="5"), "the deployments must end as"),
        (with_deployment(6, cause="bad_artifact"), "the deployments must end as"),
        (but(deployments=DEPLOYMENTS[:4]), "the deployments must end as"),
        (but(live=split("2", "4", 50)), "the alias live must carry version 4 alone"),
        (but(live=None), "the alias live must carry version 4 alone"),
        (but(previous=Routing("1")), "the alias previous must carry version 2 alone"),
        (but(fired=()), "from v3's alarm to version 2 alone"),
        (but(fired=(Fired(OWN_ALARM, 20.0),)), "from v3's alarm to version 2 alone"),
        (but(fired=(Fired(OWN_ALARM, 34.0),)), "from v3's alarm to version 2 alone"),
        (but(fired=(*AS_IT_MUST.fired, Fired("slipway/checkout/live/2", 15.0))), "no alarm but v3's must fire"),
        (but(evidence={}), "the error gate must judge versions 2, 4 and 5"),
        (but(evidence={**EVIDENCE, "4": judged(4.7)}), "the error gate must judge versions 2, 4 and 5"),
        (but(evidence={**EVIDENCE, "5": judged(4.6)}), "the error gate must judge versions 2, 4 and 5"),
        (without(split("1", "2", 50)), "versions 2 and 4 must get 20, 50 and 100 %"),
        (without(split("2", "4", 20)), "versions 2 and 4 must get 20, 50 and 100 %"),
        (but(changes=(*CHANGES, Carried(72.0, Routing("5")))), "versions 2 and 4 must get 20, 50 and 100 %"),
        (but(answers=[one for one in ANSWERS if one.version != "3"]), "versions 3 and 5 must raise"),
        (but(answers=(*ANSWERS, Answer("4", True))), "versions 3 and 5 must raise"),
        (but(lost=("timed out",)), "no request must be lost; 1 were, first because of"),
        (but(seconds=120.5), "it must take at most 120 s; it took 120.5"),
    ],
)
def test_what_went_wrong_is_named(found: Outcome, problem: str) -> None:
    assert [each for each in problems(found) if each.startswith(problem)]


def test_the_last_line_says_what_was_found() -> None:
    assert AS_IT_MUST.line() == {
        "promoted": ["1", "2", "4"],
        "rolled_back": ["3", "5"],
        "rolled_back_by": {"3": "alarm", "5": "errors"},
        "evidence": {"2": 0.497, "4": 1.0, "5": 213.0},
        "live": {"version": "4", "weights": {}},
        "previous": "2",
        "requests": 9,
        "errors": 4,
        "seconds_alarm_to_alias": 0.25,
        "seconds_to_judge": 16.0,
        "seconds_total": 81.5,
    }


def test_the_last_line_says_what_is_missing_and_what_was_lost() -> None:
    line = but(live=None, fired=(), changes=CHANGES[:10], lost=("timed out",)).line()
    assert [line[key] for key in ("live", "seconds_alarm_to_alias", "seconds_to_judge")] == [None, None, None]
    assert line["requests"] == 10


@pytest.mark.parametrize("failure", [StackFailed("no bucket"), KeyError("a fault of the demo")])
def test_a_demo_that_ended_too_soon_still_says_that_it_is_not_ok(
    failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> Any:
        raise failure

    assert reported(fails) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out.splitlines()[-1]) == {"ok": False}
    assert str(failure) in printed.err


def test_a_demo_with_a_problem_is_not_ok_and_one_without_is(capsys: pytest.CaptureFixture[str]) -> None:
    statuses = [reported(lambda wrong=wrong: (wrong, {"previous": "2"})) for wrong in (("late",), ())]
    last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (statuses, last) == ([1, 0], [{"ok": False, "previous": "2"}, {"ok": True, "previous": "2"}])


def test_the_closing_sentence_counts_the_ends_and_says_what_to_try_next() -> None:
    told, then = closing(AS_IT_MUST).splitlines()
    assert told == "3 shipped, 2 brought back, 1 refused, 0.25 s from alarm to alias, 0 requests lost."
    assert "make local" in then
    assert "docs/tutorial.md" in then
    assert "alarm to alias" not in closing(replace(AS_IT_MUST, fired=()))
