"""Calls AWS with the role that the function has, and says how AWS answered.

{"service": "lambda", "operation": "delete_function", "parameters": {"FunctionName": "f", "Qualifier": "1"}}
"""

from __future__ import annotations

import base64
from typing import Any

import boto3
from botocore.exceptions import ClientError


def handler(event: dict[str, Any], context: object) -> dict[str, str | None]:
    parameters = event["parameters"]
    if "ZipFile" in parameters:
        parameters["ZipFile"] = base64.b64decode(parameters["ZipFile"])
    try:
        getattr(boto3.client(event["service"]), event["operation"])(**parameters)
    except ClientError as refusal:
        return {"refused": str(refusal)}
    return {"refused": None}
