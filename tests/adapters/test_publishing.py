"""From an artifact to a version."""

from __future__ import annotations

import pytest

from controller.core.model import Conflict, Transient
from controller.core.model.outcomes import EffectRefused, Published, Unchanged
from tests.adapters.fake_lambda import FakeLambda, sha256
from tests.adapters.publishing import NEW, functions, preparing, publishing, unmoved
from tests.builders import artifact
from tests.cloud.faults import Refusal


class TestPublish:
    def test_new_bytes_become_a_version(self, serving: FakeLambda) -> None:
        assert publishing(serving).publish(preparing(), unmoved) == Published("2", sha256(b"v3"))
        assert serving.functions["checkout"].versions["2"].code == b"v3"

    def test_the_version_is_described_by_the_deployment(self, serving: FakeLambda) -> None:
        publishing(serving).publish(preparing(), unmoved)
        assert serving.functions["checkout"].versions["2"]["Description"] == "slipway checkout:live#42"

    def test_the_exact_object_version_is_sent(self, serving: FakeLambda) -> None:
        publishing(serving).publish(preparing(), unmoved)
        sent = serving.asked("update_function_code")[0]
        assert (sent["S3Bucket"], sent["S3Key"], sent["S3ObjectVersion"]) == ("drop", "checkout/3.zip", "v3")

    def test_every_change_is_guarded(self, serving: FakeLambda) -> None:
        publishing(serving).publish(preparing({"MemorySize": 512}), unmoved)
        for call in ("update_function_configuration", "update_function_code", "publish_version"):
            assert serving.asked(call)[0]["RevisionId"]
        assert serving.asked("publish_version")[0]["CodeSha256"] == sha256(b"v3")

    def test_only_settings_that_differ_are_changed(self, serving: FakeLambda) -> None:
        publishing(serving).publish(preparing({"MemorySize": 512, "Handler": "app.handler", "Timeout": 3}), unmoved)
        changed = serving.asked("update_function_configuration")[0]
        assert changed.keys() == {"FunctionName", "RevisionId", "MemorySize"}

    def test_subnets_and_security_groups_have_no_order(self, serving: FakeLambda) -> None:
        network = {"SubnetIds": ["subnet-b", "subnet-a"], "SecurityGroupIds": ["sg-1"]}
        serving.functions["checkout"].latest["VpcConfig"] = {**network, "VpcId": "vpc-1"}
        publishing(serving).publish(
            preparing({"VpcConfig": {**network, "SubnetIds": ["subnet-a", "subnet-b"]}}), unmoved
        )
        assert "update_function_configuration" not in serving.writes

    def test_settings_that_the_manifest_leaves_out_stay(self, serving: FakeLambda) -> None:
        serving.functions["checkout"].latest["Timeout"] = 30
        publishing(serving).publish(preparing({"MemorySize": 512}), unmoved)
        assert serving.functions["checkout"].versions["2"]["Timeout"] == 30

    def test_the_architecture_goes_with_the_code(self, serving: FakeLambda) -> None:
        publishing(serving).publish(preparing({"Architectures": ["arm64"]}), unmoved)
        assert "update_function_configuration" not in serving.writes
        assert serving.functions["checkout"].versions["2"]["Architectures"] == ["arm64"]

    def test_the_hash_comes_from_the_update_where_it_was_not_known(self, serving: FakeLambda) -> None:
        assert publishing(serving).publish(preparing(sha256=None), unmoved) == Published("2", sha256(b"v3"))

    def test_the_same_bytes_with_other_settings_are_a_version(self, serving: FakeLambda) -> None:
        serving.objects[("drop", "checkout/3.zip", "v3")] = b"v1"
        outcome = publishing(serving).publish(preparing({"MemorySize": 512}, sha256=sha256(b"v1")), unmoved)
        assert outcome == Published("2", sha256(b"v1"))

    def test_the_same_bytes_and_settings_are_unchanged(self, serving: FakeLambda) -> None:
        serving.objects[("drop", "checkout/3.zip", "v3")] = b"v1"
        assert publishing(serving).publish(preparing(sha256=sha256(b"v1")), unmoved) == Unchanged("1")
        assert "publish_version" not in serving.writes

    def test_unchanged_is_seen_behind_a_bad_version(self, serving: FakeLambda) -> None:
        """AWS would publish: its last version is the bad one."""
        serving.functions["checkout"].latest.code = b"bad"
        serving.functions["checkout"].latest["CodeSha256"] = sha256(b"bad")
        serving.publish()
        serving.objects[("drop", "checkout/3.zip", "v3")] = b"v1"
        assert publishing(serving).publish(preparing(sha256=sha256(b"v1")), unmoved) == Unchanged("1")

    def test_settings_that_aws_does_not_show_are_never_unchanged(self, serving: FakeLambda) -> None:
        serving.functions["checkout"].latest["MemorySize"] = 512
        serving.publish()
        serving.functions["checkout"].latest["MemorySize"] = 128
        serving.objects[("drop", "checkout/3.zip", "v3")] = b"v1"
        serving.hidden_environment = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "kms"}}
        assert publishing(serving).publish(preparing(sha256=sha256(b"v1")), unmoved) == Published("3", sha256(b"v1"))

    def test_a_hash_that_only_looks_stable_is_not_believed(self, serving: FakeLambda) -> None:
        """Should a dry run ever tell the function's hash in place of the artifact's, the new bytes still go out."""
        assert publishing(serving).publish(preparing(sha256=sha256(b"v1")), unmoved) == Published("2", sha256(b"v3"))

    def test_an_object_that_was_overwritten_is_refused(self, serving: FakeLambda) -> None:
        serving.objects[("drop", "checkout/3.zip", None)] = b"other"
        outcome = publishing(serving).publish(preparing(artifact=artifact(version_id=None)), unmoved)
        assert isinstance(outcome, EffectRefused)
        assert "overwritten" in outcome.reason.text

    def test_an_object_that_is_gone_is_refused(self, serving: FakeLambda) -> None:
        serving.objects.clear()
        outcome = publishing(serving).publish(preparing(), unmoved)
        assert isinstance(outcome, EffectRefused)
        assert "NoSuchKey" in outcome.reason.text

    def test_settings_that_are_no_settings_are_refused_before_aws_is_asked(self, serving: FakeLambda) -> None:
        outcome = publishing(serving).publish(preparing({"EphemeralStorage": {"Size": "big"}}), unmoved)
        assert isinstance(outcome, EffectRefused)
        assert "EphemeralStorage" in outcome.reason.text

    def test_environment_variables_that_cannot_be_read_are_refused(self, serving: FakeLambda) -> None:
        serving.hidden_environment = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "kms"}}
        outcome = publishing(serving).publish(preparing({"Environment": {"Variables": {"SECRET": "hunter2"}}}), unmoved)
        assert isinstance(outcome, EffectRefused)
        assert "kms:Decrypt" in outcome.reason.text
        assert "hunter2" not in outcome.reason.text


def test_the_hash_of_a_version_is_read_and_that_of_none_is_none(serving: FakeLambda) -> None:
    found = functions(serving)
    assert (found.sha256("checkout", "1"), found.sha256("checkout", "7")) == (sha256(b"v1"), None)


class TestPublishOfANewFunction:
    def test_it_is_created_from_the_manifest(self, aws: FakeLambda) -> None:
        outcome = publishing(aws).publish(preparing({**NEW, "MemorySize": 512}, stable=None, sha256=None), unmoved)
        assert outcome == Published("1", sha256(b"v3"))
        asked = aws.asked("create_function")[0]
        assert asked["Code"] == {"S3Bucket": "drop", "S3Key": "checkout/3.zip", "S3ObjectVersion": "v3"}
        assert (asked["MemorySize"], asked["Publish"]) == (512, False)

    def test_it_is_tagged_within_what_tags_may_hold(self, aws: FakeLambda) -> None:
        publishing(aws).publish(preparing(NEW, stable=None, sha256=None), unmoved)
        assert aws.functions["checkout"].tags == {"slipway:created": "checkout:live/42"}

    def test_it_is_not_changed_again(self, aws: FakeLambda) -> None:
        publishing(aws).publish(preparing(NEW, stable=None, sha256=None), unmoved)
        assert aws.writes == ["create_function", "publish_version"]

    def test_a_role_that_is_too_new_is_transient(self, aws: FakeLambda) -> None:
        text = "The role defined for the function cannot be assumed by Lambda."
        aws.refusals["create_function"] = [Refusal(400, "InvalidParameterValueException", text)]
        with pytest.raises(Transient, match="cannot be assumed"):
            publishing(aws).publish(preparing(NEW, stable=None, sha256=None), unmoved)

    def test_that_somebody_else_created_it_meanwhile_is_a_conflict(self, aws: FakeLambda) -> None:
        def somebody() -> None:
            aws.function()

        aws.before["create_function"] = somebody
        with pytest.raises(Conflict):
            publishing(aws).publish(preparing(NEW, stable=None, sha256=None), unmoved)
