"""Publishing waits, stops, goes on and meets others, and still gives one version."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from controller.aws.lambda_.functions import Functions
from controller.aws.lambda_.publishing import Publishing
from controller.core.model import Conflict, NotYet, Transient
from controller.core.model.outcomes import BecameActive, EffectRefused, Published
from tests.adapters.fake_lambda import FakeLambda, sha256
from tests.adapters.publishing import UNSIGNED, nothing_to_fetch, preparing, publishing, unmoved
from tests.cloud.faults import Refusal


class TestPublishWaits:
    def test_it_waits_for_each_update(self, serving: FakeLambda) -> None:
        serving.settles_after = 3
        assert publishing(serving).publish(preparing({"MemorySize": 512}), unmoved) == Published("2", sha256(b"v3"))

    def test_an_update_in_progress_is_waited_for_before_anything_is_changed(self, serving: FakeLambda) -> None:
        serving.functions["checkout"].latest["LastUpdateStatus"] = "InProgress"
        serving.functions["checkout"].latest.settles_at = serving.clock.now + timedelta(seconds=2)
        assert publishing(serving).publish(preparing(), unmoved) == Published("2", sha256(b"v3"))

    def test_past_its_patience_it_is_still_publishing(self, serving: FakeLambda) -> None:
        serving.settles_after = 5
        with pytest.raises(NotYet, match=r"still working on checkout:\$LATEST"):
            publishing(serving, patience=2).publish(preparing(), unmoved)

    def test_it_goes_on_where_it_stopped(self, serving: FakeLambda) -> None:
        serving.settles_after = 5
        found = None
        while found is None:
            with suppress(NotYet):
                found = publishing(serving, patience=2).publish(preparing({"MemorySize": 512}), unmoved)
        assert found == Published("2", sha256(b"v3"))
        writes = [call for call in serving.writes if call != "publish_version"]
        assert writes == ["update_function_configuration", "update_function_code"]

    def test_it_waits_no_longer_than_its_patience(self, serving: FakeLambda) -> None:
        serving.settles_after = 1000
        slept: list[float] = []
        functions = Functions(serving.client(), slept.append, timedelta(seconds=7))
        publisher = Publishing(serving.client(), functions, nothing_to_fetch, UNSIGNED)
        with pytest.raises(NotYet):
            publisher.publish(preparing(), unmoved)
        assert sum(slept) == 7

    def test_a_failed_update_is_refused_with_its_reason(self, serving: FakeLambda) -> None:
        reason = {"LastUpdateStatusReason": "no such subnet", "LastUpdateStatusReasonCode": "InvalidSubnet"}
        serving.completes_as = {"LastUpdateStatus": "Failed", **reason}
        outcome = publishing(serving).publish(preparing(), unmoved)
        assert isinstance(outcome, EffectRefused)
        assert "no such subnet (InvalidSubnet)" in outcome.reason.text
        assert "publish_version" not in serving.writes


class TestBecomingActive:
    def test_the_version_is_there_before_it_is_ready(self, serving: FakeLambda) -> None:
        serving.version_settles_after = 100
        assert publishing(serving, patience=1).publish(preparing(), unmoved) == Published("2", sha256(b"v3"))
        with pytest.raises(NotYet, match="still working on checkout:2"):
            publishing(serving, patience=1).activated("checkout", "2")

    def test_it_is_waited_for(self, serving: FakeLambda) -> None:
        serving.version_settles_after = 3
        publishing(serving).publish(preparing(), unmoved)
        assert publishing(serving).activated("checkout", "2") == BecameActive()

    def test_a_version_that_fails_is_refused(self, serving: FakeLambda) -> None:
        serving.version_settles_after = 100
        publishing(serving).publish(preparing(), unmoved)
        serving.functions["checkout"].versions["2"].update(State="Failed", StateReason="the snapshot failed")
        outcome = publishing(serving).activated("checkout", "2")
        assert isinstance(outcome, EffectRefused)
        assert "the snapshot failed" in outcome.reason.text


class TestPublishInARace:
    def test_a_change_between_reading_and_writing_is_a_conflict(self, serving: FakeLambda) -> None:
        def somebody() -> None:
            serving.functions["checkout"].latest["RevisionId"] = "revision-of-somebody"

        serving.before["update_function_code"] = somebody
        with pytest.raises(Conflict):
            publishing(serving).publish(preparing(), unmoved)

    def test_a_change_while_waiting_is_a_conflict(self, serving: FakeLambda) -> None:
        serving.settles_after = 2

        def somebody(_: float) -> None:
            serving.functions["checkout"].latest["CodeSha256"] = sha256(b"of somebody")

        functions = Functions(serving.client(), somebody, timedelta(seconds=9))
        publisher = Publishing(serving.client(), functions, nothing_to_fetch, UNSIGNED)
        with pytest.raises(Conflict, match="somebody else changed the code"):
            publisher.publish(preparing(), unmoved)

    def test_repeating_after_the_version_was_made_gives_the_same_version(self, serving: FakeLambda) -> None:
        publishing(serving).publish(preparing(), unmoved)
        assert publishing(serving).publish(preparing(), unmoved) == Published("2", sha256(b"v3"))

    @pytest.mark.parametrize(
        "call", ["get_function", "update_function_configuration", "update_function_code", "publish_version"]
    )
    def test_after_a_crash_at_any_call_repeating_gives_one_version(self, serving: FakeLambda, call: str) -> None:
        serving.refusals[call] = [Refusal(500, "ServiceException", "down")]
        wanted = preparing({"MemorySize": 512})
        with pytest.raises(Transient):
            publishing(serving).publish(wanted, unmoved)
        assert publishing(serving).publish(wanted, unmoved) == Published("2", sha256(b"v3"))
        assert list(serving.functions["checkout"].versions) == ["1", "2"]
