"""What the controller's role allows: the calls that the controller makes, on what it makes them, and no more.

What the controller asks for is recorded, not read off its code: see ``recorded``.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from tests.cloud.steps import HOOK, ROLE
from tests.cloud.wire import ACCOUNT
from tests.contract.authorization import PLATFORM
from tests.contract.recorded import LAYER, calls, requests
from tests.contract.role import (
    CONDITIONS,
    CONTROLLER,
    EVERYTHING,
    FUNCTION_KEY,
    TABLE_ARN,
    Request,
    Role,
    made,
    matches,
    role,
)
from tests.template import TEXT, WRITTEN, of_type, properties, syntax_trees, transformed

SERVICES = ("cloudwatch", "dynamodb", "events", "kms", "lambda", "s3", "sns", "sqs")
FUNCTIONS = CONTROLLER.removesuffix("slipway-controller")
PREFIX = "check"
"""A prefix of functions that fits those of the stories, and no hook."""


@pytest.fixture(scope="module", params=["", PREFIX], ids=["any function", "functions with a prefix"])
def everything(request: pytest.FixtureRequest) -> Role:
    """The role of a stack in which all is switched on."""
    return role(**EVERYTHING, FunctionPrefix=request.param)


@pytest.fixture(scope="module")
def prefixed() -> Role:
    return role(**EVERYTHING, FunctionPrefix="shop-")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return transformed()


# -- what is asked, and what is granted -------------------------------------------------------------------------------


def test_every_request_that_the_stories_make_is_allowed_on_what_it_is_about(everything: Role) -> None:
    assert sorted(str(request) for request in requests() if not everything.allowing(request)) == []


def test_every_action_that_a_statement_grants_is_asked_for_in_some_story(everything: Role) -> None:
    asked = {(each.sid, request.action) for request in requests() for each in everything.allowing(request)}
    assert sorted(everything.granted - asked) == []


def test_nothing_that_an_adapter_can_call_is_missing_in_the_stories() -> None:
    """So the record is of all that the controller can do, whichever tests are run."""
    session = botocore.session.get_session()
    models = [(service, session.get_service_model(service)) for service in SERVICES]
    operations = {xform_name(name): (service, name) for service, model in models for name in model.operation_names}
    classes = (node for tree in syntax_trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    protocols = (found for found in classes if any(ast.unparse(base) == "Protocol" for base in found.bases))
    methods = {part.name for found in protocols for part in found.body if isinstance(part, ast.FunctionDef)}
    written = {operations[method] for method in methods & operations.keys()}
    assert len(written) > 20
    assert written - {(call.service, call.operation) for call in calls()} == set()


def test_a_grant_that_nobody_asks_for_and_a_request_that_nobody_grants_are_both_seen() -> None:
    """The two comparisons above can fail."""
    asked = {request.action for request in requests()}
    assert "lambda:DeleteAlias" not in asked
    assert not role(**EVERYTHING).allows("lambda:DeleteAlias", f"{FUNCTIONS}checkout")
    assert [request for request in requests() if not role().allowing(request)] != []


def test_what_is_switched_off_is_not_granted() -> None:
    """Topic, signing, a key of one's own, roles and keys of functions: each is a parameter that is empty by default."""
    switched_on = {"sns:Publish", "kms:Verify", "kms:Decrypt", "kms:GenerateDataKey", "iam:PassRole"}
    switched_on |= {"kms:Encrypt", "kms:CreateGrant"}
    actions = {action for _, action in role(**EVERYTHING).granted} - {action for _, action in role().granted}
    assert actions == switched_on


def test_the_conditions_are_evaluated_as_the_template_writes_them() -> None:
    lists: dict[str, list[str]] = {"AllowedRoles": [], "FunctionKeys": []}
    named = {**EVERYTHING, **lists}
    empty = {**dict.fromkeys(("SigningKeyArn", "KmsKeyArn", "NoticeEmail"), ""), "ChatNotices": "no"}
    for name, holds in CONDITIONS.items():
        (found,) = WRITTEN["Conditions"][name]["Fn::Not"]
        left, right = found["Fn::Equals"]
        assert right == empty.get(left.get("Ref"), "")
        parameter = left.get("Ref") or left["Fn::Join"][1]["Ref"]
        assert holds({**named, parameter: ["x"] if parameter in lists else "x"})
        assert not holds({**named, **empty})


def test_the_platform_asks_only_for_what_no_client_of_the_controllers_could() -> None:
    services = {request.action.partition(":")[0] for request in PLATFORM}
    assert services - {"kms"} == {"logs", "sqs"}
    assert services & {call.service for call in calls()} <= {"kms", "sqs"}


# -- as narrow as AWS allows ------------------------------------------------------------------------------------------


def test_no_action_of_the_controller_has_a_wildcard(everything: Role) -> None:
    assert {action for _, action in everything.granted if "*" in action} == set()


def test_the_controller_has_no_permission_but_those_written_here(template: dict[str, Any]) -> None:
    found = of_type(template, "AWS::IAM::Role")
    assert found.keys() == {"ControllerRole", "ViewerRole"}
    assert found["ControllerRole"].keys() == {"AssumeRolePolicyDocument", "Description", "Policies"}


def test_only_lambda_takes_the_role(template: dict[str, Any]) -> None:
    (statement,) = properties(template, "ControllerRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_a_resource_of_everything_carries_its_reason() -> None:
    everything = re.findall(r'^ *(?:Resource: |Principal: |- )"\*".*$', TEXT, re.MULTILINE)
    assert len(everything) == 10
    assert [line for line in everything if not re.search(r'"\*" # \w+', line)] == []


def test_a_star_in_a_resource_of_a_role_is_explained_above_its_statement_or_beside_it() -> None:
    """A comment that speaks of the "*", or one on the line itself."""
    of_the_roles = TEXT[TEXT.index("  ControllerRole:") : TEXT.index("Outputs:")]
    parts = re.split(r"^( *)- Sid: ", of_the_roles, flags=re.MULTILINE)
    before, stars, unexplained = parts[0], 0, []
    for body in parts[2::2]:
        above = re.search(r"((?:^ *#.*\n)*)(?: *- Fn::If:\n *- \w+\n)?\Z", before, re.MULTILINE)
        lines = [line for line in body.splitlines() if re.search(r'arn:.*\*|\*"|/\*', line.partition(" #")[0])]
        stars += len(lines)
        if lines and '"*"' not in (above[1] if above else "") and not all(" # " in line for line in lines):
            unexplained.append(body.partition("\n")[0])
        before = body
    assert stars > 10
    assert unexplained == []


def test_actions_on_everything_are_those_that_aws_grants_no_other_way(everything: Role) -> None:
    everywhere = [each for each in everything.statements if "*" in each.resources]
    assert {action for each in everywhere for action in each.actions} == {
        "lambda:GetAccountSettings",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "elasticfilesystem:DescribeMountTargets",
    }


# -- what it cannot do ------------------------------------------------------------------------------------------------


def lambda_actions(found: Role) -> set[str]:
    """Every action on functions."""
    actions = {action for _, action in found.granted if action.startswith("lambda:")}
    return actions - {"lambda:GetAccountSettings", "lambda:GetLayerVersion"}


@pytest.mark.parametrize("qualifier", ["", ":live", ":7", ":$LATEST"])
def test_a_function_that_does_not_begin_with_the_prefix_is_not_touched(prefixed: Role, qualifier: str) -> None:
    for name in ("payroll", "my-shop-checkout", "shop", "slipway-controller2", "slipway-controlle", "slipway"):
        allowed = [each for each in lambda_actions(prefixed) if prefixed.allows(each, f"{FUNCTIONS}{name}{qualifier}")]
        assert allowed == [], name


def test_a_function_of_another_account_or_region_is_not_touched(everything: Role) -> None:
    for other in (FUNCTIONS.replace(ACCOUNT, "999999999999"), FUNCTIONS.replace("us-east-1", "eu-west-1")):
        arns = (f"{other}checkout", f"{other}checkout:7", f"{other}{HOOK.format('each_step')}")
        assert [each for each in lambda_actions(everything) for arn in arns if everything.allows(each, arn)] == []


def test_a_function_is_never_deleted_only_a_version_of_it(everything: Role) -> None:
    for name in ("checkout", "slipway-controller", HOOK.format("each_step")):
        assert not everything.allows("lambda:DeleteFunction", f"{FUNCTIONS}{name}")
    assert everything.allows("lambda:DeleteFunction", f"{FUNCTIONS}checkout:7")


def test_a_function_is_invoked_only_by_version_unless_it_is_a_hook(everything: Role) -> None:
    assert not everything.allows("lambda:InvokeFunction", f"{FUNCTIONS}checkout")
    assert not everything.allows("lambda:InvokeFunction", CONTROLLER)
    assert everything.allows("lambda:InvokeFunction", f"{FUNCTIONS}checkout:7")
    assert everything.allows("lambda:InvokeFunction", f"{FUNCTIONS}{HOOK.format('each_step')}")


def test_a_hook_is_only_invoked(prefixed: Role) -> None:
    hook = f"{FUNCTIONS}{HOOK.format('each_step')}"
    assert {each for each in lambda_actions(prefixed) if prefixed.allows(each, hook)} == {"lambda:InvokeFunction"}


def test_the_prefix_of_hooks_cannot_be_empty() -> None:
    prefix = WRITTEN["Parameters"]["HookPrefix"]
    assert re.fullmatch(prefix["AllowedPattern"], prefix["Default"])
    assert not re.fullmatch(prefix["AllowedPattern"], "")


def test_the_controller_never_changes_its_own_role_or_environment(everything: Role) -> None:
    """Lambda has one call for both. It may still give itself code, which is how it deploys itself."""
    for qualifier in ("", ":$LATEST", ":live", ":previous", ":7"):
        assert not everything.allows("lambda:UpdateFunctionConfiguration", f"{CONTROLLER}{qualifier}"), qualifier
        assert everything.allows("lambda:UpdateFunctionCode", f"{CONTROLLER}{qualifier}"), qualifier
    for name in ("checkout", "checkout:$LATEST"):
        assert everything.allows("lambda:UpdateFunctionConfiguration", f"{FUNCTIONS}{name}")


def test_only_the_row_of_the_budget_is_added_to(everything: Role) -> None:
    assert everything.allows("dynamodb:UpdateItem", TABLE_ARN, dynamodb_LeadingKeys="budget")
    assert not everything.allows("dynamodb:UpdateItem", TABLE_ARN, dynamodb_LeadingKeys="checkout:live")


def test_what_the_controller_is_denied_of_itself_is_that_one_action(everything: Role) -> None:
    own = [each for each in everything.statements if each.is_refusal and any("lambda:" in it for it in each.actions)]
    assert [each.actions for each in own] == [("lambda:UpdateFunctionConfiguration",)]
    assert {*own[0].resources} == {CONTROLLER, f"{CONTROLLER}:*"}


def test_a_function_whose_name_begins_like_the_controllers_is_nobodys_own() -> None:
    """With no prefix of functions it is one of those that may be deployed."""
    for name in ("slipway-controller2", "slipway-controller-test", "slipway-controller2:$LATEST"):
        assert role(**EVERYTHING).allows("lambda:UpdateFunctionConfiguration", f"{FUNCTIONS}{name}")


def test_the_controller_never_changes_what_a_role_or_a_policy_allows(everything: Role) -> None:
    """Nothing of IAM but to pass a role, and no policy of a function, a bucket, a queue, a topic or a key.

    A grant of a key is the one that Lambda makes for a function: see below.
    """
    about_rights = re.compile("iam:(?!PassRole)|Permission|Policy|(?<!kms:Create)Grant|Acl|sts:")
    assert [action for _, action in everything.granted if about_rights.search(action)] == []


def test_a_role_is_passed_only_to_lambda_and_only_one_that_is_named() -> None:
    found = role(**{**EVERYTHING, "AllowedRoles": [ROLE]})
    own = f"arn:aws:iam::{ACCOUNT}:role/slipway-ControllerRole"
    assert found.allows("iam:PassRole", ROLE, iam_PassedToService="lambda.amazonaws.com")
    assert not found.allows("iam:PassRole", ROLE, iam_PassedToService="ec2.amazonaws.com")
    assert not found.allows("iam:PassRole", ROLE)
    assert not found.allows("iam:PassRole", own, iam_PassedToService="lambda.amazonaws.com")


def test_a_key_is_given_only_to_functions_and_only_one_that_is_named(everything: Role) -> None:
    by_lambda = {"kms_ViaService": "lambda.us-east-1.amazonaws.com"}
    for_a_function = {**by_lambda, "kms_GrantIsForAWSResource": "true"}
    for action in ("kms:Encrypt", "kms:Decrypt"):
        assert everything.allows(action, FUNCTION_KEY, **by_lambda)
        assert not everything.allows(action, FUNCTION_KEY)
        assert not role().allows(action, FUNCTION_KEY, **by_lambda)
    assert everything.allows("kms:CreateGrant", FUNCTION_KEY, **for_a_function)
    assert not everything.allows("kms:CreateGrant", FUNCTION_KEY, **by_lambda)
    assert not everything.allows("kms:CreateGrant", FUNCTION_KEY, kms_GrantIsForAWSResource="true")
    assert not everything.allows("kms:CreateGrant", f"{FUNCTION_KEY}2", **for_a_function)


def test_nothing_is_read_out_of_another_bucket_whatever_that_buckets_policy_says(everything: Role) -> None:
    """A Deny of its own: in one account a bucket's policy alone is enough to allow a role, too."""
    for resource in ("arn:aws:s3:::theirs/slipway-controller/x.zip", "arn:aws:s3:::drop-2/checkout/v2.zip"):
        for action in ("s3:GetObject", "s3:GetObjectVersion"):
            request = Request(action, resource)
            assert [each.sid for each in everything.statements if each.is_refusal and each.is_about(request)]


def test_only_the_stacks_own_alarms_are_written(everything: Role) -> None:
    alarms = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:"
    for action in ("cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState", "cloudwatch:DeleteAlarms"):
        assert everything.allows(action, f"{alarms}slipway/checkout/live/1")
        assert not everything.allows(action, f"{alarms}queue-age")
        assert not everything.allows(action, f"{alarms}slipway2/checkout/live/1")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::somebodys-bucket/checkout/v2.zip"),
        ("s3:GetObjectVersion", "arn:aws:s3:::somebodys-bucket/checkout/v2.zip"),
        ("s3:ListBucket", "arn:aws:s3:::somebodys-bucket"),
        ("s3:GetObject", "arn:aws:s3:::drop-2/checkout/v2.zip"),
        ("s3:PutObject", "arn:aws:s3:::drop/checkout/v2.zip"),
        ("s3:DeleteObject", "arn:aws:s3:::drop/checkout/v2.zip"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/somebodys-table"),
        ("dynamodb:Scan", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/slipway"),
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/slipway"),
        ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:somebodys-topic"),
        ("kms:Verify", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/somebodys"),
        ("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/somebodys"),
        ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:somebodys-queue"),
        ("lambda:GetLayerVersion", LAYER.rpartition(":")[0]),
    ],
)
def test_what_is_somebody_elses_is_out_of_reach(everything: Role, action: str, resource: str) -> None:
    assert not everything.allows(action, resource)


def test_events_are_put_only_in_the_name_of_slipway(everything: Role) -> None:
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/"
    assert everything.allows("events:PutEvents", f"{bus}default", events_source="slipway")
    assert not everything.allows("events:PutEvents", f"{bus}default", events_source="aws.s3")
    assert not everything.allows("events:PutEvents", f"{bus}theirs", events_source="slipway")


def test_a_refusal_beats_what_is_allowed_and_a_pattern_covers_qualifiers() -> None:
    """IAM as it is evaluated here."""
    found = role(FunctionPrefix="")
    request = Request("lambda:UpdateFunctionConfiguration", CONTROLLER)
    about = [each.sid for each in found.statements if each.is_about(request)]
    assert about == ["PublishAndShift", "NeverItsOwnSettings"]
    assert found.allowing(request) == []
    assert matches("a:b*", "a:bc:7")
    assert not matches("a:b*:*", "a:bc")
    assert not matches("a.b", "axb")


def test_a_part_of_the_template_without_a_name_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        made({"Fn::Sub": "${Unheard}"}, {})
    assert json.dumps(made({"Fn::Sub": "x-${Known}"}, {"Known": 1})) == '"x-1"'
