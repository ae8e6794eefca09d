"""Rolls back without an open deployment, by a deployment that begins with its rollback.

Without another wish traffic goes to the version that the backup alias keeps; ``rollback_to`` chooses another. Nothing
is shipped or published: the version is there. Only the alias moves, and the version left is quarantined like any other
that was rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from controller.context import Context
from controller.core.lifecycle.admission import Admission, Head
from controller.core.manifest.settings import Manifest
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
    TestOutcome,
)
from controller.core.model.deployment import Alarms, Bookkeeping, Traffic, Versions
from controller.core.model.events import RollbackRequested
from controller.core.routing.alias_description import own_alarm


class RollbackToPrevious:
    """Makes deployments that only roll back."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def begin(
        self,
        target: Target,
        request: RollbackRequested,
        version: str | None = None,
        tests: tuple[TestOutcome, ...] = (),
    ) -> Deployment:
        """Returns the deployment, ready to be reconciled. ``version`` is the one to go to, None for the backup's, and
        ``tests`` are its tests just run.

        Raises Refused if there is no version to go back to, Conflict if a deployment was opened meanwhile.
        """
        aliases, store = self._context.aws.aliases, self._context.aws.store
        alias, backup = aliases.read(target), aliases.backup_version(target)
        head = store.head(target)
        if head.open is not None:
            raise Conflict(f"{target}#{head.open} was opened meanwhile, and is rolled back instead")
        wanted = version or backup
        routing = _departure(target, alias, wanted, backup)
        deployment = self._deployment(target, head, routing, str(wanted), request)
        if version:
            deployment = replace(
                deployment,
                versions=replace(deployment.versions, backup=backup),
                evidence=replace(deployment.evidence, tests=tests),
            )
        opened = replace(head, number=deployment.number, open=deployment.number)
        store.accept(Admission(opened, deployment), self._context.clock(), once=False)
        return deployment

    def _deployment(
        self, target: Target, head: Head, routing: Routing, wanted: str, request: RollbackRequested
    ) -> Deployment:
        now, history = self._context.clock(), list(self._context.aws.store.history(target, 200))
        left = routing.version if routing.version != wanted else str(routing.canary)
        left_by = next((each for each in history if each.canary == left and each.ships), None)
        made_by = next((each for each in history if each.canary == wanted and each.ships), None)
        reason = Reason(Cause.REQUESTED, request.person.says(f"asked for version {wanted} again"), request.person)
        return Deployment(
            target=target,
            number=head.number + 1,
            artifact=left_by.artifact if left_by else Artifact("-", f"{target.function}/-", None, now),
            manifest=_naming_all(
                left_by.manifest if left_by else self._context.default_manifest(), _between(history, left_by, made_by)
            ),
            phase=Phase.ROLLING_BACK,
            opened_at=now,
            phase_since=now,
            alarms=Alarms(own_alarm(self._context.settings.alarm_prefix, target, head.number + 1)),
            person=request.person,
            reason=reason,
            versions=Versions(
                preflighted=True,
                stable=wanted,
                stable_artifact=made_by.artifact if made_by else None,
                sha256=left_by.versions.sha256 if left_by else None,
                canary=left,
            ),
            traffic=Traffic(expected_routings=(routing, Routing(wanted)), turned_back_at=now),
            bookkeeping=Bookkeeping(
                done=frozenset({Milestone.IDENTIFIED}),
                carried_out=(CarriedOut(request.mark, now, request.person),) if request.mark else (),
                timeline=(Entry(now, reason.text),),
            ),
        )


def _departure(target: Target, alias: Alias | None, wanted: str | None, backup: str | None) -> Routing:
    """Returns the alias's present routing. Raises Refused unless ``wanted`` is another version to go back to."""
    if alias is None:
        by_hand = f", or make it again with CreateAlias on version {wanted}" if wanted else ""
        raise _refused(f"{target} does not exist; drop an artifact to make it{by_hand}")
    if wanted is None:
        raise _refused(f"there is nothing to go back to: {target.function} has no alias {target.backup_alias}")
    if alias.routing == Routing(wanted):
        kept = f", the version that {target.backup_alias} keeps" if wanted == backup else ""
        raise _refused(f"{target} is on version {wanted} already{kept}")
    return alias.routing


def _between(
    history: Sequence[Deployment], left_by: Deployment | None, made_by: Deployment | None
) -> Sequence[Deployment]:
    """Returns the deployments that lie between two versions, the newest first; all, if either is unknown."""
    older = min(left_by.number, made_by.number) if left_by and made_by else 0
    return [each for each in history if each.number > older]


def _naming_all(manifest: Manifest, between: Sequence[Deployment]) -> Manifest:
    """Returns the manifest with every setting that a deployment between has named, so that ``$LATEST`` gets all back.

    The values do not matter: ``$LATEST`` gets those of the version.
    """
    named = {name: value for each in between for name, value in each.manifest.function.items()}
    function = {**named, **manifest.function}
    return replace(manifest, function=function, document={**manifest.document, "function": function})


def _refused(text: str) -> Refused:
    return Refused(Reason(Cause.REQUESTED, text))
