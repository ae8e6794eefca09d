"""An alias is moved by hand at rest, on the real template: the rule of EventBridge hands it on, and people are told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from local.polling import eventually
from local.server import ACCOUNT, EmbeddedAws
from local.stack import Stack
from local.trail import log_calls
from tests.local.shop import GOOD, Shop

ROOT_USER = f"arn:aws:iam::{ACCOUNT}:root"


def drifts(shop: Shop, mailbox: str, found: list[Any]) -> list[Any]:
    """Returns the notices about drift of this function so far, in ``found``."""
    queue = shop.aws.client("sqs")
    for message in queue.receive_message(QueueUrl=mailbox, MaxNumberOfMessages=10).get("Messages", []):
        event = json.loads(message["Body"])
        queue.delete_message(QueueUrl=mailbox, ReceiptHandle=message["ReceiptHandle"])
        if event["detail-type"] == "Slipway Alias Drift" and event["detail"]["function"] == shop.function:
            found.append(event["detail"])
    return found


def callers(shop: Shop) -> set[str]:
    """Returns who changed aliases of this function, as the rule let the controller hear."""
    group = f"/aws/lambda/{shop.stack.controller}"
    events = shop.aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = (each["message"] for page in events for each in page["events"] if each["message"].startswith("{"))
    heard = (json.loads(line) for line in lines)
    return {each["who"] for each in heard if each.get("target") == f"{shop.function}:live" and "action" in each}


def test_a_move_by_hand_is_told_once_by_name_and_slipways_own_moves_are_not(
    aws: EmbeddedAws, stack: Stack, role: str, mailbox: str, make_function: Callable[[str], str]
) -> None:
    log_calls(aws)
    shop = Shop(aws, stack, role, make_function(GOOD % "theirs"))
    functions, found = aws.client("lambda"), list[Any]()
    functions.publish_version(FunctionName=shop.function)
    first = {"FunctionName": shop.function, "Qualifier": "1"}
    assert eventually(lambda: functions.get_function_configuration(**first)["State"] == "Active")
    functions.create_alias(FunctionName=shop.function, Name="live", FunctionVersion="1")
    shop.drop(GOOD % "ours")
    assert shop.wait()["phase"] == "SUCCEEDED"
    (left, _) = shop.alias() or ("", {})
    functions.update_alias(FunctionName=shop.function, Name="live", FunctionVersion="1")
    functions.update_alias(FunctionName=shop.function, Name="live", Description="by hand")
    assert eventually(lambda: drifts(shop, mailbox, found))
    time.sleep(1)
    (told,) = drifts(shop, mailbox, found)
    assert told["who"] == ROOT_USER
    assert (told["carries"]["version"], told["left"]["version"]) == ("1", left)
    assert f"{ROOT_USER} moved it" in told["text"]
    assert callers(shop) == {ROOT_USER}
