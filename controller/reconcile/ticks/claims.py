"""Claims: a controller at work on a target says so, and the ticks of other controllers pass over the target.

Note: a claim saves calls and is no lock; every write is still a compare-and-swap. So alarms, requests and rollbacks ask
for no claim, and without the table a tick looks all the same. A controller that dies leaves its target alone for
``_LASTS`` at most.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from controller.context import Context
from controller.core.model import GivesWay, Refused, Target, Transient

_LASTS = timedelta(minutes=2)


class Claim:
    """A claim on a target, for a block; its value is False if another controller is at work on the target.

    A look that gives way keeps its claim: the same tick comes back within seconds.
    """

    def __init__(self, context: Context, target: Target) -> None:
        self._leases = context.aws.leases
        self._clock = context.clock
        self._lease = f"target#{target}"
        self._is_ours = False

    def __enter__(self) -> bool:
        try:
            self._is_ours = self._leases.take(self._lease, self._clock(), _LASTS)
        except (Transient, Refused):
            return True
        return self._is_ours

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, _: object) -> None:
        # An invocation that Lambda ends gives nothing back.
        is_killed = kind is not None and not issubclass(kind, Exception)
        if self._is_ours and not is_killed and not gives_way(problem):
            self.give_back()

    def give_back(self) -> None:
        """Lets other controllers look at the target; one that is theirs by now stays theirs."""
        with suppress(Transient, Refused):
            self._leases.give_back(self._lease, self._clock())


def gives_way(problem: BaseException | None) -> bool:
    """Is this the end of a look that waits for Lambda while another target can go on?"""
    return problem is not None and isinstance(problem.__cause__, GivesWay)
