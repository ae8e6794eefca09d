"""An execution environment keeps its process over an exception, starts anew after an end, and returns a whole log.

The processes are real: what is tested is how this file and the program in the process speak to each other.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.emulator.rules.lambda_.failures import Failure
from local.emulator.runtime import invocation
from local.emulator.runtime.cold_starts import Place
from local.emulator.runtime.environments import Host, PythonEnvironment
from local.emulator.runtime.packages import Packages
from tests.fuzz.hostile_zips import LINK, File, Zip

CONFIG: dict[str, Any] = {
    "FunctionName": "checkout",
    "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:checkout:7",
    "Handler": "app.handler",
    "Timeout": 5,
    "Version": "7",
}
COUNTING = """
import os
n = 0
def handler(event, context):
    global n
    n += 1
    print("run", n)
    if event == "raise":
        raise ValueError("no")
    if event == "exit":
        os._exit(4)
    return [n, context.function_version, context.invoked_function_arn, context.aws_request_id]
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(
        start=subprocess.Popen,
        extracted=Packages(lambda: tempfile.mkdtemp(dir=tmp_path)).extracted,
        region_of=lambda _: "us-east-1",
        credentials_of=lambda _: {},
        layers_of=lambda _: [zipped("python/shared.py", "answer = 42")],
        endpoint=lambda: "http://127.0.0.1:1",
    )


@pytest.fixture
def counting(host: Host) -> Iterator[PythonEnvironment]:
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", COUNTING))
    yield environment
    environment.kill()


def zipped(name: str, source: str, mode: int = 0o100644) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        archive.writestr(entry, source)
    return buffer.getvalue()


def failure_of(environment: PythonEnvironment, event: object) -> Failure:
    failure = environment.invoke(event, "id")["result"]
    assert isinstance(failure, Failure)
    return failure


def test_the_handler_gets_its_context_and_its_answer_comes_back(counting: PythonEnvironment) -> None:
    answer = counting.invoke(None, "first", invoked_function_arn="arn:live")
    assert answer["result"] == [1, "7", "arn:live", "first"]
    assert (answer["log"], answer["cold_start"]) == ("run 1", True)


def test_the_process_lives_through_an_exception(counting: PythonEnvironment) -> None:
    counting.invoke(None, "first")
    assert failure_of(counting, "raise").error_type == "ValueError"
    answer = counting.invoke(None, "third")
    assert (answer["result"][0], answer["cold_start"]) == (3, False)


def test_a_new_process_follows_one_that_ended(counting: PythonEnvironment) -> None:
    counting.invoke(None, "first")
    assert "exit status 4" in failure_of(counting, "exit").message
    answer = counting.invoke(None, "third")
    assert (answer["result"][0], answer["cold_start"]) == (1, True)


def test_the_handler_is_timed_and_the_start_of_its_process_is_not(host: Host) -> None:
    source = "import time\ntime.sleep(1)\ndef handler(event, context):\n    time.sleep(0.1)\n"
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", source))
    with invocation.timing() as handler:
        assert handler.seconds is None
        environment.invoke(None, "id")
    environment.kill()
    assert handler.seconds is not None
    assert 0.1 <= handler.seconds < 1


def test_a_handler_that_never_ran_took_no_time(host: Host) -> None:
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", "import no_such_module"))
    with invocation.timing() as handler:
        failure_of(environment, None)
    assert handler.seconds is None


def test_a_log_belongs_to_its_own_invocation(counting: PythonEnvironment) -> None:
    logs = [counting.invoke(None, str(number))["log"] for number in range(5)]
    assert logs == [f"run {number}" for number in range(1, 6)]


def test_a_layer_can_be_imported(host: Host) -> None:
    source = "import shared\ndef handler(event, context):\n    return shared.answer\n"
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", source))
    assert environment.invoke(None, "id")["result"] == 42
    environment.kill()


def test_environments_of_one_package_share_its_folder_and_its_bytecode(host: Host) -> None:
    source = "import os\ndef handler(event, context):\n    return os.getcwd()\n"
    package = zipped("app.py", source)
    environments = [PythonEnvironment(host, CONFIG, package) for _ in range(2)]
    folders = {str(environment.invoke(None, "id")["result"]) for environment in environments}
    for environment in environments:
        environment.kill()
    (folder,) = folders
    assert [path.name.partition(".")[0] for path in Path(folder, "__pycache__").iterdir()] == ["app"]


@pytest.mark.parametrize("source", [COUNTING, "import no_such_module"])
def test_a_start_frees_its_place_when_it_is_over(host: Host, source: str) -> None:
    freed: list[str] = []
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", source))
    environment.starts_in(Place(lambda: freed.append("place")))
    for _ in range(2):
        environment.invoke(None, "id")
    environment.kill()
    assert freed == ["place"]


def test_an_environment_is_ready_while_it_has_a_process(counting: PythonEnvironment) -> None:
    assert not counting.is_ready
    counting.invoke(None, "first")
    assert counting.is_ready
    counting.invoke("exit", "second")
    assert not counting.is_ready


def test_a_large_event_comes_back_whole(host: Host) -> None:
    source = "def handler(event, context):\n    return event\n"
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", source))
    large = "ü" * 1_000_000
    assert environment.invoke(large, "id")["result"] == large
    environment.kill()


def test_a_failed_import_leaves_no_process(host: Host) -> None:
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", "import no_such_module"))
    assert failure_of(environment, None).error_type == "Runtime.ImportModuleError"
    assert environment._proc is None


def test_a_handlers_input_is_empty(host: Host) -> None:
    source = "import sys\ndef handler(event, context):\n    return sys.stdin.read()\n"
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", source))
    assert environment.invoke(None, "id")["result"] == ""
    environment.kill()


def test_a_process_ends_with_the_program_that_started_it_in_the_middle_of_a_run(host: Host) -> None:
    source = "import time\ndef handler(event, context):\n    time.sleep(60)\n"
    environment = PythonEnvironment(host, {**CONFIG, "Timeout": 60}, zipped("app.py", source))
    process = environment._start()
    assert process.stdin is not None
    environment._send(process, environment._invocation(None, "id", None, None, None))
    process.stdin.close()
    assert process.wait(timeout=5) == 0


@pytest.mark.parametrize("mode", [0o100600, 0o100640, 0o600, 0o100400])
def test_a_handler_that_others_may_not_read_cannot_be_loaded_by_root_or_owner_either(host: Host, mode: int) -> None:
    environment = PythonEnvironment(host, CONFIG, zipped("app.py", COUNTING, mode))
    failure = failure_of(environment, None)
    environment.kill()
    assert failure.error_type == "PermissionError"
    assert failure.message.startswith("[Errno 13] Permission denied: ") and failure.message.endswith("/app.py'")


OPENS = """
import os
def handler(event, context):
    try:
        with open(os.path.join(os.environ["LAMBDA_TASK_ROOT"], event)) as file:
            return file.read()
    except OSError as error:
        return error.strerror
"""


def test_a_file_that_others_may_not_read_is_denied_and_all_others_are_read(host: Host) -> None:
    files = (
        File(b"app.py", OPENS.encode()),
        File(b"open.txt", b"open"),
        File(b"kept.txt", b"kept", central={"attributes": 0o100600 << 16}),
        File(b"kept/", central={"attributes": 0o040700 << 16}),
        File(b"kept/open.txt", b"open"),
        File(b"link.txt", b"kept.txt", central={"attributes": LINK}),
        File(b"fine.txt", b"open.txt", central={"attributes": LINK}),
    )
    environment = PythonEnvironment(host, CONFIG, Zip(files).written())
    read = {name: environment.invoke(name, name)["result"] for name in
            ("open.txt", "kept.txt", "kept/open.txt", "link.txt", "fine.txt", "gone.txt")}  # fmt: skip
    environment.kill()
    denied = "Permission denied"
    assert read == {
        "open.txt": "open", "kept.txt": denied, "kept/open.txt": denied, "link.txt": denied, "fine.txt": "open",
        "gone.txt": "No such file or directory",
    }  # fmt: skip
