"""The acts of the controller's own deployments are judged by what came of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from local.demo.controller import Deployment
from local.demo.sightings import Routing
from local.demo_self.acts import ACTS, Act, Ending
from local.demo_self.story import Played
from local.demo_self.verdict import problems, result


def ended(ending: Ending, version: str) -> Deployment:
    return Deployment("slipway-controller:live#1", ending.phase, "a.zip", "1", version, ending.causes[0], "because")


def well(number: int, act: Act) -> Played:
    """An act as it must be: the first new controller is version 2, and no later one stays."""
    own = ended(act.controller, str(number + 2))
    shares = {"good": (50.0, 100.0), "fails-on-import": ()}.get(act.change.name, (100.0,))
    return Played(act, own, ended(act.function, "1"), True, shares, Routing("2"), "2", 10.0)


ALL_WELL = tuple(well(number, act) for number, act in enumerate(ACTS))


def test_where_every_act_went_well_nothing_is_wrong() -> None:
    assert problems(ALL_WELL) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"controller": None}, "the controller's deployment must end ROLLED_BACK, alarm; there is none"),
        ({"function": ended(Ending("FAILED", ("deadline",)), "1")}, "it is FAILED, deadline (because)"),
        ({"controller": ended(Ending("SUCCEEDED", ("promoted",)), "4")}, "it is SUCCEEDED, promoted (because)"),
        ({"controller": ended(Ending("ROLLED_BACK", ("requested",)), "4")}, "it is ROLLED_BACK, requested (because)"),
        ({"together": False}, "must have been open when the controller was dropped"),
        ({"shares": ()}, "must have been seen to get (100.0,) % of the events; it got () %"),
        ({"live": Routing("4")}, "the controller's alias must carry version 2 alone"),
        ({"live": Routing("2", (("4", 0.5),))}, "the controller's alias must carry version 2 alone"),
        ({"live": None}, "it carries None"),
        ({"answered": "4"}, "version 2 of the controller must answer status through its alias; 4 did"),
        ({"answered": None}, "None did"),
    ],
)
def test_what_is_wrong_is_said_by_the_act(changes: dict[str, Any], said: str) -> None:
    played = (*ALL_WELL[:2], replace(ALL_WELL[2], **changes), *ALL_WELL[3:])
    (problem,) = problems(played)
    assert problem.startswith("fails-on-ticks: ")
    assert said in problem


def test_what_fails_its_tests_gets_no_event() -> None:
    played = (ALL_WELL[0], replace(ALL_WELL[1], shares=(100.0,)), *ALL_WELL[2:])
    assert problems(played) == (
        "fails-on-import: the new controller must have been seen to get () % of the events; it got (100.0,) %",
    )


def test_an_act_that_was_not_played_is_missed() -> None:
    assert problems(ALL_WELL[:-1]) == ("stops-starting: it was not played",)


def test_the_last_line_tells_each_act() -> None:
    last = result(ALL_WELL, ok=True, seconds=88.234)
    assert (last["ok"], last["seconds_total"]) == (True, 88.23)
    acts: Any = last["acts"]
    assert acts["fails-on-import"] == {
        "controller": "FAILED",
        "cause": "test_failed",
        "function": "SUCCEEDED",
        "shares": (),
        "live": {"version": "2", "weights": {}},
        "answers_status": "2",
        "seconds": 10.0,
    }


def test_the_last_line_tells_an_act_of_which_nothing_came() -> None:
    nothing = replace(ALL_WELL[0], controller=None, function=None, live=None, answered=None)
    acts: Any = result((nothing,), ok=False, seconds=1.0)["acts"]
    assert (acts["good"]["controller"], acts["good"]["live"]) == (None, None)
