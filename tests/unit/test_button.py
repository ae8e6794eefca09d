"""A button of the page: what CloudWatch adds to its request, and the words that the person gets in the popup."""

from __future__ import annotations

from typing import Any

import pytest

from controller.inbound.parse import RequestReceived, parse
from controller.requests.popup import html
from tests.builders import NOW

PAUSE = {"request": "pause", "function": "checkout", "deployment": 5}


def pressed(context: Any, **more: Any) -> RequestReceived:
    (found,) = parse({**PAUSE, **more, "widgetContext": context}, NOW)
    assert isinstance(found, RequestReceived)
    assert found.by_button
    return found


def typed(**fields: Any) -> Any:
    return {"dashboardName": "slipway", "theme": "light", "forms": {"all": fields}}


def test_a_request_that_no_button_sent_is_what_was_sent() -> None:
    assert parse(PAUSE, NOW) == (RequestReceived(PAUSE),)


def test_what_was_typed_on_the_page_goes_with_the_request() -> None:
    assert pressed(typed(who=" alice ", why="looks odd")).payload == {**PAUSE, "who": "alice", "why": "looks odd"}


def test_what_was_left_empty_is_not_sent() -> None:
    assert pressed(typed(who="", why="  ")).payload == PAUSE


def test_what_the_button_says_itself_counts_before_what_was_typed() -> None:
    assert pressed(typed(who="mallory"), who="alice").payload["who"] == "alice"


@pytest.mark.parametrize("context", [None, [], {}, {"forms": 7}, {"forms": {"all": []}}, typed(who=7, why=["x"])])
def test_a_context_without_what_was_typed_adds_nothing(context: Any) -> None:
    assert pressed(context).payload == PAUSE


def test_no_other_field_of_the_page_becomes_a_member_of_the_request() -> None:
    assert pressed(typed(deployment="7", request="rollback", id="x")).payload == PAUSE


def test_the_popup_says_where_the_deployment_is() -> None:
    found = {"deployment": "checkout:live#5", "phase": "SHIFTING", "reason": None, "held_by": "paused; send resume"}
    said = html({"ok": True, "request": "pause", "deployment": found})
    assert said == "<p><strong>pause was accepted</strong></p><p>checkout:live#5 is SHIFTING: paused; send resume</p>"


def test_the_popup_says_why_a_request_was_refused_or_what_is_unfinished() -> None:
    assert html({"ok": False, "request": "promote", "error": "no"}).endswith("<p>no</p>")
    assert html({"ok": True, "request": "promote", "unfinished": "later"}).endswith("<p>later</p>")
    assert html({"ok": True, "request": "promote", "repeated": "done before"}).endswith("<p>done before</p>")


def test_a_hostile_text_in_the_popup_is_text() -> None:
    said = html({"ok": False, "request": "<b>", "error": "<script>alert(1)</script><img src=x onerror=alert(1)>"})
    assert "<script" not in said
    assert "<img" not in said
    assert "&lt;script&gt;" in said
