"""Brings ``$LATEST`` to a version, unless a newer deployment uses it by now.

Note: Lambda has no condition on ``$LATEST`` that could include a record. So the record is read before each change, and
a newer deployment is looked for after the last one.
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
        """Brings $LATEST back to the version, unless a newer deployment uses it by now."""
        if self._is_overtaken(deployment):
            return Restored(version, self._left_to_newer(deployment))
        note = self._restore(deployment, version, deployment)
        if self._is_overtaken(deployment):
            raise Conflict(f"a newer deployment than {deployment} came meanwhile; $LATEST is looked at again")
        return Restored(version, note)

    def caught_up(self, deployment: Deployment, number: int) -> CaughtUp:
        """Brings $LATEST to the version of an earlier deployment, which could not do so itself."""
        with beside_its_work():
            behind = self._aws.store.load(deployment.target, number)
        if behind is None or behind.canary is None:
            return CaughtUp()
        return CaughtUp(self._restore(behind, behind.canary, deployment))

    def confirming(self, deployment: Deployment) -> Callable[[], None]:
        """Returns a function that raises Conflict once somebody else has saved the deployment's record."""

        def confirm() -> None:
            with beside_its_work():
                found = self._aws.store.load(deployment.target, deployment.number)
            if found is None or found.revision != deployment.revision:
                raise Conflict(f"{deployment} has moved on; it is read again")
            if self._is_overtaken(deployment):
                raise Conflict(f"a newer deployment than {deployment} has come; it is read again")

        return confirm

    def _is_overtaken(self, deployment: Deployment) -> bool:
        """Has the deployment succeeded, and was a newer one accepted since? A rollback counts, even if finished
        already.
        """
        if deployment.phase is not Phase.SUCCEEDED:
            return False
        return self._aws.store.head(deployment.target).number != deployment.number

    def _left_to_newer(self, deployment: Deployment) -> str:
        """Leaves $LATEST to the newest deployment."""
        newest = self._aws.store.load(deployment.target, self._aws.store.head(deployment.target).number)
        # The newest may have ended before a late write to $LATEST, so its version is put there again.
        if newest is not None and newest.phase.is_terminal and newest.versions.latest is not None:
            self._restore(deployment, newest.versions.latest, newest)
        return "$LATEST is left to a newer deployment of the target"

    def _restore(self, deployment: Deployment, version: str, whose: Deployment) -> str:
        return self._aws.publishing.restore(deployment, version, self.confirming(whose))


@contextmanager
def beside_its_work() -> Iterator[None]:
    """Turns failures in the block into Outage, which is not counted against the deployment."""
    try:
        yield
    except Conflict:
        raise
    except Transient as problem:
        raise Outage(str(problem), problem.said) from problem
