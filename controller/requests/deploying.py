"""The request ``deploy``: an object that is in the bucket is deployed because a person asks."""

from __future__ import annotations

from dataclasses import replace

from controller.core.lifecycle.repeated_requests import mark
from controller.core.model import Cause, Phase
from controller.core.model.events import Ignored
from controller.requests import Answer, Unmet, members
from controller.requests.members import Payload
from controller.requests.parts import Parts
from controller.requests.repeated import RepeatedRequests


class Deploying:
    """Deploys because a person asks."""

    def __init__(self, parts: Parts, repeats: RepeatedRequests) -> None:
        self._parts = parts
        self._clock = parts.context.clock
        self._repeats = repeats

    def deploy(self, payload: Payload) -> Answer:
        """Returns the deployment of the object, after its first look."""
        uploaded = replace(members.uploaded(payload, self._clock()), mark=mark(payload))
        draft = self._parts.uploads.draft(uploaded)
        self._repeats.check(draft.target, payload)
        taken = self._parts.uploads.accept(draft, uploaded)
        if isinstance(taken, Ignored):
            raise Unmet(taken.reason)
        after, unfinished = self._parts.begun(taken)
        answer = self._parts.done(after, unfinished)
        # The bytes that are being deployed already are no failure: what was asked for happens.
        if after.phase is not Phase.FAILED or after.reason is None or after.reason.cause is Cause.UNCHANGED:
            return answer
        return {"ok": False, "error": after.reason.text, **answer}
