"""What an operator wants at three in the morning, done with the client alone: several functions, each in another state.

Rules of the file: nothing is read or sent but by ``slipway``; only the bad luck comes from elsewhere: an alarm that
fires, and a hand that moves an alias.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli.asking.connection import Slipway
from cli.main import main
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.shop import GOOD, Shop, zipped

LONG = {"strategy": {"steps": [{"weight": 20, "hold": "10m"}, {"weight": 50, "hold": "10m"}], "bake": "10m"}}
ASKING = {
    "strategy": {
        "steps": [{"pause": "1h"}, {"weight": 50, "hold": "0s"}, {"pause": "1h"}, {"weight": 60, "hold": "10m"}]
    }
}
RED = "night-red"
CART, SEARCH, STOCK, LOGIN, NEWS = "night-cart", "night-search", "night-stock", "night-login", "night-news"
STATES: Mapping[str, tuple[Mapping[str, Any], str]] = {
    CART: (LONG, "SHIFTING"),
    SEARCH: (ASKING, "awaiting approval"),
    STOCK: ({**LONG, "on_failure": "freeze"}, "SHIFTING"),
    LOGIN: ({"strategy": {"steps": [{"weight": 50, "hold": "1s"}], "bake": "10m"}}, "BAKING"),
    NEWS: ({**LONG, "gates": {"alarms": [RED], "already_alarming": "block"}}, RED),
}
"""The functions: how their manifests bring their next release into a state, and a word of it."""


class Operator:
    """Somebody with nothing but the client."""

    def __init__(self, aws: EmbeddedAws, shop: Callable[[str], Shop], folder: Path) -> None:
        self._shop, self._folder = shop, folder
        self._clients = cache(lambda service: aws.client(service, read_timeout=120))

    def does(self, *arguments: str) -> tuple[int, str]:
        """Returns the exit status of ``slipway`` with these arguments, and what it printed."""
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            status = main(arguments, self._connect, pause=lambda _: time.sleep(0.3))
        return status, printed.getvalue()

    def sees(self, *arguments: str) -> str:
        """Returns what ``slipway`` prints."""
        status, printed = self.does(*arguments)
        assert status == 0, printed
        return printed

    def ships(self, function: str, release: str, **sections: Any) -> None:
        """Drops a good release with ``slipway ship``."""
        manifest = json.dumps({**self._shop(function).manifest(**sections), "tests": []})
        file = self._folder / f"{release}.zip"
        file.write_bytes(zipped({"app.py": GOOD % release, "slipway.json": manifest}))
        self.sees("ship", function, str(file), "--why", f"release {release}")

    def waits_for(self, function: str, word: str) -> str:
        """Returns the status of a function as soon as it has a word."""
        return eventually(lambda: self.does("status", function)[1], every=0.3, until=lambda printed: word in printed)

    def _connect(self, place: Any) -> Slipway:
        return Slipway(place, lambda service, **_: self._clients(service))


@pytest.fixture(scope="module")
def operator(aws: EmbeddedAws, stack: Stack, role: str, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """One function is shifted, one waits for approval, one freezes on alarms, one bakes, one waits for a red alarm."""
    operator = Operator(aws, lambda function: Shop(aws, stack, role, function), tmp_path_factory.mktemp("night"))
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=RED,
        Namespace="Night",
        MetricName="Nobody",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
    )
    for function, (sections, _) in STATES.items():
        Shop(aws, stack, role, function).serve(GOOD % "v1")
        operator.ships(function, "v2", **sections)
    for function, (_, word) in STATES.items():
        operator.waits_for(f"{function}:live", word)
    return operator


def test_everything_that_is_open_is_seen_at_one_glance(operator: Operator) -> None:
    printed = operator.sees("status")
    rows = {line.split()[0]: line for line in printed.splitlines() if line.startswith("night-") and "#1" in line}
    assert rows.keys() == {f"{function}:live#1" for function in STATES}
    expected = {CART: ("20%", "1/2", "hold for"), SEARCH: ("approval",), LOGIN: ("BAKING", "bake for"), NEWS: (RED,)}
    for function, words in expected.items():
        assert [word for word in words if word not in rows[f"{function}:live#1"]] == []


def test_a_person_pauses_and_goes_on_and_their_name_is_kept(operator: Operator) -> None:
    assert "paused" in operator.sees("pause", CART, "--who", "alice", "--why", "customers call")
    operator.sees("resume", f"{CART}:live", "--who", "bob", "--why", "it was the network")
    told = operator.sees("show", f"{CART}:live#1")
    assert "paused by request of alice: customers call" in told and "of bob: it was the network" in told


def test_the_next_step_and_all_traffic_are_one_command_each(operator: Operator) -> None:
    operator.sees("next", CART, "--why", "it is late")
    operator.waits_for(CART, "50 % v1, 50 % v2")
    operator.sees("promote", CART, "--why", "it is well")
    operator.waits_for(CART, "BAKING")
    operator.sees("promote", CART, "--phase", "BAKING", "--why", "end the bake")
    assert "100 % v2" in operator.waits_for(CART, "SUCCEEDED")


def test_an_approval_is_given_by_name_and_the_next_one_denied(operator: Operator) -> None:
    operator.sees("approve", SEARCH, "--who", "carol", "--why", "orders look right")
    assert "50 % v1, 50 % v2" in operator.waits_for(SEARCH, "carol")
    operator.waits_for(SEARCH, "awaiting approval")
    operator.sees("deny", SEARCH, "--who", "dave", "--why", "they do not")
    assert "100 % v1" in operator.waits_for(SEARCH, "ROLLED_BACK")
    assert "dave denied it: they do not" in operator.sees("history", SEARCH)


def test_a_red_alarm_is_overridden_and_a_foreign_hand_is_accepted_by_name(operator: Operator, aws: EmbeddedAws) -> None:
    operator.sees("override", NEWS, "--alarm", RED, "--why", "it is red all week")
    operator.waits_for(NEWS, "80 % v1, 20 % v2")
    weights = {"AdditionalVersionWeights": {}}
    aws.client("lambda").update_alias(FunctionName=NEWS, Name="live", FunctionVersion="2", RoutingConfig=weights)
    operator.waits_for(NEWS, "somebody else made the alias carry version 2; send accept_drift")
    operator.sees("accept-drift", NEWS, "--who", "erin", "--why", "it was me")
    told = operator.waits_for(NEWS, "BAKING")
    assert "kept by request of erin: it was me" in told and "it is red all week" in told


def test_a_frozen_deployment_is_seen_and_brought_back(operator: Operator, aws: EmbeddedAws, stack: Stack) -> None:
    name = f"{stack.name}/{STOCK}/live/1"
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    operator.waits_for(STOCK, "frozen")
    status, printed = operator.does("status", STOCK, "--exit-code")
    assert status == 1 and f"{STOCK}:live#1 is frozen" in printed
    operator.sees("rollback", STOCK)
    operator.waits_for(STOCK, "ROLLED_BACK")
    assert "v2.zip" in operator.sees("quarantine", STOCK)
    operator.sees("quarantine", STOCK, "--lift", f"{STOCK}:live#1", "--why", "the alarm was a drill")


def test_the_last_release_and_the_one_before_are_undone(operator: Operator) -> None:
    operator.sees("promote", LOGIN, "--phase", "BAKING")
    operator.waits_for(LOGIN, "100 % v2")
    operator.ships(LOGIN, "v3", **LONG)
    operator.waits_for(LOGIN, "80 % v2, 20 % v3")
    operator.sees("promote", LOGIN)
    operator.waits_for(LOGIN, "100 % v3")
    operator.sees("promote", LOGIN, "--phase", "BAKING")
    operator.waits_for(LOGIN, "SUCCEEDED")
    operator.sees("rollback", LOGIN, "--to-version", "1", "--why", "v2 was no better")
    assert "100 % v1" in operator.waits_for(LOGIN, "ROLLED_BACK")
    told = operator.sees("history", LOGIN)
    assert "v2 was no better" in told and "release v3" in told
    everywhere = operator.sees("history", "--limit", "100")
    assert [name for name in (CART, SEARCH, STOCK, LOGIN) if f"{name}:live#1 " not in everywhere] == [], everywhere


def test_the_way_back_is_rehearsed_and_lost_events_are_handled(operator: Operator) -> None:
    operator.sees("drill", f"{LOGIN}:live", "--why", "it is the first of the month")
    assert "the way back by alarm works" in operator.waits_for(LOGIN, "ROLLED_BACK")
    operator.sees("redrive")


def test_a_freeze_holds_what_is_new_until_it_is_lifted(operator: Operator) -> None:
    operator.sees("freeze", "--scope", STOCK, "--why", "the sale")
    operator.ships(STOCK, "v3")
    assert "by root: the sale" in operator.waits_for(STOCK, "held by")
    operator.sees("unfreeze", "--scope", STOCK, "--why", "it is over")
    assert "freeze" not in operator.sees("status").partition("ended")[2]
