"""The request ``rollback``: the one that must work while the record, or a part of AWS, is out of reach.

Without an open deployment it makes one of its own, which only moves the alias and ships nothing: to the backup version
(``to_previous.py``), or to a version that the person chose (``to_version.py``).
"""

from __future__ import annotations

import json

from controller.core import report
from controller.core.lifecycle.repeated_requests import chooses, mark
from controller.core.model import Alias, Cause, Conflict, Deployment, Phase, Refused, Target, Transient
from controller.core.model.events import RollbackRequested, Tick
from controller.reconcile.rounds import BroughtBack
from controller.requests import Answer, Unmet, members
from controller.requests.acting import Acting
from controller.requests.members import Payload
from controller.requests.parts import Parts
from controller.requests.repeated import RepeatedRequests
from controller.requests.rolling_back.to_previous import RollbackToPrevious
from controller.requests.rolling_back.to_version import RollbackTo

_ATTEMPTS = 5


class RollingBack:
    """Brings traffic back because a person asks."""

    def __init__(self, parts: Parts, repeats: RepeatedRequests, acting: Acting) -> None:
        self._parts = parts
        self._aws = parts.context.aws
        self._repeats = repeats
        self._acting = acting
        self._to_backup = RollbackToPrevious(parts.context)
        self._to_chosen = RollbackTo(parts)

    def rollback(self, payload: Payload) -> Answer:
        """Returns the deployment after its rollback, or the alias alone while the record is out of reach."""
        request = RollbackRequested(mark=mark(payload), person=members.person(payload))
        target = self._parts.target(payload)
        if chooses(payload):
            return self._rolled_back_to(payload, request, target)
        try:
            return self._rolled_back(payload, request, target)
        except (Transient, Refused) as problem:
            alias = self._without_record(problem, payload, request, target)
            if alias is None:
                raise
            told = f"{self._served(target, alias)}; the record could not follow yet, so ask again later: {problem}"
            return {"alias": report.routing(alias.routing), "unfinished": told}

    def _rolled_back(self, payload: Payload, request: RollbackRequested, target: Target) -> Answer:
        for _ in range(_ATTEMPTS):
            if self._acting.open_one(target, payload) is not None:
                before, asked = self._acting.checked(payload, request)
                after, unfinished = self._acting.followed(before, asked)
            else:
                self._repeats.check_way_back(target, payload)
                try:
                    before = self._to_backup.begin(target, request)
                except Conflict:
                    continue
                after, unfinished = self._acting.followed(before, Tick())
            # A deployment that succeeded just before the request was not rolled back; now none is open.
            if after.phase is not Phase.SUCCEEDED:
                return self._acting.told(request, before, after, unfinished)
        raise Transient(f"somebody else keeps changing {target}; ask again")

    def _rolled_back_to(self, payload: Payload, request: RollbackRequested, target: Target) -> Answer:
        """Returns the deployment that went to the chosen version. Without the record nothing is done: the alias alone
        knows one way back only.
        """
        for _ in range(_ATTEMPTS):
            opened, version = self._acting.open_one(target, payload), self._to_chosen.version(target, payload)
            if opened and opened.stable != version:
                raise Unmet(_back_first(opened, version))
            if opened:
                before, asked = self._acting.checked(payload, request)
                return self._acting.told(request, before, *self._acting.followed(before, asked))
            try:
                begun = self._to_chosen.begin(target, version, request)
            except Conflict:
                continue
            return self._acting.told(request, begun, *self._acting.followed(begun, Tick()))
        raise Transient(f"somebody else keeps changing {target}; ask again")

    def _without_record(
        self, problem: Transient | Refused, payload: Payload, request: RollbackRequested, target: Target
    ) -> Alias | None:
        """Returns the alias with all traffic on the stable version although the record is out of reach, None if that
        failed.
        """
        if isinstance(problem, BroughtBack):
            return self._aws.aliases.read(target)
        if isinstance(problem, Refused) and problem.reason.cause is Cause.REQUESTED:
            return None  # a refusal by Slipway itself, not by AWS
        self._acting.check_revision(target, payload)
        number = payload.get("deployment")
        return self._parts.reconciler.roll_back_by_request(target, request, number if isinstance(number, int) else None)

    def _served(self, target: Target, alias: Alias) -> str:
        """Says whether the version with all traffic can serve, and wakes one that cannot."""
        try:
            found = self._aws.versions.wake(target.function, alias.routing.version)
        except (Transient, Refused) as problem:
            return f"the alias is back; whether its version is Active could not be read: {problem}"
        return "traffic is back" if found.is_ready else f"the alias is back, and {found.in_words()}"


def _back_first(opened: Deployment, version: str) -> str:
    """Says what to send before an alias in motion can go to another version than its deployment's stable one."""
    then = f"the same request once more when it has ended, to go on to version {version}"
    if opened.phase is Phase.ROLLING_BACK:
        return f"{opened} is going back to version {opened.stable} now; send {then}"
    target = opened.target
    request = {"request": "rollback", "function": target.function, "alias": target.alias, "deployment": opened.number}
    return f"{opened} is {opened.phase.value}; send {json.dumps(request)} first, and {then}"
