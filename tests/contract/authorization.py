"""What each of the controller's calls asks IAM for: the action, on what, and what the call needs besides.

Rules of the file:
- an action is named like the operation, unless it stands here otherwise;
- a call that is not known here raises KeyError: nobody adds one without saying on what it is allowed.

Note: the names of boto3 are those of operations, and IAM knows no operation. "Invoke" needs lambda:InvokeFunction, a
transaction the actions of its parts, and a function that is given a role iam:PassRole. Source of all that has no other:
Service Authorization Reference, Lambda, S3, DynamoDB, CloudWatch, EventBridge, SNS and KMS, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.cloud.faults import Call, Json
from tests.cloud.story import SETTINGS
from tests.cloud.wire import ACCOUNT, REGION
from tests.contract.role import BUCKET_ARN, DEAD_LETTERS_ARN, LOG_ARN, OWN_KEY, Request

TO_LAMBDA = (("iam:PassedToService", "lambda.amazonaws.com"),)
BY_LAMBDA = (("kms:ViaService", f"lambda.{REGION}.amazonaws.com"),)
"""Lambda uses a function's key in the name of whoever changes the function. Source: AWS KMS developer guide,
condition keys, kms:ViaService, 2026-11.
"""
_PARTS = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
"""Source: DynamoDB developer guide, "Using IAM with DynamoDB transactions", 2026-11."""
PLATFORM = (
    # Lambda writes the log with the function's role. Source: Lambda developer guide, execution role, 2026-11.
    Request("logs:CreateLogStream", LOG_ARN),
    Request("logs:PutLogEvents", LOG_ARN),
    # And sends what failed at every attempt. Source: Lambda developer guide, dead-letter queues, 2026-11.
    Request("sqs:SendMessage", DEAD_LETTERS_ARN),
    # The queue under the stack's own key needs both. Source: SQS developer guide, key management, 2026-11.
    Request("kms:GenerateDataKey", OWN_KEY),
    Request("kms:Decrypt", OWN_KEY),
)
"""What Lambda asks in the name of the controller, in whatever run; no client of the controller's does."""


def asked_by(call: Call) -> Iterator[Request]:
    """Yields everything that IAM is asked because of a call."""
    # The address of a version's code that GetFunction gives is signed with Lambda's rights and asks for none of ours.
    if call.service == "code":
        return
    yield from _SERVICES[call.service](call.operation, call.parameters)


def _lambda(operation: str, asked: Json) -> Iterator[Request]:
    if operation == "GetAccountSettings":
        yield Request("lambda:GetAccountSettings", "*")
        return
    # Lambda looks for a policy of name and qualifier as the request has them; the name of an alias is no qualifier
    # where the alias itself is read or written. Source: Lambda developer guide, lambda-api-permissions-ref, 2026-11.
    qualifier = f":{asked['Qualifier']}" if "Qualifier" in asked else ""
    function = f"{SETTINGS.function_arn}{asked['FunctionName']}"
    yield Request("lambda:InvokeFunction" if operation == "Invoke" else f"lambda:{operation}", function + qualifier)
    # The tags are left out without it. Source: Lambda API reference, GetFunction, 2026-11.
    if operation == "GetFunction":
        yield Request("lambda:ListTags", function)
    if "Tags" in asked:
        yield Request("lambda:TagResource", function)
    if "Role" in asked:
        yield Request("iam:PassRole", asked["Role"], TO_LAMBDA)
    yield from _settings(asked)
    yield from _code(asked.get("Code", asked))


def _settings(asked: Json) -> Iterator[Request]:
    for layer in asked.get("Layers", ()):
        yield Request("lambda:GetLayerVersion", layer)
    if asked.get("VpcConfig", {}).get("SubnetIds"):  # Source: Lambda developer guide, configuration-vpc, 2026-11
        yield from (Request(f"ec2:Describe{what}", "*") for what in ("SecurityGroups", "Subnets", "Vpcs"))
    if asked.get("FileSystemConfigs"):  # Source: Lambda developer guide, configuration-filesystem, 2026-11
        yield Request("elasticfilesystem:DescribeMountTargets", "*")
    if asked.get("KMSKeyArn"):  # Source: Lambda developer guide, configuration-envvars-encryption, 2026-11
        yield from (Request(f"kms:{what}", asked["KMSKeyArn"], BY_LAMBDA) for what in ("Encrypt", "Decrypt"))
        granted = (*BY_LAMBDA, ("kms:GrantIsForAWSResource", "true"))
        yield Request("kms:CreateGrant", asked["KMSKeyArn"], granted)


def _code(asked: Json) -> Iterator[Request]:
    """Lambda reads a zip with the rights of its caller. Source: facts section 8."""
    if "S3Key" not in asked:
        return
    yield from _read(asked["S3Bucket"], asked["S3Key"])
    if "S3ObjectVersion" in asked:
        yield Request("s3:GetObjectVersion", f"arn:aws:s3:::{asked['S3Bucket']}/{asked['S3Key']}")


def _s3(operation: str, asked: Json) -> Iterator[Request]:
    assert operation == "GetObject", operation
    if "VersionId" in asked:  # Source: S3 API reference, GetObject, permissions, 2026-11
        yield Request("s3:GetObjectVersion", f"arn:aws:s3:::{asked['Bucket']}/{asked['Key']}")
        yield Request("kms:Decrypt", OWN_KEY)
        return
    yield from _read(asked["Bucket"], asked["Key"])
    yield Request("s3:ListBucket", BUCKET_ARN)  # a key that is missing is forbidden without it


def _read(bucket: str, key: str) -> Iterator[Request]:
    yield Request("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
    yield Request("kms:Decrypt", OWN_KEY)


def _dynamodb(operation: str, asked: Json) -> Iterator[Request]:
    parts = [(_PARTS[kind], part) for item in asked.get("TransactItems", ()) for kind, part in item.items()]
    parts += [(f"dynamodb:{operation}", {"TableName": table}) for table in asked.get("RequestItems", ())]
    for action, part in parts or [(f"dynamodb:{operation}", asked)]:
        index = f"/index/{part['IndexName']}" if "IndexName" in part else ""
        # Source: DynamoDB developer guide, IAM policy conditions for fine-grained access control, 2026-11.
        keys = (("dynamodb:LeadingKeys", part["Key"]["pk"]["S"]),) if action == "dynamodb:UpdateItem" else ()
        yield Request(action, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{part['TableName']}{index}", keys)
    yield Request("kms:Decrypt", OWN_KEY)


def _cloudwatch(operation: str, asked: Json) -> Iterator[Request]:
    one = [asked.get("AlarmName")]
    alarms = {"PutMetricAlarm": one, "SetAlarmState": one, "DeleteAlarms": asked.get("AlarmNames", [])}
    found = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}" for name in alarms.get(operation, ())]
    yield from (Request(f"cloudwatch:{operation}", resource) for resource in found or ["*"])


def _events(operation: str, asked: Json) -> Iterator[Request]:
    bus = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    for entry in asked["Entries"]:
        assert "EventBusName" not in entry
        yield Request(f"events:{operation}", bus, (("events:source", entry["Source"]),))


def _sns(operation: str, asked: Json) -> Iterator[Request]:
    yield Request(f"sns:{operation}", asked["TopicArn"])
    # Source: SNS developer guide, key management, permissions of a publisher, 2026-11.
    yield Request("kms:GenerateDataKey", OWN_KEY)
    yield Request("kms:Decrypt", OWN_KEY)


def _sqs(operation: str, _asked: Json) -> Iterator[Request]:
    yield Request(f"sqs:{operation}", DEAD_LETTERS_ARN)
    # Source: SQS developer guide, key management: a consumer of an encrypted queue decrypts, 2026-11.
    if operation == "ReceiveMessage":
        yield Request("kms:Decrypt", OWN_KEY)


def _kms(operation: str, asked: Json) -> Iterator[Request]:
    yield Request(f"kms:{operation}", asked["KeyId"])


_SERVICES = {
    "lambda": _lambda, "s3": _s3, "dynamodb": _dynamodb, "cloudwatch": _cloudwatch, "events": _events, "sns": _sns,
    "kms": _kms, "sqs": _sqs,
}  # fmt: skip
