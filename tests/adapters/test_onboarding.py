"""Taking over a function that somebody else deployed, and learning hashes."""

from __future__ import annotations

import pytest

from controller.core.model import NotYet, Refused
from controller.core.model.outcomes import EffectRefused, Onboarded
from tests.adapters.fake_lambda import FakeLambda, sha256
from tests.adapters.publishing import functions, preparing, publishing
from tests.builders import artifact


class TestOnboard:
    def test_what_the_function_runs_is_published_and_gets_the_alias(self, aws: FakeLambda) -> None:
        aws.function(code=b"theirs")
        assert publishing(aws).onboard(preparing()) == Onboarded("1")
        assert aws.functions["checkout"].aliases["live"]["FunctionVersion"] == "1"
        assert aws.functions["checkout"].versions["1"]["Description"] == "slipway checkout:live onboarded"

    def test_an_alias_that_exists_is_left_alone(self, serving: FakeLambda) -> None:
        assert publishing(serving).onboard(preparing()) == Onboarded("1")
        assert serving.writes == []

    def test_an_alias_that_appears_meanwhile_wins(self, aws: FakeLambda) -> None:
        aws.function()
        aws.publish()
        aws.functions["checkout"].latest["MemorySize"] = 512
        aws.before["create_alias"] = lambda: aws.alias("live", "1")
        assert publishing(aws).onboard(preparing()) == Onboarded("1")

    def test_past_its_patience_it_goes_on_at_the_next_look(self, aws: FakeLambda) -> None:
        aws.function()
        aws.version_settles_after = 5
        with pytest.raises(NotYet):
            publishing(aws, patience=2).onboard(preparing())
        assert "live" not in aws.functions["checkout"].aliases
        assert publishing(aws, patience=9).onboard(preparing()) == Onboarded("1")

    def test_a_function_that_failed_is_refused(self, aws: FakeLambda) -> None:
        aws.function(State="Active")
        aws.functions["checkout"].latest.update(State="Failed", StateReason="no role")
        outcome = publishing(aws).onboard(preparing())
        assert isinstance(outcome, EffectRefused)
        assert "no role" in outcome.reason.text


class TestIdentify:
    def test_the_hash_is_learned_without_a_change(self, serving: FakeLambda) -> None:
        assert functions(serving).hash_of("checkout", artifact()) == sha256(b"v3")
        assert serving.asked("update_function_code")[0]["DryRun"] is True
        assert serving.functions["checkout"].latest.code == b"v1"

    def test_without_a_function_there_is_no_hash(self, aws: FakeLambda) -> None:
        assert functions(aws).hash_of("checkout", artifact()) is None

    def test_an_object_that_cannot_be_read_is_refused(self, serving: FakeLambda) -> None:
        serving.objects.clear()
        with pytest.raises(Refused, match="NoSuchKey"):
            functions(serving).hash_of("checkout", artifact())
