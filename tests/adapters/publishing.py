"""What the tests of publishing share: the adapter over a fake, and a deployment that is about to publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from controller.aws.lambda_.functions import Functions
from controller.aws.lambda_.publishing import Publishing
from controller.aws.signatures import Signatures
from controller.core.model import Deployment
from tests.adapters.fake_lambda import FakeLambda, sha256
from tests.builders import deployment, manifest

ROLE = "arn:aws:iam::123456789012:role/checkout"
NEW = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}


class NeverAsked:
    """KMS where nobody asks for signatures."""

    def verify(self, **_: object) -> Mapping[str, object]:
        raise AssertionError("nobody should ask KMS")


UNSIGNED = Signatures(NeverAsked(), None)


def functions(aws: FakeLambda, patience: int = 10) -> Functions:
    return Functions(aws.client(), lambda _: None, timedelta(seconds=patience))


def publishing(aws: FakeLambda, patience: int = 10, fetch: Callable[[str], bytes] | None = None) -> Publishing:
    return Publishing(aws.client(), functions(aws, patience), fetch or nothing_to_fetch, UNSIGNED)


def unmoved() -> None:
    """Nobody has saved the deployment's record meanwhile."""


def nothing_to_fetch(url: str) -> bytes:
    raise AssertionError(f"nobody should download {url}")


def preparing(function: Mapping[str, object] | None = None, **changes: Any) -> Deployment:
    known: dict[str, Any] = {"preflighted": True, "stable": "1", "sha256": sha256(b"v3")}
    return deployment(manifest=manifest(function=function or {}), **{**known, **changes})
