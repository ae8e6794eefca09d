"""What the viewer's role allows: the calls that its answers make, and no call that changes anything.

What the viewer asks for is recorded while it answers every request that looks, as for the controller's role.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache

import pytest

from controller.core.model import Phase
from tests.cloud.faults import Call
from tests.cloud.keys import KEY, signed
from tests.cloud.steps import BUCKET, HOOK, QUICK, Drop, HookSays, Live, Until
from tests.cloud.story import SETTINGS, Story, asking
from tests.cloud.viewing import looks, told
from tests.cloud.zips import zipped
from tests.contract.authorization import asked_by
from tests.contract.role import CONTROLLER, EVERYTHING, TABLE_ARN, VIEWERS_LOG_ARN, Request, Role, role

VIEWERS = "ViewerRole"
READS = re.compile(r"\w+:(Get|BatchGet|List|Describe)\w*|dynamodb:Query|kms:(Decrypt|Verify)")
PLATFORM = (Request("logs:CreateLogStream", VIEWERS_LOG_ARN), Request("logs:PutLogEvents", VIEWERS_LOG_ARN))
"""Lambda writes the log with the function's role. Source: Lambda developer guide, execution role, 2026-11."""
HOOKED = {**QUICK, "hooks": {"before_traffic": {"function": HOOK.format("before_traffic")}}}
QUESTIONS = (
    {"request": "status"},
    asking("status"),
    asking("history"),
    asking("backtest", stable="1", canary="2", **{"from": "2026-11-24T09:00:00Z"}),
    {"request": "explain", "event": {}},
)


@pytest.fixture(scope="module")
def viewers() -> Role:
    return role(VIEWERS, **EVERYTHING)


@cache
def calls() -> tuple[Call, ...]:
    """Returns all calls of the viewer: during a shift, and about zips that wait to be deployed."""
    shifting = told(Story().play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING)]))
    made = [*made_by(shifting, *QUESTIONS)]
    hooked = (Live("v1"), HookSays("before_traffic", "SUCCEEDED"))
    story = told(Story(settings=replace(SETTINGS, signing_key=KEY)).play(hooked))
    content = zipped("v3", HOOKED)
    signature = base64.b64encode(signed(hashlib.sha256(content).digest())).decode()
    story.cloud.storage.put(BUCKET, "checkout/v3.zip", content, signature=signature)
    return (*made, *made_by(story, {"request": "plan", "bucket": BUCKET, "key": "checkout/v3.zip"}))


def made_by(story: Story, *questions: object) -> list[Call]:
    before = len(story.cloud.calls)
    for question in questions:
        assert looks(story, question)["ok"], question
    return story.cloud.calls[before:]


@cache
def requests() -> frozenset[Request]:
    """Returns all that IAM was asked."""
    return frozenset({*PLATFORM, *(request for call in calls() for request in asked_by(call))})


def test_every_request_that_its_answers_make_is_allowed_on_what_it_is_about(viewers: Role) -> None:
    assert sorted(str(request) for request in requests() if not viewers.allowing(request)) == []


def test_every_action_that_a_statement_grants_is_asked_for_by_some_answer(viewers: Role) -> None:
    asked = {(each.sid, request.action) for request in requests() for each in viewers.allowing(request)}
    assert sorted(viewers.granted - asked) == []


def test_nothing_but_its_log_is_written(viewers: Role) -> None:
    writes = {action for _, action in viewers.granted if not READS.fullmatch(action)}
    assert writes == {request.action for request in PLATFORM}
    assert [str(call) for call in calls() if not call.is_read and call.operation != "Verify"] == []


@pytest.mark.parametrize("qualifier", ["", ":live", ":previous", ":1"])
def test_neither_a_function_nor_the_controller_is_invoked_or_changed(viewers: Role, qualifier: str) -> None:
    for action in ("InvokeFunction", "UpdateAlias", "UpdateFunctionCode", "PublishVersion", "DeleteFunction"):
        for function in (CONTROLLER, f"{SETTINGS.function_arn}checkout"):
            assert not viewers.allows(f"lambda:{action}", f"{function}{qualifier}"), action


def test_no_record_is_written(viewers: Role) -> None:
    for action in ("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"):
        assert not viewers.allows(f"dynamodb:{action}", TABLE_ARN)


def test_what_the_viewer_may_read_the_controller_may_read_too(viewers: Role) -> None:
    """So it sees no more than the answers that people got from the controller before."""
    # A hook that the controller invokes is only looked up, by the narrower action, which gives no code.
    controllers = {action for _, action in role(**EVERYTHING).granted} | {"lambda:GetFunctionConfiguration"}
    assert {action for _, action in viewers.granted} - controllers == set()


def test_what_is_switched_off_is_not_granted(viewers: Role) -> None:
    actions = {action for _, action in viewers.granted} - {action for _, action in role(VIEWERS).granted}
    assert actions == {"kms:Verify", "kms:Decrypt"}


def test_a_prefix_of_functions_is_the_viewers_too() -> None:
    found = role(VIEWERS, **EVERYTHING, FunctionPrefix="shop-")
    assert found.allows("lambda:GetAlias", f"{SETTINGS.function_arn}shop-checkout")
    assert not found.allows("lambda:GetAlias", f"{SETTINGS.function_arn}payroll")
