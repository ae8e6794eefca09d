"""L2: does this Region know log alarms? One that does not refuses the whole call."""

from __future__ import annotations

from botocore.exceptions import ClientError

from live.outcomes import Finding
from live.run import Run
from live.waiting import Steps


def steps(run: Run) -> Steps:
    """Asks for an alarm that does not exist, as the controller asks for those of a manifest."""
    try:
        run.client("cloudwatch").describe_alarms(
            AlarmNames=[f"{run.name}/none"], AlarmTypes=["MetricAlarm", "CompositeAlarm", "LogAlarm"]
        )
    except ClientError as refusal:
        yield Finding("L2", f"{run.aws.region}: {refusal}", as_expected=False)
    else:
        yield Finding("L2", f"an answer in {run.aws.region}", as_expected=True)
