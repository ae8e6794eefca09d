"""The stack is deployed again after, and in the middle of, a deployment of the controller by itself.

Each test has a stack of its own. That the controller deploys itself, good and broken, is told by ``make demo-self``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from local.demo_self.changes import changed, quick
from local.package import ROOT
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import FAST, Stack, deploy
from tests.local.shop import ENDS, Shop


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

    def drop(self, change: str, name: str, bake: str = "1s") -> None:
        """Drops the package with ``change`` at the end of its door's file."""
        self.itself.put(changed(self.package, change, quick((), bake)), name)

    def deploy_the_stack(self, folder: Path, change: str, role: str) -> None:
        """What ``sam deploy`` does with another package."""
        (folder / "package.zip").write_bytes(changed(self.package, change, {}))
        self.deploy_with(folder / "package.zip", AllowedRoles=role)

    def deploy_with(self, package: Path, **parameters: str) -> None:
        """What ``sam deploy`` does with other parameters."""
        deploy(self.aws, ROOT / "template.yaml", package, {**FAST, **parameters}, self.stack.name)

    def told_of_itself(self) -> Mapping[str, Any]:
        """Returns what the live controller says of itself."""
        live = replace(self.itself, controller="live")
        found: Mapping[str, Any] = live.invoke({"request": "status"})["controller"]
        return found

    def other_code(self) -> list[str]:
        """Returns the deployments that the viewer names because it has not their code; it answers all the same."""
        answer = self.aws.client("lambda").invoke(FunctionName=self.stack.viewer, Payload=b'{"request": "status"}')
        said = str(json.load(answer["Payload"])["controller"]["warnings"])
        return re.findall(r"stack update, and (\S+) has deployed another", said)

    def ask(self, request: str) -> Mapping[str, Any]:
        """Returns the first version's answer: the one that works."""
        return self.itself.ask(request)

    def wait(self, *phases: str) -> Mapping[str, Any]:
        """Waits until the controller's newest deployment is in a phase or has ended."""

        def reached() -> Mapping[str, Any] | None:
            found = self.ask("history").get("deployments", ())
            return found[0] if found and found[0]["phase"] in (phases or ENDS) else None

        found = eventually(reached, every=0.5)
        assert found is not None
        return found

    def alias(self, name: str = "live") -> tuple[str, Mapping[str, float]] | None:
        return self.itself.alias(name)


@pytest.fixture
def own(aws: EmbeddedAws, package: Path, role: str, function_name: str) -> Iterator[Own]:
    name = f"own-{function_name.rpartition('-')[2]}"
    stack = deploy(aws, ROOT / "template.yaml", package, {"AllowedRoles": role, **FAST}, name)
    yield Own(Shop(aws, stack, role, stack.controller, controller="1"), package)
    aws.client("cloudformation").delete_stack(StackName=name)


def test_the_stack_deployed_again_has_both_aliases_and_the_next_drop_goes_on_from_there(
    own: Own, role: str, tmp_path: Path
) -> None:
    own.drop("# second\n", "second")
    assert own.wait()["phase"] == "SUCCEEDED"
    assert own.other_code() == [f"{own.stack.controller}:live#1"]
    own.deploy_the_stack(tmp_path, "# third\n", role)
    assert own.other_code() == []
    assert (own.alias(), own.alias("previous")) == (("3", {}), ("3", {}))
    own.drop("# fourth\n", "fourth")
    own.wait("PREPARING", "TESTING", "SHIFTING", "BAKING")
    assert own.wait()["phase"] == "SUCCEEDED"
    assert (own.alias(), own.alias("previous")) == (("4", {}), ("3", {}))


def test_the_stack_deployed_in_the_middle_wins_and_the_deployment_says_so(own: Own, role: str, tmp_path: Path) -> None:
    own.drop("# second\n", "second", bake="5m")
    own.wait("BAKING")
    eventually(lambda: own.alias() == ("2", {}))  # the record says it first
    own.deploy_the_stack(tmp_path, "# third\n", role)
    assert "send accept_drift" in str(own.ask("promote"))  # by itself it looks at the end of the bake
    assert own.alias() == ("3", {})
    assert own.ask("accept_drift")["ok"]
    assert (own.wait()["cause"], own.alias()) == ("drift", ("3", {}))


def test_the_stack_deployed_with_other_parameters_alone_has_them_at_once(own: Own, role: str) -> None:
    own.deploy_with(own.package, AllowedRoles=role, KeepVersions="9")
    assert (own.alias(), own.alias("previous")) == (("2", {}), ("2", {}))
    told = own.told_of_itself()
    assert (told["version"], told["settings"], told["parameters"]["KeepVersions"]) == ("2", "2", 9)
    own.deploy_with(own.package, AllowedRoles=role, KeepVersions="9", LogRetentionDays="90")
    assert own.alias() == ("2", {}), "what is in no environment publishes nothing, and fails no update"
    own.deploy_with(own.package, AllowedRoles="", KeepVersions="9", ManifestFrom="bucket")
    told = own.told_of_itself()
    assert (told["version"], told["parameters"]["AllowedRoles"]) == ("3", [])
    assert (told["parameters"]["ManifestFrom"], told["warnings"]) == ("bucket", [])


def test_other_parameters_after_a_drop_keep_the_code_that_was_dropped(own: Own, role: str) -> None:
    own.drop("# second\n", "second")
    assert own.wait()["phase"] == "SUCCEEDED"
    own.deploy_with(own.package, AllowedRoles=role, KeepVersions="9")
    assert (own.alias(), own.alias("previous")) == (("3", {}), ("3", {}))
    functions = own.aws.client("lambda")
    code = [
        functions.get_function_configuration(FunctionName=own.stack.controller, Qualifier=version)["CodeSha256"]
        for version in ("2", "3")
    ]
    assert code[0] == code[1]
    assert own.told_of_itself()["warnings"] == []


def test_that_live_is_back_on_the_stacks_own_version_is_told(own: Own) -> None:
    """As after a stack update that failed."""
    own.drop("# second\n", "second")
    assert own.wait()["phase"] == "SUCCEEDED"
    for alias in ("live", "previous"):
        own.aws.client("lambda").update_alias(FunctionName=own.stack.controller, Name=alias, FunctionVersion="1")
    (warning,) = own.told_of_itself()["warnings"]
    assert f"{own.stack.controller}:live carries version 1, older than 2" in warning
