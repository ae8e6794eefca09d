"""The embedded AWS runs real code under AWS's conditions, for this machine only, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local.package import ROOT
from local.polling import eventually
from local.server import AlreadyStarted, EmbeddedAws, embedded_aws
from local.settings import Settings

MakeFunction = Callable[..., str]
Start = Callable[[str], subprocess.Popen[str]]

BUSY_PROGRAM = """
    import io, json, signal, sys, threading, zipfile
    from local.package import python_runtime
    from local.polling import eventually
    from local.roles import demo_role
    from local.server import embedded_aws
    from local.settings import Settings

    SOURCE = "import os, time\\ndef handler(event, context):\\n    print(os.getpid())\\n    time.sleep(event)"
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("starting", flush=True)
    with embedded_aws(Settings(minute=2)) as aws:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            entry = zipfile.ZipInfo("app.py")
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, SOURCE)
        functions = aws.client("lambda", read_timeout=5)
        functions.create_function(FunctionName="busy", Runtime=python_runtime(), Handler="app.handler", Timeout=60,
                                  Role=demo_role(aws), Code={"ZipFile": code.getvalue()})
        eventually(lambda: functions.get_function_configuration(FunctionName="busy")["State"] == "Active")
        functions.invoke(FunctionName="busy", Payload="0")
        for _ in range(3):
            functions.invoke(FunctionName="busy", Payload="60", InvocationType="Event")
        print(aws.endpoint, flush=True)
        threading.Event().wait()
"""


def invoke(aws: EmbeddedAws, name: str, payload: object = None) -> object:
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(payload))
    return json.load(answer["Payload"])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program whose temporary files are in ``tmp_path``; what still runs after the test is killed."""
    started = []

    def start(program: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(program)],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Returns the exit status, stdout and stderr; where the program does not end it says where each thread hangs."""
    try:
        output, errors = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        pytest.fail(f"the program did not end: {process.communicate()}")
    return process.returncode, output, errors


def children_of(process: subprocess.Popen[str]) -> list[int]:
    listed = subprocess.run(["ps", "-ax", "-o", "ppid=", "-o", "pid="], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(child) for parent, child in pairs if int(parent) == process.pid]


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_function_runs_the_code_of_its_zip(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    name = make_function("def handler(event, context):\n    return {'doubled': event * 2}")
    assert invoke(aws, name, 21) == {"doubled": 42}


def test_a_function_sees_nothing_of_this_machines_environment(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    name = make_function("import os\ndef handler(event, context):\n    return dict(os.environ)")
    seen = invoke(aws, name)
    assert isinstance(seen, dict)
    assert seen["TZ"] == ":UTC"
    assert not {"PYTEST_CURRENT_TEST", "GATEWAY_PORT", "STATE_DIR", "AUTH"} & set(seen)


def test_a_function_cannot_import_what_lambda_would_not_have(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    name = make_function(
        "from importlib.util import find_spec\n"
        "def handler(event, context):\n    return [one for one in event if find_spec(one)]"
    )
    assert invoke(aws, name, ["boto3", "json", "jsonschema", "ministack", "pytest"]) == ["boto3", "json"]


def test_a_function_may_do_only_what_its_role_allows(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    name = make_function(
        "import boto3\n"
        "def handler(event, context):\n"
        "    try:\n        boto3.client('dynamodb').list_tables()\n"
        "    except Exception as refusal:\n        return str(refusal)"
    )
    assert "is not authorized to perform: dynamodb:ListTables" in str(invoke(aws, name))


def test_a_function_with_an_absent_role_is_refused(make_function: MakeFunction) -> None:
    with pytest.raises(ClientError, match="role"):
        make_function("", Role="arn:aws:iam::123456789012:role/absent")


@pytest.mark.parametrize(("address", "answers"), [("127.0.0.1", True), ("127.0.0.2", False)])
def test_only_127_0_0_1_is_listened_on(address: str, answers: bool, aws: EmbeddedAws) -> None:
    connect = f"import socket; socket.create_connection(('{address}', {urlsplit(aws.endpoint).port}), timeout=2)"
    tried = subprocess.run([sys.executable, "-c", connect], capture_output=True, check=False)
    assert (tried.returncode == 0) is answers


def test_a_second_start_in_one_process_is_refused(aws: EmbeddedAws) -> None:
    with pytest.raises(AlreadyStarted, match="process of its own"), embedded_aws(Settings()):
        pass


def test_the_users_environment_is_back_after_the_end(start: Start) -> None:
    program = """
        import os
        from local.environment import users_environment
        from local.server import embedded_aws
        from local.settings import Settings
        before = dict(os.environ)
        with embedded_aws(Settings(minute=2)):
            assert "PYTHONPATH" not in os.environ
            assert users_environment() == before
        assert dict(os.environ) == before
    """
    assert outcome(start(program)) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_in_the_middle_of_work_leaves_no_process_and_no_file(
    number: signal.Signals, start: Start, tmp_path: Path
) -> None:
    process = start(BUSY_PROGRAM)
    assert process.stdout is not None
    assert [process.stdout.readline().strip(), process.stdout.readline()[:7]] == ["starting", "http://"]
    functions = eventually(lambda: found if len(found := children_of(process)) == 3 else [])
    process.send_signal(number)
    status, output, errors = outcome(process)
    assert (status, output, errors.splitlines()[-1:]) == (-signal.SIGINT, "", ["KeyboardInterrupt"])
    assert ([one for one in functions if is_running(one)], list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("after", [0.0, 0.2])
def test_stopping_during_the_start_leaves_no_file(after: float, start: Start, tmp_path: Path) -> None:
    process = start(BUSY_PROGRAM)
    assert process.stdout is not None
    assert process.stdout.readline() == "starting\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=after)
    process.send_signal(signal.SIGINT)
    outcome(process)
    assert list(tmp_path.glob("slipway-*")) == []


def test_a_stop_that_finds_python_in_a_destructor_is_not_lost(start: Start) -> None:
    program = """
        import time
        from local.signals import stopped_by_signals
        class Dying:
            def __del__(self):
                print("dying", flush=True)
                time.sleep(30)
        with stopped_by_signals():
            Dying()
            print("alive", flush=True)
            time.sleep(30)
    """
    process = start(program)
    assert process.stdout is not None
    assert process.stdout.readline() == "dying\n"
    process.send_signal(signal.SIGTERM)
    status, _, errors = outcome(process)
    assert (status, errors.splitlines()[-1:]) == (-signal.SIGINT, ["KeyboardInterrupt"])


def test_functions_end_with_a_program_that_was_killed(start: Start) -> None:
    process = start(BUSY_PROGRAM)
    functions = eventually(lambda: found if len(found := children_of(process)) == 3 else [])
    process.kill()
    outcome(process)
    eventually(lambda: not any(is_running(one) for one in functions))


def test_a_taken_port_is_an_error_and_not_another_port(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        program = f"""
            from local.server import embedded_aws
            from local.settings import Settings
            with embedded_aws(Settings(), port={taken.getsockname()[1]}):
                pass
        """
        status, output, errors = outcome(start(program))
    assert (status, output, "Address already in use" in errors) == (1, "", True)
