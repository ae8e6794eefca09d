"""The invariant of freezes, beside those of ``invariants.py``: under a freeze nothing goes forward.

A look that had read the freezes just before one was made may still take its step. What a person overrode, whatever
somebody else did to the alias, and what another release decided is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from controller.aws.dynamodb.items import from_item
from controller.aws.dynamodb.rows import FREEZES, read_freezes
from controller.core.model import Deployment, Entry
from controller.core.model.freezes import Freeze
from tests.cloud.snapshot import Seen

_GOES_FORWARD = re.compile(r"SHIFTING: |BAKING: |step \d+: ")
_ALREADY_LOOKED = timedelta(minutes=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


def nothing_goes_forward_under_a_freeze(seen: Seen) -> Iterator[str]:
    """(p) While a freeze is in force no deployment that it covers gets its first percent, a step or all traffic."""
    row = seen.cloud.table.rows.get((FREEZES, "newest"))
    if row is None:
        return
    known = read_freezes(from_item(row))
    periods = [
        *((each, each.until or _NEVER) for each in known.freezes),
        *((each.freeze, each.at) for each in known.lifted),
    ]
    for freeze, ended in periods:
        for deployment in (each for made in seen.deployments.values() for each in made if _obeys(seen, each, freeze)):
            for entry in deployment.timeline:
                if _is_forward(entry) and freeze.since + _ALREADY_LOOKED < entry.at < ended:
                    yield f"{deployment} went forward under the {freeze.in_words()}: {entry.text}"


def _obeys(seen: Seen, deployment: Deployment, freeze: Freeze) -> bool:
    is_theirs = any(entry.text.startswith("somebody else made") for entry in deployment.timeline)
    is_overridden = freeze.identity in deployment.hold.freeze_wait.overridden
    free = is_theirs or is_overridden or str(deployment) in seen.decided
    return freeze.scope.covers(deployment.target) and not free


def _is_forward(entry: Entry) -> bool:
    return _GOES_FORWARD.match(entry.text) is not None
