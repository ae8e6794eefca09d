"""Points a SAM template's functions at an uploaded zip, as ``sam build`` and ``sam package`` do between them.

Nothing else of the template is changed; what it does not say is not added.
"""

from __future__ import annotations

import json
from typing import Any, cast

from samtranslator.yaml_helper import yaml_parse

Template = dict[str, Any]

BUILD_KEYS = ("BuildMethod", "BuildProperties")


class NothingToPackage(ValueError):
    """The template has no function whose code is a local folder."""


def packaged(text: str, bucket: str, key: str) -> str:
    """Returns the template (YAML) as JSON, every local ``CodeUri`` replaced by ``s3://BUCKET/KEY``.

    A ``CodeUri`` that names a place in S3 already is left alone. Raises NothingToPackage where no function is
    left to point.
    """
    template = cast(Template, yaml_parse(text))
    local = [function for function in _functions(template) if _is_local(function["Properties"].get("CodeUri"))]
    if not local:
        raise NothingToPackage("the template has no AWS::Serverless::Function with a local CodeUri; nothing would run")
    for function in local:
        function["Properties"]["CodeUri"] = f"s3://{bucket}/{key}"
        _forget_how_it_was_built(function)
    return json.dumps(template)


def _functions(template: Template) -> list[Template]:
    resources = cast(dict[str, Template], template["Resources"])
    return [resource for resource in resources.values() if resource["Type"] == "AWS::Serverless::Function"]


def _is_local(uri: object) -> bool:
    return isinstance(uri, str) and not uri.startswith("s3://")


def _forget_how_it_was_built(function: Template) -> None:
    metadata = function.get("Metadata", {})
    for key in BUILD_KEYS:
        metadata.pop(key, None)
    if not metadata:
        function.pop("Metadata", None)
