"""Which ends of a deployment quarantine its bytes, so that the same zip is refused afterwards; and the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from controller.core.model import Cause, Deployment, Milestone, Reason

_AGAINST_THE_BYTES = (
    Cause.ALARM, Cause.REQUESTED, Cause.ERRORS, Cause.METRICS, Cause.LATENCY, Cause.TIMEOUTS, Cause.HOOK,
    Cause.DENIED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lifted:
    """When a quarantine was lifted, and by whom."""

    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Bytes that were rolled back: ``by`` is the deployment, "checkout:live#3", and ``key`` its zip's.

    ``key`` is empty in rows of earlier releases.
    """

    sha256: str
    by: str
    at: datetime
    reason: Reason
    key: str = ""
    lifted: Lifted | None = None
    """None while the bytes are refused."""


def quarantines(deployment: Deployment) -> bool:
    """Should the bytes be refused from now on?"""
    # Only a cause that speaks against the bytes counts: not superseding, missing traffic or the deadline, nor an own
    # alarm that had nothing to compare with.
    # A drill's bytes are those that serve.
    if deployment.drill or is_own_alarms_word_alone(deployment):
        return False
    return (
        deployment.versions.sha256 is not None
        and spoken_against(deployment)
        and Milestone.QUARANTINED not in deployment.done
    )


def is_own_alarms_word_alone(deployment: Deployment) -> bool:
    """Did the own alarm fire while the stable version's error rate was unknown?"""
    before, reason = deployment.evidence.stable_before, deployment.reason
    knows_enough = before.is_enough if before else Milestone.ALARM_AT_PROMOTION not in deployment.done
    if knows_enough or reason is None or reason.cause is not Cause.ALARM or not reason.text:
        return False
    # The alias's description may have cut the text.
    return f"alarm {deployment.alarms.own} is firing".startswith(reason.text)


def spoken_against(deployment: Deployment) -> bool:
    """Did the deployment end for a cause that may be the bytes' fault?"""
    return deployment.reason is not None and deployment.reason.cause in _AGAINST_THE_BYTES
