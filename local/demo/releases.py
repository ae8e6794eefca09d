"""The function of the demo: its five releases, what customers order of it, and the six zips that are dropped.

It adds up an order and takes off what a coupon gives. v3 is bad the way real releases are: it works, and passes its
test, until a customer comes with a coupon that its new table has forgotten. 30 % of the traffic brings that coupon.
v5 is bad for few: it thanks customers by name, and 4 % of them are guests. That is too little for a deployment's own
alarm and enough for the error gate. One order in a hundred is empty, and every version before v4 raises on it: errors
of both versions are no evidence against either.

Note: zips of the same files differ by the time in them. These do not, so dropping v3 again is dropping the very same
bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from local.package import python_runtime

FUNCTION = "checkout"
ALIAS = "live"

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name."""


@dataclass(frozen=True, slots=True)
class Release:
    """A name, what the release does in a sentence, ``app.py``, how it shifts, and the team's own alarms on it."""

    name: str
    does: str
    source: str
    steps: tuple[int, ...] = (20, 50)
    hold: str = "4s"
    bake: str = "5s"
    alarms: tuple[str, ...] = ()


V1 = Release(
    "v1",
    "adds up orders",
    """
    def handler(order, context):
        return {"total": sum(line["price"] * line["count"] for line in order["lines"])}
    """,
)
V2 = Release(
    "v2",
    "takes coupons",
    """
    COUPONS = {"SPRING": 10}


    def handler(order, context):
        total = sum(line["price"] * line["count"] for line in order["lines"])
        percent = COUPONS.get(order.get("coupon"), 0)
        return {"total": total * (100 - percent) // 100}
    """,
)
V3 = Release(
    "v3",
    "has a new table of coupons, which lacks SPRING",
    """
    COUPONS = {"SUMMER": 15, "AUTUMN": 20}


    def handler(order, context):
        total = sum(line["price"] * line["count"] for line in order["lines"])
        percent = COUPONS[order["coupon"]] if "coupon" in order else 0
        return {"total": total * (100 - percent) // 100}
    """,
)
V4 = Release(
    "v4",
    "has the new table with SPRING in it, and takes empty orders",
    """
    COUPONS = {"SPRING": 10, "SUMMER": 15, "AUTUMN": 20}


    def handler(order, context):
        total = sum(line["price"] * line["count"] for line in order.get("lines", ()))
        percent = COUPONS[order["coupon"]] if "coupon" in order else 0
        return {"total": total * (100 - percent) // 100}
    """,
)
V5 = Release(
    "v5",
    "thanks customers by name, and guests have none",
    """
    COUPONS = {"SPRING": 10, "SUMMER": 15, "AUTUMN": 20}


    def handler(order, context):
        total = sum(line["price"] * line["count"] for line in order.get("lines", ()))
        percent = COUPONS[order["coupon"]] if "coupon" in order else 0
        return {"total": total * (100 - percent) // 100, "says": "Thank you, " + order["name"]}
    """,
    (65,),
    # Longer than the error gate takes, and at a weight at which errors so few and so evenly spread never look like many
    # to the alarm.
    "1m",
)


@dataclass(frozen=True, slots=True)
class Drop:
    """A zip and its key, and how its deployment must end: as which version (None: none is published), how and why."""

    release: Release
    file: str
    title: str
    version: str | None
    phase: str
    cause: str


DROPS = (
    Drop(V1, "v1.zip", "v1, where nothing is yet", "1", "SUCCEEDED", "promoted"),
    Drop(V2, "v2.zip", "v2, good", "2", "SUCCEEDED", "promoted"),
    Drop(V3, "v3.zip", "v3, bad", "3", "ROLLED_BACK", "alarm"),
    Drop(V4, "v4.zip", "v4, good again", "4", "SUCCEEDED", "promoted"),
    Drop(V5, "v5.zip", "v5, bad for few", "5", "ROLLED_BACK", "errors"),
    Drop(V3, "v3-again.zip", "the bytes of v3, under another name", None, "FAILED", "quarantined"),
)


def artifact(release: Release, role: str) -> bytes:
    """Returns the zip of a release, the same bytes every time. ``role`` is the ARN that the function runs with."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in (("app.py", dedent(release.source).lstrip()), ("slipway.json", manifest(release, role))):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.external_attr = 0o100644 << 16  # Lambda reads as another user, and zipfile's own is 0600
            archive.writestr(entry, text)
    return buffer.getvalue()


def manifest(release: Release, role: str) -> str:
    """Returns the ``slipway.json`` of a release."""
    document = {
        "alias": ALIAS,
        "strategy": {
            "steps": [{"weight": weight, "hold": release.hold} for weight in release.steps],
            "bake": release.bake,
        },
        "gates": {
            "alarms": release.alarms,
            "min_invocations": 5,
            "no_traffic": {"wait": "30s", "then": "rollback"},
        },
        "tests": [
            {
                "name": "adds up",
                "payload": {"lines": [{"price": 250, "count": 2}], "name": "Ada"},
                "response": {"type": "object", "required": ["total"], "properties": {"total": {"const": 500}}},
                "within": "3s",
            }
        ],
        "function": {"Runtime": python_runtime(), "Handler": "app.handler", "Role": role},
    }
    return json.dumps(document, indent=2)


def order(number: int) -> bytes:
    """Returns the ``number``-th customer's order. Three of ten bring the coupon, one of 25 is a guest without a name,
    one of a hundred orders nothing.
    """
    made: dict[str, Any] = {}
    if number % 100 != 57:
        made["lines"] = [{"price": 250, "count": 1 + number % 4}]
    if number % 25 != 4:
        made["name"] = "Ada"
    if number % 10 < 3:
        made["coupon"] = "SPRING"
    return json.dumps(made).encode()
