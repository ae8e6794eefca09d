"""No drop without a trace, and none under another function's name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from controller.core.artifact.refused_uploads import MAX_UPLOADS
from controller.core.model import Phase, Target
from tests.cloud.fault_steps import Before, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.steps import BUCKET, Live
from tests.cloud.story import Story
from tests.cloud.zips import zipped

V2 = zipped("v2")
REFUSED = "Slipway Upload Refused"


@pytest.fixture
def serving() -> Story:
    """checkout serves v1."""
    return Story().play([Live("v1")])


def dropped(story: Story, key: str, content: bytes = V2) -> Story:
    story.cloud.storage.put(BUCKET, key, content)
    story.deliver()
    assert (story.failures, story.violations) == ([], [])
    return story


def status(story: Story, **asked: str) -> Any:
    story.hears({"request": "status", **asked})
    return story.answers[-1]


def told(story: Story) -> list[Any]:
    """Returns the details of the events about refused uploads."""
    return [json.loads(each["Detail"]) for each in story.cloud.bus.entries if each["DetailType"] == REFUSED]


def targets(story: Story) -> set[str]:
    """Returns whose records the table has."""
    return {pk for pk, sk in story.cloud.table.rows if sk.startswith("deployment#")}


@dataclass(frozen=True)
class Puts:
    """Somebody uploads an object, and another controller hears of it at once."""

    key: str

    def play(self, story: Story) -> bool:
        story.cloud.storage.put(BUCKET, self.key, b"")
        story.deliver()
        return True


NAMELESS = {
    "check.out/x.zip": "check.out",
    "check out/x.zip": "check out",
    "check+out/x.zip": "check+out",
    "küche/x.zip": "küche",
    "checkout:live/x.zip": "checkout:live",
    "arn:aws:lambda:eu-west-1:12:function:checkout/x.zip": "arn:aws:lambda:eu-west-1:12:function:checkout",
    f"{'f' * 65}/x.zip": "f" * 65,
    "x.zip": "x",
    "my.build.zip": "my.build",
    "x.ZIP": "x",
    "x.jar": "x",
    "check.out/x.tar.gz": "check.out",
    "/x.zip": "x",
    "//x.zip": "x",
    "../x.zip": "..",
    "check.out/Slipway.json": "check.out",
}


@pytest.mark.parametrize("key", NAMELESS)
def test_what_names_no_function_is_told_under_the_name_that_was_meant_and_under_no_function(
    serving: Story, key: str
) -> None:
    before = targets(serving)
    dropped(serving, key)
    assert targets(serving) == before
    (detail,) = told(serving)
    assert (detail["meant"], detail["artifact"]["key"]) == (NAMELESS[key], key)
    assert "function" not in detail
    (message,) = [each for each in serving.cloud.sns.messages if key in each["Message"]]
    assert message["Subject"].startswith("upload refused: ")
    answer = status(serving, function=NAMELESS[key])
    assert answer["ok"]
    (shown,) = answer["refused_uploads"]
    assert shown["artifact"] == key
    assert shown["reason"] == detail["text"]


@pytest.mark.parametrize(
    ("real", "typed"),
    [
        ("check_out", "check.out"), ("check_out", "check out"), ("check_out", "check+out"),
        ("check_out", "check\u00fcout"),
        ("f" * 64, "f" * 65), ("f" * 64, "f" * 90), ("unnamed", ""), ("__", ".."), ("checkout_live", "checkout:live"),
        ("x_zip", "x.zip"),
    ],
)  # fmt: skip
def test_the_function_whose_name_is_near_hears_nothing_of_it(real: str, typed: str) -> None:
    story = Story()
    manifest = {
        "strategy": {"steps": [], "bake": "1m"},
        "function": {"Runtime": "python3.13", "Handler": "app.handler"},
    }
    manifest["function"]["Role"] = "arn:aws:iam::123456789012:role/checkout"
    dropped(story, f"{real}/build.zip", zipped("v1", manifest)).to_the_end()
    serves = status(story, function=real)
    assert serves["deployment"]["phase"] == "SUCCEEDED"
    phases = len(story.cloud.bus.entries)
    dropped(story, f"{typed}/x.zip" if typed != "x.zip" else typed)
    assert status(story, function=real) == serves
    assert [entry["DetailType"] for entry in story.cloud.bus.entries[phases:]] == [REFUSED]
    assert real not in json.dumps(told(story)[0]["meant"]) or real in typed
    assert [each.phase for each in story.deployments(Target(real, "live"))] == [Phase.SUCCEEDED]


def test_a_zip_in_the_root_is_shown_beside_the_function_of_that_name_and_changes_none_of_its_record(
    serving: Story,
) -> None:
    before = status(serving, function="checkout")
    dropped(serving, "checkout.zip")
    after = status(serving, function="checkout")
    assert [each["artifact"] for each in after.pop("refused_uploads")] == ["checkout.zip"]
    assert after == {name: told for name, told in before.items() if name != "refused_uploads"}


@pytest.mark.parametrize(
    "name",
    [
        "v2.ZIP", "v2.Zip", "v2.jar", "v2.war", "v2.tar.gz", "v2.tgz", "v2.7z", "v2.whl", "v 2.zip", "v+2.zip",
        "vü.zip", "a//v2.zip",
    ],
)  # fmt: skip
def test_what_names_a_function_is_that_functions_and_nobody_elses(serving: Story, name: str) -> None:
    dropped(serving, f"checkout/{name}")
    assert targets(serving) == {"checkout:live"}
    record = serving.deployments()[-1]
    assert (record.phase, record.artifact.key) == (Phase.FAILED, f"checkout/{name}")
    assert status(serving, function="checkout")["deployment"]["phase"] == "FAILED"
    assert serving.cloud.bus.details[-1]["function"] == "checkout"
    assert told(serving) == []


@pytest.mark.parametrize(
    "key", ["checkout/slipway.json", "checkout/v2.zip.sig", "logs/a.log.gz", "checkout/", "0a1b2c3d4e5f"]
)
def test_what_is_nobodys_drop_leaves_no_trace(serving: Story, key: str) -> None:
    rows, entries = dict(serving.cloud.table.rows), list(serving.cloud.bus.entries)
    dropped(serving, key, b"{}")
    assert (serving.cloud.table.rows, serving.cloud.bus.entries) == (rows, entries)


def test_an_archived_object_is_told_of_with_what_brings_it_back(serving: Story) -> None:
    serving.cloud.storage.archived.add("checkout/v2.zip")
    dropped(serving, "checkout/v2.zip")
    record = serving.deployments()[-1]
    assert record.phase is Phase.FAILED
    assert "is archived and cannot be read; upload it again in the storage class STANDARD" in record.reason.text
    assert "then send the request deploy" in record.reason.text


# -- twice, in the middle, and too often -------------------------------------------------------------------------------


def test_an_upload_whose_event_comes_twice_is_told_once(serving: Story) -> None:
    dropped(serving, "check.out/x.zip")
    event = serving.cloud.storage.put(BUCKET, "check.out/y.zip", b"")
    serving.deliver()
    serving.hears(event)
    assert [each["artifact"]["key"] for each in told(serving)] == ["check.out/x.zip", "check.out/y.zip"]
    assert len(status(serving, function="check.out")["refused_uploads"]) == 2


@pytest.mark.parametrize("operation", ["PutEvents", "Publish", "PutItem"])
@pytest.mark.parametrize("fault", [Fault.SERVICE_ERROR, Fault.CRASH_AFTER, Fault.CRASH_BEFORE, Fault.LOST])
def test_what_broke_off_is_told_and_kept_when_the_event_comes_again(
    serving: Story, operation: str, fault: Fault
) -> None:
    serving.play([FailsAt(operation, fault)])
    serving.cloud.storage.put(BUCKET, "check.out/x.zip", b"")
    serving.to_the_end()
    assert len(told(serving)) in (1, 2)
    assert len(status(serving, function="check.out")["refused_uploads"]) == 1


def test_what_another_controller_keeps_meanwhile_is_not_lost(serving: Story) -> None:
    serving.play([Before("PutItem", Puts("check.2/x.zip"))])
    dropped(serving, "check.1/x.zip")
    assert {each["artifact"] for each in status(serving)["refused_uploads"]} == {"check.1/x.zip", "check.2/x.zip"}


def test_where_the_topic_is_gone_it_is_kept_and_the_platform_hears_of_it(serving: Story) -> None:
    serving.cloud.sns.topics.clear()
    serving.cloud.storage.put(BUCKET, "check.out/x.zip", b"")
    serving.deliver()
    assert "deploy Slipway's stack again" in str(serving.failures)
    assert len(status(serving, function="check.out")["refused_uploads"]) == 1
    assert len(told(serving)) == 1


def test_however_many_are_refused_they_take_one_row_of_the_table(serving: Story) -> None:
    rows = len(serving.cloud.table.rows)
    for number in range(MAX_UPLOADS + 10):
        dropped(serving, f"check.{number}/x.zip", b"")
    assert len(serving.cloud.table.rows) == rows + 1
    assert len(told(serving)) == MAX_UPLOADS + 10
    assert [each["artifact"] for each in status(serving)["refused_uploads"]] == [
        f"check.{number}/x.zip" for number in range(MAX_UPLOADS + 9, MAX_UPLOADS - 1, -1)
    ]


# -- who asks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["check.out", "f" * 65, "a b", "\ud83d"])
def test_whoever_asks_after_a_name_that_is_none_is_told_so_where_nothing_was_dropped(serving: Story, name: str) -> None:
    answer = status(serving, function=name)
    assert not answer["ok"]
    assert answer["error"].endswith("allowed: 1 to 64 of A-Z a-z 0-9 _ -")


def test_a_status_lists_no_refused_uploads_where_there_are_none(serving: Story) -> None:
    assert status(serving, function="checkout")["refused_uploads"] == []
    assert status(serving)["refused_uploads"] == []
