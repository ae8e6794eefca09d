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
from viewer.page.seen import Deployment, Seen, Told

_WHOLE = 5
"""Deployments that are shown whole at most, and targets whose quarantine is."""
Answering = Callable[[Mapping[str, object]], Mapping[str, object]]


def asked(answering: Answering, chosen: str, now: datetime) -> Seen:
    """Returns what is to be seen. ``chosen`` is a target that is shown whole first, empty for none."""
    found = seen.seen(Part(answering({"request": "status"})), now)
    first = sorted(found.opened, key=lambda each: each.target != chosen)
    whole = tuple(_whole(answering, each) for each in first[:_WHOLE])
    back = (each.target for each in found.ended if each.phase == "ROLLED_BACK")
    targets = list(dict.fromkeys([*(each.target for each in whole), *back]))[:_WHOLE]
    quarantine = tuple(told for target in targets for told in _quarantine(answering, target))
    return replace(found, opened=(*whole, *first[_WHOLE:]), quarantine=quarantine)


def _whole(answering: Answering, each: Deployment) -> Deployment:
    request = {"request": "show", "function": each.function, "alias": each.alias, "deployment": each.number}
    full = Part(answering(request)).part("deployment")
    return replace(seen.deployment(full), details=seen.details(full)) if full else each


def _quarantine(answering: Answering, target: str) -> tuple[Told, ...]:
    function, _, alias = target.partition(":")
    answer = Part(answering({"request": "quarantine", "function": function, "alias": alias}))
    return tuple(map(seen.quarantined, answer.parts("quarantined")))
