"""The line in the alias's description: what is written is read again, and when an alarm may act on it alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.model import Alias, Cause, Phase, Reason, Routing, Target
from controller.core.model.events import AlarmFired
from controller.core.routing import alias_description
from controller.core.routing.alias_description import (
    AliasDescription,
    is_armed,
    own_alarm,
    read,
    rolled_back,
    serves,
    way_back,
    write,
)
from tests.builders import CHECKOUT, NOW, armed, deployment

PREFIX = "slipway/"
OWN = "slipway/checkout/live/42"
SPLIT = Routing("2", "3", 1000)
STABLE = Routing("2")
CANARY = Routing("3")
ALARM = AlarmFired(OWN, NOW, CHECKOUT, "3")
LONGEST_DESCRIPTION = 256


def alias(routing: Routing = SPLIT, line: str | None = None) -> Alias:
    return Alias(routing, "revision-1", armed() if line is None else line)


# -- the forms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "changes", "freezes", "line", "crumb"),
    [
        (
            Phase.SHIFTING, {}, False,
            "slipway #42 deploys 3, back to 2", AliasDescription(42, "3", "2", armed=True, rolled_back=False),
        ),
        (
            Phase.BAKING, {}, False,
            "slipway #42 deploys 3, back to 2", AliasDescription(42, "3", "2", armed=True, rolled_back=False),
        ),
        (
            Phase.SHIFTING, {}, True,
            "slipway #42 deploys 3", AliasDescription(42, "3", None, armed=False, rolled_back=False),
        ),
        (
            Phase.BAKING, {"closing": True}, False,
            "slipway #42 deployed 3", AliasDescription(42, "3", None, armed=False, rolled_back=False),
        ),
        (
            Phase.BAKING, {"stable": None}, False,
            "slipway #42 deployed 3", AliasDescription(42, "3", None, armed=False, rolled_back=False),
        ),
        (
            Phase.ROLLING_BACK, {"reason": Reason(Cause.ALARM, "alarm a: b is firing")}, False,
            "slipway #42 rolled back 3 to 2: alarm a: b is firing",
            AliasDescription(42, "3", "2", armed=False, rolled_back=True, why="alarm a: b is firing"),
        ),
        (
            Phase.ROLLING_BACK, {"reason": Reason(Cause.REQUESTED, "a person asked")}, False,
            "slipway #42 rolled back 3 to 2 (requested): a person asked",
            AliasDescription(
                42, "3", "2", armed=False, rolled_back=True, why="a person asked", cause=Cause.REQUESTED
            ),
        ),
        (
            Phase.ROLLING_BACK, {}, False,
            "slipway #42 rolled back 3 to 2", AliasDescription(42, "3", "2", armed=False, rolled_back=True),
        ),
    ],
    ids=["shifting", "baking", "freezes", "closing", "first", "back", "back by request", "back without a reason"],
)  # fmt: skip
def test_a_line_that_was_written_is_read_again(
    phase: Phase, changes: dict[str, Any], freezes: bool, line: str, crumb: AliasDescription
) -> None:
    written = write(deployment(phase, **changes), freezes=freezes)
    assert written == line
    assert read(written) == crumb


@pytest.mark.parametrize(
    "description",
    [
        "",
        "made by hand",
        "slipway",
        "slipway #x deploys 3",
        "slipway #42 deploys $LATEST",
        "slipway #42 deploys 3, back to 2 please",
        "slipway #42 deploys 3, back to 2\n",
        " slipway #42 deploys 3, back to 2",
        "Slipway #42 deploys 3, back to 2",
    ],
)
def test_a_description_that_slipway_did_not_write_says_nothing(description: str) -> None:
    assert read(description) is None


@given(st.text())
def test_any_description_can_be_read(description: str) -> None:
    crumb = read(description)
    assert crumb is None or description.startswith("slipway #")


# -- reasons ----------------------------------------------------------------------------------------------------------

HOSTILE = [
    "",
    "x" * 5000,
    "line\nbreak\r\n\ttab\x00nul",
    "slipway #42 deploys 9, back to 1",
    "to 7: back to 8",
    ": : :",
    "\u2028\u2029\x85\x0b",
    "Prüfung “überfällig” — 日本語",
]


@pytest.mark.parametrize("why", HOSTILE)
def test_no_reason_can_change_what_a_line_says(why: str) -> None:
    crumb = read(rolled_back(42, "3", "2", Reason(Cause.REQUESTED, why)))
    assert crumb is not None
    assert (crumb.number, crumb.canary, crumb.stable) == (42, "3", "2")
    assert (crumb.armed, crumb.rolled_back) == (False, True)


@given(st.text(max_size=400))
def test_a_line_fits_into_a_description_whatever_the_reason(why: str) -> None:
    line = rolled_back(42, "3", "2", Reason(Cause.REQUESTED, why))
    crumb = read(line)
    assert len(line) <= LONGEST_DESCRIPTION
    assert crumb is not None
    assert crumb.rolled_back


@pytest.mark.parametrize("why", ["\ud800", "a\ud83d", "😀" * 300], ids=["half a character", "cut in half", "astral"])
def test_lambda_can_take_a_line_whatever_characters_the_reason_has(why: str) -> None:
    """A rollback must not be refused for the text that explains it, however AWS counts characters."""
    line = rolled_back(42, "3", "2", Reason(Cause.REQUESTED, why))
    assert len(line.encode("utf-8")) <= LONGEST_DESCRIPTION


def test_a_reason_that_fits_is_kept_whole() -> None:
    crumb = read(rolled_back(42, "3", "2", Reason(Cause.REQUESTED, "a person asked: smells")))
    assert crumb is not None
    assert (crumb.cause, crumb.why) == (Cause.REQUESTED, "a person asked: smells")


@pytest.mark.parametrize("text", ["", "(hook): x", "x"])
@pytest.mark.parametrize("cause", Cause)
def test_a_line_keeps_its_cause(cause: Cause, text: str) -> None:
    crumb = read(rolled_back(42, "3", "2", Reason(cause, text)))
    assert crumb is not None
    assert (crumb.cause, crumb.why, crumb.rolled_back) == (cause, text, True)


def test_a_cause_that_another_release_gave_is_another_cause() -> None:
    crumb = read("slipway #42 rolled back 3 to 2 (moonlight): it shone")
    assert crumb is not None
    assert (crumb.cause, crumb.why) == (Cause.OTHER, "it shone")


# -- the way back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [SPLIT, Routing("2", "3", 9900), CANARY], ids=str)
def test_the_deployments_own_alarm_brings_the_stable_version_back(routing: Routing) -> None:
    assert way_back(alias(routing), ALARM, PREFIX) == (STABLE, f"slipway #42 rolled back 3 to 2: alarm {OWN} is firing")


def test_the_description_that_a_rollback_leaves_is_no_way_back() -> None:
    found = way_back(alias(), ALARM, PREFIX)
    assert found is not None
    assert way_back(Alias(*found[:1], "revision-2", found[1]), ALARM, PREFIX) is None


@pytest.mark.parametrize(
    "name",
    ["checkout-p99", "slipway/checkout/live/41", "slipway/checkout/live/421", "other/checkout/live/42", ""],
)
def test_an_alarm_of_another_name_counts_only_while_the_record_is_out_of_reach(name: str) -> None:
    alarm = replace(ALARM, name=name)
    assert way_back(alias(), alarm, PREFIX) is None
    found = way_back(alias(), alarm, PREFIX, any_alarm=True)
    assert found is not None
    assert found[0] == STABLE


@pytest.mark.parametrize("any_alarm", [False, True])
@pytest.mark.parametrize(
    "alarm",
    [
        replace(ALARM, version="2"),
        replace(ALARM, version="9"),
        replace(ALARM, version=None),
        replace(ALARM, target=None),
    ],
    ids=["the stable version", "another version", "no version", "no target"],
)
def test_an_alarm_that_is_not_about_the_canary_is_no_reason(alarm: AlarmFired, any_alarm: bool) -> None:
    assert way_back(alias(), alarm, PREFIX, any_alarm=any_alarm) is None


def test_a_canary_that_lambda_is_moving_provisioned_concurrency_to_is_brought_back_too() -> None:
    """Lambda itself gives the stable version a weight for that time."""
    back = way_back(alias(Routing("3", "2", 1000)), ALARM, PREFIX)
    assert back is not None
    assert back[0] == STABLE


@pytest.mark.parametrize("any_alarm", [False, True])
@pytest.mark.parametrize(
    "routing",
    [STABLE, Routing("7"), Routing("7", "3", 1000), Routing("2", "9", 1000), Routing("3", "9", 1000)],
    ids=str,
)
def test_a_line_is_not_believed_over_a_routing_that_it_does_not_fit(routing: Routing, any_alarm: bool) -> None:
    assert way_back(alias(routing), ALARM, PREFIX, any_alarm=any_alarm) is None


@pytest.mark.parametrize("any_alarm", [False, True])
@pytest.mark.parametrize(
    "line",
    [
        "",
        "made by hand",
        "slipway #42 deployed 3",
        "slipway #42 deploys 3",
        "slipway #42 rolled back 3 to 2: alarm x is firing",
    ],
    ids=["none", "drift", "closed", "first or freezes", "rolled back"],
)
def test_an_alias_that_is_not_armed_gives_no_way_back(line: str, any_alarm: bool) -> None:
    assert way_back(alias(CANARY, line), ALARM, PREFIX, any_alarm=any_alarm) is None
    assert not is_armed(alias(CANARY, line))


@pytest.mark.parametrize("number", [None, 42])
def test_a_person_brings_back_what_an_armed_alias_carries(number: int | None) -> None:
    found = alias_description.way_back_by_request(
        alias(), number, Reason(Cause.REQUESTED, "a person asked: it is slow")
    )
    assert found == (STABLE, "slipway #42 rolled back 3 to 2 (requested): a person asked: it is slow")


@pytest.mark.parametrize(
    ("found", "number"),
    [
        (alias(), 41),
        (alias(line="slipway #42 deploys 3"), None),
        (alias(CANARY, "slipway #42 deployed 3"), None),
        (alias(line="theirs"), None),
        (alias(Routing("7")), None),
        (alias(STABLE, "slipway #42 rolled back 3 to 2 (requested): a person asked"), None),
    ],
    ids=["another deployment", "frozen", "closed", "theirs", "moved", "back"],
)
def test_a_person_moves_nothing_but_what_an_armed_alias_says(found: Alias, number: int | None) -> None:
    assert alias_description.way_back_by_request(found, number, Reason(Cause.REQUESTED, "a person asked")) is None


def test_an_armed_alias_is_armed() -> None:
    assert is_armed(alias())


def test_an_alarm_is_a_deployments_own_under_its_own_prefix_only() -> None:
    assert own_alarm("stack/", Target("checkout", "live"), 7) == "stack/checkout/live/7"
    assert way_back(alias(), ALARM, "stack/") is None
    assert way_back(alias(), replace(ALARM, name="stack/checkout/live/42"), "stack/") is not None


@pytest.mark.parametrize(
    "alarm",
    [
        replace(ALARM, target=None),
        replace(ALARM, target=Target("checkout", "beta")),
        replace(ALARM, name="slipway/latest"),
    ],
    ids=["of no target", "of another target", "of no number"],
)
def test_an_alarm_is_no_deployments_own_without_its_target_and_number(alarm: AlarmFired) -> None:
    assert alias_description.is_own(PREFIX, ALARM)
    assert not alias_description.is_own(PREFIX, alarm)


# -- whose traffic ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("routing", "stable", "canary", "is_so"),
    [
        (CANARY, "2", "3", True),
        (SPLIT, "2", "3", True),
        (CANARY, None, "3", True),
        (STABLE, "2", "3", False),
        (Routing("7", "3", 1000), "2", "3", False),
        (Routing("2", "9", 1000), "2", "3", False),
        (Routing("3", "9", 1000), "2", "3", False),
        (None, "2", "3", False),
        (STABLE, "2", None, False),
    ],
)
def test_a_routing_serves_the_canary_only_with_stable_beside_it(
    routing: Routing | None, stable: str | None, canary: str | None, is_so: bool
) -> None:
    assert serves(routing, stable, canary) is is_so


def test_the_longest_line_without_a_reason_leaves_room_for_one() -> None:
    most = "9" * 19
    line = alias_description.rolled_back(10**9, most, most, Reason(Cause.ALARMS_UNREADABLE, ""))
    assert len(line) < LONGEST_DESCRIPTION / 2
