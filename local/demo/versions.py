"""The function of the demo, in five versions, and the zips that are dropped: code and manifest together.

It adds up an order and takes off what a coupon gives. v3 is bad the way real releases are: it works, and passes its
test, until a customer comes with a coupon that its new table has forgotten. 30 % of the traffic brings that coupon.
v5 is bad for few: it thanks customers by name, and 4 % of them are guests. That is too little for a deployment's own
alarm and enough for the error gate. One order in a hundred is empty, and every version before v4 raises on it: where
both versions fail, that is no evidence against either.

Note: zips of the same files differ by the time in them. These do not, so dropping v3 again is dropping the very same
bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from local.package import python_runtime

FUNCTION = "checkout"
ALIAS = "live"
COUPON = "SPRING"
STEPS = (20, 50)
"""The share of a new version, in percent, step by step; after the last it gets everything."""
HOLD = "4s"
LONG_STEPS = (65,)
LONG_HOLD = "1m"
"""For the release that only the error gate finds: longer than it takes, and at a weight at which so few errors, spread
evenly, never look like many to the alarm.
"""
BAKE = "5s"

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name."""


Order = Mapping[str, Any]


def _is_empty(order: Order) -> bool:
    return "lines" not in order


@dataclass(frozen=True, slots=True)
class Release:
    """What is dropped: a name, what it does in a sentence, ``app.py``, which orders it raises on, how it shifts, and
    the team's own alarms on it.
    """

    name: str
    does: str
    source: str
    fails: Callable[[Order], bool] = _is_empty
    steps: tuple[int, ...] = STEPS
    hold: str = HOLD
    bake: str = BAKE
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
    lambda order: _is_empty(order) or "coupon" in order,
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
    lambda _: False,
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
    lambda order: "name" not in order,
    LONG_STEPS,
    LONG_HOLD,
)
RELEASES = (V1, V2, V3, V4, V5)
"""In the order of the versions that they are published as."""


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


def asked(number: int) -> Order:
    """Returns what the ``number``-th customer asks for: three of ten bring the coupon, one of 25 is a guest and has no
    name, one of a hundred orders nothing.
    """
    order: dict[str, Any] = {}
    if number % 100 != 57:
        order["lines"] = [{"price": 250, "count": 1 + number % 4}]
    if number % 25 != 4:
        order["name"] = "Ada"
    if number % 10 < 3:
        order["coupon"] = COUPON
    return order


def order(number: int) -> bytes:
    """Returns the payload of that order."""
    return json.dumps(asked(number)).encode()


def must_fail(version: str, number: int) -> bool:
    """Is the ``number``-th order one that the version raises on?"""
    return RELEASES[int(version) - 1].fails(asked(number))
