"""A notice in words for people: what happened to which deployment, why, the numbers, and what to type next.

    checkout:live#42 ROLLED_BACK
    back on version 6, because version 7 failed 14 of 365 (3.84 %) requests, ...
    version 7 of checkout/build-1.4.2.zip, over version 6
    alice shipped it: fix totals
    slipway status checkout:live

The same announcement is a plain e-mail and a message in a chat (``aws/notices.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.gates import errors
from controller.core.model import Deployment, Notice, Phase
from controller.core.model.events import AliasChanged
from controller.core.routing import by_hand
from controller.core.routing.at_rest import DriftAtRest


@dataclass(frozen=True, slots=True)
class Announcement:
    """``thread`` is the same for all announcements of one deployment, so that a chat shows them together.

    ``next_steps`` are commands; the first is the likeliest.
    """

    thread: str
    title: str
    text: str
    facts: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()

    def in_words(self) -> str:
        """Returns the body of a plain message, with the most important first."""
        blocks = ("\n".join(each) for each in ((self.text,), self.facts, self.next_steps) if each)
        return "\n\n".join(blocks) + "\n"


def of_notice(deployment: Deployment, notice: Notice) -> Announcement:
    """Returns the announcement of a change of phase, or of a wait for people."""
    return Announcement(
        thread=str(deployment),
        title=f"{deployment} {notice.phase.value}",
        text=notice.text.removeprefix(f"{notice.phase.value}: "),
        facts=tuple(_facts(deployment, notice)),
        next_steps=tuple(_next_steps(deployment, notice.phase)),
    )


def of_refused(upload: RefusedUpload) -> Announcement:
    """Returns the announcement of an upload that names no function."""
    where = f"s3://{upload.bucket}/{upload.key}"
    return Announcement(thread=upload.key, title=f"upload refused: {upload.key}", text=upload.text, facts=(where,))


def of_drift(drift: DriftAtRest, change: AliasChanged) -> Announcement:
    """Returns the announcement of an alias that somebody else changed at rest."""
    target, at = drift.target, f"{change.at:%Y-%m-%d %H:%M:%S} UTC"
    explains = change.explains(drift.carries)
    told = f"{change.action} by {change.who or 'an unknown caller'} at {at}, as CloudTrail says"
    as_left = by_hand.command(target, drift.version, exists=drift.carries is not None)  # quarantines nothing
    return Announcement(
        thread=str(target),
        title=f"{target} drifted",
        text=drift.in_words(),
        facts=(told if explains else f"CloudTrail has told of another change so far: {told}",),
        next_steps=(f"slipway status {target}", as_left),
    )


def _facts(deployment: Deployment, notice: Notice) -> Iterator[str]:
    over = f", over version {deployment.stable}" if deployment.stable else ""
    made = f"version {deployment.canary} of " if deployment.canary else ""
    yield f"{made}{deployment.artifact.key}{over}"
    if deployment.person.who:
        yield deployment.person.says("shipped it")
    if notice.person.who and notice.person != deployment.person:
        yield notice.person.says("asked for this")
    compared = errors.compared(deployment)
    if compared:
        yield compared


def _next_steps(deployment: Deployment, phase: Phase) -> Iterator[str]:
    if phase.is_terminal or phase is Phase.ROLLING_BACK:
        yield f"slipway status {deployment.target}"
        if deployment.canary and phase is not Phase.SUCCEEDED:
            yield f"aws logs tail /aws/lambda/{deployment.target.function} --since 1h"
        return
    yield f"slipway watch {deployment.target}"
    if phase.serves and deployment.stable:
        yield f"slipway rollback {deployment}"
