"""Answers people's requests, made by invoking the controller, with JSON.

    {"request": "status", "function": "checkout", "alias": "live"}  ->  {"ok": true, "request": "status", ...}
    {"request": "promote", "function": "nobody"}                    ->  {"ok": false, "request": "promote", "error": ""}

Rules of the file:

- one JSON Schema (``slipway.request.schema.json``) checks every request; a refusal gives the value found and the values
  allowed;
- a changing request is one event for the same loop that handles alarms and ticks;
- with ``deployment`` a request never affects another deployment than the one meant;
- a repeated request is answered with its result, and not carried out twice (``repeated.py``).

``rollback`` without an open deployment makes one of its own (``rollback_to_previous.py``), which only moves the alias
to the backup version and ships nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from controller.context import Context
from controller.core import report
from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.gates import approval
from controller.core.lifecycle import state_machine
from controller.core.lifecycle.repeated_requests import mark
from controller.core.lifecycle.state_machine import Event
from controller.core.manifest.schema_errors import first_problem
from controller.core.model import FUNCTION_NAME, Alias, Cause, Conflict, Deployment, Phase, Refused, Target, Transient
from controller.core.model.events import (
    AcceptDriftRequested,
    ApprovalAnswered,
    ApproveRequested,
    DenyRequested,
    Ignored,
    OverrideRequested,
    PauseRequested,
    PromoteRequested,
    Request,
    ResumeRequested,
    RollbackRequested,
    Tick,
)
from controller.core.model.observation import Observation
from controller.inbound.explain import explained
from controller.inbound.parse import parse
from controller.inbound.uploads import Uploads
from controller.reconcile.loop import BroughtBack, Reconciler, Unfinished
from controller.reconcile.perform import Performer
from controller.requests import Answer, members
from controller.requests.backtest import Backtest
from controller.requests.controller_status import ControllerStatus
from controller.requests.dry_run import DryRun
from controller.requests.members import Payload
from controller.requests.repeated import Repeated, RepeatedRequests
from controller.requests.rollback_to_previous import RollbackToPrevious

_DEFAULT_LIMIT = 10
_ATTEMPTS = 5
_MAX_WORD = 80
"""The length to quote of an unknown request, which may be any text."""


class Unmet(Exception):
    """The request cannot be met; the text says why, and what can be asked instead."""


class Requests:
    """Answers people."""

    def __init__(self, context: Context, uploads: Uploads, performer: Performer, reconciler: Reconciler) -> None:
        self._context = context
        self._aws = context.aws
        self._uploads = uploads
        self._reconciler = reconciler
        self._dry_run = DryRun(context, uploads, performer)
        self._backtest = Backtest(context)
        self._controller_status = ControllerStatus(context)
        self._to_backup = RollbackToPrevious(context)
        self._repeats = RepeatedRequests(context)
        self._answers: Mapping[str, Callable[[Payload], Answer]] = {
            "status": self._status,
            "history": self._history,
            "plan": lambda payload: self._dry_run.of(members.uploaded(payload, context.clock())),
            "explain": lambda payload: {
                "events": [explained(each) for each in parse(payload["event"], context.clock())]
            },
            "backtest": lambda payload: self._backtest.of(self._target(payload), payload),
            "deploy": self._deploy,
            "promote": lambda payload: self._answer_to(payload, PromoteRequested()),
            "rollback": self._rollback,
            "pause": lambda payload: self._answer_to(payload, PauseRequested()),
            "resume": lambda payload: self._answer_to(payload, ResumeRequested()),
            "accept_drift": lambda payload: self._answer_to(payload, AcceptDriftRequested()),
            "approve": lambda payload: self._answer_to(
                payload, ApproveRequested(members.step(payload), *members.words(payload))
            ),
            "deny": lambda payload: self._answer_to(
                payload, DenyRequested(members.step(payload), *members.words(payload))
            ),
            "override": lambda payload: self._answer_to(
                payload, OverrideRequested(str(payload["alarm"]), *members.words(payload))
            ),
        }

    def knows(self, word: object) -> bool:
        """Is this the name of a request? Any other text is somebody's own."""
        return isinstance(word, str) and word in self._answers

    def answer(self, payload: Payload) -> Answer:
        """Returns the answer to a request. Raises Transient if AWS did not answer; asking again is harmless."""
        asked = payload.get("request")
        word = members.whole(asked[:_MAX_WORD]) if isinstance(asked, str) else None
        try:
            wrong = first_problem(payload, members.schema())
            if wrong:
                raise Unmet(wrong)
            return {"ok": True, "request": word, **self._answers[str(asked)](payload)}
        except Repeated as repeat:
            return {"ok": True, "request": word, "repeated": str(repeat), **self._looked_at_again(repeat.deployment)}
        except (Unmet, Refused) as refusal:
            return {"ok": False, "request": word, "error": members.whole(str(refusal))}

    def _status(self, payload: Payload) -> Answer:
        if "function" not in payload:
            # Some due deployments have ended: they owe a notice, or the deletion of their alarm.
            opened = [each for due in self._aws.store.due() if (each := self._in_short(due.target, due.number))]
            refused = self._aws.store.refused_uploads().uploads[:_DEFAULT_LIMIT]
            return {"open": opened, **_refused_uploads(refused), "controller": self._controller_status.in_full()}
        name = members.whole(str(payload["function"]))
        refused = self._aws.store.refused_uploads().meant_for(name)
        if not FUNCTION_NAME.fullmatch(name):
            return _without_function(name, refused)
        target = self._target(payload)
        number = self._aws.store.head(target).open
        deployment = self._aws.store.load(target, number) if number else next(self._aws.store.history(target, 1), None)
        alias = self._aws.aliases.read(target)
        return {
            "target": str(target),
            "alias": report.routing(alias.routing) if alias else None,
            "backup": self._aws.aliases.backup_version(target),
            "open": number is not None,
            **(self._in_full(deployment) if deployment else {}),
            **_refused_uploads(refused),
            "controller": self._controller_status.in_short(),
        }

    def _history(self, payload: Payload) -> Answer:
        target, limit = self._target(payload), payload.get("limit")
        found = self._aws.store.history(target, limit if isinstance(limit, int) else _DEFAULT_LIMIT)
        return {"target": str(target), "deployments": [report.summary(deployment) for deployment in found]}

    def _deploy(self, payload: Payload) -> Answer:
        uploaded = replace(members.uploaded(payload, self._context.clock()), mark=mark(payload))
        draft = self._uploads.draft(uploaded)
        self._repeats.check(draft.target, payload)
        taken = self._uploads.accept(draft, uploaded)
        if isinstance(taken, Ignored):
            raise Unmet(taken.reason)
        return self._in_full(*self._begun(taken))

    def _begun(self, taken: Deployment) -> tuple[Deployment, str]:
        """Returns the admitted deployment after its first look, and what failed in it."""
        try:
            return self._reconciler.begin(taken), ""
        except Transient as problem:  # no error for the person, who might deploy the same twice: a tick goes on
            return self._aws.store.load(taken.target, taken.number) or taken, str(problem)

    def _answer_to(self, payload: Payload, request: Request) -> Answer:
        return self._in_full(*self._carried_out(payload, request))

    def _carried_out(self, payload: Payload, request: Request) -> tuple[Deployment, str]:
        """Returns the deployment after the request, and the failure left to the next tick, empty without one."""
        target = self._target(payload)
        deployment = self._open_one(target, payload)
        if deployment is None:
            raise Unmet(f"no deployment of {target} is open; allowed now: status, history, plan, deploy, rollback")
        request = replace(request, mark=mark(payload))
        if isinstance(request, PromoteRequested):
            request = replace(request, in_phase=Phase(payload.get("phase", deployment.phase)))
        if isinstance(request, RollbackRequested):
            request = replace(request, over_drift=deployment.traffic.drift)
        if isinstance(request, ApprovalAnswered) and request.step is None:
            request = replace(request, step=approval.asked_about(deployment))
        alias = self._aws.aliases.read(target, urgent=isinstance(request, RollbackRequested))
        refused = state_machine.refusal(deployment, request, Observation(alias))
        if refused:
            self._repeats.check(target, payload)  # another controller may have carried it out since the record was read
            raise Unmet(refused)
        return self._followed(deployment, request)

    def _followed(self, deployment: Deployment, event: Event) -> tuple[Deployment, str]:
        """Returns the deployment after the event, and what has to be tried again."""
        target, number = deployment.target, deployment.number
        try:
            urgent = deployment.phase is Phase.ROLLING_BACK
            return self._reconciler.reconcile(target, event, number, urgent=urgent) or deployment, ""
        except Unfinished as problem:  # the record has the request: asking again might do more than the person meant
            return self._aws.store.load(target, number) or deployment, str(problem)

    def _looked_at_again(self, deployment: Deployment) -> Answer:
        """Returns a deployment that has carried out the request before."""
        # The controller may have died in the middle of the first request.
        is_over = deployment.phase.is_terminal
        return self._in_full(deployment) if is_over else self._in_full(*self._followed(deployment, Tick()))

    def _rollback(self, payload: Payload) -> Answer:
        request = RollbackRequested(str(payload.get("why", "")), mark=mark(payload))
        target = self._target(payload)
        try:
            return self._rolled_back(payload, request, target)
        except (Transient, Refused) as problem:
            alias = self._without_record(problem, payload, request, target)
            if alias is None:
                raise
            told = f"{self._served(target, alias)}; the record could not follow yet, so ask again later: {problem}"
            return {"alias": report.routing(alias.routing), "unfinished": told}

    def _served(self, target: Target, alias: Alias) -> str:
        """Says whether the version with all traffic can serve, and wakes one that cannot."""
        try:
            found = self._aws.versions.wake(target.function, alias.routing.version)
        except (Transient, Refused) as problem:
            return f"the alias is back; whether its version is Active could not be read: {problem}"
        return "traffic is back" if found.is_ready else f"the alias is back, and {found.in_words()}"

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
        return self._reconciler.roll_back_by_request(target, request, number if isinstance(number, int) else None)

    def _rolled_back(self, payload: Payload, request: RollbackRequested, target: Target) -> Answer:
        for _ in range(_ATTEMPTS):
            if self._open_one(target, payload) is not None:
                after, unfinished = self._carried_out(payload, request)
            else:
                self._repeats.check_way_back(target, payload)
                try:
                    begun = self._to_backup.begin(target, request)
                except Conflict:
                    continue
                after, unfinished = self._followed(begun, Tick())
            # A deployment that succeeded just before the request was not rolled back; now none is open.
            if after.phase is not Phase.SUCCEEDED:
                return self._in_full(after, unfinished)
        raise Transient(f"somebody else keeps changing {target}; ask again")

    def _open_one(self, target: Target, payload: Payload) -> Deployment | None:
        """Returns the open deployment, None without one. Raises Unmet for another one than meant, Repeated for a
        repetition.
        """
        # The record is read first, before another controller can carry out the same request.
        number = self._aws.store.head(target).open
        opened = self._aws.store.load(target, number) if number else None
        self._repeats.check(target, payload)
        meant = payload.get("deployment")
        if meant is not None and meant != number:
            now = f"{target}#{number} is" if number else f"no deployment of {target} is"
            raise Unmet(
                f"{target}#{meant} is not open, {now}; send the request again without deployment, or with that number"
            )
        return opened

    def _in_short(self, target: Target, number: int) -> Answer | None:
        deployment = self._aws.store.load(target, number)
        if deployment is None:
            return {"deployment": f"{target}#{number}"}
        return None if deployment.phase.is_terminal else report.summary(deployment)

    def _in_full(self, deployment: Deployment, unfinished: str = "") -> Answer:
        seen = self._reconciler.look(deployment)
        answer: Answer = {"deployment": report.full(deployment, seen, self._context.clock())}
        return {**answer, "unfinished": unfinished} if unfinished else answer

    def _target(self, payload: Payload) -> Target:
        alias = payload.get("alias") or self._context.default_manifest().alias
        return Target(str(payload["function"]), str(alias))


def _without_function(name: str, refused: Sequence[RefusedUpload]) -> Answer:
    """Returns the uploads refused under a name that is no function's."""
    if not refused:
        raise Unmet(f"function: found {json.dumps(name[:_MAX_WORD])}, allowed: 1 to 64 of A-Z a-z 0-9 _ -")
    return {"target": None, "open": False, **_refused_uploads(refused)}


def _refused_uploads(refused: Sequence[RefusedUpload]) -> Answer:
    return {"refused_uploads": [report.refused_upload(each) for each in refused]} if refused else {}
