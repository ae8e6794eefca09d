"""The records in DynamoDB: one table, compare-and-swap on every save, at most one open deployment of a target.

    pk                 sk                  what
    FUNCTION:ALIAS     head                the last number, the open deployment, the newest accepted upload
    FUNCTION:ALIAS     deployment#000042   one deployment; closed ones expire
    FUNCTION:ALIAS     quarantine#SHA256   bytes that were rolled back, why and when
    alarm#NAME         FUNCTION:ALIAS      a named alarm guards deployments of this target
    upload#BUCKET/KEY  VERSION             this object version was taken in

Rules of the file:
- a save carries the revision that was read, or it is refused as Conflict;
- ending the open deployment and opening the one that waits is one transaction, so neither is ever lost between two calls;
- the sparse index ``open`` holds what a tick must look at, by ``due_at``.

What a newcomer would get wrong: an ``alarm#`` item that outlives its deployment is harmless. It costs one look, and expires.
Source: DynamoDB developer guide, TransactWriteItems (100 items, all or nothing) and time to live, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from controller.aws.errors import translating
from controller.aws.items import Item, from_item, to_item
from controller.core.acceptance import Acceptance, Head, opened
from controller.core.model import Artifact, Cause, Conflict, Deployment, Reason, Target
from controller.core.plan import due_at
from controller.core.record import artifact_from_plain, artifact_to_plain, from_plain, to_plain

_KEEP_CLOSED = timedelta(days=400)
_KEEP_UPLOADS = timedelta(days=30)
_OPEN_INDEX = "open"
_OPEN = "open"
_OPEN_NUMBER = "open_number"  # not "open": that is the index's key, a text


class DynamoDB(Protocol):
    """The calls of a boto3 DynamoDB client that the store makes."""

    def get_item(self, **parameters: object) -> Mapping[str, object]: ...
    def put_item(self, **parameters: object) -> Mapping[str, object]: ...
    def delete_item(self, **parameters: object) -> Mapping[str, object]: ...
    def query(self, **parameters: object) -> Mapping[str, object]: ...
    def transact_write_items(self, **parameters: object) -> Mapping[str, object]: ...


class Duplicate(Conflict):
    """This upload was taken in before."""


@dataclass(frozen=True, slots=True)
class Due:
    """A row of the index: a deployment that a tick must look at, when, and the alarms that guard it."""

    target: Target
    number: int
    at: datetime
    alarms: tuple[str, ...]


class Store:
    """Loads and saves what Slipway remembers."""

    def __init__(self, client: DynamoDB, table: str) -> None:
        self._client = client
        self._table = table

    def head(self, target: Target) -> Head:
        """Returns what is known of the target, also where nothing is."""
        plain = self._get(str(target), "head")
        if plain is None:
            return Head()
        newest = plain.get("newest")
        return Head(
            number=_int(plain["number"]),
            open=None if plain.get(_OPEN_NUMBER) is None else _int(plain[_OPEN_NUMBER]),
            newest=artifact_from_plain(newest) if newest else None,
            revision=_int(plain["revision"]),
        )

    def load(self, target: Target, number: int) -> Deployment | None:
        """Returns a deployment as last saved, None where there is none of that number."""
        plain = self._get(str(target), _number_key(number))
        return _deployment(plain) if plain else None

    def accept(self, acceptance: Acceptance, now: datetime, *, once: bool = True) -> None:
        """Writes a new deployment and all that it changes, or nothing.

        Raises Duplicate where the upload was taken in before (unless ``once`` is False: a person asks again on purpose), and
        Conflict where the head or an older deployment is not what was read.
        """
        deployment = acceptance.deployment
        puts = [self._put_head(deployment.target, acceptance.head), self._put(_new(deployment, now), absent=True)]
        if once:
            puts.append(self._put(_upload(deployment, now), absent=True))
        puts.extend(self._put(_alarm(name, deployment)) for name in deployment.manifest.gates.alarms)
        puts.extend(self._put_saved(changed, now) for changed in acceptance.changed)
        with translating(f"accepting {deployment}"):
            self._transact(puts, upload_at=2 if once else None)

    def save(self, deployment: Deployment, now: datetime) -> Deployment:
        """Saves a deployment over the revision that it was loaded with and returns it with its new one.

        The end of the open deployment opens the one that waits. Raises Conflict where somebody saved before.
        """
        with translating(f"saving {deployment}"):
            if deployment.phase.is_terminal:
                self._save_ended(deployment, now)
            else:
                self._client.put_item(**self._put_saved(deployment, now)["Put"])
        return replace(deployment, revision=deployment.revision + 1)

    def due(self) -> Iterator[Due]:
        """Yields every open deployment, the one that is due first first."""
        for plain in self._query(
            IndexName=_OPEN_INDEX,
            KeyConditionExpression="#open = :open",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues=to_item({":open": _OPEN}),
        ):
            target = _target(str(plain["pk"]))
            alarms = tuple(str(name) for name in cast("list[object]", plain.get("alarms", [])))
            yield Due(target, _number(str(plain["sk"])), datetime.fromisoformat(str(plain["due_at"])), alarms)

    def history(self, target: Target, limit: int) -> Iterator[Deployment]:
        """Yields the target's deployments, the newest first."""
        found = self._query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues=to_item({":pk": str(target), ":sk": "deployment#"}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
        )
        for _, plain in zip(range(limit), found, strict=False):
            yield _deployment(plain)

    def artifact_of(self, target: Target, version: str) -> Artifact | None:
        """Returns where a version's bytes came from, None where no deployment that is remembered made it."""
        made = (each for each in self.history(target, 200) if each.canary == version)
        return next((each.artifact for each in made), None)

    def guarded_by(self, alarm: str) -> tuple[Target, ...]:
        """Returns the targets that name this alarm."""
        found = self._query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_item({":pk": f"alarm#{alarm}"}),
            ConsistentRead=True,
        )
        return tuple(_target(str(plain["sk"])) for plain in found)

    def quarantine(self, target: Target, sha256: str, reason: Reason, by: str, now: datetime) -> None:
        """Remembers bytes that were rolled back. The first reason stays, so repeating changes nothing."""
        plain = {
            "pk": str(target), "sk": f"quarantine#{sha256}", "cause": reason.cause.value, "text": reason.text, "by": by,
            "at": now.isoformat(),
        }  # fmt: skip
        try:
            with translating(f"quarantining the bytes of {by}"):
                self._client.put_item(**self._put(plain, absent=True)["Put"])
        except Conflict:
            return

    def quarantined(self, target: Target, sha256: str) -> Reason | None:
        """Returns why bytes are refused, None where they are not."""
        plain = self._get(str(target), f"quarantine#{sha256}")
        if plain is None:
            return None
        text = (
            f"these bytes are quarantined: {plain['by']} was rolled back because {plain['text']};"
            " to deploy them all the same, send deploy with lift_quarantine"
        )
        return Reason(Cause.QUARANTINED, text)

    def lift_quarantine(self, target: Target, sha256: str) -> None:
        """Lets bytes be deployed again."""
        with translating(f"lifting a quarantine of {target}"):
            self._client.delete_item(
                TableName=self._table, Key=to_item({"pk": str(target), "sk": f"quarantine#{sha256}"})
            )

    def _save_ended(self, deployment: Deployment, now: datetime) -> None:
        head = self.head(deployment.target)
        puts = [self._put_saved(deployment, now)]
        if head.open == deployment.number:
            puts.append(self._put_head(deployment.target, replace(head, open=deployment.newer)))
            waiting = self.load(deployment.target, deployment.newer) if deployment.newer else None
            if waiting is not None:
                puts.append(self._put_saved(opened(waiting, now), now, due=now))
        self._transact(puts)

    def _transact(self, puts: list[dict[str, dict[str, object]]], upload_at: int | None = None) -> None:
        try:
            self._client.transact_write_items(TransactItems=puts)
        except self._client.exceptions.TransactionCanceledException as error:  # type: ignore[attr-defined]
            reasons = error.response.get("CancellationReasons", [])
            if upload_at is not None and reasons and reasons[upload_at].get("Code") == "ConditionalCheckFailed":
                raise Duplicate("this upload was taken in before") from error
            raise

    def _put_head(self, target: Target, head: Head) -> dict[str, dict[str, object]]:
        plain = {
            "pk": str(target), "sk": "head", "number": head.number, _OPEN_NUMBER: head.open,
            "newest": artifact_to_plain(head.newest) if head.newest else None, "revision": head.revision + 1,
        }  # fmt: skip
        return self._put(plain, absent=head.revision == 0, revision=head.revision or None)

    def _put_saved(
        self, deployment: Deployment, now: datetime, due: datetime | None = None
    ) -> dict[str, dict[str, object]]:
        due = due or due_at(deployment, now)
        return self._put(_saved(deployment, deployment.revision + 1, due, now), revision=deployment.revision)

    def _put(
        self, plain: Mapping[str, object], *, absent: bool = False, revision: int | None = None
    ) -> dict[str, dict[str, object]]:
        put: dict[str, object] = {"TableName": self._table, "Item": to_item(plain)}
        if absent:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        elif revision is not None:
            put["ConditionExpression"] = "revision = :read"
            put["ExpressionAttributeValues"] = to_item({":read": revision})
        return {"Put": put}

    def _get(self, pk: str, sk: str) -> dict[str, object] | None:
        with translating(f"reading {sk} of {pk}"):
            answer = self._client.get_item(TableName=self._table, Key=to_item({"pk": pk, "sk": sk}), ConsistentRead=True)
        item = answer.get("Item")
        return from_item(cast("Item", item)) if item else None

    def _query(self, **parameters: object) -> Iterator[dict[str, object]]:
        start: Mapping[str, object] = {}
        while True:
            with translating("asking the table"):
                answer = self._client.query(TableName=self._table, **parameters, **start)
            for item in cast("list[Item]", answer.get("Items", [])):
                yield from_item(item)
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _new(deployment: Deployment, now: datetime) -> dict[str, object]:
    return _saved(deployment, 1, due_at(deployment, now), now)


def _saved(deployment: Deployment, revision: int, due: datetime | None, now: datetime) -> dict[str, object]:
    return {
        "pk": str(deployment.target),
        "sk": _number_key(deployment.number),
        "record": to_plain(deployment),
        "revision": revision,
        "phase": deployment.phase.value,
        "open": _OPEN if due else None,
        "due_at": due.astimezone(UTC).isoformat(timespec="microseconds") if due else None,
        "alarms": list(deployment.alarm_names) if deployment.phase.serves else None,
        "expires_at": _expiry(now, _KEEP_CLOSED) if deployment.phase.is_terminal else None,
    }


def _upload(deployment: Deployment, now: datetime) -> dict[str, object]:
    artifact = deployment.artifact
    return {
        "pk": f"upload#{artifact.bucket}/{artifact.key}",
        "sk": artifact.version_id or f"{artifact.uploaded_at.isoformat()} {artifact.sequencer}",
        "deployment": str(deployment),
        "expires_at": _expiry(now, _KEEP_UPLOADS),
    }


def _alarm(name: str, deployment: Deployment) -> dict[str, object]:
    last_use = deployment.opened_at + _KEEP_UPLOADS + deployment.manifest.deadline
    return {"pk": f"alarm#{name}", "sk": str(deployment.target), "expires_at": int(last_use.timestamp())}


def _deployment(plain: Mapping[str, object]) -> Deployment:
    return from_plain(cast("Mapping[str, object]", plain["record"]), _int(plain["revision"]))


def _expiry(now: datetime, keep: timedelta) -> int:
    return int((now + keep).timestamp())


def _number_key(number: int) -> str:
    return f"deployment#{number:06d}"


def _number(key: str) -> int:
    return int(key.partition("#")[2])


def _target(text: str) -> Target:
    function, _, alias = text.partition(":")
    return Target(function, alias)


def _int(value: object) -> int:
    return int(cast("int", value))
