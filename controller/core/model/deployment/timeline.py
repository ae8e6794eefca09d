"""A deployment's timeline and notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.model.deployment import Deployment, Entry, Notice
from controller.core.model.person import NOBODY, Person

_MAX_TIMELINE = 300


def say(deployment: Deployment, now: datetime, text: str, person: Person = NOBODY) -> Deployment:
    """Returns the deployment with a notice to send, and the same line in the timeline. ``person`` asked for it."""
    books = deployment.bookkeeping
    outbox = (*books.outbox, Notice(now, deployment.phase, text, person))
    return log(replace(deployment, bookkeeping=replace(books, outbox=outbox)), now, text)


def log(deployment: Deployment, now: datetime, text: str) -> Deployment:
    """Returns the deployment with one more line in the timeline; a long timeline loses its oldest lines."""
    timeline = (*deployment.timeline, Entry(now, text))[-_MAX_TIMELINE:]
    return replace(deployment, bookkeeping=replace(deployment.bookkeeping, timeline=timeline))
