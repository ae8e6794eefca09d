"""What the template tells the controller, read from the environment."""

from __future__ import annotations

import pytest

from controller.core.manifest.team_rules import ManifestRules
from controller.settings import Settings, from_environment

LEAST = {"SLIPWAY_TABLE": "table", "SLIPWAY_ALARM_PREFIX": "slipway/"}


def test_what_the_template_leaves_out_has_a_default() -> None:
    assert from_environment(LEAST) == Settings("table", "slipway/", None, "{}", (), 5, "", "")


def test_every_setting_is_read() -> None:
    found = from_environment(
        {
            **LEAST,
            "SLIPWAY_TOPIC": "arn:aws:sns:eu-central-1:123456789012:topic",
            "SLIPWAY_DEFAULTS": '{"on_newer": "queue"}',
            "SLIPWAY_ALLOWED_ROLES": "arn:aws:iam::123456789012:role/a, arn:aws:iam::123456789012:role/app-*,",
            "SLIPWAY_KEEP_VERSIONS": "12",
            "SLIPWAY_FUNCTION_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:",
            "SLIPWAY_HOOK_PREFIX": "slipway-hook-",
            "SLIPWAY_SIGNING_KEY": "arn:aws:kms:eu-central-1:123456789012:key/1234",
            "SLIPWAY_LAMBDA_CALLS_PER_SECOND": "3",
            "SLIPWAY_MANIFEST_FROM": "bucket",
            "SLIPWAY_MANIFEST_RULES": '{"required": ["gates"]}',
            "SLIPWAY_FUNCTION_KEYS": "arn:aws:kms:eu-central-1:123456789012:key/a",
            "SLIPWAY_SETTINGS": "7",
        }
    )
    assert found == Settings(
        table="table",
        alarm_prefix="slipway/",
        topic="arn:aws:sns:eu-central-1:123456789012:topic",
        defaults='{"on_newer": "queue"}',
        allowed_roles=("arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/app-*"),
        keep_versions=12,
        function_arn="arn:aws:lambda:eu-central-1:123456789012:function:",
        hook_prefix="slipway-hook-",
        signing_key="arn:aws:kms:eu-central-1:123456789012:key/1234",
        lambda_calls_per_second=3,
        manifest_rules=ManifestRules(zip_may_say=False, schema='{"required": ["gates"]}'),
        function_keys=("arn:aws:kms:eu-central-1:123456789012:key/a",),
        number="7",
    )


@pytest.mark.parametrize(
    "name",
    [
        "SLIPWAY_TOPIC",
        "SLIPWAY_CHAT_TOPIC",
        "SLIPWAY_DEFAULTS",
        "SLIPWAY_ALLOWED_ROLES",
        "SLIPWAY_KEEP_VERSIONS",
        "SLIPWAY_FUNCTION_ARN",
        "SLIPWAY_HOOK_PREFIX",
        "SLIPWAY_SIGNING_KEY",
        "SLIPWAY_LAMBDA_CALLS_PER_SECOND",
        "SLIPWAY_MANIFEST_FROM",
        "SLIPWAY_MANIFEST_RULES",
    ],
)
def test_an_empty_setting_is_an_absent_one(name: str) -> None:
    assert from_environment({**LEAST, name: ""}) == from_environment(LEAST)


def test_no_role_may_be_given_where_none_is_named() -> None:
    assert from_environment({**LEAST, "SLIPWAY_ALLOWED_ROLES": " , "}).allowed_roles == ()


@pytest.mark.parametrize("name", LEAST)
def test_a_needed_setting_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        from_environment({key: value for key, value in LEAST.items() if key != name})


def test_other_variables_do_not_matter() -> None:
    assert from_environment({**LEAST, "AWS_REGION": "eu-central-1"}) == from_environment(LEAST)
