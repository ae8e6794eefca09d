"""Brings traffic back by the alias alone: its description says where to, and only Lambda is asked.

Traffic comes back in six ways. The first two are usual; the others are for outages of a part of AWS:

    when                                    by                                needs           writes
    the deployment's own alarm fires        EmergencyRollback.from_alarm      Lambda          alias; the record follows
    danger, a person or a newer artifact    lifecycle.plan, ROLLING_BACK      Lambda, record  record, then alias
    an alarm fires, the record unreadable   loop._load, from_alarm            Lambda          alias; the record follows
    danger is seen, the record unsavable    rounds._save_decision, emergency  Lambda          alias; the record follows
    a person asks, the record unreadable    EmergencyRollback.by_request      Lambda          alias; the record follows
    a person asks, no deployment is open    requests.rolling_back             Lambda, record  record, then alias

"The record follows": the description written to the alias gives the reason, and the next look that reads the record
uses it (``transitions.shifting``, ``routing.alias_description``). Repeating is harmless: after a rollback the alias is
no longer armed, and every write is under the revision that was read.

Rules of the file: one read and one write; an alias that is not armed is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from controller.context import Context
from controller.core.model import Alias, Cause, Conflict, Reason, Refused, Target, Transient
from controller.core.model.events import AlarmFired
from controller.core.routing import alias_description
from controller.core.routing.alias_description import WayBack

_ATTEMPTS = 5
"""How often the alias is read again after a conflict, before the platform tries again."""


@dataclass(frozen=True, slots=True)
class BackAgain:
    """An alias whose traffic is back; ``by_us`` is False if another controller has brought it back before."""

    alias: Alias
    by_us: bool = True


class EmergencyRollback:
    """Rolls back without the record."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._prefix = context.settings.alarm_prefix

    def from_alarm(self, alarm: AlarmFired, *, any_alarm: bool = False) -> BackAgain | None:
        """Brings traffic back if the alias's description says that this alarm is a reason to, and returns the alias.

        One read and one write to Lambda, nothing else. None: there was no reason. Repeating is harmless.
        With ``any_alarm`` every alarm on exactly the alias's version counts, not only the deployment's own.
        """
        may_be_a_reason = any_alarm or alias_description.is_own(self._prefix, alarm)
        if alarm.target is None or alarm.version is None or not may_be_a_reason:
            return None
        return self._back(
            alarm.target,
            lambda alias: alias_description.way_back(alias, alarm, self._prefix, any_alarm=any_alarm),
            lambda alias: alias_description.is_back(alias, alarm, self._prefix),
        )

    def by_request(self, target: Target, reason: Reason, number: int | None) -> Alias | None:
        """Returns the alias as written, None if it is not armed by deployment ``number`` (None: any)."""
        found = self._back(target, lambda alias: alias_description.way_back_by_request(alias, number, reason))
        return found.alias if found else None

    def _back(
        self,
        target: Target,
        way_back: Callable[[Alias], WayBack | None],
        is_back: Callable[[Alias], bool] = lambda _: False,
    ) -> BackAgain | None:
        for _ in range(_ATTEMPTS):
            alias = self._aws.aliases.read(target, urgent=True)
            back = way_back(alias) if alias else None
            if alias is None or back is None:
                return BackAgain(alias, by_us=False) if alias and is_back(alias) else None
            try:
                return BackAgain(self._aws.aliases.route(target, back[0], alias.revision_id, back[1], urgent=True))
            except Conflict:
                continue
            except Refused as refusal:
                if refusal.reason.cause is Cause.DRIFT:
                    return None  # the version to go back to was deleted; the record says so
                raise
        raise Transient(f"somebody else keeps changing {target}; it is tried again")
