"""What is left undone when a story has ended, beside what the invariants say.

What a newcomer would get wrong: what AWS refused for good is given up, and the record says so. That is no debt.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.breadcrumb import own_alarm
from controller.core.model import Cause, Deployment, Phase
from tests.builders import CHECKOUT
from tests.cloud.story import SETTINGS, Story

_GIVEN_UP = ("given up", "nobody was told")
_AGAINST_THE_BYTES = (Cause.ALARM, Cause.REQUESTED, Cause.ERRORS)


def left_undone(story: Story) -> Iterator[str]:
    """Yields in words what nobody will do any more, and should have been done."""
    made = story.deployments()
    head = story.seen().head(CHECKOUT)
    if (head.number, head.open) != (len(made), None) or [each.number for each in made] != list(range(1, len(made) + 1)):
        yield f"the head says {head.number} and {head.open} open, and there are {[each.number for each in made]}"
    for each in made:
        yield from _of(story, each)


def _of(story: Story, deployment: Deployment) -> Iterator[str]:
    if not deployment.phase.is_terminal:
        yield f"{deployment} is {deployment.phase.value}"
        return
    if any(entry.text.startswith(_GIVEN_UP) for entry in deployment.timeline):
        return
    if own_alarm(SETTINGS.alarm_prefix, CHECKOUT, deployment.number) in story.cloud.cloudwatch.alarms:
        yield f"the alarm of {deployment} is still there"
    told = {(detail["number"], detail["phase"]) for detail in story.cloud.bus.details}
    if (deployment.number, deployment.phase.value) not in told:
        yield f"nobody was told that {deployment} is {deployment.phase.value}"
    at_fault = deployment.reason is not None and deployment.reason.cause in _AGAINST_THE_BYTES
    served = deployment.phase is Phase.ROLLED_BACK and deployment.sha256 is not None
    if at_fault and served and (str(CHECKOUT), f"quarantine#{deployment.sha256}") not in story.cloud.table.rows:
        yield f"the bytes of {deployment} are not quarantined"
