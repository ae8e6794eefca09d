"""Recognizes requests that were carried out before.

Each deployment's record remembers its requests, saved together with their effects. So a saved request is never carried
out again, and an unsaved one is new.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.context import Context
from controller.core.lifecycle import repeated_requests
from controller.core.model import Deployment, Routing, Target

_LOOKED_AT = 10
"""The number of the target's newest deployments to search."""


class Repeated(Exception):
    """The request was carried out before, as the text says; ``deployment`` did it."""

    def __init__(self, text: str, deployment: Deployment) -> None:
        super().__init__(text)
        self.deployment = deployment


class RepeatedRequests:
    """The requests that were carried out."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._clock = context.clock

    def check(self, target: Target, payload: Mapping[str, object]) -> None:
        """Raises Repeated if the request was carried out before."""
        if not repeated_requests.may_repeat(payload):
            return
        now = self._clock()
        repeat = repeated_requests.find(self._aws.store.history(target, _LOOKED_AT), payload, now)
        if repeat:
            raise Repeated(repeated_requests.in_words(repeat, payload, now), repeat.deployment)

    def check_way_back(self, target: Target, payload: Mapping[str, object]) -> None:
        """Raises Repeated if no deployment is open and traffic came back just now."""
        # A rollback sent twice, or after an alarm's, must not go on to the version before.
        now, newest = self._clock(), next(self._aws.store.history(target, 1), None)
        if newest is None or not repeated_requests.is_just_back(newest, payload, now):
            return
        alias = self._aws.aliases.read(target)
        if alias and alias.routing == Routing(str(newest.stable)):
            raise Repeated(repeated_requests.back_in_words(newest, now), newest)
