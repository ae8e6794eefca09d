"""The client finds its stack, asks whoever may answer, and says in a line why nobody does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.account import Account

ROOT = Path(__file__).parents[2]


def test_a_request_that_only_looks_is_asked_of_the_viewer() -> None:
    account = Account()
    account.run("status")
    assert [name for name, _ in account.asked] == ["slipway-viewer"]


def test_without_a_viewer_the_controller_is_asked() -> None:
    account = Account(viewer=False)
    assert account.run("status") == 0
    assert [name for name, _ in account.asked] == ["slipway-controller:live"]


def test_whoever_may_not_ask_the_viewer_asks_the_controller() -> None:
    account = Account(denied={"slipway-viewer"})
    assert account.run("status") == 0
    assert [name for name, _ in account.asked] == ["slipway-controller:live"]


def test_status_and_rollback_are_answered_by_previous_if_live_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(viewer=False, broken={"slipway-controller:live"})
    assert account.run("status") == 0
    assert account.asked[-1][0] == "slipway-controller:previous"
    told = "slipway: slipway-controller:live failed: No module named 'controller'; asking slipway-controller:previous"
    assert capsys.readouterr().err.strip() == told
    account.run("rollback", "checkout")
    assert account.asked[-1][0] == "slipway-controller:previous"


def test_no_other_request_is_sent_to_previous(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(broken={"slipway-controller:live"})
    assert account.run("promote", "checkout") == 3
    assert [name for name, _ in account.asked] == ["slipway-controller:live"]
    assert "status and rollback are answered by slipway-controller:previous" in capsys.readouterr().err


def test_whoever_may_ask_nobody_is_told_both_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(denied={"slipway-viewer", "slipway-controller:live"})
    assert account.run("status") == 3
    told = capsys.readouterr().err
    assert told.count("you may not invoke") == 2
    assert "slipway-viewer" in told and "slipway-controller:live" in told


def test_the_stack_is_named_by_option_or_environment(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(stack="shop")
    assert account.run("status") == 3
    absent = (
        "there is no slipway-controller:live in us-east-1: name the stack with --stack, or its Region with --region"
    )
    assert capsys.readouterr().err == f"slipway: {absent}\n"
    assert account.run("status", "--stack", "shop") == 0
    assert account.run("status", SLIPWAY_STACK="shop") == 0


def test_the_bucket_is_an_output_of_the_stack_unless_named(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(may_read_outputs=False)
    assert account.run("deploy", "--key", "checkout/v1.zip") == 3
    assert "name it with --bucket or SLIPWAY_BUCKET" in capsys.readouterr().err
    account.run("deploy", "--key", "checkout/v1.zip", "--bucket", "mine")
    assert account.asked[-1][1]["bucket"] == "mine"
    account.run("deploy", "--key", "checkout/v1.zip", SLIPWAY_BUCKET="ours")
    assert account.asked[-1][1]["bucket"] == "ours"


NOWHERE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@pytest.mark.parametrize(
    ("environment", "arguments", "told"),
    [
        (KEYS, (), "there is no AWS Region: give --region, or set AWS_REGION"),
        ({"AWS_REGION": "us-east-1"}, (), "there are no AWS credentials: run `aws sso login` or `aws configure`"),
        ({}, ("--profile", "nobody"), "--profile and AWS_PROFILE name profiles of ~/.aws/config"),
        (
            {**KEYS, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"},
            (),
            "AWS cannot be reached: look at the network",
        ),
    ],
    ids=["region", "credentials", "profile", "network"],
)
def test_what_is_missing_on_the_machine_is_one_line_and_3(
    environment: dict[str, str], arguments: tuple[str, ...], told: str
) -> None:
    command = [sys.executable, "-m", "cli", "status", *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, env={**NOWHERE, **environment}, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (3, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"slipway: {told}")
