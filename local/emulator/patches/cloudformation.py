"""Gives resources of a stack the properties that MiniStack's CloudFormation passes over without a word.

    AWS::Lambda::Function   DeadLetterConfig
    AWS::DynamoDB::Table    TimeToLiveSpecification, PointInTimeRecoverySpecification

MiniStack's services know all of them. After it has made or updated the resource, the service is asked for what the
template says, as anybody might ask it.

Note: a property that an update leaves out goes back to its default. "The template does not say" is a value, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from ministack.services import dynamodb, lambda_svc
from ministack.services.cloudformation import provisioners, stacks

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.answers import Answer, refused
from local.settings import Settings

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, Any]]


def install(settings: Settings) -> None:
    """Replaces how resources are made and updated, where stacks and nested stacks look it up."""
    create = ("resource_type", "logical_id", "props", "stack_name")
    update = ("resource_type", "physical_id", "old_props", "new_props", "stack_name", "logical_id", "old_attrs")
    for module in (provisioners, stacks):
        replace(module, "_provision_resource", create, _create)
        replace(module, "_update_resource", update, _update)


def _create(original: Callable[..., Made]) -> Callable[..., Made]:
    @wraps(original)
    def create(resource_type: str, logical_id: str, props: Properties, stack_name: str) -> Made:
        made = original(resource_type, logical_id, props, stack_name)
        _complete(resource_type, made[0], props)
        return made

    return create


def _update(original: Callable[..., Made]) -> Callable[..., Made]:
    @wraps(original)
    def update(
        resource_type: str,
        physical_id: str,
        old_props: Properties,
        new_props: Properties,
        stack_name: str,
        logical_id: str | None = None,
        old_attrs: dict[str, Any] | None = None,
    ) -> Made:
        made = original(resource_type, physical_id, old_props, new_props, stack_name, logical_id, old_attrs)
        if old_props != new_props:
            _complete(resource_type, made[0], new_props)
        return made

    return update


def _complete(resource_type: str, name: str, properties: Properties) -> None:
    if resource_type == "AWS::Lambda::Function":
        _set_dead_letters(name, properties.get("DeadLetterConfig") or {})
    elif resource_type == "AWS::DynamoDB::Table":
        _set_expiry(name, properties.get("TimeToLiveSpecification") or {})
        _set_recovery(name, properties.get("PointInTimeRecoverySpecification") or {})


def _set_dead_letters(name: str, wanted: Properties) -> None:
    """Sets the target only where it differs: an update of nothing would give the function a new revision."""
    found = lambda_svc._functions[name]["config"].get("DeadLetterConfig") or {}
    if found.get("TargetArn") != wanted.get("TargetArn"):
        asked = {"TargetArn": wanted.get("TargetArn", "")}
        _demand(lambda_svc._update_config(name, {"DeadLetterConfig": asked}), f"dead-letter queue of function {name}")


def _set_expiry(name: str, wanted: Properties) -> None:
    if not _is_on(wanted.get("Enabled", False)):
        dynamodb._ttl_settings.pop(name, None)
        return
    asked = {"Enabled": True, "AttributeName": wanted.get("AttributeName")}
    _demand(dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": asked}), f"expiry of table {name}")


def _set_recovery(name: str, wanted: Properties) -> None:
    asked = {"PointInTimeRecoveryEnabled": _is_on(wanted.get("PointInTimeRecoveryEnabled", False))}
    answer = dynamodb._update_continuous_backups({"TableName": name, "PointInTimeRecoverySpecification": asked})
    _demand(answer, f"point-in-time recovery of table {name}")


def _is_on(value: object) -> bool:
    """A parameter's value is text."""
    return str(value).lower() == "true"


def _demand(answer: Answer, what: str) -> None:
    """Raises ValueError, which fails the resource with this reason, where the service refused."""
    if refused(answer):
        raise ValueError(f"{what}: {answer[2]!r}")
