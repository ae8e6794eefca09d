"""What the controller's role allows: the calls that the controller makes, on what it makes them, and no more."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from tests.template import TEXT, WRITTEN, constants, of_type, properties, syntax_trees, transformed

SERVICES = ("cloudwatch", "dynamodb", "events", "kms", "lambda", "s3", "sns")
# Where an action is not named like the call that needs it.
ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}
# What AWS asks for beside the action of the call itself.
BESIDE_THE_CALLS = {
    "ec2:DescribeSecurityGroups": "CreateFunction with VpcConfig",
    "ec2:DescribeSubnets": "CreateFunction with VpcConfig",
    "ec2:DescribeVpcs": "CreateFunction with VpcConfig",
    "iam:PassRole": "CreateFunction with Role",
    "kms:Decrypt": "anything that is read under the stack's own key",
    "kms:GenerateDataKey": "anything that is written under the stack's own key",
    "lambda:GetLayerVersion": "CreateFunction with Layers",
    "lambda:ListTags": "GetFunction that shows the tags",
    "lambda:TagResource": "CreateFunction with Tags",
    "logs:CreateLogStream": "any run of the controller",
    "logs:PutLogEvents": "any run of the controller",
    "s3:GetObjectVersion": "GetObject with VersionId",
    "s3:ListBucket": "GetObject of what is not there",
    "sqs:SendMessage": "a run of the controller that failed for good",
}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return transformed()


def statements(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every statement of the controller's role, those under a condition too."""
    for policy in properties(template, "ControllerRole")["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def granted(template: dict[str, Any]) -> set[str]:
    """Every action that the controller may perform."""
    allowed = (statement for statement in statements(template) if statement["Effect"] == "Allow")
    return {action for statement in allowed for action in listed(statement["Action"])}


def called() -> set[str]:
    """The action of every call that the adapters' protocols of boto3's clients name."""
    session = botocore.session.get_session()
    models = [(service, session.get_service_model(service)) for service in SERVICES]
    operations = {xform_name(name): f"{service}:{name}" for service, model in models for name in model.operation_names}
    classes = (node for tree in syntax_trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    protocols = (made for made in classes if any(ast.unparse(base) == "Protocol" for base in made.bases))
    methods = {part.name for made in protocols for part in made.body if isinstance(part, ast.FunctionDef)}
    return {operations[method] for method in methods & operations.keys()}


def needed() -> set[str]:
    """The actions of ``called``, a transaction's by its parts: ``Put`` needs dynamodb:PutItem."""
    parts = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
    in_transactions = {f"dynamodb:{parts[part]}" for part in parts.keys() & constants()}
    calls = called() - {"dynamodb:TransactWriteItems"}
    return {ACTIONS.get(call, call) for call in calls} | in_transactions


def test_the_controller_may_make_every_call_that_it_makes(template: dict[str, Any]) -> None:
    assert needed() - granted(template) == set()


def test_the_controller_may_do_nothing_that_it_does_not_do(template: dict[str, Any]) -> None:
    assert granted(template) - needed() == BESIDE_THE_CALLS.keys()


def test_no_action_of_the_controller_has_a_wildcard(template: dict[str, Any]) -> None:
    assert {action for action in granted(template) if "*" in action} == set()
    assert {key for statement in statements(template) for key in statement if key.startswith("Not")} == set()


def test_the_controller_has_no_permission_but_those_written_here(template: dict[str, Any]) -> None:
    (role,) = of_type(template, "AWS::IAM::Role").values()
    assert "ManagedPolicyArns" not in role


def test_a_resource_of_everything_carries_its_reason() -> None:
    everything = re.findall(r'^ *(?:Resource: |Principal: |- )"\*".*$', TEXT, re.MULTILINE)
    assert len(everything) == 5
    assert [line for line in everything if not re.search(r'"\*" # \w+', line)] == []


def test_actions_on_everything_are_those_that_aws_grants_no_other_way(template: dict[str, Any]) -> None:
    everywhere = [statement for statement in statements(template) if statement["Resource"] == "*"]
    assert {action for statement in everywhere for action in listed(statement["Action"])} == {
        "lambda:GetAccountSettings",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    }


def resources(template: dict[str, Any], action: str) -> list[str]:
    """On what an action is allowed."""
    found = (statement for statement in statements(template) if action in listed(statement["Action"]))
    return [resource["Fn::Sub"] for statement in found for resource in listed(statement["Resource"])]


@pytest.mark.parametrize("action", ["lambda:DeleteFunction", "lambda:InvokeFunction"])
def test_a_function_is_invoked_and_deleted_only_by_version(template: dict[str, Any], action: str) -> None:
    found = [arn for arn in resources(template, action) if "${HookPrefix}" not in arn]
    assert len(found) == 2
    assert [arn for arn in found if not arn.endswith(":*")] == []


def test_a_hook_is_a_function_whose_name_begins_with_the_prefix_and_is_only_invoked(template: dict[str, Any]) -> None:
    hooks = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${HookPrefix}*"
    about = [statement for statement in statements(template) if "HookPrefix" in json.dumps(statement)]
    assert [(each["Action"], each["Resource"]) for each in about] == [("lambda:InvokeFunction", {"Fn::Sub": hooks})]


def test_the_prefix_of_hooks_cannot_be_empty() -> None:
    prefix = WRITTEN["Parameters"]["HookPrefix"]
    assert re.fullmatch(prefix["AllowedPattern"], prefix["Default"])
    assert not re.fullmatch(prefix["AllowedPattern"], "")


def test_the_controller_never_changes_its_own_settings(template: dict[str, Any]) -> None:
    (refusal,) = (statement for statement in statements(template) if statement["Effect"] == "Deny")
    assert refusal["Action"] == "lambda:UpdateFunctionConfiguration"
    assert refusal["Resource"]["Fn::Sub"].endswith(":function:${AWS::StackName}-controller")


def test_roles_are_passed_only_to_lambda_and_only_where_some_are_named(template: dict[str, Any]) -> None:
    policies = properties(template, "ControllerRole")["Policies"]
    (policy,) = (policy for policy in policies if "iam:PassRole" in json.dumps(policy))
    (choice,) = (part["Fn::If"] for part in policy["PolicyDocument"]["Statement"] if "Fn::If" in part)
    condition, passing, otherwise = choice
    assert (condition, otherwise) == ("MayPassRoles", {"Ref": "AWS::NoValue"})
    assert passing["Resource"] == {"Ref": "AllowedRoles"}
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
