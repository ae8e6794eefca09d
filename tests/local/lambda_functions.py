"""One function of the embedded AWS, with the calls that the tests of Lambda make of it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.polling import eventually
from local.server import EmbeddedAws

ACCOUNT_ARN = "us-east-1:123456789012"
ECHO = (
    "def handler(event, context):\n"
    "    return {'version': context.function_version, 'arn': context.invoked_function_arn,\n"
    "            'id': context.aws_request_id}\n"
)
SECOND_ECHO = f"{ECHO}# second\n"
FAILING = "def handler(event, context):\n    raise KeyError('no such order')\n"


MakeFunction = Callable[..., str]


class Function:
    """A function by its name. It need not exist yet."""

    def __init__(self, aws: EmbeddedAws, name: str) -> None:
        self.aws = aws
        self.name = name
        self.client = aws.client("lambda")
        self.arn = f"arn:aws:lambda:{ACCOUNT_ARN}:function:{name}"

    def call(self, operation: str, **parameters: Any) -> Any:
        return getattr(self.client, operation)(FunctionName=self.name, **parameters)

    def create(self, role: str, source: str, **settings: Any) -> Any:
        settings = {"Runtime": "python3.13", "Handler": "app.handler", "Code": {"ZipFile": zipped(source)}, **settings}
        return self.call("create_function", Role=role, **settings)

    def invoke(self, payload: object = None, **parameters: Any) -> tuple[Any, Any]:
        """Returns Lambda's answer and the function's."""
        answer = self.call("invoke", Payload=json.dumps(payload), **parameters)
        return answer, json.loads(answer["Payload"].read() or "null")

    def configuration(self, **parameters: str) -> Any:
        return self.call("get_function_configuration", **parameters)

    def wait(self) -> None:
        eventually(lambda: self.configuration().get("LastUpdateStatus") == "Successful")

    def update(self, source: str) -> None:
        self.call("update_function_code", ZipFile=zipped(source))
        self.wait()

    def publish(self, source: str | None = None, **settings: Any) -> str:
        """Publishes a version with ``source`` and ``settings`` and returns its number once it is Active."""
        if source is not None:
            self.update(source)
        if settings:
            self.call("update_function_configuration", **settings)
            self.wait()
        number = str(self.call("publish_version")["Version"])
        eventually(lambda: self.configuration(Qualifier=number)["State"] == "Active")
        return number

    def metric(self, name: str, **dimensions: str) -> float:
        """Returns the sum of an AWS/Lambda metric over the whole test."""
        named = {"FunctionName": self.name, **dimensions}
        now = datetime.now(UTC)
        dimensions = [{"Name": key, "Value": value} for key, value in named.items()]
        measured = {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": dimensions}
        (found,) = self.aws.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": measured, "Period": 60, "Stat": "Sum"}}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=5),
        )["MetricDataResults"]
        return float(sum(found["Values"]))


def with_two_versions(aws: EmbeddedAws, role: str, name: str) -> Function:
    """Creates a function with the versions 1 and 2 of one behaviour."""
    function = Function(aws, name)
    function.create(role, ECHO)
    function.wait()
    assert [function.publish(), function.publish(SECOND_ECHO)] == ["1", "2"]
    return function


def zipped(source: str) -> bytes:
    """Returns the same package for the same source at any time; an entry made by name would hold the time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("app.py")
        entry.external_attr = 0o100644 << 16  # Lambda reads as another user, and zipfile's own is 0600
        archive.writestr(entry, source)
    return buffer.getvalue()


def sha256_of(package: bytes) -> str:
    return base64.b64encode(hashlib.sha256(package).digest()).decode()


def weights(version: str, weight: float) -> dict[str, Any]:
    return {"AdditionalVersionWeights": {version: weight}}


def refusal_of(call: Callable[[], object]) -> tuple[str, str]:
    """Returns the code and the text of the error that ``call`` must end in."""
    with pytest.raises(ClientError) as refused:
        call()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]
