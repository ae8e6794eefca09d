"""A run fails, logs, counts and is repeated as in Lambda, whoever started it."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.emulator.runtime.cold_starts import AT_ONCE
from local.polling import eventually
from local.server import EmbeddedAws
from tests.local.lambda_functions import ACCOUNT_ARN, ECHO, FAILING, Function, MakeFunction

COUNTING = (
    "n = 0\n"
    "def handler(event, context):\n"
    "    global n\n"
    "    n += 1\n"
    "    if event == 'fail':\n"
    "        raise ValueError(n)\n"
    "    return n\n"
)

# source -> error type, part of the message
ENDINGS = {
    "a time-out": (
        "import time\ndef handler(event, context):\n    time.sleep(9)\n",
        "Sandbox.Timedout",
        "Task timed out after 1.00 seconds",
    ),
    "an exit": (
        "import os\ndef handler(event, context):\n    os._exit(3)\n",
        "Runtime.ExitError",
        "exit status 3",
    ),
    "an answer that is no JSON": (
        "def handler(event, context):\n    return {1, 2}\n",
        "Runtime.MarshalError",
        "Unable to marshal response: Object of type set is not JSON serializable",
    ),
    "an absent handler": (
        "def other():\n    pass\n",
        "Runtime.HandlerNotFound",
        "Handler 'handler' missing on module 'app'",
    ),
    "a syntax error": ("def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
    "a failed import": (
        "import no_such_module\n",
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'no_such_module'",
    ),
    "an exception during the import": ("raise KeyError('x')\n", "KeyError", "'x'"),
}


class Queue:
    """One queue, and what comes out of it."""

    def __init__(self, aws: EmbeddedAws, name: str) -> None:
        self._client = aws.client("sqs")
        self._url = self._client.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{ACCOUNT_ARN}:{name}"

    def message(self) -> Any:
        """Returns the first message, which must come soon."""

        def receive() -> Any:
            received = self._client.receive_message(QueueUrl=self._url, MessageAttributeNames=["All"])
            return received.get("Messages")

        return eventually(receive)[0]


@pytest.fixture
def queue(aws: EmbeddedAws, function_name: str) -> Queue:
    return Queue(aws, function_name)


def test_an_exception_is_named_and_the_next_invocation_is_warm(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    function = Function(aws, make_function(COUNTING))
    assert function.invoke()[1] == 1
    answer, failure = function.invoke("fail")
    assert (answer["FunctionError"], failure["errorType"], failure["errorMessage"]) == (
        "Unhandled",
        "ValueError",
        "2",
    )
    assert "in handler\n    raise ValueError(n)\n" in failure["stackTrace"][0]
    assert function.invoke()[1] == 3


@pytest.mark.parametrize("case", ENDINGS)
def test_what_ends_a_run_is_named_as_lambda_does(aws: EmbeddedAws, make_function: MakeFunction, case: str) -> None:
    source, error_type, message = ENDINGS[case]
    function = Function(aws, make_function(source, Timeout=1))
    answer, failure = function.invoke(LogType="Tail")
    assert (answer["FunctionError"], failure["errorType"]) == ("Unhandled", error_type)
    assert message in failure["errorMessage"]
    assert message in base64.b64decode(answer["LogResult"]).decode()


def test_the_function_and_its_caller_see_one_request_id(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    answer, body = Function(aws, make_function(ECHO)).invoke()
    assert body["id"] == answer["ResponseMetadata"]["RequestId"]


def test_everything_printed_is_in_the_log_before_the_answer(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    prints = "    print('printed', end='')\n    os.system('echo by a child')\n"
    source = f"import os\ndef handler(event, context):\n{prints}"
    function = Function(aws, make_function(source))
    log = base64.b64decode(function.invoke(LogType="Tail")[0]["LogResult"]).decode()
    assert "printed" in log
    assert "by a child" in log


def test_a_running_invocation_survives_an_update_of_its_code(
    aws: EmbeddedAws, make_function: MakeFunction, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    body = "    open(event, 'w').close()\n    time.sleep(1)\n    return 'old'\n"
    source = f"import time\ndef handler(event, context):\n{body}"
    function = Function(aws, make_function(source))
    with ThreadPoolExecutor(1) as caller:
        running = caller.submit(function.invoke, str(begun))
        eventually(begun.exists)
        function.update("def handler(event, context):\n    return 'new'\n")
        assert running.result()[1] == "old"
    assert function.invoke()[1] == "new"


def test_versions_of_one_package_run_from_one_read_only_folder(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    """What made each start of an environment slow was a copy of the package of its own."""
    where = "import os, stat\ndef handler(e, c):\n    return os.getcwd(), stat.filemode(os.stat('.').st_mode)\n"
    function = Function(aws, make_function(where))
    versions = [function.publish(), function.publish(Description="changed"), function.publish(f"{where}# changed")]
    first, second, other = [function.invoke(Qualifier=version)[1] for version in versions]
    assert first == second != other
    assert first[1] == "dr-xr-xr-x"


def test_requests_that_wait_for_a_start_share_the_environments_that_are_ready(
    aws: EmbeddedAws, make_function: MakeFunction
) -> None:
    slow = "import os, time\ntime.sleep(1)\ndef handler(event, context):\n    return os.getpid()\n"
    function = Function(aws, make_function(slow))
    requests = 4 * AT_ONCE
    with ThreadPoolExecutor(requests) as together:
        processes = [answer for _, answer in together.map(lambda _: function.invoke(), range(requests))]
    assert 1 <= len(set(processes)) <= 2 * AT_ONCE


def test_an_endless_chain_of_a_function_that_invokes_itself_is_stopped(
    aws: EmbeddedAws, function_name: str, role_that_invokes: str
) -> None:
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    functions = boto3.client('lambda')\n"
        "    try:\n"
        "        functions.invoke(FunctionName=context.function_name, InvocationType='Event', Payload='1')\n"
        "    except Exception as refusal:\n"
        "        print(refusal)\n"
    )
    function = Function(aws, function_name)
    function.create(role_that_invokes, source, Timeout=30)
    function.wait()
    function.invoke(InvocationType="Event")
    eventually(lambda: function.metric("RecursiveInvocationsDropped") == 1)
    assert function.metric("Invocations") == 16


@pytest.fixture
def role_that_invokes(aws: EmbeddedAws) -> str:
    iam = aws.client("iam")
    role = iam.create_role(RoleName="invoking", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName="invoking", PolicyName="invoking", PolicyDocument=policy)
    return str(role)


@pytest.mark.parametrize("invocation_type", ["RequestResponse", "Event"])
def test_a_failed_run_counts_as_an_error(aws: EmbeddedAws, make_function: MakeFunction, invocation_type: str) -> None:
    function = Function(aws, make_function(FAILING))
    function.call("put_function_event_invoke_config", MaximumRetryAttempts=0)
    function.invoke(InvocationType=invocation_type)
    eventually(lambda: function.metric("Errors") == 1)
    assert (function.metric("Invocations"), function.metric("Duration") > 0) == (1, True)


def test_a_run_that_timed_out_lasted_its_timeout_and_is_an_error(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    source, _, _ = ENDINGS["a time-out"]
    function = Function(aws, make_function(source, Timeout=1))
    function.invoke()
    counted = [function.metric(name) for name in ("Duration", "Errors", "Invocations")]
    assert counted == [1000, 1, 1]


def test_an_event_that_failed_is_repeated_and_then_a_dead_letter(
    aws: EmbeddedAws, make_function: MakeFunction, queue: Queue
) -> None:
    """The alias says how often it is repeated, the function where its dead letters go."""
    function = Function(aws, make_function(FAILING, DeadLetterConfig={"TargetArn": queue.arn}))
    function.call("create_alias", Name="live", FunctionVersion=function.publish())
    function.call("put_function_event_invoke_config", Qualifier="live", MaximumRetryAttempts=1)
    accepted, _ = function.invoke({"order": 1}, Qualifier="live", InvocationType="Event")
    letter = queue.message()
    assert json.loads(letter["Body"]) == {"order": 1}
    told = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    request_id = accepted["ResponseMetadata"]["RequestId"]
    assert told == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "'no such order'"}
    assert function.metric("Errors") == 2


def test_a_dead_letter_is_the_bare_event_after_three_runs(
    aws: EmbeddedAws, make_function: MakeFunction, queue: Queue
) -> None:
    function = Function(aws, make_function(FAILING, DeadLetterConfig={"TargetArn": queue.arn}))
    function.invoke({"order": 1}, InvocationType="Event")
    letter = queue.message()
    assert json.loads(letter["Body"]) == {"order": 1}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "'no such order'"
    assert function.metric("Invocations") == 3


def test_an_event_whose_function_has_gone_ends_quietly(aws: EmbeddedAws, function_name: str) -> None:
    """Its thread finds nothing to run: the function was deleted, or the embedded AWS stopped, before it began."""
    from local.emulator.patches.lambda_invocations.asynchronous import Accepted, _deliver
    from local.emulator.rules.lambda_.references import parse

    _deliver(Accepted(parse(f"arn:aws:lambda:{ACCOUNT_ARN}:function:{function_name}:live"), {}, "a request"))
