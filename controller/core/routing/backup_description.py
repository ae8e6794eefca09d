"""The backup alias's description: the deployment it was written for, and its version before.

    slipway: the way back of checkout:live for #42, before that 5

So the alias alone says what to restore after a rollback, and no crash can lose it. The line counts together with the
deployment's number and the routing beside it; any other alias is somebody else's.
"""

from __future__ import annotations

import re

from controller.core.model import Target

_LINE = re.compile(r"slipway: the way back of (?P<target>\S+) for #(?P<number>\d+), before that (?P<before>\d+)")


def write(target: Target, number: int, before: str | None) -> str:
    """Returns the line for deployment ``number``. A ``before`` of None means that there is no version to restore."""
    line = f"slipway: the way back of {target} for #{number}"
    return line if before is None else f"{line}, before that {before}"


def before(description: str, target: Target, number: int) -> str | None:
    """Returns the alias's version before deployment ``number``, None if the description does not say."""
    found = _LINE.fullmatch(description)
    is_of = found is not None and (found["target"], found["number"]) == (str(target), str(number))
    return found["before"] if found is not None and is_of else None
