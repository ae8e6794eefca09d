"""How what hooks were asked is written down in a record, and read back by this code, older code and newer code.

What a newcomer would get wrong: a hook that only a newer release knows is left out when this one reads the record, and
is asked again when that one comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from controller.core.hook_run import HookRun, HookStatus
from controller.core.policy import HookPoint


def to_plain(run: HookRun) -> dict[str, object]:
    """Returns the record of one hook. ``state`` is one text, because DynamoDB knows no floats."""
    return {
        "point": run.point.value,
        "step": run.step,
        "begun_at": run.begun_at.isoformat(),
        "call_at": run.call_at.isoformat() if run.call_at else None,
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
    plain = (cast("Mapping[str, object]", value) for value in values)
    return tuple(_run(each) for each in plain if each["point"] in known)


def _run(plain: Mapping[str, object]) -> HookRun:
    known = plain.get("status") in {status.value for status in HookStatus}
    call_at, state = plain.get("call_at"), plain.get("state")
    return HookRun(
        point=HookPoint(plain["point"]),
        step=int(cast("int", plain["step"])),
        begun_at=datetime.fromisoformat(str(plain["begun_at"])),
        call_at=datetime.fromisoformat(str(call_at)) if call_at else None,
        status=HookStatus(plain["status"]) if known else HookStatus.NO_ANSWER,
        reason=str(plain.get("reason") or ""),
        state=str(state) if state else None,
        calls=int(cast("int", plain.get("calls", 0))),
        calling=bool(plain.get("calling")),
        overdue=bool(plain.get("overdue")),
    )
