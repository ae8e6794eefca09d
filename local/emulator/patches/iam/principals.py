"""Lets a bucket's policy see who really asks: the role behind a session, and the account itself.

MiniStack gives ``aws:PrincipalArn`` the ARN of a session, and lets the account's root do everything. AWS gives it the
ARN of the role that was assumed, and an explicit Deny of a bucket's policy holds for root too. Sources: IAM user guide,
global condition keys, aws:PrincipalArn, and S3 user guide, bucket policies, 2026-11.

Note: who has no credentials at all counts as root to MiniStack, and is left alone here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_evaluator

from local.emulator.patches.patching import replace
from local.settings import Settings

_SESSION = re.compile(r"arn:(?P<partition>[a-z-]+):sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[^/]+)/.+")


def install(_settings: Settings) -> None:
    """Replaces what MiniStack finds under a condition key, and what it asks before a request of S3."""
    parameters = ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context")
    replace(iam_evaluator, "_resolve_condition_key", ("key", "ctx"), _with_roles)
    replace(iam_evaluator, "enforce", parameters, _for_root_too)


def principal(arn: str) -> str:
    """Returns the ARN that ``aws:PrincipalArn`` has for a caller: of the role where the caller is a session of one.

    The path of a role is not in the ARN of its sessions, and so not in this one.
    """
    session = _SESSION.fullmatch(arn)
    return "arn:{partition}:iam::{account}:role/{role}".format_map(session.groupdict()) if session else arn


def _with_roles(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def resolve(key: str, ctx: Any) -> Any:
        return principal(ctx.principal_arn) if key.lower() == "aws:principalarn" else original(key, ctx)

    return resolve


def _for_root_too(original: Callable[..., Any]) -> Callable[..., Any]:
    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Mapping[str, Any] | None = None,
    ) -> Any:
        refused = original(access_key_id, iam_action, service, region, resource_arn, service_context)
        if refused or service != "s3" or not (access_key_id and iam_evaluator.is_root_access_key(access_key_id)):
            return refused
        return _refused_to_root(iam_action, region, resource_arn, service_context or {})

    return enforce


def _refused_to_root(action: str, region: str, resource: str, context: Mapping[str, Any]) -> Any:
    """Returns the bucket policy's explicit Deny for the account's root, None where there is none."""
    from ministack.core.responses import get_account_id

    found, account = iam_evaluator._resource_policy("s3", resource), get_account_id()
    if found is None:
        return None
    asks = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::{account}:root",
        principal_type="Root",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        service_context={key.lower(): value for key, value in context.items()},
    )
    decided = iam_evaluator.evaluate_resource_policy(found[0], asks)
    decided.resource_policy_arn = resource
    return decided if decided.decision == "Deny" else None
