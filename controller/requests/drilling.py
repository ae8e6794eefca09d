"""The request ``drill``: the way back by alarm, rehearsed with the bytes that serve.

A drill is a deployment of the stable version's own code and settings. Once the alias was seen to carry its version, the
drill sets the deployment's own alarm to ALARM; CloudWatch's event then brings the stable version back, by the very way
that a bad release would take. ``gates.manual.drill`` says how a drill ends without the event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from controller.core.gates.freeze import UNREAD, overridden
from controller.core.lifecycle.admission import Admission, Head
from controller.core.lifecycle.repeated_requests import mark
from controller.core.manifest.building import build
from controller.core.model import (
    Artifact,
    CarriedOut,
    Cause,
    Conflict,
    Deployment,
    Entry,
    Milestone,
    Phase,
    Target,
    Transient,
)
from controller.core.model.deployment import Alarms, Bookkeeping, Drill, Versions
from controller.core.model.observation import Observation
from controller.core.routing.alias_description import own_alarm
from controller.requests import Answer, Unmet, members
from controller.requests.acting import Acting
from controller.requests.members import Payload
from controller.requests.parts import Parts
from controller.requests.repeated import RepeatedRequests

_ATTEMPTS = 5
_WEIGHT = 10
"""In percent."""
_PLAN: Mapping[str, object] = {
    "gates": {"alarms": [], "errors": False, "min_invocations": 0},
    "deadline": "30m",
    "tests": [],
}
"""A drill's manifest. Its one step outlasts the wait for the alarm, and its deadline ends a drill that nobody ends."""
_HOLD = "20m"
_OF_A_DRILL = re.compile(r"slipway drill (?P<function>[\w-]+):(?P<alias>[\w-]+)#(?P<number>[0-9]+)")
"""The description of ``$LATEST`` while a drill's version is published, see ``aws/lambda_/drill_versions.py``."""


class Drilling:
    """Begins drills."""

    def __init__(self, parts: Parts, repeats: RepeatedRequests, acting: Acting) -> None:
        self._parts = parts
        self._aws = parts.context.aws
        self._repeats = repeats
        self._acting = acting

    def drill(self, payload: Payload) -> Answer:
        """Returns the drill after its first look."""
        target, now = self._parts.target(payload), self._parts.context.clock()
        for _ in range(_ATTEMPTS):
            head = self._aws.store.head(target)
            self._repeats.check(target, payload)
            if head.open is not None:
                raise Unmet(f"{target}#{head.open} is open, and a drill needs the alias alone; drill when it has ended")
            self._acting.check_revision(target, payload)
            deployment = self._unfrozen(self._deployment(target, head, payload, now), payload)
            prechecks = self._parts.performer.prechecks
            problem = prechecks.problem(deployment, prechecks.facts(target))
            if problem:
                raise Unmet(f"{target} cannot be drilled: {problem.text}")
            opened = replace(head, number=deployment.number, open=deployment.number)
            try:
                self._aws.store.accept(Admission(opened, deployment), now, once=False)
            except Conflict:
                continue
            begun, unfinished = self._parts.begun(deployment)
            # The alarm's event may have brought the stable version back already: the drill did what was asked for.
            failed = begun.objection if begun.objection and begun.objection.cause is not Cause.DRILL else None
            refused = {"ok": False, "error": failed.text} if failed else {}
            return {**self._parts.done(begun, unfinished), **refused}
        raise Transient(f"somebody else keeps changing {target}; ask again")

    def _unfrozen(self, drill: Deployment, payload: Payload) -> Deployment:
        """Returns the drill with the freezes in force overridden. Raises Unmet unless the person says so."""
        freezes = self._parts.reconciler.freezes_in_force.over(drill.target)
        if freezes is None:
            raise Transient(UNREAD)
        if freezes and payload.get("freeze") is not True:
            raise Unmet(f'{freezes[0].in_words()}, and a drill moves traffic; wait, or send drill with "freeze": true')
        return overridden(drill, Observation(None, freezes=freezes)) if freezes else drill

    def _deployment(self, target: Target, head: Head, payload: Payload, now: datetime) -> Deployment:
        stable = self._stable(target)
        sha256 = self._aws.functions.sha256(target.function, stable)
        made_by = self._aws.store.made_by(target, stable)
        number, request, person = head.number + 1, mark(payload), members.person(payload)
        begun = f"drill: version {stable} is shipped once more, to be brought back by alarm"
        steps = [{"weight": payload.get("weight", _WEIGHT), "hold": _HOLD}]
        strategy = {"steps": steps, "bake": "1m"}
        key = made_by.artifact.key if made_by else f"{target.function}/-"
        return Deployment(
            target=target,
            number=number,
            artifact=Artifact("-", key, None, now),
            manifest=build({**_PLAN, "alias": target.alias, "strategy": strategy}),
            phase=Phase.PREPARING,
            opened_at=now,
            phase_since=now,
            person=person,
            alarms=Alarms(own_alarm(self._parts.context.settings.alarm_prefix, target, number)),
            versions=Versions(preflighted=True, stable=stable, sha256=sha256),
            drill=Drill(self._description(target.function)),
            bookkeeping=Bookkeeping(
                done=frozenset({Milestone.IDENTIFIED}),
                carried_out=(CarriedOut(request, now, person),),
                timeline=(Entry(now, person.signed(begun)),),
            ),
        )

    def _description(self, function: str) -> str:
        """Returns the function's own description, also if an earlier drill could not put it back."""
        found = str(self._aws.functions.settings(function).get("Description", ""))
        earlier = _OF_A_DRILL.fullmatch(found)
        if earlier is None:
            return found
        made = self._aws.store.load(Target(earlier["function"], earlier["alias"]), int(earlier["number"]))
        return made.drill.description if made and made.drill else ""

    def _stable(self, target: Target) -> str:
        """Returns the version that serves. Raises Unmet if there is none alone, or it is not ready."""
        if target.function == self._parts.context.settings.function:
            raise Unmet(
                "Slipway does not drill itself: while its alias carries two versions, either may hear the alarm, so a"
                " drill would not say which of them works; drill another function"
            )
        alias = self._aws.aliases.read(target)
        if alias is None:
            raise Unmet(f"{target} does not exist; drop an artifact to make it")
        if alias.routing.canary is not None:
            raise Unmet(f"{target} carries {alias.routing}, and a drill needs the alias alone; clear the weights")
        found = self._aws.versions.wake(target.function, alias.routing.version)
        if not found.is_ready:
            raise Unmet(f"{found.in_words()}; send the same again in some minutes")
        return alias.routing.version
