"""The only loop: look, load, decide, save, act, and look again until nothing is left to do now.

    alias, record -> state_machine.transition -> save (compare-and-swap) -> plan.plan -> perform -> outcomes -> again

Rules of the file:
- the alias is read first and the record after it, in every round: a record that is older than the alias beside it
  has let canary traffic back in after a rollback, in simulation;
- the record is saved before anything is done for it, and the alias is written under the revision that was read;
- Conflict means that somebody else was faster: everything is read again.

Note: an alarm goes two ways. If the alias itself says that this alarm guards what it carries, traffic is brought back
at once, by one read and one write to Lambda, and the record follows; else the record is asked first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, repeat

from controller.context import Context
from controller.core.gates import hooks
from controller.core.lifecycle import plan
from controller.core.lifecycle.state_machine import Event, decide, tells_of_drift, transition
from controller.core.lifecycle.transitions.edits import requested
from controller.core.model import Alias, Conflict, Deployment, Milestone, Phase, Refused, Target, Transient
from controller.core.model.effects import Effect, Send
from controller.core.model.events import AlarmFired, RollbackRequested, Tick
from controller.core.model.observation import AlarmState, Observation
from controller.core.model.outcomes import Delayed, EffectRefused, Outcome, Routed
from controller.reconcile.emergency_rollback import EmergencyRollback
from controller.reconcile.observe import Observer
from controller.reconcile.perform import Performer

_ATTEMPTS = 5
"""How often everything is read again when somebody else was faster, before the platform is left to try again."""
_ROUNDS = 60
"""More rounds than the longest way through the phases takes; a bound against a fault of our own."""


class Unfinished(Transient):
    """The event was taken in and the record saved; something that follows from it failed and is tried again.

    ``deployment`` is as it was saved.
    """

    def __init__(self, problem: str, deployment: Deployment | None) -> None:
        super().__init__(problem)
        self.deployment = deployment


class BroughtBack(Transient):
    """Traffic was brought back although the record of it could not be saved; the next look sees it in the alias."""


_Failed = dict[Effect, Transient | None]
"""What was not done in this wake-up; None is what the record has noted as delayed, so that nothing is raised for it."""


@dataclass(frozen=True, slots=True)
class _Round:
    """What one round came to. ``progressed`` is False when the next round could only find the same."""

    deployment: Deployment
    progressed: bool


class Reconciler:
    """Makes AWS and the record of one target agree."""

    def __init__(self, context: Context, performer: Performer) -> None:
        self._aws = context.aws
        self._clock = context.clock
        self._emergency_rollback = EmergencyRollback(context)
        self._performer = performer
        self._observer = Observer(context)

    def reconcile(
        self,
        target: Target,
        event: Event,
        number: int | None = None,
        alarms: Mapping[str, AlarmState] | None = None,
        *,
        urgent: bool = False,
    ) -> Deployment | None:
        """Handles one event and goes on until nothing is left to do now; returns the deployment as it is then.

        ``number`` None means the open one; None comes back where there is none. ``alarms`` are states that were read
        just now, None where they still have to be. ``urgent``: traffic may have to come back, and the budget of calls
        does not hold the first look at the alias; so it is for every alarm and every rollback that is asked for. The
        end of a deployment is the turn of the one that waits. Raises Transient where a call failed that may go better
        later; all that could be done without it has been done.
        """
        urgent = urgent or isinstance(event, AlarmFired | RollbackRequested)
        for _ in range(_ATTEMPTS):
            try:
                after = self._settle(target, event, number, alarms, urgent=urgent)
            except Conflict:
                alarms = None
                continue
            if after and after.phase.is_terminal and after.hold.newer:
                self.reconcile(target, Tick(), after.hold.newer)
            return after
        raise Transient(f"somebody else keeps changing {target}; the next tick looks again")

    def begin(self, taken: Deployment) -> Deployment:
        """Starts a deployment that was just taken in; returns it as it is then.

        Where it waits the open one is looked at first: it may have to make way, and then its turn has come.
        """
        if taken.hold.queued:
            self.reconcile(taken.target, Tick())
        return self.reconcile(taken.target, Tick(), taken.number) or taken

    def call_hook(self, deployment: Deployment) -> Deployment | None:
        """Calls the hook that is due and goes on with what it says; returns the deployment as it is then.

        Whoever notes the call in the record makes it. A call may last a minute, so nothing that was read before it is
        gone by afterwards. Raises Transient where Lambda did not take the call: it is made again by a later tick.
        """
        try:
            saved = self._saved(deployment, hooks.calling(deployment, self._clock()))
        except Conflict:
            return deployment  # somebody was faster, and may be calling it
        effect = plan.call(saved)
        if effect is None:
            return saved
        return self.reconcile(saved.target, self._performer.perform(effect, saved), saved.number)

    def roll_back_by_alarm(self, alarm: AlarmFired) -> Alias | None:
        """Brings traffic back by the alias alone, if its own words say that this alarm is a reason to.

        One read and one write to Lambda, nothing else. Returns the alias as written, None where there was nothing to
        bring back. Repeating finds an alias that is not armed any more.
        """
        return self._emergency_rollback.from_alarm(alarm)

    def roll_back_by_request(self, target: Target, request: RollbackRequested, number: int | None) -> Alias | None:
        """Brings traffic back by the alias alone because a person asks; for the time when the record is out of reach.

        Returns the alias as written, None where it is not armed, or by another deployment than ``number``.
        """
        return self._emergency_rollback.by_request(target, requested(request), number)

    def look(self, deployment: Deployment) -> Observation:
        """Returns what AWS shows of a deployment now; it only reads."""
        alias = self._aws.aliases.read(deployment.target)
        alarms = self._observer.alarm_states(deployment, Tick(), None)
        return self._observer.observe(deployment, Tick(), alias, alarms).seen

    def _settle(
        self,
        target: Target,
        event: Event,
        number: int | None,
        alarms: Mapping[str, AlarmState] | None,
        *,
        urgent: bool,
    ) -> Deployment | None:
        failed: _Failed = {}
        deployment = look = None
        for current in chain((event,), repeat(Tick(), _ROUNDS)):
            alias, refusal = self._alias(target, urgent=urgent and look is None)
            loaded = self._load(target, number, current)
            if loaded is None:
                break
            if refusal and (loaded.phase.serves or loaded.phase is Phase.ROLLING_BACK):
                raise Transient(str(refusal)) from refusal
            number = loaded.number
            if deployment is not None and deployment.revision != loaded.revision:
                alarms = None  # whoever saved it may have seen one calm down since, and armed it
            alarms = self._observer.alarm_states(loaded, current, alarms)
            look = self._observer.observe(loaded, current, alias, alarms, look)
            # An alias that was there and may not be read must not pass for one that somebody deleted.
            unreadable = refusal if loaded.stable and not loaded.phase.is_terminal else None
            decisive = EffectRefused(unreadable.reason) if unreadable else current
            done = self._round(loaded, decisive, look.seen, failed)
            deployment = done.deployment
            if Milestone.TESTED in deployment.done - loaded.done:
                alarms = None  # tests may have taken minutes
            if not done.progressed and isinstance(current, Tick):
                break
        first = next((problem for problem in failed.values() if problem), None)
        if first:
            raise Unfinished(str(first), deployment) from first
        return deployment

    def _alias(self, target: Target, *, urgent: bool) -> tuple[Alias | None, Refused | None]:
        """Reads the alias. Where nothing serves yet, one that may not be read is as good as none."""
        try:
            return self._aws.aliases.read(target, urgent=urgent), None
        except Refused as refusal:
            return None, refusal

    def _load(self, target: Target, number: int | None, event: Event) -> Deployment | None:
        try:
            number = self._aws.store.head(target).open if number is None else number
            return None if number is None else self._aws.store.load(target, number)
        except (Transient, Refused):
            # The record is out of reach: an alarm on exactly the version that the alias carries is reason enough now.
            if isinstance(event, AlarmFired) and event.target == target:
                self._emergency_rollback.from_alarm(event, any_alarm=True)
            raise

    def _round(self, loaded: Deployment, event: Event, seen: Observation, failed: _Failed) -> _Round:
        now = self._clock()
        decided = decide(loaded, event, seen, now)
        if tells_of_drift(loaded, decided):
            self._confirm_drift(decided, seen)
        saved = self._save_decision(loaded, decided, seen)
        outcomes = self._perform(saved, seen, failed)
        after = saved
        for outcome in outcomes:
            after = transition(after, outcome, seen, self._clock())
        after = self._saved(saved, after)
        return _Round(after, after.revision != loaded.revision or Routed() in outcomes)

    def _perform(self, deployment: Deployment, seen: Observation, failed: _Failed) -> list[Outcome]:
        """Performs what the record lacks; an effect that failed in this wake-up is left for the next one."""
        outcomes: list[Outcome] = []
        only_notices = False
        for effect in plan.plan(deployment, seen, self._clock()):
            if effect in failed or (only_notices and not isinstance(effect, Send)):
                continue
            try:
                outcome = self._performer.perform(effect, deployment)
            except Conflict:
                raise
            except Transient as problem:
                failed[effect] = problem
            else:
                outcomes.append(outcome)
                if isinstance(outcome, Delayed):
                    failed[effect] = None
            # What follows may need the one that failed; notices do not, and are still tried.
            only_notices = only_notices or (effect in failed and not isinstance(effect, Send))
        return outcomes

    def _save_decision(self, loaded: Deployment, decided: Deployment, seen: Observation) -> Deployment:
        try:
            return self._saved(loaded, decided)
        except Conflict:
            raise
        except (Transient, Refused) as problem:
            # Traffic does not wait for the record: the alias says what was done, and the record follows.
            done = [self._performer.perform(effect, decided) for effect in plan.emergency(decided, seen)]
            if Routed() in done:
                raise BroughtBack(str(problem)) from problem
            raise

    def _saved(self, before: Deployment, after: Deployment) -> Deployment:
        return before if after == before else self._aws.store.save(after, self._clock())

    def _confirm_drift(self, deployment: Deployment, seen: Observation) -> None:
        """Reads the alias once more: only if it did not change while the record was read do the two belong together."""
        again = self._aws.aliases.read(deployment.target)
        if (again.revision_id if again else None) != (seen.alias.revision_id if seen.alias else None):
            raise Conflict(f"{deployment.target} moved while the record was read")
