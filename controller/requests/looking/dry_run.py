"""The request ``plan``: what an upload would do, without changing anything.

A dry run asks the same questions in the same order as a deployment, and stops before acting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from controller.core.artifact.checksums import in_hex
from controller.core.lifecycle.admission.newer import Newer, predicted
from controller.core.manifest.settings import Strategy, Wait
from controller.core.model import Deployment, Phase, Reason, Target
from controller.core.model.deployment import Alarms
from controller.core.model.events import ArtifactUploaded
from controller.core.model.observation import Observation
from controller.core.model.outcomes import Identified, Preflighted
from controller.requests import Answer
from controller.requests.parts import Parts

if TYPE_CHECKING:
    from controller.inbound.uploads import Draft


class DryRun:
    """Predicts deployments."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._context = parts.context
        self._prechecks = parts.performer.prechecks

    def of(self, uploaded: ArtifactUploaded) -> Answer:
        """Returns the fate of an upload: ``would`` is "refuse", with the reason, or "deploy", with the steps."""
        draft = self._parts.uploads.draft(uploaded)
        open_one = None if draft.problem else self._open_one(draft.target)
        freeze = self._parts.freeze(draft.target)
        newer = self._newer(draft, open_one, freeze) if open_one else None
        told: Answer = {
            "target": str(draft.target),
            "freeze": freeze,
            "open": {"deployment": str(open_one), "would": newer.would.value, "in_words": newer.in_words}
            if newer
            else None,
        }
        return {**told, **self._fate(draft, newer, lifts=uploaded.lift_quarantine)}

    def _open_one(self, target: Target) -> Deployment | None:
        store = self._context.aws.store
        number = store.head(target).open
        return store.load(target, number) if number else None

    def _newer(self, draft: Draft, open_one: Deployment, freeze: Answer | None) -> Newer:
        seen = Observation(self._context.aws.aliases.read(draft.target))
        freeze_in_words = str(freeze["in_words"]) if freeze else ""
        return predicted(open_one, seen, freeze_in_words, same_bytes=self._parts.uploads.is_in_flight(draft, open_one))

    def _fate(self, draft: Draft, newer: Newer | None, *, lifts: bool) -> Answer:
        """Returns whether the drop would be deployed, and how; ``newer`` is what becomes of the open deployment."""
        deployment, alone = self._deployment(draft), newer.stable if newer else None
        refusal = draft.problem or (newer and newer.refusal)
        if refusal:
            return _refused(refusal)
        facts = self._prechecks.facts(deployment.target, alone)
        refusal = self._prechecks.problem(deployment, facts)
        if refusal:
            return _refused(refusal)
        found, identified = self._prechecks.preflighted(deployment, facts), self._prechecks.identified(deployment)
        refusal = identified.refused or (None if lifts else identified.quarantined)
        return _refused(refusal) if refusal else {"would": "deploy", **self._way(draft, found, identified)}

    def _way(self, draft: Draft, found: Preflighted, identified: Identified) -> Answer:
        aws, strategy = self._context.aws, draft.manifest.strategy
        goes_back_to_something = found.stable is not None or found.onboards
        return {
            "creates_function": not aws.functions.settings(draft.target.function),
            "onboards": found.onboards,
            "stable": found.stable,
            "sha256": in_hex(identified.sha256) if identified.sha256 else None,
            "settings": sorted(draft.manifest.function),
            "tests": [test.name for test in draft.manifest.tests],
            "steps": list(_steps(strategy if goes_back_to_something else replace(strategy, steps=()))),
            "bake_seconds": strategy.bake.total_seconds() if goes_back_to_something else 0,
            "alarms": list(draft.manifest.gates.alarms),
            "hooks": {point.value: hook.function for point, hook in draft.manifest.hooks.items()},
        }

    def _deployment(self, draft: Draft) -> Deployment:
        now = self._context.clock()
        return Deployment(
            target=draft.target,
            number=0,
            artifact=draft.artifact,
            manifest=draft.manifest,
            phase=Phase.PREPARING,
            opened_at=now,
            phase_since=now,
            alarms=Alarms(own=""),
        )


def _steps(strategy: Strategy) -> Iterator[Answer]:
    """Yields the steps and the pauses between them, in the manifest's terms."""
    yield from _pause(strategy.approval)
    for step in strategy.steps:
        yield {"weight": step.weight / 100, "hold_seconds": step.hold.total_seconds()}
        yield from _pause(step.approval)


def _pause(wait: Wait | None) -> Iterator[Answer]:
    if wait:
        yield {"pause_seconds": wait.timeout.total_seconds(), "then": wait.then.value}


def _refused(reason: Reason) -> Answer:
    return {"would": "refuse", "because": reason.text, "cause": reason.cause.value}
