"""Errors in two families: transient ones are tried again, refusals end with a reason."""

from __future__ import annotations

from controller.core.model.phase import Reason


class SlipwayError(Exception):
    """Any error of Slipway's own; the text says what, which, and what to do next."""


class Transient(SlipwayError):
    """A failure that may pass; raised so that the platform, or the next tick, tries again.

    ``said`` is the event alone, without Slipway's reaction. ``advice`` is for a person if the failure lasts, empty if
    only time helps: "allow the function's role kms:Decrypt".
    """

    def __init__(self, text: str, said: str = "", advice: str = "") -> None:
        super().__init__(text)
        self.said = said or text
        self.advice = advice


class NotYet(Transient):
    """AWS is at work on a function or version; the next look goes on."""


class GivesWay(NotYet):
    """AWS is at work, and other targets come first; the same tick comes back."""


class Throttled(Transient):
    """Too many calls at the moment. The call was not carried out, and says nothing about its object."""


class Outage(Transient):
    """The record store or CloudWatch does not answer; the deployment's own work is not at fault."""


class Conflict(Transient):
    """Somebody else wrote first, so the alias or the record differs from what was read; the loop looks again."""


class Refused(SlipwayError):
    """Trying again cannot help; ``reason`` ends the deployment or answers the request."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason
