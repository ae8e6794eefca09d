"""Lambda's calls about aliases: the one thing that moves traffic.

Note: what a write leaves out stays as it was, the weights too, and a read shows no RoutingConfig at all where there are
no weights. Source: facts 1.2.
"""

from __future__ import annotations

import copy

from local.emulator.rules.lambda_.alias_weights import Pointing, malformed, refusal
from local.emulator.rules.lambda_.alias_weights import Version as Pointed
from local.emulator.rules.lambda_.answers import conflict, not_found
from local.emulator.rules.lambda_.version_states import in_state, stale
from tests.cloud.faults import Json
from tests.cloud.lambda_state import Function, LambdaState, Version, arn_of, refused, require


class AliasCalls(LambdaState):
    """GetAlias, CreateAlias, UpdateAlias, ListAliases, DeleteAlias."""

    def point(
        self, name: str, alias: str, version: str, weights: dict[str, float] | None = None, said: str = ""
    ) -> None:
        """Somebody else makes an alias, or moves it, without any of Lambda's rules."""
        routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
        self.functions[name].aliases[alias] = {
            "AliasArn": f"{arn_of(name)}:{alias}", "Name": alias, "FunctionVersion": version, "Description": said,
            **routing, "RevisionId": self.revision(),
        }  # fmt: skip

    def carried(self, name: str, alias: str) -> tuple[str, dict[str, float]] | None:
        """Returns the version and the weights of an alias as they decide on traffic, None where there is none."""
        found = self.functions[name].aliases.get(alias) if name in self.functions else None
        if found is None:
            return None
        shown = self._shown_alias(name, found)
        return str(shown["FunctionVersion"]), shown.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def _get_alias(self, asked: Json) -> Json:
        function = self.find(asked["FunctionName"])
        found = function.aliases.get(asked["Name"])
        if found is None:
            raise refused(not_found(f"Cannot find alias arn: {function.arn}:{asked['Name']}"))
        return self._shown_alias(function.name, found)

    def _list_aliases(self, asked: Json) -> Json:
        function = self.find(asked["FunctionName"])
        shown = [self._shown_alias(function.name, each) for each in function.aliases.values()]
        return self._paged("Aliases", shown, asked)  # type: ignore[attr-defined, no-any-return]

    def _create_alias(self, asked: Json) -> Json:
        function, name = self.find(asked["FunctionName"]), asked["Name"]
        require(malformed(name, asked.get("Description")))
        if name in function.aliases:
            raise refused(conflict(f"Alias already exists: {function.arn}:{name}"))
        made = {"AliasArn": f"{function.arn}:{name}", "Name": name, "Description": ""}
        return self._written(function, made, asked)

    def _update_alias(self, asked: Json) -> Json:
        function = self.find(asked["FunctionName"])
        found = function.aliases.get(asked["Name"])
        if found is None:
            raise refused(not_found(f"Alias not found: {function.arn}:{asked['Name']}"))
        self._shown_alias(function.name, found)
        require(stale(found, asked))
        before = found["FunctionVersion"]
        written = self._written(function, found, asked)
        if (function.name, found["Name"]) in self.provisioned and written["FunctionVersion"] != before:
            self._move_capacity(function, found["Name"], before)
        return written

    def _delete_alias(self, asked: Json) -> Json:
        self.find(asked["FunctionName"]).aliases.pop(asked["Name"], None)
        return {}

    def _written(self, function: Function, found: Json, asked: Json) -> Json:
        members = ("FunctionVersion", "Description", "RoutingConfig")
        changed = {**found, **{member: copy.deepcopy(asked[member]) for member in members if member in asked}}
        if not changed.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
            changed.pop("RoutingConfig", None)
        require(malformed(found["Name"], changed["Description"]))
        self._check_versions(function, changed)
        function.aliases[found["Name"]] = {**changed, "RevisionId": self.revision()}
        self.history.append((function.name, copy.deepcopy(function.aliases[found["Name"]])))
        return copy.deepcopy(function.aliases[found["Name"]])

    def _check_versions(self, function: Function, alias: Json) -> None:
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        versions = {number: _pointed(version) for number, version in function.versions.items()}
        require(refusal(function.arn, Pointing(alias["FunctionVersion"], weights), versions))
        # A snapshot that failed leaves a version that no alias takes. Source: semantics 25.
        own = versions.get(alias["FunctionVersion"])
        require(in_state(own.state) if own is not None and own.state == "Failed" else None)

    def _move_capacity(self, function: Function, alias: str, before: str) -> None:
        done_at = self.clock.now + self.capacity_moves_in
        self.provisioned[function.name, alias] = done_at
        self.moving[function.name, alias] = (done_at, before)

    def _shown_alias(self, name: str, alias: Json) -> Json:
        """While Lambda moves provisioned concurrency it gives the old version a weight of its own accord, and takes it
        away in the end; both change the revision. Source: facts 1.4, terraform-provider-aws #48116, 2026-05.
        """
        done_at, before = self.moving.get((name, alias["Name"]), (None, ""))
        if done_at is None:
            return copy.deepcopy(alias)
        if self.clock.now >= done_at:
            del self.moving[name, alias["Name"]]
            alias.pop("RoutingConfig", None)
            alias["RevisionId"] = self.revision()
        elif "RoutingConfig" not in alias and before in self.functions[name].versions:
            alias["RoutingConfig"] = {"AdditionalVersionWeights": {before: 1.0}}
            alias["RevisionId"] = self.revision()
        return copy.deepcopy(alias)


def _pointed(version: Version) -> Pointed:
    found = version.configuration
    dead_letter = found.get("DeadLetterConfig", {}).get("TargetArn", "")
    return Pointed(found["Role"], dead_letter, found["State"])
