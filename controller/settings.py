"""The template's settings for the controller: read once, from the environment, into one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from controller.core.manifest.team_rules import ManifestRules

ONLY_THE_BUCKET = "bucket"
"""The value of the parameter ManifestFrom that forbids manifests in zips."""
_CALLS_PER_SECOND = 5
"""Of the account's 15. A tick and an upload may run at the same time, so a third is left for everybody else."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The controller's settings.

    - ``alarm_prefix``: the beginning of every own alarm's name.
    - ``topic``, ``chat_topic``: ARNs of SNS topics, None without.
    - ``defaults``: a manifest as JSON.
    - ``allowed_roles``: roles that a manifest may give to a function; one may end in ``*``.
    - ``function_arn``: the beginning of every function's ARN, empty if the template does not give it.
    - ``hook_prefix``: the beginning of the names of functions allowed as hooks; empty forbids hooks.
    - ``signing_key``: the ARN of the KMS key to sign artifacts with, None if no signature is needed.
    - ``lambda_calls_per_second``: control-plane calls to Lambda begun per second.
    - ``manifest_rules``: the settings a team may choose.
    - ``function_keys``: the ARNs of the KMS keys allowed for functions.
    - ``dead_letters``: the URL of the queue of dead letters, empty if the template does not give it.
    - ``shipping_windows``: the parameter's text, empty if it is allowed to ship at any time.
    - ``number``: CloudFormation's number for these settings, new for each change of a parameter; empty if not given.
    - ``minute``: the length of CloudWatch's minutes, 60 s on AWS and less on an accelerated one.
    - ``function``, ``version``: the controller's own, given by Lambda. Source: Lambda developer guide, defined runtime
      environment variables, 2026-11.
    """

    table: str
    alarm_prefix: str
    topic: str | None = None
    defaults: str = "{}"
    allowed_roles: tuple[str, ...] = ()
    keep_versions: int = 5
    function_arn: str = ""
    hook_prefix: str = ""
    signing_key: str | None = None
    lambda_calls_per_second: int = _CALLS_PER_SECOND
    manifest_rules: ManifestRules = field(default_factory=ManifestRules)
    function_keys: tuple[str, ...] = ()
    dead_letters: str = ""
    shipping_windows: str = ""
    chat_topic: str | None = None
    number: str = ""
    minute: timedelta = timedelta(minutes=1)
    function: str = ""
    version: str = ""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Returns the settings. Raises KeyError if the template does not give a required one."""
    return Settings(
        table=environment["SLIPWAY_TABLE"],
        alarm_prefix=environment["SLIPWAY_ALARM_PREFIX"],
        topic=environment.get("SLIPWAY_TOPIC") or None,
        chat_topic=environment.get("SLIPWAY_CHAT_TOPIC") or None,
        defaults=environment.get("SLIPWAY_DEFAULTS") or "{}",
        allowed_roles=_listed(environment.get("SLIPWAY_ALLOWED_ROLES", "")),
        keep_versions=int(environment.get("SLIPWAY_KEEP_VERSIONS") or "5"),
        function_arn=environment.get("SLIPWAY_FUNCTION_ARN", ""),
        hook_prefix=environment.get("SLIPWAY_HOOK_PREFIX", ""),
        signing_key=environment.get("SLIPWAY_SIGNING_KEY") or None,
        lambda_calls_per_second=int(environment.get("SLIPWAY_LAMBDA_CALLS_PER_SECOND") or _CALLS_PER_SECOND),
        manifest_rules=ManifestRules(
            zip_may_say=environment.get("SLIPWAY_MANIFEST_FROM", "") != ONLY_THE_BUCKET,
            schema=environment.get("SLIPWAY_MANIFEST_RULES", ""),
        ),
        function_keys=_listed(environment.get("SLIPWAY_FUNCTION_KEYS", "")),
        dead_letters=environment.get("SLIPWAY_DEAD_LETTERS", ""),
        shipping_windows=environment.get("SLIPWAY_SHIPPING_WINDOWS", ""),
        number=environment.get("SLIPWAY_SETTINGS", ""),
        minute=timedelta(seconds=float(environment.get("CLOUDWATCH_MINUTE") or 60)),
        function=environment.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        version=environment.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
    )


def parameters(settings: Settings) -> dict[str, object]:
    """Returns the settings by the names of the stack's parameters, as JSON-like values."""
    return {
        "AllowedRoles": list(settings.allowed_roles),
        "FunctionKeys": list(settings.function_keys),
        "HookPrefix": settings.hook_prefix,
        "DefaultManifest": settings.defaults,
        "ManifestFrom": "zip-or-bucket" if settings.manifest_rules.zip_may_say else ONLY_THE_BUCKET,
        "ManifestRules": settings.manifest_rules.schema,
        "KeepVersions": settings.keep_versions,
        "LambdaCallsPerSecond": settings.lambda_calls_per_second,
        "ShippingWindows": settings.shipping_windows,
        "NoticeEmail": "somebody is told" if settings.topic else "",
        "ChatNotices": "yes" if settings.chat_topic else "no",
        "SigningKeyArn": settings.signing_key or "",
    }


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each for part in text.split(",") if (each := part.strip()))
