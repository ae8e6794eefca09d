"""Rolls back to the backup version without an open deployment, by a deployment that begins with its rollback.

Nothing is shipped or published: the backup alias still keeps the version. Only the alias moves, and the version left is
quarantined like any other that was rolled back.
"""

from __future__ import annotations

from dataclasses import replace

from controller.context import Context
from controller.core.lifecycle.admission import Admission, Head
from controller.core.model import (
    Alias,
    Artifact,
    CarriedOut,
    Cause,
    Conflict,
    Deployment,
    Entry,
    Milestone,
    Phase,
    Reason,
    Refused,
    Routing,
    Target,
)
from controller.core.model.deployment import Alarms, Bookkeeping, Traffic, Versions
from controller.core.model.events import RollbackRequested
from controller.core.routing.alias_description import own_alarm


class RollbackToPrevious:
    """Makes deployments that only roll back."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def begin(self, target: Target, request: RollbackRequested) -> Deployment:
        """Returns the deployment, ready to be reconciled.

        Raises Refused if there is no version to go back to, Conflict if a deployment was opened meanwhile.
        """
        aliases, store = self._context.aws.aliases, self._context.aws.store
        alias, backup = aliases.read(target), aliases.backup_version(target)
        head = store.head(target)
        if head.open is not None:
            raise Conflict(f"{target}#{head.open} was opened meanwhile, and is rolled back instead")
        deployment = self._deployment(target, head, _departure(target, alias, backup), str(backup), request)
        opened = replace(head, number=deployment.number, open=deployment.number)
        store.accept(Admission(opened, deployment), self._context.clock(), once=False)
        return deployment

    def _deployment(
        self, target: Target, head: Head, routing: Routing, backup: str, request: RollbackRequested
    ) -> Deployment:
        now, store = self._context.clock(), self._context.aws.store
        left = routing.version if routing.version != backup else str(routing.canary)
        left_by = next((each for each in store.history(target, 200) if each.canary == left), None)
        made_by = store.made_by(target, backup)
        why = f": {request.why}" if request.why else ""
        reason = Reason(Cause.REQUESTED, f"a person asked for version {backup} again{why}")
        return Deployment(
            target=target,
            number=head.number + 1,
            artifact=left_by.artifact if left_by else Artifact("-", f"{target.function}/-", None, now),
            manifest=left_by.manifest if left_by else self._context.default_manifest(),
            phase=Phase.ROLLING_BACK,
            opened_at=now,
            phase_since=now,
            alarms=Alarms(own_alarm(self._context.settings.alarm_prefix, target, head.number + 1)),
            reason=reason,
            versions=Versions(
                preflighted=True,
                stable=backup,
                stable_artifact=made_by.artifact if made_by else None,
                sha256=left_by.versions.sha256 if left_by else None,
                canary=left,
            ),
            traffic=Traffic(expected_routings=(routing, Routing(backup)), turned_back_at=now),
            bookkeeping=Bookkeeping(
                done=frozenset({Milestone.IDENTIFIED}),
                carried_out=(CarriedOut(request.mark, now),) if request.mark else (),
                timeline=(Entry(now, reason.text),),
            ),
        )


def _departure(target: Target, alias: Alias | None, backup: str | None) -> Routing:
    """Returns the alias's present routing. Raises Refused unless there is another version to go back to."""
    if alias is None:
        by_hand = f", or make it again with CreateAlias on version {backup}" if backup else ""
        raise _refused(f"{target} does not exist; drop an artifact to make it{by_hand}")
    if backup is None:
        raise _refused(f"there is nothing to go back to: {target.function} has no alias {target.backup_alias}")
    if alias.routing == Routing(backup):
        raise _refused(f"{target} is on version {backup} already, the version that {target.backup_alias} keeps")
    return alias.routing


def _refused(text: str) -> Refused:
    return Refused(Reason(Cause.REQUESTED, text))
