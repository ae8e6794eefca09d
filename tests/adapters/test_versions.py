"""Testing versions by their number, and deleting those that nothing uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from controller.aws.lambda_.versions import Versions
from controller.core.lifecycle.test_results import NOT_JSON, TIMEOUT, UNNAMED, Answer
from controller.core.model import Refused, Target, Transient
from tests.adapters.fake_lambda import FakeLambda
from tests.builders import CHECKOUT
from tests.cloud.faults import Refusal

WITHIN = timedelta(seconds=2)


@pytest.fixture
def aws() -> FakeLambda:
    fake = FakeLambda()
    fake.function()
    fake.publish()
    return fake


def versions(aws: FakeLambda, *moments: float) -> Versions:
    """``moments``: what the clock shows at each look."""
    looks = iter(moments or (0.0, 0.5))
    return Versions(aws.client(), aws.client(), lambda: next(looks))


def answering(payload: bytes, **more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda _: {"Payload": payload, **more}


class TestInvoke:
    def test_the_version_itself_is_asked(self, aws: FakeLambda) -> None:
        versions(aws).invoke("checkout", "1", {"ping": True}, WITHIN)
        asked = aws.asked("invoke")[0]
        assert (asked["FunctionName"], asked["Qualifier"]) == ("checkout", "1")
        assert json.loads(asked["Payload"]) == {"ping": True}

    def test_an_answer_has_its_response_and_its_time(self, aws: FakeLambda) -> None:
        aws.invoked = answering(b'{"ok": true}')
        assert versions(aws, 10.0, 11.5).invoke("checkout", "1", {}, WITHIN) == Answer({"ok": True}, "", 1.5)

    def test_an_exception_of_the_function_is_its_type(self, aws: FakeLambda) -> None:
        raised = b'{"errorType": "KeyError", "errorMessage": "card 4111"}'
        aws.invoked = answering(raised, FunctionError="Unhandled")
        assert versions(aws).invoke("checkout", "1", {}, WITHIN).error == "KeyError"

    @pytest.mark.parametrize(
        "raised", [b'{"errorMessage": "Task timed out after 3.00 seconds"}', b'{"errorType": "a b"}', b"<html>", b"[1]"]
    )
    def test_an_error_without_a_type_has_no_name(self, aws: FakeLambda, raised: bytes) -> None:
        """Lambda calls it Unhandled, which is what a class could be called, too."""
        aws.invoked = answering(raised, FunctionError="Unhandled")
        assert versions(aws).invoke("checkout", "1", {}, WITHIN).error == UNNAMED

    def test_an_answer_that_is_not_json_is_an_error(self, aws: FakeLambda) -> None:
        aws.invoked = answering(b"<html>")
        assert versions(aws).invoke("checkout", "1", {}, WITHIN).error == NOT_JSON

    def test_an_empty_answer_is_null(self, aws: FakeLambda) -> None:
        aws.invoked = answering(b"")
        assert versions(aws).invoke("checkout", "1", {}, WITHIN) == Answer(None, "", 0.5)

    def test_a_late_answer_is_a_timeout(self, aws: FakeLambda) -> None:
        aws.invoked = answering(b'{"ok": true}')
        assert versions(aws, 0.0, 2.1).invoke("checkout", "1", {}, WITHIN) == Answer(None, TIMEOUT, 2.1)

    def test_no_answer_is_a_timeout(self, aws: FakeLambda) -> None:
        aws.refusals["invoke"] = [ReadTimeoutError(endpoint_url="https://lambda")]
        assert versions(aws, 0.0, 70.0).invoke("checkout", "1", {}, WITHIN) == Answer(None, TIMEOUT, 70.0)

    @pytest.mark.parametrize(
        "error",
        [
            Refusal(429, "TooManyRequestsException", "slow down"),
            Refusal(500, "ServiceException", "down"),
            Refusal(409, "SnapStartNotReadyException", "waking up"),
            ConnectTimeoutError(endpoint_url="https://lambda"),
        ],
    )
    def test_lambda_s_own_trouble_says_nothing_about_the_version(self, aws: FakeLambda, error: Exception) -> None:
        aws.refusals["invoke"] = [error]
        with pytest.raises(Transient):
            versions(aws).invoke("checkout", "1", {}, WITHIN)

    def test_that_it_may_not_be_invoked_is_refused(self, aws: FakeLambda) -> None:
        aws.refusals["invoke"] = [Refusal(403, "AccessDeniedException", "no")]
        with pytest.raises(Refused):
            versions(aws).invoke("checkout", "1", {}, WITHIN)


@pytest.fixture
def old(aws: FakeLambda) -> FakeLambda:
    """Version 1 is somebody's; 2 to 7 are Slipway's, the first onboarded."""
    aws.publish(description="slipway checkout:live onboarded")
    for number in range(1, 6):
        aws.publish(description=f"slipway checkout:live#{number}")
    return aws


class TestTimeout:
    def test_a_version_has_the_timeout_that_it_was_published_with(self, aws: FakeLambda) -> None:
        assert versions(aws).timeout("checkout", "1") == timedelta(seconds=3)
        assert aws.asked("get_function") == [{"FunctionName": "checkout", "Qualifier": "1"}]

    def test_the_timeout_of_a_version_that_is_gone_is_not_guessed(self, aws: FakeLambda) -> None:
        with pytest.raises(Refused, match="version 7 of checkout does not exist any more"):
            versions(aws).timeout("checkout", "7")


class TestPrune:
    def test_the_oldest_go_and_the_newest_stay(self, old: FakeLambda) -> None:
        assert versions(old).prune(CHECKOUT, 2, frozenset()).deleted == ("2", "3", "4", "5")
        assert set(old.functions["checkout"].versions) == {"1", "6", "7"}

    def test_what_an_alias_points_to_stays(self, old: FakeLambda) -> None:
        old.alias("live", "4")
        old.alias("somebody", "1", {"3": 0.1})
        assert versions(old).prune(CHECKOUT, 2, frozenset()).deleted == ("2", "5")
        assert [asked["Qualifier"] for asked in old.asked("delete_function")] == ["2", "5"]

    def test_what_a_deployment_uses_stays(self, old: FakeLambda) -> None:
        assert versions(old).prune(CHECKOUT, 2, frozenset({"2", "5"})).deleted == ("3", "4")

    def test_versions_of_another_alias_stay(self, old: FakeLambda) -> None:
        """Its open deployment may be testing one that no alias carries yet."""
        assert versions(old).prune(Target("checkout", "beta"), 0, frozenset()).deleted == ()
        assert versions(old).prune(Target("checkout", "liv"), 0, frozenset()).deleted == ()

    def test_all_pages_are_read(self, old: FakeLambda) -> None:
        old.page = 1
        old.alias("a", "2")
        old.alias("b", "3")
        assert versions(old).prune(CHECKOUT, 2, frozenset()).deleted == ("4", "5")

    def test_versions_are_ordered_as_numbers(self, old: FakeLambda) -> None:
        for number in range(6, 10):
            old.publish(description=f"slipway checkout:live#{number}")
        assert versions(old).prune(CHECKOUT, 1, frozenset()).deleted == tuple(str(number) for number in range(2, 11))

    def test_a_version_that_is_gone_already_is_no_error(self, old: FakeLambda) -> None:
        old.refusals["delete_function"] = [Refusal(404, "ResourceNotFoundException", "gone")]
        assert versions(old).prune(CHECKOUT, 4, frozenset()).deleted == ("3",)

    def test_a_version_that_an_alias_took_meanwhile_is_no_error(self, old: FakeLambda) -> None:
        old.before["delete_function"] = lambda: old.alias("somebody", "2")
        assert versions(old).prune(CHECKOUT, 4, frozenset()).deleted == ("3",)
        assert "2" in old.functions["checkout"].versions

    def test_without_old_versions_there_is_no_further_call(self, old: FakeLambda) -> None:
        assert versions(old).prune(CHECKOUT, 6, frozenset()).deleted == ()
        assert [name for name, _ in old.calls] == ["list_versions_by_function"]

    def test_a_function_that_is_gone_has_nothing_to_prune(self, aws: FakeLambda) -> None:
        assert versions(aws).prune(Target("gone", "live"), 0, frozenset()).deleted == ()

    def test_a_throttle_is_transient(self, old: FakeLambda) -> None:
        old.refusals["delete_function"] = [Refusal(429, "TooManyRequestsException", "slow down")]
        with pytest.raises(Transient):
            versions(old).prune(CHECKOUT, 2, frozenset())
