"""What goes wrong, in two families: what may pass is tried again, what cannot pass ends with a reason."""

from __future__ import annotations

from controller.core.model.phase import Reason


class SlipwayError(Exception):
    """Something Slipway says about itself; its text says what, which, and what to do next."""


class Transient(SlipwayError):
    """A call failed in a way that may pass; it is raised so that the platform, or the next tick, tries again.

    ``said`` is what happened, without what is done about it. ``advice`` is what a person can do where it does not pass
    by itself, empty where only time helps: "allow the function's role kms:Decrypt".
    """

    def __init__(self, text: str, said: str = "", advice: str = "") -> None:
        super().__init__(text)
        self.said = said or text
        self.advice = advice


class NotYet(Transient):
    """AWS is at work on a function or version; the next look goes on."""


class Throttled(Transient):
    """There are too many calls at the moment. It says nothing of what was asked for, and nothing was carried out."""


class Outage(Transient):
    """What does not answer is none of a deployment's own work: the record store, or CloudWatch."""


class Conflict(Transient):
    """Somebody else wrote first: the alias or the record is not what was read; the loop looks again."""


class Refused(SlipwayError):
    """Trying again cannot help; ``reason`` ends the deployment or answers the request."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason
