"""Reads a function's facts for preflight. Only reads.

Note: AWS answers "no provisioned concurrency" with an error instead of an empty answer.
"""

from __future__ import annotations

from controller.aws.errors import Absent, translating
from controller.aws.lambda_.aliases import Aliases
from controller.aws.lambda_.client import Answer, LambdaClient, number, section, text
from controller.aws.lambda_.configuration import configuration
from controller.aws.lambda_.functions import CREATED_TAG
from controller.core.lifecycle.preflight import FunctionFacts, VersionFacts
from controller.core.model import Cause, Reason, Refused, Routing, Target


def read_facts(client: LambdaClient, target: Target, alone: str | None = None) -> FunctionFacts | None:
    """Returns the facts, None if the function does not exist. Raises Refused if they may not be read.

    ``alone`` is the version that the alias will carry by itself, None for what it carries now.
    """
    try:
        with translating(f"GetFunction of {target.function}", Cause.PREFLIGHT):
            answer = client.get_function(FunctionName=target.function)
    except Absent:
        return None
    _require_tags(answer, target)
    latest = configuration(section(answer, "Configuration"))
    alias = Aliases(client).read(target)
    carried = alias.routing if alias else None
    routing = Routing(alone) if alone and carried else carried
    with translating("GetAccountSettings", Cause.PREFLIGHT):
        account = client.get_account_settings()
    return FunctionFacts(
        settings=latest.settings,
        package_type=latest.package_type,
        on_managed_instances=latest.on_managed_instances,
        made_by_slipway=CREATED_TAG in section(answer, "Tags"),
        alias=routing,
        stable=_version(client, target, routing.version) if routing else None,
        has_provisioned_concurrency=alias is not None and _has_provisioned_concurrency(client, target),
        code_storage_used=number(section(account, "AccountUsage"), "TotalCodeSize"),
        code_storage_limit=number(section(account, "AccountLimit"), "TotalCodeSize"),
    )


def _require_tags(answer: Answer, target: Target) -> None:
    """Checks that the function's tags are readable."""
    # Without its tags a function made by Slipway would look like one to onboard, and untested code would get the alias.
    # Source: Lambda API reference GetFunction, TagsError; tags are shown to callers with lambda:ListTags, 2026-11.
    if section(answer, "TagsError"):
        why = text(section(answer, "TagsError"), "Message")
        advice = "allow lambda:ListTags in the controller's policy and drop the artifact again"
        raise Refused(Reason(Cause.PREFLIGHT, f"the tags of {target.function} cannot be read: {why}; {advice}"))


def _version(client: LambdaClient, target: Target, version: str) -> VersionFacts:
    # GetFunction has a limit of its own; GetFunctionConfiguration shares the account's 15 calls a second.
    with translating(f"GetFunction of {target.function}:{version}", Cause.PREFLIGHT):
        answer = client.get_function(FunctionName=target.function, Qualifier=version)
    found = configuration(section(answer, "Configuration"))
    return VersionFacts(version, found.settings, found.state)


def _has_provisioned_concurrency(client: LambdaClient, target: Target) -> bool:
    """Source: Lambda API reference GetProvisionedConcurrencyConfig: 404 without a configuration, 2026-11."""
    try:
        with translating(f"GetProvisionedConcurrencyConfig of {target}", Cause.PREFLIGHT):
            client.get_provisioned_concurrency_config(FunctionName=target.function, Qualifier=target.alias)
    except Absent:
        return False
    return True
