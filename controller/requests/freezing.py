"""The requests ``freeze`` and ``unfreeze``: nothing new starts and nothing goes forward, on all targets or on some.

Neither touches a deployment: the looks that follow read the freezes, from the next one on.
"""

from __future__ import annotations

from collections.abc import Callable

from controller.core import report
from controller.core.lifecycle import repeated_requests
from controller.core.model import Conflict, Transient
from controller.core.model.freezes import Freeze, Scope
from controller.core.model.freezes.row import Freezes
from controller.requests import Answer, Unmet, members
from controller.requests.members import Payload
from controller.requests.parts import Parts

_ATTEMPTS = 5


class Freezing:
    """Makes and lifts freezes."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.context.aws.store
        self._clock = parts.context.clock

    def freeze(self, payload: Payload) -> Answer:
        """Returns the freeze, and all in force. A freeze of the same scope takes the place of the one before."""
        return self._changed(payload, self._begun)

    def unfreeze(self, payload: Payload) -> Answer:
        """Returns the lifted freeze, and those that are still in force."""
        return self._changed(payload, self._lifted)

    def _changed(self, payload: Payload, change: Callable[[Payload, Freezes], tuple[Freezes, Answer]]) -> Answer:
        for _ in range(_ATTEMPTS):
            known = self._store.freezes()
            after, told = change(payload, known)
            try:
                if after != known:
                    self._store.save_freezes(after)
            except Conflict:
                continue
            self._parts.reconciler.freezes_in_force.forget()
            now = self._clock()
            closed = self._parts.reconciler.freezes_in_force.by_windows()
            return {**told, "freezes": [report.freeze(each) for each in (*after.in_force(now), *closed)]}
        raise Transient("many freezes are being made at once; ask again")

    def _begun(self, payload: Payload, known: Freezes) -> tuple[Freezes, Answer]:
        now, until, person = self._clock(), members.moment(payload, "until"), members.person(payload)
        scope, mark = Scope(str(payload["scope"])), repeated_requests.mark(payload)
        if until is not None and until <= now:
            raise Unmet(f"until: found {until.isoformat()}, allowed: a time after {now.isoformat(timespec='seconds')}")
        made = known.made_by(mark, scope, now)
        if made:
            return known, {"freeze": report.freeze(made), "repeated": f"this made the {made.in_words()}"}
        ended = known.ended_of(mark, scope, since=now - repeated_requests.window(payload))
        if ended:
            raise Unmet(f"this made the {ended.in_words()}; it freezes nothing now, and {_once_more(payload)}")
        freeze = Freeze(scope, now, until, person.who, person.why, mark)
        try:
            return known.with_newest(freeze, now), {"freeze": report.freeze(freeze)}
        except ValueError as problem:
            raise Unmet(str(problem)) from None

    def _lifted(self, payload: Payload, known: Freezes) -> tuple[Freezes, Answer]:
        now, scope, mark = self._clock(), Scope(str(payload["scope"])), repeated_requests.mark(payload)
        before = known.lifted_by(mark, scope, since=now - repeated_requests.window(payload))
        found = known.of(scope, now)
        if before and found:
            lifted = f"this lifted the {before.in_words()}"
            raise Unmet(f"{lifted}; the {found.in_words()} came since, and {_once_more(payload)}")
        if before:
            return known, {"freeze": report.freeze(before.freeze), "repeated": f"this lifted the {before.in_words()}"}
        if found is None:
            others = "; ".join(each.in_words() for each in known.in_force(now)) or "none"
            windows = "; the shipping windows are a parameter of the stack, and override passes over them"
            raise Unmet(f"no freeze of {scope} is in force{windows}; in force: {others}")
        person = members.person(payload)
        return known.without(found, person.who, person.why, now, mark), {"freeze": report.freeze(found)}


def _once_more(payload: Payload) -> str:
    another = "another id" if "id" in payload else "an id"
    return f"to {payload['request']} once more, send it with {another}"
