"""What MiniStack lacks, one module per gap, and the order in which the gaps are closed.

Each module of ``PATCHES`` has ``install(settings)``, which replaces functions of MiniStack by ``patching.replace``.
The modules beside them help and install nothing.

Note: these modules import MiniStack, which reads its settings as it is imported. They must not be imported before
``local.server`` has set the environment, so they are named here and imported by ``install``.
"""

from __future__ import annotations

from importlib import import_module

from local.settings import Settings

PATCHES: tuple[str, ...] = (
    "lambda_invocations.readiness",
    "lambda_invocations.routing",
    "lambda_invocations.runs",
    "lambda_invocations.metrics",
    "lambda_functions.refusals",
    "lambda_functions.updates",
    "lambda_invocations.retirement",
    "lambda_invocations.leases",
    "lambda_invocations.asynchronous",
    "cloudwatch.metric_reads",
    "cloudwatch.alarms",
    "eventbridge.targets",
    "eventbridge.entries",
    "eventbridge.schedules",
    "s3.events",
    "s3.ranges",
    "sns",
    "secure_transport",
    "cloudtrail",
    "iam.requests",
    "iam.principals",
    "cloudformation",
)


def install(settings: Settings) -> None:
    """Closes every gap. Raises PatchMismatch where the installed MiniStack is not the expected one."""
    for name in PATCHES:
        import_module(f"{__name__}.{name}").install(settings)
