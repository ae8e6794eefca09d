"""Every file of ``events/`` is what its name says: a row for each file, so a file without a row fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.core.manifest.schema_errors import first_problem
from controller.core.model import Cause, Person, Reason, Target
from controller.core.model.events import AlarmFired, AliasChanged, ArtifactUploaded, Tick
from controller.inbound.parse import Event, RequestReceived, UploadRefused, parse

EVENTS = Path(__file__).parents[2] / "events"
REQUEST_SCHEMA = EVENTS.parent / "controller" / "slipway.request.schema.json"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UPLOADED_AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FIRED_AT = datetime(2026, 11, 23, 10, 20, 48, 554_000, tzinfo=UTC)
MOVED_AT = datetime(2026, 11, 23, 10, 20, 48, tzinfo=UTC)
LIVE = Target("checkout", "live")
BUCKET = "slipway-artifacts"
BUILD = "checkout/build-1.4.2.zip"
VERSION = "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
SEQUENCER = "00617F08299329D189"
FIRED = AlarmFired("slipway/checkout/live/42", FIRED_AT, LIVE, "7", was_calm=True)
ACCOUNT = Person("123456789012 at 203.0.113.7")
USER = Person("AWS:AIDAEXAMPLE at 203.0.113.7")
REFUSED = UploadRefused(
    ArtifactUploaded(
        BUCKET,
        "billing/build #1.zip",
        "p321d3HMMIyTP.wPmZnE7oWZF8k5qRkU",
        "00617F08299329D1F3",
        UPLOADED_AT + timedelta(seconds=1),
        person=USER,
    ),
    "billing",
    Reason(
        Cause.BAD_ARTIFACT,
        "the key 'billing/build #1.zip' cannot be deployed: it has the character ' '; upload it"
        " as FUNCTION/anything.zip, of A-Z a-z 0-9 . _ - / only, with no empty, . or .. part",
    ),
)


def request(name: str, **asked: object) -> tuple[Event, ...]:
    return (RequestReceived({"request": name, **asked}),)


def of_target(name: str, **asked: object) -> tuple[Event, ...]:
    return request(name, function="checkout", alias="live", **asked)


BECOMES: dict[str, tuple[Event, ...]] = {
    "s3-eventbridge.json": (ArtifactUploaded(BUCKET, BUILD, VERSION, SEQUENCER, UPLOADED_AT, person=ACCOUNT),),
    "s3-notification.json": (
        ArtifactUploaded(BUCKET, BUILD, VERSION, SEQUENCER, UPLOADED_AT + timedelta(milliseconds=123), person=USER),
        REFUSED,
    ),
    "alarm-eventbridge.json": (FIRED,),
    "alarm-eventbridge-single.json": (AlarmFired("checkout-errors", FIRED_AT, LIVE, "7", was_calm=True),),
    "alarm-eventbridge-composite.json": (AlarmFired("checkout-unhealthy", FIRED_AT, was_calm=True),),
    "alarm-action.json": (FIRED,),
    "alias-cloudtrail.json": (
        AliasChanged(LIVE, "UpdateAlias", MOVED_AT, "arn:aws:sts::123456789012:assumed-role/Admin/alice", "6"),
    ),
    "tick.json": (Tick(),),
    "status.json": of_target("status"),
    "show.json": request("show", function="checkout:live#42"),
    "history.json": of_target("history", limit=10),
    "deploy.json": request(
        "deploy", bucket=BUCKET, key=BUILD, lift_quarantine=False, who="alice", why="release 1.4.2", id="deploy 1.4.2"
    ),
    "plan.json": request("plan", bucket=BUCKET, key=f".plan/{BUILD}", version=VERSION),
    "backtest.json": of_target(
        "backtest",
        stable="3",
        canary="4",
        to="2026-11-24T12:00:00Z",
        significance=0.01,
        **{"from": "2026-11-24T10:00:00Z"},
    ),
    "explain.json": request("explain", event=json.loads((EVENTS / "alarm-eventbridge-single.json").read_text("utf-8"))),
    "promote.json": of_target(
        "promote", phase="SHIFTING", who="alice", why="1.4.2 is urgent", id="all traffic to 1.4.2"
    ),
    "next.json": of_target("next", step=1, who="alice", why="10% has been enough"),
    "promote-end-bake.json": of_target(
        "promote", phase="BAKING", who="alice", why="1.4.2 has baked enough", id="end the bake of 1.4.2"
    ),
    "rollback.json": of_target("rollback", who="alice", why="customers see wrong totals"),
    "rollback-to.json": of_target("rollback", to="checkout:live#4", who="alice", why="totals are wrong since Monday"),
    "pause.json": of_target("pause", who="alice", why="load test"),
    "resume.json": of_target("resume", who="alice", why="the load test is over"),
    "accept_drift.json": of_target("accept_drift", who="alice", why="bob moved the alias on purpose"),
    "drill.json": of_target("drill", weight=10, who="alice", why="the drill of December"),
    "approve.json": of_target("approve", who="alice", why="orders look right"),
    "deny.json": of_target("deny", who="alice", why="totals are wrong"),
    "quarantine.json": of_target("quarantine"),
    "quarantine-lift.json": of_target(
        "quarantine", lift="checkout:live#5", who="alice", why="the database was at fault"
    ),
    "redrive.json": request("redrive", limit=10, who="alice", why="the table answers again"),
    "freeze.json": request("freeze", scope="all", until="2026-12-28T08:00:00Z", who="alice", why="holidays"),
    "unfreeze.json": request("unfreeze", scope="all", who="alice", why="back at work"),
    "override-freeze.json": of_target("override", freeze=True, who="alice", why="this release mends the outage"),
    "override.json": of_target("override", alarm="checkout-p99", who="alice", why="this release is the fix"),
}


@pytest.mark.parametrize("name", sorted({path.name for path in EVENTS.iterdir()} | BECOMES.keys()))
def test_the_file_becomes_what_its_row_says(name: str) -> None:
    assert parse(json.loads((EVENTS / name).read_text("utf-8")), NOW) == BECOMES[name]


REQUESTS = sorted(name for name, (first, *_) in BECOMES.items() if isinstance(first, RequestReceived))


def test_the_example_of_a_request_that_acts_says_who_asks_and_why() -> None:
    schema = json.loads(REQUEST_SCHEMA.read_text("utf-8"))
    looking = {"status", "show", "history", "plan", "backtest", "explain"}
    acting = set(schema["properties"]["request"]["enum"]) - looking
    examples = [json.loads((EVENTS / name).read_text("utf-8")) for name in REQUESTS]
    assert {each["request"] for each in examples if each.get("who") and each.get("why")} == acting


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_one_that_the_controller_takes(name: str) -> None:
    schema = json.loads(REQUEST_SCHEMA.read_text("utf-8"))
    assert first_problem(json.loads((EVENTS / name).read_text("utf-8")), schema) is None
