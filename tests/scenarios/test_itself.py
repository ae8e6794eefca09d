"""What ``status`` says of the controller: which version and which parameters answer, and what is odd about that.

Checkout stands for the controller's own function, whose alias is ``live`` as well.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.core.model import Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.faults import Call, Fault
from tests.cloud.steps import Drop, Live, Minutes, Until
from tests.cloud.story import SETTINGS, Story, asking
from tests.template import DEFAULTS, WRITTEN

OWN = replace(SETTINGS, function=CHECKOUT.function, version="1", number="7")


@pytest.fixture
def story() -> Story:
    """Version 1 of the controller serves; the stack made it."""
    return Story(settings=OWN).play([Live("v1")])


def controller(story: Story, **request: object) -> Any:
    """Returns what ``status`` says of the controller."""
    assert story.asks(request or {"request": "status"}), story.answers
    return story.answers[-1]["controller"]


def moved_by_the_stack(story: Story, version: str) -> Story:
    """CloudFormation points both aliases to a version."""
    for alias in ("live", "previous"):
        story.cloud.lambda_.point(CHECKOUT.function, alias, version)
    return story


def deployed(story: Story, code: str) -> Story:
    return story.play([Drop(code), Until(Phase.SUCCEEDED)]).to_the_end()


def sets(story: Story, **variables: str) -> None:
    """CloudFormation gives ``$LATEST`` an environment."""
    environment = {"SLIPWAY_TABLE": "table", "SLIPWAY_ALARM_PREFIX": "slipway/", **variables}
    story.cloud.lambda_.functions[CHECKOUT.function].latest["Environment"] = {"Variables": environment}


SAME = {
    "SLIPWAY_ALLOWED_ROLES": ",".join(OWN.allowed_roles),
    "SLIPWAY_KEEP_VERSIONS": str(OWN.keep_versions),
    "SLIPWAY_HOOK_PREFIX": OWN.hook_prefix,
    "SLIPWAY_TOPIC": str(OWN.topic),
    "SLIPWAY_CHAT_TOPIC": OWN.chat_topic or "",
    "SLIPWAY_SETTINGS": "7",
}
"""What version 1 was published with."""


def test_status_says_which_version_and_which_parameters_answer(story: Story) -> None:
    told = controller(story)
    assert (told["version"], told["settings"], told["warnings"]) == ("1", "7", [])
    assert told["parameters"]["AllowedRoles"] == list(OWN.allowed_roles)
    assert told["parameters"]["KeepVersions"] == 2


def test_status_says_in_which_minute_the_controller_last_answered_well(story: Story) -> None:
    def last_tick() -> datetime | None:
        assert story.asks({"request": "status"})
        told = story.answers[-1]["last_tick"]
        return datetime.fromisoformat(told) if told else None

    story.play([Minutes(5)])
    last = last_tick()
    assert last is not None
    assert timedelta(0) <= story.cloud.clock.now - last <= timedelta(minutes=3)
    story.cloud.callers.clear()
    story.play([Minutes(9)])
    later = last_tick()
    assert later is not None and later - last <= timedelta(minutes=3), "nobody has called since"
    story.cloud.down("cloudwatch")
    assert last_tick() is None


def test_the_parameters_have_the_names_that_the_stack_has_for_them(story: Story) -> None:
    named = controller(story)["parameters"]
    assert named.keys() <= WRITTEN["Parameters"].keys()
    as_by_default = {"allowed_roles": (), "topic": None, "keep_versions": 5, "hook_prefix": DEFAULTS["HookPrefix"]}
    defaults = Story(settings=replace(SETTINGS, **as_by_default))
    for name, value in controller(defaults)["parameters"].items():
        assert (",".join(value) if isinstance(value, list) else str(value)) == DEFAULTS[name], name


def test_the_status_of_a_function_says_who_answers_it_and_no_parameters(story: Story) -> None:
    assert controller(story, **asking("status")) == {"version": "1", "settings": "7", "warnings": []}


def test_that_a_failed_stack_update_put_an_older_version_back_is_told_with_what_to_do(story: Story) -> None:
    moved_by_the_stack(deployed(deployed(story, "v2"), "v3"), "1")
    (warning,) = controller(story, **asking("status"))["warnings"]
    assert "checkout:live carries version 1, older than 3, which checkout:live#2 left there" in warning
    assert "deploy the stack again" in warning
    assert "checkout/v3.zip" in warning


@pytest.mark.parametrize("version", ["2", "3"])
def test_a_version_that_the_stack_made_since_is_right(story: Story, version: str) -> None:
    deployed(story, "v2")
    if version == "3":
        sets(story, **SAME)
        assert story.cloud.lambda_.publish(CHECKOUT.function) == "3"
    moved_by_the_stack(story, version)
    assert controller(story)["warnings"] == []


def test_a_rollback_is_no_fallback(story: Story) -> None:
    deployed(story, "v2")
    assert story.asks(asking("rollback"))
    story.to_the_end()
    assert story.routing == Routing("1")
    assert controller(story)["warnings"] == []


def test_a_version_that_somebody_else_put_there_and_that_was_kept_is_no_fallback(story: Story) -> None:
    deployed(story, "v2").play([Drop("v3"), Until(Phase.BAKING)])
    moved_by_the_stack(story, "1")
    assert story.asks(asking("accept_drift"))
    story.to_the_end()
    assert controller(story)["warnings"] == []


def test_a_deployment_that_is_open_is_no_fallback(story: Story) -> None:
    deployed(story, "v2").play([Drop("v3"), Until(Phase.SHIFTING)])
    assert controller(story)["warnings"] == []


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"SLIPWAY_KEEP_VERSIONS": "9"}, "KeepVersions"),
        ({"SLIPWAY_ALLOWED_ROLES": ""}, "AllowedRoles"),
        ({"SLIPWAY_SIGNING_KEY": "arn:aws:kms:us-east-1:123456789012:key/signs"}, "SigningKeyArn"),
        ({"SLIPWAY_MANIFEST_FROM": "bucket"}, "ManifestFrom"),
        ({"SLIPWAY_MANIFEST_RULES": "{}"}, "ManifestRules"),
        ({"SLIPWAY_KEEP_VERSIONS": "many"}, "cannot be read"),
    ],
)
def test_parameters_that_do_not_answer_are_told_by_name(story: Story, changed: dict[str, str], name: str) -> None:
    sets(story, **{**SAME, **changed})
    (warning,) = controller(story)["warnings"]
    assert name in warning
    assert "drop the controller's zip again" in warning


def test_the_same_parameters_under_another_number_are_no_news(story: Story) -> None:
    sets(story, **{**SAME, "SLIPWAY_SETTINGS": "9"})
    assert controller(story)["warnings"] == []


def test_a_status_is_answered_where_the_controller_cannot_see_itself(story: Story) -> None:
    def about_itself(call: Call) -> bool:
        return call.operation == "GetFunction"

    story.cloud.fail(about_itself, Fault.DENIED, times=None)
    (warning,) = controller(story)["warnings"]
    assert "cannot tell whether this version is the right one" in warning
    assert "lambda:GetFunction" in warning
