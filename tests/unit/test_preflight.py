"""What preflight objects to, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.lifecycle.preflight import FunctionFacts, HookFacts, VersionFacts, goes_back_to, problem
from controller.core.manifest.settings import Manifest
from controller.core.model import Cause, Routing
from controller.core.model.outcomes import Preflighted
from tests.builders import CHECKOUT, manifest

ROLE = "arn:aws:iam::123456789012:role/checkout"
OTHER = "arn:aws:iam::123456789012:role/other"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead"
SETTINGS = {"Role": ROLE, "Runtime": "python3.13", "Handler": "app.handler", "DeadLetterConfig": {"TargetArn": ""}}
NEW = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}
MAY_CALL = HookFacts("slipway-hook-")
ALL_AT_ONCE: dict[str, object] = {"steps": []}


def facts(**changes: Any) -> FunctionFacts:
    """Returns those of a function whose alias is on version 2, with nothing wrong."""
    whole = FunctionFacts(
        settings=SETTINGS,
        alias=Routing("2"),
        stable=VersionFacts("2", SETTINGS, "Active"),
        code_storage_used=1_000,
        code_storage_limit=10_000,
    )
    return replace(whole, **changes)


def objection(  # noqa: PLR0913 - what there is to object to
    found: FunctionFacts | None,
    wanted: Manifest | None = None,
    *,
    roles: tuple[str, ...] = (),
    size: int = 500,
    missing: frozenset[str] = frozenset(),
    hooks: HookFacts = MAY_CALL,
    keys: tuple[str, ...] = (),
) -> str:
    """Returns what preflight says, empty where it has nothing to say."""
    reason = problem(found, wanted or manifest(), roles, size, missing, CHECKOUT, hooks, keys)
    assert reason is None or reason.cause is Cause.PREFLIGHT
    return reason.text if reason else ""


def test_a_deployment_without_problems_passes() -> None:
    assert objection(facts()) == ""


class TestAnAbsentFunction:
    def test_can_be_created_with_runtime_handler_and_an_allowed_role(self) -> None:
        assert objection(None, manifest(function=NEW), roles=(ROLE,)) == ""

    @pytest.mark.parametrize("member", ["Runtime", "Handler", "Role"])
    def test_cannot_be_created_without(self, member: str) -> None:
        some = {name: value for name, value in NEW.items() if name != member}
        said = objection(None, manifest(function=some), roles=(ROLE,))
        assert f"lacks {member};" in said

    def test_lacks_all_three_where_the_manifest_says_nothing(self) -> None:
        assert "lacks Runtime, Handler, Role;" in objection(None)


class TestTheRole:
    def test_must_be_allowed_for_a_new_function(self) -> None:
        said = objection(None, manifest(function=NEW), roles=(OTHER,))
        assert f"`function.Role` is {ROLE}" in said
        assert f"allowed: {OTHER}" in said

    def test_must_be_allowed_where_it_changes(self) -> None:
        wanted = manifest(function={"Role": OTHER}, strategy=ALL_AT_ONCE)
        assert "allowed: none" in objection(facts(), wanted)

    def test_that_is_not_allowed_is_said_before_how_it_could_be_deployed(self) -> None:
        assert f"`function.Role` is {OTHER}" in objection(facts(), manifest(function={"Role": OTHER}), roles=(ROLE,))

    def test_need_not_be_allowed_where_it_stays(self) -> None:
        assert objection(facts(), manifest(function={"Role": ROLE})) == ""

    @pytest.mark.parametrize(
        ("pattern", "allowed"),
        [
            ("arn:aws:iam::123456789012:role/check*", True),
            ("arn:aws:iam::123456789012:role/*", True),
            ("arn:aws:iam::123456789012:role/check", False),
            ("arn:aws:iam::*:role/checkout", False),
        ],
    )
    def test_may_be_allowed_by_its_beginning(self, pattern: str, allowed: bool) -> None:
        assert (objection(None, manifest(function=NEW), roles=(pattern,)) == "") is allowed

    def test_cannot_change_step_by_step(self) -> None:
        said = objection(facts(), manifest(function={"Role": OTHER}), roles=(OTHER,))
        assert f"Role changes from {ROLE} to {OTHER}" in said
        assert '"strategy": {"steps": []}' in said

    def test_may_change_all_at_once(self) -> None:
        wanted = manifest(function={"Role": OTHER}, strategy=ALL_AT_ONCE)
        assert objection(facts(), wanted, roles=(OTHER,)) == ""

    def test_that_somebody_changed_on_the_function_counts(self) -> None:
        found = facts(settings={**SETTINGS, "Role": OTHER})
        assert f"Role changes from {ROLE} to {OTHER}" in objection(found)

    def test_of_a_function_to_onboard_is_compared_with_what_it_runs(self) -> None:
        found = facts(alias=None, stable=None)
        assert "Role changes" in objection(found, manifest(function={"Role": OTHER}), roles=(OTHER,))

    def test_may_change_before_the_first_version_serves(self) -> None:
        found = facts(alias=None, stable=None, made_by_slipway=True)
        assert objection(found, manifest(function={"Role": OTHER}), roles=(OTHER,)) == ""


class TestTheDeadLetterQueue:
    def test_cannot_be_added_step_by_step(self) -> None:
        said = objection(facts(), manifest(function={"DeadLetterConfig": {"TargetArn": QUEUE}}))
        assert f"DeadLetterConfig changes from none to {QUEUE}" in said

    def test_cannot_be_taken_away_step_by_step(self) -> None:
        old = {**SETTINGS, "DeadLetterConfig": {"TargetArn": QUEUE}}
        found = facts(settings=old, stable=VersionFacts("2", old, "Active"))
        said = objection(found, manifest(function={"DeadLetterConfig": {"TargetArn": ""}}))
        assert f"changes from {QUEUE} to none" in said

    def test_none_in_other_words_is_no_change(self) -> None:
        assert objection(facts(), manifest(function={"DeadLetterConfig": {}})) == ""


class TestProvisionedConcurrency:
    def test_refuses_steps(self) -> None:
        assert "provisioned concurrency" in objection(facts(has_provisioned_concurrency=True))

    def test_allows_all_at_once(self) -> None:
        assert objection(facts(has_provisioned_concurrency=True), manifest(strategy=ALL_AT_ONCE)) == ""


class TestTheAlias:
    def test_on_latest_is_refused(self) -> None:
        found = facts(alias=Routing("$LATEST"), stable=VersionFacts("$LATEST", SETTINGS, "Active"))
        assert "points to $LATEST" in objection(found)

    def test_split_by_somebody_else_is_refused(self) -> None:
        said = objection(facts(alias=Routing("2", "5", 1000)))
        assert "version 2 with 10% to version 5" in said
        assert "clear the weights" in said

    @pytest.mark.parametrize("state", ["Failed", "Deactivated"])
    def test_on_a_version_that_is_not_ready_is_refused(self, state: str) -> None:
        assert f"is {state}" in objection(facts(stable=VersionFacts("2", SETTINGS, state)))

    @pytest.mark.parametrize("state", ["Active", "Pending", ""])
    def test_on_a_version_that_is_ready_or_getting_so_passes(self, state: str) -> None:
        assert objection(facts(stable=VersionFacts("2", SETTINGS, state))) == ""


def test_an_image_is_refused() -> None:
    assert "made from an Image" in objection(facts(package_type="Image"))


def test_managed_instances_are_refused() -> None:
    assert "capacity provider" in objection(facts(on_managed_instances=True))


class TestCodeStorage:
    def test_that_the_artifact_fills_is_enough(self) -> None:
        assert objection(facts(), size=9_000) == ""

    def test_that_is_full_is_refused(self) -> None:
        assert "9001 bytes, and 9000 of 10000 are left" in objection(facts(), size=9_001)

    def test_that_is_unknown_is_not_guessed(self) -> None:
        assert objection(facts(code_storage_limit=0), size=10**12) == ""


class TestMissingAlarms:
    def test_are_named(self) -> None:
        said = objection(facts(), missing=frozenset({"b", "a"}))
        assert "names alarms that do not exist: a, b;" in said

    def test_are_named_for_a_new_function_too(self) -> None:
        assert "a;" in objection(None, manifest(function=NEW), roles=(ROLE,), missing=frozenset({"a"}))


class TestHooks:
    SMOKE = "slipway-hook-smoke:live"

    def test_that_can_be_called_pass(self) -> None:
        assert objection(facts(), manifest(hooks={"each_step": {"function": self.SMOKE}})) == ""

    @pytest.mark.parametrize("function", ["reporter:live", "my-slipway-hook-smoke", "slipway-hook"])
    def test_outside_the_prefix_are_named_with_what_is_allowed(self, function: str) -> None:
        said = objection(facts(), manifest(hooks={"after_bake": {"function": function}}))
        assert said.startswith(
            f"`hooks.after_bake` is {function}, which Slipway may not call (allowed: slipway-hook-*)"
        )

    def test_are_allowed_to_nobody_where_the_stack_gives_no_prefix(self) -> None:
        """The code of a controller may be newer than its stack."""
        said = objection(facts(), manifest(hooks={"each_step": {"function": self.SMOKE}}), hooks=HookFacts())
        assert "which Slipway may not call (allowed: none)" in said

    def test_that_cannot_be_called_say_why(self) -> None:
        found = HookFacts("slipway-hook-", {self.SMOKE: "it does not exist"})
        said = objection(facts(), manifest(hooks={"each_step": {"function": self.SMOKE}}), hooks=found)
        assert said.startswith(f"`hooks.each_step` is {self.SMOKE}, and that cannot be called: it does not exist; ")

    def test_of_a_new_function_are_asked_about_too(self) -> None:
        said = objection(None, manifest(function=NEW, hooks={"each_step": {"function": "x"}}), roles=(ROLE,))
        assert "`hooks.each_step` is x" in said


def test_the_function_is_mended_before_its_alarms() -> None:
    assert "does not exist and cannot be created" in objection(None, missing=frozenset({"a"}))


class TestAKeyOfTheEnvironment:
    KEY = "arn:aws:kms:us-east-1:123456789012:key/one"
    OTHER_KEY = "arn:aws:kms:us-east-1:123456789012:key/two"

    def having(self, key: str) -> FunctionFacts:
        return facts(settings={**SETTINGS, "KMSKeyArn": key})

    @pytest.mark.parametrize("found", [None, facts(), facts(settings={**SETTINGS, "KMSKeyArn": OTHER_KEY})])
    def test_is_given_only_where_the_stack_names_it(self, found: FunctionFacts | None) -> None:
        wanted = manifest(function={**NEW, "KMSKeyArn": self.KEY})
        assert f"needs the KMS key {self.KEY}" in objection(found, wanted, roles=(ROLE,), keys=(self.OTHER_KEY,))
        assert objection(found, wanted, roles=(ROLE,), keys=(self.KEY, self.OTHER_KEY)) == ""

    def test_is_told_with_what_to_do(self) -> None:
        said = objection(facts(), manifest(function={"KMSKeyArn": self.KEY}))
        assert "(allowed: none)" in said
        assert "parameter FunctionKeys" in said
        assert "output ControllerRoleArn" in said

    def test_that_the_function_has_is_needed_to_change_its_environment(self) -> None:
        wanted = manifest(function={"Environment": {"Variables": {"CURRENCY": "EUR"}}})
        assert self.KEY in objection(self.having(self.KEY), wanted)
        assert objection(self.having(self.KEY), wanted, keys=(self.KEY,)) == ""
        assert objection(facts(), wanted) == ""

    def test_that_the_function_has_is_needed_to_take_it_away(self) -> None:
        wanted = manifest(function={"KMSKeyArn": ""})
        assert self.KEY in objection(self.having(self.KEY), wanted)
        assert objection(facts(), wanted) == ""

    def test_that_the_function_has_is_not_needed_where_the_environment_stays(self) -> None:
        for wanted in (manifest(), manifest(function={"KMSKeyArn": self.KEY}), manifest(function={"Timeout": 9})):
            assert objection(self.having(self.KEY), wanted) == ""

    def test_covers_no_key_whose_name_begins_like_it(self) -> None:
        wanted = manifest(function={"KMSKeyArn": f"{self.KEY}-2"})
        assert objection(facts(), wanted, keys=(self.KEY,)) != ""


def test_an_absent_function_has_nothing_to_go_back_to() -> None:
    assert goes_back_to(None) == Preflighted(None)


def test_the_alias_says_what_is_stable() -> None:
    facts = FunctionFacts(settings={}, alias=Routing("7"))
    assert goes_back_to(facts) == Preflighted("7")


def test_a_function_without_the_alias_is_onboarded() -> None:
    assert goes_back_to(FunctionFacts(settings={})) == Preflighted(None, onboards=True)


def test_a_function_that_slipway_made_is_not_onboarded() -> None:
    facts = FunctionFacts(settings={}, made_by_slipway=True)
    assert goes_back_to(facts) == Preflighted(None)
