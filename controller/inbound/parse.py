"""Parses the payload that woke the controller: raw payload in, inbound events out.

Rules of the file:

- ``parse`` never raises: an unknown payload becomes ``Ignored``, with the reason, and is not retried;
- nothing is looked up; an event is only a reason to look.

Note: S3's direct notification form-encodes the key (a space is ``+``), its EventBridge event has the plain key.
Decoding both would damage a key with ``+`` or ``%``. Sources: Amazon S3 user guide, event message structure, and
EventBridge event message structure, 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote_plus

from controller.core.artifact import object_keys
from controller.core.model import ALIAS_NAME, FUNCTION_NAME, Cause, Person, Reason, Target
from controller.core.model.events import AlarmFired, AliasChanged, ArtifactUploaded, Ignored, Tick
from controller.inbound import button
from controller.inbound.payload import at, moment, shown, text

_VERSION = re.compile(r"[1-9][0-9]{0,19}")
_SEQUENCER = re.compile(r"[0-9A-Fa-f]{1,64}")
# Buckets from before 2018 may have longer names and more characters. Source: Amazon S3 user guide, general purpose
# bucket naming rules, 2026-11.
_BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}")
_MAX_ALARM = 255
"""Source: CloudWatch API reference, PutMetricAlarm, AlarmName, 2026-11."""
_CALM = ("OK", "INSUFFICIENT_DATA")
"""An alarm on a metric with points only during trouble calms down to INSUFFICIENT_DATA."""


@dataclass(frozen=True, slots=True)
class UploadRefused:
    """An upload refused for its key alone. ``function`` is None if the key names none."""

    uploaded: ArtifactUploaded
    function: str | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """A person's request, unchecked: ``{"request": "status", "function": "checkout"}``; ``request`` may be missing.

    ``by_button`` is True if somebody pressed a button of the page, who sees the answer in a popup.
    """

    payload: Mapping[str, object]
    by_button: bool = False


Event = ArtifactUploaded | UploadRefused | AlarmFired | AliasChanged | Tick | RequestReceived | Ignored


def parse(raw: object, now: datetime) -> tuple[Event, ...]:
    """Returns the payload's events: one, or one per record of S3's direct notification.

    ``now`` stands in for a time missing in the payload.
    """
    if isinstance(raw, str):
        return (RequestReceived({}),)
    if not isinstance(raw, Mapping):
        return (Ignored("not a JSON object"),)
    # AWS sends neither: a person has left the request out.
    if "request" in raw or "function" in raw or not raw:
        by_button = button.CONTEXT in raw
        return (RequestReceived(button.pressed(raw) if by_button else raw, by_button=by_button),)
    if "alarmData" in raw:
        return (_alarm(raw["alarmData"], now),)
    records = raw.get("Records")
    if isinstance(records, list):
        return tuple(_record(record, now) for record in records) or (Ignored("no records"),)
    return (_from_bus(raw, now),)


def _from_bus(raw: Mapping[str, object], now: datetime) -> Event:
    match text(raw, "source"), text(raw, "detail-type"):
        case "aws.s3", "Object Created":
            return _object_created(raw, now)
        case "aws.cloudwatch", "CloudWatch Alarm State Change":
            return _alarm(raw.get("detail"), now)
        case "aws.events", "Scheduled Event":
            return Tick(moment(text(raw, "time"), now))
        case "aws.lambda", "AWS API Call via CloudTrail":
            from controller.inbound import cloudtrail  # late: an alarm does not need it

            return cloudtrail.alias_changed(raw.get("detail"), now)
        case "", "" if text(raw, "Event") == "s3:TestEvent":
            return Ignored("S3's test message")
        case source, kind:
            return Ignored(f"not an event for Slipway: source {shown(source)}, detail-type {shown(kind)}")


def _object_created(raw: Mapping[str, object], now: datetime) -> Event:
    """Reads ``{"time": "...", "detail": {"bucket": {"name": "b"}, "object": {"key": "f/a b.zip"}}}``."""
    return _upload(
        ArtifactUploaded(
            bucket=text(raw, "detail", "bucket", "name"),
            key=text(raw, "detail", "object", "key"),
            version_id=text(raw, "detail", "object", "version-id"),
            sequencer=text(raw, "detail", "object", "sequencer"),
            happened_at=moment(text(raw, "time"), now),
            person=_uploader(text(raw, "detail", "requester"), text(raw, "detail", "source-ip-address")),
        )
    )


def _record(record: object, now: datetime) -> Event:
    """Reads ``{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "f/b.zip"}}}``.

    Other names, such as "ObjectRemoved:DeleteMarkerCreated", are no uploads.
    """
    source, name = text(record, "eventSource"), text(record, "eventName")
    if source != "aws:s3" or not name.startswith("ObjectCreated:"):
        return Ignored(f"not an upload: source {shown(source)}, event {shown(name)}")
    return _upload(
        ArtifactUploaded(
            bucket=text(record, "s3", "bucket", "name"),
            key=unquote_plus(text(record, "s3", "object", "key")),
            version_id=text(record, "s3", "object", "versionId"),
            sequencer=text(record, "s3", "object", "sequencer"),
            happened_at=moment(text(record, "eventTime"), now),
            person=_uploader(
                text(record, "userIdentity", "principalId"),
                text(record, "requestParameters", "sourceIPAddress"),
            ),
        )
    )


def _uploader(requester: str, address: str) -> Person:
    """Returns whom S3 names: an account's number, or a principal's id, and the address that the upload came from."""
    return Person(f"{requester} at {address}" if requester and address else requester)


def _upload(found: ArtifactUploaded) -> Event:
    """Returns an upload as S3 tells it, with everything that Slipway relies on checked."""
    version_id = found.version_id or ""
    if not found.bucket or not found.key:
        return Ignored("an upload without a bucket and a key")
    if not _BUCKET.fullmatch(found.bucket):
        return Ignored(f"an upload to what is no bucket: {shown(found.bucket)}")
    if len(version_id) > object_keys.MAX_VERSION_LENGTH or not version_id.isprintable():
        return Ignored(f"an upload of what is no version: {shown(version_id)}")
    if object_keys.is_planned(found.key):
        return Ignored(
            f"{shown(found.key)} is for the request plan: keys under {object_keys.PLANNED} are never deployed"
        )
    from controller.core.artifact import misplaced_manifest  # late: an alarm does not need it

    misplaced = misplaced_manifest.problem_of_key(found.key)
    if not object_keys.is_dropped(found.key) and not misplaced:
        return Ignored(f"not a zip: {shown(found.key)}; only keys that end in .zip are deployed")
    uploaded = replace(
        found,
        key=found.key.encode()[: object_keys.MAX_LENGTH].decode("utf-8", "ignore"),
        # In a bucket with suspended versioning the next upload replaces version "null", so it pins nothing.
        version_id=version_id if version_id not in ("", "null") else None,
        sequencer=found.sequencer if _SEQUENCER.fullmatch(found.sequencer) else "",
    )
    if misplaced:
        return UploadRefused(uploaded, None, Reason(Cause.BAD_MANIFEST, misplaced))
    refusal = object_keys.refusal(found.key)
    if refusal is None:
        return uploaded
    return UploadRefused(uploaded, object_keys.function_of(found.key), Reason(Cause.BAD_ARTIFACT, refusal))


def _alarm(alarm: object, now: datetime) -> Event:
    """Reads ``{"alarmName": "a", "state": {"value": "ALARM"}, "configuration": {"metrics": []}}``.

    This is the ``detail`` of CloudWatch's EventBridge event and the ``alarmData`` of its direct Lambda action. A
    composite alarm has no metrics. Sources: Amazon CloudWatch user guide, alarm events and EventBridge, and invoke a
    Lambda function from an alarm, 2026-11.
    """
    name, state = text(alarm, "alarmName"), text(alarm, "state", "value")
    if not name:
        return Ignored("an alarm without a name")
    if len(name) > _MAX_ALARM:
        return Ignored(f"an alarm with a longer name than CloudWatch gives: {shown(name)}")
    if state != "ALARM":
        return Ignored(f"alarm {shown(name)} is {shown(state)}, not ALARM")
    target, version = _watched(at(alarm, "configuration", "metrics"))
    was_calm = text(alarm, "previousState", "value") in _CALM
    return AlarmFired(name, moment(text(alarm, "state", "timestamp"), now), target, version, was_calm)


@dataclass(frozen=True, slots=True)
class _Series:
    metric_id: str
    target: Target
    version: str | None


def _watched(metrics: object) -> tuple[Target | None, str | None]:
    """Returns the target and version common to all of an alarm's metrics."""
    found = [series for entry in metrics if (series := _series(entry))] if isinstance(metrics, list) else []
    targets = {series.target for series in found}
    if len(targets) != 1:
        return None, None
    # A deployment's own alarm compares ``stable_*`` with ``canary_*``, and is about the canary.
    canary = [series for series in found if series.metric_id.startswith("canary")]
    versions = {series.version for series in canary or found if series.version}
    return targets.pop(), versions.pop() if len(versions) == 1 else None


def _series(entry: object) -> _Series | None:
    """Reads ``{"id": "e", "metricStat": {"metric": {"namespace": "AWS/Lambda", "dimensions": {}}}}``.

    The dimension Resource "checkout:live" gives the alias, ExecutedVersion "7" the version. None for an expression, and
    for a metric without an alias. Source: AWS Lambda developer guide, types of metrics, 2026-11.
    """
    metric = at(entry, "metricStat", "metric")
    if text(metric, "namespace") != "AWS/Lambda":
        return None
    function, _, alias = text(metric, "dimensions", "Resource").partition(":")
    if not (FUNCTION_NAME.fullmatch(function) and ALIAS_NAME.fullmatch(alias)):
        return None
    version = text(metric, "dimensions", "ExecutedVersion")
    known = version if _VERSION.fullmatch(version) else None
    return _Series(text(entry, "id"), Target(function, alias), known)
