"""The policies of the README's section "Who may do what", as roles of the embedded AWS: what each lets people do."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.server import EmbeddedAws
from local.stack import Stack
from tests.readme import BLOCKS

SHIPPER, READER, OPERATOR = (
    block.text for block in BLOCKS if block.heading == "Who may do what" and block.language == "json"
)
STATUS = b'{"request": "status"}'
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


class Person:
    """Somebody with a role that has nothing but one policy of the README."""

    def __init__(self, aws: EmbeddedAws, stack: Stack, policy: str, name: str) -> None:
        iam = aws.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        for placeholder, made in (
            ("BUCKET", stack.bucket),
            ("TABLE", stack.table),
            ("STACK-controller", stack.controller),
        ):
            policy = policy.replace(placeholder, made)
        iam.put_role_policy(RoleName=name, PolicyName="readme", PolicyDocument=policy)
        given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        self._session = boto3.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=aws.region
        )
        self._endpoint = aws.endpoint

    def may(self, service: str, call: str, **parameters: Any) -> bool:
        """Does AWS let them? Any other refusal than a denial is raised."""
        client = self._session.client(service, endpoint_url=self._endpoint)
        try:
            getattr(client, call)(**parameters)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
                return False
            raise
        return True


def put(key: str, stack: Stack) -> dict[str, Any]:
    return {"Bucket": stack.bucket, "Key": key, "Body": b"no zip"}


def asking(stack: Stack, qualifier: str = "live") -> dict[str, Any]:
    return {"FunctionName": stack.controller, "Qualifier": qualifier, "Payload": STATUS}


@pytest.fixture(scope="module")
def shipper(aws: EmbeddedAws, stack: Stack) -> Person:
    return Person(aws, stack, SHIPPER, "team-a")


@pytest.fixture(scope="module")
def reader(aws: EmbeddedAws, stack: Stack) -> Person:
    return Person(aws, stack, READER, "reader")


@pytest.fixture(scope="module")
def operator(aws: EmbeddedAws, stack: Stack) -> Person:
    return Person(aws, stack, OPERATOR, "operator")


def test_a_team_ships_its_own_functions_and_no_other(shipper: Person, stack: Stack) -> None:
    assert shipper.may("s3", "put_object", **put("a-checkout/build.zip", stack))
    assert not shipper.may("s3", "put_object", **put("b-checkout/build.zip", stack))
    assert not shipper.may("s3", "put_object", **put(f"{stack.controller}/build.zip", stack))


def test_a_team_that_ships_code_does_not_choose_how_it_is_deployed(shipper: Person, stack: Stack) -> None:
    assert not shipper.may("s3", "put_object", **put("a-checkout/slipway.json", stack))


def test_a_team_that_ships_can_touch_neither_controller_nor_records(shipper: Person, stack: Stack) -> None:
    assert not shipper.may("lambda", "invoke", **asking(stack))
    assert not shipper.may("lambda", "update_function_code", FunctionName=stack.controller, ZipFile=b"zip")
    assert not shipper.may("dynamodb", "get_item", TableName=stack.table, Key={"pk": {"S": "x"}, "sk": {"S": "head"}})


def test_who_looks_sees_records_and_drops_and_changes_nothing(reader: Person, stack: Stack) -> None:
    assert reader.may("dynamodb", "get_item", TableName=stack.table, Key={"pk": {"S": "x"}, "sk": {"S": "head"}})
    assert reader.may("s3", "list_objects_v2", Bucket=stack.bucket)
    assert not reader.may("s3", "put_object", **put("a-checkout/build.zip", stack))
    assert not reader.may("dynamodb", "put_item", TableName=stack.table, Item={"pk": {"S": "x"}, "sk": {"S": "head"}})
    assert not reader.may("lambda", "invoke", **asking(stack))


def test_who_operates_asks_the_live_controller_and_nothing_else(operator: Person, stack: Stack) -> None:
    assert operator.may("lambda", "invoke", **asking(stack))
    assert not operator.may("lambda", "update_alias", FunctionName=stack.controller, Name="live", FunctionVersion="1")
    assert not operator.may("s3", "put_object", **put("a-checkout/build.zip", stack))
