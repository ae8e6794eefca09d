"""The parts of the controller that answer requests, and the reading and the report that all families share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.context import Context
from controller.core import report
from controller.core.gates.freeze import UNREAD
from controller.core.model import Deployment, Refused, Target, Transient
from controller.reconcile.loop import Reconciler
from controller.reconcile.performing.perform import Performer
from controller.requests import Answer
from controller.requests.members import Payload

if TYPE_CHECKING:
    from controller.inbound.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Parts:
    """The context, and the parts that act: every family of requests is made of them."""

    context: Context
    performer: Performer
    reconciler: Reconciler

    @property
    def uploads(self) -> Uploads:
        """Returns the reader of artifacts."""
        from controller.inbound.uploads import Uploads  # late: few requests read a zip

        return Uploads(self.context)

    def target(self, payload: Payload) -> Target:
        """Returns the target that a request names; without ``alias`` it is the default manifest's."""
        alias = payload.get("alias") or self.context.default_manifest().alias
        return Target(str(payload["function"]), str(alias))

    def freeze(self, target: Target) -> Answer | None:
        """Returns the report of the freeze over a target, None without one."""
        found = self.reconciler.freezes_in_force.over(target)
        if found is None:
            return {"in_words": UNREAD}
        return report.freeze(found[0]) if found else None

    def freezes(self) -> list[Answer]:
        """Returns the reports of all freezes in force."""
        found = self.reconciler.freezes_in_force.everywhere()
        return [{"in_words": UNREAD}] if found is None else [report.freeze(each) for each in found]

    def begun(self, taken: Deployment) -> tuple[Deployment, str]:
        """Returns the admitted deployment after its first look, and what failed in it."""
        try:
            return self.reconciler.begin(taken), ""
        except Transient as problem:  # no error for the person, who might ask for the same twice: a tick goes on
            return self.context.aws.store.load(taken.target, taken.number) or taken, str(problem)

    def in_full(self, deployment: Deployment) -> Answer:
        """Returns the answer about a deployment, as AWS has it now."""
        seen = self.reconciler.look(deployment)
        return {"deployment": report.full(deployment, seen, self.context.clock())}

    def done(self, deployment: Deployment, unfinished: str = "") -> Answer:
        """Returns the answer to a request that the record has; ``unfinished`` says what is tried again.

        Nobody is told that the request failed because AWS cannot be read afterwards.
        """
        try:
            answer = self.in_full(deployment)
        except (Transient, Refused) as problem:
            seen = report.glance(deployment, None, None)
            answer = {"deployment": report.full(deployment, seen, self.context.clock())}
            unfinished = "; ".join(filter(None, (unfinished, f"the answer is by the record alone: {problem}")))
        return {**answer, "unfinished": unfinished} if unfinished else answer
