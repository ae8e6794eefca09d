"""The command that shows people the log of a version that went wrong."""

from __future__ import annotations

import pytest

from controller.core import logs
from controller.core.model import Cause, Phase, Reason, TestOutcome
from tests.builders import deployment, manifest

BACK = Reason(Cause.ALARM, "alarm a is firing")
FAILED = TestOutcome("ping", passed=False, seconds=1, why="the function failed with ValueError", request_id="4c1e-77")


def test_a_version_that_was_brought_back_has_the_log_of_its_function() -> None:
    assert logs.command(deployment(Phase.ROLLED_BACK, reason=BACK)) == "aws logs tail /aws/lambda/checkout --since 1h"


def test_a_failed_test_has_its_own_lines() -> None:
    found = logs.command(deployment(Phase.FAILED, reason=BACK, tests=(FAILED,)))
    assert found == "aws logs filter-log-events --log-group-name /aws/lambda/checkout --filter-pattern '\"4c1e-77\"'"


def test_a_log_group_of_the_manifest_is_the_one_that_is_named() -> None:
    own = manifest(function={"LoggingConfig": {"LogGroup": "/teams/checkout"}})
    assert logs.command(deployment(Phase.ROLLING_BACK, reason=BACK, manifest=own)) == (
        "aws logs tail /teams/checkout --since 1h"
    )


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.SUCCEEDED])
def test_while_nothing_speaks_against_a_version_there_is_none(phase: Phase) -> None:
    assert logs.command(deployment(phase)) is None


def test_where_no_version_was_published_there_is_none() -> None:
    assert logs.command(deployment(Phase.FAILED, reason=BACK, canary=None)) is None
