"""The only loop: look, load, decide, save, act, and look again until nothing is left to do now.

    alias, record -> a round (decide, save, perform: rounds.py) -> again

Rules of the file:

- the alias is read first, then the record: in simulation, a record older than the alias beside it let canary traffic
  back in after a rollback;
- an alias that was read or written some seconds ago in the same wake-up is not read again: every write is under the
  revision that is known, and drift is confirmed by another reading;
- Conflict means that somebody else was faster: everything is read again.

Note: an alarm goes two ways. If the alias's description says that this alarm guards its routing, traffic is brought
back at once, by one read and one write to Lambda, and the record follows; otherwise the record is read first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, repeat

from controller.context import Context
from controller.core.gates.hooks import runs
from controller.core.lifecycle import plan
from controller.core.lifecycle.state_machine import Event, lags_behind
from controller.core.lifecycle.transitions.edits import requested
from controller.core.model import Alias, Conflict, Deployment, Milestone, Phase, Refused, Target, Throttled, Transient
from controller.core.model.events import AlarmFired, RollbackRequested, Tick
from controller.core.model.observation import AlarmState, Observation
from controller.core.model.outcomes import EffectRefused
from controller.reconcile.emergency_rollback import EmergencyRollback
from controller.reconcile.freezes_in_force import FreezesInForce
from controller.reconcile.observe import Observer
from controller.reconcile.performing.perform import Performer
from controller.reconcile.rounds import Failed, Rounds, rolls_back_by_alarm

_ATTEMPTS = 5
"""How often everything is read again after a conflict, before the platform tries again."""
_ROUNDS = 60
"""More rounds than the longest way through the phases takes: a limit against a fault in Slipway itself."""
_ALWAYS_READ = (Phase.TESTING, Phase.ROLLING_BACK)
_KNOWN_FOR = timedelta(seconds=10)
"""How long an alias counts as known after a reading or a write of the same wake-up."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An alias as this wake-up read or wrote the alias; ``refusal`` is why no reading was possible."""

    alias: Alias | None
    at: datetime
    refusal: Refused | None = None


class Unfinished(Transient):
    """A later part failed and is tried again; ``deployment`` is saved, and the alias was ``read`` last."""

    def __init__(self, problem: str, deployment: Deployment | None, read: Reading | None) -> None:
        super().__init__(problem)
        self.deployment, self.read = deployment, read


class Reconciler:
    """Makes AWS and the record of one target agree."""

    def __init__(self, context: Context, performer: Performer, freezes_in_force: FreezesInForce) -> None:
        self._aws = context.aws
        self._clock = context.clock
        self._emergency_rollback = EmergencyRollback(context)
        self._performer = performer
        self.freezes_in_force = freezes_in_force
        self._observer = Observer(context, freezes_in_force)
        self._rounds = Rounds(context, performer)

    def reconcile(  # noqa: PLR0913 - an event, and what is known already
        self,
        target: Target,
        event: Event,
        number: int | None = None,
        alarms: Mapping[str, AlarmState] | None = None,
        *,
        urgent: bool = False,
        gave_way: Unfinished | None = None,
    ) -> Deployment | None:
        """Handles one event and goes on until nothing is left to do now; returns the final deployment.

        A ``number`` of None means the open deployment; without one the result is None. ``alarms`` are states just read,
        None if still to be read. With ``urgent`` traffic may have to come back, and the budget of calls does not delay
        the first reading of the alias; alarms and requested rollbacks are always urgent. This look goes on with the one
        that ``gave_way``. The end of a deployment opens the queued one. Raises Transient if a call failed that may
        succeed later; everything possible without it has been done.
        """
        urgent = urgent or isinstance(event, AlarmFired | RollbackRequested)
        for _ in range(_ATTEMPTS):
            try:
                after = self._settle(target, event, number, alarms, gave_way, urgent=urgent)
            except Conflict:
                alarms = gave_way = None
                continue
            if after and after.phase.is_terminal and after.hold.newer:
                self.reconcile(target, Tick(), after.hold.newer)
            return after
        raise Transient(f"somebody else keeps changing {target}; the next tick looks again")

    def begin(self, taken: Deployment) -> Deployment:
        """Starts a deployment just admitted; returns its final state."""
        # The open deployment is looked at first: it may have to make way, which opens the queued one.
        if taken.hold.queued:
            self.reconcile(taken.target, Tick())
        return self.reconcile(taken.target, Tick(), taken.number) or taken

    def call_hook(self, deployment: Deployment) -> Deployment | None:
        """Calls the due hook and goes on with its answer; returns the final deployment.

        The caller that saves the call makes it. A call may last a minute, so everything is read anew afterwards. Raises
        Transient if Lambda did not take the call; a later tick repeats it.
        """
        try:
            saved = self._rounds.saved(deployment, runs.begin_call(deployment, self._clock()))
        except Conflict:
            return deployment  # somebody was faster, and may be calling it
        effect = plan.call(saved)
        if effect is None:
            return saved
        return self.reconcile(saved.target, self._performer.perform(effect, saved), saved.number)

    def follow(self, target: Target, alarm: AlarmFired, alias: Alias) -> Deployment | None:
        """Lets the record follow an alias that is back by an alarm, and tells people; the next tick does the rest.

        No call to Lambda counts. A repeated or late alarm changes nothing. Transient: the record is out of reach.
        """
        for _ in range(_ATTEMPTS):
            loaded = self._load(target, None, alarm)
            if loaded is None or not lags_behind(loaded, alias):
                return loaded
            try:
                begun = self._rounds.play(loaded, alarm, Observation(alias), {}).deployment
                # The second round notes that the alias is back.
                return self._rounds.play(begun, alarm, Observation(alias), {}).deployment
            except Conflict:
                continue
        raise Transient(f"somebody else keeps changing {target}; the next tick looks again")

    def roll_back_by_request(self, target: Target, request: RollbackRequested, number: int | None) -> Alias | None:
        """Brings traffic back by the alias alone because a person asks, while the record is out of reach.

        Returns the alias as written, None if it is not armed by deployment ``number``.
        """
        return self._emergency_rollback.by_request(target, requested(request), number)

    def look(self, deployment: Deployment) -> Observation:
        """Returns a deployment's present state in AWS; only reads."""
        alias = self._aws.aliases.read(deployment.target)
        alarms = self._observer.alarm_states(deployment, Tick(), None)
        return self._observer.observe(deployment, Tick(), alias, alarms).seen

    def _settle(  # noqa: PLR0913 - as above
        self,
        target: Target,
        event: Event,
        number: int | None,
        alarms: Mapping[str, AlarmState] | None,
        gave_way: Unfinished | None,
        *,
        urgent: bool,
    ) -> Deployment | None:
        failed: Failed = {}
        last, deployment = (gave_way.read, gave_way.deployment) if gave_way else (None, None)
        look = None
        for current in chain((event,), repeat(Tick(), _ROUNDS)):
            read = self._still_known(last, deployment) or self._read(target, urgent=urgent and look is None)
            loaded = self._load(target, number, current)
            if loaded is None:
                break
            if read.refusal and (loaded.phase.serves or loaded.phase is Phase.ROLLING_BACK):
                raise Transient(str(read.refusal)) from read.refusal
            number = loaded.number
            if deployment is not None and deployment.revision != loaded.revision:
                _require_unknown(read, last, loaded)
                alarms = None  # somebody else saved it, and may have seen an alarm calm down and armed it
            alarms = self._observer.alarm_states(loaded, current, alarms)
            look = self._observer.observe(loaded, current, read.alias, alarms, look)
            # An existing alias that may not be read must not count as deleted.
            unreadable = read.refusal if loaded.stable and not loaded.phase.is_terminal else None
            decisive = EffectRefused(unreadable.reason) if unreadable else current
            done = self._rounds.play(loaded, decisive, look.seen, failed)
            deployment = done.deployment
            last = Reading(done.written, self._clock()) if done.written else read
            if Milestone.TESTED in deployment.done - loaded.done:
                alarms = None  # tests may have taken minutes
            is_back = rolls_back_by_alarm(deployment, current) and deployment.traffic.confirmed_at
            if is_back or (not done.progressed and isinstance(current, Tick)):
                break
        problems = [problem for problem in failed.values() if problem]
        if problems:
            # A throttled call is left to the next tick, so another failure must not hide behind one.
            first = min(problems, key=lambda problem: isinstance(problem, Throttled))
            raise Unfinished(str(first), deployment, last) from first
        return deployment

    def _still_known(self, last: Reading | None, deployment: Deployment | None) -> Reading | None:
        """Returns the alias unless another reading is needed.

        In PREPARING no round writes an alias, however long publishing takes. In TESTING every round reads the alias,
        because a move before the first percent ends the deployment; and a rollback has to be seen, not only written.
        """
        if last is None or last.alias is None or deployment is None or deployment.phase in _ALWAYS_READ:
            return None
        is_recent = self._clock() - last.at < _KNOWN_FOR
        return last if is_recent or deployment.phase is Phase.PREPARING else None

    def _read(self, target: Target, *, urgent: bool) -> Reading:
        """Reads the alias. Before traffic, an alias that may not be read counts as none."""
        try:
            return Reading(self._aws.aliases.read(target, urgent=urgent), self._clock())
        except Refused as refusal:
            return Reading(None, self._clock(), refusal)

    def _load(self, target: Target, number: int | None, event: Event) -> Deployment | None:
        try:
            number = self._aws.store.head(target).open if number is None else number
            return None if number is None else self._aws.store.load(target, number)
        except (Transient, Refused):
            # While the record is out of reach, an alarm on exactly the alias's version is reason enough.
            if isinstance(event, AlarmFired) and event.target == target:
                self._emergency_rollback.from_alarm(event, any_alarm=True)
            raise


def _require_unknown(read: Reading, last: Reading | None, loaded: Deployment) -> None:
    if read is last:
        raise Conflict(f"somebody else saved {loaded} after its alias was read")
