"""The command by which a person puts all traffic of an alias on one version, for notices and ``status``."""

from __future__ import annotations

from controller.core.model import Target


def command(target: Target, version: str | None, *, exists: bool = True) -> str:
    """Returns the command: "aws lambda update-alias --function-name checkout ...", or create-alias if there is none."""
    call, weights = ("update", " --routing-config AdditionalVersionWeights={}") if exists else ("create", "")
    named = f"--function-name {target.function} --name {target.alias} --function-version {version}"
    return f"aws lambda {call}-alias {named}{weights}"
