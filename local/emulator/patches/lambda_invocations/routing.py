"""Lets an alias hand each invocation to one of its versions by weight, whoever invokes.

MiniStack reads only the alias's own version. Three of its functions look an alias up for a run: ``_invoke``
for the Invoke API, ``_get_func_record_for_qualifier`` for event source mappings and
``_get_func_record_for_ref`` for everything else (EventBridge, Scheduler, SNS, S3, Step Functions).

Rules of the file:
- one draw per invocation; a repeated asynchronous attempt is drawn again;
- the function learns the ARN that the caller used (``...:live``) and the version that was drawn;
- a version is throttled by its function's reserved concurrency, which MiniStack keeps with ``$LATEST`` only.

Note: for an asynchronous Invoke nothing is drawn here. The queue draws, when it runs the event.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.alias_weights import choose
from local.emulator.rules.lambda_.answers import Answer
from local.emulator.rules.lambda_.references import Reference, parse
from local.emulator.runtime import invocation
from local.emulator.runtime.invocation import Routed
from local.settings import Settings

Record = dict[str, Any]
Pair = tuple[Record | None, Record | None]
Found = tuple[Record | None, Record | None, str]


def install(settings: Settings) -> None:
    """Replaces MiniStack's look-ups of an alias."""
    replace(lambda_svc, "_invoke", ("name", "event", "headers", "path_qualifier", "query_params"), _invoke)
    replace(lambda_svc, "_execute_function_with_config_scope", ("func", "event"), _execute_as_addressed)
    replace(lambda_svc, "_get_func_record_for_ref", ("function_ref",), _find)
    replace(lambda_svc, "_get_func_record_for_qualifier", ("name", "qualifier"), _find_qualified)
    replace(lambda_svc, "_reserved_concurrency", ("func", "config"), _reserved_concurrency)


def drawn_version(function: Record, alias_name: str) -> str | None:
    """Draws the version for one invocation through an alias; None where the function has no such alias."""
    alias = function["aliases"].get(alias_name)
    if alias is None:
        return None
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return choose(alias["FunctionVersion"], weights, random.random())


def qualifier_of(path_qualifier: str | None, headers: Mapping[str, str], query: Mapping[str, Any] | None) -> str | None:
    """Returns the qualifier of an Invoke request, wherever the client put it."""
    in_query = (query or {}).get("Qualifier")
    if isinstance(in_query, list):
        in_query = in_query[0] if in_query else None
    return path_qualifier or in_query or headers.get("x-amz-qualifier") or None


def _invoke(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    @wraps(original)
    async def invoke(
        name: str,
        event: object,
        headers: Mapping[str, str],
        path_qualifier: str | None = None,
        query_params: Mapping[str, Any] | None = None,
    ) -> Answer:
        qualifier = qualifier_of(path_qualifier, headers, query_params)
        version = _version_for_invoke(name, qualifier, headers)
        if version is None:
            return await original(name, event, headers, path_qualifier, query_params)
        addressed = Reference(get_account_id(), get_region(), name, qualifier)
        with invocation.routing(Routed(addressed, version)):
            return await original(name, event, headers, version, query_params)

    return invoke


def _version_for_invoke(name: str, qualifier: str | None, headers: Mapping[str, str]) -> str | None:
    function = lambda_svc._functions.get(name)
    if function is None or qualifier is None or headers.get("x-amz-invocation-type") == "Event":
        return None
    return drawn_version(function, qualifier)


def _execute_as_addressed(original: Callable[[Record, object], Record]) -> Callable[[Record, object], Record]:
    @wraps(original)
    def execute(func: Record, event: object) -> Record:
        return original(_as_addressed(func, invocation.routed()), event)

    return execute


def _as_addressed(record: Record, routed: Routed | None) -> Record:
    """Puts the alias back into a record that ``_invoke`` made for the drawn version."""
    config = record.get("config") or {}
    if routed is None or config.get("FunctionName") != routed.addressed.name:
        return record
    return {**record, "config": {**config, "FunctionArn": routed.addressed.arn}}


def _find(original: Callable[[str], Found]) -> Callable[[str], Found]:
    @wraps(original)
    def find(function_ref: str) -> Found:
        function, config, name = lambda_svc._get_base_func_record_for_ref(function_ref)
        if function is None or config is None:
            return None, None, name
        reference = parse(function_ref)
        version = drawn_version(function, reference.qualifier) if reference.is_alias and reference.qualifier else None
        if version is None:
            return original(function_ref)
        record, versioned = lambda_svc._effective_func_record_for_qualifier(function, version)
        return *_with_arn(record, versioned, f"{config['FunctionArn']}:{reference.qualifier}"), name

    return find


def _find_qualified(original: Callable[..., Pair]) -> Callable[..., Pair]:
    @wraps(original)
    def find(name: str, qualifier: str | None) -> Pair:
        record, config = original(name, qualifier)
        if qualifier is None:
            return record, config
        function = lambda_svc._functions.get(name)
        # GetFunction and GetFunctionConfiguration look here too: they show the alias's own version.
        if function is not None and not invocation.through_the_api():
            version = drawn_version(function, qualifier)
            record, config = original(name, version or qualifier)
        return _with_arn(record, config, f"{lambda_svc._func_arn(name)}:{qualifier}")

    return find


def _with_arn(record: Record | None, config: Record | None, arn: str) -> Pair:
    if record is None or config is None:
        return None, None
    addressed = {**config, "FunctionArn": arn}
    return {**record, "config": addressed}, addressed


def _reserved_concurrency(
    original: Callable[[Record, Record], int | None],
) -> Callable[[Record, Record], int | None]:
    @wraps(original)
    def reserved_concurrency(func: Record, config: Record) -> int | None:
        of_record = original(func, config)
        if of_record is not None:
            return of_record
        function = lambda_svc._functions.get(config.get("FunctionName"))
        return None if function is None else original(function, config)

    return reserved_concurrency
