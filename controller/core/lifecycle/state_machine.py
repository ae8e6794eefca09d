"""The state machine: one table with the effect of each event in each phase, the only place that changes a phase.

    PREPARING -> TESTING -> SHIFTING -> BAKING -> SUCCEEDED
         |          |           |          |
         v          v           v          v
       FAILED     FAILED    ROLLING_BACK -> ROLLED_BACK

A phase has modes, which ``model/mode`` defines:

    PREPARING      queued, cleaning_up, paused, under_freeze
    TESTING        cleaning_up, paused, under_freeze, unreadable, awaiting_approval
    SHIFTING       paused, frozen, under_freeze, drifted, unreadable, unconfirmed, in_doubt, awaiting_approval
    BAKING         paused, frozen, drifted, unreadable, unconfirmed, closing
    ROLLING_BACK   cleaning_up, drifted, unconfirmed, asleep
    ROLLED_BACK    asleep

Theory of operation: an event is only a reason to look again. ``reconcile`` reads the alias, then the record, calls
``transition``, saves the record by compare-and-swap, asks ``plan`` what AWS still lacks, performs it, and feeds the
outcomes back in here. Everything is therefore safe to repeat: an event that comes twice or late meets a later record,
and its cell says "nothing".

Rules of the file: the table has a cell for every event in every phase, including cells without effect. The transitions
are in ``transitions/``.

TESTING may wait with its tests passed (an alarm that blocks, a pause); traffic starts at the next look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from controller.core.lifecycle import repeated_requests
from controller.core.lifecycle.met import is_met
from controller.core.lifecycle.transitions import (
    approving,
    before_traffic,
    bookkeeping,
    by_request,
    next_step,
    pausing,
    rolling_back,
    shifting,
    under_freeze,
)
from controller.core.lifecycle.transitions.edits import Transition, nothing, refuse
from controller.core.manifest.settings import OnNewer
from controller.core.model import Alias, Cause, Deployment, Phase, events, outcomes
from controller.core.model.observation import Observation
from controller.core.routing import alias_description

Event = events.Tick | events.AlarmFired | events.NewerAccepted | events.Request | outcomes.Outcome

# Columns: before traffic (PREPARING, TESTING), in traffic (SHIFTING, BAKING), back (ROLLING_BACK), and the three ends.
_COLUMNS = (
    Phase.PREPARING, Phase.TESTING, Phase.SHIFTING, Phase.BAKING, Phase.ROLLING_BACK,
    Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.FAILED,
)  # fmt: skip
_ROWS: Mapping[type, tuple[Transition, ...]] = {
    events.Tick: (
        before_traffic.prepare, before_traffic.start_traffic, shifting.shift, shifting.bake,
        rolling_back.continue_rollback, bookkeeping.stop_cleaning_up, nothing, nothing),
    events.AlarmFired: (
        nothing, nothing, shifting.answer_alarm, shifting.answer_alarm, nothing, nothing, nothing, nothing),
    events.NewerAccepted: (
        before_traffic.end_superseded, before_traffic.end_superseded, shifting.supersede, shifting.supersede,
        nothing, nothing, nothing, nothing),
    events.PromoteRequested: (
        refuse, refuse, by_request.promote_now, by_request.close_now, refuse, refuse, refuse, refuse),
    events.NextRequested: (
        refuse, refuse, next_step.end_hold, refuse, refuse, refuse, refuse, refuse),
    events.RollbackRequested: (
        before_traffic.end_by_request, before_traffic.end_by_request, by_request.roll_back_now,
        by_request.roll_back_now, rolling_back.roll_back_over, refuse, refuse, refuse),
    events.PauseRequested: (
        pausing.pause, pausing.pause, pausing.pause, pausing.pause, refuse, refuse, refuse, refuse),
    events.ResumeRequested: (
        pausing.resume, pausing.resume, pausing.resume, pausing.resume, refuse, refuse, refuse, refuse),
    events.AcceptDriftRequested: (
        refuse, refuse, by_request.accept_drift, by_request.accept_drift, by_request.keep_drift, refuse, refuse,
        refuse),
    events.ApproveRequested: (
        refuse, approving.approve, approving.approve, refuse, refuse, refuse, refuse, refuse),
    events.DenyRequested: (
        refuse, before_traffic.end_denied, approving.deny, refuse, refuse, refuse, refuse, refuse),
    events.OverrideRequested: (
        before_traffic.override, before_traffic.override, refuse, refuse, refuse, refuse, refuse, refuse),
    events.OverrideFreezeRequested: (
        under_freeze.override, under_freeze.override, under_freeze.override, under_freeze.override, refuse, refuse,
        refuse, refuse),
    outcomes.Preflighted: (
        before_traffic.note_preflight, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.Onboarded: (
        before_traffic.note_onboarding, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.Identified: (
        before_traffic.note_identity, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.CaughtUp: (
        before_traffic.note_catching_up, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.Published: (
        before_traffic.note_version, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.BecameActive: (
        before_traffic.start_tests, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.Unchanged: (
        before_traffic.note_unchanged, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.Delayed: (
        before_traffic.note_delay, before_traffic.note_delay, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.EffectRefused: (
        before_traffic.end_refused, before_traffic.end_refused, shifting.roll_back_refused, shifting.roll_back_or_end,
        rolling_back.note_refused, nothing, nothing, nothing),
    outcomes.Tested: (
        nothing, before_traffic.note_tests, nothing, nothing, nothing, nothing, nothing, nothing),
    outcomes.Routed: (nothing,) * len(_COLUMNS),
    outcomes.Asleep: (
        nothing, nothing, nothing, nothing, rolling_back.note_asleep, nothing, nothing, nothing),
    outcomes.Restored: (
        bookkeeping.note_latest, bookkeeping.note_latest, nothing, nothing, bookkeeping.note_latest,
        bookkeeping.note_latest, nothing, nothing),
    outcomes.Finished: (bookkeeping.note_milestone,) * len(_COLUMNS),
    outcomes.AlarmMade: (bookkeeping.note_alarm,) * len(_COLUMNS),
    outcomes.Sent: (bookkeeping.note_sent,) * len(_COLUMNS),
    outcomes.HookAnswered: (
        nothing, bookkeeping.note_hook, bookkeeping.note_hook, bookkeeping.note_hook, bookkeeping.note_hook,
        nothing, nothing, nothing),
}  # fmt: skip
TABLE: Mapping[type, Mapping[Phase, Transition]] = {
    event: dict(zip(_COLUMNS, row, strict=True)) for event, row in _ROWS.items()
}


def transition(deployment: Deployment, event: Event, seen: Observation, now: datetime) -> Deployment:
    """Returns the next record, or the very same one if the event changes nothing."""
    if deployment.hold.queued:
        return deployment
    return TABLE[type(event)][deployment.phase](deployment, event, seen, now)


def decide(deployment: Deployment, event: Event, seen: Observation, now: datetime) -> Deployment:
    """Decides on the event and then on a look, since planning needs to know whose routing the alias carries."""
    decided = transition(deployment, event, seen, now)
    if isinstance(event, events.Request) and event.mark and decided != deployment:
        is_done = is_met(event, deployment, decided)
        decided = repeated_requests.noted(decided, event.mark, now, event.person) if is_done else decided
    if decided.hold.newer is not None and decided.manifest.on_newer is OnNewer.SUPERSEDE:
        decided = transition(decided, events.NewerAccepted(decided.hold.newer), seen, now)
    return decided if isinstance(event, events.Tick) else transition(decided, events.Tick(), seen, now)


def is_mere_note(before: Deployment, after: Deployment) -> bool:
    """Has a look only noted what the gates counted? Then another round would count the same minutes."""
    if not before.phase.serves or before.evidence.shift.past is None or after.evidence.hooks != before.evidence.hooks:
        return False
    return replace(after, evidence=before.evidence, revision=before.revision) == before


def tells_of_drift(before: Deployment, after: Deployment) -> bool:
    """Does the record say for the first time that somebody else moved the alias?"""
    ended = after.reason is not None and after.reason.cause is Cause.DRIFT and after.reason != before.reason
    return ended or bool(after.traffic.drift and not before.traffic.drift)


def lags_behind(deployment: Deployment, alias: Alias) -> bool:
    """Has the record still to learn that this alias brought its traffic back?"""
    rolls_back_unseen = deployment.phase is Phase.ROLLING_BACK and deployment.traffic.confirmed_at is None
    return (deployment.phase.serves or rolls_back_unseen) and alias_description.tells_of(alias, deployment)


def edges() -> tuple[tuple[Phase, Phase], ...]:
    """Returns every change of phase allowed by the table, in the order of the phases, for the state diagram."""
    found = {
        (phase, to)
        for row in TABLE.values()
        for phase, cell in row.items()
        for to in cell.leads_to  # type: ignore[attr-defined]
        if to is not phase
    }
    order = list(_COLUMNS)
    return tuple(sorted(found, key=lambda edge: (order.index(edge[0]), order.index(edge[1]))))
