"""Answers requests that look, by the controller's own code and settings; any other in words that name the controller.

The parts are made anew when the controller's settings have changed, so a viewer that stays warm is never behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from controller.aws.clients import Adapters
from controller.aws.lambda_.client import LambdaClient
from controller.context import Context
from controller.core.model import Refused, Target, Transient
from controller.reconcile.freezes_in_force import FreezesInForce
from controller.reconcile.loop import Reconciler
from controller.reconcile.performing.perform import Performer
from controller.requests import Answer, members
from controller.requests.answers import Answers, looking
from controller.requests.parts import Parts
from controller.settings import Settings
from viewer.functions import Functions
from viewer.live_settings import live_settings


class Looking:
    """The answers of one stack's viewer. ``adapters`` makes those of the controller's settings."""

    def __init__(
        self,
        functions: Functions,
        client: LambdaClient,
        adapters: Callable[[Settings], Adapters],
        clock: Callable[[], datetime],
    ) -> None:
        self._functions = functions
        self._client = client
        self._adapters = adapters
        self._clock = clock
        self._made: tuple[Settings, Parts] | None = None

    def answers(self, time_left: Callable[[], timedelta]) -> Callable[[Mapping[str, object]], Answer]:
        """Returns the answers of one invocation, by the settings of this moment.

        Raises Transient if AWS does not tell the settings; so does an answer for what it needs to read.
        """
        parts = self._parts()
        parts.context.aws.budget.begin(time_left)
        table = Answers(looking(parts), parts.context.settings.function_arn)

        def answer(payload: Mapping[str, object]) -> Answer:
            if not table.knows(payload.get("request")):
                return self._refused(payload.get("request"), table.names)
            found = table.answer(payload)
            told = found.get("controller")
            return {**found, "controller": self._with_its_own_warning(parts, told)} if told else found

        return answer

    def _parts(self) -> Parts:
        settings = live_settings(self._client, self._functions.controller)
        if self._made is None or self._made[0] != settings:
            context = Context(self._adapters(settings), settings, self._clock)
            performer = Performer(context, [])
            reconciler = Reconciler(context, performer, FreezesInForce(context))
            self._made = settings, Parts(context, performer, reconciler)
        return self._made[1]

    def _with_its_own_warning(self, parts: Parts, controller: object) -> Answer:
        """Returns the controller's part of ``status``, with a warning if the viewer may have other code."""
        told = dict(controller) if isinstance(controller, Mapping) else {}
        other = self._other_code(parts)
        return {**told, "warnings": [*told.get("warnings", ()), other]} if other else told

    def _other_code(self, parts: Parts) -> str | None:
        # The stack publishes both functions from the same code. A deployment of the controller changes that one alone.
        controller = self._functions.controller
        target = Target(controller.name, controller.qualifier)
        try:
            deployed = parts.context.aws.store.made_by(target, parts.context.settings.version)
        except (Transient, Refused) as problem:
            return f"cannot tell whether {self._functions.viewer} has the controller's code: {problem}"
        if deployed is None:
            return None
        return (
            f"{self._functions.viewer} has the code of the last stack update, and {deployed} has deployed another"
            " controller since; deploy the stack from the same code"
        )

    def _refused(self, word: object, names: tuple[str, ...]) -> Answer:
        """Returns the refusal of a request that acts, or that nobody knows."""
        said = members.whole(word[: members.MAX_QUOTED]) if isinstance(word, str) else None
        controller, viewer = self._functions.controller, self._functions.viewer
        send = f"send {said or 'any other request'} to {controller.name}, alias {controller.qualifier}"
        return {"ok": False, "request": said, "error": f"{viewer} only looks and answers {', '.join(names)}; {send}"}
