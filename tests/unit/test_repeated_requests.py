"""Which requests are the same one, and for how long that is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.lifecycle import repeated_requests
from controller.core.model import Deployment, Phase
from tests.builders import NOW, after, confirmed, deployment

PROMOTE: dict[str, Any] = {"request": "promote", "function": "checkout"}
MINUTE = timedelta(minutes=1)


def done(payload: dict[str, Any], found: Deployment | None = None) -> Deployment:
    return repeated_requests.noted(found or confirmed(Phase.BAKING), repeated_requests.mark(payload), NOW)


def is_known(payload: dict[str, Any], later: timedelta = MINUTE, first: dict[str, Any] | None = None) -> bool:
    return repeated_requests.find([done(first or payload)], payload, NOW + later) is not None


def test_the_order_of_the_members_is_no_difference() -> None:
    assert is_known(PROMOTE, first=dict(reversed(PROMOTE.items())))


@pytest.mark.parametrize("other", [{"alias": "beta"}, {"deployment": 7}, {"phase": "BAKING"}, {"id": "two"}], ids=str)
def test_another_member_makes_another_request(other: dict[str, Any]) -> None:
    assert not is_known({**PROMOTE, **other}, first=PROMOTE)


def test_another_person_who_asks_for_the_same_means_it_once() -> None:
    assert is_known({**PROMOTE, "who": "bob", "why": "me too"}, first={**PROMOTE, "who": "alice"})


def test_an_id_alone_says_which_request_it_is() -> None:
    assert is_known({**PROMOTE, "id": "one"}, first={**PROMOTE, "id": "one", "deployment": 7})


def test_the_same_id_for_another_word_is_another_request() -> None:
    assert not is_known({**PROMOTE, "id": "one"}, first={**PROMOTE, "request": "rollback", "id": "one"})


@pytest.mark.parametrize(
    ("members", "lasts"),
    [
        ({}, timedelta(minutes=10)),
        ({"deployment": 7}, timedelta(hours=6)),
        ({"id": "one"}, timedelta(hours=6)),
        ({"request": "resume"}, timedelta(minutes=10)),
        ({"request": "resume", "deployment": 7}, timedelta(minutes=10)),
        ({"request": "rollback", "id": "one"}, timedelta(hours=6)),
        ({"request": "pause", "id": "one"}, timedelta(hours=6)),
    ],
    ids=str,
)
def test_how_long_a_request_is_known(members: dict[str, Any], lasts: timedelta) -> None:
    payload = {**PROMOTE, **members}
    assert is_known(payload, lasts - timedelta(seconds=1))
    assert not is_known(payload, lasts)


@pytest.mark.parametrize("word", ["pause", "rollback"])
def test_what_only_holds_or_brings_back_is_new_every_time(word: str) -> None:
    assert not is_known({"request": word, "function": "checkout"}, timedelta(0))


def test_a_deployment_remembers_the_last_twenty() -> None:
    found = deployment(Phase.SHIFTING)
    for number in range(25):
        found = repeated_requests.noted(found, f"mark {number}", after(seconds=number))
    assert [each.mark for each in found.bookkeeping.carried_out] == [f"mark {number}" for number in range(5, 25)]
