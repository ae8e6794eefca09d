"""Gives functions and versions Lambda's life cycle, and refuses what it forbids.

Rules of the file, beside those of ``rules.lambda_.version_states``:
- callers of the API are refused while a creation or an update is in progress;
- CloudFormation, which calls the same functions of MiniStack, waits in AWS for each step; for it the step is
  completed at once.

Note: ``Publish`` of CreateFunction and UpdateFunctionCode is taken out of the request before MiniStack sees it. Its own
way gives the version the function's ARN and revision.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patches.lambda_functions import updates
from local.emulator.patches.lambda_functions.publication import published, settle, settle_later
from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.answers import Answer, Refusal, refused, success
from local.emulator.rules.lambda_.version_states import (
    STALE_REVISION,
    busy,
    created,
    stale,
    undeletable,
    unpublishable,
    updating,
)
from local.emulator.runtime import invocation

Record = dict[str, Any]
Change = Callable[[str, Record], Answer]


def replace_versions() -> None:
    """Replaces MiniStack's life cycle of functions and versions."""
    replace(lambda_svc, "handle_request", ("method", "path", "headers", "body", "query_params"), _handle)
    replace(lambda_svc, "_check_revision", ("current", "data"), _check_revision)
    replace(lambda_svc, "_schedule_state_transition", ("func_name", "delay"), _schedule)
    replace(lambda_svc, "_create_function", ("data",), _create)
    replace(lambda_svc, "_publish_version", ("name", "data"), _publish)
    replace(lambda_svc, "_update_code", ("name", "data"), _update)
    replace(lambda_svc, "_update_config", ("name", "data"), _update)
    replace(lambda_svc, "_delete_function", ("name", "query_params", "path_qualifier"), _delete)


def _handle(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    @wraps(original)
    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> Answer:
        with invocation.using_the_api():
            return await original(method, path, headers, body, query_params)

    return handle


def _check_revision(
    original: Callable[[Record, Record], Answer | None],
) -> Callable[[Record, Record], Answer | None]:
    @wraps(original)
    def check(current: Record, data: Record) -> Answer | None:
        return STALE_REVISION.answer() if stale(current, data) else None

    return check


def _schedule(original: Callable[[str, float], None]) -> Callable[[str, float], None]:
    @wraps(original)
    def schedule(func_name: str, delay: float) -> None:
        settle_later(lambda_svc._functions[func_name])

    return schedule


def _create(original: Callable[[Record], Answer]) -> Callable[[Record], Answer]:
    @wraps(original)
    def create(data: Record) -> Answer:
        answer = original({name: value for name, value in data.items() if name != "Publish"})
        if refused(answer):
            return answer
        name = data["FunctionName"]
        function = lambda_svc._functions[name]
        function["config"] = created(function["config"])
        return success(published(name, function, None) if data.get("Publish") else function["config"], 201)

    return create


def _publish(original: Change) -> Change:
    def publish(name: str, data: Record) -> Answer:
        function = lambda_svc._functions.get(name)
        if function is None:
            return original(name, data)
        found = _in_the_way(function) or unpublishable(function["config"], data)
        return found.answer() if found else success(published(name, function, data.get("Description")), 201)

    return _serialized(original, publish)


def _update(original: Change) -> Change:
    def update(name: str, data: Record) -> Answer:
        function = lambda_svc._functions.get(name)
        found = None if function is None else _in_the_way(function)
        if found is not None:
            return found.answer()
        replaced = None if function is None else updates.as_it_is(function)
        answer = original(name, {member: value for member, value in data.items() if member != "Publish"})
        if function is None or refused(answer) or data.get("DryRun"):
            return answer
        function["config"] = updating(function["config"])
        updates.begin(function, replaced)
        shown = published(name, function, None) if data.get("Publish") else function["config"]
        return success(shown)

    return _serialized(original, update)


def _in_the_way(function: Record) -> Refusal | None:
    if invocation.through_the_api():
        return busy(function["config"])
    settle(function)
    return None


def _serialized(original: Change, change: Change) -> Change:
    """Lets one change of a function happen at a time: CloudFormation makes its own in a thread."""
    serialized: Change = wraps(original)(lambda_svc._serialized_revision_update()(change))
    return serialized


def _delete(original: Callable[..., Answer]) -> Callable[..., Answer]:
    @wraps(original)
    def delete(name: str, query_params: Mapping[str, Any], path_qualifier: str | None = None) -> Answer:
        function = lambda_svc._functions.get(name)
        version = lambda_svc._qualifier_from_path_or_query(path_qualifier, query_params)
        if function is not None and version is not None:
            found = undeletable(version, function["aliases"].values())
            if found is not None:
                return found.answer()
            if version not in function["versions"]:
                return 204, {}, b""
        return original(name, query_params, path_qualifier)

    return delete
