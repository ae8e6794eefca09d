"""The same run on the embedded AWS: no account, no SAM CLI, minutes of two seconds. It proves the script.

What this AWS answers because somebody chose so, and not because AWS is known to, is no finding: ``NOT_SHOWN`` says
which facts these are. They are tried all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import boto3

from live.run import Aws
from live.waiting import GivenUp, Waiting
from local.package import ROOT, BuildFailed, build_package
from local.server import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, EmbeddedAws, embedded_aws
from local.settings import Settings
from local.stack import FAST, StackFailed, deploy

MINUTE = 2.0
_BIG_ZIP_PARTS = 2
_BAKE = 0.0
"""The bake waits two minutes of the wall clock for late counts, which no AWS with short minutes makes shorter."""

NOT_SHOWN: Mapping[str, str] = {
    "L1b": "its zips are on this machine's disk",
    "L2": "it has no Regions",
    "L3": "not documented, so chosen",
    "L6": "not documented for Lambda, so chosen",
    "L9b": "not documented, so chosen",
    "L9c": "a move is everywhere at once",
    "L10": "its CloudFormation is not AWS's",
    "L12a": "its functions use no keys",
    "L12b": "its functions use no keys",
    "L12c": "its functions use no keys",
    "L13a": "its rules need no permission, so none comes late",
    "L13c": "a new bucket tells of its objects at once",
}


class EmbeddedStack:
    """Deploys the real template to the embedded AWS, as ``make local`` does."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws

    def deploy(self, name: str, parameters: Mapping[str, str]) -> Waiting[Mapping[str, str]]:
        try:
            stack = deploy(self._aws, ROOT / "template.yaml", build_package(), {**FAST, **parameters}, name)
        except (BuildFailed, StackFailed) as failure:
            raise GivenUp(str(failure)) from failure
        yield from ()
        return stack.outputs


@contextmanager
def started() -> Iterator[tuple[Aws, EmbeddedStack]]:
    """Runs an embedded AWS of its own for the length of a ``with`` block."""
    build_package()
    with embedded_aws(Settings(minute=MINUTE)) as running:
        yield account(running.endpoint), EmbeddedStack(running)


def account(endpoint: str, session: boto3.Session | None = None) -> Aws:
    """Returns the account of an embedded AWS that runs already."""
    keys = {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
    session = session or boto3.Session(**keys, region_name=REGION)
    return Aws(session, endpoint, MINUTE, _BIG_ZIP_PARTS, _BAKE)
