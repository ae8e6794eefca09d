"""What the alias's own description says of the deployment that wrote it, so that Lambda alone is enough to roll back.

Every alias write of ours leaves a line in the description, in one of these forms:

    slipway #42 deploys 3, back to 2            armed: an alarm on 3 may bring back 2
    slipway #42 deploys 3                       no way back by alarm: on_failure is freeze
    slipway #42 deployed 3                      closed, or the first deployment of all
    slipway #42 rolled back 3 to 2: WHY         traffic is back because of an alarm; the record follows
    slipway #42 rolled back 3 to 2 (hook): WHY  the same for another cause

Rules of the file: it only reads and writes that line.

Note: the line is believed only together with the routing beside it; a line that says 3 over an alias that carries 7 is
somebody else's alias. Source: Lambda API reference, Description of an alias is at most 256 characters, 2026-11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from controller.core.model import Alias, Cause, Deployment, Phase, Reason, Routing, Target, cause_of
from controller.core.model.events import AlarmFired

_LINE = re.compile(
    r"slipway #(?P<number>\d+) (?P<verb>deploys|deployed|rolled back) (?P<canary>\d+)"
    r"(?:,? (?:back )?to (?P<stable>\d+))?(?: \((?P<cause>[a-z_]+)\))?(?:: (?P<why>.*))?"
)
_MAX_LENGTH = 256
WayBack = tuple[Routing, str]
"""What the alias is to carry, and to say."""


@dataclass(frozen=True, slots=True)
class AliasDescription:
    """The line, parsed. ``armed`` is True while an alarm may bring ``stable`` back; ``why`` and ``cause`` mean nothing
    unless it was rolled back.
    """

    number: int
    canary: str
    stable: str | None
    armed: bool
    rolled_back: bool
    why: str = ""
    cause: Cause = Cause.ALARM


def read(description: str) -> AliasDescription | None:
    """Returns what the description says, None where it is not a line of ours."""
    found = _LINE.fullmatch(description)
    if found is None:
        return None
    verb, stable = found["verb"], found["stable"]
    return AliasDescription(
        number=int(found["number"]),
        canary=found["canary"],
        stable=stable,
        armed=verb == "deploys" and stable is not None,
        rolled_back=verb == "rolled back",
        why=found["why"] or "",
        cause=cause_of(found["cause"] or Cause.ALARM.value),
    )


def write(deployment: Deployment, *, freezes: bool) -> str:
    """Returns the line for the alias write that ``deployment`` wants next. ``freezes``: an alarm must not roll back."""
    start = f"slipway #{deployment.number}"
    if deployment.phase is Phase.ROLLING_BACK:
        reason = deployment.reason or Reason(Cause.ALARM, "")
        return rolled_back(deployment.number, str(deployment.canary), str(deployment.stable), reason)
    if deployment.traffic.closing or deployment.stable is None:
        return f"{start} deployed {deployment.canary}"
    return f"{start} deploys {deployment.canary}" + ("" if freezes else f", back to {deployment.stable}")


def rolled_back(number: int, canary: str, stable: str, reason: Reason) -> str:
    """Returns the line that a rollback leaves, of at most 256 bytes: Lambda must not refuse it for the text in it."""
    cause = "" if reason.cause is Cause.ALARM else f" ({reason.cause.value})"
    line = " ".join(f"slipway #{number} rolled back {canary} to {stable}{cause}: {reason.text}".split())
    return line.encode("utf-8", "replace")[:_MAX_LENGTH].decode("utf-8", "ignore").rstrip(": ")


def own_alarm(prefix: str, target: Target, number: int) -> str:
    """Returns the name of the alarm made for one deployment alone. Neither a function nor an alias can hold a slash."""
    return f"{prefix}{target.function}/{target.alias}/{number}"


def is_own(prefix: str, alarm: AlarmFired) -> bool:
    """Was the alarm made by Slipway, for some deployment of the target that its dimensions name?"""
    number = alarm.name.rpartition("/")[2]
    if alarm.target is None or not number.isdecimal():
        return False
    return alarm.name == own_alarm(prefix, alarm.target, int(number))


def way_back(alias: Alias, alarm: AlarmFired, prefix: str, *, any_alarm: bool = False) -> WayBack | None:
    """Returns the routing and the line that bring the stable version back at once, None where this alarm is no
    reason to.

    It is one when the alias carries, armed, the version that alarmed, and the alarm is the deployment's own.
    ``any_alarm`` takes every alarm on exactly that version: for the time when the record cannot be read to tell
    which ones are named.
    """
    description = read(alias.description)
    if description is None or alarm.target is None or alarm.version != description.canary:
        return None
    if not any_alarm and alarm.name != own_alarm(prefix, alarm.target, description.number):
        return None
    return _back(alias, description, Reason(Cause.ALARM, f"alarm {alarm.name} is firing"))


def way_back_by_request(alias: Alias, number: int | None, reason: Reason) -> WayBack | None:
    """Returns what brings the stable version back because a person asks, None where the alias is not armed, or not by
    deployment ``number``; None is any.
    """
    description = read(alias.description)
    if description is None or number not in (None, description.number):
        return None
    return _back(alias, description, reason)


def _back(alias: Alias, description: AliasDescription, reason: Reason) -> WayBack | None:
    if (
        not description.armed
        or description.stable is None
        or not serves(alias.routing, description.stable, description.canary)
    ):
        return None
    return Routing(description.stable), rolled_back(description.number, description.canary, description.stable, reason)


def is_of(alias: Alias, deployment: Deployment) -> bool:
    """Does the alias say, in its own words, that this very deployment gave the canary version its traffic?"""
    description = read(alias.description)
    return description is not None and not description.rolled_back and _is_about(description, deployment)


def tells_of(alias: Alias, deployment: Deployment) -> bool:
    """Does the alias say, in its own words, that this very deployment was rolled back?"""
    description = read(alias.description)
    if description is None:
        return alias.description == write(deployment, freezes=False)
    return description.rolled_back and _is_about(description, deployment)


def _is_about(description: AliasDescription, deployment: Deployment) -> bool:
    """The version counts as well as the number: numbers begin again in a new table, Lambda gives no version twice."""
    return (description.number, description.canary) == (deployment.number, deployment.canary)


def serves(routing: Routing | None, stable: str | None, canary: str | None) -> bool:
    """Does the alias give ``canary`` traffic, with nothing but ``stable`` beside it?

    Either may have the weight: Lambda gives stable one while it moves provisioned concurrency to the canary. Source:
    terraform-provider-aws #48116, 2026-05.
    """
    if routing is None or canary is None:
        return False
    carried = {routing.version, routing.canary}
    return carried in ({canary, None}, {canary, stable})


def is_armed(alias: Alias) -> bool:
    """May an alarm still bring the stable version back by the alias alone?"""
    description = read(alias.description)
    return description is not None and description.armed
