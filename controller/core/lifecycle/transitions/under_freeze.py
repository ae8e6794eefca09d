"""The request ``override`` with ``freeze``: a person lets one deployment go on under the freezes now in force.

Nothing else gives way: dangers, the other gates and later freezes hold as before.
"""

from __future__ import annotations

from datetime import datetime

from controller.core.gates import freeze
from controller.core.lifecycle.transitions.edits import leads_to
from controller.core.model import Deployment
from controller.core.model.deployment.timeline import say
from controller.core.model.events import OverrideFreezeRequested
from controller.core.model.observation import Observation


@leads_to()
def override(deployment: Deployment, event: OverrideFreezeRequested, seen: Observation, now: datetime) -> Deployment:
    """Lets one deployment go on under the freezes in force; later freezes hold it."""
    freezes = [each.in_words() for each in seen.freezes or ()]
    if deployment.failing or not freezes:
        return deployment
    deployment = freeze.note(freeze.overridden(deployment, seen), seen, now)
    person = event.person
    return say(deployment, now, f"{person.who} overrides the {'; the '.join(freezes)}; because: {person.why}", person)


def refusal(deployment: Deployment, seen: Observation) -> str | None:
    """Returns why there is nothing to override, None if there is."""
    if deployment.failing:
        return f"{deployment} is ending, because {deployment.failing.reason.text}"
    if seen.freezes is None:
        return f"the freezes cannot be read now, so {deployment} cannot be let go on in spite of one; ask again"
    if freeze.over(deployment, seen) is None:
        return f"no freeze that is not overridden is over {deployment}"
    return None
