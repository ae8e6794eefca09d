"""The command of the AWS CLI that shows people the log of a version that went wrong."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.model import Deployment, Phase


def command(deployment: Deployment) -> str | None:
    """Returns the command that shows why the canary version went wrong, None while nothing speaks against it.

    After a failed test the command shows that invocation alone.
    """
    has_log = deployment.canary is not None and deployment.phase is not Phase.SUCCEEDED
    if not has_log or deployment.objection is None:
        return None
    failed = next((test.request_id for test in deployment.evidence.tests if test.request_id), "")
    if failed:
        return f"aws logs filter-log-events --log-group-name {_group(deployment)} --filter-pattern '\"{failed}\"'"
    return f"aws logs tail {_group(deployment)} --since 1h"


def _group(deployment: Deployment) -> str:
    """Returns the log group that the manifest names, else Lambda's own."""
    logging = deployment.manifest.function.get("LoggingConfig")
    named = logging.get("LogGroup") if isinstance(logging, Mapping) else None
    return str(named or f"/aws/lambda/{deployment.target.function}")
