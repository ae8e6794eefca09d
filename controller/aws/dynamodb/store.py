"""The records in DynamoDB: one table, compare-and-swap on every save, at most one open deployment per target.

    pk                 sk                  contents
    FUNCTION:ALIAS     head                the last number, the open deployment, the newest accepted upload
    FUNCTION:ALIAS     deployment#000042   one deployment; closed ones expire
    alarm#NAME         FUNCTION:ALIAS      a named alarm that guards deployments of this target
    upload#BUCKET/KEY  VERSION             an accepted object version
    refused#uploads    newest              the newest uploads whose key names no function
    freezes#all        newest              the freezes in force, and the last that were lifted

Rules of the file:

- a save carries the revision that was read; another revision in the table gives Conflict;
- the open deployment's end and the opening of the queued one are one transaction, so neither is lost between two calls;
- the sparse index ``open`` has the deployments for ticks, by ``due_at``, and the ended ones, by when they ended.

Note: an ``alarm#`` item that outlives its deployment is harmless: it costs one look, and expires. Source: DynamoDB
developer guide, TransactWriteItems (100 items, all or nothing) and time to live, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import cast

from controller.aws.dynamodb.items import Item, to_item
from controller.aws.dynamodb.rows import (
    ENDED,
    FREEZES,
    OPEN,
    REFUSED,
    alarm_row,
    deployment_key,
    deployment_row,
    freezes_row,
    head_row,
    indexed_at,
    read_deployment,
    read_freezes,
    read_head,
    read_number,
    read_refused,
    read_rolls_back,
    read_target,
    refused_row,
    upload_row,
)
from controller.aws.dynamodb.table import MAX_IN_A_BATCH, Table
from controller.aws.errors import translating
from controller.core.artifact.refused_uploads import RefusedUploads
from controller.core.lifecycle.admission import Admission, Head, handed_over, opened
from controller.core.model import Conflict, Deployment, Phase, Refused, Target, Transient
from controller.core.model.freezes.row import Freezes

_OPEN_INDEX = "open"


class Duplicate(Conflict):
    """This upload was accepted before."""


@dataclass(frozen=True, slots=True)
class Due:
    """An index row: an open deployment, its due time and its alarms; ``rolls_back`` is True while rolling back."""

    target: Target
    number: int
    at: datetime
    alarms: tuple[str, ...]
    rolls_back: bool = False


class Store(Table):
    """Slipway's memory in DynamoDB."""

    def head(self, target: Target) -> Head:
        """Returns the target's head, an empty one for an unknown target."""
        row = self._get(str(target), "head")
        return read_head(row) if row else Head()

    def load(self, target: Target, number: int) -> Deployment | None:
        """Returns a deployment as last saved, None for an unknown number."""
        row = self._get(str(target), deployment_key(number))
        return read_deployment(row) if row else None

    def load_many(self, asked: Iterable[tuple[Target, int]]) -> Iterator[Deployment]:
        """Yields deployments as last saved, in any order; unknown numbers are left out.

        Raises Transient if the table leaves rows out again and again, and for a record of a newer release.
        """
        for batch in _batches(asked):
            yield from map(read_deployment, self._batch(batch))

    def load_readable(self, asked: Iterable[tuple[Target, int]]) -> Iterator[Deployment]:
        """Yields those of the deployments that can be read now, in any order. Never raises Transient or Refused."""
        for batch in _batches(asked):
            with suppress(Transient, Refused):
                for row in self._batch(batch):
                    with suppress(Transient):  # one record of a newer release leaves out no other
                        yield read_deployment(row)

    def accept(self, admission: Admission, now: datetime, *, once: bool = True) -> None:
        """Writes a new deployment with all its changes to other rows, or nothing.

        Raises Duplicate for an upload accepted before, unless ``once`` is False (a person asks again on purpose).
        Raises Conflict if the head or an older deployment has changed since it was read.
        """
        deployment = admission.deployment
        puts = [self._put_head(deployment.target, admission.head), self._put_new(deployment, now)]
        if once:
            puts.append(self._put(upload_row(deployment, now), absent=True))
        puts.extend(self._put(alarm_row(name, deployment)) for name in deployment.manifest.gates.alarms)
        puts.extend(self._put_saved(changed, now) for changed in admission.changed)
        with translating(f"accepting {deployment}"):
            self._transact(puts, upload_at=2 if once else None)

    def save(self, deployment: Deployment, now: datetime) -> Deployment:
        """Saves a deployment over the revision it was loaded with; returns it with its new revision.

        The end of the open deployment opens the queued one. Raises Conflict if somebody else saved first.
        """
        with translating(f"saving {deployment}"):
            if deployment.phase.is_terminal:
                self._save_ended(deployment, now)
            else:
                self._client.put_item(**self._put_saved(deployment, now)["Put"])
        return replace(deployment, revision=deployment.revision + 1)

    def due(self) -> Iterator[Due]:
        """Yields every open deployment, the earliest due first."""
        for row in self._query(
            IndexName=_OPEN_INDEX,
            KeyConditionExpression="#open = :open",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues=to_item({":open": OPEN}),
        ):
            target = read_target(str(row["pk"]))
            alarms = tuple(str(name) for name in cast("list[object]", row.get("alarms", [])))
            at, rolls_back = datetime.fromisoformat(str(row["due_at"])), read_rolls_back(row)
            yield Due(target, read_number(str(row["sk"])), at, alarms, rolls_back)

    def has_moved_on(self, row: Due) -> bool:
        """Has somebody saved a deployment since its index row was read, and is its version ready for traffic?"""
        found = self._get(str(row.target), deployment_key(row.number))
        if found is None or found.get("due_at") == indexed_at(row.at):
            return False
        return not Phase(found["phase"]).is_before_traffic

    def ended_between(self, since: datetime, until: datetime) -> Iterator[tuple[Target, int]]:
        """Yields the deployments that ended from ``since`` to ``until``, both included, and owe nothing any more, the
        newest first.
        """
        times = {":since": indexed_at(since), ":until": indexed_at(until)}
        for row in self._query(
            IndexName=_OPEN_INDEX,
            KeyConditionExpression="#open = :open AND due_at BETWEEN :since AND :until",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues=to_item({":open": ENDED, **times}),
            ScanIndexForward=False,
        ):
            yield read_target(str(row["pk"])), read_number(str(row["sk"]))

    def history(self, target: Target, limit: int, before: int | None = None) -> Iterator[Deployment]:
        """Yields the target's deployments, the newest first; those with numbers below ``before`` if given."""
        start = {"ExclusiveStartKey": _key_of(target, before)} if before is not None else {}
        found = self._query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues=to_item({":pk": str(target), ":sk": "deployment#"}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        for _, row in zip(range(limit), found, strict=False):
            yield read_deployment(row)

    def made_by(self, target: Target, version: str) -> Deployment | None:
        """Returns the deployment that made a version, None if unknown."""
        return next((each for each in self.history(target, 200) if each.canary == version and each.ships), None)

    def guarded_by(self, alarm: str) -> tuple[Target, ...]:
        """Returns the targets whose manifests name this alarm."""
        found = self._query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_item({":pk": f"alarm#{alarm}"}),
            ConsistentRead=True,
        )
        return tuple(read_target(str(row["sk"])) for row in found)

    def refused_uploads(self) -> RefusedUploads:
        """Returns the newest refused uploads without a function."""
        row = self._get(REFUSED, "newest")
        return read_refused(row) if row else RefusedUploads()

    def save_refused_uploads(self, refused: RefusedUploads) -> None:
        """Saves refused uploads over the revision that was read. Raises Conflict if somebody else saved first."""
        put = self._put(refused_row(refused), absent=refused.revision == 0, revision=refused.revision or None)
        with translating("keeping a refused upload"):
            self._client.put_item(**put["Put"])

    def freezes(self) -> Freezes:
        """Returns the freezes of the account."""
        row = self._get(FREEZES, "newest")
        return read_freezes(row) if row else Freezes()

    def save_freezes(self, freezes: Freezes) -> None:
        """Saves the freezes over the revision that was read. Raises Conflict if somebody else saved first."""
        put = self._put(freezes_row(freezes), absent=freezes.revision == 0, revision=freezes.revision or None)
        with translating("keeping the freezes"):
            self._client.put_item(**put["Put"])

    def save_head(self, target: Target, head: Head) -> None:
        """Saves the target's head over the revision that was read. Raises Conflict if somebody else saved first."""
        with translating(f"saving the head of {target}"):
            self._client.put_item(**self._put_head(target, head)["Put"])

    def _save_ended(self, deployment: Deployment, now: datetime) -> None:
        puts = [self._put_saved(deployment, now)]
        head = handed_over(self.head(deployment.target), deployment)
        if head is not None:
            puts.append(self._put_head(deployment.target, head))
            queued = self.load(deployment.target, head.open) if head.open else None
            if queued is not None:
                puts.append(self._put_saved(opened(queued, now), now, due=now))
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
        return self._put(head_row(target, head), absent=head.revision == 0, revision=head.revision or None)

    def _put_new(self, deployment: Deployment, now: datetime) -> dict[str, dict[str, object]]:
        return self._put(deployment_row(deployment, 1, _due_at(deployment, now), now), absent=True)

    def _put_saved(
        self, deployment: Deployment, now: datetime, due: datetime | None = None
    ) -> dict[str, dict[str, object]]:
        due = due or _due_at(deployment, now)
        return self._put(deployment_row(deployment, deployment.revision + 1, due, now), revision=deployment.revision)


def _due_at(deployment: Deployment, now: datetime) -> datetime | None:
    from controller.core.lifecycle.due import due_at  # late: who only reads does without the gates

    return due_at(deployment, now)


def _key_of(target: Target, number: int) -> Item:
    return to_item({"pk": str(target), "sk": deployment_key(number)})


def _batches(asked: Iterable[tuple[Target, int]]) -> Iterator[list[Item]]:
    """Yields the keys of deployments, as many at a time as one BatchGetItem takes."""
    keys = (_key_of(*each) for each in asked)
    while batch := list(islice(keys, MAX_IN_A_BATCH)):
        yield batch
