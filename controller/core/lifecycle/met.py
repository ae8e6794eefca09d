"""Whether a person's request was met, by the record afterwards.

A request is checked first (``refusals``), but the look that carries it out may find a danger, a freeze or an end that
the check could not see. Then nothing is remembered as carried out, and the person is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from controller.core.model import Cause, Deployment, Phase, events

_FORWARD = (Phase.BAKING, Phase.SUCCEEDED)


def is_met(request: events.Request, before: Deployment, after: Deployment) -> bool:
    """Is everything as the person asked? ``before`` is the record when the request was checked."""
    return _MET[type(request)](request, before, after)


def remembers(deployment: Deployment, request: events.Request) -> bool:
    """Does the record say that this very request was carried out?"""
    return any(each.mark == request.mark for each in deployment.bookkeeping.carried_out)


def _is_promoted(request: events.PromoteRequested, before: Deployment, after: Deployment) -> bool:
    if Phase.BAKING in (before.phase, request.in_phase):
        return after.traffic.closing or after.phase is Phase.SUCCEEDED
    return after.phase in _FORWARD


def _is_in_next_step(request: events.NextRequested, _before: Deployment, after: Deployment) -> bool:
    is_later = request.step is not None and after.traffic.step + 1 > request.step
    is_over = after.phase is Phase.SHIFTING and (is_later or after.hold.cut_short_at is not None)
    return is_over or after.phase in _FORWARD


def _goes_back(_request: events.RollbackRequested, before: Deployment, after: Deployment) -> bool:
    if before.phase.is_before_traffic and (after.phase is Phase.FAILED or after.failing):
        return True
    is_back = after.phase in (Phase.ROLLING_BACK, Phase.ROLLED_BACK) and not after.traffic.drift
    return is_back and not _ended_by_drift(after)


def _has_accepted(_request: events.AcceptDriftRequested, before: Deployment, after: Deployment) -> bool:
    if after.phase in _FORWARD:
        is_new = (after.phase, after.phase_since) != (before.phase, before.phase_since)
        return is_new and not after.traffic.drift
    return after.phase is Phase.ROLLED_BACK and _ended_by_drift(after)


def _ended_by_drift(after: Deployment) -> bool:
    return after.reason is not None and after.reason.cause is Cause.DRIFT


def _goes_on(after: Deployment) -> bool:
    turns_back = after.phase in (Phase.ROLLING_BACK, Phase.ROLLED_BACK, Phase.FAILED)
    return not turns_back and after.failing is None


def _is_approved(request: events.ApproveRequested, _before: Deployment, after: Deployment) -> bool:
    is_given = after.hold.approval is not None and after.hold.approval.given
    return (is_given or remembers(after, request)) and _goes_on(after)


def _is_denied(_request: events.DenyRequested, _before: Deployment, after: Deployment) -> bool:
    return after.objection is not None and after.objection.cause is Cause.DENIED


def _is_paused(_request: events.PauseRequested, _before: Deployment, after: Deployment) -> bool:
    return after.hold.paused


def _is_resumed(_request: events.ResumeRequested, _before: Deployment, after: Deployment) -> bool:
    return not after.hold.paused and _goes_on(after)


def _is_overridden(request: events.OverrideRequested, _before: Deployment, after: Deployment) -> bool:
    return request.alarm in after.alarms.overridden and _goes_on(after)


def _is_past_freezes(request: events.OverrideFreezeRequested, before: Deployment, after: Deployment) -> bool:
    is_new = after.hold.freeze_wait.overridden > before.hold.freeze_wait.overridden
    return (is_new or remembers(after, request)) and _goes_on(after)


_MET: Mapping[type, Callable[[Any, Deployment, Deployment], bool]] = {
    events.PromoteRequested: _is_promoted,
    events.NextRequested: _is_in_next_step,
    events.RollbackRequested: _goes_back,
    events.PauseRequested: _is_paused,
    events.ResumeRequested: _is_resumed,
    events.AcceptDriftRequested: _has_accepted,
    events.ApproveRequested: _is_approved,
    events.DenyRequested: _is_denied,
    events.OverrideRequested: _is_overridden,
    events.OverrideFreezeRequested: _is_past_freezes,
}
