"""Looks for a request among those that were carried out before.

What is remembered is in the records of the deployments that carried the requests out, saved together with what was
done; so a request that was saved is never carried out again, and one that was not is new.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.context import Context
from controller.core.lifecycle import repeated_requests
from controller.core.model import Deployment, Routing, Target

_LOOKED_AT = 10
"""How many deployments of the target are looked at, the newest first."""


class Repeated(Exception):
    """A request that was carried out before; the text says so, ``deployment`` is what carried it out."""

    def __init__(self, text: str, deployment: Deployment) -> None:
        super().__init__(text)
        self.deployment = deployment


class RepeatedRequests:
    """Knows the requests that were carried out."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._clock = context.clock

    def check(self, target: Target, payload: Mapping[str, object]) -> None:
        """Raises Repeated where the request was carried out before."""
        if not repeated_requests.may_repeat(payload):
            return
        now = self._clock()
        repeat = repeated_requests.find(self._aws.store.history(target, _LOOKED_AT), payload, now)
        if repeat:
            raise Repeated(repeated_requests.in_words(repeat, payload, now), repeat.deployment)

    def check_way_back(self, target: Target, payload: Mapping[str, object]) -> None:
        """Raises Repeated where none is open and traffic has come back just now: a ``rollback`` that is sent twice, or
        that meets an alarm's, must not go on to the version before that.
        """
        now, newest = self._clock(), next(self._aws.store.history(target, 1), None)
        if newest is None or not repeated_requests.is_just_back(newest, payload, now):
            return
        alias = self._aws.aliases.read(target)
        if alias and alias.routing == Routing(str(newest.stable)):
            raise Repeated(repeated_requests.back_in_words(newest, now), newest)
