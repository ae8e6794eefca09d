"""The request ``rollback``: the one that must work while the record, or a part of AWS, is out of reach.

Without an open deployment it makes one of its own (``rollback_to_previous.py``), which only moves the alias to the
backup version and ships nothing.
"""

from __future__ import annotations

from controller.core import report
from controller.core.lifecycle.repeated_requests import mark
from controller.core.model import Alias, Cause, Conflict, Phase, Refused, Target, Transient
from controller.core.model.events import RollbackRequested, Tick
from controller.reconcile.loop import BroughtBack
from controller.requests import Answer
from controller.requests.acting import Acting
from controller.requests.members import Payload
from controller.requests.parts import Parts
from controller.requests.repeated import RepeatedRequests
from controller.requests.rollback_to_previous import RollbackToPrevious

_ATTEMPTS = 5


class RollingBack:
    """Brings traffic back because a person asks."""

    def __init__(self, parts: Parts, repeats: RepeatedRequests, acting: Acting) -> None:
        self._parts = parts
        self._aws = parts.context.aws
        self._repeats = repeats
        self._acting = acting
        self._to_backup = RollbackToPrevious(parts.context)

    def rollback(self, payload: Payload) -> Answer:
        """Returns the deployment after its rollback, or the alias alone while the record is out of reach."""
        request = RollbackRequested(str(payload.get("why", "")), mark=mark(payload))
        target = self._parts.target(payload)
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
                after, unfinished = self._acting.carried_out(payload, request)
            else:
                self._repeats.check_way_back(target, payload)
                try:
                    begun = self._to_backup.begin(target, request)
                except Conflict:
                    continue
                after, unfinished = self._acting.followed(begun, Tick())
            # A deployment that succeeded just before the request was not rolled back; now none is open.
            if after.phase is not Phase.SUCCEEDED:
                return self._parts.in_full(after, unfinished)
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
        number = payload.get("deployment")
        return self._parts.reconciler.roll_back_by_request(target, request, number if isinstance(number, int) else None)

    def _served(self, target: Target, alias: Alias) -> str:
        """Says whether the version with all traffic can serve, and wakes one that cannot."""
        try:
            found = self._aws.versions.wake(target.function, alias.routing.version)
        except (Transient, Refused) as problem:
            return f"the alias is back; whether its version is Active could not be read: {problem}"
        return "traffic is back" if found.is_ready else f"the alias is back, and {found.in_words()}"
