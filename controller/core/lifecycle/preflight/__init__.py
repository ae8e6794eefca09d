"""Predicts AWS's refusals, and tells them before anything is changed.

Each rule returns the sentence that refuses the deployment, or None. The first objection decides, so the rules are in
the order in which a person would mend things. AWS refuses some deployments only when the first percent moves, long
after publishing and testing; hence this check.
"""

from __future__ import annotations

from controller.core.lifecycle.preflight.facts import FunctionFacts, HookFacts, VersionFacts, Wanted
from controller.core.lifecycle.preflight.function_rules import OF_A_FUNCTION
from controller.core.lifecycle.preflight.stack_rules import (
    alarm_missing,
    cannot_create,
    hook_not_callable,
    key_not_allowed,
    role_not_allowed,
)
from controller.core.manifest.settings import Manifest
from controller.core.model import Cause, Reason, Target
from controller.core.model.outcomes import Preflighted

__all__ = ["FunctionFacts", "HookFacts", "VersionFacts", "goes_back_to", "problem"]

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
    wanted = Wanted(target, manifest, allowed_roles, artifact_size, missing_alarms, hooks, function_keys)
    objections = [role_not_allowed(facts, wanted), key_not_allowed(facts, wanted)]
    objections += [cannot_create(wanted)] if facts is None else [rule(facts, wanted) for rule in OF_A_FUNCTION]
    objections += [alarm_missing(wanted), hook_not_callable(wanted)]
    return next((Reason(Cause.PREFLIGHT, text) for text in objections if text), None)


def goes_back_to(facts: FunctionFacts | None) -> Preflighted:
    """Returns the version to go back to: the alias's, the function's present code, or nothing."""
    if facts is None:
        return Preflighted(stable=None)
    if facts.alias is not None:
        return Preflighted(stable=facts.alias.version)
    return Preflighted(stable=None, onboards=not facts.made_by_slipway)
