"""Tells people that somebody else changed an alias at rest: no deployment is open, and Slipway left something else.

Rules of the file:

- the event is only a reason to look. The alias is read first, then the records, and only these decide;
- one notice for one drift. The target's head remembers the drift told, so repeats, late and doubled events are silent;
- nothing is written to the alias. While a deployment is open its own look notices drift and tells people.

A change of an alias that Slipway has no record of costs one read of the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from controller.context import Context
from controller.core.lifecycle.admission import Head
from controller.core.model import Cause, Conflict, Deployment, Refused, Target, Transient
from controller.core.model.events import AliasChanged, Ignored
from controller.core.routing.at_rest import LOOKS_BACK, DriftAtRest, drift

_TELLING = timedelta(seconds=30)
"""How long a doubled event is left to the controller that is telling people. Lambda repeats a failed event after a
minute."""
_ATTEMPTS = 5


class AliasChanges:
    """Looks at aliases that others have changed."""

    def __init__(self, context: Context) -> None:
        self._settings = context.settings
        self._aws = context.aws
        self._clock = context.clock

    def look(self, change: AliasChanged) -> Mapping[str, object]:
        """Looks at the changed alias, tells people of drift, and returns the log line.

        Repeating is silent. Raises Transient if AWS did not answer, and, after saving, if the notice has nowhere to go.
        """
        line = {"event": "alias changed", "target": str(change.target), "action": change.action, "who": change.who}
        head = self._aws.store.head(change.target)
        found = self._drift(change, head)
        if isinstance(found, Ignored):
            return {**line, "ignored": found.reason}
        told = found.identity if found else None
        if told == head.told_drift:
            return {**line, "ignored": "people know of this drift" if found else "the alias is as Slipway left it"}
        if found is None:
            self._save(change.target, head, None)
            return {**line, "drift": None}
        return {**line, **self._told_once(found, change)}

    def _told_once(self, found: DriftAtRest, change: AliasChanged) -> Mapping[str, object]:
        if not self._aws.leases.take(_lease(found), self._clock(), _TELLING):
            return {"ignored": "another controller is telling people"}
        head = self._aws.store.head(found.target)  # another controller may have told people just before the lease
        is_known = head.told_drift == found.identity
        untold = None if is_known else self._tell(found, change)
        if not is_known:
            self._save(found.target, head, found.identity)
        self._aws.leases.give_back(_lease(found), self._clock())
        if untold:
            raise Transient(str(untold)) from untold
        return {"ignored": "another controller has told people"} if is_known else {"drift": found.in_words()}

    def _drift(self, change: AliasChanged, head: Head) -> DriftAtRest | Ignored | None:
        target = change.target
        if target.function == self._settings.function:
            return Ignored("an update of the stack moves the aliases of its own controller")
        if not head.number:
            return Ignored("Slipway has no record of this alias")
        try:
            alias = self._aws.aliases.read(target)
        except Refused as refusal:
            return Ignored(f"the alias may not be read: {refusal}")
        newest_first = list(self._aws.store.history(target, LOOKS_BACK))
        if any(not each.phase.is_terminal for each in newest_first):
            return Ignored("a deployment is open, and looks at its alias itself")
        if _has_told(newest_first, change):
            return Ignored(f"{newest_first[0]} ended because of this change, and has told people")
        return drift(target, alias, newest_first)

    def _tell(self, found: DriftAtRest, change: AliasChanged) -> Refused | None:
        try:
            self._aws.notices.send_drift(found, change)
        except Refused as problem:
            return problem
        return None

    def _save(self, target: Target, head: Head, told: str | None) -> None:
        for _ in range(_ATTEMPTS):
            try:
                return self._aws.store.save_head(target, replace(head, told_drift=told))
            except Conflict:
                head = self._aws.store.head(target)
        raise Transient(f"somebody else keeps changing the head of {target}; what was told is saved later")


def _lease(found: DriftAtRest) -> str:
    return f"drift#{found.identity}"


def _has_told(newest_first: Sequence[Deployment], change: AliasChanged) -> bool:
    """Has the newest deployment ended because of drift, no earlier than this change?"""
    newest = next(iter(newest_first), None)
    return (
        newest is not None
        and newest.reason is not None
        and newest.reason.cause is Cause.DRIFT
        and newest.phase_since >= change.at
    )
