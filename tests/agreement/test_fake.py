"""The AWS in memory is as AWS is known to be. ``tests/local/test_agreement.py`` asks the embedded AWS the same."""

from __future__ import annotations

import pytest

from tests.agreement.every import PARAMETERS
from tests.agreement.fake import FakeAccount
from tests.agreement.listing import Check


@pytest.mark.parametrize("check", PARAMETERS)
def test_the_aws_in_memory_is_as_aws_is_known_to_be(check: Check) -> None:
    check.ask(FakeAccount())
