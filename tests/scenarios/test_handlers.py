"""Zips whose handler the runtime would not find, dropped for functions with settings of their own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.steps import BUCKET
from tests.cloud.story import Story

KEY = "checkout/v2.zip"
LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:observed:3"
SECRET = "/opt/not-to-be-told"


def zipped(*names: str, function: Mapping[str, object] | None = None) -> bytes:
    manifest = {"strategy": {"steps": [], "bake": "1m"}, **({"function": function} if function else {})}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in {**dict.fromkeys(names, ""), "slipway.json": json.dumps(manifest)}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, text)
    return content.getvalue()


def serving(**settings: Any) -> Story:
    """checkout serves version 1, and has these settings."""
    story = Story()
    story.cloud.lambda_.make("checkout", zipped("app.py"), **settings)
    story.cloud.lambda_.point("checkout", "live", story.cloud.lambda_.publish("checkout"))
    return story


def dropped(story: Story, content: bytes) -> Any:
    """Drops a zip for checkout; returns its record as it is when all is at rest."""
    story.cloud.storage.put(BUCKET, KEY, content)
    story.deliver()
    return story.deployments()[-1]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "src/app.py"),
        ({"Runtime": "nodejs24.x", "Handler": "hello.handler"}, "hello/index.js"),
        ({"Runtime": "nodejs22.x", "Handler": "hello.handler"}, "hello/index.mjs"),
        ({"Runtime": "ruby3.3", "Handler": "./app.handler"}, "app.rb"),
        ({"Runtime": "java21", "Handler": "com.acme.Handler::handle"}, "shop-1.0.jar"),
        ({"Runtime": "dotnet8", "Handler": "Shop::Shop.Function::Handle"}, "publish/Shop.dll"),
        ({"Handler": "time.handler"}, "time.py"),
    ],
)
def test_a_zip_without_the_handler_of_the_function_changes_nothing(settings: Mapping[str, str], name: str) -> None:
    story = serving(**settings)
    versions = len(story.cloud.lambda_.functions["checkout"].versions)
    record = dropped(story, zipped(name))
    assert record.phase is Phase.FAILED
    assert record.reason.cause.value == "bad_artifact"
    assert settings.get("Handler", "app.handler") in record.reason.text
    assert len(story.cloud.lambda_.functions["checkout"].versions) == versions


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"Runtime": "nodejs22.x", "Handler": "hello.handler"}, "hello/index.js"),
        ({"Runtime": "nodejs22.x", "Handler": "dist//index.handler"}, "dist/index.js"),
        ({"Runtime": "java21", "Handler": "com.acme.Handler::handle"}, "lib/shop.jar"),
        ({"Environment": {"Variables": {"PYTHONPATH": "/var/task/src"}}}, "src/app.py"),
        ({"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}}}, "run.sh"),
        ({"Layers": [LAYER]}, "main.py"),
    ],
)
def test_a_zip_whose_handler_is_there_or_may_be_elsewhere_is_deployed(settings: Mapping[str, Any], name: str) -> None:
    assert dropped(serving(**settings), zipped(name)).phase is not Phase.FAILED


def test_the_manifests_settings_count_before_those_that_the_function_has() -> None:
    story = serving(Environment={"Variables": {"PYTHONPATH": SECRET}})
    record = dropped(story, zipped("src/app.py", function={"Environment": {"Variables": {}}}))
    assert record.phase is Phase.FAILED
    assert "there is src/app.py" in record.reason.text


def test_no_value_of_a_variable_is_told() -> None:
    story = serving(Environment={"Variables": {"PYTHONPATH": SECRET}})
    record = dropped(story, zipped("main.py", function={"Handler": "./app.handler"}))
    assert record.phase is Phase.FAILED
    assert SECRET not in record.reason.text
