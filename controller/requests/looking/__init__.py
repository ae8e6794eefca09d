"""The requests ``status``, ``show`` and ``history``: they only read.

Many deployments are read in batches, and Lambda is not asked about each: what is said of them is of the record and of
their alarms' states. One deployment is shown whole, as AWS has it now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice

from controller.aws.dynamodb.rows import KEEP_ENDED
from controller.core import report
from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.model import FUNCTION_NAME, Alias, Deployment, Refused, Target, Transient, written
from controller.core.model.observation import AlarmState
from controller.core.routing import at_rest
from controller.requests import Answer, Unmet, members
from controller.requests.looking.controller_status import ControllerStatus
from controller.requests.members import Payload
from controller.requests.parts import Parts

_DEFAULT_LIMIT = 10
_SHOWS_ENDED = timedelta(days=1)
_MAX_ENDED = 200


class Looking:
    """Says how things are."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._aws = parts.context.aws
        self._clock = parts.context.clock
        self._controller_status = ControllerStatus(parts.context)

    def status(self, payload: Payload) -> Answer:
        """Returns the state of one target, or of everything: what is open, and what ended in the last day."""
        return self._of_one(payload) if "function" in payload else self._of_all()

    def _of_all(self) -> Answer:
        now = self._clock()
        last_tick = self._controller_status.last_tick(now)
        found = self._due()
        ended = self._ended(found, now - _SHOWS_ENDED, now + _SHOWS_ENDED, _MAX_ENDED)
        return {
            "at": written(now),
            "open": self._in_short([each for each in found if not each.phase.is_terminal]),
            "ended": self._in_short(ended),
            "freezes": self._parts.freezes(),
            **_refused_uploads(self._aws.store.refused_uploads().uploads[:_DEFAULT_LIMIT]),
            "last_tick": written(last_tick) if last_tick else None,
            "controller": self._controller_status.in_full(),
        }

    def _of_one(self, payload: Payload) -> Answer:
        name = members.whole(str(payload["function"]))
        refused = self._aws.store.refused_uploads().meant_for(name)
        if not FUNCTION_NAME.fullmatch(name):
            return _without_function(name, refused)
        target = self._parts.target(payload)
        head = self._aws.store.head(target)
        alias = self._aws.aliases.read(target)
        if alias is None and not head.number and not refused:
            return {"ok": False, "error": _unknown(target), "target": str(target), "open": None, "newest": None}
        opened = self._aws.store.load(target, head.open) if head.open else None
        newest = self._aws.store.load(target, head.number) if head.number not in (0, head.open) else None
        known = [each for each in (opened, newest) if each]
        opened_told, newest_told = self._in_full(opened), self._in_full(newest)
        return {
            "at": written(self._clock()),
            "target": str(target),
            "serves": self._serves(target, alias, known) if alias else None,
            "backup": self._aws.aliases.backup_version(target),
            "drift": None if opened else self._drift(target, alias, known),
            "deployment": opened_told or newest_told,
            "open": opened_told,
            "newest": newest_told,
            "freeze": self._parts.freeze(target),
            **_refused_uploads(refused),
            "controller": self._controller_status.in_short(),
        }

    def show(self, payload: Payload) -> Answer:
        """Returns one deployment, whole."""
        target, number = self._parts.target(payload), payload.get("deployment")
        if not isinstance(number, int):
            raise Unmet(f"allowed: a deployment of {target}, by its number, or by its name as {target}#5")
        deployment = self._aws.store.load(target, number)
        if deployment is None:
            last = self._aws.store.head(target).number
            has = f"its deployments are #1 to #{last}, and ended ones are kept for 400 days" if last else "it has none"
            raise Unmet(f"there is no {target}#{number}: {has}")
        return self._parts.in_full(deployment)

    def history(self, payload: Payload) -> Answer:
        """Returns the target's deployments, the newest first, or the ended ones of all targets by when they ended."""
        asked = payload.get("limit")
        limit = asked if isinstance(asked, int) else _DEFAULT_LIMIT
        if "function" not in payload:
            return {"deployments": self._listed(self._ended_anywhere(payload, limit))}
        target, before = self._parts.target(payload), payload.get("before")
        if "from" in payload:
            raise Unmet("from: allowed without function; the history of one target is read on by before")
        number = members.number_of(before, target) if before is not None else None
        found = list(self._aws.store.history(target, limit, number))
        if not found and not self._aws.store.head(target).number and self._aws.aliases.read(target) is None:
            raise Unmet(_unknown(target))
        return {"target": str(target), "deployments": self._listed(found)}

    def _ended_anywhere(self, payload: Payload, limit: int) -> list[Deployment]:
        """Returns the ended deployments of all targets that a request means, the newest first."""
        now = self._clock()
        since, until = members.moment(payload, "from") or now - KEEP_ENDED, now + _SHOWS_ENDED
        if "before" in payload:
            target, number = members.named(payload["before"])
            last = self._aws.store.load(target, number)
            if last is None or not last.phase.is_terminal:
                raise Unmet(f"before: found {target}#{number}, allowed: a deployment that has ended")
            until = last.phase_since - timedelta(microseconds=1)
        return self._ended(self._due(), since, until, limit) if since <= until else []

    def _due(self) -> list[Deployment]:
        return list(self._aws.store.load_many((due.target, due.number) for due in self._aws.store.due()))

    def _ended(self, due: Sequence[Deployment], since: datetime, until: datetime, limit: int) -> list[Deployment]:
        """Returns what ended between two times, the newest first. ``due`` are all that a tick must look at."""
        keys = islice(self._aws.store.ended_between(since, until), limit)
        found = {str(each): each for each in self._aws.store.load_many(keys)}
        # Some due deployments have ended: they owe a notice, or the deletion of their alarm.
        found |= {str(each): each for each in due if each.phase.is_terminal and since <= each.phase_since <= until}
        return sorted(found.values(), key=lambda each: each.phase_since, reverse=True)[:limit]

    def _listed(self, found: Sequence[Deployment]) -> list[Answer]:
        told = zip(self._in_short(found), found, strict=True)
        return [{**short, "requests": report.requests(deployment)} for short, deployment in told]

    def _in_short(self, deployments: Sequence[Deployment]) -> list[Answer]:
        now, states = self._clock(), self._alarm_states(deployments)
        freezes = self._parts.reconciler.freezes_in_force
        return [
            report.short(each, report.glance(each, states, freezes.over(each.target, again=False)), now)
            for each in deployments
        ]

    def _alarm_states(self, deployments: Iterable[Deployment]) -> dict[str, AlarmState] | None:
        """Returns the states of the open deployments' alarms, None if they cannot be read."""
        names = {name for each in deployments if not each.phase.is_terminal for name in each.alarm_names}
        try:
            return self._aws.alarms.states(names)
        except (Transient, Refused):
            return None

    def _in_full(self, deployment: Deployment | None) -> object:
        return self._parts.in_full(deployment)["deployment"] if deployment else None

    def _serves(self, target: Target, alias: Alias, known: Sequence[Deployment]) -> Answer:
        """Returns what the alias carries, and the deployment and artifact of its version, None if unknown."""
        version = alias.routing.version
        made_by = next((each for each in known if each.canary == version and each.ships), None)
        made_by = made_by or self._aws.store.made_by(target, version)
        return {
            **(report.routing(alias.routing) or {}),
            "revision": alias.revision_id,
            "deployment": str(made_by) if made_by else None,
            "artifact": made_by.artifact.key if made_by else None,
        }

    def _drift(self, target: Target, alias: Alias | None, known: Sequence[Deployment]) -> str | None:
        found = at_rest.drift(target, alias, chain(known, self._aws.store.history(target, at_rest.LOOKS_BACK)))
        return found.in_words() if found else None


def _unknown(target: Target) -> str:
    return f"nobody knows {target}: Slipway has no record of it, and Lambda no such alias; check the name and the alias"


def _without_function(name: str, refused: Sequence[RefusedUpload]) -> Answer:
    """Returns the uploads refused under a name that is no function's."""
    if not refused:
        found = json.dumps(name[: members.MAX_QUOTED])
        raise Unmet(f"function: found {found}, allowed: 1 to 64 of A-Z a-z 0-9 _ -")
    return {"target": None, "open": None, **_refused_uploads(refused)}


def _refused_uploads(refused: Sequence[RefusedUpload]) -> Answer:
    return {"refused_uploads": [report.refused_upload(each) for each in refused]}
