"""template.yaml as it is written and as CloudFormation gets it, and the code it has to fit, for the tests of both."""

from __future__ import annotations

import ast
import copy
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

NOTHING = {"Ref": "AWS::NoValue"}
ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "template.yaml").read_text()
WRITTEN: dict[str, Any] = yaml_parse(TEXT)
DEFAULTS = {name: str(parameter["Default"]) for name, parameter in WRITTEN["Parameters"].items()}


def transformed(parameters: dict[str, str] = DEFAULTS, **changes: Any) -> dict[str, Any]:
    """What CloudFormation gets, once the code is uploaded, with ``changes`` to the controller's properties."""
    uploaded = copy.deepcopy(WRITTEN)
    uploaded["Resources"]["Viewer"]["Properties"]["CodeUri"] = "s3://uploads/package"
    uploaded["Resources"]["Controller"]["Properties"] |= {"CodeUri": "s3://uploads/package"} | changes
    session = boto3.Session(region_name="us-east-1")
    translator = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session)
    result: dict[str, Any] = translator.translate(uploaded, parameter_values=parameters)
    return result


def properties(template: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of one type, by name."""
    return {name: made["Properties"] for name, made in template["Resources"].items() if made["Type"] == kind}


def syntax_trees() -> list[ast.Module]:
    return [ast.parse(file.read_text()) for file in sorted((ROOT / "controller").rglob("*.py"))]


def constants() -> set[str]:
    """Every string that stands in controller/."""
    nodes = (node for tree in syntax_trees() for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


def chosen(value: Any, **conditions: bool) -> Any:
    """Returns a part of the template as CloudFormation makes it where these conditions hold, or do not."""
    if isinstance(value, list):
        return [made for each in value if (made := chosen(each, **conditions)) != NOTHING]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value and value["Fn::If"][0] in conditions:
        name, where_it_holds, otherwise = value["Fn::If"]
        return chosen(where_it_holds if conditions[name] else otherwise, **conditions)
    return {name: made for name, each in value.items() if (made := chosen(each, **conditions)) != NOTHING}
