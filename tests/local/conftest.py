"""One embedded AWS for all tests of this folder, with the real stack on it.

Tests share it, so each makes functions under names of its own (``function_name``) and none resets it.
"""

from __future__ import annotations

import itertools
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.package import ROOT, build_package, python_runtime
from local.polling import eventually
from local.roles import TRUST, demo_role
from local.server import EmbeddedAws, embedded_aws
from local.settings import Settings
from local.stack import FAST, Stack, deploy
from tests.local.lambda_functions import zipped

_numbers = itertools.count(1)

# Tests that a shell starts in the background ignore Ctrl-C, and so would every program that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws(Settings(minute=2)) as running:
        yield running


@pytest.fixture(scope="session")
def package() -> Path:
    return build_package()


@pytest.fixture(scope="session")
def role(aws: EmbeddedAws) -> str:
    return demo_role(aws)


@pytest.fixture(scope="session")
def stack(aws: EmbeddedAws, package: Path, role: str) -> Stack:
    return deploy(aws, ROOT / "template.yaml", package, {"AllowedRoles": role, **FAST})


@pytest.fixture(scope="session")
def mailbox(aws: EmbeddedAws) -> str:
    """A queue that gets every notice; returns its URL."""
    queue = aws.client("sqs").create_queue(QueueName="notices")["QueueUrl"]
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events = aws.client("events")
    events.put_rule(Name="notices", EventPattern=json.dumps({"source": ["slipway"]}))
    events.put_targets(Rule="notices", Targets=[{"Id": "queue", "Arn": arn}])
    return str(queue)


@pytest.fixture(scope="session")
def recorders_role(aws: EmbeddedAws) -> str:
    """The ARN of a role for functions that send what they get to a queue."""
    iam = aws.client("iam")
    role = iam.create_role(RoleName="recorder", AssumeRolePolicyDocument=json.dumps(TRUST))
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="recorder", PolicyName="record", PolicyDocument=policy)
    return str(role["Role"]["Arn"])


@pytest.fixture
def function_name(request: pytest.FixtureRequest) -> str:
    return f"{request.node.originalname.removeprefix('test_')[:40]}-{next(_numbers)}"


@pytest.fixture
def make_function(aws: EmbeddedAws, role: str, function_name: str) -> Callable[[str], str]:
    """Creates the test's function from the source of its one file, ``app.py``, and returns its name."""

    def make(source: str, **settings: object) -> str:
        functions = aws.client("lambda")
        functions.create_function(
            FunctionName=function_name,
            Runtime=python_runtime(),
            Handler="app.handler",
            Code={"ZipFile": zipped(source)},
            **{"Role": role, **settings},
        )
        eventually(lambda: functions.get_function_configuration(FunctionName=function_name)["State"] == "Active")
        return function_name

    return make
