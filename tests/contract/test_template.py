"""What template.yaml promises: read as written, and as CloudFormation gets it after the SAM transform."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import cfnlint
import pytest
from cfnlint.api import lint

from controller.core.artifact.object_keys import PLANNED
from controller.core.lifecycle.cleanup import LAST_WRITE
from controller.core.model import Target
from controller.settings import from_environment
from tests.template import ROOT, TEXT, WRITTEN, chosen, constants, of_type, properties, transformed

KEY = {"Ref": "KmsKeyArn"}
LEAST = {"SLIPWAY_TABLE": "table", "SLIPWAY_ALARM_PREFIX": "slipway/"}
DEAD_LETTERS = {"Fn::GetAtt": ["DeadLetters", "Arn"]}


def rules_of(template: dict[str, Any]) -> dict[str, Any]:
    return of_type(template, "AWS::Events::Rule")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return transformed()


def test_the_linter_finds_nothing_in_the_template_as_written() -> None:
    assert [str(match) for match in lint(TEXT)] == []


def test_the_linter_finds_nothing_in_the_transformed_template(template: dict[str, Any]) -> None:
    assert [str(match) for match in lint(json.dumps(template))] == []


def test_the_console_asks_for_each_parameter_once_and_in_words() -> None:
    asked = WRITTEN["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in asked["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(asked["ParameterLabels"]) == sorted(WRITTEN["Parameters"])


def test_what_is_published_is_the_release_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    published = WRITTEN["Metadata"]["AWS::ServerlessRepo::Application"]
    assert (published["Name"], published["SemanticVersion"]) == (project["name"], project["version"])
    assert published["SpdxLicenseId"] == project["license"]
    assert len(published["Description"]) <= 256
    assert [name for name in (published["LicenseUrl"], published["ReadmeUrl"]) if not (ROOT / name).exists()] == []


def test_no_python_that_the_linter_lists_is_supported_longer_than_the_runtime(template: dict[str, Any]) -> None:
    lifecycle = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json"
    ends = {name: each["deprecated"] for name, each in json.loads(lifecycle.read_text()).items()}
    pythons = [end for name, end in ends.items() if name.startswith("python3.")]
    runtimes = {made["Runtime"] for made in of_type(template, "AWS::Lambda::Function").values()}
    assert [ends[runtime] for runtime in runtimes] == [max(pythons)]


def test_every_rule_but_the_ticks_has_a_dead_letter_queue_and_all_say_how_often_they_try(
    template: dict[str, Any],
) -> None:
    targets = [(name, target) for name, rule in rules_of(template).items() for target in rule["Targets"]]
    assert len(targets) == 5
    for name, target in targets:
        assert target.get("DeadLetterConfig") == (None if name == "ControllerTick" else {"Arn": DEAD_LETTERS})
        assert target["RetryPolicy"].keys() == {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"}


def test_a_tick_that_cannot_be_handed_over_is_over_when_the_next_one_comes(template: dict[str, Any]) -> None:
    (target,) = rules_of(template)["ControllerTick"]["Targets"]
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 60


def test_every_rule_asks_for_the_alias_and_an_alarm_asks_the_version_before_it_too(template: dict[str, Any]) -> None:
    live, previous = {"Ref": "ControllerAliaslive"}, {"Ref": "ControllerPrevious"}
    asked = {name: [target["Arn"] for target in rule["Targets"]] for name, rule in rules_of(template).items()}
    of_one = ("ControllerUpload", "ControllerTick", "ControllerAliasChange")
    assert asked == {**{name: [live] for name in of_one}, "ControllerAlarm": [live, previous]}


def test_every_target_of_a_rule_lets_that_rule_invoke_it(template: dict[str, Any]) -> None:
    asked = {(name, target["Arn"]["Ref"]) for name, rule in rules_of(template).items() for target in rule["Targets"]}
    allowed = of_type(template, "AWS::Lambda::Permission").values()
    assert {(each["SourceArn"]["Fn::GetAtt"][0], each["FunctionName"]["Ref"]) for each in allowed} == asked


def test_the_backup_alias_of_the_controller_is_the_one_that_its_deployments_move(template: dict[str, Any]) -> None:
    previous = properties(template, "ControllerPrevious")
    assert previous["Name"] == Target("stack-controller", "live").backup_alias
    assert previous["FunctionVersion"] == properties(template, "ControllerAliaslive")["FunctionVersion"]


def test_every_rule_that_has_it_may_send_to_the_dead_letter_queue(template: dict[str, Any]) -> None:
    (statement,) = properties(template, "DeadLettersPolicy")["PolicyDocument"]["Statement"]
    sources = {source["Fn::GetAtt"][0] for source in statement["Condition"]["ArnEquals"]["aws:SourceArn"]}
    assert sources == rules_of(template).keys() - {"ControllerTick"}


def test_an_event_that_failed_at_every_attempt_is_a_dead_letter(template: dict[str, Any]) -> None:
    assert properties(template, "Controller")["DeadLetterConfig"] == {"TargetArn": DEAD_LETTERS}
    asynchronous = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    assert {each["Qualifier"] for each in asynchronous} == {"live", "previous"}
    assert {(each["MaximumRetryAttempts"], each["MaximumEventAgeInSeconds"]) for each in asynchronous} == {(2, 21600)}


def test_every_dead_letter_raises_an_alarm_that_says_what_to_do_first(template: dict[str, Any]) -> None:
    """By what was sent in a minute: what lies there is no news. Lambda and EventBridge send, so it is counted.

    Source: SQS developer guide, available CloudWatch metrics, NumberOfMessagesSent and dead-letter queues, 2026-11.
    """
    alarm = properties(template, "DeadLettersAlarm")
    queue = {"Fn::GetAtt": ["DeadLetters", "QueueName"]}
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": queue}]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("NumberOfMessagesSent", "Sum")
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (60, 1, "notBreaching")
    assert "First: " in alarm["AlarmDescription"]["Fn::Sub"]


def test_an_alarm_of_any_name_reaches_the_controller(template: dict[str, Any]) -> None:
    pattern = properties(template, "ControllerAlarm")["EventPattern"]
    assert pattern["detail"] == {"state": {"value": ["ALARM"]}}
    assert pattern["source"] == ["aws.cloudwatch"]
    assert pattern["detail-type"] == ["CloudWatch Alarm State Change"]


def test_an_upload_with_any_key_reaches_the_controller(template: dict[str, Any]) -> None:
    pattern = properties(template, "ControllerUpload")["EventPattern"]
    assert pattern["detail"] == {"bucket": {"name": [{"Ref": "Artifacts"}]}}
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])


def test_a_change_of_an_alias_by_anybody_else_reaches_the_controller(template: dict[str, Any]) -> None:
    """By whom and how is tried with EventBridge's own rules in ``tests/local/test_drift_at_rest.py``."""
    detail = properties(template, "ControllerAliasChange")["EventPattern"]["detail"]
    assert [each["prefix"] for each in detail["eventName"]] == ["CreateAlias", "UpdateAlias", "DeleteAlias"]
    assert detail["errorCode"] == [{"exists": False}]
    issuers = [each["sessionContext"]["sessionIssuer"]["arn"] for each in detail["userIdentity"]["$or"]]
    assert issuers == [[{"exists": False}], [{"anything-but": {"Fn::GetAtt": ["ControllerRole", "Arn"]}}]]


def test_the_controller_is_woken_every_minute(template: dict[str, Any]) -> None:
    assert properties(template, "ControllerTick")["ScheduleExpression"] == "rate(1 minute)"


def test_reserved_concurrency_is_room_and_no_lock(template: dict[str, Any]) -> None:
    """None unless somebody wants it, for a small account has none to keep; never so few that alarms wait for ticks.

    A tick comes each minute and lasts as long as the function's timeout at most, and once more where it failed.
    """
    functions = of_type(template, "AWS::Lambda::Function")
    assert [name for name, made in functions.items() if "ReservedConcurrentExecutions" in made] == ["Controller"]
    reserved = functions["Controller"]["ReservedConcurrentExecutions"]
    assert chosen({"x": reserved}, ReservesConcurrency=False) == {}
    assert chosen(reserved, ReservesConcurrency=True) == {"Ref": "ReservedConcurrency"}
    parameter = template["Parameters"]["ReservedConcurrency"]
    ticks_at_once = 2 * functions["Controller"]["Timeout"] / 60
    assert parameter["Default"] == parameter["AllowedValues"][0] == 0
    assert min(parameter["AllowedValues"][1:]) >= 2 * ticks_at_once


def test_a_controller_that_had_no_room_raises_an_alarm_that_says_what_to_do_first(template: dict[str, Any]) -> None:
    alarm = properties(template, "ThrottlesAlarm")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "Controller"}}]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Throttles", "Sum")
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert "First: " in alarm["AlarmDescription"]
    assert "ReservedConcurrency" in alarm["AlarmDescription"]


def test_the_budget_is_within_what_lambda_has_and_reaches_the_controller(template: dict[str, Any]) -> None:
    """Source: Lambda developer guide, quotas: 15 calls a second, 2026-11."""
    budget = template["Parameters"]["LambdaCallsPerSecond"]
    assert (budget["MinValue"], budget["MaxValue"]) == (1, 15)
    assert int(budget["Default"]) == from_environment(LEAST).lambda_calls_per_second
    variables = properties(template, "Controller")["Environment"]["Variables"]
    assert variables["SLIPWAY_LAMBDA_CALLS_PER_SECOND"] == {"Ref": "LambdaCallsPerSecond"}


@pytest.mark.parametrize("function", ["Controller", "Viewer"])
def test_the_log_ends_at_some_time(template: dict[str, Any], function: str) -> None:
    assert properties(template, function)["LoggingConfig"] == {"LogGroup": {"Ref": f"{function}Logs"}}
    assert properties(template, f"{function}Logs")["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_bucket_keeps_every_version_and_tells_eventbridge(template: dict[str, Any]) -> None:
    bucket = properties(template, "Artifacts")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert [rule for rule in rules if rule.get("Prefix") != PLANNED] == [
        {
            "Id": "UploadsNeverFinished",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]


def test_zips_that_were_only_planned_are_gone_after_a_day_in_every_version(template: dict[str, Any]) -> None:
    (rule,) = (
        each
        for each in properties(template, "Artifacts")["LifecycleConfiguration"]["Rules"]
        if each.get("Prefix") == PLANNED
    )
    assert (rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]) == (1, {"NoncurrentDays": 1})


def test_the_bucket_is_encrypted_and_closed(template: dict[str, Any]) -> None:
    bucket = properties(template, "Artifacts")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert chosen(rule, HasKey=False) == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_the_bucket_refuses_everything_but_tls(template: dict[str, Any]) -> None:
    statement = properties(template, "ArtifactsPolicy")["PolicyDocument"]["Statement"][0]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    arn = {"Fn::GetAtt": ["Artifacts", "Arn"]}
    assert statement["Resource"] == [arn, {"Fn::Sub": "${Artifacts.Arn}/*"}]


def shippers_only(template: dict[str, Any]) -> dict[str, Any]:
    """The statement of the bucket's policy about the controller's own zips."""
    found: dict[str, Any] = properties(template, "ArtifactsPolicy")["PolicyDocument"]["Statement"][1]
    return found


def test_the_bucket_refuses_the_controllers_zip_from_all_but_its_shippers(template: dict[str, Any]) -> None:
    statement = chosen(shippers_only(template), HasShippers=True)
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Resource"] == {"Fn::Sub": "${Artifacts.Arn}/${AWS::StackName}-controller/*"}
    assert statement["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": {"Ref": "ControllerShippers"}}}


def test_where_nobody_is_named_the_bucket_refuses_the_controllers_zip_from_everybody(template: dict[str, Any]) -> None:
    assert template["Parameters"]["ControllerShippers"]["Default"] == ""
    assert "Condition" not in chosen(shippers_only(template), HasShippers=False)


def test_the_bucket_refuses_every_way_to_write_the_controllers_zip(template: dict[str, Any]) -> None:
    """Put, post, copy, and every part of an upload in parts ask for the first; a replica for the second.

    Source: Service Authorization Reference, Amazon S3, and S3 user guide, multipart upload permissions, 2026-11.
    """
    assert shippers_only(template)["Action"] == ["s3:PutObject", "s3:ReplicateObject"]


@pytest.mark.parametrize(
    ("name", "without", "with_key"),
    [
        (
            "Artifacts",
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}},
            {
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
                "BucketKeyEnabled": True,
            },
        ),
        ("Deployments", {"SSEEnabled": False}, {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}),
        ("DeadLetters", {"SqsManagedSseEnabled": True}, {"KmsMasterKeyId": KEY}),
        ("Notices", {}, {"KmsMasterKeyId": KEY}),
        ("ControllerLogs", {}, {"KmsKeyId": KEY}),
        ("ViewerLogs", {}, {"KmsKeyId": KEY}),
    ],
)
def test_a_key_of_ones_own_encrypts_all_that_is_kept(
    template: dict[str, Any], name: str, without: dict[str, Any], with_key: dict[str, Any]
) -> None:
    for holds, expected in ((False, without), (True, with_key)):
        made = chosen(properties(template, name), HasKey=holds)
        parts = [
            made,
            made.get("SSESpecification", {}),
            *made.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ()),
        ]
        keys = {"ServerSideEncryptionByDefault", "BucketKeyEnabled", "SSEEnabled", "SSEType", "KMSMasterKeyId"}
        keys |= {"SqsManagedSseEnabled", "KmsMasterKeyId", "KmsKeyId"}
        assert {key: part[key] for part in parts for key in keys & part.keys()} == expected


def test_the_table_is_on_demand_with_recovery_encryption_and_expiry(template: dict[str, Any]) -> None:
    table = properties(template, "Deployments")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert chosen(table["SSESpecification"], HasKey=False) == {"SSEEnabled": False}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_table_lists_open_deployments_by_when_they_are_due(template: dict[str, Any]) -> None:
    table = properties(template, "Deployments")
    (index,) = table["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["open", "due_at"]
    assert (index["IndexName"], index["Projection"]) == (
        "open",
        {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["alarms", "phase"]},
    )


@pytest.mark.parametrize("name", ["Artifacts", "Deployments"])
def test_what_a_rollback_needs_outlives_the_stack(template: dict[str, Any], name: str) -> None:
    resource = template["Resources"][name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def names_read_by_the_code() -> set[str]:
    """Every name of a setting that stands in controller/."""
    return {constant for constant in constants() if re.fullmatch(r"SLIPWAY_[A-Z_]+", constant)}


def test_the_code_reads_exactly_the_settings_that_the_template_sets(template: dict[str, Any]) -> None:
    assert properties(template, "Controller")["Environment"]["Variables"].keys() == names_read_by_the_code()


def test_the_viewer_is_told_the_controllers_alias_and_reads_all_other_settings_there(template: dict[str, Any]) -> None:
    viewer = properties(template, "Viewer")
    assert viewer["Environment"]["Variables"] == {"SLIPWAY_CONTROLLER": {"Ref": "ControllerAliaslive"}}
    assert viewer["Role"] == {"Fn::GetAtt": ["ViewerRole", "Arn"]}


def test_nobody_but_a_person_invokes_the_viewer(template: dict[str, Any]) -> None:
    targets = [target["Arn"] for rule in rules_of(template).values() for target in rule["Targets"]]
    allowed = [each["FunctionName"] for each in of_type(template, "AWS::Lambda::Permission").values()]
    assert "Viewer" not in json.dumps([targets, allowed])


def test_any_changed_property_reaches_the_alias_as_a_new_version() -> None:
    versions = [of_type(transformed(**changes), "AWS::Lambda::Version") for changes in ({}, {"Timeout": 60})]
    assert versions[0].keys() != versions[1].keys()


def test_nobody_acts_on_an_old_record_for_longer_than_alarms_wait(template: dict[str, Any]) -> None:
    """What an invocation sent last arrives a moment after its end."""
    longest = timedelta(seconds=properties(template, "Controller")["Timeout"])
    assert longest + timedelta(seconds=30) < LAST_WRITE


def test_the_stack_tells_the_names_that_a_person_needs(template: dict[str, Any]) -> None:
    named = {"BucketName", "ControllerName", "ControllerRoleArn", "PageName", "TableName", "ViewerName"}
    assert template["Outputs"].keys() == named | {"ChatTopicArn"}
