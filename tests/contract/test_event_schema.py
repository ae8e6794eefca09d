"""The schema of events is true: all that a story has put on the bus is in it, and it names what the code names."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from controller.aws.notices import DETAIL_TYPE, DRIFT_TYPE, REFUSED_TYPE
from controller.core.model import Phase
from tests.contract.recorded import calls
from tests.pages import ROOT

SCHEMA = json.loads((ROOT / "controller" / "slipway.event.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def sent() -> list[dict[str, Any]]:
    """Every event of every story, as a rule of EventBridge gets it."""
    entries = [entry for call in calls() if call.operation == "PutEvents" for entry in call.parameters["Entries"]]
    return [
        {"source": each["Source"], "detail-type": each["DetailType"], "detail": json.loads(each["Detail"])}
        for each in entries
    ]


def test_every_event_of_every_story_is_one_of_the_schema() -> None:
    events = sent()
    assert {event["detail-type"] for event in events} >= {DETAIL_TYPE}
    assert [error.message for event in events for error in VALIDATOR.iter_errors(event)] == []


def test_no_member_is_sent_that_the_schema_does_not_name() -> None:
    named = {
        name
        for part in ("phase_change", "alias_drift", "upload_refused")
        for name in SCHEMA["$defs"][part]["properties"]
    }
    assert {name for event in sent() for name in event["detail"]} <= named


def test_the_schema_names_the_types_and_the_phases_of_the_code() -> None:
    assert SCHEMA["properties"]["detail-type"]["enum"] == [DETAIL_TYPE, DRIFT_TYPE, REFUSED_TYPE]
    assert {*SCHEMA["$defs"]["phase_change"]["properties"]["phase"]["enum"]} == {phase.value for phase in Phase}


def test_an_event_without_its_text_is_none() -> None:
    event = sent()[0]
    del event["detail"]["text"]
    assert not VALIDATOR.is_valid(event)
