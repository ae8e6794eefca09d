"""One round of the loop: decide, save, perform, and note the outcomes.

    state_machine.decide -> save (compare-and-swap) -> plan.plan -> perform -> outcomes -> save

Rules of the file: the record is saved before its effects are performed; only an emergency moves traffic without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import UnionType

from controller.context import Context
from controller.core.lifecycle import plan
from controller.core.lifecycle.state_machine import Event, decide, is_mere_note, tells_of_drift, transition
from controller.core.model import Alias, Conflict, Deployment, Phase, Refused, Transient
from controller.core.model.effects import Effect, Route, Send, Wake
from controller.core.model.events import AlarmFired
from controller.core.model.observation import Observation
from controller.core.model.outcomes import Delayed, EffectRefused, Outcome, Routed
from controller.reconcile.performing.perform import Performer

_AT_ONCE = Route | Wake | Send
"""Performed when an alarm comes. In a storm of alarms all other calls wait for the aliases that are not back yet."""


class BroughtBack(Transient):
    """Traffic was brought back although the record could not be saved; the next look sees it in the alias."""


Failed = dict[Effect, Transient | None]
"""Effects not done in this wake-up, with their errors; None for a delay noted in the record."""


@dataclass(frozen=True, slots=True)
class Round:
    """The result of one round. ``progressed`` is False if the next round could only find the same; ``written`` is the
    alias in the answer to a write, None without a write.
    """

    deployment: Deployment
    written: Alias | None
    progressed: bool


class Rounds:
    """The rounds of one controller."""

    def __init__(self, context: Context, performer: Performer) -> None:
        self._aws = context.aws
        self._clock = context.clock
        self._performer = performer

    def play(self, loaded: Deployment, event: Event, seen: Observation, failed: Failed) -> Round:
        """Plays one round for a record just loaded; adds the effects that failed to ``failed``.

        Raises Conflict if somebody else wrote meanwhile, and BroughtBack.
        """
        now = self._clock()
        decided = decide(loaded, event, seen, now)
        if tells_of_drift(loaded, decided):
            self._confirm_drift(decided, seen)
        saved = self._save_decision(loaded, decided, seen)
        outcomes = self._perform(saved, seen, failed, _AT_ONCE if rolls_back_by_alarm(saved, event) else Effect)
        after = saved
        for outcome in outcomes:
            after = transition(after, outcome, seen, self._clock())
        after = self.saved(saved, after)
        moved = after.revision != loaded.revision and not is_mere_note(loaded, after)
        written = _written(outcomes)
        return Round(after, written, moved or written is not None)

    def _perform(
        self, deployment: Deployment, seen: Observation, failed: Failed, kinds: UnionType | type
    ) -> list[Outcome]:
        """Performs the missing effects of these kinds; an effect that failed in this wake-up is left for the next."""
        outcomes: list[Outcome] = []
        only_notices = False
        for effect in plan.plan(deployment, seen, self._clock()):
            if not isinstance(effect, kinds) or effect in failed or (only_notices and not isinstance(effect, Send)):
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
                only_notices = only_notices or isinstance(outcome, EffectRefused)
            # Later effects may depend on the failed one; notices do not, and are still tried.
            only_notices = only_notices or (effect in failed and not isinstance(effect, Send))
        return outcomes

    def _save_decision(self, loaded: Deployment, decided: Deployment, seen: Observation) -> Deployment:
        try:
            return self.saved(loaded, decided)
        except Conflict:
            raise
        except (Transient, Refused) as problem:
            # Traffic does not wait for the record: the alias's description tells, and the record follows.
            done = [self._performer.perform(effect, decided) for effect in plan.emergency(decided, seen)]
            if _written(done):
                raise BroughtBack(str(problem)) from problem
            raise

    def saved(self, before: Deployment, after: Deployment) -> Deployment:
        """Returns the deployment as saved; nothing is written if nothing has changed."""
        return before if after == before else self._aws.store.save(after, self._clock())

    def _confirm_drift(self, deployment: Deployment, seen: Observation) -> None:
        """Reads the alias again: alias and record belong together only if the alias has not changed meanwhile."""
        again = self._aws.aliases.read(deployment.target)
        if (again.revision_id if again else None) != (seen.alias.revision_id if seen.alias else None):
            raise Conflict(f"{deployment.target} moved while the record was read")


def _written(outcomes: Iterable[Outcome]) -> Alias | None:
    return next((outcome.alias for outcome in outcomes if isinstance(outcome, Routed)), None)


def rolls_back_by_alarm(deployment: Deployment, event: Event) -> bool:
    """Is this round about traffic that comes back because of an alarm?"""
    return isinstance(event, AlarmFired) and deployment.phase is Phase.ROLLING_BACK
