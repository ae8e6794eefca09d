"""A role of the stack as IAM evaluates it: template.yaml with names in it, and what its statements say of a request.

Note: "*" in a pattern of a resource matches ":" and "/" too, so ``function:shop*`` covers ``function:shop:7``. Source:
IAM user guide, JSON policy elements, Resource, 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.cloud.event_bus import CHAT_TOPIC, TOPIC
from tests.cloud.keys import KEY
from tests.cloud.steps import BUCKET
from tests.cloud.story import SETTINGS
from tests.cloud.table import TABLE
from tests.cloud.wire import ACCOUNT, REGION
from tests.template import DEFAULTS, NOTHING, properties, transformed

OWN_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/stack"
FUNCTION_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/functions"
STACK = SETTINGS.alarm_prefix.rstrip("/")
CONTROLLER = f"{SETTINGS.function_arn}{STACK}-controller"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
LOG_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{STACK}-controller:*"
VIEWERS_LOG_ARN = LOG_ARN.replace("-controller", "-viewer")
DEAD_LETTERS_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{STACK}-DeadLetters"
EVERYTHING: Mapping[str, Any] = {
    "AllowedRoles": list(SETTINGS.allowed_roles),
    "SigningKeyArn": KEY,
    "KmsKeyArn": OWN_KEY,
    "FunctionKeys": [FUNCTION_KEY],
    "NoticeEmail": "somebody@example.com",
    "ChatNotices": "yes",
}
"""Parameters that switch on all that the stack can do; the prefix of functions is its default, which is empty."""
MADE: Mapping[str, Any] = {
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": STACK,
    "Artifacts": BUCKET_ARN.rpartition(":")[2],
    "Artifacts.Arn": BUCKET_ARN,
    "Deployments.Arn": TABLE_ARN,
    "DeadLetters.Arn": DEAD_LETTERS_ARN,
    "ControllerLogs.Arn": LOG_ARN,
    "ViewerLogs.Arn": VIEWERS_LOG_ARN,
    "ControllerRole.Arn": f"arn:aws:iam::{ACCOUNT}:role/{STACK}-controller",
    "Notices": TOPIC,
    "ChatTopic": CHAT_TOPIC,
}
"""What CloudFormation knows by itself, or makes: the names of the AWS in memory."""


@dataclass(frozen=True)
class Request:
    """What IAM is asked. ``context`` are the condition keys that AWS sends with it."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True)
class Statement:
    sid: str
    is_refusal: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_on_all_others: bool = False
    """Are ``resources`` those that it is not about (NotResource)?"""

    def is_about(self, request: Request) -> bool:
        return (
            request.action in self.actions
            and any(matches(pattern, request.resource) for pattern in self.resources) != self.is_on_all_others
            and all(_holds(operator, asked, dict(request.context)) for operator, asked in self.conditions.items())
        )


@dataclass(frozen=True)
class Role:
    """The statements of the role, under some parameters of the stack."""

    statements: tuple[Statement, ...]

    def allowing(self, request: Request) -> list[Statement]:
        """Returns the statements that allow a request; none where one refuses it."""
        about = [statement for statement in self.statements if statement.is_about(request)]
        return [] if any(statement.is_refusal for statement in about) else about

    def allows(self, action: str, resource: str, **context: str) -> bool:
        """``context``: condition keys with "_" for ":"."""
        keys = tuple((key.replace("_", ":", 1), value) for key, value in context.items())
        return bool(self.allowing(Request(action, resource, keys)))

    @property
    def granted(self) -> set[tuple[str, str]]:
        """Every action that is allowed, with the statement that does: ("Records", "dynamodb:GetItem")."""
        return {(each.sid, action) for each in self.statements if not each.is_refusal for action in each.actions}


def role(of: str = "ControllerRole", /, **parameters: Any) -> Role:
    """Returns a role of a stack with these parameters, and the template's defaults for all others."""
    named = {**DEFAULTS, "AllowedRoles": [], "FunctionKeys": [], **MADE, **parameters}
    written = [each for policy in _policies(of) for each in made(policy["PolicyDocument"]["Statement"], named)]
    return Role(tuple(_statement(each) for each in written))


def made(value: Any, named: Mapping[str, Any]) -> Any:
    """Returns a part of the template as CloudFormation makes it with these names."""
    if isinstance(value, list):
        return [found for each in value if (found := made(each, named)) != NOTHING]
    if not isinstance(value, dict) or value == NOTHING:
        return value
    match [*value.items()]:
        case [("Ref", name)]:
            return named[name]
        case [("Fn::GetAtt", [name, attribute])]:
            return named[f"{name}.{attribute}"]
        case [("Fn::Sub", text)]:
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: str(named[found[1]]), text)
        case [("Fn::If", [condition, where_it_holds, otherwise])]:
            return made(where_it_holds if CONDITIONS[condition](named) else otherwise, named)
    return {key: made(each, named) for key, each in value.items()}


def matches(pattern: str, resource: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), resource) is not None


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def _policies(of: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = properties(transformed(), of)["Policies"]
    return found


def _statement(written: Mapping[str, Any]) -> Statement:
    assert written.keys() <= {"Sid", "Effect", "Action", "Resource", "NotResource", "Condition"}, written
    return Statement(
        sid=written["Sid"],
        is_refusal={"Allow": False, "Deny": True}[written["Effect"]],
        actions=tuple(listed(written["Action"])),
        resources=tuple(_flat(listed(written.get("Resource") or written["NotResource"]))),
        conditions=written.get("Condition", {}),
        is_on_all_others="NotResource" in written,
    )


def _flat(values: list[Any]) -> Iterator[str]:
    for value in values:
        yield from value if isinstance(value, list) else [value]


def _holds(operator: str, asked: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    assert operator in ("StringEquals", "Bool", "ForAllValues:StringEquals"), f"{operator} is not evaluated here"
    return all(context.get(key) in listed(value) for key, value in asked.items())


CONDITIONS = {
    "MustBeSigned": lambda named: named["SigningKeyArn"] != "",
    "HasKey": lambda named: named["KmsKeyArn"] != "",
    "MayPassRoles": lambda named: "".join(named["AllowedRoles"]) != "",
    "MayGiveKeys": lambda named: "".join(named["FunctionKeys"]) != "",
    "HasChatTopic": lambda named: named["ChatNotices"] != "no",
    "HasNoticeTopic": lambda named: named["NoticeEmail"] != "",
}
"""The template's conditions that the role goes by. A test compares them with what it says."""
