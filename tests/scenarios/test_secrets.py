"""Environment variables, test payloads and answers of functions are nobody's log line, notice or record."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.session import Session

from controller.aws.errors import translating
from controller.core.lifecycle.test_results import UNNAMED, Answer, outcome_of
from controller.core.manifest.building import ManifestProblem
from controller.core.manifest.parsing import parse
from controller.core.manifest.settings import TestCase
from controller.core.model import Phase, SlipwayError
from controller.core.records.codec import to_record
from tests.adapters.fake_lambda import FakeLambda
from tests.cloud.scene import MANIFEST, Scene

SECRET = "hunter2"
LAMBDA = Session().get_service_model("lambda")


def raised(error: Exception) -> SlipwayError:
    with pytest.raises(SlipwayError) as caught, translating("UpdateFunctionConfiguration of checkout (Environment)"):
        raise error
    return caught.value


def client_error(code: str, message: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(answer, "UpdateFunctionConfiguration")


def invalid(**parameters: object) -> ParamValidationError:
    """What botocore itself says of parameters, before it sends anything."""
    from botocore.validate import ParamValidator

    shape = LAMBDA.operation_model("UpdateFunctionConfiguration").input_shape
    return ParamValidationError(report=ParamValidator().validate(parameters, shape).generate_report())


QUOTING = {
    "botocore, of a type": lambda: invalid(FunctionName="f", Environment={"Variables": {"PASSWORD": {SECRET: 1}}}),
    "botocore, of two lines": lambda: invalid(FunctionName="f", Environment={"Variables": {"A": [f"x\n{SECRET}, y"]}}),
    "a name with a dash": lambda: client_error(
        "ValidationException",
        f"1 validation error detected: Value '{{MY-VAR={SECRET}}}' at 'environment.variables' failed to satisfy"
        " constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]]",
    ),
    "more than 4 KB": lambda: client_error(
        "InvalidParameterValueException",
        "Lambda was unable to configure your environment variables because the environment variables you have provided"
        f' exceeded the 4KB limit. String measured: {{"PASSWORD":"{SECRET}"}}',
    ),
    "an error that nobody knows": lambda: client_error(
        "SomethingNew", f"Value '{{PASSWORD={SECRET}}}' at 'environment.variables' failed to satisfy constraint: no"
    ),
}


@pytest.mark.parametrize("quotes", QUOTING.values(), ids=QUOTING)
def test_what_aws_says_of_an_environment_variable_is_told_without_it(quotes: Callable[[], Exception]) -> None:
    assert SECRET in str(quotes())
    found = raised(quotes())
    assert SECRET not in str(found)
    assert "UpdateFunctionConfiguration of checkout (Environment) failed: " in str(found)
    assert SECRET not in "".join(traceback.format_exception(found)), "the log shows the causes too"


def test_what_is_wrong_is_still_said() -> None:
    text = str(raised(QUOTING["botocore, of a type"]()))
    assert "Environment.Variables.PASSWORD, value: ..., type: <class 'dict'>" in text
    assert "at 'environment.variables' failed to satisfy" in str(raised(QUOTING["a name with a dash"]()))


@pytest.mark.parametrize(
    "test",
    [
        {"nmae": "ping", "payload": {"token": SECRET}},
        {"name": "ping", "payload": {"token": SECRET}, "colour": 1},
        {"name": "ping", "paylaod": {"token": SECRET}},
        {"payload": SECRET},
        [{"payload": SECRET}],
        SECRET,
    ],
)
def test_a_manifests_payload_is_not_quoted(test: object) -> None:
    with pytest.raises(ManifestProblem) as caught:
        parse(("the zip", json.dumps({"tests": [test]})))
    assert SECRET not in str(caught.value)
    assert "tests[0]" in str(caught.value)


def test_what_stands_beside_a_payload_is_quoted() -> None:
    with pytest.raises(ManifestProblem, match=r'tests\[0\]\.within: found "soon"'):
        parse(("the zip", json.dumps({"tests": [{"name": "ping", "within": "soon", "payload": SECRET}]})))


@pytest.mark.parametrize(
    ("response", "schema"),
    [
        ({SECRET: 1}, {"additionalProperties": False}),
        ({SECRET: 1}, {"additionalProperties": {"type": "string"}}),
        ({"users": {SECRET: 1}}, {"properties": {"users": {"patternProperties": {"^h": {"type": "string"}}}}}),
        ({SECRET: 1}, {"propertyNames": {"maxLength": 3}}),
        ({"token": SECRET}, {"properties": {"token": {"const": "x"}}}),
        ([SECRET], {"items": {"type": "integer"}}),
    ],
)
def test_neither_a_value_nor_a_key_of_an_answer_is_told(response: object, schema: object) -> None:
    test = TestCase("ping", {}, schema, timedelta(seconds=2))
    outcome = outcome_of(test, Answer(response, "", 0.1))
    assert not outcome.passed
    assert SECRET not in outcome.why


def test_a_key_that_the_schema_names_is_told() -> None:
    schema = {"properties": {"total": {"type": "integer"}}}
    outcome = outcome_of(TestCase("ping", {}, schema, timedelta(seconds=2)), Answer({"total": "x"}, "", 0.1))
    assert outcome.why == "the response does not match: total: allowed: integer"


def test_what_a_schema_allows_is_told_at_a_length_that_fits_a_record() -> None:
    outcome = outcome_of(TestCase("ping", {}, {"const": "x" * 200_000}, timedelta(seconds=2)), Answer("y", "", 0.1))
    assert len(outcome.why) < 2_000


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("ValueError", "ValueError"),
        (f"password {SECRET}", UNNAMED),
        (f"{SECRET}!", UNNAMED),
        ("E" * 300, UNNAMED),
    ],
)
def test_an_error_is_told_by_the_name_of_its_class_only(named: str, told: str) -> None:
    from controller.aws.lambda_.versions import Versions

    fake = FakeLambda()
    fake.function()
    fake.publish()
    body = json.dumps({"errorType": named, "errorMessage": SECRET}).encode()
    fake.invoked = lambda _: {"Payload": body, "FunctionError": "Unhandled"}
    answer = Versions(fake.client(), fake.client(), lambda: 0.0).invoke("checkout", "1", {}, timedelta(seconds=1))
    assert answer.error == told


def test_a_record_keeps_no_secret_once_the_deployment_has_ended() -> None:
    """It is kept for more than a year; only a deployment that is open has to know them."""
    sections: dict[str, Any] = {
        "function": {**MANIFEST["function"], "MemorySize": 512, "Environment": {"Variables": {"PASSWORD": SECRET}}},
        "tests": [{"name": "ping", "payload": {"token": SECRET}, "within": "7s"}],
    }
    story = Scene().given_shifting(**sections)
    assert SECRET in stored(story)
    story.requests("rollback")
    story.passes(timedelta(minutes=1)).drops("v3", bad=b"not a zip", **sections)
    story.passes(timedelta(minutes=1)).drops("v4", on_newer="reject", **sections)
    story.passes(timedelta(minutes=1)).drops("v5", **sections)
    assert [story.phase(number) for number in (1, 2, 4)] == [Phase.ROLLED_BACK, Phase.FAILED, Phase.FAILED]
    for number in (1, 2, 4):
        assert SECRET not in stored(story, number)
    assert "512" in stored(story) and "7s" in stored(story)
    assert story.deployment(1).manifest.tests[0].within == timedelta(seconds=7)


def stored(story: Scene, number: int = 1) -> str:
    return json.dumps(to_record(story.deployment(number)))


@pytest.mark.parametrize("fails", [True, False], ids=["that fails its test", "that succeeds"])
def test_nothing_of_a_whole_deployment_is_told(fails: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Its payload, its variables and its answers are full of secrets; log line, notices and status are not."""
    story = Scene().given_live().behaves("v2", response={"token": SECRET} if fails else {"ok": True})
    environment = {**MANIFEST["function"], "Environment": {"Variables": {"PASSWORD": SECRET}}}
    test = {
        "name": "ping",
        "payload": {"token": SECRET},
        "response": {"properties": {"ok": True}, "required": ["ok"], "additionalProperties": False},
    }
    with caplog.at_level(logging.INFO):
        story.drops("v2", tests=[test], function=environment, strategy={"steps": [], "bake": "0s"})
        status, history = story.answer("status"), story.answer("history")
    assert story.phase() is (Phase.FAILED if fails else Phase.SUCCEEDED)
    told = [
        story.answers,
        story.failures,
        story.cloud.bus.entries,
        story.cloud.sns.messages,
        status,
        history,
        caplog.text,
        story.timeline(),
    ]
    assert SECRET not in repr(told)
