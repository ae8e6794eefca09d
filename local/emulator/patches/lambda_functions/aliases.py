"""Refuses what AWS refuses of an alias. The rules are in ``rules.lambda_.alias_weights``.

CloudFormation, which calls UpdateAlias inside MiniStack, waits in AWS until a version is Active; for it the
version is made so.

Note: UpdateAlias leaves out what it does not change, so the refusal is about the alias as it would be and not about the
request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patches.lambda_functions.publication import settle
from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.alias_weights import Pointing, Version, malformed, refusal
from local.emulator.rules.lambda_.answers import Answer, conflict, not_found, refused
from local.emulator.rules.lambda_.references import LATEST
from local.emulator.runtime import invocation

Record = dict[str, Any]


def replace_aliases() -> None:
    """Replaces MiniStack's calls about aliases."""
    replace(lambda_svc, "_create_alias", ("func_name", "data"), _create)
    replace(lambda_svc, "_update_alias", ("func_name", "alias_name", "data"), _update)
    replace(lambda_svc, "_get_alias", ("func_name", "alias_name"), _get)
    replace(lambda_svc, "_delete_alias", ("func_name", "alias_name"), _delete)


def _create(original: Callable[[str, Record], Answer]) -> Callable[[str, Record], Answer]:
    @wraps(original)
    def create(func_name: str, data: Record) -> Answer:
        function = lambda_svc._functions.get(func_name)
        if function is None:
            return original(func_name, data)
        found = malformed(data.get("Name", ""), data.get("Description"))
        if found is not None:
            return found.answer()
        if data.get("Name") in function["aliases"]:
            return conflict(f"Alias already exists: {_arn(func_name)}:{data['Name']}").answer()
        pointing = Pointing(data.get("FunctionVersion", LATEST), _weights(data))
        return _refusal(func_name, function, pointing) or original(func_name, data)

    return create


def _update(original: Callable[[str, str, Record], Answer]) -> Callable[[str, str, Record], Answer]:
    def update(func_name: str, alias_name: str, data: Record) -> Answer:
        function = lambda_svc._functions.get(func_name)
        alias = (function or {}).get("aliases", {}).get(alias_name)
        if function is None or alias is None or lambda_svc._check_revision(alias, data) is not None:
            return original(func_name, alias_name, data)
        found = malformed(alias_name, data.get("Description"))
        if found is not None:
            return found.answer()
        weights = _weights(data if "RoutingConfig" in data else alias)
        pointing = Pointing(data.get("FunctionVersion") or alias["FunctionVersion"], weights)
        return _refusal(func_name, function, pointing) or original(func_name, alias_name, data)

    # The look at the alias and its change are one step, also where CloudFormation updates it in a thread of
    # its own.
    serialized: Callable[[str, str, Record], Answer] = wraps(original)(
        lambda_svc._serialized_revision_update(alias=True)(update)
    )
    return serialized


def _get(original: Callable[[str, str], Answer]) -> Callable[[str, str], Answer]:
    @wraps(original)
    def get(func_name: str, alias_name: str) -> Answer:
        answer = original(func_name, alias_name)
        if refused(answer) and func_name in lambda_svc._functions:
            return not_found(f"Cannot find alias arn: {_arn(func_name)}:{alias_name}").answer()
        return answer

    return get


def _delete(original: Callable[[str, str], Answer]) -> Callable[[str, str], Answer]:
    """One that is not there is no error. Source: LocalStack's snapshots, test_non_existent_alias_deletion, 2024-11."""

    @wraps(original)
    def delete(func_name: str, alias_name: str) -> Answer:
        function = lambda_svc._functions.get(func_name)
        if function is not None and alias_name not in function["aliases"]:
            return 204, {}, b""
        return original(func_name, alias_name)

    return delete


def _refusal(func_name: str, function: Record, pointing: Pointing) -> Answer | None:
    if not invocation.through_the_api():
        settle(function)
    versions = {number: _version(record["config"]) for number, record in function["versions"].items()}
    found = refusal(_arn(func_name), pointing, versions)
    return None if found is None else found.answer()


def _version(config: Mapping[str, Any]) -> Version:
    dead_letter = (config.get("DeadLetterConfig") or {}).get("TargetArn") or ""
    return Version(config.get("Role", ""), dead_letter, config.get("State", "Active"))


def _weights(source: Mapping[str, Any]) -> dict[str, float]:
    return (source.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}


def _arn(func_name: str) -> str:
    arn: str = lambda_svc._func_arn(func_name)
    return arn
