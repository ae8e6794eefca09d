"""Notices: the event that programs get, the message that people get, and what is not repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from controller.aws.notices import Notices
from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.model import Cause, Deployment, Notice, Phase, Reason, Refused, Target, Throttled, Transient
from tests.builders import NOW, after, artifact, deployment

TOPIC, CHAT = "arn:aws:sns:us-east-1:123456789012:slipway", "arn:aws:sns:us-east-1:123456789012:chat"
NOTICE = Notice(after(minutes=7), Phase.ROLLING_BACK, "back to version 2 because alarm checkout-p99 is firing")
ROLLING_BACK = deployment(
    Phase.ROLLING_BACK,
    reason=Reason(Cause.ALARM, "alarm checkout-p99 is firing"),
    stable_artifact=artifact(key="checkout/2.zip"),
)
DETAIL = {
    "deployment": "checkout:live#42",
    "function": "checkout",
    "alias": "live",
    "number": 42,
    "phase": "ROLLING_BACK",
    "at": "2026-11-24T10:07:00+00:00",
    "text": "back to version 2 because alarm checkout-p99 is firing",
    "cause": "alarm",
    "who": None,
    "why": None,
    "stable": "2",
    "canary": "3",
    "artifact": {"bucket": "drop", "key": "checkout/3.zip", "version_id": "v3"},
}


class Wire:
    """Notices over stubbed clients of EventBridge and SNS."""

    def __init__(self) -> None:
        self.events = Stubber(boto3.client("events", region_name="us-east-1"))
        self.sns = Stubber(boto3.client("sns", region_name="us-east-1"))

    def notices(self, topic: str | None = TOPIC) -> Notices:
        return Notices(self.events.client, self.sns.client, topic)

    def send(self, made: Deployment = ROLLING_BACK, notice: Notice = NOTICE, topic: str | None = TOPIC) -> None:
        self.notices(topic).send(made, notice)

    def expects_event(self, detail: dict[str, Any] | None = None) -> None:
        entry: Any = [entry_of(detail)] if detail else ANY
        self.events.add_response(
            "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": entry}
        )

    def expects_message(self, subject: str | None = None) -> None:
        asked = {"TopicArn": TOPIC, "Subject": subject or ANY, "Message": ANY}
        self.sns.add_response("publish", {"MessageId": "1"}, asked)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    with made.events, made.sns:
        yield made
        made.events.assert_no_pending_responses()
        made.sns.assert_no_pending_responses()


def entry_of(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "Source": "slipway",
        "DetailType": "Slipway Deployment Phase Change",
        "Detail": json.dumps(detail),
        "Time": after(minutes=7),
    }


# -- EventBridge ------------------------------------------------------------------------------------------------------


def test_the_event_says_all_that_a_program_needs(wire: Wire) -> None:
    wire.expects_event(DETAIL)
    wire.send(topic=None)


def test_what_is_not_known_yet_is_null(wire: Wire) -> None:
    preparing = deployment(artifact=artifact(version_id=None))
    notice = Notice(after(minutes=7), Phase.PREPARING, "onboarded")
    nothing = {"phase": "PREPARING", "text": "onboarded", "cause": None, "stable": None, "canary": None}
    wire.expects_event({**DETAIL, **nothing, "artifact": {**DETAIL["artifact"], "version_id": None}})  # type: ignore[dict-item]
    wire.send(preparing, notice, topic=None)


def test_the_phase_is_that_of_the_notice_and_not_the_one_entered_since(wire: Wire) -> None:
    wire.expects_event({**DETAIL, "phase": "SHIFTING", "text": "10% to version 3"})
    wire.send(notice=Notice(after(minutes=7), Phase.SHIFTING, "10% to version 3"), topic=None)


def test_an_entry_that_eventbridge_did_not_take_is_sent_again_later(wire: Wire) -> None:
    failed = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "no"}]}
    wire.events.add_response("put_events", failed, {"Entries": ANY})
    with pytest.raises(Transient, match="checkout:live#42: ThrottlingException"):
        wire.send()


@pytest.mark.parametrize(
    ("code", "status", "means"),
    [
        ("InternalException", 500, Transient),
        ("ThrottlingException", 400, Transient),
        ("AccessDeniedException", 400, Refused),
    ],
)
def test_what_eventbridge_refuses_never_reaches_the_topic(
    wire: Wire, code: str, status: int, means: type[Exception]
) -> None:
    wire.events.add_client_error("put_events", code, "no", status)
    with pytest.raises(means, match="telling EventBridge about checkout:live#42 failed"):
        wire.send()


# -- SNS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", [None, ""])
def test_without_a_topic_sns_is_not_called(wire: Wire, topic: str | None) -> None:
    wire.expects_event()
    wire.send(topic=topic)


def test_the_message_says_what_which_and_what_to_type(wire: Wire) -> None:
    wire.expects_event()
    message = """\
back to version 2 because alarm checkout-p99 is firing

version 3 of checkout/3.zip, over version 2

slipway status checkout:live
aws logs tail /aws/lambda/checkout --since 1h
"""
    asked = {"TopicArn": TOPIC, "Subject": "checkout:live#42 ROLLING_BACK", "Message": message}
    wire.sns.add_response("publish", {"MessageId": "1"}, asked)
    wire.send()


def test_a_chat_gets_the_form_of_amazon_q_with_a_thread_for_each_deployment(wire: Wire) -> None:
    kept = Kept()
    Notices(kept, kept, None, CHAT).send(ROLLING_BACK, NOTICE)
    assert json.loads(kept.message) == {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": "checkout:live#42 ROLLING_BACK",
            "description": (
                "back to version 2 because alarm checkout-p99 is firing\nversion 3 of checkout/3.zip, over version 2"
            ),
            "nextSteps": ["`slipway status checkout:live`", "`aws logs tail /aws/lambda/checkout --since 1h`"],
        },
        "metadata": {
            "threadId": "checkout:live#42",
            "summary": "checkout:live#42 ROLLING_BACK",
            "eventType": "slipway",
        },
    }


def test_in_a_chat_a_quoted_text_calls_nobody_and_makes_no_link() -> None:
    kept, hostile = Kept(), "<!channel> <http://evil.example|totals> & more"
    Notices(kept, kept, None, CHAT).send(ROLLING_BACK, Notice(NOW, Phase.ROLLING_BACK, hostile))
    description = json.loads(kept.message)["content"]["description"]
    assert description.startswith("&lt;!channel&gt; &lt;http://evil.example|totals&gt; &amp; more\n")


def test_both_topics_are_told_each_in_its_own_form() -> None:
    kept = Kept()
    Notices(kept, kept, TOPIC, CHAT).send(ROLLING_BACK, NOTICE)
    assert kept.topics == [TOPIC, CHAT]


def test_the_subject_of_the_longest_names_fits(wire: Wire) -> None:
    longest = deployment(Phase.ROLLING_BACK, target=Target("f" * 64, "a" * 100))
    wire.expects_event()
    wire.expects_message(subject=f"{'f' * 64}:a...{'a' * 14}#42 ROLLING_BACK")
    wire.send(longest)


@pytest.mark.parametrize("phase", Phase)
def test_every_subject_is_ascii_on_one_line_under_a_hundred_characters(phase: Phase) -> None:
    for target in (Target("checkout", "live"), Target("f" * 64, "a" * 128)):
        kept = Kept()
        Notices(kept, kept, TOPIC).send(deployment(phase, target=target), Notice(NOW, phase, "Zürich\nis up\x07"))
        assert kept.subject.isascii() and kept.subject.isprintable()
        assert 0 < len(kept.subject) < 100


@pytest.mark.parametrize(
    ("code", "status", "means"),
    [
        ("InternalError", 500, Transient),
        ("Throttled", 429, Throttled),
        ("AccessDenied", 403, Refused),
        ("InvalidParameter", 400, Refused),
        ("AuthorizationError", 403, Refused),
        ("NotFound", 404, Refused),
    ],
)
def test_a_topic_that_does_not_take_the_message_says_why(
    wire: Wire, code: str, status: int, means: type[Exception]
) -> None:
    wire.expects_event()
    wire.sns.add_client_error("publish", code, "no", status)
    with pytest.raises(means, match="telling the topic about checkout:live#42 failed") as caught:
        wire.send()
    assert type(caught.value) is means


class Kept:
    """EventBridge and SNS that take everything and keep the subject."""

    def __init__(self) -> None:
        self.subject = self.message = ""
        self.topics: list[object] = []

    def put_events(self, **parameters: object) -> dict[str, object]:
        return {"FailedEntryCount": 0}

    def publish(self, **parameters: object) -> dict[str, object]:
        self.subject, self.message = str(parameters["Subject"]), str(parameters["Message"])
        self.topics.append(parameters["TopicArn"])
        return {}


# -- uploads that are no function's -----------------------------------------------------------------------------------

UPLOAD = RefusedUpload(
    "check.out", "drop", "check.out/x.zip", "v3", NOW, "the key 'check.out/x.zip' cannot be deployed"
)


def test_an_upload_that_is_no_functions_is_told_as_such(wire: Wire) -> None:
    detail = {
        "meant": "check.out",
        "at": NOW.isoformat(),
        "text": UPLOAD.text,
        "artifact": {"bucket": "drop", "key": "check.out/x.zip", "version_id": "v3"},
    }
    entry: Any = {
        "Source": "slipway",
        "DetailType": "Slipway Upload Refused",
        "Detail": json.dumps(detail),
        "Time": NOW,
    }
    taken = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
    wire.events.add_response("put_events", taken, {"Entries": [entry]})
    message = f"{UPLOAD.text}\n\ns3://drop/check.out/x.zip\n"
    asked = {"TopicArn": TOPIC, "Subject": "upload refused: check.out/x.zip", "Message": message}
    wire.sns.add_response("publish", {"MessageId": "1"}, asked)
    wire.notices().send_refused(UPLOAD)


@pytest.mark.parametrize("key", ["k" * 1_024, "k\u00fcche\nup\x07/x.zip", "\u65e5\u672c/x.zip"])
def test_of_any_key_the_subject_is_ascii_on_one_line_under_a_hundred_characters(key: str) -> None:
    kept = Kept()
    Notices(kept, kept, TOPIC).send_refused(replace(UPLOAD, key=key))
    assert kept.subject.isascii() and kept.subject.isprintable()
    assert 0 < len(kept.subject) < 100
