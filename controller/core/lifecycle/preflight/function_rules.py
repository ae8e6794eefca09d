"""Preflight's rules of a function that exists: what AWS refuses for its package, alias, versions and code storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.core.lifecycle.preflight.facts import FunctionFacts, Wanted
from controller.core.model.readiness import INACTIVE


def _is_an_image(facts: FunctionFacts, wanted: Wanted) -> str | None:
    # A function's package type never changes. Source: Lambda API reference UpdateFunctionCode, 2026-11.
    if facts.package_type == "Zip":
        return None
    return f"function {wanted.target.function} is made from an {facts.package_type}, not a zip; create another for it"


def _on_managed_instances(facts: FunctionFacts, wanted: Wanted) -> str | None:
    # Versions scale by other rules there. Source: Lambda developer guide, Lambda Managed Instances, 2026-11.
    if not facts.on_managed_instances:
        return None
    return f"function {wanted.target.function} has a capacity provider, and Slipway cannot shift its traffic"


def _alias_on_latest(facts: FunctionFacts, wanted: Wanted) -> str | None:
    # Source: an alias on $LATEST may not be weighted, recorded against AWS in LocalStack's snapshots, 2025-11.
    if facts.alias is None or facts.alias.version != "$LATEST":
        return None
    return (
        f"alias {wanted.target} points to $LATEST, so publishing would change it at once and there would be no way"
        " back; publish a version, point the alias to it, and drop the artifact again"
    )


def _provisioned_concurrency(facts: FunctionFacts, wanted: Wanted) -> str | None:
    # Lambda writes weights itself while moving the capacity. Source: terraform-provider-aws #48116, 2026-05.
    if not (facts.has_provisioned_concurrency and wanted.is_gradual):
        return None
    return (
        f"alias {wanted.target} has provisioned concurrency, and Lambda does not let it be shifted step by step; deploy"
        ' with "strategy": {"steps": []}, or take the provisioned concurrency off the alias'
    )


def _alias_is_split(facts: FunctionFacts, wanted: Wanted) -> str | None:
    if facts.alias is None or facts.alias.canary is None:
        return None
    return (
        f"alias {wanted.target} carries {facts.alias} with no deployment open: somebody else is shifting it; clear the"
        " weights (aws lambda update-alias --routing-config AdditionalVersionWeights={}) and drop the artifact again"
    )


def _stable_is_not_ready(facts: FunctionFacts, wanted: Wanted) -> str | None:
    # A Pending version, or one Inactive without callers, is waited for. Source: Lambda developer guide, function
    # states, 2026-11.
    if facts.stable is None or facts.stable.state in ("Active", "Pending", INACTIVE, ""):
        return None
    return (
        f"version {facts.stable.version}, which {wanted.target} points to, is {facts.stable.state}, so there is no way"
        " back; point the alias to a version that works, and drop the artifact again"
    )


def _not_shared(member: str) -> Callable[[FunctionFacts, Wanted], str | None]:
    """Returns the rule that both versions of a weighted alias share a setting.

    Source: Lambda developer guide, weighted aliases, 2026-11.
    """

    def rule(facts: FunctionFacts, wanted: Wanted) -> str | None:
        partner = facts.partner_settings
        if partner is None or not wanted.is_gradual:
            return None
        old, new = _value(partner, member), _value({**facts.settings, **wanted.manifest.function}, member)
        if old == new:
            return None
        return (
            f"{member} changes from {old or 'none'} to {new or 'none'}, and the two versions of a weighted alias must"
            f' have the same; deploy with "strategy": {{"steps": []}}, or change {member} in a deployment of its own'
        )

    return rule


def _value(settings: Mapping[str, object], member: str) -> str:
    value = settings.get(member) or ""
    return str(value.get("TargetArn") or "") if isinstance(value, Mapping) else str(value)


def _code_storage_full(facts: FunctionFacts, wanted: Wanted) -> str | None:
    # Every version counts. Source: Lambda API reference GetAccountSettings, TotalCodeSize, 2026-11.
    free = facts.code_storage_limit - facts.code_storage_used
    if not facts.code_storage_limit or wanted.artifact_size <= free:
        return None
    return (
        f"the artifact has {wanted.artifact_size} bytes, and {max(free, 0)} of {facts.code_storage_limit} are left of"
        " Lambda's code storage in this Region; delete old versions, or raise the quota, and drop the artifact again"
    )


OF_A_FUNCTION: tuple[Callable[[FunctionFacts, Wanted], str | None], ...] = (
    _is_an_image,
    _on_managed_instances,
    _alias_on_latest,
    _provisioned_concurrency,
    _alias_is_split,
    _stable_is_not_ready,
    _not_shared("Role"),
    _not_shared("DeadLetterConfig"),
    _code_storage_full,
)
