"""The templates that are scanned: what CloudFormation gets, and what it makes of that for stacks of several kinds.

Note: a scanner reads no "Fn::If" and no parameter. It takes the bucket's encryption for missing where there are two
kinds of it, so it is shown each of them in a template of its own as well.
"""

from __future__ import annotations

import copy
from typing import Any

from tests.template import DEFAULTS, WRITTEN, chosen, transformed

WITH_IFS = "with ifs"
_NOTICES = {"NoticeEmail": "somebody@example.com"}
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_BUCKET = "arn:aws:s3:::artifacts"
_EVERYTHING = {
    **_NOTICES, "KmsKeyArn": _KEY, "SigningKeyArn": _KEY, "BucketName": "artifacts", "LogRetentionDays": 365,
    "AllowedRoles": ["arn:aws:iam::123456789012:role/checkout"], "FunctionKeys": [_KEY],
    "ControllerShippers": ["arn:aws:iam::123456789012:role/pipeline"], "ReservedConcurrency": "20",
}  # fmt: skip
_KINDS: dict[str, dict[str, Any]] = {"defaults": {}, "with notices": _NOTICES, "with everything": _EVERYTHING}


def templates() -> dict[str, dict[str, Any]]:
    """Returns what is scanned, by name: the template with its "if"s in it, and one for each kind of stack.

    What is to be skipped is left out: a scan finds everything, and what is skipped is compared with it.
    """
    with_ifs = copy.deepcopy(transformed())
    for resource in with_ifs["Resources"].values():
        resource.pop("Metadata", None)
    kinds = {kind: _template(with_ifs, {**DEFAULTS, **parameters}) for kind, parameters in _KINDS.items()}
    return {WITH_IFS: with_ifs, **kinds}


def skips(scanner: str) -> dict[str, dict[str, str]]:
    """Returns what the template says not to look for, by resource: {"Artifacts": {"CKV_AWS_18": "because ..."}}."""
    found: dict[str, dict[str, str]] = {}
    for name, resource in WRITTEN["Resources"].items():
        for skip in resource.get("Metadata", {}).get(scanner, {}).get("skip", ()):
            found.setdefault(name, {})[str(skip["id"])] = str(skip.get("comment", ""))
    return found


def _template(with_ifs: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    whole = copy.deepcopy(with_ifs)
    answers = {name: _holds(condition, parameters) for name, condition in whole.pop("Conditions").items()}
    resources = whole["Resources"].items()
    made = {name: resource for name, resource in resources if answers.get(resource.pop("Condition", ""), True)}
    found: dict[str, Any] = _filled(chosen({**whole, "Resources": made}, **answers), parameters)
    return found


def _holds(condition: Any, parameters: dict[str, Any]) -> bool:
    """Is the parameter that the condition asks for another than the one that switches it off? So are all of them."""
    compared, off = condition["Fn::Not"][0]["Fn::Equals"]
    name = compared["Ref"] if "Ref" in compared else compared["Fn::Join"][1]["Ref"]
    return str(parameters[name]) != off


def _filled(value: Any, parameters: dict[str, Any]) -> Any:
    """Returns the value with the parameters in their places, and the bucket's ARN, which a rule wants to read."""
    if value == {"Fn::GetAtt": ["Artifacts", "Arn"]}:
        return _BUCKET
    if value == {"Fn::Sub": "${Artifacts.Arn}/*"}:
        return f"{_BUCKET}/*"
    if isinstance(value, list):
        return [_filled(each, parameters) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"} and value["Ref"] in parameters:
        return parameters[value["Ref"]]
    return {name: _filled(each, parameters) for name, each in value.items()}
