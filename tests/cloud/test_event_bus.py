"""EventBridge and SNS of the AWS in memory keep what they are told; what they refuse is in tests/agreement."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.cloud.cloud import Cloud
from tests.cloud.event_bus import TOPIC

ENTRY = {"Source": "slipway", "DetailType": "News", "Detail": '{"a": 1}'}


def test_an_entry_is_taken_and_has_an_id(cloud: Cloud) -> None:
    answer = cloud.client("events").put_events(Entries=[ENTRY])
    assert (answer["FailedEntryCount"], len(answer["Entries"][0]["EventId"]) > 0) == (0, True)
    assert cloud.bus.details == [{"a": 1}]


def test_an_entry_that_is_not_taken_is_a_successful_call(cloud: Cloud) -> None:
    """EventBridge API reference, PutEvents: FailedEntryCount, and an ErrorCode in place of an id."""
    cloud.bus.refuses = 1
    answer = cloud.client("events").put_events(Entries=[ENTRY, ENTRY])
    assert answer["FailedEntryCount"] == 1
    assert [sorted(each) for each in answer["Entries"]] == [["ErrorCode", "ErrorMessage"], ["EventId"]]
    assert len(cloud.bus.entries) == 1


def test_a_message_is_published(cloud: Cloud) -> None:
    assert cloud.client("sns").publish(TopicArn=TOPIC, Subject="s", Message="m")["MessageId"]
    assert [each["Message"] for each in cloud.sns.messages] == ["m"]


def test_a_topic_that_is_gone_is_not_found(cloud: Cloud) -> None:
    cloud.sns.topics.clear()
    with pytest.raises(ClientError, match="NotFound"):
        cloud.client("sns").publish(TopicArn=TOPIC, Message="m")
