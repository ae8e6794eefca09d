"""Stories in which a person moves traffic: to the next step, to a version of before, in a drill."""

from __future__ import annotations

from controller.core.model import Phase
from tests.cloud.steps import Ask, Drop, Live, Scenario, Until
from tests.faults.ends import BACK, GOOD, LONG_BAKE

NEXT_STEP = Scenario(
    "next step request, twice",
    given=(Live(), Drop("v2", LONG_BAKE), Until(Phase.SHIFTING)),
    when=(Ask("next", {"step": 1}), Ask("next", {"step": 2})),
    then=GOOD,
    or_else=(BACK,),
)

PEOPLE = (NEXT_STEP,)
