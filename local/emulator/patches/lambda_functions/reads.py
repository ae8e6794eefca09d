"""Answers reads of functions, versions and the account as AWS does, also where there is nothing to read.

MiniStack names the function alone where a version is missing, lists states, and counts the code of no version.

Note: a list shows neither states nor what goes with them. Who wants to know whether a version is ready reads that
version. Source: LocalStack's snapshots of AWS, list_versions_result_end, 2023-11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.answers import Answer, Refusal, document_of, not_found, refused, success
from local.emulator.rules.lambda_.version_states import listed

Record = dict[str, Any]
Read = Callable[[str, str | None], Answer]

_NO_PROVISIONED_CONCURRENCY = Refusal(
    "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function", 404
)


def replace_reads() -> None:
    """Replaces MiniStack's reads of functions, versions, provisioned concurrency and the account."""
    replace(lambda_svc, "_get_function", ("name", "qualifier"), _get)
    replace(lambda_svc, "_get_function_config", ("name", "qualifier"), _get)
    replace(lambda_svc, "_list_versions", ("name", "query_params"), _list)
    replace(lambda_svc, "_get_account_settings", (), _settings)
    replace(lambda_svc, "_get_provisioned_concurrency", ("func_name", "qualifier"), _provisioned)


def _get(original: Read) -> Read:
    @wraps(original)
    def get(name: str, qualifier: str | None = None) -> Answer:
        answer = original(name, qualifier)
        if qualifier is not None and answer[0] == 404 and name in lambda_svc._functions:
            return not_found(f"Function not found: {lambda_svc._func_arn(name)}:{qualifier}").answer()
        return answer

    return get


def _list(original: Callable[[str, Record], Answer]) -> Callable[[str, Record], Answer]:
    @wraps(original)
    def list_versions(name: str, query_params: Mapping[str, Any]) -> Answer:
        answer = original(name, dict(query_params))
        if refused(answer):
            return answer
        document, arn = document_of(answer), lambda_svc._func_arn(name)
        return success({**document, "Versions": [listed(version, arn) for version in document["Versions"]]})

    return list_versions


def _settings(original: Callable[[], Answer]) -> Callable[[], Answer]:
    """The code of every version counts. Source: botocore's service model, AccountUsage.TotalCodeSize, 1.43.106."""

    @wraps(original)
    def settings() -> Answer:
        document = document_of(original())
        functions = [lambda_svc._functions[name] for name in list(lambda_svc._functions.keys())]
        records = [record for function in functions for record in (function, *list(function["versions"].values()))]
        document["AccountUsage"]["TotalCodeSize"] = sum(len(record.get("code_zip") or b"") for record in records)
        return success(document)

    return settings


def _provisioned(original: Read) -> Read:
    @wraps(original)
    def provisioned(func_name: str, qualifier: str | None) -> Answer:
        answer = original(func_name, qualifier)
        if answer[1].get("x-amzn-errortype", "").startswith(_NO_PROVISIONED_CONCURRENCY.code):
            return _NO_PROVISIONED_CONCURRENCY.answer()
        return answer

    return provisioned
