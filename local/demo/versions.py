"""The function of the demo, in four versions, and the zips that are dropped: code and manifest together.

It adds up an order and takes off what a coupon gives. v3 is bad the way real releases are: it works, and passes its
test, until a customer comes with a coupon that its new table has forgotten. 30 % of the traffic brings that coupon.

What a newcomer would get wrong: zips of the same files differ by the time in them. These do not, so dropping v3 again
is dropping the very same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from textwrap import dedent

from local.package import python_runtime

FUNCTION = "checkout"
ALIAS = "live"
COUPON = "SPRING"
STEPS = (20, 50)
"""The share of a new version, in percent, step by step; after the last it gets everything."""
HOLD = "4s"
BAKE = "5s"

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name."""


@dataclass(frozen=True, slots=True)
class Release:
    """What is dropped: a name, what it does in a sentence, and ``app.py``."""

    name: str
    does: str
    source: str


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
    "has the new table with SPRING in it",
    """
    COUPONS = {"SPRING": 10, "SUMMER": 15, "AUTUMN": 20}


    def handler(order, context):
        total = sum(line["price"] * line["count"] for line in order["lines"])
        percent = COUPONS[order["coupon"]] if "coupon" in order else 0
        return {"total": total * (100 - percent) // 100}
    """,
)


def artifact(release: Release, role: str) -> bytes:
    """Returns the zip of a release, the same bytes every time. ``role`` is the ARN that the function runs with."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in (("app.py", dedent(release.source).lstrip()), ("slipway.json", manifest(role))):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), text)
    return buffer.getvalue()


def manifest(role: str) -> str:
    """Returns the ``slipway.json`` of every release."""
    document = {
        "alias": ALIAS,
        "strategy": {"steps": [{"weight": weight, "hold": HOLD} for weight in STEPS], "bake": BAKE},
        "gates": {"min_invocations": 5, "no_traffic": {"wait": "30s", "then": "rollback"}},
        "tests": [
            {
                "name": "adds up",
                "payload": {"lines": [{"price": 250, "count": 2}]},
                "response": {"type": "object", "required": ["total"], "properties": {"total": {"const": 500}}},
                "within": "3s",
            }
        ],
        "function": {"Runtime": python_runtime(), "Handler": "app.handler", "Role": role},
    }
    return json.dumps(document, indent=2)


def order(number: int) -> bytes:
    """Returns the order of the ``number``-th customer; three of every ten bring the coupon."""
    coupon = {"coupon": COUPON} if number % 10 < 3 else {}
    return json.dumps({"lines": [{"price": 250, "count": 1 + number % 4}], **coupon}).encode()
