"""Uploads that are no function's: which of them are kept, and who is shown them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.artifact.refused_uploads import MAX_UPLOADS, RefusedUpload, RefusedUploads
from tests.builders import NOW

ONE = RefusedUpload("check.out", "drop", "check.out/x.zip", "v1", NOW, "it names no function")


def many(count: int) -> RefusedUploads:
    found = RefusedUploads()
    for number in range(count):
        found = found.with_newest(replace(ONE, version_id=f"v{number}", meant=f"check.{number % 2}"))
    return found


def test_the_newest_is_the_first() -> None:
    assert [each.version_id for each in many(3).uploads] == ["v2", "v1", "v0"]


def test_only_so_many_are_kept() -> None:
    kept = many(3 * MAX_UPLOADS).uploads
    assert len(kept) == MAX_UPLOADS
    assert (kept[0].version_id, kept[-1].version_id) == (f"v{3 * MAX_UPLOADS - 1}", f"v{2 * MAX_UPLOADS}")


@pytest.mark.parametrize("name", ["check_out", "check.out ", "CHECK.OUT", "check", ""])
def test_whoever_asks_by_another_name_is_shown_none(name: str) -> None:
    kept = RefusedUploads().with_newest(ONE)
    assert kept.meant_for(name) == ()
    assert kept.meant_for("check.out") == (ONE,)


@pytest.mark.parametrize("name", ["checkout", "checkout:live"])
def test_of_a_name_written_as_lambda_takes_it_both_are_shown_the_upload(name: str) -> None:
    kept = RefusedUploads().with_newest(replace(ONE, meant="checkout:live", key="checkout:live/x.zip"))
    assert len(kept.meant_for(name)) == 1
    assert kept.meant_for("live") == ()


def test_the_same_upload_is_known_again_and_another_one_is_not() -> None:
    kept = RefusedUploads().with_newest(ONE)
    assert kept.knows(replace(ONE, at=NOW + timedelta(minutes=1), text="told otherwise"))
    for other in (replace(ONE, version_id="v2"), replace(ONE, key="check.out/y.zip"), replace(ONE, bucket="other")):
        assert not kept.knows(other)


def test_without_versions_the_time_tells_two_uploads_apart() -> None:
    kept = RefusedUploads().with_newest(replace(ONE, version_id=None))
    assert kept.knows(replace(ONE, version_id=None))
    assert not kept.knows(replace(ONE, version_id=None, at=NOW + timedelta(seconds=1)))
