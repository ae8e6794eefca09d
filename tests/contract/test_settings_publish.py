"""Another parameter of the stack publishes a version of the controller, and moves both of its aliases.

SAM names the version by a hash of the template as it is written, before parameters have values. So what CloudFormation
does with other values is worked out here: a resource whose property changes is replaced where its registry schema says
that it cannot be updated (``createOnlyProperties``, of cfn-lint's copy of the schemas), and what refers to it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.template import DEFAULTS, WRITTEN, of_type, properties, transformed

OTHER = {
    "AllowedRoles": "arn:aws:iam::123456789012:role/checkout",
    "FunctionKeys": "arn:aws:kms:us-east-1:123456789012:key/functions",
    "HookPrefix": "hook-",
    "DefaultManifest": '{"on_newer": "queue"}',
    "ManifestFrom": "bucket",
    "ManifestRules": '{"required": ["gates"]}',
    "KeepVersions": "9",
    "ShippingWindows": "Mon-Thu 09:00-16:00 Europe/Berlin",
    "LambdaCallsPerSecond": "9",
    "NoticeEmail": "somebody@example.com",
    "ChatNotices": "yes",
    "SigningKeyArn": "arn:aws:kms:us-east-1:123456789012:key/signs",
}
"""Every parameter that the environment is made of, with another value than its default."""
_LONGEST_DESCRIPTION = 256
"""Source: Lambda API reference, PublishVersion, Description, 2026-11."""
_IN_TEXT = re.compile(r"\$\{(\w+)(?:\.\w+)?\}")


@cache
def template(**parameters: str) -> dict[str, Any]:
    return transformed(parameters={**DEFAULTS, **parameters})


def version(found: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the name and the properties of the one version in the template."""
    ((name, made),) = of_type(found, "AWS::Lambda::Version").items()
    return name, made


def named(value: Any) -> Iterator[str]:
    """Yields every name that a part of the template takes a value from: parameters, conditions and resources."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        match key, each:
            case "Ref", name:
                yield name
            case "Fn::GetAtt", [name, _]:
                yield name
            case "Fn::If", [condition, *others]:
                yield from named([WRITTEN["Conditions"][condition], others])
            case "Fn::Sub", [text, values]:
                yield from {*_IN_TEXT.findall(text)} - values.keys()
                yield from named(values)
            case "Fn::Sub", text:
                yield from _IN_TEXT.findall(text)
            case _:
                yield from named(each)


def parameters_of(value: Any) -> set[str]:
    return set(named(value)) & WRITTEN["Parameters"].keys()


def replaces(kind: str, member: str) -> bool:
    """Is a resource of this type made anew where that property changes?"""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return f"/properties/{member}" in schema.get("createOnlyProperties", ())


def replaced_with(found: dict[str, Any], name: str, changed: str) -> bool:
    """Is the resource made anew, and has it then other attributes, where the parameter ``changed`` has another value?

    So it is where a property that cannot be updated has it, or has the attribute of another resource that is.
    """
    resource = found["Resources"][name]
    used = {
        each
        for member, value in resource["Properties"].items()
        if replaces(resource["Type"], member)
        for each in named(value)
    }
    return changed in used or any(replaced_with(found, each, changed) for each in used & found["Resources"].keys())


def test_every_parameter_that_the_environment_is_made_of_is_tried_here() -> None:
    assert OTHER.keys() == parameters_of(WRITTEN["Resources"]["Controller"]["Properties"]["Environment"])
    assert [name for name, value in OTHER.items() if value == DEFAULTS[name]] == []


@pytest.mark.parametrize("name", OTHER)
def test_another_value_replaces_the_version(name: str) -> None:
    before, after = (version(template(**parameters)) for parameters in ({}, {name: OTHER[name]}))
    assert before[0] == after[0], "SAM names them alike, so the version has to be replaced under its name"
    assert replaced_with(template(**{name: OTHER[name]}), after[0], name)


@pytest.mark.parametrize("name", sorted(WRITTEN["Parameters"].keys() - OTHER.keys()))
def test_what_is_not_in_the_environment_publishes_nothing(name: str) -> None:
    """CloudFormation would publish an unchanged function, and fail: "A version for this Lambda function exists"."""
    assert not replaced_with(template(), version(template())[0], name)


def test_the_function_changes_whenever_its_version_is_replaced() -> None:
    """The number that replaces the version is in the environment, so no change of it meets an unchanged function."""
    variables = properties(template(), "Controller")["Environment"]["Variables"]
    assert variables["SLIPWAY_SETTINGS"] == {"Fn::Sub": "${Settings.VersionNumber}"}
    assert parameters_of(properties(template(), "Settings")["Content"]) == parameters_of(variables)


def test_both_aliases_go_to_the_version_that_is_made() -> None:
    made = {"Fn::GetAtt": [version(template())[0], "Version"]}
    aliases = of_type(template(), "AWS::Lambda::Alias").values()
    assert {each["Name"]: each["FunctionVersion"] for each in aliases} == {"live": made, "previous": made}


def test_the_description_is_never_too_long_whatever_the_parameters_are() -> None:
    """It has a number in it and no value of a parameter, so it is as long for the longest ones."""
    description = version(template())[1]["Description"]
    assert list(named(description)) == ["Settings"]
    assert len(_IN_TEXT.sub(str(2**63), description["Fn::Sub"])) < _LONGEST_DESCRIPTION


def test_what_is_replaced_is_worked_out_as_cloudformation_does_it() -> None:
    """A bucket is made anew for another name, and not for other encryption; the table goes with neither."""
    assert replaced_with(template(), "Artifacts", "BucketName")
    assert not replaced_with(template(), "Artifacts", "KmsKeyArn")
    assert not replaced_with(template(), "Deployments", "BucketName")
    assert replaces("AWS::Lambda::Version", "Description")
    assert replaces("AWS::AppConfig::HostedConfigurationVersion", "Content")
    assert not replaces("AWS::Lambda::Function", "Environment")
