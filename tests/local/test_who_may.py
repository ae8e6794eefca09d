"""The policies of docs/guides/permissions.md, as roles of the embedded AWS: what each lets people do.

And what the bucket's own policy keeps from people whose role lets them: a new controller is its shippers' alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cli.asking.connection import Place, Slipway
from cli.main import main
from local.package import ROOT
from local.server import ACCOUNT, EmbeddedAws
from local.stack import FAST, Stack, deploy
from tests.local.shop import GOOD, Shop, zipped
from tests.pages import BLOCKS

SHIPPER, READER, OPERATOR, REPAIRER = (
    block.text
    for block in BLOCKS
    if block.page == "docs/guides/permissions.md" and block.language == "json" and '"Statement"' in block.text
)
STATUS = b'{"request": "status"}'
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


class Person:
    """Somebody with a role that has nothing but one policy of the page."""

    def __init__(self, aws: EmbeddedAws, stack: Stack, policy: str, name: str) -> None:
        iam = aws.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        for placeholder, made in (
            ("BUCKET", stack.bucket),
            ("TABLE", stack.table),
            ("STACK-", f"{stack.name}-"),
        ):
            policy = policy.replace(placeholder, made)
        iam.put_role_policy(RoleName=name, PolicyName="readme", PolicyDocument=policy)
        given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        self._session = boto3.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=aws.region
        )
        self._endpoint = aws.endpoint

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint)

    def may(self, service: str, call: str, **parameters: Any) -> bool:
        """Does AWS let them? Any other refusal than a denial is raised."""
        try:
            getattr(self.client(service), call)(**parameters)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
                return False
            raise
        return True


def put(key: str, stack: Stack) -> dict[str, Any]:
    return {"Bucket": stack.bucket, "Key": key, "Body": b"no zip"}


def asking(stack: Stack, qualifier: str = "live") -> dict[str, Any]:
    return {"FunctionName": stack.controller, "Qualifier": qualifier, "Payload": STATUS}


def looking(stack: Stack) -> dict[str, Any]:
    return {"FunctionName": stack.viewer, "Payload": STATUS}


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


@pytest.fixture
def build(aws: EmbeddedAws, stack: Stack, role: str, tmp_path: Path) -> Path:
    """A zip of the team on their machine."""
    manifest = json.dumps(Shop(aws, stack, role, "a-by-client").manifest())
    (tmp_path / "v1.zip").write_bytes(zipped({"app.py": GOOD % "one", "slipway.json": manifest}))
    return tmp_path / "v1.zip"


def test_a_team_ships_and_waits_for_the_end_with_the_client(
    shipper: Person, stack: Stack, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["ship", "a-by-client", str(build), "--bucket", stack.bucket, "--watch"]

    def connect(place: Place) -> Slipway:
        return Slipway(place, lambda service, **_: shipper.client(service))

    assert main(command, connect) == 0
    assert "a-by-client:live#1 ended as SUCCEEDED" in capsys.readouterr().out
    assert main(["pause", "a-by-client"], connect) == 3
    assert "you may not invoke slipway-controller:live" in capsys.readouterr().err


def test_a_team_that_ships_sees_what_became_of_a_drop(shipper: Person, stack: Stack) -> None:
    assert json.load(shipper.client("lambda").invoke(**looking(stack))["Payload"])["ok"]


def test_who_looks_asks_the_viewer_and_nothing_else(reader: Person, stack: Stack) -> None:
    assert json.load(reader.client("lambda").invoke(**looking(stack))["Payload"])["ok"]
    for qualifier in ("live", "previous"):
        assert not reader.may("lambda", "invoke", **asking(stack, qualifier))
    assert not reader.may("s3", "put_object", **put("a-checkout/build.zip", stack))
    assert not reader.may("s3", "list_objects_v2", Bucket=stack.bucket)
    assert not reader.may("dynamodb", "get_item", TableName=stack.table, Key={"pk": {"S": "x"}, "sk": {"S": "head"}})
    assert not reader.may("lambda", "update_function_code", FunctionName=stack.viewer, ZipFile=b"zip")


@pytest.mark.parametrize("word", ["deploy", "promote", "rollback", "pause", "approve"])
def test_the_viewer_does_nothing_for_who_looks(reader: Person, stack: Stack, word: str) -> None:
    asked = {"FunctionName": stack.viewer, "Payload": json.dumps({"request": word, "function": "checkout"})}
    answer = json.load(reader.client("lambda").invoke(**asked)["Payload"])
    assert not answer["ok"]
    assert answer["error"].endswith(f"send {word} to {stack.controller}, alias live")


@pytest.mark.parametrize("action", ["PutItem", "DeleteItem", "UpdateItem"])
def test_the_viewers_own_role_writes_no_record(aws: EmbeddedAws, stack: Stack, action: str) -> None:
    """Whatever code runs as the viewer: IAM is asked with the role's own policies."""
    role = aws.client("lambda").get_function_configuration(FunctionName=stack.viewer)["Role"]
    iam = aws.client("iam")
    name = role.rpartition("/")[2]
    policies = [
        iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"]
        for each in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    viewer = Person(aws, stack, json.dumps(policies[0]), f"as-the-viewer-{action.lower()}")
    key = {"pk": {"S": "x"}, "sk": {"S": "head"}}
    calls = {
        "PutItem": ("put_item", {"Item": key}),
        "DeleteItem": ("delete_item", {"Key": key}),
        "UpdateItem": ("update_item", {"Key": key}),
    }
    call, members = calls[action]
    assert viewer.may("dynamodb", "get_item", TableName=stack.table, Key=key)
    assert not viewer.may("dynamodb", call, TableName=stack.table, **members)
    assert not viewer.may("lambda", "invoke", **asking(stack))


def test_who_operates_asks_the_controller_by_both_aliases_and_nothing_else(operator: Person, stack: Stack) -> None:
    assert operator.may("lambda", "invoke", **asking(stack))
    assert operator.may("lambda", "invoke", **asking(stack, "previous"))
    assert operator.may("lambda", "invoke", **looking(stack))
    assert not operator.may("lambda", "invoke", **asking(stack, "$LATEST"))
    assert not operator.may("lambda", "update_alias", FunctionName=stack.controller, Name="live", FunctionVersion="1")
    assert not operator.may("s3", "put_object", **put("a-checkout/build.zip", stack))


def test_who_repairs_moves_aliases_and_reads_dead_letters_and_the_log(aws: EmbeddedAws, stack: Stack) -> None:
    repairer = Person(aws, stack, REPAIRER, "repairer")
    (queue,) = aws.client("sqs").list_queues(QueueNamePrefix=f"{stack.name}-DeadLetters")["QueueUrls"]
    live = aws.client("lambda").get_alias(FunctionName=stack.controller, Name="live")["FunctionVersion"]
    moved = {"FunctionName": stack.controller, "Name": "live", "FunctionVersion": live}
    assert repairer.may("lambda", "update_alias", **moved)
    assert repairer.may("sqs", "list_queues", QueueNamePrefix=stack.name)
    assert repairer.may("sqs", "receive_message", QueueUrl=queue)
    assert repairer.may("logs", "filter_log_events", logGroupName=f"/aws/lambda/{stack.controller}")
    assert not repairer.may("lambda", "invoke", **asking(stack))
    assert not repairer.may("sqs", "send_message", QueueUrl=queue, MessageBody="{}")


# -- who ships the controller -----------------------------------------------------------------------------------------

EVERYTHING = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
})  # fmt: skip
ADMINISTRATOR, PIPELINE = "administrator", "pipeline-of-the-controller"


@pytest.fixture(scope="module")
def closed(aws: EmbeddedAws, package: Path, role: str) -> Stack:
    """A stack whose owner has named one role as the controller's shipper."""
    named = {"ControllerShippers": f"arn:aws:iam::{ACCOUNT}:role/{PIPELINE}"}
    return deploy(aws, ROOT / "template.yaml", package, {**FAST, "AllowedRoles": role, **named}, "closed")


@pytest.fixture(scope="module")
def administrator(aws: EmbeddedAws, closed: Stack) -> Person:
    return Person(aws, closed, EVERYTHING, ADMINISTRATOR)


@pytest.fixture(scope="module")
def pipeline(aws: EmbeddedAws, closed: Stack) -> Person:
    return Person(aws, closed, EVERYTHING, PIPELINE)


def own(stack: Stack, name: str = "build.zip") -> str:
    return f"{stack.controller}/{name}"


def test_the_controllers_shipper_ships_it(pipeline: Person, closed: Stack) -> None:
    assert pipeline.may("s3", "put_object", **put(own(closed), closed))


@pytest.mark.parametrize("name", ["build.zip", "slipway.json", "folder/build.zip"])
def test_who_may_do_everything_does_not_ship_the_controller(administrator: Person, closed: Stack, name: str) -> None:
    assert not administrator.may("s3", "put_object", **put(own(closed, name), closed))


def test_nor_replaces_what_its_shipper_dropped(administrator: Person, pipeline: Person, closed: Stack) -> None:
    assert pipeline.may("s3", "put_object", **put(own(closed, "again.zip"), closed))
    assert not administrator.may("s3", "put_object", **put(own(closed, "again.zip"), closed))


def test_nor_copies_anything_there(administrator: Person, closed: Stack) -> None:
    assert administrator.may("s3", "put_object", **put("checkout/build.zip", closed))
    source = {"Bucket": closed.bucket, "Key": "checkout/build.zip"}
    copy = {"Bucket": closed.bucket, "Key": own(closed), "CopySource": source}
    assert not administrator.may("s3", "copy_object", **copy)


def test_nor_uploads_it_in_parts(administrator: Person, pipeline: Person, closed: Stack) -> None:
    """Not even a part of an upload that its shipper has begun."""
    place = {"Bucket": closed.bucket, "Key": own(closed, "parts.zip")}
    assert not administrator.may("s3", "create_multipart_upload", **place)
    begun = pipeline.client("s3").create_multipart_upload(**place)["UploadId"]
    part = {**place, "UploadId": begun, "PartNumber": 1, "Body": b"no zip"}
    assert not administrator.may("s3", "upload_part", **part)
    tag = pipeline.client("s3").upload_part(**part)["ETag"]
    parts = {"Parts": [{"ETag": tag, "PartNumber": 1}]}
    assert not administrator.may("s3", "complete_multipart_upload", **place, UploadId=begun, MultipartUpload=parts)


def test_not_even_the_account_itself_ships_it_where_it_is_not_named(aws: EmbeddedAws, closed: Stack) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("s3").put_object(**put(own(closed), closed))


def test_everybody_ships_everything_else_as_their_role_says(administrator: Person, closed: Stack) -> None:
    for key in ("checkout/build.zip", f"{closed.controller}-2/build.zip", f"{closed.controller}.zip"):
        assert administrator.may("s3", "put_object", **put(key, closed)), key


def test_where_nobody_is_named_nobody_ships_it(aws: EmbeddedAws, package: Path, role: str) -> None:
    stack = deploy(
        aws, ROOT / "template.yaml", package, {**FAST, "AllowedRoles": role, "ControllerShippers": ""}, "nobodys"
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("s3").put_object(**put(own(stack), stack))
    assert not Person(aws, stack, EVERYTHING, "somebody").may("s3", "put_object", **put(own(stack), stack))


def test_the_account_that_is_named_ships_it(aws: EmbeddedAws, stack: Stack) -> None:
    """As on every stack of this machine."""
    aws.client("s3").put_object(**put(own(stack, "licence.txt"), stack))


def test_whoever_owns_another_bucket_ships_nothing_out_of_it(aws: EmbeddedAws, closed: Stack) -> None:
    """That bucket's policy allows the controller's role, which in one account is enough; the role itself says no."""
    s3, role = aws.client("s3"), closed.outputs["ControllerRoleArn"]
    s3.create_bucket(Bucket="theirs")
    lets = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "s3:*", "Resource": "arn:aws:s3:::theirs/*"}
    s3.put_bucket_policy(Bucket="theirs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [lets]}))
    s3.put_object(Bucket="theirs", Key=own(closed), Body=b"no zip")
    request = {"request": "deploy", "bucket": "theirs", "key": own(closed)}
    asked = aws.client("lambda").invoke(
        FunctionName=closed.controller, Qualifier="live", Payload=json.dumps(request).encode()
    )
    told = json.dumps(json.load(asked["Payload"]))
    assert "explicit deny" in told, told
    assert "FAILED" in told
