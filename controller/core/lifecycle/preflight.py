"""Predicts AWS's refusals, and tells them before anything is changed.

Each rule returns the sentence that refuses the deployment, or None. The first objection decides, so the rules are in
the order in which a person would mend things. AWS refuses some deployments only when the first percent moves, long
after publishing and testing; hence this check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from controller.core.manifest.settings import Manifest
from controller.core.model import Cause, Reason, Routing, Target
from controller.core.model.outcomes import Preflighted
from controller.core.model.readiness import INACTIVE


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """The alias's version. ``state`` is AWS's word, empty if AWS gives none."""

    version: str
    settings: Mapping[str, object] = field(repr=False)  # environment variables may be secrets
    state: str


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """An existing function's facts for preflight. Settings are in the spelling of CreateFunction."""

    settings: Mapping[str, object] = field(repr=False)
    """The settings of ``$LATEST``."""
    package_type: str = "Zip"
    on_managed_instances: bool = False
    made_by_slipway: bool = False
    alias: Routing | None = None
    """None without an alias."""
    stable: VersionFacts | None = None
    """None without an alias."""
    has_provisioned_concurrency: bool = False
    """True if configured on the alias."""
    code_storage_used: int = 0
    code_storage_limit: int = 0
    """In bytes, for the account in this Region; 0 if unknown."""

    @property
    def partner_settings(self) -> Mapping[str, object] | None:
        """The settings of the version sharing the alias with the new one, None without one."""
        if self.stable is not None:
            return self.stable.settings
        # A function being onboarded shares the alias with its present code.
        return None if self.made_by_slipway else self.settings


@dataclass(frozen=True, slots=True)
class HookFacts:
    """The functions allowed as hooks: names that begin with ``prefix``; an empty prefix allows none.

    ``problems`` says, by function, why it cannot be called.
    """

    prefix: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


_NO_HOOKS = HookFacts()


def problem(  # noqa: PLR0913 - seven facts from seven places
    facts: FunctionFacts | None,
    manifest: Manifest,
    allowed_roles: tuple[str, ...],
    artifact_size: int,
    missing_alarms: frozenset[str],
    target: Target,
    hooks: HookFacts = _NO_HOOKS,
    function_keys: tuple[str, ...] = (),
) -> Reason | None:
    """Returns why the deployment cannot succeed, None if nothing is known against it.

    ``facts`` is None for a missing function. An allowed role may end in ``*``. ``artifact_size`` is in bytes.
    ``function_keys`` are ARNs.
    """
    plan = _Plan(target, manifest, allowed_roles, artifact_size, missing_alarms, hooks, function_keys)
    objections = [_role_not_allowed(facts, plan), _key_not_allowed(facts, plan)]
    objections += [_cannot_create(plan)] if facts is None else [rule(facts, plan) for rule in _OF_A_FUNCTION]
    objections += [_alarm_missing(plan), _hook_not_callable(plan)]
    return next((Reason(Cause.PREFLIGHT, text) for text in objections if text), None)


def goes_back_to(facts: FunctionFacts | None) -> Preflighted:
    """Returns the version to go back to: the alias's, the function's present code, or nothing."""
    if facts is None:
        return Preflighted(stable=None)
    if facts.alias is not None:
        return Preflighted(stable=facts.alias.version)
    return Preflighted(stable=None, onboards=not facts.made_by_slipway)


@dataclass(frozen=True, slots=True)
class _Plan:
    target: Target
    manifest: Manifest
    allowed_roles: tuple[str, ...]
    artifact_size: int
    missing_alarms: frozenset[str]
    hooks: HookFacts
    function_keys: tuple[str, ...]

    @property
    def is_gradual(self) -> bool:
        return bool(self.manifest.strategy.steps)


def _cannot_create(plan: _Plan) -> str | None:
    missing = plan.manifest.lacks_to_create
    if not missing:
        return None
    return (
        f"function {plan.target.function} does not exist and cannot be created: `function` of the manifest lacks"
        f" {', '.join(missing)}; add it, or create the function, and drop the artifact again"
    )


def _role_not_allowed(facts: FunctionFacts | None, plan: _Plan) -> str | None:
    role = plan.manifest.function.get("Role")
    if role is None or (facts is not None and role == facts.settings.get("Role")):
        return None
    if any(_matches(str(role), pattern) for pattern in plan.allowed_roles):
        return None
    return (
        f"`function.Role` is {role}, which Slipway may not give to a function (allowed:"
        f" {', '.join(plan.allowed_roles) or 'none'}); allow it in the stack's parameters (AllowedRoles),"
        " or leave it out"
    )


def _matches(role: str, pattern: str) -> bool:
    return role.startswith(pattern[:-1]) if pattern.endswith("*") else role == pattern


def _key_not_allowed(facts: FunctionFacts | None, plan: _Plan) -> str | None:
    # Lambda encrypts the environment on the caller's behalf, and decrypts it with the function's present key. Source:
    # Lambda developer guide, securing environment variables: kms:CreateGrant, kms:Encrypt, kms:Decrypt, 2026-11.
    wanted, found = plan.manifest.function, str(facts.settings.get("KMSKeyArn") or "") if facts else ""
    given = str(wanted.get("KMSKeyArn", found))
    needed = (given, found) if given != found or "Environment" in wanted else ()
    key = next((each for each in needed if each and each not in plan.function_keys), None)
    if key is None:
        return None
    return (
        f"the environment of {plan.target.function} needs the KMS key {key} (`function.KMSKeyArn`), which Slipway may"
        f" not use (allowed: {', '.join(plan.function_keys) or 'none'}); name it in the stack's parameter FunctionKeys,"
        " let the key's policy allow it to the role of the stack's output ControllerRoleArn, and drop it again"
    )


def _alarm_missing(plan: _Plan) -> str | None:
    if not plan.missing_alarms:
        return None
    names = ", ".join(sorted(plan.missing_alarms))
    return f"`gates.alarms` names alarms that do not exist: {names}; create them, or correct the names"


def _hook_not_callable(plan: _Plan) -> str | None:
    said = (_objection(hook.function, plan.hooks, f"`hooks.{at.value}`") for at, hook in plan.manifest.hooks.items())
    return next((text for text in said if text), None)


def _objection(function: str, facts: HookFacts, where: str) -> str | None:
    if not facts.prefix or not function.startswith(facts.prefix):
        allowed = f"{facts.prefix}*" if facts.prefix else "none"
        return (
            f"{where} is {function}, which Slipway may not call (allowed: {allowed}); give the function a name that"
            " begins so, or change the stack's parameter HookPrefix"
        )
    why = facts.problems.get(function)
    return f"{where} is {function}, and that cannot be called: {why}; create it, or correct the name" if why else None


def _is_an_image(facts: FunctionFacts, plan: _Plan) -> str | None:
    # A function's package type never changes. Source: Lambda API reference UpdateFunctionCode, 2026-11.
    if facts.package_type == "Zip":
        return None
    return f"function {plan.target.function} is made from an {facts.package_type}, not a zip; create another for it"


def _on_managed_instances(facts: FunctionFacts, plan: _Plan) -> str | None:
    # Versions scale by other rules there. Source: Lambda developer guide, Lambda Managed Instances, 2026-11.
    if not facts.on_managed_instances:
        return None
    return f"function {plan.target.function} has a capacity provider, and Slipway cannot shift its traffic"


def _alias_on_latest(facts: FunctionFacts, plan: _Plan) -> str | None:
    # Source: an alias on $LATEST may not be weighted, recorded against AWS in LocalStack's snapshots, 2025-11.
    if facts.alias is None or facts.alias.version != "$LATEST":
        return None
    return (
        f"alias {plan.target} points to $LATEST, so publishing would change it at once and there would be no way back;"
        " publish a version, point the alias to it, and drop the artifact again"
    )


def _provisioned_concurrency(facts: FunctionFacts, plan: _Plan) -> str | None:
    # Lambda writes weights itself while moving the capacity. Source: terraform-provider-aws #48116, 2026-05.
    if not (facts.has_provisioned_concurrency and plan.is_gradual):
        return None
    return (
        f"alias {plan.target} has provisioned concurrency, and Lambda does not let it be shifted step by step; deploy"
        ' with "strategy": {"steps": []}, or take the provisioned concurrency off the alias'
    )


def _alias_is_split(facts: FunctionFacts, plan: _Plan) -> str | None:
    if facts.alias is None or facts.alias.canary is None:
        return None
    return (
        f"alias {plan.target} carries {facts.alias} with no deployment open: somebody else is shifting it; clear the"
        " weights (aws lambda update-alias --routing-config AdditionalVersionWeights={}) and drop the artifact again"
    )


def _stable_is_not_ready(facts: FunctionFacts, plan: _Plan) -> str | None:
    # A Pending version, or one Inactive without callers, is waited for. Source: Lambda developer guide, function
    # states, 2026-11.
    if facts.stable is None or facts.stable.state in ("Active", "Pending", INACTIVE, ""):
        return None
    return (
        f"version {facts.stable.version}, which {plan.target} points to, is {facts.stable.state}, so there is no way"
        " back; point the alias to a version that works, and drop the artifact again"
    )


def _not_shared(member: str) -> Callable[[FunctionFacts, _Plan], str | None]:
    """Returns the rule that both versions of a weighted alias share a setting.

    Source: Lambda developer guide, weighted aliases, 2026-11.
    """

    def rule(facts: FunctionFacts, plan: _Plan) -> str | None:
        partner = facts.partner_settings
        if partner is None or not plan.is_gradual:
            return None
        old, new = _value(partner, member), _value({**facts.settings, **plan.manifest.function}, member)
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


def _code_storage_full(facts: FunctionFacts, plan: _Plan) -> str | None:
    # Every version counts. Source: Lambda API reference GetAccountSettings, TotalCodeSize, 2026-11.
    free = facts.code_storage_limit - facts.code_storage_used
    if not facts.code_storage_limit or plan.artifact_size <= free:
        return None
    return (
        f"the artifact has {plan.artifact_size} bytes, and {max(free, 0)} of {facts.code_storage_limit} are left of"
        " Lambda's code storage in this Region; delete old versions, or raise the quota, and drop the artifact again"
    )


_OF_A_FUNCTION: tuple[Callable[[FunctionFacts, _Plan], str | None], ...] = (
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
