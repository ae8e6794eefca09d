"""Writes what AWS answers as the HTTP response that botocore reads: one protocol for each service.

Rules of the file:
- an answer is checked against botocore's output shape before it is sent, its enums included: a fake cannot invent a
  member or a word;
- what is wrong with an answer is NotModelled, which no code of the controller can take for AWS's refusal.

Note: botocore's own validator knows no enums, and DynamoDB's items are checked nowhere: they came in through botocore
and go out as they came.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

from tests.cloud.faults import Json, NotModelled, Refusal

_VALIDATOR = ParamValidator()
_SAID_BEYOND_THE_MODEL = {"LastUpdateStatusReasonCode": {"Creating"}}
"""Words that AWS says and botocore's model, 1.43.106, does not have. Source: LocalStack's snapshots of AWS, 2025."""
_ITEMS = ("Item", "Items", "LastEvaluatedKey", "Attributes")
Response = tuple[int, dict[str, str], bytes]


class Raw(io.BytesIO):
    """The bytes of a response, as urllib3 gives them to botocore."""

    def stream(self, *_: object) -> list[bytes]:
        return [self.read()]


def response(url: str, written: Response) -> AWSResponse:
    """Returns a response that botocore parses like one from the network."""
    status, headers, body = written
    return AWSResponse(url, status, {"x-amzn-requestid": "request", **headers}, Raw(body))


def success(operation: OperationModel, answer: Json) -> Response:
    """Returns the answer as its protocol writes it. Raises NotModelled for one that AWS cannot give."""
    shape = operation.output_shape
    _check(operation, shape, answer)
    # A part of an object is no whole answer. Source: RFC 9110, range requests.
    status = 206 if "ContentRange" in answer else int(operation.http.get("responseCode", 200))
    if shape is None:
        return status, {}, b""
    protocol = operation.service_model.resolved_protocol
    if protocol == "query":
        return status, {}, _query_xml(operation, answer)
    if operation.service_model.service_name == "dynamodb":
        return status, {}, json.dumps(answer).encode()
    if protocol == "json":
        return status, {}, json.dumps(_plain(shape, answer)).encode()
    return _rest(status, shape, answer)


def failure(operation: OperationModel, refusal: Refusal) -> Response:
    """Returns the refusal as its protocol writes it."""
    protocol, status = operation.service_model.resolved_protocol, refusal.status
    match protocol:
        case "rest-xml":
            empty = operation.name.startswith("Head")  # Source: Amazon S3 API reference, HeadObject: no body, 2026-11
            body = f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
            return status, {}, b"" if empty else body.encode()
        case "query":
            kind = "Receiver" if status >= 500 else "Sender"
            error = f"<Type>{kind}</Type><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message>"
            return status, {}, f"<ErrorResponse><Error>{error}</Error><RequestId>r</RequestId></ErrorResponse>".encode()
        case "rest-json":
            said = {"Type": "User" if status < 500 else "Service", "message": refusal.message, **refusal.more}
            return status, {"x-amzn-errortype": refusal.code}, json.dumps(said).encode()
    headers = {}
    if "awsQueryCompatible" in operation.service_model.metadata:
        headers["x-amzn-query-error"] = f"{refusal.code};{'Receiver' if status >= 500 else 'Sender'}"
    said = {"__type": f"com.amazonaws#{refusal.code}", "message": refusal.message, **refusal.more}
    return status, headers, json.dumps(said).encode()


def _check(operation: OperationModel, shape: Shape | None, answer: Json) -> None:
    if shape is None:
        if answer:
            raise NotModelled(f"{operation.name} answers nothing, and not {answer}")
        return
    if operation.service_model.service_name == "dynamodb":
        answer = {name: value for name, value in answer.items() if name not in _ITEMS or name not in shape.members}
    report = _VALIDATOR.validate(answer, shape)
    if report.has_errors():
        raise NotModelled(f"AWS does not answer {operation.name} so: {report.generate_report()}")


def _rest(status: int, shape: Shape, answer: Json) -> Response:
    headers: dict[str, str] = {}
    body: Json = {}
    for name, value in answer.items():
        member = shape.members[name]
        match member.serialization.get("location"):
            case "statusCode":
                status = value
            case "header":
                headers[member.serialization.get("name", name)] = _header(member, value)
            case "headers":
                prefix = member.serialization.get("name", "")
                headers.update({f"{prefix}{key}": str(each) for key, each in value.items()})
            case _:
                body[name] = value
    payload = shape.serialization.get("payload")
    if payload is None:
        # Of S3's answers only those without a body of XML are written here. Source: the calls of ``storage``.
        return status, headers, json.dumps(_plain(shape, body)).encode() if body else b""
    content = body.get(payload, b"")
    return status, {"content-length": str(len(content)), **headers}, content


def _header(shape: Shape, value: Any) -> str:
    if isinstance(value, datetime):
        return format_datetime(value.astimezone(UTC), usegmt=True)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(shape: Shape, value: Any) -> Any:
    """Returns the value as JSON has it. Raises NotModelled for a word that is not in the shape's enum."""
    match shape.type_name:
        case "structure":
            members = shape.members
            named = {name: members[name].serialization.get("name", name) for name in value}
            return {named[name]: _plain(members[name], each) for name, each in value.items()}
        case "list":
            return [_plain(shape.member, each) for each in value]
        case "map":
            return {key: _plain(shape.value, each) for key, each in value.items()}
        case "timestamp":
            return value.timestamp()
        case "blob":
            return base64.b64encode(value).decode()
        case "string" if shape.enum and value not in {*shape.enum, *_SAID_BEYOND_THE_MODEL.get(shape.name, ())}:
            raise NotModelled(f"{value!r} is no {shape.name}; AWS knows {', '.join(shape.enum)}")
    return value


def _query_xml(operation: OperationModel, answer: Mapping[str, Any]) -> bytes:
    members = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in answer.items())
    name, space = operation.name, operation.service_model.metadata["xmlNamespace"]
    wrapped = operation.output_shape.serialization.get("resultWrapper", f"{name}Result")
    about = "<ResponseMetadata><RequestId>request</RequestId></ResponseMetadata>"
    return f'<{name}Response xmlns="{space}"><{wrapped}>{members}</{wrapped}>{about}</{name}Response>'.encode()
