"""A controller that has just started, over an AWS in memory that holds nothing yet."""

from __future__ import annotations

import pytest

from controller.dispatch import Dispatcher
from controller.reconcile.loop import Reconciler
from tests.cloud.cloud import Cloud
from tests.cloud.many_functions import controller as started


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def controller(cloud: Cloud) -> Dispatcher:
    """Its budget is so large that nobody waits for it."""
    return started(cloud, calls_per_second=1_000)


@pytest.fixture
def loop(controller: Dispatcher) -> Reconciler:
    return controller._reconciler
