"""Brings ``$LATEST`` to a version, and leaves it to a newer deployment where one has come.

Note: Lambda knows no condition on ``$LATEST`` that a record could be part of. So the record is read again before each
change, and what is newer is looked for after the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from controller.context import Context
from controller.core.model import Conflict, Deployment, Outage, Phase, Transient
from controller.core.model.outcomes import CaughtUp, Restored


class Latest:
    """Changes ``$LATEST``."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws

    def restored(self, deployment: Deployment, version: str) -> Restored:
        """Brings $LATEST back to the version, unless a newer deployment has come that $LATEST is left to."""
        if self._is_overtaken(deployment):
            return Restored(version, self._left_to_newer(deployment))
        note = self._restore(deployment, version, deployment)
        if self._is_overtaken(deployment):
            raise Conflict(f"a newer deployment than {deployment} came meanwhile; $LATEST is looked at again")
        return Restored(version, note)

    def caught_up(self, deployment: Deployment, number: int) -> CaughtUp:
        """Brings $LATEST to the version of an earlier deployment that could not."""
        with beside_its_work():
            behind = self._aws.store.load(deployment.target, number)
        if behind is None or behind.canary is None:
            return CaughtUp()
        return CaughtUp(self._restore(behind, behind.canary, deployment))

    def confirming(self, deployment: Deployment) -> Callable[[], None]:
        """Returns what raises Conflict once the deployment's record was saved by somebody else."""

        def confirm() -> None:
            with beside_its_work():
                found = self._aws.store.load(deployment.target, deployment.number)
            if found is None or found.revision != deployment.revision:
                raise Conflict(f"{deployment} has moved on; it is read again")
            if self._is_overtaken(deployment):
                raise Conflict(f"a newer deployment than {deployment} has come; it is read again")

        return confirm

    def _is_overtaken(self, deployment: Deployment) -> bool:
        """Has it succeeded, and was a newer one accepted since? That may be a rollback, which is through already."""
        if deployment.phase is not Phase.SUCCEEDED:
            return False
        return self._aws.store.head(deployment.target).number != deployment.number

    def _left_to_newer(self, deployment: Deployment) -> str:
        """Leaves $LATEST to the newest deployment. One that is over already may have been before a late write to
        $LATEST, so what it wants is put there.
        """
        newest = self._aws.store.load(deployment.target, self._aws.store.head(deployment.target).number)
        if newest is not None and newest.phase.is_terminal and newest.versions.latest is not None:
            self._restore(deployment, newest.versions.latest, newest)
        return "$LATEST is left to a newer deployment of the target"

    def _restore(self, deployment: Deployment, version: str, whose: Deployment) -> str:
        return self._aws.publishing.restore(deployment, version, self.confirming(whose))


@contextmanager
def beside_its_work() -> Iterator[None]:
    """What fails in the block is no fault of the deployment's: it is not counted against it."""
    try:
        yield
    except Conflict:
        raise
    except Transient as problem:
        raise Outage(str(problem), problem.said) from problem
