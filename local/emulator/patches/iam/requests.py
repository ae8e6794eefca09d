"""Asks IAM about what a request really names: a function with its qualifier, and the source of an event.

MiniStack asks about ``*`` for CreateFunction, whose name is in the body, and for DeleteAlarms, leaves the
qualifier out for all calls, takes what reads or changes one alias for ListAliases, and does not know the condition key
``events:source``. AWS checks CreateFunction
against the ARN of the function that is to be, a call with a Qualifier against the qualified ARN, and PutEvents
against each entry's source. Source: Service Authorization Reference, AWS Lambda and Amazon EventBridge, and
Lambda developer guide, resources and conditions for actions, 2026-11.

Note: a policy on ``function:checkout`` alone does not allow to invoke ``checkout:7``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_actions

from local.emulator.patches.patching import replace
from local.settings import Settings

_ACTIONS: Mapping[tuple[str, str], str] = {
    ("GET", "aliases"): "GetAlias",
    ("PUT", "aliases"): "UpdateAlias",
    ("DELETE", "aliases"): "DeleteAlias",
    ("GET", "provisioned-concurrency"): "GetProvisionedConcurrencyConfig",
}
"""The actions of calls by their method and the part of their path behind the function's name."""


def install(_settings: Settings) -> None:
    """Replaces how MiniStack finds the resource of a call."""
    parameters = ("service", "method", "path", "headers", "body", "query_params", "region", "account_id")
    replace(iam_actions, "extract_resource_arn", parameters, _with_lambda_names)
    replace(iam_actions, "_lambda_action", ("method", "path"), _with_single_aliases)
    replace(iam_actions, "request_tag_context", ("service", "iam_action", "body", "params"), _with_event_sources)


def created(body: bytes) -> str | None:
    """Returns the name of the function that CreateFunction's body asks for, None where there is none to be read."""
    name = _object(body).get("FunctionName")
    return name if isinstance(name, str) and name else None


def action(method: str, path: str) -> str | None:
    """Returns the action of a call about one alias, or about provisioned concurrency; None for all others.

    Example: "UpdateAlias" for PUT and "/2015-03-31/functions/checkout/aliases/live".
    """
    parts = path.partition("/functions/")[2].strip("/").split("/")
    is_list = parts[-1] == "aliases"
    return None if is_list or len(parts) < 2 else _ACTIONS.get((method, parts[1]))


def first_alarm(body: bytes, query: Mapping[str, object]) -> str | None:
    """Returns the first of the alarms that DeleteAlarms or DescribeAlarms names, None where it names none."""
    names = _object(body).get("AlarmNames") or query.get("AlarmNames.member.1")
    name = names[0] if isinstance(names, list) and names else names
    return name if isinstance(name, str) else None


def sources(body: bytes) -> list[str]:
    """Returns the sources of the events that a PutEvents body carries, each once."""
    entries = _object(body).get("Entries")
    found = [entry.get("Source") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return sorted({source for source in found if isinstance(source, str)})


def qualified(arn: str, query: Mapping[str, object]) -> str:
    """Returns the function's ARN with the qualifier that the query names, if it names one and the ARN has none yet."""
    qualifier = query.get("Qualifier")
    if isinstance(qualifier, list):
        qualifier = qualifier[0] if qualifier else None
    if not qualifier or ":function:" not in arn or ":" in arn.partition(":function:")[2]:
        return arn
    return f"{arn}:{qualifier}"


def _with_lambda_names(original: Callable[..., str]) -> Callable[..., str]:
    def extract_resource_arn(
        service: str, method: str, path: str, headers: Any, body: bytes, query_params: Any, region: str, account_id: str
    ) -> str:
        found = original(service, method, path, headers, body, query_params, region, account_id)
        if service == "monitoring":
            alarm = first_alarm(body, query_params or {})
            return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:{alarm}" if alarm else found
        if service != "lambda":
            return found
        name = created(body) if method == "POST" and path.rstrip("/").endswith("/functions") else None
        if name:
            return f"arn:aws:lambda:{region}:{account_id}:function:{name.rpartition(':')[2]}"
        return qualified(found, query_params or {})

    return extract_resource_arn


def _with_single_aliases(original: Callable[[str, str], str | None]) -> Callable[[str, str], str | None]:
    def _lambda_action(method: str, path: str) -> str | None:
        return action(method, path) or original(method, path)

    return _lambda_action


def _with_event_sources(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def request_tag_context(service: str, iam_action: str, body: bytes, params: Any) -> dict[str, Any]:
        found = original(service, iam_action, body, params)
        if iam_action != "events:PutEvents":
            return found
        named = sources(body)
        # AWS asks for each entry by itself; several sources in one call match no single-valued condition here.
        return {**found, "events:source": named[0] if len(named) == 1 else named}

    return request_tag_context


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
