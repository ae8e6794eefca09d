"""What the backup alias's own description says: whose way back it is, and which version it kept before that.

    slipway: the way back of checkout:live for #42, before that 5

So the alias alone tells what to put back after a rollback, and no crash comes between the two. The line is believed
together with the deployment's number and the routing beside it: any other alias is somebody else's.
"""

from __future__ import annotations

import re

from controller.core.model import Target

_LINE = re.compile(r"slipway: the way back of (?P<target>\S+) for #(?P<number>\d+), before that (?P<before>\d+)")


def write(target: Target, number: int, before: str | None) -> str:
    """Returns the line of a backup alias that deployment ``number`` is about to write. ``before`` None: there was none,
    so that there is nothing to put back.
    """
    line = f"slipway: the way back of {target} for #{number}"
    return line if before is None else f"{line}, before that {before}"


def before(description: str, target: Target, number: int) -> str | None:
    """Returns the version that the alias kept before deployment ``number``, None where it does not say so."""
    found = _LINE.fullmatch(description)
    is_of = found is not None and (found["target"], found["number"]) == (str(target), str(number))
    return found["before"] if found is not None and is_of else None
