"""``plan`` before a zip is dropped, and while a deployment is open."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.model import Phase
from tests.builders import CHECKOUT
from tests.cloud.faults import Json
from tests.cloud.scene import MANIFEST, STEPS, Scene
from tests.cloud.steps import BUCKET, MoveAlias
from tests.cloud.zips import zipped


def planned(story: Scene, code: str, **manifest: Any) -> Json:
    """Returns the plan of a zip that was uploaded only to be asked about."""
    key = f".plan/checkout/{code}.zip"
    event = story.cloud.storage.put(BUCKET, key, zipped(code, {**MANIFEST, **manifest}))
    story.tells(event)
    return story.sends({"request": "plan", "bucket": BUCKET, "key": key})


def test_a_zip_to_be_planned_is_never_deployed(story: Scene) -> None:
    story.given_live()
    planned(story, "v2")
    story.ticks(3)
    assert (story.deployments(), story.failures) == ([], [])


def test_a_zip_is_planned_for_its_function_before_it_is_dropped(story: Scene) -> None:
    answer = planned(story.given_live(), "v2")
    assert (answer["target"], answer["would"], answer["stable"]) == ("checkout:live", "deploy", "1")
    assert answer["open"] is None


def test_a_planned_zip_without_a_manifest_has_that_of_its_function_in_the_bucket(story: Scene) -> None:
    story.given_live()
    story.cloud.storage.put(BUCKET, "checkout/slipway.json", b'{"strategy": {"steps": [{"weight": 7, "hold": "1m"}]}}')
    key = ".plan/checkout/v2.zip"
    story.cloud.storage.put(BUCKET, key, zipped("v2", None))
    answer = story.sends({"request": "plan", "bucket": BUCKET, "key": key})
    assert [step["weight"] for step in answer["steps"]] == [7.0]


def test_a_zip_to_be_planned_cannot_be_deployed_by_request(story: Scene) -> None:
    story.given_live()
    planned(story, "v2")
    story.hears({"request": "deploy", "bucket": BUCKET, "key": ".plan/checkout/v2.zip"})
    assert (story.answers[-1]["ok"], story.deployments()) == (False, [])


def test_explain_says_that_a_zip_to_be_planned_is_not_deployed(story: Scene) -> None:
    event = story.cloud.storage.put(BUCKET, ".plan/checkout/v2.zip", zipped("v2"))
    (explained,) = story.sends({"request": "explain", "event": event})["events"]
    assert ".plan/" in explained["reason"]


# -- while a deployment is open ---------------------------------------------------------------------------------------


def test_a_shift_is_not_taken_for_somebody_elses(story: Scene) -> None:
    answer = planned(story.given_shifting(), "v3")
    assert (answer["would"], answer["stable"]) == ("deploy", "1")
    assert answer["open"] == {
        "deployment": "checkout:live#1",
        "would": "supersede",
        "in_words": "checkout:live#1 is SHIFTING: it would be rolled back to version 1 at once, and this drop would"
        " take its place",
    }


def test_a_deployment_without_traffic_would_end_for_the_newer_one(story: Scene) -> None:
    story.given_live().drops("v2", strategy={"steps": [{"pause": "2h", "then": "rollback"}, *STEPS], "bake": "30m"})
    assert story.phase() is Phase.TESTING
    assert planned(story, "v3")["open"]["in_words"] == (
        "checkout:live#1 is TESTING: it would end before any traffic, and this drop would take its place"
    )


@pytest.mark.parametrize(
    ("on_newer", "would", "words", "stable"),
    [
        ("queue", "queue behind", "this drop would wait until checkout:live#1 has ended", "2"),
        ("reject", "refuse", "checkout:live#1 is open and its on_newer is reject", None),
    ],
)
def test_on_newer_of_the_open_deployment_decides(
    story: Scene, on_newer: str, would: str, words: str, stable: str | None
) -> None:
    answer = planned(story.given_shifting(on_newer=on_newer), "v3")
    assert (answer["open"]["would"], answer.get("stable")) == (would, stable)
    assert words in answer["open"]["in_words"]
    assert answer["would"] == ("refuse" if would == "refuse" else "deploy")


def test_the_same_bytes_would_change_nothing(story: Scene) -> None:
    answer = planned(story.given_shifting(), "v2")
    assert (answer["open"]["would"], answer["would"], answer["cause"]) == (
        "continue (same bytes)",
        "refuse",
        "unchanged",
    )


def test_a_drop_would_wait_behind_a_rollback_under_way(story: Scene) -> None:
    story.given_shifting()
    story.cloud.lambda_.version("checkout", "1")["State"] = "Inactive"
    story.requests("rollback")
    assert story.phase() is Phase.ROLLING_BACK
    answer = planned(story, "v3")
    assert (answer["open"]["would"], answer["stable"]) == ("queue behind", "1")


def test_a_drop_would_wait_while_somebody_else_holds_the_alias(story: Scene) -> None:
    story.given_shifting().given_version("7")
    MoveAlias("7").play(story)
    answer = planned(story, "v3")
    assert answer["open"]["would"] == "queue behind"
    assert "accept_drift" in answer["open"]["in_words"]


def test_a_deployment_that_waits_already_would_end(story: Scene) -> None:
    story.given_shifting(on_newer="queue").drops("v3")
    assert "checkout:live#2, which waits now, would end" in planned(story, "v4")["open"]["in_words"]


@pytest.mark.parametrize("on_newer", ["supersede", "queue", "reject"])
def test_what_plan_says_is_what_a_drop_does(story: Scene, on_newer: str) -> None:
    story.given_shifting(on_newer=on_newer)
    would = planned(story, "v3")["open"]["would"]
    story.drops("v3")
    did = {
        (Phase.ROLLED_BACK, Phase.SHIFTING): "supersede",
        (Phase.SHIFTING, Phase.PREPARING): "queue behind",
        (Phase.SHIFTING, Phase.FAILED): "refuse",
    }
    assert would == did[story.phase(1), story.phase(2)]


def test_somebody_elses_weights_are_told_with_no_deployment_open(story: Scene) -> None:
    story.given_live().given_version("2")
    story.cloud.lambda_.point(CHECKOUT.function, CHECKOUT.alias, "1", {"2": 0.1})
    answer = planned(story, "v3")
    assert (answer["would"], "somebody else" in answer["because"]) == ("refuse", True)
