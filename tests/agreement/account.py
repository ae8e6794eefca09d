"""An AWS account as a check sees it, whichever AWS it is of.

Two things are one: ``FakeAccount`` over the AWS in memory (``fake.py``), and the account of the embedded AWS
(``tests/local/test_agreement.py``). What only one of them could do is not here.

Note: nothing completes by itself. Creations, updates and publications are in progress until the check says ``settle``,
on both, so that no check depends on how fast a machine is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

Json = dict[str, Any]
Found = TypeVar("Found")

REGION, NUMBER = "us-east-1", "123456789012"


class Account(Protocol):
    """One account with one Region, and nobody in it but the check.

    ``name`` is what the check's function is called, and how the names of all else begin that it makes. ``table`` is a
    table as the template makes it, ``topic`` the ARN of a topic.
    """

    name: str
    table: str
    topic: str

    def client(self, service: str) -> Any:
        """Returns a boto3 client that asks once."""

    def code(self, text: str, *, fails: bool = False, minutes: float = 0, refuses: str = "") -> bytes:
        """Returns a zip with a handler ``app.handler``; another text, another zip. One that fails raises ValueError.

        It takes so many minutes of this AWS. ``refuses`` is the error of Invoke that says why Lambda cannot start it.
        """

    def role(self, name: str = "function") -> str:
        """Returns the ARN of a role that Lambda may assume."""

    def now(self) -> datetime:
        """Returns the time of this AWS."""

    @property
    def minute(self) -> timedelta:
        """How long a minute of this AWS lasts."""

    def sleep(self, version: str) -> None:
        """Lets weeks pass in which nobody invokes that version of the check's function."""

    def comes_later(self, version: str, minutes: int) -> None:
        """From now on CloudWatch has what that version of the check's function served so many minutes later."""

    def by_version_with_weights_only(self) -> None:
        """From now on an alias of the check's function has series by version only while it has weights."""

    def trims_nothing(self) -> None:
        """From now on no metric of the check's function has trimmed statistics."""

    def settle(self) -> None:
        """Lets all that is in progress with functions and versions complete."""

    def bucket(self, *, versioned: bool = True) -> str:
        """Makes a bucket that tells EventBridge of its objects."""

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """Somebody puts an object."""

    def delete(self, bucket: str, key: str) -> None:
        """Somebody deletes an object, and names no version."""

    def events(self) -> list[Json]:
        """Returns what EventBridge was told so far of the check's buckets and alarms, in any order."""

    def hands_over(self, event: Json) -> bool:
        """Does a rule of the template hand such an event to the controller?"""

    def eventually(self, look: Callable[[], Found]) -> Found:
        """Lets time pass, up to ten minutes of this AWS, until ``look`` returns something true, and returns that."""


def is_about(event: Json, account_name: str, buckets: list[str]) -> bool:
    """Says whether an event is of one of these buckets, or of an alarm whose name begins with the account's."""
    detail = event["detail"]
    if "alarmName" in detail:
        return bool(detail["alarmName"].startswith(f"{account_name}/"))
    return detail.get("bucket", {}).get("name") in buckets
