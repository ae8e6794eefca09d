"""Tells people and programs about a change of phase: an EventBridge event of its own, and an SNS topic where there
is one.

    {"source": "slipway", "detail-type": "Slipway Deployment Phase Change",
     "detail": {"deployment": "checkout:live#42", "function": "checkout", "alias": "live", "number": 42, "phase":
     "BAKING",
                "at": "2026-11-24T10:00:00+00:00", "text": "...", "cause": "alarm", "stable": "2", "canary": "3",
                "artifact": {"bucket": "b", "key": "checkout/1.zip", "version_id": "v"}}}

What a newcomer would get wrong: a notice may come twice. ``deployment``, ``phase`` and ``at`` together are its
identity.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol, cast

from controller.aws.errors import Absent, translating
from controller.core.model import Cause, Deployment, Notice, Reason, Refused, Transient

SOURCE = "slipway"
DETAIL_TYPE = "Slipway Deployment Phase Change"
_LONGEST_SUBJECT = 100
"""Source: SNS API reference, Publish, Subject: ASCII without line breaks, under 100 characters, 2026-11."""


class EventBridge(Protocol):
    """The call of a boto3 EventBridge client that is made here."""

    def put_events(self, **parameters: object) -> Mapping[str, object]: ...


class SNS(Protocol):
    """The call of a boto3 SNS client that is made here."""

    def publish(self, **parameters: object) -> Mapping[str, object]: ...


class Notices:
    """Sends notices. ``topic`` is an SNS topic's ARN, None where there is none."""

    def __init__(self, events: EventBridge, sns: SNS | None, topic: str | None) -> None:
        self._events = events
        self._sns = sns
        self._topic = topic

    def send(self, deployment: Deployment, notice: Notice) -> None:
        """Sends one notice; sending it again is harmless. Raises Transient where EventBridge did not take it."""
        detail = _detail(deployment, notice)
        with translating(f"telling EventBridge about {deployment}"):
            answer = self._events.put_events(
                Entries=[{"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail), "Time": notice.at}]
            )
        if answer.get("FailedEntryCount"):
            entries = cast("list[Mapping[str, object]]", answer["Entries"])
            raise Transient(f"EventBridge did not take the notice about {deployment}: {entries[0].get('ErrorCode')}")
        if self._sns and self._topic:
            self._publish(self._sns, deployment, notice, detail)

    def _publish(self, sns: SNS, deployment: Deployment, notice: Notice, detail: Mapping[str, object]) -> None:
        try:
            with translating(f"telling the topic about {deployment}"):
                sns.publish(TopicArn=self._topic, Subject=_subject(deployment, notice), Message=_message(detail))
        except Absent as gone:
            text = f"{gone}; deploy Slipway's stack again, so that the topic {self._topic} is made again"
            raise Refused(Reason(Cause.PREFLIGHT, text)) from gone


def _detail(deployment: Deployment, notice: Notice) -> dict[str, object]:
    artifact = deployment.artifact
    return {
        "deployment": str(deployment),
        "function": deployment.target.function,
        "alias": deployment.target.alias,
        "number": deployment.number,
        "phase": notice.phase.value,
        "at": notice.at.isoformat(),
        "text": notice.text,
        "cause": deployment.reason.cause.value if deployment.reason else None,
        "stable": deployment.stable,
        "canary": deployment.canary,
        "artifact": {"bucket": artifact.bucket, "key": artifact.key, "version_id": artifact.version_id},
    }


def _subject(deployment: Deployment, notice: Notice) -> str:
    text = f"{deployment} {notice.phase.value}".encode("ascii", "replace").decode()
    return text[: _LONGEST_SUBJECT - 1]


def _message(detail: Mapping[str, object]) -> str:
    return f"{detail['deployment']}: {detail['text']}\n\n{json.dumps(detail, indent=2)}\n"
