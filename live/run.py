"""What an experiment is given: the AWS to ask, the names to use, and what the stack said it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config

from live.waiting import Waiting

TAG = "slipway-live"
"""The key of the tag on all that a run makes; the value is the run's name."""


@dataclass(frozen=True)
class Aws:
    """An AWS account in one Region. ``minute`` is how many seconds its minutes last: 60, and fewer on the embedded AWS.

    ``big_zip_parts`` is how many parts of 8 MiB the big zip has, ``bake`` how many minutes a release bakes.
    """

    session: boto3.Session
    endpoint: str | None = None
    minute: float = 60.0
    big_zip_parts: int = 24
    bake: float = 2.0

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @cache  # noqa: B019 - one account lives as long as the program
    def client(self, service: str) -> Any:
        """Returns a boto3 client. What is throttled is tried again; a function may answer after two minutes."""
        config = Config(retries={"mode": "standard", "max_attempts": 8}, read_timeout=150)
        return self.session.client(service, endpoint_url=self.endpoint, config=config)

    def seconds(self, minutes: float) -> int:
        """Returns how many whole seconds so many minutes of this AWS last, at least one."""
        return max(1, round(minutes * self.minute))


class Installer(Protocol):
    """Makes the stack of template.yaml in the account."""

    def deploy(self, name: str, parameters: Mapping[str, str]) -> Waiting[Mapping[str, str]]:
        """Creates the stack, or updates it where it exists; returns its outputs. Raises GivenUp where it fails."""


@dataclass
class Run:
    """One run under one name. ``stack`` are the stack's outputs, ``role`` the ARN of the role of its functions."""

    name: str
    aws: Aws
    installer: Installer
    role: str = ""
    stack: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    @property
    def tags(self) -> dict[str, str]:
        return {TAG: self.name}

    @property
    def packages(self) -> str:
        """The run's own bucket: for what SAM uploads, and for zips that are not dropped."""
        return f"{self.name}-packages"

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)
