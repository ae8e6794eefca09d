"""The states of the alarms of many deployments, read at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from controller.aws.dynamodb.store import Due
from controller.context import Context
from controller.core.model import Refused, Transient
from controller.core.model.observation import AlarmState

States = Mapping[str, AlarmState] | None
"""By the alarms' names; None if they cannot be read, and then each look reads its own."""


def read(context: Context, rows: Iterable[Due]) -> States:
    """Returns the states of all alarms of these deployments."""
    names = {name for row in rows for name in row.alarms}
    try:
        return context.aws.alarms.states(names)
    except (Transient, Refused):
        return None
