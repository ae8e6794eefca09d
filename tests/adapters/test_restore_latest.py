"""``$LATEST`` comes back to the stable version, or is left alone with a note."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest

from controller.aws.lambda_.configuration import _DEFAULTS
from controller.core.model import Deployment, Transient
from tests.adapters.fake_lambda import FakeLambda, sha256
from tests.adapters.publishing import preparing, publishing, unmoved
from tests.builders import artifact
from tests.cloud.faults import Refusal


@pytest.fixture
def rolled_back(serving: FakeLambda) -> FakeLambda:
    """Version 2 of the deployment was bad; the alias is on version 1 again, ``$LATEST`` is not."""
    publishing(serving).publish(preparing({"MemorySize": 512}), unmoved)
    serving.calls.clear()
    return serving


def failed(**changes: Any) -> Deployment:
    return preparing({"MemorySize": 512}, **{"canary": "2", **changes})


STABLE = replace(artifact(), key="checkout/1.zip", version_id="v1")


class TestRestore:
    def test_code_and_settings_come_back_from_the_bucket(self, rolled_back: FakeLambda) -> None:
        rolled_back.objects[("drop", "checkout/1.zip", "v1")] = b"v1"
        assert publishing(rolled_back).restore(failed(stable_artifact=STABLE), "1", unmoved) == ""
        latest = rolled_back.functions["checkout"].latest
        assert (latest["CodeSha256"], latest["MemorySize"]) == (sha256(b"v1"), 128)

    def test_code_comes_from_lambda_where_the_bucket_has_it_no_more(self, rolled_back: FakeLambda) -> None:
        assert (
            publishing(rolled_back, fetch=lambda _: b"v1").restore(failed(stable_artifact=STABLE), "1", unmoved) == ""
        )
        assert rolled_back.functions["checkout"].latest["CodeSha256"] == sha256(b"v1")

    def test_code_comes_from_lambda_where_slipway_did_not_deploy_it(self, rolled_back: FakeLambda) -> None:
        places = {"https://code.checkout.example/1": b"v1"}
        assert publishing(rolled_back, fetch=places.__getitem__).restore(failed(), "1", unmoved) == ""
        assert rolled_back.functions["checkout"].latest["CodeSha256"] == sha256(b"v1")

    def test_an_object_with_other_bytes_is_not_used(self, rolled_back: FakeLambda) -> None:
        rolled_back.objects[("drop", "checkout/1.zip", "v1")] = b"overwritten"
        assert (
            publishing(rolled_back, fetch=lambda _: b"v1").restore(failed(stable_artifact=STABLE), "1", unmoved) == ""
        )
        assert rolled_back.functions["checkout"].latest["CodeSha256"] == sha256(b"v1")

    def test_bytes_with_another_hash_are_not_sent(self, rolled_back: FakeLambda) -> None:
        note = publishing(rolled_back, fetch=lambda _: b"half").restore(failed(), "1", unmoved)
        assert "was not restored" in note
        assert rolled_back.functions["checkout"].latest.code == b"v3"

    def test_bytes_over_50_megabytes_are_not_downloaded(self, rolled_back: FakeLambda) -> None:
        rolled_back.functions["checkout"].versions["1"]["CodeSize"] = 50 * 1024 * 1024 + 1
        assert "50 MB" in publishing(rolled_back).restore(failed(), "1", unmoved)

    def test_somebody_elses_newer_code_is_left_alone(self, rolled_back: FakeLambda) -> None:
        rolled_back.functions["checkout"].latest["CodeSha256"] = sha256(b"of somebody")
        assert "left alone" in publishing(rolled_back).restore(failed(), "1", unmoved)
        assert rolled_back.writes == []

    def test_settings_alone_come_back_too(self, serving: FakeLambda) -> None:
        serving.functions["checkout"].latest["MemorySize"] = 512
        assert publishing(serving).restore(failed(), "1", unmoved) == ""
        assert serving.writes == ["update_function_configuration"]
        assert serving.functions["checkout"].latest["MemorySize"] == 128

    def test_settings_that_were_added_are_cleared(self, serving: FakeLambda) -> None:
        serving.functions["checkout"].latest.update(
            DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"},
            Environment={"Variables": {"A": "1"}},
            Layers=[{"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:x:1", "CodeSize": 1}],
            VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"},
        )
        names = ("DeadLetterConfig", "Environment", "Layers", "VpcConfig")
        added = {name: serving.functions["checkout"].latest[name] for name in names}
        wanted = {**added, "Layers": [layer["Arn"] for layer in added["Layers"]]}
        publishing(serving).restore(preparing(wanted), "1", unmoved)
        sent = serving.asked("update_function_configuration")[0]
        assert sent["DeadLetterConfig"] == {"TargetArn": ""}
        assert sent["Environment"] == {"Variables": {}}
        assert sent["Layers"] == []
        assert sent["VpcConfig"] == {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False}

    def test_the_version_s_own_description_is_not_given_to_the_function(self, rolled_back: FakeLambda) -> None:
        rolled_back.functions["checkout"].versions["1"]["Description"] = "slipway checkout:live#41"
        publishing(rolled_back, fetch=lambda _: b"v1").restore(failed(), "1", unmoved)
        assert "Description" not in rolled_back.asked("update_function_configuration")[0]

    def test_restoring_twice_writes_once(self, rolled_back: FakeLambda) -> None:
        publishing(rolled_back, fetch=lambda _: b"v1").restore(failed(), "1", unmoved)
        rolled_back.calls.clear()
        assert publishing(rolled_back).restore(failed(), "1", unmoved) == ""
        assert rolled_back.writes == []

    def test_past_its_patience_it_is_transient(self, rolled_back: FakeLambda) -> None:
        rolled_back.settles_after = 9
        with pytest.raises(Transient, match="still working on checkout"):
            publishing(rolled_back, patience=2, fetch=lambda _: b"v1").restore(failed(), "1", unmoved)

    def test_a_stable_version_that_is_gone_is_noted(self, rolled_back: FakeLambda) -> None:
        del rolled_back.functions["checkout"].versions["1"]
        assert "does not exist any more" in publishing(rolled_back).restore(failed(), "1", unmoved)

    def test_environment_variables_that_aws_does_not_show_are_noted(self, rolled_back: FakeLambda) -> None:
        rolled_back.hidden_environment = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "kms"}}
        wanted = preparing({"MemorySize": 512, "Environment": {"Variables": {"A": "1"}}}, canary="2")
        note = publishing(rolled_back, fetch=lambda _: b"v1").restore(wanted, "1", unmoved)
        assert note == "Environment of $LATEST of checkout was not restored: AWS does not show it"
        assert rolled_back.functions["checkout"].latest["MemorySize"] == 128

    def test_what_aws_refuses_is_noted(self, serving: FakeLambda) -> None:
        serving.functions["checkout"].latest["MemorySize"] = 512
        serving.refusals["update_function_configuration"] = [Refusal(403, "AccessDeniedException", "no PassRole")]
        assert "no PassRole" in publishing(serving).restore(failed(), "1", unmoved)


def test_every_member_that_aws_lets_us_change_is_compared_and_restored() -> None:
    """A member that a newer botocore knows must be thought about here."""
    model = boto3.client("lambda").meta.service_model.operation_model("UpdateFunctionConfiguration")
    not_settings = {"FunctionName", "RevisionId", "ImageConfig", "CapacityProviderConfig"}
    assert set(model.input_shape.members) - not_settings == set(_DEFAULTS) - {"Architectures"}
