"""Sends notices about phase changes: as Slipway's own EventBridge event, and in words to the SNS topics that there are.

    {"source": "slipway", "detail-type": "Slipway Deployment Phase Change",
     "detail": {"deployment": "checkout:live#42", "function": "checkout", "alias": "live", "number": 42,
                "phase": "BAKING", "at": "2026-11-24T10:00:00+00:00", "text": "...", "cause": "requested",
                "who": "alice", "why": "load test",
                "stable": "2", "canary": "3",
                "artifact": {"bucket": "b", "key": "checkout/1.zip", "version_id": "v"}}}

Note: a notice may come twice. ``deployment``, ``phase`` and ``at`` together are its identity.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Protocol, cast

from controller.aws.errors import Absent, translating
from controller.core import announcement, report
from controller.core.announcement import Announcement
from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.model import Cause, Deployment, Notice, Reason, Refused, Transient
from controller.core.model.events import AliasChanged
from controller.core.routing.at_rest import DriftAtRest

SOURCE = "slipway"
DETAIL_TYPE = "Slipway Deployment Phase Change"
DRIFT_TYPE = "Slipway Alias Drift"
REFUSED_TYPE = "Slipway Upload Refused"
"""Another type, and no function, so that rules for a function's deployments do not match."""
_MAX_SUBJECT = 100
"""Source: SNS API reference, Publish, Subject: ASCII without line breaks, under 100 characters, 2026-11."""
_CUT = "..."
_SUBJECTS_END = 30


class EventBridge(Protocol):
    """The botocore EventBridge client's call used here."""

    def put_events(self, **parameters: object) -> Mapping[str, object]: ...


class SNS(Protocol):
    """The botocore SNS client's call used here."""

    def publish(self, **parameters: object) -> Mapping[str, object]: ...


class Notices:
    """Sends notices. ``topic`` is the ARN of the SNS topic for people, ``chat_topic`` that for chats; None without."""

    def __init__(self, events: EventBridge, sns: SNS, topic: str | None, chat_topic: str | None = None) -> None:
        self._events = events
        self._sns = sns
        self._topic = topic
        self._chat_topic = chat_topic

    def send(self, deployment: Deployment, notice: Notice) -> None:
        """Sends one notice; sending it again is harmless. Raises Transient if EventBridge did not take the notice."""
        self._put(DETAIL_TYPE, _detail(deployment, notice), notice.at, str(deployment))
        self._announce(announcement.of_notice(deployment, notice))

    def send_refused(self, upload: RefusedUpload) -> None:
        """Sends a notice about an upload without a function; otherwise as ``send``."""
        self._put(REFUSED_TYPE, _refused_detail(upload), upload.at, upload.key)
        self._announce(announcement.of_refused(upload))

    def send_drift(self, drift: DriftAtRest, change: AliasChanged) -> None:
        """Sends a notice about an alias that somebody else changed at rest; otherwise as ``send``."""
        self._put(DRIFT_TYPE, _drift_detail(drift, change), change.at, str(drift.target))
        self._announce(announcement.of_drift(drift, change))

    def _announce(self, announced: Announcement) -> None:
        if self._topic:
            self._publish(self._topic, _subject(announced.title), announced.in_words(), announced.thread)
        if self._chat_topic:
            self._publish(self._chat_topic, _subject(announced.title), _for_chat(announced), announced.thread)

    def _put(self, kind: str, detail: Mapping[str, object], at: datetime, about: str) -> None:
        with translating(f"telling EventBridge about {about}"):
            answer = self._events.put_events(
                Entries=[{"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail), "Time": at}]
            )
        if answer.get("FailedEntryCount"):
            entries = cast("list[Mapping[str, object]]", answer["Entries"])
            raise Transient(f"EventBridge did not take the notice about {about}: {entries[0].get('ErrorCode')}")

    def _publish(self, topic: str, subject: str, message: str, about: str) -> None:
        try:
            with translating(f"telling the topic about {about}"):
                self._sns.publish(TopicArn=topic, Subject=subject, Message=message)
        except Absent as gone:
            text = f"{gone}; deploy Slipway's stack again, so that the topic {topic} is made again"
            raise Refused(Reason(Cause.PREFLIGHT, text)) from gone


def _detail(deployment: Deployment, notice: Notice) -> dict[str, object]:
    artifact, person = deployment.artifact, notice.person
    return {
        "deployment": str(deployment),
        "function": deployment.target.function,
        "alias": deployment.target.alias,
        "number": deployment.number,
        "phase": notice.phase.value,
        "at": notice.at.isoformat(),
        "text": notice.text,
        "cause": deployment.objection.cause.value if deployment.objection else None,
        "who": person.who or None,
        "why": person.why or None,
        "stable": deployment.stable,
        "canary": deployment.canary,
        "artifact": {"bucket": artifact.bucket, "key": artifact.key, "version_id": artifact.version_id},
    }


def _drift_detail(drift: DriftAtRest, change: AliasChanged) -> dict[str, object]:
    who = change.who if change.explains(drift.carries) else ""
    return {
        "function": drift.target.function,
        "alias": drift.target.alias,
        "at": change.at.isoformat(),
        "text": drift.in_words(who or "somebody else"),
        "carries": report.routing(drift.carries),
        "left": {"deployment": str(drift.deployment), "version": drift.version},
        "who": who or None,
    }


def _refused_detail(upload: RefusedUpload) -> dict[str, object]:
    return {
        "meant": upload.meant,
        "at": upload.at.isoformat(),
        "text": upload.text,
        "artifact": {"bucket": upload.bucket, "key": upload.key, "version_id": upload.version_id},
    }


def _subject(text: str) -> str:
    """Returns the text as a subject; a long one is cut in its middle, because its end says what happened."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    ascii_text = printable.encode("ascii", "replace").decode()
    if len(ascii_text) < _MAX_SUBJECT:
        return ascii_text
    return f"{ascii_text[: _MAX_SUBJECT - 1 - len(_CUT) - _SUBJECTS_END]}{_CUT}{ascii_text[-_SUBJECTS_END:]}"


def _for_chat(announced: Announcement) -> str:
    """Returns the message that Amazon Q Developer in chat applications shows; other text it drops without a word.

    A text may quote anything, and in a chat ``<!channel>`` would call everybody. Sources: Amazon Q Developer in chat
    applications, administrator guide, custom notifications; Slack, formatting text for app surfaces, 2026-11.
    """
    content = {
        "textType": "client-markdown",
        "title": escape(announced.title, quote=False),
        "description": escape("\n".join((announced.text, *announced.facts)), quote=False),
        "nextSteps": [f"`{step}`" for step in announced.next_steps],
    }
    metadata = {"threadId": announced.thread, "summary": announced.title, "eventType": "slipway"}
    return json.dumps({"version": "1.0", "source": "custom", "content": content, "metadata": metadata})
