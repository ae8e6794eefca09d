"""The modes of a deployment within its phase, each with a name, its phases and a rule.

A deployment may be in several modes at once: paused, in a step whose alias somebody else moved. ``held_by`` says why a
deployment does not go on, ``reason`` why it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from controller.core.model.deployment import Deployment
from controller.core.model.phase import Phase


class Mode(Enum):
    """A state inside a phase."""

    QUEUED = "queued"
    CLEANING_UP = "cleaning_up"
    PAUSED = "paused"
    FROZEN = "frozen"
    """``on_failure: freeze`` has stopped it, and a person decides."""
    UNDER_FREEZE = "under_freeze"
    """It would go forward, and a freeze of its target forbids it."""
    DRIFTED = "drifted"
    UNREADABLE = "unreadable"
    UNCONFIRMED = "unconfirmed"
    IN_DOUBT = "in_doubt"
    AWAITING_APPROVAL = "awaiting_approval"
    CLOSING = "closing"
    ASLEEP = "asleep"


_BEFORE, _TRAFFIC = (Phase.PREPARING, Phase.TESTING), (Phase.SHIFTING, Phase.BAKING)


def _is_cleaning_up(deployment: Deployment) -> bool:
    """Is the deployment restoring its changes before its end? In a rollback, after the alias was seen back."""
    is_back = deployment.phase is Phase.ROLLING_BACK and deployment.traffic.confirmed_at is not None
    return deployment.failing is not None or is_back


def _is_under_freeze(deployment: Deployment) -> bool:
    return deployment.hold.freeze_wait.since is not None and deployment.failing is None


_Rule = tuple[tuple[Phase, ...], Callable[[Deployment], bool]]
RULES: Mapping[Mode, _Rule] = {
    Mode.QUEUED: ((Phase.PREPARING,), lambda each: each.hold.queued),
    Mode.CLEANING_UP: ((*_BEFORE, Phase.ROLLING_BACK), _is_cleaning_up),
    Mode.PAUSED: ((*_BEFORE, *_TRAFFIC), lambda each: each.hold.paused and not each.hold.frozen),
    Mode.FROZEN: (_TRAFFIC, lambda each: each.hold.frozen is not None),
    Mode.UNDER_FREEZE: ((*_BEFORE, Phase.SHIFTING), _is_under_freeze),
    Mode.DRIFTED: ((*_TRAFFIC, Phase.ROLLING_BACK), lambda each: bool(each.traffic.drift)),
    Mode.UNREADABLE: ((Phase.TESTING, *_TRAFFIC), lambda each: each.evidence.unreadable_since is not None),
    Mode.UNCONFIRMED: ((*_TRAFFIC, Phase.ROLLING_BACK), lambda each: each.traffic.confirmed_at is None),
    Mode.IN_DOUBT: ((Phase.SHIFTING,), lambda each: each.hold.doubts > 0),
    Mode.AWAITING_APPROVAL: (
        (Phase.TESTING, Phase.SHIFTING),
        lambda each: each.hold.approval is not None and not each.hold.approval.given,
    ),
    Mode.CLOSING: ((Phase.BAKING,), lambda each: each.traffic.closing),
    Mode.ASLEEP: ((Phase.ROLLING_BACK, Phase.ROLLED_BACK), lambda each: bool(each.traffic.asleep)),
}


def modes(deployment: Deployment) -> tuple[Mode, ...]:
    """Returns a deployment's modes, in the order above; usually none."""
    return tuple(mode for mode, (phases, is_in) in RULES.items() if deployment.phase in phases and is_in(deployment))


def of_phase(phase: Phase) -> tuple[Mode, ...]:
    """Returns the possible modes of a phase."""
    return tuple(mode for mode, (phases, _) in RULES.items() if phase in phases)
