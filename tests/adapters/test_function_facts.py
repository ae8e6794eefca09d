"""What is read of a function before anything is changed."""

from __future__ import annotations

import pytest

from controller.aws.lambda_.configuration import configuration
from controller.core.lifecycle.preflight import VersionFacts
from controller.core.model import Refused, Routing
from tests.adapters.fake_lambda import FakeLambda
from tests.adapters.publishing import functions, publishing
from tests.builders import CHECKOUT


class TestFacts:
    def test_an_absent_function_has_none(self, aws: FakeLambda) -> None:
        assert publishing(aws).facts(CHECKOUT) is None

    def test_of_a_function_with_its_alias(self, serving: FakeLambda) -> None:
        found = publishing(serving).facts(CHECKOUT)
        assert found is not None
        assert (found.settings["Handler"], found.settings["Runtime"]) == ("app.handler", "python3.13")
        assert found.alias == Routing("1")
        assert found.stable == VersionFacts("1", found.settings, "Active")
        assert not found.has_provisioned_concurrency

    def test_no_environment_variable_is_written_out(self, serving: FakeLambda) -> None:
        serving.functions["checkout"].latest["Environment"] = {"Variables": {"SECRET": "hunter2"}}
        serving.functions["checkout"].versions["1"]["Environment"] = {"Variables": {"SECRET": "hunter2"}}
        assert "hunter2" not in repr(publishing(serving).facts(CHECKOUT))

    def test_nor_with_a_configuration(self) -> None:
        shown = {"FunctionName": "checkout", "Environment": {"Variables": {"SECRET": "hunter2"}}}
        assert "hunter2" not in repr(configuration(shown))

    def test_of_a_function_without_the_alias(self, aws: FakeLambda) -> None:
        aws.function()
        found = publishing(aws).facts(CHECKOUT)
        assert found is not None
        assert (found.alias, found.stable) == (None, None)

    def test_provisioned_concurrency_on_the_alias_is_seen(self, serving: FakeLambda) -> None:
        serving.provisioned["checkout", "live"] = serving.clock.now
        found = publishing(serving).facts(CHECKOUT)
        assert found is not None
        assert found.has_provisioned_concurrency

    def test_code_storage_is_read_from_the_account(self, serving: FakeLambda) -> None:
        serving.code_size = {"used": 70, "limit": 100}
        found = publishing(serving).facts(CHECKOUT)
        assert found is not None
        assert (found.code_storage_used, found.code_storage_limit) == (70, 100)

    def test_an_image_and_a_capacity_provider_are_seen(self, aws: FakeLambda) -> None:
        arn = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool"
        managed = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arn}}
        aws.function(PackageType="Image", CapacityProviderConfig=managed)
        found = publishing(aws).facts(CHECKOUT)
        assert found is not None
        assert (found.package_type, found.on_managed_instances) == ("Image", True)

    def test_tags_that_may_not_be_read_are_refused(self, serving: FakeLambda) -> None:
        serving.tags_error = {"ErrorCode": "AccessDeniedException", "Message": "It is not allowed to list tags. " * 3}
        with pytest.raises(Refused, match="lambda:ListTags"):
            publishing(serving).facts(CHECKOUT)


def test_the_settings_are_those_of_latest(serving: FakeLambda) -> None:
    assert functions(serving).settings("checkout")["Handler"] == "app.handler"
    assert functions(serving).settings("gone") == {}
