"""What is secret is told nowhere: not in a log line, a notice, an answer, a timeline, an error or a description in AWS.

Every place that may hold a secret gets a word of its own; then stories are told, good ones and bad ones, with a call
that goes wrong anywhere in them, and all that was told is searched. What is documented to be told has no such word in
it: who asks and why, the reason of a hook, the class of an error, the names of files and settings.

Note: a record that is open holds its manifest, secrets included; the controller needs them. The record of a deployment
that has ended holds none.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.aws.clients import Adapters, Platform
from controller.context import Context
from controller.core.model import Phase
from controller.core.records.codec import to_record
from controller.dispatch import Dispatcher
from tests.cloud.clock import half
from tests.cloud.fault_steps import Fails
from tests.cloud.faults import Fault, Json, Refusal
from tests.cloud.steps import BUCKET, QUICK, ROLE, Ask, Behave, Fire, HasAlarm, Live, Minutes, Step, Until
from tests.cloud.story import SETTINGS, Story
from tests.fuzz.fuzz_settings import fuzzed
from tests.fuzz.handler import AtTheDoor, Log, kept, through

PLACES = (
    "code", "file", "variable", "payload", "payload_file", "response", "error", "state", "answer", "broken", "asked",
)  # fmt: skip
SECRET: Mapping[str, str] = {place: f"zq{place}qz" for place in PLACES}
HOOK = "slipway-hook-ask"
FAULTS = (Fault.SERVICE_ERROR, Fault.THROTTLED, Fault.DENIED, Fault.READ_TIMEOUT, Fault.LOST, Fault.CRASH_AFTER)


class WithHooks(AtTheDoor):
    """A story whose controller may call hooks."""

    def _dispatcher(self) -> Dispatcher:
        cloud, settings = self.cloud, replace(SETTINGS, hook_prefix="slipway-hook-")
        platform = Platform(cloud.client, cloud.clock.sleep, cloud.clock.monotonic, cloud.fetch, half)
        return through(Dispatcher(Context(Adapters(settings, platform), settings, cloud.clock)))


@dataclass(frozen=True)
class Ship:
    """A zip full of secrets is dropped. ``changes`` are sections of its manifest, ``files`` files of its own."""

    code: str = "v2"
    changes: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)

    def play(self, story: Story) -> bool:
        manifest = {**QUICK, "tests": TESTS, "function": FUNCTION, **self.changes}
        files: dict[str, str | bytes] = {
            "app.py": f"CODE = '{self.code}'\n# {SECRET['code']}\n",
            "secret.txt": SECRET["file"],
            "p.json": json.dumps({"token": SECRET["payload_file"]}),
            "slipway.json": json.dumps(manifest),
        }
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, text in {**files, **self.files}.items():
                entry = zipfile.ZipInfo(name)
                entry.external_attr = 0o100644 << 16  # Lambda reads as another user, and zipfile's own is 0600
                archive.writestr(entry, text)
        story.cloud.storage.put(BUCKET, f"checkout/{self.code}.zip", content.getvalue())
        story.deliver()
        return True


@dataclass(frozen=True)
class Answers:
    """From now on that code answers like this."""

    code: str
    response: Any = None
    error: str = ""

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.behave(self.code, error=self.error, response=self.response)
        return True


@dataclass(frozen=True)
class HasHook:
    """There is a function that is called as a hook, and it answers so."""

    response: Any

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.make(HOOK, b"hook")
        story.cloud.lambda_.behave("hook", response=self.response)
        return True


@dataclass(frozen=True)
class AwsQuotes:
    """From now on Lambda quotes what it was sent where it refuses the settings of a function."""

    def play(self, story: Story) -> bool:
        services = cast("dict[str, Any]", story.cloud.wire._services)
        services["lambda"] = Quoting(services["lambda"])
        return True


@dataclass
class Quoting:
    lambda_: Any

    def answer(self, operation: str, parameters: Json, body: bytes) -> Json:
        if "Environment" in parameters:
            said = json.dumps(parameters["Environment"]["Variables"])
            text = f"Lambda was unable to configure your environment variables. String measured: {said}"
            raise Refusal(400, "InvalidParameterValueException", text)
        return self.lambda_.answer(operation, parameters, body)  # type: ignore[no-any-return]


FUNCTION: Json = {
    "Runtime": "python3.13",
    "Handler": "app.handler",
    "Role": ROLE,
    "Environment": {"Variables": {"PASSWORD": SECRET["variable"]}},
}
TESTS: list[Json] = [
    {"name": "inline", "payload": {"token": SECRET["payload"]}, "response": {"type": "object", "required": ["ok"]}},
    {"name": "from a file", "payload_file": "p.json"},
]
GOOD = {"ok": True, "token": SECRET["response"]}
BAD = {"token": SECRET["response"], SECRET["response"]: [SECRET["response"]]}
HOOKS = {
    "hooks": {"before_traffic": {"function": HOOK, "wait": "2m"}, "before_promotion": {"function": HOOK, "wait": "2m"}}
}
ALARM = {"gates": {"alarms": ["p99"]}}
IN_STATE = {"status": "IN_PROGRESS", "call_again_after": 60, "state": {"token": SECRET["state"]}}
NO_ANSWER = {"status": SECRET["answer"], SECRET["answer"]: SECRET["answer"], "state": SECRET["answer"]}


def broken(text: str) -> Ship:
    return Ship(files={"slipway.json": text})


STORIES: Mapping[str, tuple[Step, ...]] = {
    "that succeeds": (Answers("v2", GOOD), Ship()),
    "that fails its test": (Answers("v2", BAD), Ship()),
    "that answers no JSON": (Answers("v2", SECRET["response"].encode()), Ship()),
    "that raises in its test": (Answers("v2", GOOD, f"{SECRET['error']}: wrong"), Ship()),
    "that an alarm rolls back": (
        HasAlarm("p99"),
        Answers("v2", GOOD),
        Ship(changes={"gates": {"alarms": ["p99"]}}),
        Fire("p99"),
    ),
    "that its own alarm rolls back": (
        Answers("v2", GOOD),
        Ship(),
        Until(Phase.SHIFTING),
        Behave("v2", "ValueError"),
        Minutes(2),
    ),
    "that a person rolls back": (Answers("v2", GOOD), Ship(), Minutes(1), Ask("rollback", {"why": "because"})),
    "that a newer one takes the place of": (Answers("v2", GOOD), Ship(), Answers("v3", GOOD), Ship("v3"), Minutes(2)),
    "that rejects a newer one": (Answers("v2", GOOD), Ship(changes={"on_newer": "reject"}), Ship("v3")),
    "with a hook that says yes": (Answers("v2", GOOD), HasHook({"status": "SUCCEEDED"}), Ship(changes=HOOKS)),
    "with a hook that goes on for ever": (Answers("v2", GOOD), HasHook(IN_STATE), Ship(changes=HOOKS)),
    "with a hook that answers nonsense": (Answers("v2", GOOD), HasHook(NO_ANSWER), Ship(changes=HOOKS)),
    "with a hook that answers no JSON": (Answers("v2", GOOD), HasHook(SECRET["answer"].encode()), Ship(changes=HOOKS)),
    "whose settings AWS quotes": (AwsQuotes(), Answers("v2", GOOD), Ship()),
    "with a variable that is no text": (
        Ship(changes={"function": {**FUNCTION, "Environment": {"Variables": {"PASSWORD": [SECRET["variable"]]}}}}),
    ),
    "with variables in the wrong place": (
        Ship(changes={"function": {**FUNCTION, "Environment": {"P": SECRET["variable"]}}}),
    ),
    "with a misspelled section": (
        Ship(changes={"functions": FUNCTION, "function": {"Enviroment": FUNCTION["Environment"]}}),
    ),
    "with a test that is a text": (Ship(changes={"tests": [SECRET["payload"]]}),),
    "with a misspelled payload": (Ship(changes={"tests": [{"name": "a", "paylaod": SECRET["payload"]}]}),),
    "with payloads that are too long": (
        Ship(changes={"tests": [{"name": "a", "payload": SECRET["payload"] * 30_000}]}),
    ),
    "with a key twice in a payload": (
        broken(f'{{"tests": [{{"payload": {{"{SECRET["broken"]}": 1, "{SECRET["broken"]}": 2}}}}]}}'),
    ),
    "with a manifest that ends in a secret": (broken(f'{{"function": {{"Environment": "{SECRET["broken"]}'),),
    "with a manifest that is a secret": (broken(SECRET["broken"]),),
    "with a manifest of half characters": (broken(f'{{"alias": "{SECRET["broken"]}\\ud800"}}'),),
    "with a number too long": (
        broken(f'{{"tests": [{{"name": "a", "payload": {"7" * 5000}}}], "x": "{SECRET["broken"]}"}}'),
    ),
    "with a manifest that is no text": (Ship(files={"slipway.json": b"\xff" + SECRET["broken"].encode()}),),
    "with a payload file that is no JSON": (Ship(files={"p.json": f"{{{SECRET['payload_file']}"}),),
    "with a payload file that is no text": (Ship(files={"p.json": b"\xff" + SECRET["payload_file"].encode()}),),
    "with a payload file twice too long": (Ship(files={"p.json": SECRET["payload_file"] * 30_000}),),
    "that nobody can ask for": (
        Ask(SECRET["asked"]),
        Ask("status", {SECRET["asked"]: SECRET["asked"]}),
        Ask("override"),
    ),
}


def told(story: Story, log: Log) -> Iterator[tuple[str, str]]:
    """Yields everything that was told to anybody, by what it is."""
    cloud = story.cloud
    yield "log", log.text.getvalue()
    yield "errors", repr(story.failures)
    yield "events", repr(cloud.bus.entries)
    yield "e-mails", repr(cloud.sns.messages)
    for target, deployments in story.seen().deployments.items():
        for each in deployments:
            yield "timeline", repr((each.timeline, each.bookkeeping.outbox, each.reason, each.evidence.tests))
            yield "hooks", repr([replace(run, state=None) for run in each.evidence.hooks])
            if each.phase.is_terminal:
                yield "record", json.dumps(to_record(each))
        yield "alias", repr(story.seen().alias(target))
    yield "alarms", repr(cloud.cloudwatch.alarms)
    yield "rows", repr([row for (_, sk), row in cloud.table.rows.items() if not sk.startswith("deployment#")])


def check(name: str, *trouble: Step) -> None:
    story = WithHooks()
    with kept(logging.DEBUG) as log:
        story.play([Live("v1"), *trouble])
        story.play(STORIES[name])
        for request in ("status", "history"):
            story.hears({"request": request, "function": "checkout"})
        story.hears({"request": "plan", "bucket": BUCKET, "key": "checkout/v2.zip"})
        story.to_the_end()
        story.hears({"request": "status", "function": "checkout"})
        story.hears({"request": "history", "function": "checkout"})
    assert trouble or (story.violations, story.failures) == ([], [])
    asked = [answer for answer in story.answers if answer.get("request") in ("status", "history", "plan", "deploy")]
    for what, text in [*told(story, log), ("answers", json.dumps([each for each in asked if each["ok"]]))]:
        found = [place for place in PLACES if SECRET[place] in text]
        assert not found, f"{found} in {what}: {text[max(text.index(SECRET[found[0]]) - 300, 0) :][:600]}"


@pytest.mark.parametrize("name", STORIES)
def test_nothing_secret_is_told_of_a_deployment(name: str) -> None:
    check(name)


@fuzzed(8)
@given(st.sampled_from(list(STORIES)), st.integers(0, 90), st.sampled_from(FAULTS))
def test_nothing_secret_is_told_where_a_call_goes_wrong(name: str, call: int, how: Fault) -> None:
    check(name, Fails(call, how))


def test_the_words_are_found_where_they_may_be() -> None:
    """None of the tests above can pass because nothing secret was ever there."""
    story = WithHooks()
    story.play([Live("v1"), Answers("v2", GOOD), HasHook(IN_STATE), Ship(changes=HOOKS), Minutes(2)])
    rows, calls = repr(story.cloud.table.rows), repr([call.parameters for call in story.cloud.calls])
    assert all(SECRET[place] in rows for place in ("variable", "payload", "payload_file", "state"))
    assert all(SECRET[place] in calls for place in ("variable", "payload", "payload_file", "state"))
