"""Uploads that come in rows, twice, late, or of which a controller hears only half."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from controller.aws.dynamodb.rows import deployment_row, head_row, read_deployment, read_head
from controller.aws.errors import translating
from controller.core.lifecycle.admission import Head
from controller.core.manifest.building import ManifestProblem
from controller.core.manifest.parsing import parse
from controller.core.manifest.team_rules import ManifestRules
from controller.core.model import Cause, Conflict, Phase, Routing, Transient
from tests.builders import CHECKOUT, NOW, deployment
from tests.cloud.fault_steps import FailsAt
from tests.cloud.faults import Fault
from tests.cloud.scene import Scene

STABLE = Routing("1")


def drops_in_a_row(story: Scene, count: int = 4, **manifest: object) -> Scene:
    """Versions 3, 4, ... are dropped ten seconds apart."""
    for number in range(3, 3 + count):
        story.passes(timedelta(seconds=10)).drops(f"v{number}", **manifest)
    return story


# -- rows of three and more -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_of_a_row_of_drops_the_last_one_starts_from_what_was_stable_all_along(given: object) -> None:
    story = drops_in_a_row(given(Scene()))  # type: ignore[operator]
    assert [story.phase(number) for number in range(1, 5)] == [Phase.ROLLED_BACK] * 4
    assert story.deployment(5).stable == "1"
    assert story.routing == Routing("1", "6", 1000)


def test_of_a_row_that_waits_only_the_last_one_is_deployed(story: Scene) -> None:
    drops_in_a_row(story.given_shifting(on_newer="queue"))
    assert [story.phase(number) for number in range(2, 5)] == [Phase.FAILED] * 3
    story.ticks(50)
    assert (story.phase(1), story.phase(5), story.deployment(5).stable) == (Phase.SUCCEEDED, Phase.SHIFTING, "2")
    assert [story.told(number) for number in range(2, 5)] == [[Phase.FAILED]] * 3


def test_of_a_row_that_is_rejected_none_is_deployed_and_each_may_be_dropped_again(story: Scene) -> None:
    drops_in_a_row(story.given_shifting(on_newer="reject"), 3)
    assert [story.phase(number) for number in range(1, 5)] == [Phase.SHIFTING] + [Phase.FAILED] * 3
    story.ticks(50)
    story.drops("v3-again")
    assert story.phase(5) is Phase.SHIFTING


def test_each_one_says_for_itself_what_becomes_of_the_next(story: Scene) -> None:
    story.given_shifting(on_newer="queue")
    story.passes(timedelta(seconds=10)).drops("v3", on_newer="reject")
    story.passes(timedelta(seconds=10)).drops("v4", on_newer="supersede")
    story.ticks(50)
    assert (story.phase(1), story.phase(2), story.phase(3)) == (Phase.SUCCEEDED, Phase.FAILED, Phase.SHIFTING)


def test_bad_ones_in_a_row_change_nothing_for_the_good_ones(story: Scene) -> None:
    story.given_shifting(on_newer="queue").passes(timedelta(seconds=10)).drops("v3")
    story.passes(timedelta(seconds=10)).drops("v4", bad=b"not a zip")
    assert (story.deployment(2).hold.queued, story.phase(3)) == (True, Phase.FAILED)
    story.ticks(50)
    assert story.phase(2) is Phase.SHIFTING


# -- heard of by half -------------------------------------------------------------------------------------------------


def test_a_newer_artifact_whose_controller_dies_takes_over_when_its_claim_is_over(story: Scene) -> None:
    """Its event comes again and is a duplicate by then; a bake may last for days."""
    story.given_baking(strategy={"steps": [{"weight": 10, "hold": "5m"}], "bake": "12h"})
    story.passes(timedelta(seconds=10)).puts("v3")
    event = story.upload("v3")
    story.play([FailsAt("GetAlias", Fault.CRASH_BEFORE)]).tells(event)
    assert story.deployment(2).hold.queued
    story.tells(event).ticks(2)
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


def test_one_that_waits_in_a_queue_makes_nobody_look_every_minute(story: Scene) -> None:
    story.given_shifting(on_newer="queue").passes(timedelta(seconds=10)).drops("v3")
    before = len(story.cloud.calls)
    story.ticks()
    assert set(story.operations(before)) == {"Query", "DescribeAlarms"}


# -- late -------------------------------------------------------------------------------------------------------------


def test_an_upload_that_was_overtaken_stays_late_after_a_person_deployed_an_older_one(story: Scene) -> None:
    story.given_live().puts("v2").passes(timedelta(seconds=10)).puts("v3")
    late = story.upload("v3")
    story.passes(timedelta(seconds=10)).drops("v4", strategy={"steps": [], "bake": "0s"})
    story.sends({"request": "deploy", "bucket": "drop", "key": "checkout/v2.zip", "version": "version-1"})
    assert story.phase(2) is Phase.SHIFTING
    story.tells(late)
    assert len(story.deployments()) == 2
    assert story.phase(2) is Phase.SHIFTING


def test_an_upload_newer_than_all_still_wins_after_that(story: Scene) -> None:
    story.given_live().puts("v2").passes(timedelta(seconds=10)).drops("v4", strategy={"steps": [], "bake": "0s"})
    story.sends({"request": "deploy", "bucket": "drop", "key": "checkout/v2.zip", "version": "version-1"})
    story.passes(timedelta(seconds=10)).drops("v5")
    assert (story.phase(2), story.phase(3)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


# -- what cannot be taken in ------------------------------------------------------------------------------------------


def test_a_manifest_that_no_record_could_hold_is_refused() -> None:
    """A zip's manifest may have 256 KB, and that of the bucket as well; what is stored has escapes beside."""
    payload = "\N{SNOWMAN}" * 60_000
    with pytest.raises(ManifestProblem, match=r"slipway\.json: found \d+ bytes as it is stored, allowed: 262144"):
        parse(("the zip", json.dumps({"tests": [{"name": "ping", "payload": payload}]}, ensure_ascii=False)))


def test_a_template_with_a_broken_manifest_refuses_uploads_by_name_and_no_rollback(story: Scene) -> None:
    story.given_baking().ticks(31)
    story.settings = replace(story.settings, defaults='{"alias": 7}')
    story.passes(timedelta(seconds=10)).drops("v3")
    assert story.cause(2) is Cause.BAD_MANIFEST
    assert "the template's DefaultManifest" in story.because(2)
    story.requests("rollback")
    assert (story.phase(3), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_a_manifest_that_the_owners_rules_forbid_is_recorded_as_refused(story: Scene) -> None:
    rules = ManifestRules(schema=json.dumps({"properties": {"strategy": False}}))
    story.given_live()
    story.settings = replace(story.settings, manifest_rules=rules)
    story.drops("v2")
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)
    assert story.cause(1) is Cause.BAD_MANIFEST
    assert "the stack's parameter ManifestRules" in story.because(1)


# -- the table --------------------------------------------------------------------------------------------------------


def test_a_save_that_crosses_a_transaction_is_decided_anew_at_once() -> None:
    """Else a rollback would wait a minute for the platform to try again."""
    code = {"Code": "TransactionConflictException", "Message": "Transaction is ongoing for the item"}
    with pytest.raises(Conflict), translating("saving checkout:live#42"):
        raise ClientError({"Error": code, "ResponseMetadata": {"HTTPStatusCode": 400}}, "PutItem")  # type: ignore[typeddict-item]


@pytest.mark.parametrize("changes", [{"phase": "CANARY"}, {"manifest": '{"on_newer": "ask"}'}, {"phase": None}])
def test_a_record_that_only_a_newer_release_can_read_is_left_to_that(changes: dict[str, object]) -> None:
    row = deployment_row(deployment(), 1, None, NOW)
    record = {**row["record"], **changes}  # type: ignore[dict-item]
    with pytest.raises(Transient, match="deployment#000042 of checkout:live cannot be read by this release"):
        read_deployment({**row, "record": record})


def test_what_a_newer_release_wrote_into_the_head_survives_a_save() -> None:
    head = {**head_row(CHECKOUT, Head(7, 7, None, 3)), "frozen_until": "2027"}
    assert head_row(CHECKOUT, read_head(head)) == {**head, "revision": 5}


def test_artifacts_of_the_same_second_are_taken_in_their_order(story: Scene) -> None:
    story.given_shifting().puts("v3").puts("v4").tells(story.upload("v3")).tells(story.upload("v4"))
    assert story.deployment(2).artifact.uploaded_at == story.deployment(3).artifact.uploaded_at
    assert [story.phase(number) for number in (1, 2, 3)] == [Phase.ROLLED_BACK, Phase.ROLLED_BACK, Phase.SHIFTING]
