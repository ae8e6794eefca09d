"""Whether an upload becomes a deployment, and what that does to the one that is open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.lifecycle.admission import (
    Admission,
    Head,
    accept,
    deploys_the_same,
    ended,
    handed_over,
    opened,
    repeated,
    too_late,
)
from controller.core.model import Artifact, Cause, Entry, Notice, Phase, Reason
from tests.builders import NOW, after, artifact, changed, confirmed, deployment, manifest

OPEN = confirmed(Phase.SHIFTING, number=41)
NEW = deployment(number=42)
HEAD = Head(number=41, open=41, newest=artifact(key="checkout/2.zip"), revision=7)
BROKEN = Reason(Cause.BAD_MANIFEST, "alias: found 7, allowed: string")


# -- late uploads -----------------------------------------------------------------------------------------------------


def test_the_first_upload_is_never_late() -> None:
    assert too_late(Head(), artifact()) is None


@pytest.mark.parametrize(
    "upload",
    [artifact(uploaded_at=after(seconds=1)), artifact(sequencer="0B"), artifact(), artifact(key="checkout/4.zip")],
    ids=["younger", "later of the same key", "the very same", "another key in the same second"],
)
def test_an_upload_that_is_not_older_is_not_late(upload: Artifact) -> None:
    assert too_late(Head(newest=artifact()), upload) is None


@pytest.mark.parametrize(
    "upload", [artifact(uploaded_at=after(seconds=-1)), artifact(sequencer="09")], ids=["by time", "by sequencer"]
)
def test_an_older_upload_is_late_and_says_than_which(upload: Artifact) -> None:
    late = too_late(Head(newest=artifact(key="checkout/3.zip")), upload)
    assert late is not None
    assert late.endswith("is older than checkout/3.zip, which was accepted already")


# -- what is on its way already ---------------------------------------------------------------------------------------


KNOWN = changed(OPEN, sha256="sha-3")


def test_only_the_same_manifest_and_size_may_be_the_bytes_in_flight() -> None:
    assert deploys_the_same(KNOWN, artifact(key="checkout/4.zip"), KNOWN.manifest)
    assert not deploys_the_same(KNOWN, artifact(size=1001), KNOWN.manifest)
    assert not deploys_the_same(KNOWN, artifact(), manifest(deadline="1h"))


@pytest.mark.parametrize(
    "changes",
    [{"sha256": None}, {"phase": Phase.ROLLING_BACK}, {"frozen": BROKEN}, {"newer": 43}],
    ids=["not identified yet", "rolling back", "frozen or failing", "a newer one waits"],
)
def test_a_deployment_that_does_not_go_on_to_the_end_is_no_reason_to_end_another(changes: dict[str, Any]) -> None:
    assert not deploys_the_same(changed(KNOWN, **changes), artifact(), KNOWN.manifest)


def test_a_zip_dropped_again_ends_at_once_and_the_open_deployment_learns_of_it() -> None:
    found = repeated(HEAD, NEW, KNOWN, NOW)
    assert found.head == Head(42, 41, NEW.artifact, 7)
    reason = Reason(Cause.UNCHANGED, "no change: checkout:live#41 is deploying these very bytes already, and goes on")
    assert found.deployment == ended(NEW, reason, NOW)
    noted = Entry(NOW, "the same bytes were dropped again: #42 ends, this one goes on")
    assert found.changed == (changed(KNOWN, timeline=(*KNOWN.timeline, noted)),)


def test_an_older_upload_that_a_person_deploys_again_does_not_become_the_newest() -> None:
    head = replace(HEAD, newest=artifact(uploaded_at=after(seconds=1)))
    assert repeated(head, NEW, KNOWN, NOW).head.newest == head.newest


# -- accepting --------------------------------------------------------------------------------------------------------


def test_a_deployment_is_open_at_once_where_no_other_is() -> None:
    head = Head(number=41, revision=7)
    assert accept(head, NEW, None, None, NOW) == Admission(Head(42, 42, NEW.artifact, 7), NEW)


@pytest.mark.parametrize("on_newer", ["supersede", "queue"])
def test_a_deployment_waits_for_the_open_one_which_learns_of_it(on_newer: str) -> None:
    open_one = replace(OPEN, manifest=manifest(on_newer=on_newer))
    found = accept(HEAD, NEW, open_one, None, NOW)
    assert found.head == Head(42, 41, NEW.artifact, 7)
    assert found.deployment == changed(NEW, queued=True)
    assert found.changed == (changed(open_one, newer=42),)


def test_the_one_that_waited_fails_and_gives_up_its_place() -> None:
    waiting = deployment(number=42, queued=True)
    newest = deployment(number=43)
    found = accept(replace(HEAD, number=42), newest, changed(OPEN, newer=42), waiting, NOW)
    before, dropped = found.changed
    assert (found.deployment.number, found.deployment.hold.queued) == (43, True)
    assert before.hold.newer == 43
    assert (dropped.number, dropped.phase, dropped.hold.queued) == (42, Phase.FAILED, False)
    assert dropped.reason == Reason(Cause.SUPERSEDED, "the newer deployment #43 takes its place in the queue")


def test_the_end_of_the_open_one_hands_over_to_the_queued_one() -> None:
    assert handed_over(HEAD, changed(OPEN, newer=42)) == replace(HEAD, open=42)


def test_the_end_of_the_open_one_leaves_none_open_where_none_is_queued() -> None:
    assert handed_over(HEAD, OPEN) == replace(HEAD, open=None)


def test_the_end_of_a_deployment_that_is_not_open_hands_nothing_over() -> None:
    assert handed_over(replace(HEAD, open=43), OPEN) is None


def test_an_open_deployment_can_reject_newer_ones() -> None:
    open_one = replace(OPEN, manifest=manifest(on_newer="reject"))
    found = accept(HEAD, NEW, open_one, None, NOW)
    assert found.changed == ()
    assert found.deployment.phase is Phase.FAILED
    assert found.deployment.reason and found.deployment.reason.cause is Cause.REJECTED
    assert "checkout:live#41 is open" in found.deployment.reason.text


def test_a_rejected_upload_does_not_make_the_others_late() -> None:
    open_one = replace(OPEN, manifest=manifest(on_newer="reject"))
    assert accept(HEAD, NEW, open_one, None, NOW).head == replace(HEAD, number=42)


def test_on_newer_of_the_open_deployment_counts_and_not_that_of_the_newer_one() -> None:
    newer = replace(NEW, manifest=manifest(on_newer="reject"))
    assert accept(HEAD, newer, OPEN, None, NOW).deployment.hold.queued


@pytest.mark.parametrize("open_one", [None, OPEN])
def test_an_upload_that_fails_at_once_only_takes_a_number(open_one: object) -> None:
    failed = ended(NEW, BROKEN, NOW)
    found = accept(HEAD, failed, OPEN if open_one else None, None, NOW)
    assert found == Admission(replace(HEAD, number=42), failed)


# -- the end without a beginning --------------------------------------------------------------------------------------


def test_an_end_is_in_the_timeline_and_people_are_told() -> None:
    before = deployment(timeline=(Entry(NOW, "accepted"),), queued=True)
    found = ended(before, BROKEN, after(minutes=1))
    text = f"FAILED: {BROKEN.text}"
    assert (found.phase, found.phase_since, found.hold.queued) == (Phase.FAILED, after(minutes=1), False)
    assert found.reason == BROKEN
    assert found.timeline == (Entry(NOW, "accepted"), Entry(after(minutes=1), text))
    assert found.bookkeeping.outbox == (Notice(after(minutes=1), Phase.FAILED, text),)


def test_the_deadline_of_a_deployment_counts_from_when_its_turn_came() -> None:
    found = opened(deployment(queued=True), after(hours=3))
    assert (found.hold.queued, found.opened_at, found.phase_since) == (False, after(hours=3), after(hours=3))
    assert found.timeline[-1] == Entry(after(hours=3), "its turn has come")
