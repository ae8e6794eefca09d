"""``make live`` on the embedded AWS: what a run finds, what it says where that is otherwise, that it leaves nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from jsonschema import Draft202012Validator

from live import embedded
from live.command import parsed, perform
from live.facts import FACTS
from local.package import ROOT
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import PACKAGES_BUCKET
from tests.local.live_program import place

POLICY = json.loads((ROOT / "live" / "permissions.json").read_text("utf-8"))
POLICY["Statement"].append({"Effect": "Allow", "Action": ["events:*", "kms:*"], "Resource": "*"})
"""The embedded AWS asks about "*" where a call names a rule as its target's, and asks no key for its tags."""
SCHEMA = json.loads((ROOT / "live" / "report.schema.json").read_text("utf-8"))
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
Json = dict[str, Any]

SHOWN = {fact.number for fact in FACTS} - embedded.NOT_SHOWN.keys()


@pytest.fixture(scope="module", autouse=True)
def _what_sam_brings_is_there(aws: EmbeddedAws, package: Path) -> None:
    """The package, the bucket of the one who uploads it here, and who runs the program."""
    assert package.exists()
    aws.client("s3").create_bucket(Bucket=PACKAGES_BUCKET)
    person(aws, POLICY)


def person(aws: EmbeddedAws, policy: Json) -> dict[str, str]:
    """Returns the credentials of somebody who may do what the policy says, and nothing else."""
    iam, name = aws.client("iam"), "live-person"
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="live", PolicyDocument=json.dumps(policy))
    role = iam.get_role(RoleName=name)["Role"]["Arn"]
    given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


@dataclass(frozen=True)
class Report:
    """What a run wrote; it is checked against its schema."""

    file: Path

    @property
    def document(self) -> Json:
        found: Json = json.loads(self.file.read_text())
        Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(found)
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        return {each["fact"]: each["verdict"] for each in self.document["facts"]}

    def of(self, verdict: str) -> set[str]:
        return {fact for fact, found in self.verdicts.items() if found == verdict}


class Started:
    """A run of everything in a process of its own, by somebody with live/permissions.json."""

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self.report, self._log = Report(folder / "live.json"), folder / "live.log"
        options = ["--yes", "--json", str(self.report.file)]
        credentials = {name.upper(): value for name, value in person(aws, POLICY).items()}
        with self._log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.local.live_program", aws.endpoint, *options],
                cwd=ROOT,
                env={**os.environ, **credentials},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def says(self, words: str) -> bool:
        return words in self._log.read_text()

    @property
    def name(self) -> str:
        (found,) = set(re.findall(r"the run is called (\S+)", self._log.read_text()))
        return str(found)

    def ended(self, within: float = 240) -> tuple[int, str]:
        """Returns its exit status and what it printed."""
        output, _ = self.process.communicate(timeout=within)
        return self.process.returncode, output


def everything(aws: EmbeddedAws) -> set[str]:
    """Returns the names of all that is in the account but log groups, asked without a name."""
    stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
    kms, functions = aws.client("kms"), aws.client("lambda").get_paginator("list_functions")
    keys = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
    return {
        *(each["StackName"] for each in stacks),
        *(each["FunctionName"] for page in functions.paginate() for each in page["Functions"]),
        *(each["RoleName"] for each in aws.client("iam").list_roles()["Roles"]),
        *(each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]),
        *aws.client("dynamodb").list_tables()["TableNames"],
        *aws.client("sqs").list_queues().get("QueueUrls", []),
        *(each["Name"] for each in aws.client("events").list_rules()["Rules"]),
        *(each["AlarmName"] for each in aws.client("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(each["AliasName"] for each in kms.list_aliases()["Aliases"]),
        *(each["KeyId"] for each in keys if each["KeyState"] != "PendingDeletion"),
    }


def log_groups(aws: EmbeddedAws, name: str) -> list[str]:
    """Returns the log groups of a run.

    The embedded AWS makes one for a function that still runs after its deletion. AWS does not: it asks the function's
    role, and none of these roles may make one.
    """
    found = aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    return [each["logGroupName"] for each in found]


@pytest.fixture
def run(aws: EmbeddedAws, tmp_path: Path) -> Iterator[Started]:
    """A run that has begun; where it still goes on after the test it is killed."""
    started = Started(aws, tmp_path)
    with started.process as process:
        yield started
        process.kill()


@pytest.fixture
def played(aws: EmbeddedAws, tmp_path: Path) -> Callable[..., tuple[int, Report]]:
    """Plays a short run in this process."""

    def played(*options: str, policy: Json = POLICY) -> tuple[int, Report]:
        report = Report(tmp_path / "live.json")
        session = boto3.Session(**person(aws, policy), region_name=aws.region)
        status = perform(parsed(["--yes", "--json", str(report.file), *options]), place(aws.endpoint, session))
        return status, report

    return played


Played = Callable[..., tuple[int, Report]]
Captured = pytest.CaptureFixture[str]


def test_a_run_finds_out_every_fact_and_leaves_nothing(run: Started, aws: EmbeddedAws) -> None:
    """With live/permissions.json and nothing beyond."""
    before = everything(aws)
    status, table = run.ended()
    facts = json.dumps(run.report.document["facts"], indent=1)
    assert run.report.of("as expected") == SHOWN, facts
    assert run.report.of("not shown here") == set(embedded.NOT_SHOWN), facts
    assert (status, run.report.document["ok"], run.report.document["left"]) == (0, True, [])
    assert [fact.number for fact in FACTS if fact.number not in table] == []
    assert (everything(aws) - before, log_groups(aws, run.name)) == (set(), [])


def test_ctrl_c_in_the_middle_leaves_nothing(run: Started, aws: EmbeddedAws) -> None:
    before = everything(aws)
    eventually(lambda: run.says("waits for the release to end") and run.says("L1a: "))
    run.process.send_signal(signal.SIGINT)
    status, table = run.ended()
    assert (status, run.report.document["interrupted"], run.report.document["ok"]) == (130, True, False)
    assert (run.report.verdicts["L1a"], run.report.verdicts["R2"]) == ("as expected", "not found out")
    assert "the run ended before" in table
    assert everything(aws) - before == set()


def test_what_a_killed_run_left_is_taken_away_by_its_name_and_nothing_else_is(
    run: Started, aws: EmbeddedAws, played: Played
) -> None:
    """Log groups of requests that outlast the run are taken away by the next call: see ``log_groups``."""
    before = everything(aws)
    eventually(lambda: run.says("waits for the release to end") and run.says("L12a: "))
    run.process.kill()
    run.process.wait()
    neighbour = f"{run.name}0-packages"
    aws.client("s3").create_bucket(Bucket=neighbour)
    assert len(everything(aws) - before) > 15
    assert log_groups(aws, run.name) != []
    assert played("--clean", run.name)[0] == 0
    assert everything(aws) - before == {neighbour}
    eventually(lambda: played("--clean", run.name)[0] == 0 and log_groups(aws, run.name) == [])
    aws.client("s3").delete_bucket(Bucket=neighbour)


@contextmanager
def dry_runs_answer_with_latest() -> Iterator[None]:
    """Makes the embedded AWS answer a dry run with the hash of the function as it is."""
    from local.emulator.patches.lambda_functions import code
    from local.emulator.rules.lambda_.answers import success

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "_dry_run", lambda config, _data: success(config))
        yield


def test_a_fact_that_is_otherwise_is_said_and_fails_the_run(played: Played, capsys: Captured) -> None:
    with dry_runs_answer_with_latest():
        status, report = played("--only", "L1a,L9a")
    assert (status, report.verdicts) == (1, {"L1a": "otherwise", "L9a": "as expected"})
    (otherwise, _) = report.document["facts"]
    assert otherwise["found"] == "the hash of $LATEST"
    table = capsys.readouterr().out
    assert f"L1a is otherwise: {otherwise['means']}" in " ".join(table.split())
    assert "1 as expected, 1 otherwise" in table


def test_what_cannot_be_removed_is_said_by_name_and_the_rest_is_removed(
    played: Played, aws: EmbeddedAws, capsys: Captured
) -> None:
    before = everything(aws)
    denied = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
    status, report = played("--only", "L9a", policy={**POLICY, "Statement": [*POLICY["Statement"], denied]})
    (left,) = report.document["left"]
    bucket = f"{report.document['name']}-packages"
    assert left.startswith(f"bucket {bucket}: ")
    assert (status, f"left behind: bucket {bucket}: " in capsys.readouterr().out) == (1, True)
    assert everything(aws) - before == {bucket}
    assert played("--clean", report.document["name"])[0] == 0
    assert everything(aws) - before == set()


def test_what_is_kept_is_taken_away_later(played: Played, aws: EmbeddedAws) -> None:
    before = everything(aws)
    status, report = played("--only", "L9", "--keep")
    assert (status, report.document["kept"], report.document["left"]) == (0, True, [])
    assert f"{report.document['name']}-l9" in everything(aws)
    assert played("--clean", report.document["name"])[0] == 0
    assert everything(aws) - before == set()


def test_whoever_may_not_make_a_role_is_told_of_every_fact_that_needs_one(played: Played) -> None:
    denied = {"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*"}
    status, report = played("--only", "L2,L9a", policy={**POLICY, "Statement": [*POLICY["Statement"], denied]})
    assert (status, report.verdicts) == (1, {"L2": "not shown here", "L9a": "not found out"})
    (_, nobody_knows) = report.document["facts"]
    assert "it needs role and bucket, which failed: " in nobody_knows["found"]
    assert "iam:CreateRole" in nobody_knows["found"]
