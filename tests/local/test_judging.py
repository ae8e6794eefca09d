"""The error gate end to end: real versions behind real weights, real requests that fail, counted by the embedded AWS.

That a version which is worse in the shift is rolled back for its errors the demo shows.

A minute lasts two seconds here. Failing requests come evenly spread, one in so many, so that no minute has more than a
few of them: the deployment's own alarm, which wants three errors in a minute and 10 % of the canary's requests, cannot
see what these tests are about.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.demo.traffic import Traffic
from local.package import python_runtime
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.lambda_functions import Function
from tests.local.shop import ENDS, Shop

SOURCE = """
RELEASE = {release!r}


def handler(event, context):
    if any(event.get(fault) for fault in {faults!r}):
        raise ValueError("boom")
    return {{"ok": True}}
"""
LOOKS = 1.0
"""Seconds between two looks: each is an invocation of the controller, which has better things to do."""
LONGEST = 240.0

SHOPS = 4
ONE_IN = 25
"""How many requests there are for each that every version fails."""
RARELY = 22
"""How many there are for each that a worse version fails."""
MINUTES_BEFORE = 5
"""How many minutes the stable version has had at least, before one that turns bad in the bake is dropped."""

Status = Mapping[str, Any]
MakeShop = Callable[[str], Shop]


@pytest.fixture
def make_shop(aws: EmbeddedAws, stack: Stack, role: str, function_name: str) -> MakeShop:
    """Makes a shop whose version 1 is live and raises for what is ``bad``. Slipway has not seen it before."""

    def make(name: str = "") -> Shop:
        function = Function(aws, f"{function_name}{name}")
        function.create(role, SOURCE.format(release="v1", faults=("bad",)), Runtime=python_runtime())
        function.wait()
        function.call("create_alias", Name="live", FunctionVersion=function.publish())
        return Shop(aws, stack, role, function.name)

    return make


def drop(shop: Shop, release: str, *faults: str, weight: int = 50, hold: str, bake: str = "2s", **gates: object) -> str:
    """Drops a release that raises for what is bad, and for ``faults``; returns the object's version id."""
    return shop.drop(
        SOURCE.format(release=release, faults=("bad", *faults)),
        release,
        strategy={"steps": [{"weight": weight, "hold": hold}], "bake": bake},
        gates={"errors": {"significance": 0.01}, "no_traffic": {"wait": "1m", "then": "rollback"}, **gates},
        tests=[],
    )


def calling(shop: Shop, order: Callable[[int], Mapping[str, bool]], rate: float) -> Traffic:
    """Returns callers of the shop's alias, at work until the end of a ``with`` block."""
    functions = shop.aws.client("lambda")
    traffic = Traffic(functions, shop.function, "live", lambda number: json.dumps(order(number)).encode(), rate)
    traffic.start()
    return traffic


def status(shop: Shop) -> Status:
    """Returns what the controller says of the shop's deployment."""
    return shop.newest()


def ended(shop: Shop, number: int) -> Status:
    """Waits for the end of a deployment and returns its status."""

    def look() -> Status | None:
        now = status(shop)
        is_it = now.get("deployment", "").endswith(f"#{number}")
        return now if is_it and now["phase"] in ENDS else None

    found = eventually(look, LONGEST, LOOKS)
    assert found is not None
    return found


# -- versions that are as good ----------------------------------------------------------------------------------------


def good_release(shop: Shop) -> Status:
    """Drops a release that is as good as what serves, and returns how it ended."""
    with calling(shop, lambda number: {"bad": number % ONE_IN == 3}, rate=10):
        drop(shop, "v2", hold="14s", min_invocations=20)  # seven short minutes, for under load ticks come late
        return ended(shop, 1)


def test_four_deployments_that_fail_as_often_as_stable_all_succeed_under_a_gate_that_looks(make_shop: MakeShop) -> None:
    with ThreadPoolExecutor(SHOPS) as lanes:
        found = list(lanes.map(good_release, [make_shop(f"-{number}") for number in range(SHOPS)]))
    assert [(each["phase"], each["cause"]) for each in found] == [("SUCCEEDED", "promoted")] * SHOPS
    judged = [each["errors"] for each in found]
    assert all(each["looks"] >= 2 and each["log_evidence"] < each["rolls_back_at"] for each in judged)
    assert all(each[version]["invocations"] > 0 for each in judged for version in ("canary", "stable"))
    # Each of the two has had some three errors in each deployment; in four of them neither can have had none.
    assert all(sum(each[version]["errors"] for each in judged) > 0 for version in ("canary", "stable"))


# -- a version that is worse ------------------------------------------------------------------------------------------


def test_a_version_that_turns_bad_in_its_bake_is_rolled_back_by_its_errors(make_shop: MakeShop) -> None:
    shop, turned_bad = make_shop(), threading.Event()
    order = lambda number: {"late": turned_bad.is_set() and number % RARELY == 3}  # noqa: E731
    with calling(shop, order, rate=50) as traffic:
        eventually(lambda: len(traffic.answers) > MINUTES_BEFORE * 100, LONGEST)
        gate = {"significance": 0.01, "bake_significance": 0.001}
        drop(shop, "v2", "late", weight=20, hold="4s", bake="10m", min_invocations=10, errors=gate)
        eventually(lambda: shop.alias() == ("2", {}), LONGEST, LOOKS)
        turned_bad.set()
        found = ended(shop, 1)
    assert (found["phase"], found["cause"], shop.alias()) == ("ROLLED_BACK", "errors", ("1", {}))
    assert "compared with before the promotion" in found["reason"]
    assert found["errors"]["canary"]["errors"] == 0
    assert found["errors_in_bake"]["log_evidence"] >= found["errors_in_bake"]["rolls_back_at"] == 6.908


# -- versions that nobody calls ---------------------------------------------------------------------------------------


def dropped_unseen(shop: Shop, then: str, min_invocations: int) -> Shop:
    no_traffic = {"wait": "2s", "then": then}
    drop(shop, "v2", hold="2s", min_invocations=min_invocations, no_traffic=no_traffic)
    return shop


@pytest.mark.parametrize(("min_invocations", "held"), [(5, "0 of 5 requests"), (0, "no data: version")])
def test_a_function_without_traffic_does_what_its_manifest_says_and_nothing_else(
    make_shop: MakeShop, min_invocations: int, held: str
) -> None:
    back, on, held_up = (
        dropped_unseen(make_shop(f"-{then}"), then, min_invocations) for then in ("rollback", "promote", "hold")
    )
    cause = "no_traffic" if min_invocations else "no_data"
    found = ended(back, 1)
    assert (found["phase"], found["cause"], back.alias()) == ("ROLLED_BACK", cause, ("1", {}))
    assert held in found["reason"]
    assert would(back, "v2") == "deploy"
    found = ended(on, 1)
    assert (found["phase"], found["cause"], on.alias()) == ("SUCCEEDED", "promoted", ("2", {}))
    assert any(held in entry["text"] and "says promote" in entry["text"] for entry in found["timeline"])
    # The other two have ended, with waits as long: what still holds now is held.
    found = status(held_up)
    assert (found["phase"], held_up.alias()) == ("SHIFTING", ("1", {"2": 0.5}))
    assert held in found["held_by"]
    assert held_up.ask("promote")["ok"]
    assert ended(held_up, 1)["cause"] == "promoted"


def would(shop: Shop, name: str) -> str:
    """Returns what dropping an object that is in the bucket would do."""
    key = f"{shop.function}/{name}.zip"
    answer: str = shop.invoke({"request": "plan", "bucket": shop.stack.bucket, "key": key})["would"]
    return answer
