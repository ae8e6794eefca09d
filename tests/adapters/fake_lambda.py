"""A Lambda in memory behind boto3's own client: parameters are checked by botocore's model, and AWS's rules are kept.

Rules of the fake, each recorded against AWS (Source: LocalStack's snapshots, Lambda developer guide, 2026-11):
- a wrong RevisionId is 412; every change, its completion and every publication give ``$LATEST`` a new one;
- while an update is in progress, a second one and a publication are 409;
- the same code and settings are published once; an alias that is written keeps the weights it is not told of;
- a version that an alias uses cannot be deleted.
"""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.response import StreamingBody
from botocore.validate import validate_parameters

Json = dict[str, Any]
_NOT_SETTINGS = {"CodeSha256", "CodeSize", "Description", "FunctionName", "LastUpdateStatus", "RevisionId", "State", "Version"}


def sha256(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


class Refusal(Exception):  # noqa: N818 - the fake's word for an answer that is an error
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Function:
    """One function: ``latest`` and ``versions`` are FunctionConfigurations."""

    latest: Json
    code: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, Json] = field(default_factory=dict)
    aliases: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    settling: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class FakeLambda:
    """``settles_after``: how often a function, or a version, must be read until an update of it is over."""

    functions: dict[str, Function] = field(default_factory=dict)
    objects: dict[tuple[str, str, str | None], bytes] = field(default_factory=dict)
    settles_after: int = 0
    version_settles_after: int = 0
    page: int = 50
    provisioned: set[tuple[str, str]] = field(default_factory=set)
    code_size: Json = field(default_factory=lambda: {"used": 0, "limit": 80_000_000_000})
    invoked: Callable[[Json], Json] = lambda _: {"Payload": b"null"}
    refusals: dict[str, list[Exception]] = field(default_factory=dict)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    _revisions: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def client(self) -> Any:
        client = boto3.client("lambda", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
        client.meta.events.register_first("before-parameter-build.lambda.*", self._asked)
        client.meta.events.register_first("before-call.lambda.*", self._answer)
        return client

    def asked(self, call: str) -> list[Json]:
        """Returns the parameters of every ``call`` so far."""
        return [parameters for name, parameters in self.calls if name == call]

    @property
    def writes(self) -> list[str]:
        return [name for name, _ in self.calls if not name.startswith(("get_", "list_"))]

    def function(self, name: str = "checkout", code: bytes = b"v1", **settings: Any) -> Function:
        """Puts a function with one version, as if it had been there for years."""
        whole = {"Role": "arn:aws:iam::123456789012:role/checkout", "Runtime": "python3.13", "Handler": "app.handler"}
        latest = {
            **whole, **settings, "FunctionName": name, "Version": "$LATEST", "State": "Active",
            "LastUpdateStatus": "Successful", "RevisionId": self._revision(),
        }  # fmt: skip
        made = self.functions[name] = Function(latest)
        self._set_code(made, code)
        return made

    def publish(self, name: str = "checkout", description: str = "") -> str:
        """Publishes ``$LATEST`` as it is, at once."""
        function = self.functions[name]
        number = str(1 + max(map(int, function.versions), default=0))
        function.versions[number] = {
            **function.latest, "Version": number, "State": "Active", "RevisionId": self._revision(),
            "Description": description,
        }  # fmt: skip
        function.code[number] = function.code["$LATEST"]
        return number

    def alias(self, name: str, version: str, weights: dict[str, float] | None = None, function: str = "checkout") -> None:
        made = {"Name": name, "FunctionVersion": version, "RevisionId": self._revision(), "Description": ""}
        self.functions[function].aliases[name] = made | ({"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {})

    def _asked(self, params: Json, model: Any, **_: Any) -> None:
        self.calls.append((xform_name(model.name), dict(params)))

    def _answer(self, model: Any, **_: Any) -> tuple[AWSResponse, Json]:
        name, parameters = self.calls[-1]
        self.before.pop(name, lambda: None)()
        try:
            if self.refusals.get(name):
                raise self.refusals[name].pop(0)
            answer = getattr(self, f"_{name}")(parameters)
        except Refusal as refusal:
            error = {"Code": refusal.code, "Message": refusal.message}
            return self._response(refusal.status), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": refusal.status}}
        if model.output_shape and not model.has_streaming_output and name != "invoke":
            validate_parameters(answer, model.output_shape)
        return self._response(200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

    @staticmethod
    def _response(status: int) -> AWSResponse:
        return AWSResponse("https://lambda.us-east-1.amazonaws.com", status, {}, None)

    def _revision(self) -> str:
        return f"revision-{next(self._revisions)}"

    def _find(self, name: str, version: str | None = None) -> Json:
        function = self.functions.get(name)
        found = function and (function.latest if version in (None, "$LATEST") else function.versions.get(version or ""))
        if not found:
            raise Refusal(404, "ResourceNotFoundException", f"Function not found: {name}:{version}")
        return found

    def _set_code(self, function: Function, code: bytes) -> None:
        function.code["$LATEST"] = code
        function.latest.update(CodeSha256=sha256(code), CodeSize=len(code))

    def _code(self, source: Json) -> bytes:
        if "ZipFile" in source:
            return bytes(source["ZipFile"])
        found = self.objects.get((source["S3Bucket"], source["S3Key"], source.get("S3ObjectVersion")))
        if found is None:
            text = "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
            raise Refusal(400, "InvalidParameterValueException", text)
        return found

    def _changing(self, parameters: Json) -> Function:
        latest = self._find(parameters["FunctionName"])
        if latest.get("LastUpdateStatus") == "InProgress" or latest["State"] == "Pending":
            text = "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda"
            raise Refusal(409, "ResourceConflictException", text)
        if parameters.get("RevisionId", latest["RevisionId"]) != latest["RevisionId"]:
            raise Refusal(412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id.")
        return self.functions[parameters["FunctionName"]]

    def _updated(self, function: Function) -> Json:
        function.latest.update(LastUpdateStatus="InProgress", RevisionId=self._revision())
        function.settling["$LATEST"] = self.settles_after
        return dict(function.latest)

    def _get_function(self, parameters: Json) -> Json:
        found = self._find(parameters["FunctionName"], parameters.get("Qualifier"))
        function = self.functions[parameters["FunctionName"]]
        seen = dict(found)
        if function.settling[found["Version"]]:
            function.settling[found["Version"]] -= 1
        elif found["State"] == "Pending" or found.get("LastUpdateStatus") == "InProgress":
            found.update(State="Active", LastUpdateStatus="Successful")
            if found is function.latest:
                found["RevisionId"] = self._revision()
            seen = dict(found)
        location = f"https://code/{found['Version']}"
        return {"Configuration": seen, "Code": {"Location": location}, "Tags": function.tags}

    def _get_function_configuration(self, parameters: Json) -> Json:
        return dict(self._find(parameters["FunctionName"], parameters.get("Qualifier")))

    def _get_account_settings(self, _: Json) -> Json:
        size = self.code_size
        return {"AccountLimit": {"TotalCodeSize": size["limit"]}, "AccountUsage": {"TotalCodeSize": size["used"]}}

    def _get_provisioned_concurrency_config(self, parameters: Json) -> Json:
        if (parameters["FunctionName"], parameters["Qualifier"]) not in self.provisioned:
            raise Refusal(404, "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found")
        return {"Status": "READY"}

    def _create_function(self, parameters: Json) -> Json:
        name = parameters["FunctionName"]
        if name in self.functions:
            raise Refusal(409, "ResourceConflictException", f"Function already exist: {name}")
        code = self._code(parameters["Code"])
        made = {key: value for key, value in parameters.items() if key not in ("Code", "Tags", "Publish", "FunctionName")}
        function = self.function(name, code, **made)
        function.tags = parameters.get("Tags", {})
        function.latest["State"] = "Pending"
        del function.latest["LastUpdateStatus"]
        function.settling["$LATEST"] = self.settles_after
        return dict(function.latest)

    def _update_function_configuration(self, parameters: Json) -> Json:
        function = self._changing(parameters)
        changes = {key: value for key, value in parameters.items() if key not in ("FunctionName", "RevisionId")}
        if "Layers" in changes:
            changes["Layers"] = [{"Arn": arn} for arn in changes["Layers"]]
        function.latest.update(changes)
        return self._updated(function)

    def _update_function_code(self, parameters: Json) -> Json:
        if parameters.get("DryRun"):
            return {**self._find(parameters["FunctionName"]), "CodeSha256": sha256(self._code(parameters))}
        function = self._changing(parameters)
        self._set_code(function, self._code(parameters))
        function.latest["Architectures"] = parameters.get("Architectures", ["x86_64"])
        return self._updated(function)

    def _publish_version(self, parameters: Json) -> Json:
        function = self._changing(parameters)
        latest, name = function.latest, parameters["FunctionName"]
        if parameters.get("CodeSha256", latest["CodeSha256"]) != latest["CodeSha256"]:
            text = f"CodeSHA256 ({parameters['CodeSha256']}) is different from current CodeSHA256 in $LATEST"
            raise Refusal(400, "InvalidParameterValueException", text)
        last = function.versions.get(str(max(map(int, function.versions), default=0)))
        latest["RevisionId"] = self._revision()
        if last and all(last.get(key) == latest.get(key) for key in {*last, *latest} - (_NOT_SETTINGS - {"CodeSha256"})):
            return dict(last)
        number = self.publish(name, parameters.get("Description", ""))
        if self.version_settles_after:
            function.versions[number]["State"] = "Pending"
            del function.versions[number]["LastUpdateStatus"]
            function.settling[number] = self.version_settles_after - 1
        return dict(function.versions[number])

    def _get_alias(self, parameters: Json) -> Json:
        self._find(parameters["FunctionName"])
        found = self.functions[parameters["FunctionName"]].aliases.get(parameters["Name"])
        if found is None:
            raise Refusal(404, "ResourceNotFoundException", "Cannot find alias arn: " + parameters["Name"])
        return dict(found)

    def _create_alias(self, parameters: Json) -> Json:
        self._find(parameters["FunctionName"], parameters["FunctionVersion"])
        aliases = self.functions[parameters["FunctionName"]].aliases
        if parameters["Name"] in aliases:
            raise Refusal(409, "ResourceConflictException", "Alias already exists: " + parameters["Name"])
        aliases[parameters["Name"]] = {"Name": parameters["Name"]}
        return self._write_alias(parameters)

    def _update_alias(self, parameters: Json) -> Json:
        found = self._get_alias(parameters)
        if parameters.get("RevisionId", found["RevisionId"]) != found["RevisionId"]:
            raise Refusal(412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id.")
        self._find(parameters["FunctionName"], parameters.get("FunctionVersion"))
        return self._write_alias(parameters)

    def _write_alias(self, parameters: Json) -> Json:
        alias = self.functions[parameters["FunctionName"]].aliases[parameters["Name"]]
        alias.update({key: parameters[key] for key in ("FunctionVersion", "Description", "RoutingConfig") if key in parameters})
        if not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
            alias.pop("RoutingConfig", None)
        alias["RevisionId"] = self._revision()
        return dict(alias)

    def _list_aliases(self, parameters: Json) -> Json:
        self._find(parameters["FunctionName"])
        return self._paged("Aliases", list(self.functions[parameters["FunctionName"]].aliases.values()), parameters)

    def _list_versions_by_function(self, parameters: Json) -> Json:
        latest = self._find(parameters["FunctionName"])
        versions = self.functions[parameters["FunctionName"]].versions.values()
        return self._paged("Versions", [latest, *versions], parameters)

    def _paged(self, member: str, items: list[Json], parameters: Json) -> Json:
        start = int(parameters.get("Marker", 0))
        rest = {"NextMarker": str(start + self.page)} if start + self.page < len(items) else {}
        return {member: items[start : start + self.page], **rest}

    def _delete_function(self, parameters: Json) -> Json:
        version = parameters["Qualifier"]
        self._find(parameters["FunctionName"], version)
        function = self.functions[parameters["FunctionName"]]
        used = [name for name, alias in function.aliases.items() if version in json.dumps(alias)]
        if used:
            text = f"Unable to delete version because the following aliases reference it: [{', '.join(used)}]"
            raise Refusal(409, "ResourceConflictException", text)
        del function.versions[version]
        return {}

    def _invoke(self, parameters: Json) -> Json:
        self._find(parameters["FunctionName"], parameters["Qualifier"])
        answer = self.invoked(parameters)
        body = answer["Payload"]
        return {**answer, "StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body))}
