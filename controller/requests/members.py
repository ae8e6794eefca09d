"""Reads the members of a request that the schema has checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

from controller.core.model import Person, Target
from controller.core.model.events import ArtifactUploaded
from controller.requests import Unmet

Payload = Mapping[str, object]
MAX_QUOTED = 80
"""The length to quote of a person's text, which may be any."""
_OF_A_TARGET = ("function", "alias", "deployment")
_NAMED = re.compile(
    r"(?P<arn>arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:)?(?P<function>[A-Za-z0-9_-]{1,64})"
    r"(?::(?P<alias>[A-Za-z0-9_-]{1,100})(?:#(?P<number>[1-9][0-9]{0,9}))?)?"
)
"""A target or deployment as Slipway prints it, or Lambda's ARN of a function or alias."""
_SCHEMA_FILE = Path(__file__).parents[1] / "slipway.request.schema.json"


def as_meant(payload: Payload, function_arn: str) -> Payload:
    """Returns the request with its target taken apart: {"function": "checkout", "alias": "live", "deployment": 5}.

    ``function_arn`` is the beginning of the ARNs of this account and Region, empty if unknown. Raises Unmet for another
    account's, and for members that contradict each other.
    """
    meant = {name: value for name, value in payload.items() if name not in _OF_A_TARGET}
    for member in _OF_A_TARGET:
        for name, value in _said_by(member, payload.get(member), function_arn):
            if meant.setdefault(name, value) != value:
                raise Unmet(f"{member}: found {payload[member]}, but the {name} named before is {meant[name]}")
    return meant


def _said_by(member: str, value: object, function_arn: str) -> Iterator[tuple[str, object]]:
    """Yields the parts of a target that one member names."""
    if value is None:
        return
    if isinstance(value, int | float):
        yield member, int(value)  # JSON Schema takes 1.0 for an integer, too
        return
    named = None if member == "alias" else _NAMED.fullmatch(str(value))
    if named is None:
        yield member, value
        return
    if function_arn and named["arn"] not in (None, function_arn):
        raise Unmet(f"{member}: found {value}, allowed: the functions of this account and Region, {function_arn}...")
    if named["alias"] and named["alias"].isdecimal():
        raise Unmet(f"{member}: found {value}, allowed: an alias, not version {named['alias']}")
    yield "function", named["function"]
    if named["alias"]:
        yield "alias", named["alias"]
    if named["number"]:
        yield "deployment", int(named["number"])


def uploaded(payload: Payload, now: datetime) -> ArtifactUploaded:
    """Returns the object that a person asks to deploy, or to plan."""
    version = payload.get("version")
    return ArtifactUploaded(
        bucket=str(payload["bucket"]),
        key=str(payload["key"]),
        version_id=str(version) if version else None,
        sequencer="",
        happened_at=now,
        by_request=True,
        lift_quarantine=payload.get("lift_quarantine") is True,
        person=person(payload),
    )


def whole(text: str) -> str:
    """Returns the text without half characters: JSON may contain one, the UTF-8 of an answer cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def step(payload: Payload) -> int | None:
    """Returns the step to approve or deny, None if not given."""
    found = payload.get("step")
    # JSON Schema takes 1.0 for an integer, too.
    return None if found is None else int(cast("int", found))


def moment(payload: Payload, name: str) -> datetime | None:
    """Returns a time of the request in UTC, None if not given.

    The schema has checked its form; raises Unmet for a day that does not exist.
    """
    text = payload.get(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise Unmet(f'{name}: found "{text}", allowed: a time that exists, as 2026-11-24T10:00:00Z') from problem


def person(payload: Payload) -> Person:
    """Returns who asks, and why."""
    return Person(str(payload.get("who", "")), str(payload.get("why", "")))


def number_of(named: object, target: Target) -> int:
    """Returns the number of a deployment named as it is printed: 4, or "checkout:live#4". Raises Unmet for a deployment
    of another target.
    """
    if not isinstance(named, str):
        return int(cast("int", named))
    of, _, number = named.rpartition("#")
    if of not in ("", str(target)):
        raise Unmet(f"{named} is a deployment of {of}, and the request is about {target}")
    return int(number)


def named(text: object) -> tuple[Target, int]:
    """Returns the target and the number of a deployment named as it is printed: "checkout:live#4". Raises Unmet for a
    number alone.
    """
    found = _NAMED.fullmatch(str(text))
    if found is None or not found["number"]:
        raise Unmet(f"found {text}, allowed: a deployment as it is printed, as checkout:live#5")
    return Target(found["function"], found["alias"]), int(found["number"])


@cache
def schema() -> object:
    """Returns the JSON Schema of a request, as shipped."""
    return json.loads(_SCHEMA_FILE.read_text("utf-8"))
