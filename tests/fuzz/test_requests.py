"""Whatever is asked for is answered: with a yes, or with a refusal that says why. Who only asks changes nothing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from controller.core.model import Routing
from tests.cloud.faults import Json
from tests.fuzz.fuzz_settings import fuzzed
from tests.fuzz.handler import AtTheDoor, kept
from tests.fuzz.nonsense import damaged, odd, values
from tests.fuzz.samples import samples, shifting

READING = ("status", "show", "history", "plan", "backtest")
LONGEST_ANSWER = 100_000


def requests() -> list[Json]:
    return [each for each in samples().values() if "request" in each]


def state(story: AtTheDoor) -> tuple[object, ...]:
    """Returns all that a request could change."""
    cloud = story.cloud
    aliases = {name: each.aliases for name, each in cloud.lambda_.functions.items()}
    versions = {name: sorted(each.versions) for name, each in cloud.lambda_.functions.items()}
    return cloud.table.rows, aliases, versions, sorted(cloud.cloudwatch.alarms), cloud.bus.entries, cloud.sns.messages


def check(payload: Json) -> None:
    """It is answered, the answer is JSON of a length that Lambda sends, and only what was agreed to has changed."""
    story = shifting().copy()
    with kept() as log:
        story.hears(payload)
    assert (story.violations, story.failures) == ([], [])
    (answer,) = story.answers[len(shifting().answers) :]
    # Lambda's runtime writes an answer so. Source: awslambdaric, lambda_runtime_marshaller.py, 2026-11.
    assert len(json.dumps(answer, allow_nan=False, ensure_ascii=False).encode()) < LONGEST_ANSWER
    assert isinstance(answer["ok"], bool) and (answer["ok"] or (isinstance(answer["error"], str) and answer["error"]))
    # A deployment that failed at once is refused with its record.
    if (not answer["ok"] and "deployment" not in answer) or payload["request"] in READING:
        assert state(story) == state(shifting())
    assert story.routing in (Routing("1", "2", 2000), Routing("1", "2", 6000), Routing("1"), Routing("2"))
    (line,) = log.lines
    assert (line["event"], line["ok"]) == ("request", answer["ok"])


@fuzzed(150)
@given(st.deferred(lambda: st.sampled_from(requests())).flatmap(lambda request: damaged(request, 2)))
def test_a_damaged_request_is_answered(payload: Any) -> None:
    if isinstance(payload, dict) and "request" in payload:
        check(payload)


@fuzzed(100)
@given(st.data())
def test_a_request_with_members_of_other_requests_or_odd_ones_is_answered(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from([each["request"] for each in requests()]))
    members = {name: value for each in requests() for name, value in each.items()}
    more = data.draw(st.dictionaries(st.sampled_from([*members, "version", "deployment", "step"]), odd, max_size=3))
    wanted = data.draw(st.lists(st.sampled_from(sorted(members)), unique=True))
    check({**{name: members[name] for name in wanted}, **more, "request": word})


@fuzzed(50)
@given(values, st.dictionaries(st.text(max_size=10), values, max_size=3))
def test_what_is_no_request_is_refused(word: Any, more: dict[str, Any]) -> None:
    check({**more, "request": word})
