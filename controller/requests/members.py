"""Reads the members of a request that the schema has checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

from controller.core.model import Target
from controller.core.model.events import ArtifactUploaded
from controller.requests import Unmet

Payload = Mapping[str, object]
MAX_QUOTED = 80
"""The length to quote of a person's text, which may be any."""
_SCHEMA_FILE = Path(__file__).parents[1] / "slipway.request.schema.json"


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


def words(payload: Payload) -> tuple[str, str]:
    """Returns the person's name and reason."""
    return str(payload.get("who", "")), str(payload.get("why", ""))


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


@cache
def schema() -> object:
    """Returns the JSON Schema of a request, as shipped."""
    return json.loads(_SCHEMA_FILE.read_text("utf-8"))
