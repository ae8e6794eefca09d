"""The nouns: deployment, artifact, target, routing, observation, events, effects and outcomes.

Rules of the folder:

- everything is frozen; a change is a new value made with ``dataclasses.replace``;
- illegal values cannot be built: ``__post_init__`` refuses them.
"""

from __future__ import annotations

from controller.core.model.deployment import Approval, CarriedOut, Deployment, Entry, Milestone, Notice, TestOutcome
from controller.core.model.errors import Conflict, GivesWay, NotYet, Outage, Refused, SlipwayError, Throttled, Transient
from controller.core.model.moment import span, written
from controller.core.model.person import NOBODY, Person
from controller.core.model.phase import MAX_REASON_LENGTH, Cause, Phase, Reason, cause_of
from controller.core.model.target import ALIAS_NAME, ALL, FUNCTION_NAME, Alias, Artifact, Routing, Target, percent

__all__ = [
    "ALIAS_NAME",
    "ALL",
    "FUNCTION_NAME",
    "MAX_REASON_LENGTH",
    "NOBODY",
    "Alias",
    "Approval",
    "Artifact",
    "CarriedOut",
    "Cause",
    "Conflict",
    "Deployment",
    "Entry",
    "GivesWay",
    "Milestone",
    "NotYet",
    "Notice",
    "Outage",
    "Person",
    "Phase",
    "Reason",
    "Refused",
    "Routing",
    "SlipwayError",
    "Target",
    "TestOutcome",
    "Throttled",
    "Transient",
    "cause_of",
    "percent",
    "span",
    "written",
]
