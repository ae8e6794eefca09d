"""Reservations on the table in memory: whose calls are made when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from controller.aws.dynamodb.reservations import Reservations
from controller.core.model import Refused, Transient
from tests.builders import NOW, after
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.table import TABLE
from tests.cloud.under_way import fails, operations

LONG = timedelta(seconds=45)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def controller(cloud: Cloud) -> Reservations:
    """Returns those of a controller that has just started; all together have 5 calls a second."""
    return Reservations(cloud.client("dynamodb"), TABLE, 5)


def waits(found: Reservations, now: datetime = NOW, calls: int = 5, within: timedelta = LONG) -> float | None:
    wait = found.reserve(calls, now, within)
    return None if wait is None else wait.total_seconds()


def test_the_first_one_waits_for_nothing_and_each_next_one_for_those_before(cloud: Cloud) -> None:
    assert [waits(controller(cloud)) for _ in range(4)] == [0, 1, 2, 3]


def test_fewer_calls_take_less_of_the_second(cloud: Cloud) -> None:
    assert [waits(controller(cloud), calls=1) for _ in range(3)] == [0, 0.2, 0.4]


def test_time_that_nobody_used_is_not_saved_up(cloud: Cloud) -> None:
    waits(controller(cloud))
    assert [waits(controller(cloud), after(minutes=1)) for _ in range(2)] == [0, 1]


def test_a_reservation_is_one_write_while_others_wait_and_while_nobody_does(cloud: Cloud) -> None:
    alone, busy = controller(cloud), controller(cloud)
    waits(alone)
    assert operations(cloud) == ["UpdateItem"]
    waits(busy)
    before = len(operations(cloud))
    waits(busy)
    assert operations(cloud)[before:] == ["UpdateItem"]


def test_a_turn_later_than_one_waits_for_is_not_taken(cloud: Cloud) -> None:
    for _ in range(3):
        waits(controller(cloud))
    assert waits(controller(cloud), within=timedelta(seconds=2)) is None
    assert waits(controller(cloud), within=timedelta(seconds=3)) == 3


def test_the_turn_of_one_who_has_waited_before_is_found_when_nobody_waits_any_more(cloud: Cloud) -> None:
    busy = controller(cloud)
    assert [waits(busy), waits(busy)] == [0, 1]
    assert waits(busy, after(minutes=1)) == 0


def test_a_turn_minutes_from_now_is_a_mistake_and_stops_nobody(cloud: Cloud) -> None:
    waits(controller(cloud), after(minutes=6))
    assert waits(controller(cloud)) == 0


@pytest.mark.parametrize(("fault", "problem"), [(Fault.SERVICE_ERROR, Transient), (Fault.DENIED, Refused)])
def test_a_table_out_of_reach_is_no_answer(cloud: Cloud, fault: Fault, problem: type[Exception]) -> None:
    fails(cloud, "UpdateItem", fault)
    with pytest.raises(problem, match="reserving calls to Lambda"):
        waits(controller(cloud))
