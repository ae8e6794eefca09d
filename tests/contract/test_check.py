"""python -m controller.check says of a file what the controller would say of it, and needs no AWS for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from controller.check import main
from tests.cloud.steps import BUCKET, Live
from tests.cloud.story import Story
from tests.fuzz.hostile_zips import CASES, written
from tests.scenarios.test_handlers import zipped

ROOT = Path(__file__).parents[2]
PYTHON = ("--runtime", "python3.13", "--handler", "app.handler")


def ran(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # Without a Region or keys, and without this machine's own.
    nothing = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    command = [sys.executable, "-B", "-m", "controller.check", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=nothing, check=False, capture_output=True, text=True, timeout=60)


def asked(*arguments: str | Path) -> dict[str, Any]:
    """Returns the verdict; the exit status says the same."""
    ended = ran(*arguments)
    answer: dict[str, Any] = json.loads(ended.stdout)
    assert ended.stderr == ""
    assert ended.returncode == {"deploy": 0, "refuse": 1}[answer["would"]]
    return answer


def file(folder: Path, content: bytes, name: str = "build.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_good_zip_is_told_with_the_files_that_its_handler_is_loaded_from(tmp_path: Path) -> None:
    build = file(tmp_path, zipped("src/__init__.py", "src/app.py"))
    answer = asked(build, "--runtime", "python3.13", "--handler", "src.app.handler")
    assert answer == {
        "file": str(build),
        "would": "deploy",
        "alias": "live",
        "manifests": ["slipway.json in the zip"],
        "entries": 3,
        "unzipped": 41,
        "handler": {
            "runtime": "python3.13",
            "handler": "src.app.handler",
            "loads": ["src/__init__.py", "src/app.py"],
        },
    }


def test_a_zip_without_the_handler_is_refused_with_the_controllers_words(tmp_path: Path) -> None:
    build = file(tmp_path, zipped("index.py"))
    assert asked(build, *PYTHON) == {
        "file": str(build),
        "would": "refuse",
        "because": "the handler app.handler needs app.py in the zip; add it, or correct the handler",
        "cause": "bad_artifact",
    }


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("--layers", "arn:aws:lambda:eu-west-1:123456789012:layer:observed:3"),
        ("--layers",),
        ("--env", "PYTHONPATH=/var/task/src"),
        ("--env", "STAGE=live", "AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper"),
        ("--runtime", "python3.13", "--handler", "index.handler"),
        ("--runtime", "provided.al2023", "--layers"),
    ],
)
def test_what_the_function_has_beside_the_zip_is_told_on_the_command_line(
    elsewhere: tuple[str, ...], tmp_path: Path
) -> None:
    assert asked(file(tmp_path, zipped("index.py")), *PYTHON, *elsewhere)["would"] == "deploy"


def test_a_module_for_another_machine_is_refused_where_the_function_has_that_machine(tmp_path: Path) -> None:
    build = file(tmp_path, zipped("app.cpython-313-x86_64-linux-gnu.so"))
    assert asked(build, *PYTHON)["would"] == "deploy"
    assert "compiled for another" in asked(build, *PYTHON, "--architecture", "arm64")["because"]


def test_the_manifest_names_the_handler_and_comes_before_the_command_line(tmp_path: Path) -> None:
    function = {"Runtime": "nodejs22.x", "Handler": "dist/index.handler"}
    build = file(tmp_path, zipped("dist/index.mjs", function=function))
    assert asked(build, *PYTHON)["handler"]["loads"] == ["dist/index.mjs"]


def test_a_handler_that_nobody_names_is_not_judged_and_that_is_said(tmp_path: Path) -> None:
    assert asked(file(tmp_path, zipped("app.py")))["handler"] == {
        "not_judged": "no manifest names Runtime and Handler, nor do --runtime and --handler"
    }
    assert asked(file(tmp_path, zipped("app.py")), *PYTHON, "--layers")["handler"]["loads"] == ["app.py"]
    assert "not_judged" in asked(file(tmp_path, zipped("index.py")), *PYTHON, "--layers")["handler"]


def test_of_an_os_only_runtime_no_handler_need_be_told(tmp_path: Path) -> None:
    answer = asked(file(tmp_path, zipped("main")), "--runtime", "provided.al2023")
    assert answer["because"] == "the handler bootstrap needs bootstrap in the zip; add it, or correct the handler"


def test_the_manifest_in_the_bucket_is_read_as_well_and_called_what_it_is_there(tmp_path: Path) -> None:
    in_bucket = file(tmp_path, b'{"alias": "prod", "deadlin": "1h"}', "slipway.json")
    build = file(tmp_path, zipped("app.py"))
    answer = asked(build, "--manifest", in_bucket, "--key", "checkout/build.zip")
    assert answer["because"].startswith("checkout/slipway.json in the bucket: the top: ")
    assert "did you mean deadline?" in answer["because"]
    assert answer["cause"] == "bad_manifest"
    in_bucket.write_text('{"alias": "prod"}')
    answer = asked(build, "--manifest", in_bucket)
    assert answer["alias"] == "prod"
    assert answer["manifests"] == ["slipway.json in the zip", "FUNCTION/slipway.json in the bucket"]


@pytest.mark.parametrize("content", [b"\xff\xfe{\0}\0", b" " * 300_000, b"", b"{} // nothing"])
def test_a_manifest_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    answer = asked(file(tmp_path, zipped("app.py")), "--manifest", file(tmp_path, content, "slipway.json"))
    assert answer["cause"] == "bad_manifest"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("checkout/build.zip", None),
        ("checkout/build.ZIP", "each letter counts"),
        ("checkout/build.jar", "that is a zip: give it that name"),
        ("build.zip", "it has no folder, so it names no function"),
        ("check.out/build.zip", "check.out is no function's name"),
        ("checkout/my build.zip", "it has the character ' '"),
        ("checkout/Slipway.json", "a manifest is checkout/slipway.json"),
        ("", "it has no folder"),
    ],
)
def test_the_key_is_judged_where_it_is_told(key: str, words: str | None, tmp_path: Path) -> None:
    answer = asked(file(tmp_path, zipped("app.py")), *PYTHON, "--key", key)
    assert words is None if answer["would"] == "deploy" else words is not None and words in answer["because"]


def test_what_is_no_file_is_refused_in_words(tmp_path: Path) -> None:
    assert asked(tmp_path / "none.zip")["because"] == f"{tmp_path}/none.zip cannot be read: No such file or directory"
    assert asked(tmp_path)["because"] == f"{tmp_path} is a folder: zip what is in it, and check the zip"
    assert asked(file(tmp_path, b""))["because"] == "build.zip has zero bytes; upload the zip again, whole"
    assert asked(file(tmp_path, zipped("app.py")), "--manifest", tmp_path / "none.json")["cause"] == "bad_manifest"


def test_a_command_that_is_wrong_itself_exits_with_two() -> None:
    assert ran().returncode == 2
    assert ran("build.zip", "--env", "PYTHONPATH").returncode == 2


def test_nothing_of_aws_is_loaded_for_it() -> None:
    program = "import sys, controller.check; assert {'boto3', 'botocore', 'jmespath'}.isdisjoint(sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def planned(content: bytes) -> Mapping[str, Any]:
    story = Story().play([Live("v1")])
    story.cloud.storage.put(BUCKET, "checkout/build.zip", content)
    story.hears({"request": "plan", "bucket": BUCKET, "key": "checkout/build.zip"})
    answer: Mapping[str, Any] = story.answers[-1]
    return answer


@pytest.mark.parametrize("name", CASES)
def test_of_a_hostile_zip_it_says_what_the_request_plan_says(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = written(name)
    status = main([str(file(tmp_path, content)), *PYTHON])
    answer, plan = json.loads(capsys.readouterr().out), planned(content)
    if not plan["ok"]:  # Lambda's own answer to a dry run, which nobody has without AWS
        assert "dry run" in plan["error"]
        return
    assert (answer["would"], status) == (plan["would"], plan["would"] == "refuse")
    assert answer.get("because", "") == plan.get("because", "").replace(f"s3://{BUCKET}/checkout/", "")
