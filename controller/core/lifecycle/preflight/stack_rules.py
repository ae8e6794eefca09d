"""Preflight's rules of the manifest alone: its role, key, alarms and hooks, and the settings of a new function.

The stack's parameters say which roles, keys and hooks Slipway may use.
"""

from __future__ import annotations

from controller.core.lifecycle.preflight.facts import FunctionFacts, HookFacts, Wanted


def cannot_create(wanted: Wanted) -> str | None:
    missing = wanted.manifest.lacks_to_create
    if not missing:
        return None
    return (
        f"function {wanted.target.function} does not exist and cannot be created: `function` of the manifest lacks"
        f" {', '.join(missing)}; add it, or create the function, and drop the artifact again"
    )


def role_not_allowed(facts: FunctionFacts | None, wanted: Wanted) -> str | None:
    role = wanted.manifest.function.get("Role")
    if role is None or (facts is not None and role == facts.settings.get("Role")):
        return None
    if any(_matches(str(role), pattern) for pattern in wanted.allowed_roles):
        return None
    return (
        f"`function.Role` is {role}, which Slipway may not give to a function (allowed:"
        f" {', '.join(wanted.allowed_roles) or 'none'}); allow it in the stack's parameters (AllowedRoles),"
        " or leave it out"
    )


def _matches(role: str, pattern: str) -> bool:
    return role.startswith(pattern[:-1]) if pattern.endswith("*") else role == pattern


def key_not_allowed(facts: FunctionFacts | None, wanted: Wanted) -> str | None:
    # Lambda encrypts the environment on the caller's behalf, and decrypts it with the function's present key. Source:
    # Lambda developer guide, securing environment variables: kms:CreateGrant, kms:Encrypt, kms:Decrypt, 2026-11.
    settings, found = wanted.manifest.function, str(facts.settings.get("KMSKeyArn") or "") if facts else ""
    given = str(settings.get("KMSKeyArn", found))
    needed = (given, found) if given != found or "Environment" in settings else ()
    key = next((each for each in needed if each and each not in wanted.function_keys), None)
    if key is None:
        return None
    return (
        f"the environment of {wanted.target.function} needs the KMS key {key} (`function.KMSKeyArn`), which Slipway may"
        f" not use (allowed: {', '.join(wanted.function_keys) or 'none'}); name it in the stack's parameter"
        " FunctionKeys, let the key's policy allow it to the role of the stack's output ControllerRoleArn, and drop it"
        " again"
    )


def alarm_missing(wanted: Wanted) -> str | None:
    if not wanted.missing_alarms:
        return None
    names = ", ".join(sorted(wanted.missing_alarms))
    return f"`gates.alarms` names alarms that do not exist: {names}; create them, or correct the names"


def hook_not_callable(wanted: Wanted) -> str | None:
    said = (
        _objection(hook.function, wanted.hooks, f"`hooks.{at.value}`") for at, hook in wanted.manifest.hooks.items()
    )
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
