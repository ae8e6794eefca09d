"""Makes the clients and hands them to the adapters; lazily, so that a rollback pays for Lambda and DynamoDB only.

Retries are set here on purpose: botocore's default changed from five attempts to three in 1.44. Source: botocore changelog, 2026-11.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from controller.aws.alarms import Alarms
from controller.aws.aliases import Aliases
from controller.aws.artifacts import Artifacts
from controller.aws.metrics import Metrics
from controller.aws.notices import Notices
from controller.aws.publishing import Publishing
from controller.aws.store import Store
from controller.aws.versions import Versions
from controller.core.model import Transient
from controller.settings import Settings

_STEADY = Config(retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=3, read_timeout=20)
# A test is one invocation: never repeated by the client, and waited for longer than a test may take (60 s).
_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=70)
_PATIENCE = timedelta(seconds=45)
"""How long one wake-up waits for a function or version to become ready; after that the tick carries on."""
_LARGEST_DOWNLOAD = 50 * 1024 * 1024
"""Source: Lambda quotas, direct upload of a zip, 2026-11."""


@dataclass(frozen=True, slots=True)
class Adapters:
    """AWS, as far as Slipway uses it."""

    aliases: Aliases
    publishing: Publishing
    versions: Versions
    store: Store
    artifacts: Artifacts
    alarms: Alarms
    metrics: Metrics
    notices: Notices


def adapters(settings: Settings) -> Adapters:
    """Returns the adapters of the account and Region that the environment names. No client is made before its first call."""
    functions = _Client("lambda")
    watch = _Client("cloudwatch")
    return Adapters(
        aliases=Aliases(functions),
        publishing=Publishing(functions, time.sleep, _PATIENCE, _fetch),
        versions=Versions(functions, _Client("lambda", _ONCE), time.monotonic),
        store=Store(_Client("dynamodb"), settings.table),
        artifacts=Artifacts(_Client("s3")),
        alarms=Alarms(watch),
        metrics=Metrics(watch),
        notices=Notices(_Client("events"), _Client("sns"), settings.topic),
    )


class _Client:
    """A boto3 client that is made when it is first used."""

    def __init__(self, service: str, config: Config = _STEADY) -> None:
        self._service = service
        self._config = config

    @cached_property
    def _made(self) -> Any:  # boto3's clients have no types of their own; each adapter states the calls it makes
        return boto3.client(self._service, config=self._config)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def _fetch(url: str) -> bytes:
    """Downloads a version's own zip from where Lambda says it is."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - the address comes from GetFunction
            content: bytes = answer.read(_LARGEST_DOWNLOAD + 1)
    except (urllib.error.URLError, TimeoutError) as problem:
        raise Transient(f"the code of the stable version cannot be downloaded now: {problem}") from problem
    return content
