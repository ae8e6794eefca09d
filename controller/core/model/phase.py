"""A deployment's phase, and the reason of its end.

Note: the cause of an end is its ``Reason``, never another phase.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from controller.core.model.person import NOBODY, Person, one_line

MAX_REASON_LENGTH = 2_000
_MAX_END = 400
_CUT = " ... "


class Phase(Enum):
    PREPARING = "PREPARING"
    TESTING = "TESTING"
    SHIFTING = "SHIFTING"
    BAKING = "BAKING"
    ROLLING_BACK = "ROLLING_BACK"
    SUCCEEDED = "SUCCEEDED"
    ROLLED_BACK = "ROLLED_BACK"
    FAILED = "FAILED"

    @property
    def is_terminal(self) -> bool:
        """Is the deployment over?"""
        return self in (Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.FAILED)

    @property
    def is_before_traffic(self) -> bool:
        """Is the canary version still being made or tested?"""
        return self in (Phase.PREPARING, Phase.TESTING)

    @property
    def serves(self) -> bool:
        """May the canary version be getting traffic, so that a rollback makes sense?"""
        return self in (Phase.SHIFTING, Phase.BAKING)


class Cause(Enum):
    """Why a deployment ended, or is about to end."""

    PROMOTED = "promoted"
    UNCHANGED = "unchanged"
    ALARM = "alarm"
    REQUESTED = "requested"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    DEADLINE = "deadline"
    NO_TRAFFIC = "no_traffic"
    ALARMS_UNREADABLE = "alarms_unreadable"
    TEST_FAILED = "test_failed"
    QUARANTINED = "quarantined"
    BAD_ARTIFACT = "bad_artifact"
    BAD_MANIFEST = "bad_manifest"
    PREFLIGHT = "preflight"
    PUBLISH_FAILED = "publish_failed"
    DRIFT = "drift"
    ERRORS = "errors"
    LATENCY = "latency"
    TIMEOUTS = "timeouts"
    THROTTLES = "throttles"
    METRICS = "metrics"
    NO_DATA = "no_data"
    HOOK = "hook"
    HOOK_SILENT = "hook_silent"
    DENIED = "denied"
    UNANSWERED = "unanswered"
    """Nobody approved or denied in time; unlike a denial this says nothing about the bytes."""
    DRILL = "drill"
    """The way back was rehearsed; this says nothing about the bytes either."""
    OTHER = "other"
    """A cause of another release of Slipway, unknown to this one."""


def cause_of(word: str) -> Cause:
    return Cause(word) if word in {cause.value for cause in Cause} else Cause.OTHER


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason of an end: a word for programs and a sentence for people.

    A text may quote anything. Unprintable characters become escapes, so that the text is one line. A long text is cut
    in its middle, because a record and a notice hold it several times, and because its end says what to do next.
    ``person`` asked for it, and is nobody if the reason is no person's.
    """

    cause: Cause
    text: str
    person: Person = NOBODY

    def __post_init__(self) -> None:
        text = one_line(self.text)
        if len(text) > MAX_REASON_LENGTH:
            text = f"{text[: MAX_REASON_LENGTH - len(_CUT) - _MAX_END]}{_CUT}{text[-_MAX_END:]}"
        object.__setattr__(self, "text", text)
