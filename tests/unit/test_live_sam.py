"""How the SAM CLI is called: with its own options, stopped in order, and with its last words where it fails.

A program that stands for ``sam`` writes down what it was asked. The options are those of SAM CLI 1.170.0.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from live.run import Aws
from live.sam import Sam
from live.waiting import GivenUp, alone

MINUTE = 0.05
OPTIONS = {
    "build": {"--template-file", "--build-dir", "--config-file"},
    "deploy": {
        "--template-file",
        "--stack-name",
        "--region",
        "--s3-bucket",
        "--capabilities",
        "--tags",
        "--parameter-overrides",
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
        "--no-progressbar",
        "--config-file",
    },
}
PROGRAM = """#!{python}
import json, os, pathlib, sys, time
words, region = sys.argv[1:], os.environ["AWS_DEFAULT_REGION"]
with open({log!r}, "a") as log:
    log.write(json.dumps(words + [region, str(os.getpid())]) + "\\n")
if words[0] == "build":
    pathlib.Path(words[words.index("--build-dir") + 1]).mkdir()
{then}
"""


@dataclass(frozen=True)
class OneStack(Aws):
    """An account with a stack that has one output."""

    def client(self, service: str) -> Any:
        return self

    def describe_stacks(self, **_parameters: str) -> dict[str, Any]:
        return {"Stacks": [{"Outputs": [{"OutputKey": "BucketName", "OutputValue": "b"}]}]}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def sam(log: Path, then: str = "") -> Sam:
    program = log.parent / "sam"
    program.write_text(PROGRAM.format(python=sys.executable, log=str(log), then=then))
    program.chmod(0o755)
    return Sam(OneStack(SimpleNamespace(region_name="eu-north-1")), str(program))


def asked(log: Path) -> list[list[str]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_it_builds_once_and_deploys_with_the_parameters_and_tags(log: Path) -> None:
    with sam(log) as built:
        for keep in ("5", "9"):
            outputs = alone(built.deploy("slipway-live-0a1b2c", {"KeepVersions": keep, "HookPrefix": "h-"}), MINUTE)
    assert outputs == {"BucketName": "b"}
    commands = asked(log)
    assert [words[0] for words in commands] == ["build", "deploy", "deploy"]
    for words in commands:
        assert {word for word in words if word.startswith("--")} == OPTIONS[words[0]]
        assert words[-2] == "eu-north-1"
    deployed = " ".join(commands[-1])
    for said in (
        "--stack-name slipway-live-0a1b2c",
        "--s3-bucket slipway-live-0a1b2c-packages",
        "--tags slipway-live=slipway-live-0a1b2c",
        "--parameter-overrides KeepVersions=9 HookPrefix=h-",
    ):
        assert said in deployed


def test_its_failure_is_told_with_its_last_words(log: Path) -> None:
    with (
        sam(log, "sys.exit('Error: no bucket')") as broken,
        pytest.raises(GivenUp, match=r"sam build ended with 1: .*no bucket"),
    ):
        alone(broken.deploy("slipway-live-0a1b2c", {}), MINUTE)


def test_it_is_stopped_where_nobody_waits_for_it_any_more(log: Path) -> None:
    with sam(log, "time.sleep(60)") as slow:
        waiting = slow.deploy("slipway-live-0a1b2c", {})
        while not log.exists() or not log.read_text().endswith("\n"):
            next(waiting)
        waiting.close()
    (words,) = asked(log)
    with pytest.raises(ProcessLookupError):
        os.kill(int(words[-1]), 0)


def test_where_it_is_absent_people_are_told_how_to_get_it(tmp_path: Path) -> None:
    with (
        Sam(Aws(SimpleNamespace(region_name="eu-north-1")), str(tmp_path / "sam")) as absent,
        pytest.raises(GivenUp, match="pipx install aws-sam-cli"),
    ):
        absent.require()
