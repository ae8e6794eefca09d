"""Makes the stack as a person would: ``sam build``, then ``sam deploy``, with nothing of theirs overwritten.

Both run in a process group of their own: Ctrl-C in a terminal reaches this program, which then stops them in order.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from live.run import TAG, Aws
from live.waiting import GivenUp, Pause, Waiting

ROOT = Path(__file__).resolve().parent.parent
_LAST_WORDS = 1500
_HOW_TO_GET_IT = (
    "the SAM CLI is not on the PATH; it builds and deploys the stack. Install it by https://docs.aws.amazon.com/"
    "serverless-application-model/latest/developerguide/install-sam-cli.html, or: pipx install aws-sam-cli"
)


class Sam:
    """The SAM CLI, by its name or path, with what it builds in a folder that goes when the block is left."""

    def __init__(self, aws: Aws, program: str = "sam") -> None:
        self._aws = aws
        self._program = program
        self._folder = TemporaryDirectory(prefix="slipway-live-")
        self._build = Path(self._folder.name) / "build"

    def __enter__(self) -> Sam:
        return self

    def __exit__(self, *_ended: object) -> None:
        self._folder.cleanup()

    def deploy(self, name: str, parameters: Mapping[str, str]) -> Waiting[Mapping[str, str]]:
        """Builds once, deploys, and returns the stack's outputs. Raises GivenUp with SAM's last words."""
        if not self._build.exists():
            yield from self._ran(
                "build", "--template-file", str(ROOT / "template.yaml"), "--build-dir", str(self._build)
            )
        yield from self._ran(
            "deploy",
            *("--template-file", str(self._build / "template.yaml")),
            *("--stack-name", name),
            *("--region", self._aws.region),
            *("--s3-bucket", f"{name}-packages"),
            *("--capabilities", "CAPABILITY_IAM"),
            *("--tags", f"{TAG}={name}"),
            *("--parameter-overrides", *(f"{key}={value}" for key, value in parameters.items())),
            "--no-confirm-changeset",
            "--no-fail-on-empty-changeset",
            "--no-progressbar",
        )
        (stack,) = self._aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}

    def _ran(self, command: str, *arguments: str) -> Waiting[None]:
        """Runs it to its end, and stops it where the wait is given up."""
        log = Path(self._folder.name) / f"{command}.log"
        words = [self._program, command, *arguments, "--config-file", str(ROOT / "live" / "samconfig.toml")]
        with log.open("wb") as out, self._started(words, out.fileno()) as process:
            try:
                while process.poll() is None:
                    yield Pause(1 / 20, f"sam {command}")
            except BaseException:
                os.killpg(process.pid, signal.SIGTERM)
                raise
        if process.returncode != 0:
            said = log.read_text("utf-8", "replace").strip()
            raise GivenUp(f"sam {command} ended with {process.returncode}: {said[-_LAST_WORDS:]}")

    def require(self) -> None:
        """Raises GivenUp where the program is absent, with how to get it."""
        if shutil.which(self._program) is None:
            raise GivenUp(_HOW_TO_GET_IT)

    def _started(self, words: Sequence[str], out: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "AWS_DEFAULT_REGION": self._aws.region, "SAM_CLI_TELEMETRY": "0"}
        return subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
