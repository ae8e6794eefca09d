"""The payload of a hook: the whole deployment as JSON, with the ARNs for invoking either version.

Note: the same call may come twice; ``deployment``, ``hook``, ``step`` and ``call`` together identify it.
"""

from __future__ import annotations

import json

from controller.core.artifact.checksums import in_hex
from controller.core.gates import hooks
from controller.core.model import ALL, Deployment, Phase
from controller.core.model.effects import CallHook


def payload(deployment: Deployment, call: CallHook, function_arn: str) -> dict[str, object]:
    """Returns the payload of a call. ``function_arn`` begins every function's ARN; if empty, ARNs are null."""
    target, artifact = deployment.target, deployment.artifact
    shifting = deployment.phase is Phase.SHIFTING
    run = hooks.run_at(deployment, call.point, call.step)

    def arn(qualifier: str) -> str | None:
        return f"{function_arn}{target.function}:{qualifier}" if function_arn else None

    return {
        "hook": call.point.value,
        "call": call.call,
        "deployment": str(deployment),
        "number": deployment.number,
        "function": target.function,
        "alias": target.alias,
        "alias_arn": arn(target.alias),
        "stable": {"version": deployment.stable, "arn": arn(deployment.stable)} if deployment.stable else None,
        "canary": {"version": deployment.canary, "arn": arn(deployment.canary)} if deployment.canary else None,
        "phase": deployment.phase.value,
        "weight": _weight(deployment) / 100,
        "step": deployment.traffic.step + 1 if shifting else None,
        "steps": len(deployment.manifest.strategy.steps),
        "artifact": {
            "bucket": artifact.bucket,
            "key": artifact.key,
            "version_id": artifact.version_id,
            "sha256": in_hex(deployment.versions.sha256) if deployment.versions.sha256 else None,
        },
        "why": deployment.objection.text if deployment.objection else None,
        "state": json.loads(run.state) if run and run.state else None,
    }


def _weight(deployment: Deployment) -> int:
    """Returns the canary's weight now, in hundredths of a percent."""
    if deployment.phase is Phase.SHIFTING:
        return deployment.manifest.strategy.steps[deployment.traffic.step].weight
    return ALL if deployment.phase is Phase.BAKING else 0
