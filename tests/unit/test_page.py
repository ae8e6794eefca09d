"""The page, drawn from answers: what it shows, which buttons it has, and that no text of anybody becomes markup."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.drawn_page import Read
from tests.unit.page_samples import AT, full, short, status
from viewer.functions import Functions, function
from viewer.page import asking, drawing
from viewer.page.markup import html, json_text, tag
from viewer.page.spans import span

ARN = "arn:aws:lambda:us-east-1:123456789012:function:slipway-{}"
FUNCTIONS = Functions(controller=function(ARN.format("controller:live")), viewer=function(ARN.format("viewer")))
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" onclick="alert(1)\' \u202e</cwdb-action>&quot;'
MOST = 256 * 1024
"""Bytes of the page. An answer of Lambda may have 6 MB; a page that somebody waits for has far less."""


def drawn(
    told: Mapping[str, Any],
    *shown: Mapping[str, Any],
    quarantine: Sequence[Mapping[str, Any]] = (),
    theme: str = "light",
    target: str = "",
) -> str:
    """Returns the page of a viewer that answers ``status`` so, ``show`` with ``shown``, ``quarantine`` with those."""

    def answering(request: Mapping[str, object]) -> Mapping[str, object]:
        if "function" not in request:
            return told
        target = f"{request['function']}:{request['alias']}"
        if request["request"] == "quarantine":
            return {"ok": True, "quarantined": [each for each in quarantine if each["deployment"].startswith(target)]}
        name = f"{target}#{request.get('deployment')}"
        return {"ok": True, "deployment": next((each for each in shown if each["deployment"] == name), None)}

    found = asking.asked(answering, target, datetime.fromisoformat(AT))
    return drawing.page(found, FUNCTIONS, theme)


def read(*arguments: Any, **more: Any) -> Read:
    return Read(drawn(*arguments, **more))


def labels(page: Read) -> list[str]:
    return [label for label, attributes, _ in page.actions if attributes["display"] == "popup"]


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_an_open_deployment_is_shown_with_its_split_steps_hold_evidence_and_person() -> None:
    page = read(status(short()), full())
    for text in ("checkout:live", "#5", "version 4 90 %", "version 5 10 %", "shifting, step 1 of 2", "10 %", "50 %"):
        assert text in page.text, text
    assert "checkout/build-1.4.2.zip, by alice: faster totals" in page.text
    assert "Held by: hold for another 3m20s, until 04:33:20 UTC" in page.text
    assert "32 to 1, rolls back at 125 to 1" in page.text
    assert "5 10 % 482 6 1.24 %" in page.text
    assert "04:21:02 3 tests passed" in page.text


def test_the_step_at_hand_is_marked_and_those_before_it_are_done() -> None:
    page = read(status(short()), full())
    states = [
        (attributes["class"] or "").removeprefix("stop").strip()
        for name, attributes in page.elements
        if name == "circle"
    ]
    assert states == ["done", "now", "", "", ""]


def test_a_deployment_that_goes_back_shows_its_reason_and_alarms_and_no_steps() -> None:
    back = {
        "phase": "ROLLING_BACK",
        "reason": "the alarm errors fired",
        "firing": ["errors"],
        "share": 0.0,
        "allowed": [],
    }
    page = read(status(short(**back)), full(**back))
    assert "rolling back" in page.text
    assert "alarm errors" in page.text
    assert "the alarm errors fired" in page.text
    assert labels(page) == []
    assert [name for name, _ in page.elements if name == "circle"] == []


def test_what_has_ended_is_shown_with_the_seconds_to_bring_back() -> None:
    ended = short(phase="ROLLED_BACK", reason="bad", ended="2026-12-01T04:02:00+00:00", seconds_to_restore=4.2)
    page = read(status(ended=[ended]))
    assert "No deployment is open." in page.text
    assert "checkout:live#5 rolled back" in page.text
    assert "by alice: faster totals bad, traffic back in 4.2 s 28 min ago" in page.text


def test_freezes_quarantine_refused_uploads_warnings_and_dead_letters_are_shown() -> None:
    page = read(
        status(
            freezes=[{"scope": "all", "who": "carol", "why": "Black Friday", "until": "2026-12-02T08:00:00+00:00"}],
            ended=[short("pay:live#4", phase="ROLLED_BACK", reason="bad", ended=AT)],
            refused_uploads=[{"artifact": "readme.zip", "reason": "no function"}],
            controller={"version": "7", "warnings": ["the viewer has other code"], "dead_letters": 2},
        ),
        quarantine=[{"deployment": "pay:live#4", "artifact": "pay/b.zip", "because": "14 of 15 errors"}],
    )
    for text in (
        "Freezes all frozen by carol: Black Friday until 2026-12-02 08:00:00 UTC",
        "pay:live#4 pay/b.zip: 14 of 15",
    ):
        assert text in page.text, text
    for text in ("readme.zip no function", "the viewer has other code", "2 dead letters"):
        assert text in page.text, text


@pytest.mark.parametrize(("seconds", "look"), [(12, "chip good"), (400, "chip bad")])
def test_the_age_of_the_last_tick_is_shown_and_stands_out_when_nobody_looks(seconds: int, look: str) -> None:
    last = datetime.fromisoformat(AT) - timedelta(seconds=seconds)
    page = read(status(last_tick=last.isoformat()))
    assert f"last tick {span(timedelta(seconds=seconds))} ago" in page.text
    assert ("span", {"class": look}) in page.elements


def test_whoever_needs_a_person_comes_first() -> None:
    opened = [
        short("baking:live#1", phase="BAKING"),
        short("paused:live#1", modes=["awaiting_approval"]),
        short("shifting:live#1"),
        short("back:live#1", phase="ROLLING_BACK"),
    ]
    page = read(status(*opened))
    names = [each["deployment"] for each in opened]
    assert sorted(names, key=page.text.index) == ["back:live#1", "paused:live#1", "shifting:live#1", "baking:live#1"]


def test_light_and_dark_differ_in_the_name_of_the_look_alone() -> None:
    light, dark = drawn(status(short()), full()), drawn(status(short()), full(), theme="dark")
    assert light != dark
    assert light.replace('class="slipway light"', 'class="slipway dark"') == dark


def test_a_theme_of_another_name_is_light() -> None:
    assert drawn(status(), theme='"><script>') == drawn(status())


def test_an_answer_with_nothing_in_it_is_drawn() -> None:
    assert "All quiet" in read({}).text
    assert "1 open" in read({"open": [{}]}).text
    bare = short(canary=None, share=None, step=None)
    assert "version 4 100 %" in read({"open": [bare]}, full(canary=None)).text


def test_a_page_that_cannot_be_drawn_says_why() -> None:
    page = Read(drawing.sorry(f"DynamoDB did not answer: {HOSTILE}", "dark"))
    assert "The page cannot be drawn now." in page.text
    assert "DynamoDB did not answer" in page.text


# -- many -------------------------------------------------------------------------------------------------------------


def test_a_thousand_open_deployments_fit_and_the_page_says_how_many_more_there_are() -> None:
    opened = [short(f"function-{number:04}-{'x' * 40}:live#{number}", held_by="h" * 2000) for number in range(1, 1001)]
    shown = [full(each["deployment"], timeline=[{"at": AT, "text": "t" * 900}] * 200) for each in opened[:5]]
    ended = [short(f"ended-{number}:live#1", phase="FAILED", reason="r" * 2000, ended=AT) for number in range(500)]
    page = drawn(status(*opened, ended=ended), *shown)
    assert len(page.encode()) < MOST
    text = Read(page).text
    assert text.startswith("1000 open")
    assert "and 955 more: slipway status shows all" in text
    assert "and 488 more: slipway history FUNCTION" in text


def test_a_link_shows_any_of_them_whole() -> None:
    opened = [short(f"f{number}:live#1") for number in range(9)]
    page = read(status(*opened), *(full(each["deployment"]) for each in opened))
    links = [(label, asked) for label, attributes, asked in page.actions if attributes["display"] == "widget"]
    assert len(links) == 4
    assert links[-1] == ("f8:live#1", {"target": "f8:live"})
    chosen = read(status(*opened), *(full(each["deployment"]) for each in opened), target="f8:live")
    assert chosen.actions[0][2]["function"] == "f8"


# -- buttons ----------------------------------------------------------------------------------------------------------


def test_a_button_asks_first_and_sends_what_the_person_saw_to_the_controller() -> None:
    page = read(status(short()), full())
    ((_, attributes, asked),) = [each for each in page.actions if each[0] == "Roll back"]
    assert attributes["endpoint"] == FUNCTIONS.controller.arn
    assert (attributes["action"], attributes["display"]) == ("call", "popup")
    assert attributes["confirmation"] is not None
    assert "version 4 gets all traffic now" in attributes["confirmation"]
    assert "checkout:live#5" in attributes["confirmation"]
    assert asked == {
        "request": "rollback",
        "function": "checkout",
        "alias": "live",
        "deployment": 5,
        "alias_revision": "8d6f",
        "id": "page of 2026-12-01T04:30:00+00:00: rollback",
    }


def test_name_and_reason_are_fields_of_a_form_because_cloudwatch_sends_no_others() -> None:
    page = read(status(short()), full())
    names = [name for name, _ in page.elements]
    fields = [attributes["name"] for name, attributes in page.elements if name == "input"]
    assert names[names.index("form") + 1 :][:2] == ["input", "input"]
    assert fields == ["who", "why"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, ["Next step", "All traffic now", "Pause", "Roll back"]),
        ({"modes": ["paused"]}, ["Next step", "All traffic now", "Resume", "Roll back"]),
        ({"modes": ["drifted"], "allowed": ["accept_drift", "rollback"]}, ["Keep what the alias carries", "Roll back"]),
        (
            {"phase": "BAKING", "share": 100.0, "allowed": ["promote", "pause", "rollback"]},
            ["End the bake", "Pause", "Roll back"],
        ),
        ({"phase": "TESTING", "allowed": ["rollback", "pause"]}, ["Pause", "Stop"]),
        ({"allowed": []}, []),
    ],
)
def test_only_what_is_allowed_now_has_a_button(told: dict[str, Any], expected: list[str]) -> None:
    assert labels(read(status(short(**told)), full(**told))) == expected


def test_an_open_question_has_two_answers_with_its_step() -> None:
    asked = {"approval": {"step": 1, "given": False}, "allowed": ["approve", "deny"]}
    page = read(status(short()), full(**asked))
    assert labels(page) == ["Approve", "Deny"]
    assert {request["step"] for _, _, request in page.actions} == {1}
    given = {**asked, "approval": {"step": 1, "given": True}}
    assert labels(read(status(short()), full(**given))) == []


def test_a_promote_names_the_phase_and_a_next_the_step_so_that_neither_does_more_than_was_meant() -> None:
    sent = {request["request"]: request for _, _, request in read(status(short()), full()).actions}
    assert sent["promote"]["phase"] == "SHIFTING"
    assert sent["next"]["step"] == 1


# -- nobody's text is markup ------------------------------------------------------------------------------------------


def hostile(value: Any) -> Any:
    """Returns an answer with the hostile text in the place of each of its texts but those that decide."""
    kept = {"phase", "modes", "allowed", "at", "since", "until", "opened", "ended", "last_tick"}
    if isinstance(value, dict):
        return {name: each if name in kept else hostile(each) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) else value


def test_no_text_of_an_answer_becomes_an_element_or_an_attribute() -> None:
    ended = short("old:live#1", phase="FAILED", reason="x", ended=AT)
    told = status(short(firing=["x"], reason="x"), ended=[ended], freezes=[{"scope": "x", "who": "x", "why": "x"}])
    told |= {"refused_uploads": [{"artifact": "x", "reason": "x"}]}
    told["controller"] = {"version": "x", "warnings": ["x"]}
    shown = full(approval={"step": 1, "given": False}, allowed=["approve", "promote", "rollback"])
    bad = {**hostile(told), "open": [{**hostile(told["open"][0]), "deployment": f"{HOSTILE}:live#5"}]}
    name = bad["open"][0]["deployment"]
    refused = [{**hostile({"artifact": "x", "because": "x"}), "deployment": name}]
    page = read(bad, {**hostile(shown), "deployment": name}, quarantine=refused)
    assert page.text.count("<script>alert(1)</script>") > 8
    assert {each for each, _ in page.elements} <= {
        "div", "style", "h2", "h3", "p", "span", "a", "cwdb-action", "form", "input", "svg", "title", "line", "circle",
        "text", "rect", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
    }  # fmt: skip
    assert [each for _, attributes in page.elements for each in attributes if each.startswith("on")] == []
    assert "\u202e" not in page.text


def test_what_could_run_code_cannot_be_built() -> None:
    for name in ("script", "iframe", "use"):
        with pytest.raises(ValueError, match="could run code"):
            tag(name)
    with pytest.raises(ValueError, match="could run code"):
        tag("a", onclick="alert(1)")


def test_markup_is_escaped_and_a_requests_json_has_nothing_to_escape() -> None:
    made = html(tag("p", "a < b & ", tag("b", "c"), " > d", title='"<&'))
    assert made == '<p title="&quot;<&amp;">a &lt; b &amp; <b>c</b> &gt; d</p>'
    text = json_text({"why": "</cwdb-action>&"})
    assert not {*"<>&"} & {*text}
    assert json.loads(text) == {"why": "</cwdb-action>&"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (42, "42 s"),
        (61, "1 min 1 s"),
        (600, "10 min"),
        (7500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_span_is_said_in_its_largest_units(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words
