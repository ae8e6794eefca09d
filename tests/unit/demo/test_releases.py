"""The demo's releases are what the README says: the same bytes every time, and each fails for whom it should."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from textwrap import dedent

import pytest

from controller.core.manifest import parsing
from local.demo.releases import V1, V2, V3, V4, V5, Release, artifact, order

ROLE = "arn:aws:iam::123456789012:role/slipway-demo"
RELEASES = (V1, V2, V3, V4, V5)
ORDERS = [json.loads(order(number)) for number in range(1_000)]


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
    assert len({artifact(release, ROLE) for release in RELEASES}) == 5


@pytest.mark.parametrize("release", RELEASES)
def test_the_manifest_in_the_zip_is_one_that_slipway_takes(release: Release) -> None:
    taken = parsing.parse(("slipway.json", content(release, "slipway.json")))
    assert taken.can_create
    assert tuple(step.weight for step in taken.strategy.steps) == tuple(weight * 100 for weight in release.steps)
    assert taken.gates.errors is not None


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_passes_its_test(release: Release) -> None:
    (test,) = json.loads(content(release, "slipway.json"))["tests"]
    assert total(release, test["payload"]) == test["response"]["properties"]["total"]["const"]


def test_three_of_ten_orders_bring_the_coupon_four_are_of_guests_and_one_is_empty() -> None:
    assert sum("coupon" in each for each in ORDERS) == 300
    assert sum("name" not in each for each in ORDERS) == 40
    assert sum("lines" not in each for each in ORDERS) == 10


def test_guests_and_empty_orders_come_evenly_so_that_three_never_come_in_one_minute() -> None:
    guests = [number for number, each in enumerate(ORDERS) if "name" not in each]
    empty = [number for number, each in enumerate(ORDERS) if "lines" not in each]
    assert {after - before for before, after in itertools.pairwise(guests)} == {25}
    assert {after - before for before, after in itertools.pairwise(empty)} == {100}


def fails(release: Release, asked: object) -> bool:
    try:
        return not isinstance(total(release, asked), int)
    except KeyError:
        return True


def test_each_release_fails_for_whom_the_readme_says() -> None:
    failing = {release.name: sum(fails(release, each) for each in ORDERS[:100]) for release in RELEASES}
    assert failing == {"v1": 1, "v2": 1, "v3": 31, "v4": 0, "v5": 4}


def test_the_coupon_takes_ten_percent_off() -> None:
    four = {"lines": [{"price": 250, "count": 4}], "coupon": "SPRING", "name": "Ada"}
    assert [total(release, four) for release in (V1, V2, V4, V5)] == [1000, 900, 900, 900]
