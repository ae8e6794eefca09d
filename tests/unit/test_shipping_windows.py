"""The shipping windows of a week: parsed, open and closed, over midnight and when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import pytest
from dateutil import tz

from controller.core.model.freezes.shipping_windows import ShippingWindows, parse


def zone(name: str) -> tzinfo | None:
    found = tz.gettz(name)
    return found if isinstance(found, tzinfo) else None


def windows(text: str) -> ShippingWindows:
    return parse(text, zone)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def closed(text: str, now: str) -> tuple[str, str] | None:
    """Returns since when and until when it is closed, None while it is open."""
    freeze = windows(text).freeze(at(now))
    if freeze is None:
        return None
    assert freeze.until is not None
    return freeze.since.strftime("%a %d %H:%M"), freeze.until.strftime("%a %d %H:%M")


OFFICE = "Mon-Thu 09:00-16:00 Europe/Berlin; Fri 09:00-12:00 Europe/Berlin"


def test_without_windows_it_is_always_allowed_to_ship() -> None:
    assert [windows(text).freeze(at("2026-12-24T03:00")) for text in ("", "  ", ";")] == [None] * 3


@pytest.mark.parametrize("now", ["2026-11-23T08:00", "2026-11-23T14:59", "2026-11-27T10:59"])
def test_inside_of_a_window_nothing_is_frozen(now: str) -> None:
    assert closed(OFFICE, now) is None


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2026-11-23T07:59", "Fri 20 11:00", "Mon 23 08:00"),
        ("2026-11-23T15:00", "Mon 23 15:00", "Tue 24 08:00"),
        ("2026-11-27T11:00", "Fri 27 11:00", "Mon 30 08:00"),
        ("2026-11-29T23:30", "Fri 27 11:00", "Mon 30 08:00"),
    ],
)
def test_outside_of_the_windows_it_is_closed_until_the_next(now: str, since: str, until: str) -> None:
    assert closed(OFFICE, now) == (since, until)


def test_the_freeze_outside_of_the_windows_is_of_everything_and_names_its_parameter() -> None:
    freeze = windows(OFFICE).freeze(at("2026-11-28T12:00"))
    assert freeze is not None
    assert freeze.in_words() == (
        "freeze of all until 2026-11-30T08:00:00+00:00, by the stack's parameter ShippingWindows: outside of the"
        " shipping windows"
    )


def test_one_time_between_two_windows_is_one_freeze_and_the_next_time_another() -> None:
    found = [windows(OFFICE).freeze(at(now)) for now in ("2026-11-23T16:00", "2026-11-24T05:00", "2026-11-24T16:00")]
    first, same, other = [each.identity for each in found if each]
    assert (first == same, first == other) == (True, False)


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = "Fri 22:00-02:00 UTC"
    assert closed(night, "2026-11-28T01:59") is None
    assert closed(night, "2026-11-28T02:00") == ("Sat 28 02:00", "Fri 04 22:00")
    assert closed(night, "2026-11-27T01:00") == ("Sat 21 02:00", "Fri 27 22:00")


def test_a_whole_day_ends_where_the_next_begins() -> None:
    assert closed("Mon-Sun 00:00-24:00 America/New_York", "2026-11-28T05:00") is None
    assert closed("Sat 00:00-24:00 UTC", "2026-11-28T23:59") is None
    assert closed("Sat 00:00-24:00 UTC", "2026-11-29T00:00") == ("Sun 29 00:00", "Sat 05 00:00")


def test_a_span_of_days_may_go_over_the_weekend() -> None:
    assert [closed("Sat-Mon 10:00-11:00 UTC", f"2026-11-{day}T10:30") is None for day in (27, 28, 29, 30)] == [
        False, True, True, True,
    ]  # fmt: skip


def test_days_may_be_listed() -> None:
    assert [closed("Mon,Wed-Thu 10:00-11:00 UTC", f"2026-11-{day}T10:30") is None for day in (23, 24, 25, 26, 27)] == [
        True, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-03-28T08:30", True), ("2026-03-28T07:30", False),  # winter: 09:30 and 08:30
        ("2026-03-29T07:30", True), ("2026-03-29T14:30", False),  # summer from this night on: 09:30 and 16:30
        ("2026-10-24T07:30", True), ("2026-10-25T07:30", False), ("2026-10-25T08:30", True),
    ],
)  # fmt: skip
def test_the_hours_are_those_of_the_clocks_on_the_wall(now: str, is_open: bool) -> None:
    assert (closed("Mon-Sun 09:00-16:00 Europe/Berlin", now) is None) is is_open


def test_a_window_that_a_change_of_the_clocks_swallows_comes_a_week_later() -> None:
    found = closed("Sun 02:00-03:00 Europe/Berlin", "2026-03-29T01:30")
    assert found is not None
    assert found[1] == "Sun 05 00:00"


def test_a_window_in_the_hour_that_comes_twice_lasts_both_times() -> None:
    night = "Sun 02:00-03:00 Europe/Berlin"
    assert [closed(night, f"2026-10-25T{time}") is None for time in ("00:00", "01:59", "02:00")] == [True, True, False]


def test_zones_of_the_other_side_of_the_date_line_have_their_own_days() -> None:
    assert closed("Mon 00:00-01:00 Pacific/Kiritimati", "2026-11-29T10:30") is None
    assert closed("Mon 23:00-24:00 Pacific/Pago_Pago", "2026-11-24T10:30") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("always", "allowed: windows such as Mon-Thu 09:00-16:00 Europe/Berlin"),
        ("Mon 09:00-16:00", "allowed: windows such as"),
        ("Mon 9:00-16:00 UTC", "allowed: windows such as"),
        ("Mon 09:00-16:00 Europe/Berln", "found the time zone Europe/Berln"),
        ("Mon-Tor 09:00-16:00 UTC", "found Mon-Tor"),
        ("Mon-Tue-Wed 09:00-16:00 UTC", "found Mon-Tue-Wed"),
        ("Mon 09:60-16:00 UTC", "found 09:60"),
        ("Mon 09:00-24:01 UTC", "found 24:01"),
        ("Mon 09:00-09:00 UTC", "allowed: a window that lasts"),
        ("Mon 24:00-09:00 UTC", "allowed: a window that lasts"),
        ("Mon 09:00-16:00 UTC; nonsense", "found 'nonsense'"),
    ],
)
def test_a_text_that_is_no_window_is_refused_with_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        windows(text)
