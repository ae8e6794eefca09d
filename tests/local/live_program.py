"""``python -m live`` at an embedded AWS that a test runs: ``python -m tests.local.live_program ENDPOINT [option ...]``.

Its credentials are those of the environment. What the SAM CLI would do has all rights: CloudFormation of the embedded
AWS does not ask for the rights of its caller.
"""

from __future__ import annotations

import sys

import boto3

from live import embedded
from live.command import Place, parsed, perform
from local.server import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, EmbeddedAws
from local.settings import Settings
from local.signals import stopped_by_signals


def place(endpoint: str, session: boto3.Session) -> Place:
    """Returns the embedded AWS, as the person of this session sees it."""
    root = boto3.Session(ACCESS_KEY_ID, SECRET_ACCESS_KEY, region_name=REGION)
    running = EmbeddedAws(endpoint, REGION, Settings(minute=embedded.MINUTE), root)
    return Place(embedded.account(endpoint, session), embedded.EmbeddedStack(running), "a test", embedded.NOT_SHOWN)


def main(endpoint: str, *options: str) -> int:
    with stopped_by_signals():
        return perform(parsed(options), place(endpoint, boto3.Session(region_name=REGION)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
