"""Quiet looks: finds out for many deployments at once that nothing is to be done, and asks Lambda nothing.

    records in one call -> alarms that the tick has read -> gates' questions in one call -> decide
        nothing, or only evidence     done, and evidence is saved
        anything else                 left to a whole look, which reads everything anew

Minutes without errors are saved now and then only, because the next look finds the same minutes again.

Rules of the file:

- the alias is assumed to be as Slipway left it, which is ground for one decision only: that there is nothing to do.
  Lambda is never written to;
- an error of the canary is noted only beside the alias as read: while somebody else holds the alias, errors say nothing
  about the canary;
- some aliases are read in turn, so that drift is noticed: each once in 15 minutes, and more seldom only where more than
  3,000 deployments are due.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from controller.aws.dynamodb.store import Due
from controller.context import Context
from controller.core.gates import hooks, order
from controller.core.lifecycle import plan
from controller.core.lifecycle.state_machine import decide, is_mere_note
from controller.core.model import Conflict, Deployment, Target
from controller.core.model.events import Tick
from controller.core.model.observation import AlarmState, Observation
from controller.core.routing.desired import as_left
from controller.reconcile.attempts import attempt
from controller.reconcile.freezes_in_force import FreezesInForce
from controller.reconcile.observe import Observer
from controller.reconcile.ticks.questions import Questions

IsInTurn = Callable[[Target], bool]
_TURN = 15
"""After so many minutes each alias has been read."""
_ALIASES_A_MINUTE = 200
"""Two thirds of the default budget: steps and rollbacks need the rest."""


@dataclass(slots=True)
class Looked:
    """The outcome of a tick's quiet looks: the targets that are ``done``, with the errors of those that failed.

    ``unanswered``: CloudWatch has answered nothing, and is not asked again by this tick.
    """

    done: set[Target] = field(default_factory=set)
    failed: list[Exception] = field(default_factory=list)
    unanswered: bool = False


class QuietLooks:
    """Looks at many deployments at once."""

    def __init__(self, context: Context, in_force: FreezesInForce) -> None:
        self._context = context
        self._aws = context.aws
        self._in_force = in_force

    def look(self, rows: Sequence[Due], alarms: Mapping[str, AlarmState], is_in_turn: IsInTurn, looked: Looked) -> None:
        """Looks at the rows' deployments, and adds the outcome to ``looked``; one that is not in it needs a whole look.

        ``alarms`` are states just read; ``is_in_turn`` chooses the aliases to be read.
        """
        now = self._context.clock()
        loaded = self._aws.store.load_readable((row.target, row.number) for row in rows)
        deployments = [each for each in loaded if _may_be_quiet(each, alarms, now)]
        questions = Questions()
        observer = Observer(replace(self._context, clock=lambda: now), self._in_force, questions)
        for each in deployments:
            observer.observe(each, Tick(), as_left(each), alarms)
        if not looked.unanswered:
            looked.unanswered = not questions.answer(self._aws.series)
        for each in deployments:
            questions.surprised = False
            seen = observer.observe(each, Tick(), as_left(each), alarms).seen
            if questions.surprised:
                continue
            is_done, failed = attempt([partial(self._is_done, each, seen, now, is_in_turn)])
            looked.failed += failed
            if failed or any(is_done):
                looked.done.add(each.target)

    def _is_done(self, deployment: Deployment, seen: Observation, now: datetime, is_in_turn: IsInTurn) -> bool:
        """Decides, and saves evidence. Is nothing left to do?"""
        noted = decide(deployment, Tick(), seen, now)
        if is_in_turn(deployment.target) or noted.evidence.against_canary != deployment.evidence.against_canary:
            seen = replace(seen, alias=self._aws.aliases.read(deployment.target))
            noted = decide(deployment, Tick(), seen, now)
        if noted != deployment and not is_mere_note(deployment, noted):
            return False
        if plan.plan(noted, seen, now) or hooks.to_call(noted, now):
            return False
        if noted != deployment and not noted.evidence.adds_nothing_to(deployment.evidence):
            self._save(noted)
        return True

    def _save(self, noted: Deployment) -> None:
        try:
            self._aws.store.save(noted, self._context.clock())
        except Conflict:
            return  # somebody else has just looked, and saw more


def turns(count: int, now: datetime) -> IsInTurn:
    """Returns the choice of the aliases to be read in this minute, if ``count`` deployments are due.

    The choice follows from the target and the minute, so no controller has to remember the last one.
    """
    minutes = max(_TURN, math.ceil(count / _ALIASES_A_MINUTE))
    minute = int(now.timestamp()) // 60
    return lambda target: (zlib.crc32(str(target).encode()) - minute) % minutes == 0


def _may_be_quiet(deployment: Deployment, alarms: Mapping[str, AlarmState], now: datetime) -> bool:
    """Does Slipway wait, with all alarms known, for nothing that itself is about to write?"""
    if as_left(deployment) is None or order.wants_past(deployment, now):
        return False
    return alarms.keys() >= set(deployment.alarm_names)
