"""The table's rows as JSON-like values: their attributes, and their expiry.

    head           number, open_number, newest, revision, told_drift
    deployment#    record, revision, phase; open, due_at, alarms while a tick must look; expires_at after the end
    alarm#, upload#    expires_at
    refused#       uploads, revision
    freezes#       freezes, lifted, revision

``open`` is the hash key of the sparse index: "open" while a tick must look, by ``due_at``; "ended" afterwards, by when
the deployment ended. A row without ``open`` is not in the index.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from controller.core.artifact.refused_uploads import RefusedUpload, RefusedUploads
from controller.core.lifecycle.admission import Head
from controller.core.model import Artifact, Deployment, Phase, Target, Transient
from controller.core.model.freezes import Freeze
from controller.core.model.freezes.row import Freezes, Lifted
from controller.core.records.codec import from_record, read, to_record, write

OPEN, ENDED = "open", "ended"
"""The values of the index's hash key."""
REFUSED = "refused#uploads"
FREEZES = "freezes#all"
KEEP_ENDED = timedelta(days=400)
"""How long ended deployments are kept."""
_KEEP_UPLOADS = timedelta(days=30)
_OF_A_HEAD = frozenset({"pk", "sk", "number", "open_number", "newest", "revision", "told_drift"})
Row = dict[str, object]


def head_row(target: Target, head: Head) -> Row:
    """Returns the head's row, with the next revision."""
    return {
        **head.extra,
        "pk": str(target),
        "sk": "head",
        "number": head.number,
        "open_number": head.open,
        "newest": write(head.newest) if head.newest else None,
        "revision": head.revision + 1,
        "told_drift": head.told_drift,
    }


def read_head(row: Mapping[str, object]) -> Head:
    newest, open_number, told = row.get("newest"), row.get("open_number"), row.get("told_drift")
    return Head(
        number=_int(row["number"]),
        open=None if open_number is None else _int(open_number),
        newest=read(Artifact, newest) if newest else None,
        revision=_int(row["revision"]),
        told_drift=None if told is None else str(told),
        extra={name: value for name, value in row.items() if name not in _OF_A_HEAD},
    )


def deployment_row(deployment: Deployment, revision: int, due: datetime | None, now: datetime) -> Row:
    """Returns a deployment's row. With a ``due`` of None no tick looks at it."""
    ended = deployment.phase.is_terminal
    indexed = (OPEN, due) if due else (ENDED, deployment.phase_since) if ended else None
    return {
        "pk": str(deployment.target),
        "sk": deployment_key(deployment.number),
        "record": to_record(deployment),
        "revision": revision,
        "phase": deployment.phase.value,
        "open": indexed[0] if indexed else None,
        "due_at": indexed_at(indexed[1]) if indexed else None,
        "alarms": list(deployment.alarm_names) if deployment.phase.serves else None,
        "expires_at": _seconds(now + KEEP_ENDED) if ended else None,
    }


def indexed_at(moment: datetime) -> str:
    """Returns a time in the form by which the index sorts."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_deployment(row: Mapping[str, object]) -> Deployment:
    """Returns a row's deployment. Raises Transient if only another release can read it."""
    try:
        return from_record(cast("dict[str, object]", row["record"]), _int(row["revision"]))
    except (KeyError, TypeError, ValueError) as problem:
        text = (
            f"{row.get('sk')} of {row.get('pk')} cannot be read by this release of Slipway ({problem!r}); use the newer"
        )
        raise Transient(text) from problem


def read_rolls_back(row: Mapping[str, object]) -> bool:
    """Is the deployment of an index row rolling back?"""
    return row.get("phase") == Phase.ROLLING_BACK.value


def upload_row(deployment: Deployment, now: datetime) -> Row:
    """Returns the row that remembers an accepted object version."""
    artifact = deployment.artifact
    return {
        "pk": f"upload#{artifact.bucket}/{artifact.key}",
        "sk": artifact.version_id or f"{artifact.uploaded_at.isoformat()} {artifact.sequencer}",
        "deployment": str(deployment),
        "expires_at": _seconds(now + _KEEP_UPLOADS),
    }


def alarm_row(name: str, deployment: Deployment) -> Row:
    """Returns the row that connects a named alarm with a target, kept longer than any deployment may wait."""
    last_use = deployment.opened_at + deployment.manifest.deadline_with_pauses + _KEEP_UPLOADS
    return {"pk": f"alarm#{name}", "sk": str(deployment.target), "expires_at": _seconds(last_use)}


def refused_row(refused: RefusedUploads) -> Row:
    """Returns the refused uploads' row, with the next revision."""
    return {
        "pk": REFUSED,
        "sk": "newest",
        "revision": refused.revision + 1,
        "uploads": [write(each) for each in refused.uploads],
    }


def read_refused(row: Mapping[str, object]) -> RefusedUploads:
    return RefusedUploads(
        tuple(read(RefusedUpload, each) for each in cast("list[object]", row["uploads"])),
        _int(row["revision"]),
    )


def freezes_row(freezes: Freezes) -> Row:
    """Returns the freezes' row, with the next revision."""
    return {
        "pk": FREEZES,
        "sk": "newest",
        "revision": freezes.revision + 1,
        "freezes": [write(each) for each in freezes.freezes],
        "lifted": [write(each) for each in freezes.lifted],
    }


def read_freezes(row: Mapping[str, object]) -> Freezes:
    """Returns the row's freezes. Raises Transient if only another release can read it."""
    try:
        return Freezes(
            tuple(read(Freeze, each) for each in cast("list[object]", row["freezes"])),
            tuple(read(Lifted, each) for each in cast("list[object]", row["lifted"])),
            _int(row["revision"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise Transient(
            f"the freezes cannot be read by this release of Slipway ({problem!r}); use the newer"
        ) from problem


def deployment_key(number: int) -> str:
    """Returns a deployment's sort key; keys sort by number."""
    return f"deployment#{number:06d}"


def read_number(key: str) -> int:
    """Returns the number in a deployment's sort key."""
    return int(key.partition("#")[2])


def read_target(text: str) -> Target:
    """Returns the target of "checkout:live". Neither name can contain a colon."""
    function, _, alias = text.partition(":")
    return Target(function, alias)


def _seconds(moment: datetime) -> int:
    """Returns DynamoDB's form of an expiry: whole seconds since 1970. Source: DynamoDB developer guide, time to live,
    2026-11.
    """
    return int(moment.timestamp())


def _int(value: object) -> int:
    return int(cast("int", value))
