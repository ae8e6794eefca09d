"""A Lambda in memory that keeps AWS's rules; boto3's own client talks to it.

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

from botocore.response import StreamingBody

from tests.adapters.fake_wire import FakeWire, Json, Refusal

# What may differ between ``$LATEST`` and a version of it that AWS takes for the same.
_OF_ITS_OWN = {"Description", "LastUpdateStatus", "RevisionId", "State", "StateReason", "Version"}


def sha256(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


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
class FakeLambda(FakeWire):
    """``settles_after``: how often a function, or a version, must be read until an update of it is over."""

    functions: dict[str, Function] = field(default_factory=dict)
    objects: dict[tuple[str, str, str | None], bytes] = field(default_factory=dict)
    settles_after: int = 0
    version_settles_after: int = 0
    completes_as: Json = field(default_factory=lambda: {"State": "Active", "LastUpdateStatus": "Successful"})
    hidden_environment: Json | None = None
    tags_error: Json | None = None
    page: int = 50
    provisioned: set[tuple[str, str]] = field(default_factory=set)
    code_size: Json = field(default_factory=lambda: {"used": 0, "limit": 80_000_000_000})
    invoked: Callable[[Json], Json] = lambda _: {"Payload": b"null"}
    _revisions: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

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

    def alias(self, name: str, version: str, weights: dict[str, float] | None = None) -> None:
        routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
        made = {"Name": name, "FunctionVersion": version, "RevisionId": self._revision(), "Description": "", **routing}
        self.functions["checkout"].aliases[name] = made

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
            text = "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: It does not exist."
            raise Refusal(400, "InvalidParameterValueException", text)
        return found

    def _changing(self, parameters: Json) -> Function:
        latest = self._find(parameters["FunctionName"])
        if latest.get("LastUpdateStatus") == "InProgress" or latest["State"] == "Pending":
            text = "The operation cannot be performed at this time. An update is in progress for resource: arn"
            raise Refusal(409, "ResourceConflictException", text)
        self._check_revision(latest, parameters)
        return self.functions[parameters["FunctionName"]]

    @staticmethod
    def _check_revision(found: Json, parameters: Json) -> None:
        if parameters.get("RevisionId", found["RevisionId"]) != found["RevisionId"]:
            text = "The Revision Id provided does not match the latest Revision Id."
            raise Refusal(412, "PreconditionFailedException", text)

    def _updated(self, function: Function) -> Json:
        function.latest.update(LastUpdateStatus="InProgress", RevisionId=self._revision())
        function.settling["$LATEST"] = self.settles_after
        return self._shown(function.latest)

    def _shown(self, configuration: Json) -> Json:
        return {**configuration, **({"Environment": self.hidden_environment} if self.hidden_environment else {})}

    def _get_function(self, parameters: Json) -> Json:
        found = self._find(parameters["FunctionName"], parameters.get("Qualifier"))
        function = self.functions[parameters["FunctionName"]]
        seen = dict(found)
        if function.settling[found["Version"]]:
            function.settling[found["Version"]] -= 1
        elif found["State"] == "Pending" or found.get("LastUpdateStatus") == "InProgress":
            found.update(self.completes_as)
            if found is function.latest:
                found["RevisionId"] = self._revision()
            seen = dict(found)
        location = f"https://code/{found['Version']}"
        tags = {"TagsError": self.tags_error} if self.tags_error else {"Tags": function.tags}
        return {"Configuration": self._shown(seen), "Code": {"Location": location}, **tags}

    def _get_function_configuration(self, parameters: Json) -> Json:
        return dict(self._find(parameters["FunctionName"], parameters.get("Qualifier")))

    def _get_account_settings(self, _: Json) -> Json:
        size = self.code_size
        return {"AccountLimit": {"TotalCodeSize": size["limit"]}, "AccountUsage": {"TotalCodeSize": size["used"]}}

    def _get_provisioned_concurrency_config(self, parameters: Json) -> Json:
        if (parameters["FunctionName"], parameters["Qualifier"]) not in self.provisioned:
            raise Refusal(404, "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config")
        return {"Status": "READY"}

    def _create_function(self, parameters: Json) -> Json:
        name = parameters["FunctionName"]
        if name in self.functions:
            raise Refusal(409, "ResourceConflictException", f"Function already exist: {name}")
        code = self._code(parameters["Code"])
        apart = ("Code", "FunctionName", "Publish", "Tags")
        made = {key: value for key, value in parameters.items() if key not in apart}
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
        if last and all(last.get(key) == latest.get(key) for key in {*last, *latest} - _OF_ITS_OWN):
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
        self._check_revision(found, parameters)
        self._find(parameters["FunctionName"], parameters.get("FunctionVersion"))
        return self._write_alias(parameters)

    def _write_alias(self, parameters: Json) -> Json:
        alias = self.functions[parameters["FunctionName"]].aliases[parameters["Name"]]
        members = ("FunctionVersion", "Description", "RoutingConfig")
        alias.update({key: parameters[key] for key in members if key in parameters})
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
        function = self.functions.get(parameters["FunctionName"])
        if function is None or parameters.get("Qualifier") not in function.aliases:
            self._find(parameters["FunctionName"], parameters.get("Qualifier"))
        dry = parameters.get("InvocationType") == "DryRun"
        answer = {"Payload": b""} if dry else self.invoked(parameters)
        body = answer["Payload"]
        return {**answer, "StatusCode": 204 if dry else 200, "Payload": StreamingBody(io.BytesIO(body), len(body))}
