"""What the template tells the controller: read once, from the environment, into one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from controller.core.manifest.team_rules import ManifestRules

ONLY_THE_BUCKET = "bucket"
"""The value of the parameter ManifestFrom that keeps manifests out of zips."""
_CALLS_PER_SECOND = 5
"""Of the account's 15. A tick and an upload may be at work at the same time: a third is left for everybody else."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The controller's settings.

    ``topic`` is None where nobody wants SNS. ``allowed_roles`` are the roles that a manifest may give to a function;
    one may end in ``*``. ``alarm_prefix`` begins the name of every alarm that is made. ``defaults`` is a manifest as
    JSON. ``hook_prefix`` begins the names of the functions that may be called as hooks; none may where it is empty.
    ``function_arn`` begins the ARN of every function, empty where the template does not say it. ``manifest_rules`` are
    what a team may decide. ``signing_key`` is the ARN of the KMS key that artifacts have to be signed with; None: they
    need not be. ``lambda_calls_per_second`` is how many calls to Lambda's control plane are begun in one second.
    ``function_keys`` are the ARNs of the KMS keys that functions may have. ``number`` is what CloudFormation numbers
    these settings by: another parameter of the stack, another number; empty where the template does not say it.
    ``minute`` is how long a minute of CloudWatch lasts: 60 s on AWS, less on an AWS that is played faster.
    ``function`` and ``version`` are the controller's own; Lambda says them. Source: Lambda developer guide, defined
    runtime environment variables, 2026-11.
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
    number: str = ""
    minute: timedelta = timedelta(minutes=1)
    function: str = ""
    version: str = ""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Returns the settings. Raises KeyError where the template does not give one that is needed."""
    return Settings(
        table=environment["SLIPWAY_TABLE"],
        alarm_prefix=environment["SLIPWAY_ALARM_PREFIX"],
        topic=environment.get("SLIPWAY_TOPIC") or None,
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
        number=environment.get("SLIPWAY_SETTINGS", ""),
        minute=timedelta(seconds=float(environment.get("CLOUDWATCH_MINUTE") or 60)),
        function=environment.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        version=environment.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
    )


def parameters(settings: Settings) -> dict[str, object]:
    """Returns the settings under the names of the stack's parameters that they come from, as JSON-like values."""
    return {
        "AllowedRoles": list(settings.allowed_roles),
        "FunctionKeys": list(settings.function_keys),
        "HookPrefix": settings.hook_prefix,
        "DefaultManifest": settings.defaults,
        "ManifestFrom": "zip-or-bucket" if settings.manifest_rules.zip_may_say else ONLY_THE_BUCKET,
        "ManifestRules": settings.manifest_rules.schema,
        "KeepVersions": settings.keep_versions,
        "LambdaCallsPerSecond": settings.lambda_calls_per_second,
        "NoticeEmail": "somebody is told" if settings.topic else "",
        "SigningKeyArn": settings.signing_key or "",
    }


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each for part in text.split(",") if (each := part.strip()))
