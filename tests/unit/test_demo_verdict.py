"""A story that went as it must has no problem; every way in which it can go wrong is one, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from local.demo.alarms import Fired
from local.demo.controller import Deployment
from local.demo.evidence import Evidence
from local.demo.facts import Counted, Facts
from local.demo.sightings import Routing, Sighting
from local.demo.traffic import Answer, Count
from local.demo.verdict import ENDS, problems, result, seconds_back, seconds_to_judge
from local.demo.versions import must_fail

OWN_ALARM = "slipway/checkout/live/3"


def split(version: str, canary: str, percent: int) -> Routing:
    return Routing(version, ((canary, percent / 100),))


SIGHTINGS = tuple(
    Sighting(at, routing)
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


def deployments() -> tuple[Deployment, ...]:
    return tuple(
        Deployment(
            name=f"checkout:live#{number}",
            phase=phase,
            artifact=f"checkout/{file}",
            artifact_version="v",
            canary=version,
            cause=cause,
            reason=None,
        )
        for number, (file, version, phase, cause) in enumerate(ENDS, start=1)
    )


def answers() -> tuple[Answer, ...]:
    """Returns 40 answers a second, in turn by the versions that the alias carried; they raised where they must."""
    given = []
    for number in range(100, 75 * 40):
        at = number / 40
        carried = [sighting.routing for sighting in SIGHTINGS if sighting.at <= at][-1]
        assert carried is not None
        versions = [carried.version, *dict(carried.weights)]
        version = versions[number % len(versions)]
        given.append(Answer(at, version, must_fail(version, number), number))
    return tuple(given)


def judged(log: float, requests: int = 291, errors: int = 0) -> Evidence:
    return Evidence(4, Count(requests, errors), Count(209, 0), log, 4.605)


JUDGED = {
    "checkout:live#2": (judged(-0.3), judged(-0.7)),
    "checkout:live#4": (judged(0.0),),
    "checkout:live#5": (judged(1.1, 59, 3), judged(5.361, 291, 14)),
}


def counted(**changes: Any) -> Facts:
    """Returns the facts of a story in which this was counted otherwise."""
    made = Counted(SIGHTINGS, answers(), (), JUDGED, 81.5)
    return facts(counted=replace(made, **changes))


def with_judged(number: int, *seen: Evidence) -> Facts:
    return counted(judged={**JUDGED, f"checkout:live#{number}": seen})


def facts(**changes: Any) -> Facts:
    """Returns the facts of a story that went as it must; ``changes`` replace them."""
    made = Facts(
        deployments=deployments(),
        live=Routing("4"),
        previous=Routing("2"),
        fired=(Fired(OWN_ALARM, 33.25),),
        counted=Counted(SIGHTINGS, answers(), (), JUDGED, 81.5),
    )
    return replace(made, **changes)


def with_deployment(number: int, **changes: Any) -> Facts:
    found = list(deployments())
    found[number - 1] = replace(found[number - 1], **changes)
    return facts(deployments=tuple(found))


def without(*routings: Routing) -> tuple[Sighting, ...]:
    return tuple(sighting for sighting in SIGHTINGS if sighting.routing not in routings)


def without_version(version: str) -> Sequence[Answer]:
    return tuple(replace(answer, version="2") if answer.version == version else answer for answer in answers())


def test_a_story_that_went_as_it_must_has_no_problem() -> None:
    assert problems(facts()) == ()


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (with_deployment(2, phase="ROLLED_BACK", cause="alarm"), "the deployments must have ended as"),
        (with_deployment(4, canary="5"), "the deployments must have ended as"),
        (with_deployment(6, cause="bad_artifact"), "the deployments must have ended as"),
        (facts(deployments=deployments()[:4]), "the deployments must have ended as"),
        (facts(live=split("2", "4", 50)), "the alias live must carry version 4 alone"),
        (facts(live=None), "the alias live must carry version 4 alone"),
        (facts(previous=Routing("1")), "the alias previous must carry version 2 alone"),
        (facts(fired=()), "from v3's alarm to version 2 alone"),
        (facts(fired=(Fired(OWN_ALARM, 20.0),)), "from v3's alarm to version 2 alone"),
        (facts(fired=(Fired(OWN_ALARM, 34.0),)), "from v3's alarm to version 2 alone"),
        (facts(fired=(*facts().fired, Fired("slipway/checkout/live/2", 15.0))), "no other alarm must have fired"),
        (counted(judged={}), "the controller must have judged requests of version 2"),
        (with_judged(2, judged(0.0, requests=0)), "the controller must have judged requests of version 2"),
        (with_judged(2, judged(0.0, requests=9_999)), "the controller must not have judged more requests of version 2"),
        (with_judged(4, judged(4.7)), "the evidence against version 4 must have stayed under its bar; it was 4.7"),
        (with_judged(5, judged(5.361, 291, 14)), "the evidence against version 5 must have grown to its bar"),
        (with_judged(5, judged(1.1), judged(4.6)), "the evidence against version 5 must have grown to its bar"),
        (counted(sightings=without(split("1", "2", 50))), "version 2 must have been seen to get"),
        (counted(sightings=without(split("2", "4", 20))), "version 4 must have been seen to get"),
        (counted(sightings=without(split("2", "3", 20))), "version 3 must have been seen to get"),
        (counted(sightings=without(split("4", "5", 65))), "version 5 must have been seen to get"),
        (counted(sightings=(*SIGHTINGS, Sighting(72.0, Routing("5")))), "version 5 must have been seen to get"),
        (counted(answers=without_version("3")), "version 3 must have raised"),
        (counted(answers=without_version("5")), "version 5 must have raised"),
        (counted(answers=(*answers(), Answer(20.0, "2", True, 58))), "versions must have raised on orders they cannot"),
        (counted(answers=(*answers(), Answer(20.0, "2", False, 57))), "versions must have raised on orders they"),
        (counted(lost=("timed out",)), "no request must be lost; 1 were, the first one because of timed out"),
        (counted(seconds=120.5), "the story must take at most 120 s; it took 120.5 s"),
    ],
)
def test_what_went_wrong_is_named(found: Facts, problem: str) -> None:
    assert [each for each in problems(found) if each.startswith(problem)]


def test_the_way_back_lasts_from_the_alarm_to_the_alias() -> None:
    assert seconds_back(facts()) == 0.25


def test_without_an_alarm_there_is_no_way_back() -> None:
    assert seconds_back(facts(fired=())) is None


def test_judging_lasts_from_the_first_share_to_the_alias() -> None:
    assert seconds_to_judge(facts()) == 16.0


def test_a_version_that_had_no_share_was_not_judged() -> None:
    assert seconds_to_judge(counted(sightings=without(split("4", "5", 65)))) is None


def test_the_last_line_says_what_was_found() -> None:
    assert result(facts(), ok=True) == {
        "ok": True,
        "promoted": ["1", "2", "4"],
        "rolled_back": ["3", "5"],
        "rolled_back_by": {"3": "alarm", "5": "errors"},
        "evidence": {"2": 0.497, "4": 1.0, "5": 213.0},
        "live": {"version": "4", "weights": {}},
        "previous": "2",
        "requests": len(answers()),
        "errors": sum(answer.failed for answer in answers()),
        "seconds_alarm_to_alias": 0.25,
        "seconds_to_judge": 16.0,
        "seconds_total": 81.5,
    }


def test_the_last_line_shows_weights_as_aws_does() -> None:
    assert result(facts(live=split("2", "4", 50)), ok=False)["live"] == {"version": "2", "weights": {"4": 0.5}}


def test_lost_requests_are_requests() -> None:
    assert result(counted(lost=("timed out",)), ok=False)["requests"] == len(answers()) + 1
