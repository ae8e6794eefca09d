"""A packaged template says what the template says, and where the code is."""

from __future__ import annotations

import json

import pytest

from local.template import NothingToPackage, packaged

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  Local:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      CodeUri: .
      Role: !GetAtt Role.Arn
      Environment: {Variables: {TABLE: !Ref Table, NAME: !Sub "${AWS::StackName}-x"}}
  Uploaded:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: "s3://theirs/code.zip"}
"""


def resources(text: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(packaged(text, "packages", "a.zip"))["Resources"]
    return found


def test_local_code_is_where_it_was_uploaded_to_and_its_build_is_forgotten() -> None:
    assert resources(TEMPLATE)["Local"] == {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "CodeUri": "s3://packages/a.zip",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Environment": {"Variables": {"TABLE": {"Ref": "Table"}, "NAME": {"Fn::Sub": "${AWS::StackName}-x"}}},
        },
    }


def test_other_metadata_stays() -> None:
    changed = TEMPLATE.replace("{BuildMethod: makefile}", "{BuildMethod: makefile, Owner: us}")
    assert resources(changed)["Local"]["Metadata"] == {"Owner": "us"}


def test_other_resources_and_code_that_is_uploaded_already_are_left_alone() -> None:
    found = resources(TEMPLATE)
    assert found["Table"] == {"Type": "AWS::DynamoDB::Table"}
    assert found["Uploaded"]["Properties"] == {"CodeUri": "s3://theirs/code.zip"}


def test_a_template_without_local_code_is_refused() -> None:
    with pytest.raises(NothingToPackage, match="nothing would run"):
        packaged(TEMPLATE.replace("CodeUri: .", "CodeUri: s3://theirs/other.zip"), "packages", "a.zip")
