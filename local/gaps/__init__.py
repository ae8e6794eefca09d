"""What MiniStack lacks, one module per gap, and the order in which the gaps are closed.

Each module of ``GAPS`` has ``install(settings)``, which replaces functions of MiniStack by
``local.patching.replace``. The modules beside them are pure rules and install nothing.

Note: these modules import MiniStack, which reads its settings as it is imported. They must not be imported before
``local.server`` has set the environment, so they are named here and imported by ``install``.
"""

from __future__ import annotations

from importlib import import_module

from local.settings import Settings

GAPS: tuple[str, ...] = (
    "lambda_readiness",
    "lambda_routing",
    "lambda_runs",
    "lambda_metrics",
    "lambda_refusals",
    "lambda_updates",
    "lambda_retirement",
    "lambda_leases",
    "lambda_async",
    "metric_reads",
    "alarms",
    "events_targets",
    "events_entries",
    "events_schedules",
    "s3_events",
    "s3_ranges",
    "sns_requests",
    "secure_transport",
    "iam_requests",
    "iam_principals",
    "cloudformation_properties",
)


def install(settings: Settings) -> None:
    """Closes every gap. Raises PatchMismatch where the installed MiniStack is not the expected one."""
    for name in GAPS:
        import_module(f"{__name__}.{name}").install(settings)
