"""The demo's releases are what the story says: the same bytes every time, and each fails for whom it should."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from textwrap import dedent

import pytest

from controller.core.manifest import parsing
from local.demo.versions import RELEASES, V1, V2, V3, V4, V5, Release, artifact, asked, must_fail, order

ROLE = "arn:aws:iam::123456789012:role/slipway-demo"
ORDERS = [json.loads(order(number)) for number in range(100)]


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
    assert sum("coupon" in each for each in ORDERS) == 30
    assert sum("name" not in each for each in ORDERS) == 4
    assert sum("lines" not in each for each in ORDERS) == 1


def test_guests_and_empty_orders_come_evenly_so_that_three_never_come_in_one_minute() -> None:
    guests = [number for number in range(1_000) if "name" not in asked(number)]
    empty = [number for number in range(1_000) if "lines" not in asked(number)]
    assert {after - before for before, after in itertools.pairwise(guests)} == {25}
    assert {after - before for before, after in itertools.pairwise(empty)} == {100}


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_raises_on_the_orders_that_it_is_said_to_fail_for_and_on_no_other(release: Release) -> None:
    for each in ORDERS:
        if release.fails(each):
            with pytest.raises(KeyError, match=r"SPRING|lines|name"):
                total(release, each)
        else:
            assert isinstance(total(release, each), int)


def test_each_release_fails_for_as_many_as_the_story_says() -> None:
    failing = {release.name: sum(map(release.fails, ORDERS)) for release in RELEASES}
    assert failing == {"v1": 1, "v2": 1, "v3": 31, "v4": 0, "v5": 4}


def test_who_must_fail_is_told_by_the_version_and_the_number_of_the_order() -> None:
    assert [version for version in "12345" if must_fail(version, 57)] == ["1", "2", "3"]
    assert [version for version in "12345" if must_fail(version, 4)] == ["5"]


def test_the_coupon_takes_ten_percent_off() -> None:
    four = {"lines": [{"price": 250, "count": 4}], "coupon": "SPRING", "name": "Ada"}
    assert [total(release, four) for release in (V1, V2, V4, V5)] == [1000, 900, 900, 900]
