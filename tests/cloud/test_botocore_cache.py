"""What botocore did before is done no second time, and nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.cloud.botocore_cache import Remembered, Sent, key
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.table import TABLE

ASKED = {"FunctionName": "checkout", "Name": "live"}
ROW = {"pk": {"S": "checkout:live"}, "sk": {"S": "head"}}
QUERY = {"TableName": TABLE, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": ROW["pk"]}}


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    cloud.lambda_.point("checkout", "live", "1")
    return cloud


def test_the_same_question_gets_the_answer_of_now_and_not_of_then(live: Cloud, client: Any) -> None:
    first = client.get_alias(**ASKED)
    live.lambda_.publish("checkout")
    live.lambda_.point("checkout", "live", "2")
    assert (first["FunctionVersion"], client.get_alias(**ASKED)["FunctionVersion"]) == ("1", "2")


def test_an_answer_that_somebody_changes_is_still_as_it_was_for_the_next(live: Cloud, client: Any) -> None:
    client.get_alias(**ASKED)["FunctionVersion"] = "9"
    assert client.get_alias(**ASKED)["FunctionVersion"] == "1"


def test_the_same_refusal_is_raised_again_as_the_clients_own_error(live: Cloud, client: Any) -> None:
    said = []
    for _ in range(3):
        with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
            client.get_alias(FunctionName="checkout", Name="other")
        said.append((str(caught.value), caught.value.response["ResponseMetadata"]))
    assert said[0] == said[1] == said[2]


def test_a_fault_hits_a_call_whose_words_are_known(live: Cloud, client: Any) -> None:
    client.get_alias(**ASKED)
    live.fail(1, Fault.DENIED)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_alias(**ASKED)
    assert client.get_alias(**ASKED)["FunctionVersion"] == "1"


def test_a_call_that_takes_too_long_is_lost_although_its_words_are_known(live: Cloud, patient: Any) -> None:
    asked = {"FunctionName": "checkout", "Qualifier": "live"}
    assert patient.get_function_configuration(**asked)["Version"] == "1"
    live.fail(1, Fault.LOST)
    patient.get_function_configuration(**asked)
    assert [call.attempts for call in live.calls] == [1, 2]


def test_an_item_is_kept_as_it_was_sent_although_the_words_around_it_are_known(cloud: Cloud) -> None:
    table, items = (
        cloud.client("dynamodb"),
        [{**ROW, "a": {"L": [{"N": "1"}, {"M": {}}]}}, {**ROW, "b": {"BOOL": True}}],
    )
    for item in items:
        table.put_item(TableName=TABLE, Item=item)
        found = table.get_item(TableName=TABLE, Key=ROW)
        assert (found["Item"], found["ResponseMetadata"]["HTTPStatusCode"]) == (item, 200)
        found["Item"]["pk"] = {"S": "changed"}
        assert table.query(**QUERY)["Items"] == [item]


@pytest.mark.parametrize(
    "value", [1, {"S": 1}, {"N": 1}, {"L": {}}, {"M": {"a": "b"}}, {"BOOL": "yes"}, {"X": "a"}], ids=str
)
def test_an_item_that_botocore_refuses_is_refused_although_the_words_around_it_are_known(
    cloud: Cloud, value: Any
) -> None:
    table = cloud.client("dynamodb")
    table.put_item(TableName=TABLE, Item={**ROW, "a": {"S": "1"}})
    with pytest.raises(ParamValidationError):
        table.put_item(TableName=TABLE, Item={**ROW, "a": value})


def test_a_token_that_botocore_made_up_is_another_one_each_time() -> None:
    sent = Sent("https://example.com", b'{"ClientRequestToken": "abc"}', "abc")
    assert sent.once_more().body != sent.once_more().body
    assert Sent("https://example.com", b'{"Token": "abc"}').once_more().body == b'{"Token": "abc"}'


def test_what_is_remembered_is_forgotten_before_it_is_too_much() -> None:
    remembered = Remembered(most=2)
    for name in ("a", "b", "c"):
        remembered.sends(key("Get", {"Name": name}), Sent("", b""))
    assert [remembered.sent(key("Get", {"Name": name})) is None for name in ("a", "b", "c")] == [True, True, False]
