"""Lambda's calls about functions and their versions.

Note: a publication of what has not changed answers 201 like any other, with the old version and its old description.
Nothing in the answer tells the two apart but the number. Source: facts 1.3.
"""

from __future__ import annotations

import io
import zipfile

from local.emulator.rules.lambda_.answers import conflict, invalid_parameter
from local.emulator.rules.lambda_.version_states import (
    busy,
    content_of,
    creating,
    listed,
    stale,
    undeletable,
    unpublishable,
    updating,
)
from tests.cloud.faults import Json, Refusal
from tests.cloud.lambda_state import Function, LambdaState, Version, arn_of, refused, require, sha256_of

_NOT_SETTINGS = ("Code", "FunctionName", "Publish", "RevisionId", "Tags")


class FunctionCalls(LambdaState):
    """GetFunction, CreateFunction, UpdateFunctionCode, PublishVersion and the like."""

    def _get_function(self, asked: Json) -> Json:
        name, found = asked["FunctionName"], self._get_function_configuration(asked)
        code = {"RepositoryType": "S3", "Location": f"https://code.{name}.example/{found['Version']}"}
        answer = {"Configuration": found, "Code": code}
        if name in self.switched_off:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": 0}
        if name in self.hidden_tags:
            text = (
                "User: arn:aws:sts::123456789012:assumed-role/slipway/controller is not authorized to perform:"
                f" lambda:ListTags on resource: {arn_of(name)} because no identity-based policy allows the action"
            )
            return {**answer, "TagsError": {"ErrorCode": "AccessDeniedException", "Message": text}}
        tags = self.functions[name].tags
        return {**answer, "Tags": dict(tags)} if tags else answer

    def _get_function_configuration(self, asked: Json) -> Json:
        """An alias is read as its own version under the alias's ARN. Source: LocalStack's snapshots of AWS,
        get_function_alias_1_1, 2023-11.
        """
        name, qualifier = asked["FunctionName"], asked.get("Qualifier")
        found = self.shown(self.version(name, qualifier))
        return {**found, **({"FunctionArn": f"{arn_of(name)}:{qualifier}"} if self._is_alias(name, qualifier) else {})}

    def _get_account_settings(self, _: Json) -> Json:
        return {
            "AccountLimit": {"TotalCodeSize": self.code_storage},
            "AccountUsage": {"TotalCodeSize": self.code_stored, "FunctionCount": len(self.functions)},
        }

    def _list_versions_by_function(self, asked: Json) -> Json:
        function = self.find(asked["FunctionName"])
        versions = (function.latest, *function.versions.values())
        return self._paged("Versions", [listed(self.shown(each), function.arn) for each in versions], asked)

    def _create_function(self, asked: Json) -> Json:
        name = asked["FunctionName"]
        if name in self.functions:
            raise refused(conflict(f"Function already exist: {name}"))
        self._check_role(asked)
        code = self._code(asked["Code"])
        settings = {member: value for member, value in asked.items() if member not in _NOT_SETTINGS}
        configuration = creating(self.coded(self.configured({}, settings, name), code))
        function = self.functions[name] = Function(name, Version(configuration, code), tags=dict(asked.get("Tags", {})))
        self.later(function.latest, self.created_in)
        return self.shown(self._new_version(function, "") if asked.get("Publish") else function.latest)

    def _update_function_configuration(self, asked: Json) -> Json:
        function = self._changing(asked)
        self._check_role(asked)
        settings = {member: value for member, value in asked.items() if member not in _NOT_SETTINGS}
        latest = function.latest
        latest.configuration = updating(self.configured(latest.configuration, settings, function.name))
        self.later(latest, self.updated_in)
        return self.shown(latest)

    def _update_function_code(self, asked: Json) -> Json:
        if asked.get("DryRun"):
            found, code = self.find(asked["FunctionName"]).latest, self._code(asked)
            return {**self.shown(found), "CodeSha256": sha256_of(code), "CodeSize": len(code)}
        function = self._changing(asked)
        latest, code = function.latest, self._code(asked)
        changed = self.coded(latest.configuration, code)
        changed["Architectures"] = asked.get("Architectures", changed["Architectures"])
        latest.configuration, latest.replaced, latest.code = updating(changed), latest.code, code
        self.later(latest, self.updated_in)
        return self.shown(self._published(function, "") if asked.get("Publish") else latest)

    def _publish_version(self, asked: Json) -> Json:
        function = self.find(asked["FunctionName"])
        require(busy(function.latest.configuration))
        require(unpublishable(function.latest.configuration, asked))
        return self.shown(self._published(function, asked.get("Description", "")))

    def _delete_function(self, asked: Json) -> Json:
        function, version = self.find(asked["FunctionName"]), asked.get("Qualifier")
        if version is None:
            del self.functions[function.name]
            return {"StatusCode": 204}
        require(undeletable(version, function.aliases.values()))
        # One that is not there is no error. Source: measured in floci #2824, 2026-08.
        function.versions.pop(version, None)
        return {"StatusCode": 204}

    def _put_function_concurrency(self, asked: Json) -> Json:
        """Only 0 makes a difference here: in this AWS no two requests run at once."""
        name, reserved = self.find(asked["FunctionName"]).name, asked["ReservedConcurrentExecutions"]
        self.switched_off = self.switched_off | {name} if reserved == 0 else self.switched_off - {name}
        return {"ReservedConcurrentExecutions": reserved}

    def _delete_function_concurrency(self, asked: Json) -> Json:
        self.switched_off = self.switched_off - {self.find(asked["FunctionName"]).name}
        return {}

    def _get_provisioned_concurrency_config(self, asked: Json) -> Json:
        self.version(asked["FunctionName"], asked["Qualifier"])
        ready_at = self.provisioned.get((asked["FunctionName"], asked["Qualifier"]))
        if ready_at is None:
            text = "No Provisioned Concurrency Config found for this function"
            raise Refusal(404, "ProvisionedConcurrencyConfigNotFoundException", text)
        ready = self.clock.now >= ready_at
        return {
            "RequestedProvisionedConcurrentExecutions": 1,
            "AllocatedProvisionedConcurrentExecutions": int(ready),
            "AvailableProvisionedConcurrentExecutions": int(ready),
            "Status": "READY" if ready else "IN_PROGRESS",
            "LastModified": self._modified(),
        }

    def publish(self, name: str, description: str = "") -> str:
        """Publishes ``$LATEST`` as it is and returns the number of a version that is ready at once."""
        function = self.functions[name]
        version = self._published(function, description)
        version.settles_at = version.settles_at and self.clock.now
        self.find(name)
        return str(version.configuration["Version"])

    def _is_alias(self, name: str, qualifier: str | None) -> bool:
        return qualifier in self.functions[name].aliases

    def _changing(self, asked: Json) -> Function:
        function = self.find(asked["FunctionName"])
        require(busy(function.latest.configuration))
        require(stale(function.latest.configuration, asked))
        return function

    def _check_role(self, asked: Json) -> None:
        if asked.get("Role") in self.unassumable_roles:
            raise refused(invalid_parameter("The role defined for the function cannot be assumed by Lambda."))

    def _code(self, asked: Json) -> bytes:
        code = bytes(asked["ZipFile"]) if "ZipFile" in asked else self._object(asked)
        if self.checks_zips and not zipfile.is_zipfile(io.BytesIO(code)):
            text = "Could not unzip uploaded file. Please check your file, then try to upload again."
            raise refused(invalid_parameter(text))
        if self.code_stored + len(code) > self.code_storage:
            raise Refusal(400, "CodeStorageExceededException", "Code storage limit exceeded.")
        return code

    def _object(self, asked: Json) -> bytes:
        """Lambda reads the object with the caller's rights. Source: facts section 8."""
        bucket, key = asked["S3Bucket"], asked["S3Key"]
        try:
            return self.storage.read(bucket, key, asked.get("S3ObjectVersion"))
        except Refusal as refusal:
            said = f"S3 Error Code: {refusal.code}. S3 Error Message: {refusal.message}"
            if refusal.code == "AccessDenied":
                text = "Your access has been denied by S3, please make sure your request credentials have permission to"
                raise Refusal(403, "AccessDeniedException", f"{text} GetObject for {bucket}/{key}. {said}") from None
            raise refused(invalid_parameter(f"Error occurred while GetObject. {said}")) from None

    def _published(self, function: Function, description: str) -> Version:
        last = function.versions.get(str(function.published))
        # Every publication changes the revision of $LATEST. Source: facts 1.4; that one which makes no new version does
        # so, too, is not recorded: it is the harder case for whoever remembers a revision.
        function.latest.configuration = {**function.latest.configuration, "RevisionId": self.revision()}
        if last is not None and last.content == content_of(function.latest.configuration):
            return last
        return self._new_version(function, description)

    def _new_version(self, function: Function, description: str) -> Version:
        function.published += 1
        number, latest = str(function.published), function.latest
        configuration = creating({
            **latest.configuration,
            "Version": number,
            "FunctionArn": f"{arn_of(function.name)}:{number}",
            "RevisionId": self.revision(),
            **({"Description": description} if description else {}),
        })  # fmt: skip
        made = Version(configuration, latest.code, content=content_of(latest.configuration))
        function.versions[number] = made
        self.later(made, self.published_in)
        return made

    def _paged(self, member: str, items: list[Json], asked: Json) -> Json:
        start, most = int(asked.get("Marker", 0)), min(asked.get("MaxItems", self.page), self.page)
        rest = {"NextMarker": str(start + most)} if start + most < len(items) else {}
        return {member: items[start : start + most], **rest}
