"""No test finds credentials of this machine, and none reaches beyond it."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.agreement")

_NOWHERE = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ.update(_NOWHERE)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    original = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        original(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    yield
    socket.socket.connect = original  # type: ignore[method-assign]


def pytest_collection_finish() -> None:
    """Lets the garbage collector walk seldom, and never what was imported and collected: that was a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
