"""The line on the backup alias: a rollback restores only what its own deployment has written there."""

from __future__ import annotations

import pytest

from controller.core.model import Target
from controller.core.routing.backup_description import before, write
from tests.builders import CHECKOUT

OTHER = Target("cart", "live")


def test_a_line_is_read_again_by_its_own_deployment() -> None:
    line = write(CHECKOUT, 42, "5")
    assert line == "slipway: the way back of checkout:live for #42, before that 5"
    assert before(line, CHECKOUT, 42) == "5"


def test_a_backup_that_was_not_there_before_is_restored_to_nothing() -> None:
    line = write(CHECKOUT, 42, None)
    assert line == "slipway: the way back of checkout:live for #42"
    assert before(line, CHECKOUT, 42) is None


@pytest.mark.parametrize(("target", "number"), [(CHECKOUT, 41), (OTHER, 42), (OTHER, 41)])
def test_the_line_of_another_deployment_or_target_says_nothing(target: Target, number: int) -> None:
    assert before(write(CHECKOUT, 42, "5"), target, number) is None


@pytest.mark.parametrize("text", ["", "mine", "slipway: the way back of checkout:live for #42, before that 5 or 6"])
def test_a_line_of_somebody_else_says_nothing(text: str) -> None:
    assert before(text, CHECKOUT, 42) is None
