"""The controller's own metrics, written to its log in CloudWatch's embedded format: they cost no call.

    alarm    SecondsFromAlarmToAlias, AliasesRolledBack    when this controller has brought an alias back
    tick     OpenDeployments, DeploymentsLeftOut           while something is open; left out for lack of time
    tick     RollbacksUnderWay                             found by the tick; one that lasts is stuck
    any      DeploymentsEnded, by outcome and cause        when people are told that a deployment has ended
    any      CallsToLambda                                 of those that the account shares, what this invocation made

No metric has a function as its dimension: CloudWatch charges for each combination of dimensions, and for each hour in
which a metric was written, so a metric that has nothing to say is not written. Source: CloudWatch pricing, custom
metrics, and CloudWatch user guide, embedded metric format, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

NAMESPACE = "Slipway"
_UNITS = {
    "SecondsFromAlarmToAlias": "Seconds",
    "AliasesRolledBack": "Count",
    "OpenDeployments": "Count",
    "DeploymentsLeftOut": "Count",
    "RollbacksUnderWay": "Count",
    "CallsToLambda": "Count",
}
_Ends = list[Mapping[str, str]]


def write(lines: Iterable[Mapping[str, object]], controller: str, calls: int = 0) -> None:
    """Writes the metrics of one invocation, of its log lines and ``calls`` to Lambda. Their dimension ``service`` is
    ``controller``; ends have two more, ``outcome`` and ``cause``.
    """
    lines = tuple(lines)
    _write_ends([end for line in lines for end in ended(line)], controller)
    found = [each for line in lines for each in measured(line)]
    if calls:
        found.append(("CallsToLambda", calls))
    if not found:
        return
    from aws_lambda_powertools import Metrics  # late: a rollback does not wait for it

    metrics = Metrics(namespace=NAMESPACE, service=controller)
    for name, value in found:
        metrics.add_metric(name=name, unit=_UNITS[name], value=value)
    metrics.flush_metrics()


def _write_ends(ends: _Ends, controller: str) -> None:
    if not ends:
        return
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    for end in ends:
        service = {"service": controller}
        with single_metric(
            "DeploymentsEnded", MetricUnit.Count, 1, namespace=NAMESPACE, default_dimensions=service
        ) as one:
            one.add_dimension("outcome", end["outcome"])
            one.add_dimension("cause", end["cause"])


def ended(line: Mapping[str, object]) -> _Ends:
    """Returns the ends of one line: [{"deployment": "checkout:live#5", "outcome": "ROLLED_BACK", "cause": "alarm"}]."""
    match line:
        case {"ended": list() as ends}:
            return ends
    return []


def measured(line: Mapping[str, object]) -> list[tuple[str, float]]:
    """Returns the metrics of one line: [("OpenDeployments", 3)]."""
    match line:
        case {"event": "alarm", "alias_rolled_back": True, "seconds_to_alias": int() | float() as seconds}:
            return [("SecondsFromAlarmToAlias", float(seconds)), ("AliasesRolledBack", 1)]
        case {"event": "tick", "open": int() as opened, "left": int() as left, "rolling_back": int() as back} if opened:
            more = {"DeploymentsLeftOut": left, "RollbacksUnderWay": back}
            return [("OpenDeployments", opened), *((name, count) for name, count in more.items() if count)]
    return []
