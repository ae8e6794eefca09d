"""The numbers of a deployment's own alarm, and the stable version's rate that it compares the bake with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.gates import own_alarm
from controller.core.model import Deployment, Phase
from controller.core.statistics.before_after import NOTHING_KNOWN, ServedBefore
from controller.core.statistics.history import History, Kind
from controller.core.statistics.shift import Shift
from tests.builders import after, changed, confirmed, seen, shift

CANARY = seen(None)
ENOUGH, TOO_FEW = ServedBefore(5_400, 12), ServedBefore(3, 0)


def unread(**changes: Any) -> Deployment:
    """Returns a bake whose alarm has no rate of the stable version yet; all requests are counted after 90 seconds."""
    return changed(confirmed(Phase.BAKING, stable_before=None, shift=shift()), **changes)


# -- the numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spread", "errors"), [(1.0, 3), (1.4, 4), (10.0, 30)])
def test_three_bursts_of_errors_make_a_minute_bad(spread: float, errors: int) -> None:
    assert own_alarm.least_errors(History(Kind.BURSTY, spread)) == errors


def test_without_a_history_errors_come_one_by_one() -> None:
    assert own_alarm.least_errors(None) == 3


@pytest.mark.parametrize(("seconds", "minutes"), [(3, 5), (60, 5), (61, 6), (900, 19)])
def test_the_alarm_watches_as_long_as_a_request_may_run_and_two_bad_minutes_more(seconds: int, minutes: int) -> None:
    assert own_alarm.minutes_watched(timedelta(seconds=seconds)) == minutes


# -- the stable version's rate ----------------------------------------------------------------------------------------


def test_the_rate_is_read_once_the_last_minutes_of_the_shift_are_counted() -> None:
    assert not own_alarm.before_is_due(unread(), after(seconds=89))
    assert own_alarm.before_is_due(unread(), after(seconds=90))


@pytest.mark.parametrize(
    "changes",
    [{"confirmed_at": None}, {"shift": Shift()}, {"stable_before": ENOUGH}, {"closing": True}, {"stable": None}],
    ids=["not seen on the alias", "no day before", "read", "closing", "first deployment"],
)
def test_the_rate_is_not_read_before_it_can_be_or_where_nothing_needs_it(changes: dict[str, Any]) -> None:
    assert not own_alarm.before_is_due(unread(**changes), after(minutes=10))


def test_a_rate_of_enough_requests_is_noted_without_a_word() -> None:
    found = own_alarm.note(unread(), seen(None, stable_before=ENOUGH), after(minutes=2))
    assert (found.evidence.stable_before, found.timeline) == (ENOUGH, ())


def test_a_rate_of_too_few_requests_is_noted_and_told() -> None:
    found = own_alarm.note(unread(), seen(None, stable_before=TOO_FEW), after(minutes=2))
    assert found.evidence.stable_before == TOO_FEW
    assert found.timeline[-1].text == (
        "3 requests to say how often version 2 failed before: in the bake the deployment's own alarm fires only if over"
        " 90% of the requests fail, and the bytes are not quarantined for it"
    )


def test_cloudwatch_is_asked_for_five_minutes_and_then_given_up_in_words() -> None:
    baking = unread()
    assert own_alarm.note(baking, CANARY, after(minutes=4.9)) is baking
    found = own_alarm.note(baking, CANARY, after(minutes=5))
    assert found.evidence.stable_before == NOTHING_KNOWN
    assert found.timeline[-1].text.startswith("no answer of CloudWatch to say how often version 2 failed before:")


def test_a_rate_that_is_known_is_not_read_again() -> None:
    known = unread(stable_before=ENOUGH)
    assert own_alarm.note(known, seen(None, stable_before=TOO_FEW), after(minutes=2)) is known
