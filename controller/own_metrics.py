"""The controller's own metrics, written to its log in CloudWatch's embedded format: they cost no call.

    alarm    SecondsFromAlarmToAlias, AliasesRolledBack    when this controller has brought an alias back
    tick     OpenDeployments, DeploymentsLeftOut           while something is open; left out for lack of time

A metric that has nothing to say is not written, since CloudWatch charges for each hour in which it was. Source:
CloudWatch pricing, custom metrics, and CloudWatch user guide, embedded metric format, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

NAMESPACE = "Slipway"
_UNITS = {
    "SecondsFromAlarmToAlias": "Seconds",
    "AliasesRolledBack": "Count",
    "OpenDeployments": "Count",
    "DeploymentsLeftOut": "Count",
}


def write(lines: Iterable[Mapping[str, object]], controller: str) -> None:
    """Writes the metrics of one invocation's log lines; ``controller`` is their only dimension, ``service``."""
    found = [each for line in lines for each in measured(line)]
    if not found:
        return
    from aws_lambda_powertools import Metrics  # late: a rollback does not wait for it

    metrics = Metrics(namespace=NAMESPACE, service=controller)
    for name, value in found:
        metrics.add_metric(name=name, unit=_UNITS[name], value=value)
    metrics.flush_metrics()


def measured(line: Mapping[str, object]) -> list[tuple[str, float]]:
    """Returns the metrics of one line: [("OpenDeployments", 3)]."""
    match line:
        case {"event": "alarm", "alias_rolled_back": True, "seconds_to_alias": int() | float() as seconds}:
            return [("SecondsFromAlarmToAlias", float(seconds)), ("AliasesRolledBack", 1)]
        case {"event": "tick", "open": int() as opened, "left": int() as left} if opened:
            return [("OpenDeployments", opened), *([("DeploymentsLeftOut", left)] if left else [])]
    return []
