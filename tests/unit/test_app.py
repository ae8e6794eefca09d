"""The door: what an invocation answers, what it logs, and what importing it does not do."""

from __future__ import annotations

import gc
import importlib.util
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast

import pytest

from controller import app
from tests.loopback import content, serving

ROOT = Path(__file__).parents[2]
TICK = {"source": "aws.events", "detail-type": "Scheduled Event"}
REMOVED = {"eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete"}


class Context:
    """What Lambda gives beside the event; ``left`` is how much time there is."""

    function_name = "slipway-controller"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:slipway-controller:live"

    def __init__(self, request_id: str = "request-1", left: int = 300_000) -> None:
        self.aws_request_id = request_id
        self._left = left

    def get_remaining_time_in_millis(self) -> int:
        return self._left


class Log:
    """What was logged, a line of JSON each."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.getvalue().splitlines()]

    def of(self, message: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["message"] == message]


@pytest.fixture
def log() -> Iterator[Log]:
    found = Log()
    handler = cast("logging.StreamHandler[Any]", app._LOGGER.registered_handler)
    before = handler.setStream(found.text)
    yield found
    handler.setStream(before)


@pytest.fixture(autouse=True)
def environment() -> Iterator[dict[str, str]]:
    """Each test is a process that has not handled anything yet, with the template's least settings."""
    before = dict(os.environ)
    os.environ.update(SLIPWAY_TABLE="slipway", SLIPWAY_ALARM_PREFIX="slipway/")
    app._dispatcher.cache_clear()
    yield cast("dict[str, str]", os.environ)
    app._dispatcher.cache_clear()
    gc.enable()
    os.environ.clear()
    os.environ.update(before)


@contextmanager
def table(answer: dict[str, Any], status: int = 200) -> Iterator[None]:
    """DynamoDB answers every call with this."""

    def answered(request: BaseHTTPRequestHandler) -> None:
        content(json.dumps(answer).encode(), status)(request)

    with serving(answered) as address:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = address
        yield


def handle(event: object, context: Context | None = None) -> Any:
    return app.handler(event, cast("Any", context or Context()))


# -- answers ----------------------------------------------------------------------------------------------------------


def test_a_request_gets_its_answer() -> None:
    with table({"Items": []}):
        answer = handle({"request": "status"})
    assert (answer["ok"], answer["request"], answer["open"]) == (True, "status", [])


def test_a_request_that_is_refused_gets_its_refusal() -> None:
    answer = handle({"request": "reboot"})
    assert (answer["ok"], answer["request"]) == (False, "reboot")
    assert '"status"' in answer["error"]


@pytest.mark.parametrize("event", [{}, {"function": "checkout"}, "status"])
def test_a_request_without_its_name_is_told_how_to_ask(event: object) -> None:
    answer = handle(event)
    assert (answer["ok"], answer["request"]) == (False, None)
    assert 'as {"request": "status", "function": "checkout"}; allowed: status, show, history' in answer["error"]


@pytest.mark.parametrize(
    ("event", "count"),
    [({"source": "aws.ec2"}, 1), ({"Records": [REMOVED, REMOVED]}, 2), ({"Records": []}, 1)],
)
def test_every_other_event_gets_the_number_of_events_in_it(event: object, count: int) -> None:
    assert handle(event) == {"handled": count}


@pytest.mark.parametrize("event", [None, 7, [], {"Records": 7}, {"detail": None}, {"alarmData": []}])
def test_nonsense_is_ignored_with_a_reason(log: Log, event: object) -> None:
    assert handle(event) == {"handled": 1}
    (line,) = log.of("handled")
    assert line["event"] == "ignored"
    assert line["reason"]


def test_an_answer_is_json() -> None:
    with table({"Items": []}):
        for event in ({"request": "status"}, {"request": "reboot"}, TICK, {}):
            assert json.loads(json.dumps(handle(event))) is not None


# -- the log ----------------------------------------------------------------------------------------------------------

PLATFORM = {
    "level", "location", "message", "timestamp", "service", "cold_start", "function_name", "function_memory_size",
    "function_arn", "function_request_id",
}  # fmt: skip


def keys(line: dict[str, Any]) -> set[str]:
    return set(line) - PLATFORM - {"xray_trace_id"}


def test_each_event_is_one_line_with_the_keys_of_its_kind(log: Log) -> None:
    with table({"Items": []}):
        for event in (TICK, {"request": "status"}, {"Records": [REMOVED, REMOVED]}):
            handle(event)
    assert [(line["event"], keys(line)) for line in log.lines] == [
        (
            "tick",
            {
                "event",
                "open",
                "due",
                "quiet",
                "passed_over",
                "left",
                "throttled",
                "rolling_back",
                "deployments",
                "seconds",
            },
        ),
        ("request", {"event", "request", "ok", "seconds"}),
        ("ignored", {"event", "reason", "seconds"}),
        ("ignored", {"event", "reason", "seconds"}),
    ]


def test_an_upload_that_is_no_functions_is_one_line_that_cloudwatch_counts(log: Log) -> None:
    """Source: CloudWatch user guide, embedded metric format specification, 2026-11."""
    uploaded = {"bucket": {"name": "drop"}, "object": {"key": "check.out/x.zip", "version-id": "v1"}}
    with table({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}):
        os.environ["AWS_ENDPOINT_URL_EVENTBRIDGE"] = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
        handle({"source": "aws.s3", "detail-type": "Object Created", "detail": uploaded})
    (line,) = log.of("handled")
    assert keys(line) == {"event", "refused", "key", "Stack", "RefusedUploads", "_aws", "seconds"}
    assert line["key"] == "check.out/x.zip"
    (counted,) = line["_aws"]["CloudWatchMetrics"]
    assert counted["Namespace"] == "Slipway"
    assert [[line[name] for name in names] for names in counted["Dimensions"]] == [["slipway"]]
    assert [(each["Name"], each["Unit"], line[each["Name"]]) for each in counted["Metrics"]] == [
        ("RefusedUploads", "Count", 1)
    ]
    assert line["_aws"]["Timestamp"] > 1_700_000_000_000


def test_a_line_names_the_invocation(log: Log) -> None:
    handle({}, Context("request-7"))
    handle({}, Context("request-8"))
    assert [line["function_request_id"] for line in log.lines] == ["request-7", "request-8"]
    assert {line["service"] for line in log.lines} == {"slipway"}


def test_the_log_holds_nothing_of_a_payload(log: Log) -> None:
    handle({"source": "aws.ec2", "detail-type": "news", "detail": {"password": "hunter2"}})
    handle({"request": "status", "password": "hunter2"})
    assert "hunter2" not in log.text.getvalue()


def test_an_exception_is_logged_once_and_raised_again(environment: dict[str, str], log: Log) -> None:
    del environment["SLIPWAY_TABLE"]
    with pytest.raises(KeyError, match="SLIPWAY_TABLE"):
        handle(TICK)
    (line,) = log.lines
    assert (line["level"], line["message"]) == ("ERROR", "this invocation failed; it is tried again")
    assert line["exception_name"] == "KeyError"
    assert "SLIPWAY_TABLE" in line["exception"]


def test_what_aws_refuses_is_raised_so_that_the_platform_tries_again(log: Log) -> None:
    refusal = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no such table"}
    with table(refusal, 400), pytest.raises(Exception, match="no such table"):
        handle(TICK)
    assert [line["level"] for line in log.lines] == ["ERROR"]
    assert log.of("handled") == []


# -- settings and time ------------------------------------------------------------------------------------------------


def test_the_environment_is_read_once(environment: dict[str, str]) -> None:
    handle({})
    del environment["SLIPWAY_TABLE"]
    assert handle([]) == {"handled": 1}


def test_an_invocation_that_found_no_settings_is_not_remembered(environment: dict[str, str]) -> None:
    table_name = environment.pop("SLIPWAY_TABLE")
    with pytest.raises(KeyError):
        handle({})
    environment["SLIPWAY_TABLE"] = table_name
    assert handle([]) == {"handled": 1}


def test_a_tick_knows_how_much_time_lambda_gives_it(log: Log) -> None:
    """With Lambda out of reach, a look would raise: none is begun in the last seconds."""
    row = {
        "pk": {"S": "checkout:live"},
        "sk": {"S": "deployment#000042"},
        "open": {"S": "open"},
        "due_at": {"S": "2026-11-24T10:00:00.000000+00:00"},
    }
    with table({"Items": [row]}):
        handle(TICK, Context(left=5_000))
    (line,) = log.of("handled")
    assert (line["due"], line["deployments"]) == (1, [])


# -- what importing does ----------------------------------------------------------------------------------------------

IMPORTED = """
import os, sys

class Watched(dict):
    asked = set()
    def __getitem__(self, key):
        self.asked.add(key)
        return super().__getitem__(key)
    def get(self, key, default=None):
        self.asked.add(key)
        return super().get(key, default)
    def __contains__(self, key):
        self.asked.add(key)
        return super().__contains__(key)

os.environ = Watched(os.environ)
import botocore.session
made = []
botocore.session.get_session = lambda: made.append("session")
import controller.app
import gc, json, logging
print(json.dumps({
    "asked": sorted(key for key in Watched.asked if key.startswith(("SLIPWAY", "AWS"))),
    "clients": made != [],
    "collects": gc.isenabled(),
    "modules": sorted(sys.modules),
    "settings": controller.app._dispatcher.cache_info().currsize,
}))
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, Any]:
    """What a process with no environment at all says after it has imported the door."""
    run = [sys.executable, "-c", IMPORTED]
    ran = subprocess.run(run, cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


def test_importing_makes_no_client(imported: dict[str, Any]) -> None:
    assert imported["clients"] is False


def test_importing_reads_no_setting(imported: dict[str, Any]) -> None:
    assert [name for name in imported["asked"] if name.startswith("SLIPWAY")] == []
    assert imported["settings"] == 0


def test_the_watch_over_the_environment_sees_what_is_read() -> None:
    """Else the test above could not fail."""
    script = IMPORTED.replace("import gc, json", "os.environ.get('SLIPWAY_X')\nimport gc, json")
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["asked"].count("SLIPWAY_X") == 1


def test_importing_loads_nothing_that_an_alarm_does_without(imported: dict[str, Any]) -> None:
    late = {
        "inbound.uploads",
        "requests.answers",
        "requests.looking.dry_run",
        "requests.rolling_back.to_previous",
        "aws.s3.artifacts",
        "aws.lambda_.publishing",
        "aws.notices",
        "core.lifecycle.preflight",
    }
    modules = {f"controller.{name}" for name in late}
    assert all(importlib.util.find_spec(name) for name in modules)
    assert {"boto3", "jsonschema", *modules} & set(imported["modules"]) == set()
    assert {"controller.reconcile.emergency_rollback", "controller.aws.lambda_.aliases"} <= set(imported["modules"])


def test_garbage_is_collected_again_from_the_first_answer_on(imported: dict[str, Any]) -> None:
    assert imported["collects"] is False
    gc.disable()
    handle({})
    assert gc.isenabled()


def test_garbage_is_collected_again_also_after_a_failure(environment: dict[str, str]) -> None:
    del environment["SLIPWAY_TABLE"]
    gc.disable()
    with pytest.raises(KeyError):
        handle({})
    assert gc.isenabled()
