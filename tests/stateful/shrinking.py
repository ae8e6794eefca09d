"""Leaves out what a scenario does not need to go wrong as it does.

Note: Hypothesis would shorten a walk, too, but as a list of choices, where each choice may change what those after it
mean. That takes minutes; a list of steps takes seconds.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tests.cloud.steps import Scenario

_CHANGES = re.compile(r"\[after .*|[0-9a-f]{8}-[-0-9a-f]*|\d+|\{.*\}|\[.*\]")


def shortest(scenario: Scenario) -> Scenario:
    """Returns a scenario of fewer steps that goes wrong in the same way, where there is one."""
    kind, steps = _kind(scenario), len(scenario.when)
    size = steps
    while size := size // 2:
        start = 0
        while start < len(scenario.when):
            shorter = replace(scenario, when=scenario.when[:start] + scenario.when[start + size :])
            if _kind(shorter) == kind:
                scenario = shorter
            else:
                start += size
    return scenario


def _kind(scenario: Scenario) -> str:
    """Returns what is wrong first, without what is different every time."""
    wrong = scenario.wrong(scenario.begun().to_the_end())
    return _CHANGES.sub("", wrong[0]) if wrong else ""
