"""The embedded AWS is as AWS is known to be. ``tests/agreement/test_fake.py`` asks the AWS in memory the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import EmbeddedAws
from tests.agreement.every import PARAMETERS
from tests.agreement.listing import Check
from tests.local.embedded_account import Bus, EmbeddedAccount, delays_held_back


@pytest.fixture(scope="module")
def bus(aws: EmbeddedAws) -> Iterator[Bus]:
    with delays_held_back():
        yield Bus(aws)


@pytest.mark.parametrize("check", PARAMETERS)
def test_the_embedded_aws_is_as_aws_is_known_to_be(bus: Bus, check: Check) -> None:
    check.ask(EmbeddedAccount(bus))
