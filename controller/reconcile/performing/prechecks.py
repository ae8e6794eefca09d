"""Asks AWS before anything is published: refusals to come, the way back, the artifact's hash.

Only reads, so the request ``plan`` asks the same, of an upload that is not deployed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.context import Context
from controller.core.manifest.settings import Manifest
from controller.core.model import Deployment, Reason, Target, outcomes
from controller.core.model.observation import AlarmState
from controller.reconcile.performing.latest import beside_its_work

if TYPE_CHECKING:
    from controller.core.lifecycle.preflight import FunctionFacts, HookFacts


class Prechecks:
    """The checks before publishing. ``facts`` are read once, since each reading costs calls that the account shares."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._settings = context.settings

    def facts(self, target: Target, alone: str | None = None) -> FunctionFacts | None:
        """Returns what AWS says of the function, None if it does not exist.

        ``alone`` is the version that the alias will carry by itself, None for what the alias carries now.
        """
        return self._aws.publishing.facts(target, alone)

    def problem(self, deployment: Deployment, facts: FunctionFacts | None) -> Reason | None:
        """Returns the predicted refusal by AWS, None without one."""
        from controller.core.lifecycle import preflight  # late, with its imports: a rollback does not need it

        with beside_its_work():
            states = self._aws.alarms.states(deployment.manifest.gates.alarms)
        missing = frozenset(name for name, state in states.items() if state is AlarmState.MISSING)
        return preflight.problem(
            facts,
            deployment.manifest,
            self._settings.allowed_roles,
            deployment.artifact.size,
            missing,
            deployment.target,
            self._hooks(deployment.manifest),
            self._settings.function_keys,
        )

    def _hooks(self, manifest: Manifest) -> HookFacts:
        """Returns the facts about the manifest's hooks; allowed functions are checked without being run."""
        from controller.core.lifecycle.preflight import HookFacts

        prefix = self._settings.hook_prefix
        names = {hook.function for hook in manifest.hooks.values() if prefix and hook.function.startswith(prefix)}
        problems = {name: why for name in sorted(names) if (why := self._aws.hooks.problem(name))}
        return HookFacts(prefix, problems)

    def preflighted(self, deployment: Deployment, facts: FunctionFacts | None) -> outcomes.Preflighted:
        """Returns the version to go back to, and the origin of its bytes."""
        from controller.core.lifecycle.preflight import goes_back_to  # late: a rollback does without it

        found = goes_back_to(facts)
        with beside_its_work():
            made_by = self._aws.store.made_by(deployment.target, found.stable) if found.stable else None
        if made_by is None:
            return outcomes.Preflighted(found.stable, found.onboards)
        behind = made_by.number if made_by.leaves_latest_behind else None
        return outcomes.Preflighted(found.stable, found.onboards, made_by.artifact, behind)

    def identified(self, deployment: Deployment) -> outcomes.Identified:
        """Returns the artifact's hash, and whether its bytes are refused."""
        sha256 = self._aws.functions.hash_of(deployment.target.function, deployment.artifact)
        refused = self._aws.publishing.problem(deployment.artifact, sha256) if sha256 else None
        return outcomes.Identified(sha256, self.quarantined(deployment, sha256), refused)

    def quarantined(self, deployment: Deployment, sha256: str | None) -> Reason | None:
        """Returns why these bytes are refused, None if they are not."""
        with beside_its_work():
            return self._aws.quarantines.problem(deployment.target, sha256) if sha256 else None
