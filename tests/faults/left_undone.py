"""What is left undone when a story has ended, beside what the invariants say.

Note: what AWS refused for good is given up, and the record says so. That is no debt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.model import Cause, Deployment, Phase
from controller.core.routing.alias_description import own_alarm
from tests.cloud.story import SETTINGS, Story

_GIVEN_UP = ("given up", "nobody was told")
_AGAINST_THE_BYTES = (Cause.ALARM, Cause.REQUESTED, Cause.ERRORS)


@dataclass(frozen=True)
class AtRest:
    """The end that every story must come to: all has ended, and nothing is left undone. What each alias carries then
    the invariants say.
    """

    def wrong(self, story: Story) -> str | None:
        if not story.is_at_rest:
            return f"it never came to rest: {story.in_words()}"
        return next(left_undone(story), None)


def left_undone(story: Story) -> Iterator[str]:
    """Yields in words what nobody will do any more, and should have been done."""
    seen = story.seen()
    for target, made in seen.deployments.items():
        head, numbers = seen.head(target), [each.number for each in made]
        if (head.number, head.open) != (len(made), None) or numbers != list(range(1, len(made) + 1)):
            yield f"the head of {target} says {head.number} and {head.open} open, and there are {numbers}"
        for each in made:
            yield from _of(story, each)


def _of(story: Story, deployment: Deployment) -> Iterator[str]:
    if not deployment.phase.is_terminal:
        yield f"{deployment} is {deployment.phase.value}"
        return
    if any(entry.text.startswith(_GIVEN_UP) for entry in deployment.timeline):
        return
    if own_alarm(SETTINGS.alarm_prefix, deployment.target, deployment.number) in story.cloud.cloudwatch.alarms:
        yield f"the alarm of {deployment} is still there"
    told = {(detail["deployment"], detail["phase"]) for detail in story.cloud.bus.details if "deployment" in detail}
    if (str(deployment), deployment.phase.value) not in told:
        yield f"nobody was told that {deployment} is {deployment.phase.value}"
    if _is_at_fault(deployment) and not _is_quarantined(story, deployment):
        yield f"the bytes of {deployment} are not quarantined"


def _is_at_fault(deployment: Deployment) -> bool:
    """Are its bytes to be refused? Not where its alarm alone spoke, and knew too little of the stable version."""
    cause = deployment.reason and deployment.reason.cause
    said = any("the bytes are not quarantined" in entry.text for entry in deployment.timeline)
    is_at_fault = cause in _AGAINST_THE_BYTES and not (cause is Cause.ALARM and said)
    return deployment.phase is Phase.ROLLED_BACK and deployment.versions.sha256 is not None and is_at_fault


def _is_quarantined(story: Story, deployment: Deployment) -> bool:
    """Are its bytes refused? What serves is not at fault: settings were, or a person has lifted the quarantine."""
    routing = story.seen().routing(deployment.target)
    serves = story.cloud.lambda_.version(deployment.target.function, routing.version) if routing else None
    row = (str(deployment.target), f"quarantine#{deployment.versions.sha256}")
    since = (each for each in story.deployments(deployment.target) if each.number > deployment.number)
    lifted = any(each.lifts_quarantine and each.versions.sha256 == deployment.versions.sha256 for each in since)
    at_work = serves is not None and serves["CodeSha256"] == deployment.versions.sha256
    return row in story.cloud.table.rows or at_work or lifted
