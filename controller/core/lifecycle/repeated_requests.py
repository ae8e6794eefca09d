"""Whether a request was carried out before: clients and Lambda repeat requests.

The AWS CLI and the SDKs invoke again without an answer within 60 seconds, at most four times. Lambda delivers an
asynchronous invocation at least once, and keeps it for six hours. Sources: AWS CLI user guide, retries and
--cli-read-timeout; Lambda developer guide, asynchronous invocation, 2026-11.

Rules of the file:

- requests with the same ``id`` are the same; without an ``id``, requests whose members are all equal. ``who`` and
  ``why`` do not count, so two people who promote in the same minute do not end the bake;
- without an ``id`` an equal request is new after ten minutes, as is a ``deploy`` whose first try ended as FAILED;
- ``pause`` and ``rollback`` without an ``id`` are always new: they only hold, or roll back, and a person in trouble
  sends them as often as it takes. A ``rollback`` to a chosen version is no such request.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.core.model import NOBODY, CarriedOut, Cause, Deployment, Person, Phase, span

REPEAT_WINDOW = timedelta(minutes=10)
"""By then a client without an answer has sent its last request."""
_REMEMBERED = timedelta(hours=6)
_MAX_REMEMBERED = 20
"""The number of requests that a deployment remembers."""
_ALWAYS_NEW = ("pause", "rollback")
_OR = {
    "promote": ', or, to end the bake, with "phase": "BAKING"',
    "next": ", or with the step you mean",
    "approve": ", or with the step you mean",
    "deny": ", or with the step you mean",
}


@dataclass(frozen=True, slots=True)
class Repeat:
    """The deployment that carried the request out, and when."""

    deployment: Deployment
    at: datetime


def mark(payload: Mapping[str, object]) -> str:
    """Returns the identity of a request, equal for its repetition: ``{"id": "one", "request": "promote"}``."""
    names = ("request", "id") if "id" in payload else payload.keys() - {"who", "why"}
    return json.dumps({name: payload[name] for name in names}, sort_keys=True)


def word_of(request: CarriedOut) -> str | None:
    """Returns the name of a remembered request, None if another release wrote its mark otherwise."""
    try:
        return str(json.loads(request.mark)["request"])
    except (KeyError, TypeError, ValueError):
        return None


def noted(deployment: Deployment, of_request: str, now: datetime, person: Person = NOBODY) -> Deployment:
    """Returns the deployment with a carried-out request remembered."""
    books = deployment.bookkeeping
    carried_out = (*books.carried_out, CarriedOut(of_request, now, person))[-_MAX_REMEMBERED:]
    return replace(deployment, bookkeeping=replace(books, carried_out=carried_out))


def may_repeat(payload: Mapping[str, object]) -> bool:
    """Can the request be a repetition? If not, nobody has to look."""
    return "id" in payload or payload["request"] not in _ALWAYS_NEW or chooses(payload)


def chooses(payload: Mapping[str, object]) -> bool:
    """Is it a rollback to a version that the person chose?"""
    return "to" in payload or "to_version" in payload


def window(payload: Mapping[str, object]) -> timedelta:
    """Returns how long a request of this kind counts as a repetition, where no deployment remembers it."""
    return _REMEMBERED if "id" in payload else REPEAT_WINDOW


def find(deployments: Iterable[Deployment], payload: Mapping[str, object], now: datetime) -> Repeat | None:
    """Returns where and when the request was carried out already, None for a new one."""
    if not may_repeat(payload):
        return None
    sought = mark(payload)
    found = (Repeat(deployment, each.at) for deployment in deployments for each in deployment.bookkeeping.carried_out
             if each.mark == sought)  # fmt: skip
    return next((each for each in found if now - each.at < _lasts(payload, each.deployment)), None)


def is_just_back(newest: Deployment, payload: Mapping[str, object], now: datetime) -> bool:
    """Was the newest deployment rolled back minutes ago, and may this ``rollback`` mean the same rollback?"""
    if newest.phase is not Phase.ROLLED_BACK or now - newest.phase_since >= REPEAT_WINDOW:
        return False
    # A rollback by the alias alone, with the record out of reach, has not noted its request's id.
    return "id" not in payload or _by_an_unknown_request(newest)


def in_words(repeat: Repeat, payload: Mapping[str, object], now: datetime) -> str:
    """Says that nothing is done twice, and how to ask for another time."""
    said = f"{repeat.deployment} did this {span(now - repeat.at)} ago, so nothing more is done now"
    if "id" in payload:
        return f"{said}; give another request another id"
    return f"{said}; to have it done once more, send it with an id{_OR.get(str(payload['request']), '')}"


def back_in_words(newest: Deployment, now: datetime) -> str:
    """Says that traffic is back already, and how to go back further."""
    ago = now - newest.phase_since
    said = f"{newest} went back to version {newest.stable} {span(ago)} ago, so nothing more is done now"
    when = f"in {span(REPEAT_WINDOW - ago)}" if _by_an_unknown_request(newest) else "with an id"
    return f"{said}; to go back further, send rollback {when}"


def _by_an_unknown_request(newest: Deployment) -> bool:
    is_asked = newest.reason is not None and newest.reason.cause is Cause.REQUESTED
    return is_asked and all(each.at != newest.traffic.turned_back_at for each in newest.bookkeeping.carried_out)


def _lasts(payload: Mapping[str, object], deployment: Deployment) -> timedelta:
    # A promote with a deployment's number is meant for the phase in which it was first sent, not for the next.
    if "id" in payload or (payload["request"] == "promote" and "deployment" in payload):
        return _REMEMBERED
    is_over = payload["request"] == "deploy" and deployment.phase is Phase.FAILED
    return timedelta() if is_over else REPEAT_WINDOW
