"""The alias's description: a line about the deployment that wrote it, so that Lambda alone is enough for a rollback.

Every alias write by Slipway leaves a line in one of these forms:

    slipway #42 deploys 3, back to 2            armed: an alarm on 3 may bring back 2
    slipway #42 deploys 3                       no way back by alarm: on_failure is freeze
    slipway #42 deployed 3                      closed, or the first deployment of all
    slipway #42 rolled back 3 to 2: WHY         traffic is back because of an alarm; the record follows
    slipway #42 rolled back 3 to 2 (hook): WHY  the same for another cause

Rules of the file: it only reads and writes this line.

Note: the line counts only together with the routing beside it. A line about version 3 on an alias that carries 7 means
that somebody else moved the alias. Source: Lambda API reference, Description of an alias is at most 256 characters,
2026-11.
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
"""The routing and the description to write."""


@dataclass(frozen=True, slots=True)
class AliasDescription:
    """The line, parsed. ``armed`` is True while an alarm may bring ``stable`` back; ``why`` and ``cause`` belong to a
    rollback.
    """

    number: int
    canary: str
    stable: str | None
    armed: bool
    rolled_back: bool
    why: str = ""
    cause: Cause = Cause.ALARM


def read(description: str) -> AliasDescription | None:
    """Returns the parsed description, None for other texts."""
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
    """Returns the line for the deployment's next alias write. With ``freezes`` an alarm must not roll back."""
    start = f"slipway #{deployment.number}"
    if deployment.phase is Phase.ROLLING_BACK:
        reason = deployment.reason or Reason(Cause.ALARM, "")
        return rolled_back(deployment.number, str(deployment.canary), str(deployment.stable), reason)
    if deployment.traffic.closing or deployment.stable is None:
        return f"{start} deployed {deployment.canary}"
    return f"{start} deploys {deployment.canary}" + ("" if freezes else f", back to {deployment.stable}")


def rolled_back(number: int, canary: str, stable: str, reason: Reason) -> str:
    """Returns the line of a rollback, cut to 256 bytes, because Lambda must not refuse a rollback for its text."""
    cause = "" if reason.cause is Cause.ALARM else f" ({reason.cause.value})"
    line = " ".join(f"slipway #{number} rolled back {canary} to {stable}{cause}: {reason.text}".split())
    return line.encode("utf-8", "replace")[:_MAX_LENGTH].decode("utf-8", "ignore").rstrip(": ")


def own_alarm(prefix: str, target: Target, number: int) -> str:
    """Returns the name of a deployment's own alarm. Function and alias names cannot contain a slash."""
    return f"{prefix}{target.function}/{target.alias}/{number}"


def is_own(prefix: str, alarm: AlarmFired) -> bool:
    """Was the alarm made by Slipway for a deployment of its target?"""
    number = alarm.name.rpartition("/")[2]
    if alarm.target is None or not number.isdecimal():
        return False
    return alarm.name == own_alarm(prefix, alarm.target, int(number))


def way_back(alias: Alias, alarm: AlarmFired, prefix: str, *, any_alarm: bool = False) -> WayBack | None:
    """Returns the routing and description of an immediate rollback, None if the alarm is no reason for one.

    It is a reason if the alias is armed and carries the alarm's version, and the alarm is the deployment's own. With
    ``any_alarm`` every alarm on exactly this version counts: for times when the record with the named alarms is
    unreadable.
    """
    description = read(alias.description)
    if description is None or alarm.target is None or alarm.version != description.canary:
        return None
    if not any_alarm and alarm.name != own_alarm(prefix, alarm.target, description.number):
        return None
    return _back(alias, description, Reason(Cause.ALARM, f"alarm {alarm.name} is firing"))


def is_back(alias: Alias, alarm: AlarmFired, prefix: str) -> bool:
    """Has traffic been brought back from the version of this alarm, the deployment's own?"""
    description = read(alias.description)
    if description is None or alarm.target is None or not description.rolled_back or description.stable is None:
        return False
    is_of_alarm = alarm.name == own_alarm(prefix, alarm.target, description.number)
    return is_of_alarm and alarm.version == description.canary and alias.routing == Routing(description.stable)


def way_back_by_request(alias: Alias, number: int | None, reason: Reason) -> WayBack | None:
    """Returns a rollback at a person's request, None if the alias is not armed by deployment ``number`` (None: any)."""
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
    """Does the description say that ``deployment`` gave the canary version its traffic?"""
    description = read(alias.description)
    return description is not None and not description.rolled_back and _is_about(description, deployment)


def tells_of(alias: Alias, deployment: Deployment) -> bool:
    """Does the description say that ``deployment`` was rolled back?"""
    description = read(alias.description)
    if description is None:
        return alias.description == write(deployment, freezes=False)
    return description.rolled_back and _is_about(description, deployment)


def _is_about(description: AliasDescription, deployment: Deployment) -> bool:
    # The version is compared as well: a new table counts deployments from 1 again, but Lambda never reuses a version.
    return (description.number, description.canary) == (deployment.number, deployment.canary)


def serves(routing: Routing | None, stable: str | None, canary: str | None) -> bool:
    """Does the alias give ``canary`` traffic, with nothing but ``stable`` beside it?

    Either may have the weight: Lambda gives stable one while moving provisioned concurrency to the canary. Source:
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
