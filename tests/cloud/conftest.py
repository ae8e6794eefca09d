"""An AWS for each test, and boto3's clients of it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from tests.cloud.cloud import Cloud
from tests.cloud.zips import zipped


@pytest.fixture
def cloud() -> Cloud:
    """An AWS with a function that has one version, 1, and no alias."""
    made = Cloud()
    made.lambda_.make("checkout", zipped("v1"))
    made.lambda_.publish("checkout")
    return made


@pytest.fixture
def client(cloud: Cloud) -> Any:
    """Lambda, asked once for each call."""
    return cloud.client("lambda")


@pytest.fixture
def patient(cloud: Cloud) -> Any:
    """Lambda, asked as often as the controller asks."""
    retries = {"mode": "standard", "total_max_attempts": 6}
    return cloud.client("lambda", Config(retries=retries, connect_timeout=3, read_timeout=20))
