"""A slower version on the embedded AWS: real functions that take their time, and CloudWatch's own counts of it."""

from __future__ import annotations

import pytest

from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.shop import Shop

ONE_STEP = {"steps": [{"weight": 50, "hold": "10m"}], "bake": "10m"}
GATES = {"errors": False, "min_invocations": 0, "latency": {"significance": 0.01, "skip_invocations": 10}}
USUAL = """
import random
import time

def handler(event, context):
    time.sleep(random.random() / 10)  # half of the requests are over the p50, however busy the machine is
    return {"ok": True}
"""
SLOW = """
import time

def handler(event, context):
    if not event.get("ping"):
        time.sleep(0.4)
    return {"ok": True}
"""


@pytest.fixture
def shop(aws: EmbeddedAws, stack: Stack, role: str, function_name: str) -> Shop:
    return Shop(aws, stack, role, function_name)


def test_a_version_that_is_slow_is_rolled_back_for_latency(shop: Shop) -> None:
    shop.drop(USUAL, "v1")
    assert shop.wait()["phase"] == "SUCCEEDED"
    shop.call(40)
    shop.drop(SLOW, "v2", strategy=ONE_STEP, gates=GATES)
    shop.wait("SHIFTING", 2)

    def rolled_back() -> bool:
        shop.call(10)
        return shop.wait(("SHIFTING", "ROLLING_BACK", "ROLLED_BACK"), 2)["phase"] == "ROLLED_BACK"

    eventually(rolled_back)
    summary = shop.wait(number=2)
    assert (summary["cause"], shop.alias()) == ("latency", ("1", {}))
    assert "the p50 of version 1 before, in " in summary["reason"]
    latency = shop.newest()["latency"]
    assert latency["p50"]["log_evidence"] >= latency["p50"]["rolls_back_at"]
    assert "no_data" in latency["p99"]
