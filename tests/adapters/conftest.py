"""Lambda as a deployment finds it."""

from __future__ import annotations

import pytest

from tests.adapters.fake_lambda import FakeLambda


@pytest.fixture
def aws() -> FakeLambda:
    """A Lambda without functions, and a bucket that holds the artifact."""
    fake = FakeLambda()
    fake.objects[("drop", "checkout/3.zip", "v3")] = b"v3"
    return fake


@pytest.fixture
def serving(aws: FakeLambda) -> FakeLambda:
    """The function runs version 1, and the alias points to it."""
    aws.function(code=b"v1")
    aws.publish()
    aws.alias("live", "1")
    return aws
