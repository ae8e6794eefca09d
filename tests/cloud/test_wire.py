"""The wire: clients are botocore's own, a fault hits where it is planned, and an answer cannot be invented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, ParamValidationError, ReadTimeoutError

from controller.aws import errors
from controller.aws.clients import Adapters, Platform
from controller.core.model import Refused, Target, Throttled, Transient
from tests.cloud.clock import half
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Call, Crash, Fault, Json, NotModelled
from tests.cloud.story import SETTINGS

ASKED = {"FunctionName": "checkout", "Name": "live"}
SERVICES = ["lambda", "s3", "dynamodb", "cloudwatch", "events", "sns"]
CALLS: dict[str, tuple[str, Json]] = {
    "lambda": ("get_account_settings", {}),
    "s3": ("head_object", {"Bucket": "drop", "Key": "k"}),
    "dynamodb": ("get_item", {"TableName": "slipway", "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}),
    "cloudwatch": ("describe_alarms", {}),
    "events": ("put_events", {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]}),
    "sns": ("publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:slipway", "Message": "m"}),
}


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    cloud.lambda_.point("checkout", "live", "1")
    cloud.storage.put("drop", "k", b"content")
    return cloud


def ask(client: Any) -> Any:
    return client.get_alias(**ASKED)


# -- clients ----------------------------------------------------------------------------------------------------------


def test_a_call_is_written_down_with_its_parameters_and_its_number(live: Cloud, client: Any) -> None:
    ask(client)
    live.client("s3").head_object(Bucket="drop", Key="k")
    assert [str(call) for call in live.calls] == ["0 lambda GetAlias", "1 s3 HeadObject"]
    assert live.wire.asked("GetAlias") == [ASKED]


def test_parameters_are_checked_by_botocore(client: Any) -> None:
    with pytest.raises(ParamValidationError):
        client.get_alias(FunctionName="checkout")


def test_two_clouds_of_one_process_do_not_mix(live: Cloud) -> None:
    other = Cloud()
    assert ask(live.client("lambda"))["FunctionVersion"] == "1"
    with pytest.raises(ClientError, match="Function not found"):
        ask(other.client("lambda"))
    assert (len(live.calls), len(other.calls)) == (1, 1)


def test_somebody_elses_call_in_the_middle_of_a_call_is_a_call_of_its_own(live: Cloud, client: Any) -> None:
    live.meanwhile(0, lambda: live.client("lambda").update_alias(**ASKED, Description="theirs"))
    assert ask(client)["Description"] == "theirs"
    assert [call.operation for call in live.calls] == ["GetAlias", "UpdateAlias"]


def test_an_operation_that_is_not_modelled_ends_the_test_and_not_the_call(client: Any) -> None:
    with pytest.raises(NotModelled, match="GetPolicy is not modelled"):
        client.get_policy(FunctionName="checkout")


@pytest.mark.parametrize("state", ["Avtive", 7])
def test_an_answer_that_aws_cannot_give_ends_the_test(live: Cloud, client: Any, state: object) -> None:
    live.lambda_.functions["checkout"].latest.configuration["State"] = state
    with pytest.raises(NotModelled):
        client.get_function_configuration(FunctionName="checkout")


def test_a_member_that_aws_does_not_have_ends_the_test(live: Cloud, client: Any) -> None:
    live.lambda_.functions["checkout"].latest.configuration["Colour"] = "red"
    with pytest.raises(NotModelled, match="Colour"):
        client.get_function_configuration(FunctionName="checkout")


# -- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_fails_in_its_own_words_and_the_controller_understands_them(live: Cloud, service: str) -> None:
    method, parameters = CALLS[service]
    meant = []
    for fault in (Fault.SERVICE_ERROR, Fault.THROTTLED, Fault.DENIED, Fault.CONNECT_TIMEOUT, Fault.READ_TIMEOUT):
        live.fail(len(live.calls), fault)
        with pytest.raises((Transient, Refused)) as caught, errors.translating("the call"):
            getattr(live.client(service), method)(**parameters)
        meant.append(caught.type)
    # An answer to HEAD, which is what S3 is asked, has no body that could say which 503 it is.
    throttled = Transient if service == "s3" else Throttled
    assert meant == [Transient, throttled, Refused, Transient, Transient]


def test_a_fault_before_fails_every_attempt_and_nothing_is_done(live: Cloud, patient: Any) -> None:
    live.fail(0, Fault.SERVICE_ERROR)
    with pytest.raises(ClientError, match="ServiceException"):
        patient.update_alias(**ASKED, Description="mine")
    assert live.calls[0].attempts == 6
    assert ask(patient)["Description"] == ""


def test_what_is_denied_is_not_tried_again(live: Cloud, patient: Any) -> None:
    live.fail(0, Fault.DENIED)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        ask(patient)
    assert live.calls[0].attempts == 1


def test_retries_and_timeouts_take_virtual_time_only(live: Cloud, patient: Any) -> None:
    began = live.clock.now
    live.fail(0, Fault.CONNECT_TIMEOUT)
    with pytest.raises(ConnectTimeoutError):
        ask(patient)
    # six times 3 s, and pauses of half of 1, 2, 4, 8 and 16 s between them
    assert live.clock.now - began == timedelta(seconds=6 * 3 + 15.5)


def test_the_answer_of_the_first_attempt_is_lost_and_the_next_attempt_finds_it_done(live: Cloud, patient: Any) -> None:
    """A write under a revision: botocore tries again by itself, and AWS refuses, because the write is done already."""
    revision = ask(patient)["RevisionId"]
    live.fail(1, Fault.LOST)
    with pytest.raises(ClientError, match="PreconditionFailedException"):
        patient.update_alias(**ASKED, Description="mine", RevisionId=revision)
    assert live.calls[1].attempts == 2
    assert ask(patient)["Description"] == "mine"


def test_a_client_that_tries_once_sees_the_lost_answer_as_a_timeout(live: Cloud, client: Any) -> None:
    live.fail(0, Fault.LOST)
    with pytest.raises(ReadTimeoutError):
        client.update_alias(**ASKED, Description="mine")
    assert ask(client)["Description"] == "mine"


def test_every_answer_may_be_lost(live: Cloud, patient: Any) -> None:
    live.fail(0, Fault.LOST_EVERY_TIME)
    with pytest.raises(ReadTimeoutError):
        patient.update_alias(**ASKED, Description="mine")
    assert live.calls[0].attempts == 6


@pytest.mark.parametrize(("fault", "said"), [(Fault.CRASH_BEFORE, ""), (Fault.CRASH_AFTER, "mine")])
def test_a_crash_ends_the_process_before_or_after_the_call(live: Cloud, patient: Any, fault: Fault, said: str) -> None:
    live.fail(0, fault)
    with pytest.raises(Crash):
        patient.update_alias(**ASKED, Description="mine")
    assert ask(patient)["Description"] == said


def test_a_service_is_down_from_a_call_on_until_a_time(live: Cloud, client: Any) -> None:
    live.down("lambda", from_call=1, until=live.clock.now + timedelta(minutes=5))
    ask(client)
    for _ in range(2):
        with pytest.raises(ClientError, match="ServiceException"):
            ask(client)
    live.client("s3").head_object(Bucket="drop", Key="k")
    live.advance(timedelta(minutes=5))
    assert ask(client)["Name"] == "live"
    assert live.plan.injected == 2


def test_calls_fail_by_what_they_are_as_often_as_is_said(live: Cloud, client: Any) -> None:
    def writes(call: Call) -> bool:
        return not call.is_read

    live.fail(writes, Fault.THROTTLED, times=1)
    ask(client)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        client.update_alias(**ASKED)
    client.update_alias(**ASKED)


def test_an_invocation_that_outlives_the_patience_of_its_client_is_a_timeout(live: Cloud) -> None:
    impatient = live.client("lambda", Config(read_timeout=1, retries={"total_max_attempts": 1}))
    live.lambda_.behave("v1", duration=timedelta(seconds=2))
    with pytest.raises(ReadTimeoutError):
        impatient.invoke(FunctionName="checkout", Qualifier="1")


def test_lambda_ends_a_controller_that_waits_for_too_long(live: Cloud, patient: Any) -> None:
    live.clock.ends_at = live.clock.now + timedelta(seconds=10)
    live.fail(0, Fault.SERVICE_ERROR)
    with pytest.raises(Crash, match="Lambda ended the invocation"):
        ask(patient)


# -- the controller's own adapters ------------------------------------------------------------------------------------


def test_the_controllers_adapters_stand_on_it_as_they_are(live: Cloud) -> None:
    adapters = Adapters(SETTINGS, Platform(live.client, live.clock.sleep, live.clock.monotonic, live.fetch, half))
    found = adapters.aliases.read(Target("checkout", "live"))
    assert found and found.routing.version == "1"
    live.fail(len(live.calls), Fault.SERVICE_ERROR)
    with pytest.raises(Transient):
        adapters.aliases.read(Target("checkout", "live"))
    assert live.calls[-1].attempts == 6
