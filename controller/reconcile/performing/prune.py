"""Deletes old versions after a success, and reports those that could not be deleted."""

from __future__ import annotations

from controller.context import Context
from controller.core.model import Deployment, Milestone, Target
from controller.core.model.outcomes import Finished

_NOT_DELETED = "is not deleted"


class Pruner:
    """Deletes old versions, but keeps the newest and those in use."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._keep = context.settings.keep_versions

    def prune(self, deployment: Deployment) -> Finished:
        """Returns the deleted versions, and AWS's refusals unless an earlier deployment has reported them."""
        found = self._aws.versions.prune(deployment.target, self._keep, self._in_use(deployment))
        gone = [f"old versions deleted: {', '.join(found.deleted)}"] if found.deleted else []
        left = [f"version {version} {_NOT_DELETED}: {said}" for version, said in found.refused.items()]
        new = [text for text in left if not self._is_noted(deployment.target, text)]
        advice = ["the deployment has ended; delete it by hand once nothing holds it, or leave it"] if new else []
        return Finished(Milestone.PRUNED, "; ".join([*gone, *new, *advice]))

    def _is_noted(self, target: Target, text: str) -> bool:
        """Does the timeline of an earlier deployment report this refusal already?"""
        start = text[: text.index(_NOT_DELETED)]
        entries = (entry for each in self._aws.store.history(target, 200) for entry in each.timeline)
        return any(start + _NOT_DELETED in entry.text for entry in entries)

    def _in_use(self, deployment: Deployment) -> frozenset[str]:
        """Returns the versions in use by open deployments of the function."""
        # AWS publishes the same code once, so a deployment of another alias may use the same version.
        store, function = self._aws.store, deployment.target.function
        looked_at = (store.load(due.target, due.number) for due in store.due() if due.target.function == function)
        others = (each for each in looked_at if each and not each.phase.is_terminal)
        return frozenset(version for each in (deployment, *others) for version in (each.stable, each.canary) if version)
