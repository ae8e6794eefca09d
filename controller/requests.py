"""What a person asks for by invoking the controller, and the JSON that answers.

    {"request": "status", "function": "checkout", "alias": "live"}  ->  {"ok": true, "request": "status", ...}
    {"request": "promote", "function": "nobody"}                    ->  {"ok": false, "request": "promote", "error": "..."}

Rules of the file:
- one JSON Schema (``slipway.request.schema.json``) checks every request; a refusal says what was found and what is allowed;
- a request that changes something is one event for the same loop that alarms and ticks go through;
- asking twice is harmless; with ``deployment`` a request never hits another deployment than the one that was meant.

What a newcomer would get wrong: ``rollback`` with no deployment open makes a deployment of its own, which only moves the alias to
the backup version. It never ships anything again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from controller.aws.wiring import Adapters
from controller.core import machine, report
from controller.core.acceptance import Acceptance
from controller.core.breadcrumb import own_alarm
from controller.core.effects import Identified
from controller.core.events import (
    AdoptRequested,
    ArtifactUploaded,
    Ignored,
    PauseRequested,
    PromoteRequested,
    Request,
    ResumeRequested,
    RollbackRequested,
    Tick,
)
from controller.core.manifest import parse
from controller.core.model import Alias, Artifact, Cause, Chore, Deployment, Entry, Phase, Reason, Refused, Routing, Target
from controller.core.problems import first_problem
from controller.intake import Draft, Intake
from controller.perform import Performer
from controller.reconcile import Reconciler
from controller.settings import Settings

Answer = dict[str, object]
_SCHEMA_FILE = Path(__file__).parent / "slipway.request.schema.json"
_DEFAULT_LIMIT = 10


class Unmet(Exception):
    """A request that cannot be met; the text says why and what can be asked instead."""


class Requests:
    """Answers people."""

    def __init__(
        self,
        aws: Adapters,
        intake: Intake,
        performer: Performer,
        reconciler: Reconciler,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._aws = aws
        self._intake = intake
        self._performer = performer
        self._reconciler = reconciler
        self._settings = settings
        self._clock = clock

    def answer(self, payload: Mapping[str, object]) -> Answer:
        """Returns the answer to a request. Raises Transient where AWS did not answer; asking again is harmless."""
        word = payload.get("request")
        try:
            wrong = first_problem(payload, _schema())
            if wrong:
                raise Unmet(wrong)
            return {"ok": True, "request": word, **self._answers()[str(word)](payload)}
        except (Unmet, Refused) as refusal:
            return {"ok": False, "request": word, "error": str(refusal)}

    def _answers(self) -> Mapping[str, Callable[[Mapping[str, object]], Answer]]:
        return {
            "status": self._status,
            "history": self._history,
            "plan": self._plan,
            "deploy": self._deploy,
            "promote": lambda payload: self._ask(payload, PromoteRequested()),
            "rollback": self._rollback,
            "pause": lambda payload: self._ask(payload, PauseRequested()),
            "resume": lambda payload: self._ask(payload, ResumeRequested()),
            "adopt": lambda payload: self._ask(payload, AdoptRequested()),
        }

    # -- asking ----------------------------------------------------------------------------------------------------

    def _status(self, payload: Mapping[str, object]) -> Answer:
        if "function" not in payload:
            return {"open": [self._in_short(due.target, due.number) for due in self._aws.store.due()]}
        target = self._target(payload)
        number = self._aws.store.head(target).open
        deployment = self._aws.store.load(target, number) if number else next(self._aws.store.history(target, 1), None)
        alias = self._aws.aliases.read(target)
        answer: Answer = {
            "target": str(target),
            "alias": report.routing(alias.routing) if alias else None,
            "backup": self._aws.aliases.backup_version(target),
            "open": number is not None,
        }
        if deployment is not None:
            answer["deployment"] = self._in_full(deployment)
        return answer

    def _history(self, payload: Mapping[str, object]) -> Answer:
        target = self._target(payload)
        limit = payload.get("limit", _DEFAULT_LIMIT)
        found = self._aws.store.history(target, limit if isinstance(limit, int) else _DEFAULT_LIMIT)
        return {"target": str(target), "deployments": [report.summary(deployment) for deployment in found]}

    def _in_short(self, target: Target, number: int) -> Answer:
        deployment = self._aws.store.load(target, number)
        return report.summary(deployment) if deployment else {"deployment": f"{target}#{number}"}

    def _in_full(self, deployment: Deployment) -> Answer:
        now = self._clock()
        return report.full(deployment, self._reconciler.look(deployment), now)

    # -- what a drop would do --------------------------------------------------------------------------------------

    def _plan(self, payload: Mapping[str, object]) -> Answer:
        draft = self._intake.draft(_uploaded(payload, self._clock()))
        deployment = self._drafted(draft)
        problem = draft.problem or self._performer.problem(deployment)
        if problem:
            return {"target": str(draft.target), "would": "refuse", "because": problem.text, "cause": problem.cause.value}
        found = self._performer.preflighted(deployment)
        identified = self._performer.identified(deployment)
        if identified.quarantined and not deployment.lifts_quarantine:
            return {"target": str(draft.target), "would": "refuse", "because": identified.quarantined.text, "cause": "quarantined"}
        return {"target": str(draft.target), "would": "deploy", **self._outlook(draft, found.stable, found.adopts, identified)}

    def _outlook(self, draft: Draft, stable: str | None, adopts: bool, identified: Identified) -> Answer:
        strategy = draft.manifest.strategy
        exists = bool(self._aws.publishing.settings(draft.target.function))
        head = self._aws.store.head(draft.target)
        return {
            "creates_function": not exists,
            "adopts": adopts,
            "stable": stable,
            "sha256": identified.sha256,
            "settings": sorted(draft.manifest.function),
            "tests": [test.name for test in draft.manifest.tests],
            "steps": [
                {"weight": step.weight / 100, "hold_seconds": step.hold.total_seconds()}
                for step in (strategy.steps if stable or adopts else ())
            ],
            "bake_seconds": strategy.bake.total_seconds(),
            "shortest_seconds": strategy.holds.total_seconds(),
            "alarms": list(draft.manifest.gates.alarms),
            "open_deployment": f"{draft.target}#{head.open}" if head.open else None,
        }

    # -- doing -----------------------------------------------------------------------------------------------------

    def _deploy(self, payload: Mapping[str, object]) -> Answer:
        taken = self._intake.take_in(_uploaded(payload, self._clock()))
        if isinstance(taken, Ignored):
            raise Unmet(taken.reason)
        deployment = self._reconciler.reconcile(taken.target, Tick(), taken.number) or taken
        return {"deployment": self._in_full(deployment)}

    def _ask(self, payload: Mapping[str, object], request: Request) -> Answer:
        target = self._target(payload)
        deployment = self._open_one(target, payload)
        if deployment is None:
            raise Unmet(f"no deployment of {target} is open; allowed now: status, history, plan, deploy, rollback")
        refused = machine.refusal(deployment, request, self._reconciler.look(deployment))
        if refused:
            raise Unmet(refused)
        after = self._reconciler.reconcile(target, request, deployment.number) or deployment
        return {"deployment": self._in_full(after)}

    def _rollback(self, payload: Mapping[str, object]) -> Answer:
        request = RollbackRequested(str(payload.get("why", "")))
        target = self._target(payload)
        if self._open_one(target, payload) is not None:
            return self._ask(payload, request)
        number = self._go_back(target, payload, request)
        after = self._reconciler.reconcile(target, Tick(), number)
        return {"deployment": self._in_full(after) if after else f"{target}#{number}"}

    def _open_one(self, target: Target, payload: Mapping[str, object]) -> Deployment | None:
        number = self._aws.store.head(target).open
        meant = payload.get("deployment")
        if meant is not None and meant != number:
            now = f"{target}#{number} is" if number else f"no deployment of {target} is"
            raise Unmet(f"{target}#{meant} is not open, {now}; send the request again without deployment, or with that number")
        return self._aws.store.load(target, number) if number else None

    def _go_back(self, target: Target, payload: Mapping[str, object], request: RollbackRequested) -> int:
        alias, backup = self._aws.aliases.read(target), self._aws.aliases.backup_version(target)
        if alias is None:
            raise Unmet(f"{target} does not exist; drop an artifact to make it")
        if backup is None:
            raise Unmet(f"there is nothing to go back to: {target.function} has no alias {target.backup_alias}")
        if alias.routing == Routing(backup):
            raise Unmet(f"{target} is on version {backup} already, which is what {target.backup_alias} keeps")
        head = self._aws.store.head(target)
        undone = next((each for each in self._aws.store.history(target, 100) if each.canary == alias.routing.version), None)
        deployment = self._return(target, head.number + 1, alias, backup, undone, request)
        self._aws.store.accept(
            Acceptance(replace(head, number=deployment.number, open=deployment.number), deployment), self._clock(), once=False
        )
        return deployment.number

    def _return(
        self, target: Target, number: int, alias: Alias, backup: str, undone: Deployment | None, request: RollbackRequested
    ) -> Deployment:
        """Makes a deployment that begins with its rollback: from what the alias carries to what the backup alias keeps."""
        now = self._clock()
        why = f": {request.why}" if request.why else ""
        reason = Reason(Cause.REQUESTED, f"a person asked for version {backup} again{why}")
        canary = alias.routing.version if alias.routing.version != backup else alias.routing.canary
        return Deployment(
            target=target,
            number=number,
            artifact=undone.artifact if undone else _nothing_shipped(target, now),
            manifest=undone.manifest if undone else parse(("the template's DefaultManifest", self._settings.defaults)),
            phase=Phase.ROLLING_BACK,
            opened_at=now,
            phase_since=now,
            failing_since=now,
            own_alarm=own_alarm(self._settings.alarm_prefix, target, number),
            reason=reason,
            preflighted=True,
            stable=backup,
            stable_artifact=self._aws.store.artifact_of(target, backup),
            sha256=undone.sha256 if undone else None,
            canary=canary,
            written=(alias.routing, Routing(backup)),
            done=frozenset({Chore.IDENTIFIED}),
            timeline=(Entry(now, reason.text),),
        )

    def _drafted(self, draft: Draft) -> Deployment:
        now = self._clock()
        return Deployment(
            target=draft.target, number=0, artifact=draft.artifact, manifest=draft.manifest, phase=Phase.PREPARING,
            opened_at=now, phase_since=now, own_alarm="",
        )  # fmt: skip

    def _target(self, payload: Mapping[str, object]) -> Target:
        alias = payload.get("alias") or parse(("the template's DefaultManifest", self._settings.defaults)).alias
        return Target(str(payload["function"]), str(alias))


def _nothing_shipped(target: Target, now: datetime) -> Artifact:
    """A rollback ships nothing; where the version it leaves is not Slipway's work there is no artifact to name."""
    return Artifact(bucket="-", key=f"{target.function}/-", version_id=None, uploaded_at=now)


def _uploaded(payload: Mapping[str, object], now: datetime) -> ArtifactUploaded:
    version = payload.get("version")
    return ArtifactUploaded(
        bucket=str(payload["bucket"]),
        key=str(payload["key"]),
        version_id=str(version) if version else None,
        sequencer="",
        happened_at=now,
        asked=True,
        lift_quarantine=payload.get("lift_quarantine") is True,
    )


@cache
def _schema() -> object:
    return json.loads(_SCHEMA_FILE.read_text("utf-8"))
