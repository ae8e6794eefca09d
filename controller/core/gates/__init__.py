"""What keeps a deployment from its next step: each gate returns the reason to hold, or None.

Rules of the file:
- a gate never changes anything and never rolls back; what is dangerous is ``firing``, and ``state_machine`` acts on it;
- an unreadable alarm is not a bad canary: it holds, for a bounded time, and then policy decides;
- a person's approval is the last gate: nobody is asked before all others are open.

What a newcomer would get wrong: a hold is counted from when the alias was *seen* to carry the step (``live_at``),
never from when it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from controller.core.gates import callers, hooks, pace
from controller.core.manifest.settings import AlreadyAlarming, ErrorGate, OnTimeout, Wait
from controller.core.model import Deployment, Milestone, Phase, span
from controller.core.model.observation import AlarmState, Observation
from controller.core.statistics import in_words
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import Bake
from controller.core.statistics.shift import Shift, added, is_complete

UNREADABLE_AT_MOST = timedelta(minutes=15)
"""How long unreadable alarms hold a deployment before ``on_failure`` decides."""
DOUBT = 1.5
"""The odds against the canary over which a step is held on at the end of its hold."""
MOST_DOUBTS = 3
"""How many holds more a step in doubt is given before it goes on."""
_OF_THE_LOOKS, _OF_THE_WHOLE = 0.8, 0.1
"""How much of the error gate's significance the looks at the shift have, and the whole counts; the rest is the bake's.
"""

Gate = Callable[[Deployment, Observation, datetime], str | None]


def holder(deployment: Deployment, seen: Observation, now: datetime) -> tuple[Gate, str] | None:
    """Returns the first gate that is not open, and its reason; None where every gate is open."""
    gates = _BEFORE_TRAFFIC if deployment.phase is Phase.TESTING else _IN_TRAFFIC
    return next(((gate, reason) for gate in gates if (reason := gate(deployment, seen, now))), None)


def holding(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns why the deployment does not go on, None where every gate is open."""
    held = holder(deployment, seen, now)
    return held[1] if held else None


def is_guarded(deployment: Deployment) -> bool:
    """Do alarms count now? Not for a first deployment: there is nothing that they could bring back."""
    return (deployment.phase.serves or deployment.phase is Phase.TESTING) and not deployment.is_first


def firing(deployment: Deployment, seen: Observation) -> str | None:
    """Returns the name of an armed alarm that is firing, None where none is."""
    alarms = seen.alarms or {}
    armed = (name for name in deployment.alarm_names if name not in deployment.disarmed)
    return next((name for name in armed if alarms.get(name) is AlarmState.FIRING), None)


def already_firing(deployment: Deployment, seen: Observation) -> frozenset[str]:
    """Returns the named alarms that fire before the deployment has moved any traffic."""
    alarms = seen.alarms or {}
    return frozenset(name for name in deployment.manifest.gates.alarms if alarms.get(name) is AlarmState.FIRING)


def judges(deployment: Deployment) -> bool:
    """Does the error gate, or one of a team's own metrics, compare both versions now? Only while both serve."""
    on = deployment.manifest.gates
    return deployment.phase is Phase.SHIFTING and (on.errors is not None or bool(on.metrics))


def judges_bake(deployment: Deployment) -> bool:
    """Does the error gate compare the canary with the stable version's minutes before the promotion now?"""
    gate = deployment.manifest.gates.errors
    is_judged = gate is not None and gate.bake_significance is not None and deployment.stable is not None
    return deployment.phase is Phase.BAKING and is_judged and deployment.bake.is_open


def wants_before(deployment: Deployment) -> bool:
    """Must be read what the stable version served before the promotion, for the deployment's own alarm? Once the canary
    is seen to serve alone, so that the promotion does not wait for it.
    """
    serves_alone = deployment.phase is Phase.BAKING and deployment.live_at is not None and not deployment.closing
    return serves_alone and deployment.stable is not None and deployment.stable_before is None


def before_is_due(deployment: Deployment, now: datetime) -> bool:
    """Is that to be read now? Not before the last minutes of the shift are counted: what has just begun to fail is in
    them.
    """
    live_at, past = deployment.live_at, deployment.shift.past
    is_counted = live_at is not None and past is not None and now >= live_at + past.counted_in
    return is_counted and wants_before(deployment)


def wants_minutes_before(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    """Is what the stable version served before the promotion to be read now?

    Not before all of its requests have ended: a minute that lacks the late failures of the stable version would speak
    against the canary. ``baked`` are the minutes with requests since the promotion.
    """
    return judges_bake(deployment) and deployment.bake.before is None and _shift_is_complete(deployment, baked, now)


def counts_minutes(deployment: Deployment, now: datetime) -> bool:
    """Are the requests of both versions to be counted now, minute by minute?"""
    is_unseen = deployment.phase is Phase.SHIFTING and not deployment.sighted and _may_serve(deployment)
    return is_unseen or _judges_minutes(deployment, now)


def _judges_minutes(deployment: Deployment, now: datetime) -> bool:
    return _may_serve(deployment) and (judges(deployment) or wants_invocations(deployment, now))


def _may_serve(deployment: Deployment) -> bool:
    """May the canary have had requests beside the stable version? The alias is written once its own alarm is there."""
    return deployment.stable is not None and Milestone.ALARM_MADE in deployment.done


def wants_past(deployment: Deployment, now: datetime) -> bool:
    """Is what came before the first percent still to be read, without which nothing is judged?"""
    is_judged = _judges_minutes(deployment, now) or judges_bake(deployment) or watches_metrics(deployment)
    is_watched = _end_is_open(deployment) or callers.watches(deployment)
    return deployment.shift.past is None and (is_judged or is_watched)


def watches_metrics(deployment: Deployment) -> bool:
    """Are metrics of the team's own looked at now? In the shift and in the bake."""
    return deployment.phase.serves and deployment.stable is not None and bool(deployment.manifest.gates.metrics)


def end_due_at(deployment: Deployment) -> datetime | None:
    """Returns when a shift that is over can be judged to its end; None where there is none, or it was, or is off."""
    return deployment.shift.complete_at(deployment.phase_since) if _end_is_open(deployment) else None


def end_is_due(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    """Is the shift over, still to be judged to its end, and are all of its requests counted?

    ``baked`` are the minutes with requests since the promotion.
    """
    return _end_is_open(deployment) and _shift_is_complete(deployment, baked, now)


def _shift_is_complete(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    past = deployment.shift.past
    return past is not None and is_complete(baked, past.settles_in, deployment.phase_since, now)


def _end_is_open(deployment: Deployment) -> bool:
    on = deployment.manifest.gates
    is_judged = (on.errors is not None or bool(on.metrics)) and deployment.stable is not None
    bakes = deployment.phase is Phase.BAKING and deployment.manifest.strategy.bake > timedelta(0)
    return is_judged and bakes and bool(deployment.shift.steps) and deployment.shift.whole is None


def late_requests(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """May requests of the shift still fail? The bake lasts until all of them are judged, or cannot be."""
    if not _end_is_open(deployment) or deployment.closing:
        return None
    complete_at = end_due_at(deployment) or deployment.phase_since
    if now >= complete_at + UNREADABLE_AT_MOST:
        return None
    when = complete_at.isoformat(timespec="seconds")
    return f"requests that began before the promotion may still fail; they are judged when all have ended, at {when}"


def enough_in_shift(gate: ErrorGate) -> float:
    """Returns the odds at which the looks at a shift bring the stable version back: 125 at a significance of 1 %."""
    return 1 / (_OF_THE_LOOKS * gate.significance)


def enough_of_whole(gate: ErrorGate) -> float:
    """Returns the odds at which the whole counts of a shift do: 1,000 at a significance of 1 %."""
    return 1 / (_OF_THE_WHOLE * gate.significance)


def worse(deployment: Deployment) -> str | None:
    """Returns in words that the canary fails more often than the stable version, None where that is not proved."""
    gate = deployment.manifest.gates.errors
    return proof(deployment, gate, deployment.shift, deployment.bake) if gate else None


def proof(deployment: Deployment, gate: ErrorGate, shift: Shift, bake: Bake, what: str = "errors") -> str | None:
    """Returns in words that the canary has more of ``what`` than it may have, None where that is not proved."""
    versions = deployment.canary, deployment.stable
    if deployment.phase is Phase.SHIFTING or (deployment.phase is Phase.BAKING and shift.whole is not None):
        if shift.odds >= enough_in_shift(gate):
            return f"{in_words.looks(shift, *versions, what)}; {in_words.limit(enough_in_shift(gate))}"
        if shift.whole is not None and shift.whole >= enough_of_whole(gate):
            return f"{in_words.whole(shift, *versions)}; {in_words.limit(enough_of_whole(gate))}"
    in_bake = gate.bake_significance if deployment.phase is Phase.BAKING else None
    if in_bake is not None and shift.past and bake.is_worse(in_bake, shift.past.history):
        return bake.in_words(*versions)
    return None


def in_doubt(deployment: Deployment, now: datetime) -> bool:
    """Has the hold ended with evidence against the canary, so that the step is to last for another one?

    Not beyond the deadline: doubt is no reason to give a deployment up.
    """
    ends = hold_ends(deployment)
    if not judges(deployment) or ends is None or now < ends or deployment.doubts == MOST_DOUBTS:
        return False
    hold = deployment.manifest.strategy.steps[deployment.step].hold
    in_time = ends + hold < deployment.opened_at + deployment.manifest.open_at_most
    return bool(hold) and in_time and bool(doubtful(deployment))


def doubtful(deployment: Deployment) -> str | None:
    """Returns in words the evidence against the canary that is more than a doubt, None where none is."""
    on = deployment.manifest.gates
    judged = [(deployment.shift, "errors")] if on.errors else []
    judged += [(known.shift, gate.bad) for known, gate in zip(deployment.metrics, on.metrics, strict=False)]
    shift, what = max(judged, key=lambda each: each[0].odds, default=(deployment.shift, ""))
    return in_words.looks(shift, deployment.canary, deployment.stable, what) if what and shift.odds > DOUBT else None


def odd_share(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Does the canary clearly get more of the requests than its weight?"""
    weight = _weight_of_share(deployment)
    if weight is None or not deployment.share.is_too_large(weight):
        return None
    share = deployment.share.in_words(deployment.canary, weight)
    return f"{share}: callers bypass the alias, or somebody else moved it"


def lost_requests(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """Does the canary clearly get fewer of the requests than its weight, now that its hold is over?"""
    weight, ends = _weight_of_share(deployment), hold_ends(deployment)
    if weight is None or ends is None or now < ends or not deployment.share.is_too_small(weight):
        return None
    share = deployment.share.in_words(deployment.canary, weight)
    return f"{share}: Lambda may be unable to start it, and loses its requests before it counts them"


def _weight_of_share(deployment: Deployment) -> int | None:
    is_of_this_step = deployment.phase is Phase.SHIFTING and deployment.share.since == deployment.live_at
    return deployment.manifest.strategy.steps[deployment.step].weight if is_of_this_step else None


def sees(deployment: Deployment, seen: Observation) -> bool:
    """Has a gate of Slipway's own something to go by: requests of both versions?

    The error gate needs no minute in which both had some: the controller itself is called once a minute. The own alarm
    does. One that is OK may be so because it has no data, and proves nothing; one that fires has some.
    """
    if (seen.alarms or {}).get(deployment.own_alarm) is AlarmState.FIRING:
        return True
    minutes = seen.minutes or ()
    return added(minutes).compares if judges(deployment) else any(minute.counts.compares for minute in minutes)


def unreadable(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns what cannot be read, None where all can. A deleted alarm is an unreadable one."""
    if seen.unreadable:
        return "CloudWatch does not answer for the alarms"
    if judges(deployment) and seen.minutes is None:
        return "CloudWatch does not count the requests of both versions"
    uncounted = _uncounted(deployment, seen, now)
    if uncounted:
        return uncounted
    if seen.pace is None:
        return pace.UNREADABLE
    missing = [name for name in deployment.alarm_names if (seen.alarms or {}).get(name) is AlarmState.MISSING]
    return f"alarm {missing[0]} does not exist any more" if missing else None


def hold_ends(deployment: Deployment) -> datetime | None:
    """Returns when the hold or the bake is over, None while the alias has not been seen to carry it."""
    if deployment.live_at is None or deployment.closing:
        return deployment.live_at
    strategy = deployment.manifest.strategy
    if deployment.phase is Phase.SHIFTING:
        return deployment.live_at + (1 + deployment.doubts) * strategy.steps[deployment.step].hold
    return deployment.live_at + (timedelta(0) if deployment.is_first else strategy.bake)


def wants_invocations(deployment: Deployment, now: datetime) -> bool:
    """Must the canary's requests be counted now? Only once the hold is over, so a tick costs no query before that."""
    ends = hold_ends(deployment)
    return (
        deployment.phase is Phase.SHIFTING
        and deployment.manifest.gates.min_invocations > 0
        and ends is not None
        and now >= ends
    )


def _uncounted(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    if not wants_invocations(deployment, now) or seen.canary_invocations is not None:
        return None
    return f"the requests of version {deployment.canary} cannot be counted"


def waited_for_traffic(deployment: Deployment, seen: Observation, now: datetime) -> bool:
    """Is the wait for enough requests over? It is not over where nobody could count them."""
    if deployment.phase is Phase.BAKING:
        return callers.waited(deployment, seen, now)
    ends = hold_ends(deployment)
    over = ends is not None and now >= ends + deployment.manifest.gates.no_traffic.most
    return over and not _uncounted(deployment, seen, now)


def too_few_invocations(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Has the canary had too few requests in this step to prove anything?"""
    wanted = deployment.manifest.gates.min_invocations
    if not wants_invocations(deployment, now):
        return None
    if seen.canary_invocations is None:
        return _uncounted(deployment, seen, now)
    if seen.canary_invocations >= wanted:
        return None
    few = f"{seen.canary_invocations} of {wanted} requests have reached version {deployment.canary} in this step"
    if seen.canary_invocations or any(minute.counts.stable_invocations for minute in seen.minutes or ()):
        return few
    target = deployment.target
    return f"{few}, and none version {deployment.stable}: nobody calls {target}, or {callers.switched_off(target)}"


def blind(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Has no gate seen anything of the canary in the whole shift, so that nothing speaks for it?"""
    if not _is_last_step(deployment) or deployment.sighted:
        return None
    return f"every gate was blind: none has seen requests of version {deployment.canary} beside some of the stable one"


def _is_last_step(deployment: Deployment) -> bool:
    return deployment.phase is Phase.SHIFTING and deployment.step == len(deployment.manifest.strategy.steps) - 1


def hook(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Is there a hook that has not let the deployment go on yet? Asked last: some are asked when all else is open."""
    return hooks.holding(deployment)


def without_requests(deployment: Deployment, seen: Observation) -> str | None:
    """Were there errors in the step's hold whose requests CloudWatch has not counted yet? What share failed is unknown.

    Later minutes hold nothing: a series that always comes minutes late would hold the step for ever.
    """
    ends = hold_ends(deployment)
    if deployment.phase is not Phase.SHIFTING or ends is None:
        return None
    lacking = sum(not minute.is_whole and minute.began < ends for minute in seen.minutes or ())
    return f"CloudWatch has more errors than requests in {lacking:,} of the shift's minutes so far" if lacking else None


def lacking_requests(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns what requests are lacking for the gates to go by, None where there are enough."""
    few = lost_requests(deployment, seen, now) or too_few_invocations(deployment, seen, now)
    few = without_requests(deployment, seen) or few
    return few or callers.lost(deployment, seen, now) or blind(deployment, seen, now)


def without_traffic(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Are requests lacking, and is that no reason to go on?"""
    goes_on = deployment.manifest.gates.no_traffic.then is OnTimeout.PROMOTE
    return None if goes_on and waited_for_traffic(deployment, seen, now) else lacking_requests(deployment, seen, now)


def silent(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Do no requests reach the canary any more? Asked before the bake is over: all callers may be failing by then."""
    return without_traffic(deployment, seen, now) if callers.lost(deployment, seen, now) else None


def approval_wait(deployment: Deployment) -> Wait | None:
    """Returns the wait for a person that comes after this step, or before the first percent; None where there is
    none.
    """
    strategy = deployment.manifest.strategy
    if deployment.phase is Phase.SHIFTING:
        return strategy.steps[deployment.step].approval
    return strategy.approval if deployment.phase is Phase.TESTING else None


def asked_about(deployment: Deployment) -> int | None:
    """Returns the step that people are asked about, 0 before the first percent; None where nobody is asked."""
    is_failing = deployment.phase is Phase.TESTING and deployment.reason is not None
    if deployment.approval is None or approval_wait(deployment) is None or is_failing:
        return None
    return deployment.step + 1 if deployment.phase is Phase.SHIFTING else 0


def answer_ends(deployment: Deployment) -> datetime | None:
    """Returns when the wait for an answer is over, None where nobody is asked or it was approved. A wait that went on
    is over at the deadline.
    """
    wait, approval = approval_wait(deployment), deployment.approval
    if wait is None or approval is None or approval.given or asked_about(deployment) is None:
        return None
    if approval.overdue:
        return deployment.opened_at + deployment.manifest.open_at_most
    return approval.asked_at + wait.most


def unapproved(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Is a person still to approve what comes next?"""
    wait, approval = approval_wait(deployment), deployment.approval
    if wait is None or (approval and approval.given):
        return None
    if approval is None:
        return "approval is still to be asked for"
    since, most = approval.asked_at.isoformat(timespec="seconds"), span(wait.most)
    return f"waits for approval since {since}, at most {most}, then {wait.then.value}; send approve or reject"


def _foreign(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    if not deployment.foreign:
        return None
    return f"somebody else made the alias carry {deployment.foreign}; send adopt to keep that, or rollback"


def _paused(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    if not deployment.paused:
        return None
    if deployment.reason:
        return f"frozen, because {deployment.reason.text}; send promote, resume or rollback"
    return "paused; send resume to go on"


def _routing_unconfirmed(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    return None if deployment.live_at else "the alias has not been seen to carry this step yet"


def _hold_remaining(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    ends = hold_ends(deployment)
    if ends is None or now >= ends:
        return None
    if deployment.doubts:
        because = f": {words}" if (words := doubtful(deployment)) else ""
        return f"in doubt, hold {deployment.doubts + 1} of {MOST_DOUBTS + 1}, for another {span(ends - now)}{because}"
    what = "bake" if deployment.phase is Phase.BAKING else "hold"
    return f"{what} for another {span(ends - now)}"


def _unreadable(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    if seen.alarms is None and not seen.unreadable and not deployment.is_first:
        return "the alarms have not been read in this look"
    return unreadable(deployment, seen, now)


def _blocked(deployment: Deployment, seen: Observation, _now: datetime) -> str | None:
    if deployment.manifest.gates.already_alarming is not AlreadyAlarming.BLOCK:
        return None
    names = already_firing(deployment, seen) - deployment.overridden
    return f"alarm {min(names)} is firing already and already_alarming is block" if names else None


_BEFORE_TRAFFIC: tuple[Gate, ...] = (_foreign, _paused, _unreadable, _blocked, hook, unapproved)
_IN_TRAFFIC: tuple[Gate, ...] = (
    _foreign, _paused, _routing_unconfirmed, odd_share, silent, _hold_remaining, _unreadable, pace.holds,
    without_traffic, late_requests, hook, unapproved,
)  # fmt: skip
