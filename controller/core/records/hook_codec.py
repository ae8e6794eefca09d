"""How what hooks were asked is written down in a record, and read back by this code, older code and newer code.

What a newcomer would get wrong: a hook that only a newer release knows is left out when this one reads the record, and
is asked again when that one comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from controller.core.manifest.settings import HookPoint
from controller.core.model.hook_run import HookRun, HookStatus
from controller.core.records.json_values import Plain, integer, mapping, moment, read_moment, text


def to_plain(run: HookRun) -> dict[str, object]:
    """Returns the record of one hook. ``state`` is one text, because DynamoDB knows no floats."""
    return {
        "point": run.point.value,
        "step": run.step,
        "begun_at": run.begun_at.isoformat(),
        "call_at": moment(run.call_at),
        "status": run.status.value,
        "reason": run.reason,
        "state": run.state,
        "calls": run.calls,
        "calling": run.calling,
        "overdue": run.overdue,
    }


def read_runs(values: Iterable[object]) -> tuple[HookRun, ...]:
    """Returns the hooks of a record, without those at points that this code does not know."""
    known = {point.value for point in HookPoint}
    return tuple(_run(each) for each in map(mapping, values) if each["point"] in known)


def _run(plain: Plain) -> HookRun:
    known = plain.get("status") in {status.value for status in HookStatus}
    return HookRun(
        point=HookPoint(plain["point"]),
        step=integer(plain["step"]),
        begun_at=datetime.fromisoformat(str(plain["begun_at"])),
        call_at=read_moment(plain.get("call_at")),
        status=HookStatus(plain["status"]) if known else HookStatus.NO_ANSWER,
        reason=str(plain.get("reason") or ""),
        state=text(plain.get("state")),
        calls=integer(plain.get("calls", 0)),
        calling=bool(plain.get("calling")),
        overdue=bool(plain.get("overdue")),
    )
