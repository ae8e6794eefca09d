"""What the store sends, checked by botocore's own model, and what it makes of what DynamoDB refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.dynamodb.items import to_item
from controller.aws.dynamodb.store import Duplicate, Store
from controller.aws.errors import Absent
from controller.core.lifecycle.admission import Admission, Head
from controller.core.model import Cause, Conflict, Phase, Reason, Refused, Throttled, Transient
from controller.core.records.codec import to_record
from tests.builders import CHECKOUT, NOW, after, confirmed, deployment, manifest

TABLE = "slipway-Deployments-1"
PK = {"S": "checkout:live"}
NOT_MET = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}
WHY = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
IN_400_DAYS = {"N": "1830074400"}


class Wire:
    """The store over a stubbed client."""

    def __init__(self) -> None:
        self.client = boto3.client("dynamodb", region_name="us-east-1")
        self.stubber = Stubber(self.client)
        self.store = Store(self.client, TABLE)

    def expects(self, call: str, answer: dict[str, Any] | None = None, **parameters: Any) -> None:
        self.stubber.add_response(call, answer or {}, parameters)

    def refuses(self, call: str, code: str, status: int = 400, **more: Any) -> None:
        self.stubber.add_client_error(call, code, "no", http_status_code=status, modeled_fields=more or None)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    with made.stubber:
        yield made
        made.stubber.assert_no_pending_responses()


def key(sk: str) -> dict[str, Any]:
    return {"pk": PK, "sk": {"S": sk}}


# -- what is sent -----------------------------------------------------------------------------------------------------


def test_the_head_is_read_consistently(wire: Wire) -> None:
    wire.expects("get_item", TableName=TABLE, Key=key("head"), ConsistentRead=True)
    assert wire.store.head(CHECKOUT) == Head()


def test_a_deployment_is_read_consistently_under_its_padded_number(wire: Wire) -> None:
    wire.expects("get_item", TableName=TABLE, Key=key("deployment#000042"), ConsistentRead=True)
    assert wire.store.load(CHECKOUT, 42) is None


def test_a_save_is_conditional_on_the_revision_that_was_read(wire: Wire) -> None:
    serving = replace(confirmed(Phase.SHIFTING), revision=8)
    item = {
        **key("deployment#000042"),
        **to_item({"record": to_record(serving), "alarms": ["checkout-p99", "slipway/checkout/live/42"]}),
        "revision": {"N": "9"},
        "phase": {"S": "SHIFTING"},
        "open": {"S": "open"},
        "due_at": {"S": "2026-11-24T10:05:00.000000+00:00"},
    }
    wire.expects(
        "put_item",
        TableName=TABLE,
        Item=item,
        ConditionExpression="revision = :read",
        ExpressionAttributeValues={":read": {"N": "8"}},
    )
    assert wire.store.save(serving, after(minutes=1)) == replace(serving, revision=9)


def test_the_end_of_the_open_one_moves_the_head_in_the_same_transaction(wire: Wire) -> None:
    ended = deployment(Phase.FAILED, revision=3)
    head = {**key("head"), **to_item({"number": 42, "open_number": 42, "revision": 7})}
    item = {
        **key("deployment#000042"),
        **to_item({"record": to_record(ended), "revision": 4, "phase": "FAILED", "open": "ended"}),
        "due_at": {"S": "2026-11-24T10:00:00.000000+00:00"},
        "expires_at": IN_400_DAYS,
    }
    wire.expects("get_item", {"Item": head}, TableName=TABLE, Key=key("head"), ConsistentRead=True)
    wire.expects(
        "transact_write_items",
        TransactItems=[
            guarded_put(item, 3),
            guarded_put({**key("head"), **to_item({"number": 42, "revision": 8})}, 7),
        ],
    )
    wire.store.save(ended, NOW)


def test_what_is_accepted_is_new_and_the_head_is_what_was_read(wire: Wire) -> None:
    made = deployment(number=1, manifest=manifest(gates={"alarms": ["queue-age"]}))
    new = {
        **key("deployment#000001"),
        **to_item({"record": to_record(made), "revision": 1, "phase": "PREPARING", "open": "open"}),
        "due_at": {"S": "2026-11-24T10:01:00.000000+00:00"},
    }
    upload = {"pk": "upload#drop/checkout/3.zip", "sk": "v3", "deployment": "checkout:live#1", "expires_at": 1798106400}
    alarm = {"pk": "alarm#queue-age", "sk": "checkout:live", "expires_at": 1798192800}
    wire.expects(
        "transact_write_items",
        TransactItems=[
            new_put({**key("head"), **to_item({"number": 1, "open_number": 1, "revision": 1})}),
            new_put(new),
            new_put(to_item(upload)),
            {"Put": {"TableName": TABLE, "Item": to_item(alarm)}},
        ],
    )
    wire.store.accept(Admission(Head(number=1, open=1), made), NOW)


def test_deployments_are_read_consistently_in_a_batch(wire: Wire) -> None:
    asked = {TABLE: {"Keys": [key("deployment#000042"), key("deployment#000041")], "ConsistentRead": True}}
    wire.expects("batch_get_item", {"Responses": {TABLE: []}, "UnprocessedKeys": {}}, RequestItems=asked)
    assert list(wire.store.load_many([(CHECKOUT, 42), (CHECKOUT, 41)])) == []


def test_what_has_ended_is_asked_of_the_index_by_when(wire: Wire) -> None:
    wire.expects(
        "query",
        TableName=TABLE,
        IndexName="open",
        KeyConditionExpression="#open = :open AND due_at BETWEEN :since AND :until",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={
            ":open": {"S": "ended"},
            ":since": {"S": "2026-11-24T10:00:00.000000+00:00"},
            ":until": {"S": "2026-11-24T10:00:00.000000+00:00"},
        },
        ScanIndexForward=False,
    )
    assert list(wire.store.ended_between(NOW, NOW)) == []


def test_what_is_due_is_asked_of_the_index(wire: Wire) -> None:
    wire.expects(
        "query",
        TableName=TABLE,
        IndexName="open",
        KeyConditionExpression="#open = :open",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":open": {"S": "open"}},
    )
    assert list(wire.store.due()) == []


def test_history_is_read_consistently_newest_first_and_no_more_than_asked(wire: Wire) -> None:
    wire.expects(
        "query",
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": PK, ":sk": {"S": "deployment#"}},
        ScanIndexForward=False,
        ConsistentRead=True,
        Limit=10,
    )
    assert list(wire.store.history(CHECKOUT, 10)) == []


def test_the_next_page_begins_where_the_last_one_ended(wire: Wire) -> None:
    asked = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "alarm#queue-age"}},
        "ConsistentRead": True,
    }
    row = {"pk": {"S": "alarm#queue-age"}, "sk": {"S": "checkout:live"}}
    wire.expects("query", {"Items": [row], "LastEvaluatedKey": row}, **asked)
    wire.expects("query", {"Items": []}, **asked, ExclusiveStartKey=row)
    assert wire.store.guarded_by("queue-age") == (CHECKOUT,)


# -- what is refused --------------------------------------------------------------------------------------------------

CALLS: dict[str, tuple[str, Callable[[Store], object]]] = {
    "head": ("get_item", lambda store: store.head(CHECKOUT)),
    "load": ("get_item", lambda store: store.load(CHECKOUT, 42)),
    "save": ("put_item", lambda store: store.save(deployment(revision=1), NOW)),
    "accept": ("transact_write_items", lambda store: store.accept(Admission(Head(42, 42), deployment()), NOW)),
    "due": ("query", lambda store: list(store.due())),
    "history": ("query", lambda store: list(store.history(CHECKOUT, 1))),
    "guarded_by": ("query", lambda store: store.guarded_by("queue-age")),
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize(
    ("code", "status", "means"),
    [
        ("ProvisionedThroughputExceededException", 400, Transient),
        ("ThrottlingException", 400, Throttled),
        ("RequestLimitExceeded", 400, Transient),
        ("InternalServerError", 500, Transient),
        ("ResourceNotFoundException", 400, Absent),
        ("AccessDeniedException", 400, Refused),
        ("ValidationException", 400, Refused),
    ],
)
def test_every_call_says_what_an_error_means(
    wire: Wire, method: str, code: str, status: int, means: type[Exception]
) -> None:
    call, run = CALLS[method]
    wire.refuses(call, code, status)
    with pytest.raises(means) as caught:
        run(wire.store)
    assert type(caught.value) is means
    assert code in str(caught.value)


def test_a_transaction_that_another_one_crosses_may_go_better_later(wire: Wire) -> None:
    reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}, NONE, NONE]
    wire.refuses("transact_write_items", "TransactionCanceledException", CancellationReasons=reasons)
    with pytest.raises(Transient) as caught:
        wire.store.accept(Admission(Head(42, 42), deployment()), NOW)
    assert type(caught.value) is Transient


def test_only_the_upload_makes_a_duplicate(wire: Wire) -> None:
    wire.refuses("transact_write_items", "TransactionCanceledException", CancellationReasons=[NONE, NONE, NOT_MET])
    with pytest.raises(Duplicate):
        wire.store.accept(Admission(Head(42, 42), deployment()), NOW)


def test_where_a_person_asks_again_no_part_of_the_transaction_is_an_upload(wire: Wire) -> None:
    """The third part is an alarm's note then, or an older deployment: a conflict of it is no duplicate."""
    older = deployment(number=41, revision=5)
    wire.stubber.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        "specific reasons [None, None, ConditionalCheckFailed]",
        modeled_fields={"CancellationReasons": [NONE, NONE, NOT_MET]},
    )
    bare = deployment(manifest=manifest(gates={"alarms": []}))
    with pytest.raises(Conflict) as caught:
        wire.store.accept(Admission(Head(42, 42), bare, (older,)), NOW, once=False)
    assert not isinstance(caught.value, Duplicate)


def guarded_put(item: dict[str, Any], read: int) -> dict[str, Any]:
    condition = {"ConditionExpression": "revision = :read", "ExpressionAttributeValues": {":read": {"N": str(read)}}}
    return {"Put": {"TableName": TABLE, "Item": item, **condition}}


def new_put(item: dict[str, Any]) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
