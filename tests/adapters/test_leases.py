"""Leases on the table in memory: who holds one, for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.aws.dynamodb.leases import Leases
from controller.core.model import Transient
from tests.builders import NOW, after
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.table import TABLE
from tests.cloud.under_way import fails

MINUTE = timedelta(minutes=1)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def leases(cloud: Cloud) -> Leases:
    """Returns those of a controller that has just started."""
    return Leases(cloud.client("dynamodb"), TABLE)


def test_a_lease_is_held_by_one_controller_at_a_time(cloud: Cloud) -> None:
    assert leases(cloud).take("tick", NOW, MINUTE)
    assert not leases(cloud).take("tick", after(seconds=59), MINUTE)
    assert leases(cloud).take("another", NOW, MINUTE)


def test_the_lease_of_a_controller_that_died_is_free_when_it_is_over(cloud: Cloud) -> None:
    leases(cloud).take("tick", NOW, MINUTE)
    assert leases(cloud).take("tick", after(seconds=61), MINUTE)


def test_its_holder_renews_it(cloud: Cloud) -> None:
    holder = leases(cloud)
    assert holder.take("tick", NOW, MINUTE)
    assert holder.take("tick", after(seconds=50), MINUTE)
    assert not leases(cloud).take("tick", after(seconds=100), MINUTE)


def test_a_lease_given_back_is_free_at_once(cloud: Cloud) -> None:
    holder = leases(cloud)
    holder.take("tick", NOW, MINUTE)
    holder.give_back("tick", after(seconds=1))
    assert leases(cloud).take("tick", after(seconds=1), MINUTE)


def test_a_table_out_of_reach_is_no_answer(cloud: Cloud) -> None:
    fails(cloud, "PutItem", Fault.SERVICE_ERROR)
    with pytest.raises(Transient, match="taking the lease tick"):
        leases(cloud).take("tick", NOW, MINUTE)
