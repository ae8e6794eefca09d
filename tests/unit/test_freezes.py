"""Freezes as values: their scopes, the row of those in force, and a deployment's wait under one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.gates import freeze as gate
from controller.core.model import Phase, Target
from controller.core.model.deployment.hold.freeze_wait import FreezeWait
from controller.core.model.freezes import Freeze, Scope
from controller.core.model.freezes.row import MAX_FREEZES, Freezes
from tests.builders import CHECKOUT, NOW, ROUTINGS, after, changed, confirmed, deployment, seen

EVERYTHING = Freeze(Scope("all"), NOW, None, "alice", "holidays", "mark")


@pytest.mark.parametrize(
    "text", ["", "All", "prefix", "prefix ", "prefix a b", "check.out", "checkout:7", "a:b:c", "*"]
)
def test_a_text_that_is_no_scope_cannot_be_built(text: str) -> None:
    with pytest.raises(ValueError, match="not a scope"):
        Scope(text)


@pytest.mark.parametrize(
    ("text", "covers"),
    [("all", True), ("prefix che", True), ("prefix out", False), ("checkout", True), ("checkout:live", True),
     ("checkout:beta", False), ("checkou", False)],
)  # fmt: skip
def test_a_scope_covers_its_targets(text: str, covers: bool) -> None:
    assert Scope(text).covers(CHECKOUT) is covers


def test_a_function_named_all_is_frozen_by_its_alias_too() -> None:
    assert Scope("all:live").covers(Target("all", "live"))
    assert not Scope("all:live").covers(CHECKOUT)


def test_a_freeze_is_over_at_its_end_and_not_before() -> None:
    made = replace(EVERYTHING, until=after(minutes=5))
    assert [made.is_over(after(minutes=minutes)) for minutes in (4, 5)] == [False, True]


def test_there_is_one_freeze_a_scope() -> None:
    later = replace(EVERYTHING, since=after(minutes=1), why="outage")
    assert Freezes((EVERYTHING,)).with_newest(later, NOW).freezes == (later,)


def test_there_is_a_limit_and_those_that_are_over_do_not_count() -> None:
    full = Freezes(tuple(replace(EVERYTHING, scope=Scope(f"f{number}")) for number in range(MAX_FREEZES)))
    with pytest.raises(ValueError, match=f"{MAX_FREEZES} freezes are in force"):
        full.with_newest(EVERYTHING, NOW)
    over = replace(full, freezes=(*full.freezes[1:], replace(full.freezes[0], until=NOW)))
    assert len(over.with_newest(EVERYTHING, NOW).freezes) == MAX_FREEZES


def test_the_lifted_ones_are_remembered_and_only_the_last() -> None:
    freezes = Freezes()
    for number in range(30):
        freezes = freezes.with_newest(EVERYTHING, NOW).without(EVERYTHING, "bob", str(number), NOW, f"mark {number}")
    assert (len(freezes.lifted), freezes.lifted[0].why, freezes.freezes) == (20, "29", ())


def test_a_repeated_request_is_known_while_its_freeze_is_in_force_and_for_a_while_afterwards() -> None:
    lifted = Freezes((EVERYTHING,)).without(EVERYTHING, "bob", "", after(minutes=1), "unfreeze")
    scope, minute = EVERYTHING.scope, timedelta(minutes=1)
    assert Freezes((EVERYTHING,)).made_by("mark", scope, after(days=9)) == EVERYTHING
    assert (lifted.made_by("mark", scope, NOW), lifted.ended_of("mark", scope, NOW)) == (None, None)
    assert lifted.ended_of("mark", scope, NOW - 10 * minute) == lifted.lifted[0]
    assert lifted.lifted_by("unfreeze", scope, NOW) == lifted.lifted[0]
    assert lifted.lifted_by("unfreeze", scope, after(minutes=1)) is None
    assert lifted.lifted_by("unfreeze", Scope("checkout"), NOW) is None


def test_a_freeze_that_another_one_replaced_is_remembered_like_one_that_was_lifted() -> None:
    (before,) = Freezes((EVERYTHING,)).with_newest(replace(EVERYTHING, since=after(minutes=1), who="bob"), NOW).lifted
    assert (before.freeze, before.who, before.mark) == (EVERYTHING, "bob", "")


# -- the gate ---------------------------------------------------------------------------------------------------------

FROZEN = seen(ROUTINGS[Phase.SHIFTING], freezes=(EVERYTHING,))
CLEAR = seen(ROUTINGS[Phase.SHIFTING])
UNREAD = seen(ROUTINGS[Phase.SHIFTING], freezes=None)


@pytest.mark.parametrize(
    ("made", "minutes", "asked"),
    [
        (deployment(), 0, True),
        (deployment(queued=True), 0, False),
        (deployment(preflighted=True), 0, False),
        (deployment(Phase.TESTING), 0, False),
        (confirmed(Phase.SHIFTING), 4, False),
        (confirmed(Phase.SHIFTING), 5, True),
        (deployment(Phase.SHIFTING), 5, False),
        (confirmed(Phase.SHIFTING, drift="version 7"), 5, False),
        (confirmed(Phase.SHIFTING, newer=43), 0, True),
        (confirmed(Phase.BAKING), 60, False),
        (confirmed(Phase.BAKING, newer=43), 0, True),
        (confirmed(Phase.ROLLING_BACK, newer=43), 0, False),
    ],
)  # fmt: skip
def test_freezes_are_read_only_where_they_would_hold_something(made: object, minutes: int, asked: bool) -> None:
    assert gate.is_asked(made, after(minutes=minutes)) is asked  # type: ignore[arg-type]


def test_unread_freezes_hold_and_are_not_noted() -> None:
    made, now = confirmed(Phase.SHIFTING), after(minutes=5)
    assert gate.holds(made, UNREAD, now) == gate.UNREAD
    assert gate.note(made, UNREAD, now) is made


def test_a_wait_is_noted_once_and_its_end_too() -> None:
    made = gate.note(confirmed(Phase.SHIFTING), FROZEN, after(minutes=5))
    assert made.hold.freeze_wait == FreezeWait(after(minutes=5), EVERYTHING.identity)
    assert gate.note(made, FROZEN, after(minutes=9)) is made
    ended = gate.note(made, CLEAR, after(minutes=9)).hold.freeze_wait
    assert ended == FreezeWait(None, "", timedelta(minutes=4), after(minutes=9))


def test_another_freeze_takes_over_and_the_wait_goes_on() -> None:
    other = replace(EVERYTHING, scope=Scope("checkout"))
    made = gate.note(confirmed(Phase.SHIFTING), FROZEN, after(minutes=5))
    found = gate.note(made, seen(ROUTINGS[Phase.SHIFTING], freezes=(other,)), after(minutes=9))
    assert found.hold.freeze_wait == FreezeWait(after(minutes=5), other.identity)


def test_an_overridden_freeze_holds_no_more() -> None:
    made = gate.overridden(confirmed(Phase.SHIFTING), FROZEN)
    assert gate.holds(made, FROZEN, after(minutes=5)) is None


def test_the_deadline_moves_by_the_time_under_freezes() -> None:
    made = confirmed(Phase.SHIFTING)
    waiting = changed(made, freeze_wait=FreezeWait(after(minutes=5), "all", timedelta(hours=1)))
    assert waiting.deadline(after(minutes=15)) - made.deadline(NOW) == timedelta(hours=1, minutes=10)
    assert waiting.deadline() - made.deadline() == timedelta(hours=1)
