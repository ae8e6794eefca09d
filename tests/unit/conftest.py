"""A controller that has just started, over a fake AWS that holds nothing yet."""

from __future__ import annotations

import pytest

from controller.dispatch import Dispatcher
from controller.reconcile.loop import Reconciler
from tests.fakes import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def controller(world: World) -> Dispatcher:
    return world.dispatcher()


@pytest.fixture
def loop(controller: Dispatcher) -> Reconciler:
    return controller._reconciler
