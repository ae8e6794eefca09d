"""The controller deploys itself on the embedded AWS: good and broken new versions, beside a function of somebody else.

Each test has a stack of its own: a broken controller would be everybody's trouble.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.package import ROOT
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack, deploy
from tests.local.shop import BAD, ENDS, GOOD, Shop, zipped

QUICK = {
    "strategy": {"steps": [{"weight": 50, "hold": "4s"}], "bake": "20s"},
    "gates": {"min_invocations": 2, "no_traffic": {"wait": "60s", "then": "rollback"}},
}
FAILS_ON_IMPORT = "raise RuntimeError('cannot be imported')\n"
FAILS_ON_TICKS = """
def _fails_on_ticks(self, time_left):
    raise RuntimeError("ticks are beyond me")
Dispatcher._tick = _fails_on_ticks
"""
FAILS_WHEN_IT_ROLLS_BACK = """
from controller.reconcile import Reconciler
def _fails_to_roll_back(self, *event, **more):
    raise RuntimeError("rolling back is beyond me")
Reconciler.rescue = _fails_to_roll_back
"""


@dataclass(frozen=True)
class Own:
    """The controller's own package: dropped with a change, and asked about through its first version.

    ``itself`` is the controller as a function that is deployed like any other.
    """

    itself: Shop
    package: Path

    @property
    def aws(self) -> EmbeddedAws:
        return self.itself.aws

    @property
    def stack(self) -> Stack:
        return self.itself.stack

    def drop(self, change: str, name: str) -> None:
        """Drops the package with ``change`` at the end of its door's file."""
        self.itself.put(self.changed(change), name)

    def changed(self, change: str) -> bytes:
        with zipfile.ZipFile(self.package) as archive:
            files = {each: archive.read(each) for each in archive.namelist()}
        files["controller/app.py"] += change.encode()
        files["slipway.json"] = json.dumps({**json.loads(files["slipway.json"]), **QUICK}).encode()
        return zipped(files)

    def deploy_the_stack(self, folder: Path, change: str, role: str) -> None:
        """What ``sam deploy`` does with another package."""
        (folder / "package.zip").write_bytes(self.changed(change))
        deploy(self.aws, ROOT / "template.yaml", folder / "package.zip", {"AllowedRoles": role}, self.stack.name)

    def ask(self, request: str, function: str) -> Mapping[str, Any]:
        """Returns the first version's answer: the one that works."""
        return self.itself.invoke({"request": request, "function": function})

    def wait(self, *phases: str, function: str = "", within: float = 90) -> Mapping[str, Any]:
        """Waits until the newest deployment of a function, else of the controller, is in a phase or has ended."""

        def reached() -> Mapping[str, Any] | None:
            found = self.ask("history", function or self.stack.controller)["deployments"]
            return found[0] if found and found[0]["phase"] in (phases or ENDS) else None

        found = eventually(reached, within, every=0.3)
        assert found is not None
        return found

    def alias(self, name: str = "live") -> tuple[str, Mapping[str, float]] | None:
        return self.itself.alias(name)


@pytest.fixture
def own(aws: EmbeddedAws, package: Path, role: str, function_name: str) -> Iterator[Own]:
    name = f"own-{function_name.rpartition('-')[2]}"
    stack = deploy(aws, ROOT / "template.yaml", package, {"AllowedRoles": role}, name)
    yield Own(Shop(aws, stack, role, stack.controller, controller="1"), package)
    aws.client("cloudformation").delete_stack(StackName=name)


@pytest.fixture
def shop(own: Own, role: str, function_name: str) -> Shop:
    """A function of somebody else that serves version 1."""
    shop = Shop(own.aws, own.stack, role, function_name)
    shop.drop(GOOD % "one", "v1")
    own.wait(function=function_name)
    return shop


def test_a_good_new_controller_is_promoted_by_itself_while_it_deploys_a_function(own: Own, shop: Shop) -> None:
    own.drop("# good\n", "good")
    own.wait("SHIFTING")
    shop.drop(GOOD % "two", "v2")
    assert own.wait()["phase"] == "SUCCEEDED"
    assert (own.alias(), own.alias("previous")) == (("2", {}), ("1", {}))
    assert own.wait(function=shop.function)["phase"] == "SUCCEEDED"
    assert shop.alias() == ("2", {})


def test_a_new_controller_that_fails_on_import_gets_no_traffic(own: Own) -> None:
    own.drop(FAILS_ON_IMPORT, "broken")
    ended = own.wait()
    assert (ended["phase"], ended["cause"]) == ("FAILED", "test_failed")
    assert own.alias() == ("1", {})


def test_a_new_controller_that_fails_on_ticks_is_rolled_back(own: Own) -> None:
    own.drop(FAILS_ON_TICKS, "broken")
    assert own.wait()["phase"] == "ROLLED_BACK"
    assert own.alias() == ("1", {})


def test_a_function_comes_back_although_the_new_controller_cannot_roll_back(own: Own, shop: Shop) -> None:
    own.drop(FAILS_WHEN_IT_ROLLS_BACK, "broken")
    own.wait("BAKING")
    shop.drop(BAD, "v2", strategy={"steps": [{"weight": 50, "hold": "10m"}], "bake": "10m"})
    own.wait("SHIFTING", function=shop.function)

    def is_back() -> bool:
        shop.call(5)
        return own.wait("SHIFTING", "ROLLING_BACK", "ROLLED_BACK", function=shop.function)["phase"] == "ROLLED_BACK"

    eventually(is_back, 60)
    assert shop.alias() == ("1", {})
    own.wait()
    carried = own.alias()
    assert carried and carried[1] == {}


def test_the_stack_deployed_again_has_both_aliases_and_the_next_drop_goes_on_from_there(
    own: Own, role: str, tmp_path: Path
) -> None:
    own.drop("# second\n", "second")
    assert own.wait()["phase"] == "SUCCEEDED"
    own.deploy_the_stack(tmp_path, "# third\n", role)
    assert (own.alias(), own.alias("previous")) == (("3", {}), ("3", {}))
    own.drop("# fourth\n", "fourth")
    own.wait("PREPARING", "TESTING", "SHIFTING", "BAKING")
    assert own.wait()["phase"] == "SUCCEEDED"
    assert (own.alias(), own.alias("previous")) == (("4", {}), ("3", {}))


def test_the_stack_deployed_in_the_middle_wins_and_the_deployment_says_so(own: Own, role: str, tmp_path: Path) -> None:
    own.drop("# second\n", "second")
    own.wait("BAKING")
    own.deploy_the_stack(tmp_path, "# third\n", role)
    eventually(lambda: "send adopt" in str(own.ask("status", own.stack.controller)["deployment"]["held_by"]), 30)
    assert own.alias() == ("3", {})
    assert own.ask("adopt", own.stack.controller)["ok"]
    assert (own.wait()["cause"], own.alias()) == ("foreign_hands", ("3", {}))
