"""What EventBridge and SNS take from the controller, and what the template's rules hand to it."""

from __future__ import annotations

import json

from tests.agreement.account import Account, Json
from tests.agreement.function import refusal_of
from tests.agreement.listing import check

_ENTRY = {"Source": "slipway", "DetailType": "News", "Detail": '{"a": 1}'}


def _alarm_event(state: str) -> Json:
    return {
        "version": "0", "id": "1", "detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch",
        "account": "123456789012", "time": "2026-11-23T10:20:48Z", "region": "us-east-1", "resources": [],
        "detail": {"alarmName": "any", "state": {"value": state}, "previousState": {"value": "ALARM"}},
    }  # fmt: skip


@check("events")
def an_entry_is_taken_and_has_an_id(account: Account) -> None:
    """Source: EventBridge API reference, PutEvents, 2026-11."""
    answer = account.client("events").put_events(Entries=[_ENTRY, {**_ENTRY, "Resources": ["arn:aws:s3:::b"]}])
    assert answer["FailedEntryCount"] == 0
    assert [sorted(each) for each in answer["Entries"]] == [["EventId"], ["EventId"]]
    assert len({each["EventId"] for each in answer["Entries"]}) == 2


@check("events")
def an_entry_that_is_not_taken_is_a_successful_call(account: Account) -> None:
    """The answer has an error in its place, and the others are taken. Source: botocore's model, PutEventsResultEntry,
    1.43.106.
    """
    broken = {**_ENTRY, "Detail": "no JSON"}
    answer = account.client("events").put_events(Entries=[_ENTRY, broken, _ENTRY])
    assert (answer["FailedEntryCount"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (1, 200)
    assert [sorted(each) for each in answer["Entries"]] == [["EventId"], ["ErrorCode", "ErrorMessage"], ["EventId"]]
    assert answer["Entries"][1]["ErrorCode"] == "MalformedDetail"


@check("events")
def nobody_speaks_for_aws(account: Account) -> None:
    """Sources that begin with "aws." are its services'. Source: botocore's model, PutEventsResultEntry, 1.43.106."""
    answer = account.client("events").put_events(Entries=[{**_ENTRY, "Source": "aws.cloudwatch"}])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


@check("events")
def ten_entries_are_taken_at_once_and_no_more(account: Account) -> None:
    """Source: botocore's model, PutEventsRequestEntryList, 1.43.106."""
    client = account.client("events")
    assert client.put_events(Entries=[_ENTRY] * 10)["FailedEntryCount"] == 0
    status, code, _ = refusal_of(lambda: client.put_events(Entries=[_ENTRY] * 11))
    assert (status, code) == (400, "ValidationException")


@check("3.1")
def the_rules_of_the_template_hand_over_an_alarm_that_fires(account: Account) -> None:
    """And none that ends or has no data, whatever it was before. Source: EventBridge user guide, event patterns,
    2026-11.
    """
    found = {state: account.hands_over(_alarm_event(state)) for state in ("ALARM", "OK", "INSUFFICIENT_DATA")}
    assert found == {"ALARM": True, "OK": False, "INSUFFICIENT_DATA": False}
    changed = {**_alarm_event("ALARM"), "detail-type": "CloudWatch Alarm Configuration Change"}
    assert not account.hands_over(changed)


@check("sns")
def a_message_is_published_and_has_an_id(account: Account) -> None:
    """Source: SNS API reference, Publish, 2026-11."""
    answer = account.client("sns").publish(TopicArn=account.topic, Subject="checkout:live#4", Message=json.dumps({}))
    assert answer["MessageId"]


@check("sns")
def a_topic_that_is_gone_is_not_found(account: Account) -> None:
    """404. Source: botocore's model, NotFoundException, 1.43.106."""
    status, code, _ = refusal_of(lambda: account.client("sns").publish(TopicArn=f"{account.topic}-gone", Message="m"))
    assert (status, code) == (404, "NotFound")


@check("sns", unverified="whether one of exactly 100 characters is taken; the model says less, moto #1503 says it is")
def a_subject_is_a_short_line(account: Account) -> None:
    """No line break, and not over 100 characters. Source: botocore's model, PublishInput, 1.43.106; the text: moto
    #1503, 2018-03.
    """
    client = account.client("sns")
    for subject in ("two\nlines", "x" * 101):
        asked = {"TopicArn": account.topic, "Subject": subject, "Message": "m"}
        expected = (400, "InvalidParameter", "Invalid parameter: Subject")
        assert refusal_of(lambda asked=asked: client.publish(**asked)) == expected
    assert client.publish(TopicArn=account.topic, Subject="x" * 99, Message="m")["MessageId"]


@check("sns")
def a_subject_has_any_letters(account: Account) -> None:
    """UTF-8; it had to be ASCII once. Source: botocore's model, PublishInput, 1.43.106."""
    assert account.client("sns").publish(TopicArn=account.topic, Subject="é", Message="m")["MessageId"]


@check("sns")
def a_message_is_not_empty(account: Account) -> None:
    """Source: SNS API reference, Publish, Message, 2026-11; the code is that of every invalid parameter."""
    status, code, _ = refusal_of(lambda: account.client("sns").publish(TopicArn=account.topic, Message=""))
    assert (status, code) == (400, "InvalidParameter")
