"""A request that goes forward reads the freezes twice: before it is taken, and in its look. Either may fail."""

from __future__ import annotations

import pytest

from controller.core.model import Phase
from tests.cloud.faults import Call, Fault
from tests.cloud.steps import QUICK, Drop, Live, Until
from tests.cloud.story import Story, asking


@pytest.mark.parametrize("reading", [1, 2])
@pytest.mark.parametrize("word", ["promote", "next"])
def test_a_request_is_never_told_as_met_while_the_freezes_cannot_be_read(word: str, reading: int) -> None:
    story = Story().play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING)])
    readings: set[int] = set()

    def is_that_reading(call: Call) -> bool:
        if "freezes#all" not in str(call.parameters):
            return False
        readings.add(call.number)
        return len(readings) == reading

    story.cloud.fail(is_that_reading, Fault.DENIED)
    assert not story.asks(asking(word))
    assert story.deployments()[-1].bookkeeping.carried_out == ()
    assert story.asks(asking(word))
    assert story.deployments()[-1].bookkeeping.carried_out
