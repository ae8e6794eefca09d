"""Asks what the page shows: everything in short, and the deployments that need a person most whole.

A deployment that is shown whole costs a read of its alias, and all functions of the account share fifteen such calls a
second. So there are few of them, and a link leads to any other one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from viewer.page import seen
from viewer.page.answer_parts import Part
from viewer.page.seen import Deployment, Seen

_WHOLE = 5
"""Deployments that are shown whole at most."""
Answering = Callable[[Mapping[str, object]], Mapping[str, object]]


def asked(answering: Answering, chosen: str, now: datetime) -> Seen:
    """Returns what is to be seen. ``chosen`` is a target that is shown whole first, empty for none."""
    found = seen.seen(Part(answering({"request": "status"})), now)
    first = sorted(found.opened, key=lambda each: each.target != chosen)
    whole = tuple(_whole(answering, each) for each in first[:_WHOLE])
    return replace(found, opened=(*whole, *first[_WHOLE:]))


def _whole(answering: Answering, each: Deployment) -> Deployment:
    found = Part(answering({"request": "status", "function": each.function, "alias": each.alias}))
    full = found.part("open") or found.part("deployment")
    return replace(seen.deployment(full), details=seen.details(full)) if full else each
