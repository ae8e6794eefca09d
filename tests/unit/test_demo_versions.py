"""The demo's releases are what the story says: the same bytes every time, and only v3 is bad."""

from __future__ import annotations

import io
import json
import zipfile
from textwrap import dedent

import pytest

from controller.core import manifest
from local.demo.versions import STEPS, V1, V2, V3, V4, Release, artifact, order

ROLE = "arn:aws:iam::123456789012:role/slipway-demo"
ORDERS = [json.loads(order(number)) for number in range(10)]


def total(release: Release, asked: object) -> object:
    """Runs a release's handler on an order."""
    namespace: dict[str, object] = {}
    exec(dedent(release.source), namespace)  # noqa: S102 - the demo's own code
    handler = namespace["handler"]
    assert callable(handler)
    return handler(asked, None)["total"]


def content(release: Release, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(artifact(release, ROLE))) as archive:
        return archive.read(name).decode()


def test_a_release_is_the_same_bytes_every_time() -> None:
    assert artifact(V3, ROLE) == artifact(V3, ROLE)


def test_every_release_is_of_bytes_of_its_own() -> None:
    assert len({artifact(release, ROLE) for release in (V1, V2, V3, V4)}) == 4


@pytest.mark.parametrize("release", [V1, V2, V3, V4])
def test_the_manifest_in_the_zip_is_one_that_slipway_takes(release: Release) -> None:
    taken = manifest.parse(("slipway.json", content(release, "slipway.json")))
    assert taken.can_create
    assert tuple(step.weight for step in taken.strategy.steps) == tuple(weight * 100 for weight in STEPS)


@pytest.mark.parametrize("release", [V1, V2, V3, V4])
def test_every_release_passes_its_test(release: Release) -> None:
    (test,) = json.loads(content(release, "slipway.json"))["tests"]
    assert total(release, test["payload"]) == test["response"]["properties"]["total"]["const"]


def test_three_of_ten_orders_bring_the_coupon() -> None:
    assert sum("coupon" in asked for asked in ORDERS) == 3


@pytest.mark.parametrize("release", [V1, V2, V4])
def test_a_good_release_adds_up_every_order(release: Release) -> None:
    assert all(isinstance(total(release, asked), int) for asked in ORDERS)


def test_the_bad_release_raises_for_those_with_a_coupon_and_for_no_other() -> None:
    for asked in ORDERS:
        if "coupon" in asked:
            with pytest.raises(KeyError, match="SPRING"):
                total(V3, asked)
        else:
            assert total(V3, asked) == total(V1, asked)


def test_the_coupon_takes_ten_percent_off() -> None:
    asked = {"lines": [{"price": 250, "count": 4}], "coupon": "SPRING"}
    assert (total(V1, asked), total(V2, asked), total(V4, asked)) == (1000, 900, 900)
