"""What the table remembers and what it refuses: compare-and-swap, one open deployment, one turn after the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.aws.dynamodb.quarantines import Quarantines
from controller.aws.dynamodb.store import Due, Duplicate, Store
from controller.core.artifact.refused_uploads import MAX_UPLOADS, RefusedUpload, RefusedUploads
from controller.core.lifecycle.admission import Admission, Head, accept
from controller.core.model import Artifact, Cause, Conflict, Deployment, Milestone, Phase, Reason, Target, Transient
from controller.core.model.deployment.bookkeeping import Bookkeeping, Notice
from tests.adapters.fake_dynamodb import TABLE, FakeDynamoDB
from tests.builders import CHECKOUT, NOW, after, artifact, changed, deployment, eventful, manifest

WHY = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
BETA = Target("checkout", "beta")


@pytest.fixture
def table() -> FakeDynamoDB:
    return FakeDynamoDB()


@pytest.fixture
def store(table: FakeDynamoDB) -> Store:
    return Store(table.client(), TABLE)


def upload(number: int, target: Target = CHECKOUT) -> Artifact:
    key = f"{target.function}/{target.alias}-{number}.zip"
    return artifact(key=key, version_id=f"v{number}", uploaded_at=after(seconds=number))


def taken(number: int, target: Target = CHECKOUT, **changes: Any) -> Deployment:
    return deployment(**{"number": number, "target": target, "artifact": upload(number, target), **changes})


def drop(store: Store, made: Deployment, *, once: bool = True) -> Deployment:
    """Accepts a deployment on what the table holds now, and returns it as it is stored."""
    head = store.head(made.target)
    open_one = store.load(made.target, head.open) if head.open else None
    waiting = store.load(made.target, open_one.hold.newer) if open_one and open_one.hold.newer else None
    store.accept(accept(head, made, open_one, waiting, NOW), NOW, once=once)
    return loaded(store, made.number, made.target)


def loaded(store: Store, number: int, target: Target = CHECKOUT) -> Deployment:
    found = store.load(target, number)
    assert found is not None
    return found


def due_numbers(store: Store) -> list[int]:
    return [row.number for row in store.due()]


class TestAccept:
    def test_the_first_upload_is_open_and_the_newest(self, store: Store) -> None:
        made = drop(store, taken(1))
        assert made == replace(taken(1), revision=1)
        assert store.head(CHECKOUT) == Head(number=1, open=1, newest=upload(1), revision=1)

    def test_a_target_that_nobody_knows_has_an_empty_head(self, store: Store) -> None:
        assert store.head(CHECKOUT) == Head()
        assert store.load(CHECKOUT, 1) is None

    def test_a_second_upload_waits_and_the_open_one_knows_of_it(self, store: Store) -> None:
        drop(store, taken(1))
        assert drop(store, taken(2)).hold.queued
        assert loaded(store, 1).hold.newer == 2
        assert store.head(CHECKOUT) == Head(number=2, open=1, newest=upload(2), revision=2)

    def test_targets_do_not_know_each_other(self, store: Store) -> None:
        drop(store, taken(1))
        assert not drop(store, taken(1, BETA)).hold.queued

    def test_the_same_upload_again_is_a_duplicate_and_writes_nothing(self, store: Store, table: FakeDynamoDB) -> None:
        drop(store, taken(1))
        before = dict(table.rows)
        with pytest.raises(Duplicate, match="taken in before"):
            drop(store, taken(2, artifact=upload(1)))
        assert table.rows == before

    def test_the_same_upload_is_a_duplicate_also_where_the_head_has_moved(self, store: Store) -> None:
        """The platform's retry of an event must not be taken for a race, or it would go round for ever."""
        stale = store.head(CHECKOUT)
        drop(store, taken(1))
        with pytest.raises(Duplicate):
            store.accept(accept(stale, taken(1), None, None, NOW), NOW)

    def test_a_moved_head_is_a_conflict_and_no_duplicate(self, store: Store, table: FakeDynamoDB) -> None:
        stale = store.head(CHECKOUT)
        drop(store, taken(1))
        before = dict(table.rows)
        with pytest.raises(Conflict) as caught:
            store.accept(accept(stale, taken(2), None, None, NOW), NOW)
        assert not isinstance(caught.value, Duplicate)
        assert table.rows == before

    def test_a_number_that_is_given_already_is_a_conflict(self, store: Store) -> None:
        drop(store, taken(1))
        head = replace(store.head(CHECKOUT), open=None)
        with pytest.raises(Conflict):
            store.accept(Admission(head, taken(1, artifact=upload(2))), NOW)

    def test_an_open_deployment_that_was_saved_meanwhile_is_a_conflict(self, store: Store, table: FakeDynamoDB) -> None:
        open_one, head = drop(store, taken(1)), store.head(CHECKOUT)
        store.save(changed(open_one, paused=True), NOW)
        before = dict(table.rows)
        with pytest.raises(Conflict):
            store.accept(accept(head, taken(2), open_one, None, NOW), NOW)
        assert table.rows == before

    def test_the_one_that_waited_fails_when_a_newer_one_takes_its_place(self, store: Store) -> None:
        for number in (1, 2, 3):
            drop(store, taken(number))
        assert (loaded(store, 2).phase, loaded(store, 3).hold.queued, loaded(store, 1).hold.newer) == (
            Phase.FAILED,
            True,
            3,
        )

    def test_a_person_may_ask_for_the_same_upload_again(self, store: Store) -> None:
        drop(store, taken(1))
        again = drop(store, taken(2, artifact=upload(1)), once=False)
        assert (again.number, again.hold.queued) == (2, True)

    def test_uploads_without_a_version_are_told_apart_by_time_and_sequencer(self, store: Store) -> None:
        first = replace(upload(1), version_id=None, sequencer="0A")
        drop(store, taken(1, artifact=first))
        drop(store, taken(2, artifact=replace(first, sequencer="0B")))
        with pytest.raises(Duplicate):
            drop(store, taken(3, artifact=first))

    def test_the_most_alarms_that_a_manifest_may_name_fit_into_one_transaction(self, store: Store) -> None:
        for number in (1, 2, 3):
            drop(store, taken(number, manifest=manifest(gates={"alarms": [f"alarm-{each}" for each in range(40)]})))
        assert store.guarded_by("alarm-39") == (CHECKOUT,)


def test_of_twenty_accepts_that_read_the_same_head_exactly_one_wins(store: Store) -> None:
    everybody_has_read = threading.Barrier(20)

    def race(number: int) -> bool:
        head = store.head(CHECKOUT)
        everybody_has_read.wait(timeout=30)
        mine = taken(head.number + 1, artifact=upload(number))
        try:
            store.accept(accept(head, mine, None, None, NOW), NOW)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(20) as racers:
        won = list(racers.map(race, range(1, 21)))
    assert won.count(True) == 1
    assert store.head(CHECKOUT) == Head(number=1, open=1, newest=upload(1 + won.index(True)), revision=1)
    assert [each.number for each in store.history(CHECKOUT, 100)] == [1]


class TestSave:
    def test_a_deployment_comes_back_as_it_was_saved(self, store: Store) -> None:
        made = drop(store, taken(42))
        saved = store.save(replace(eventful(), revision=made.revision), NOW)
        assert loaded(store, 42) == saved
        assert saved.revision == made.revision + 1

    def test_saving_over_what_somebody_else_saved_is_a_conflict(self, store: Store) -> None:
        read = drop(store, taken(1))
        theirs = store.save(changed(read, paused=True), NOW)
        with pytest.raises(Conflict):
            store.save(changed(read, paused=False), NOW)
        assert loaded(store, 1) == theirs

    def test_saving_what_was_never_accepted_is_a_conflict(self, store: Store) -> None:
        with pytest.raises(Conflict):
            store.save(replace(taken(1), revision=1), NOW)

    def test_of_two_ends_the_second_is_a_conflict(self, store: Store) -> None:
        read = drop(store, taken(1))
        store.save(replace(read, phase=Phase.FAILED), NOW)
        with pytest.raises(Conflict):
            store.save(replace(read, phase=Phase.FAILED), NOW)

    def test_what_has_ended_expires_and_what_is_open_does_not(self, store: Store, table: FakeDynamoDB) -> None:
        read = drop(store, taken(1))
        row = "checkout:live", "deployment#000001"
        assert "expires_at" not in table.rows[row]
        store.save(replace(read, phase=Phase.FAILED), NOW)
        assert table.rows[row]["expires_at"] == {"N": str(int((NOW + timedelta(days=400)).timestamp()))}


class TestTheNextTurn:
    def test_the_end_of_the_open_one_leaves_none_open(self, store: Store) -> None:
        store.save(replace(drop(store, taken(1)), phase=Phase.FAILED), NOW)
        assert store.head(CHECKOUT).open is None
        assert not drop(store, taken(2)).hold.queued

    def test_the_end_of_the_open_one_opens_the_one_that_waits_in_the_same_call(
        self, store: Store, table: FakeDynamoDB
    ) -> None:
        drop(store, taken(1))
        drop(store, taken(2))
        table.calls.clear()
        store.save(replace(loaded(store, 1), phase=Phase.ROLLED_BACK), after(minutes=7))
        written = [name for name, _ in table.calls if not name.startswith(("Get", "Query"))]
        assert written == ["TransactWriteItems"]
        assert store.head(CHECKOUT).open == 2
        opened = loaded(store, 2)
        assert (opened.hold.queued, opened.opened_at) == (False, after(minutes=7))
        assert [(row.number, row.at) for row in store.due()] == [(2, after(minutes=7))]

    def test_nothing_ends_where_the_one_that_waits_was_saved_meanwhile(self, store: Store, table: FakeDynamoDB) -> None:
        drop(store, taken(1))
        waiting = drop(store, taken(2))
        ending = replace(loaded(store, 1), phase=Phase.ROLLED_BACK)
        table.before["TransactWriteItems"] = lambda: void(store.save(changed(waiting, paused=True), NOW))
        with pytest.raises(Conflict):
            store.save(ending, NOW)
        assert (loaded(store, 1).phase, store.head(CHECKOUT).open, loaded(store, 2).hold.queued) == (
            Phase.PREPARING,
            1,
            True,
        )

    def test_nothing_ends_where_a_newer_upload_was_accepted_meanwhile(self, store: Store, table: FakeDynamoDB) -> None:
        """Its deployment would wait for ever for one that has ended."""
        ending = replace(drop(store, taken(1)), phase=Phase.ROLLED_BACK)
        table.before["TransactWriteItems"] = lambda: void(drop(store, taken(2)))
        with pytest.raises(Conflict):
            store.save(ending, NOW)
        store.save(replace(loaded(store, 1), phase=Phase.ROLLED_BACK), NOW)
        assert store.head(CHECKOUT).open == 2

    def test_nothing_ends_where_a_number_was_given_meanwhile(self, store: Store, table: FakeDynamoDB) -> None:
        """It would be given again, and then no upload could be taken in any more. One that failed leaves no other
        trace.
        """
        ending = replace(drop(store, taken(1)), phase=Phase.ROLLED_BACK)
        table.before["TransactWriteItems"] = lambda: void(drop(store, taken(2, phase=Phase.FAILED)))
        with pytest.raises(Conflict):
            store.save(ending, NOW)
        store.save(ending, NOW)
        assert store.head(CHECKOUT).number == 2

    def test_saving_an_ended_one_again_takes_no_turn_from_the_next(self, store: Store) -> None:
        drop(store, taken(1))
        drop(store, taken(2))
        ended = store.save(replace(loaded(store, 1), phase=Phase.ROLLED_BACK), NOW)
        before = store.head(CHECKOUT), loaded(store, 2)
        store.save(changed(ended, done=frozenset({Milestone.ALARM_DELETED})), NOW)
        assert (store.head(CHECKOUT), loaded(store, 2)) == before

    def test_many_uploads_never_leave_two_open(self, store: Store) -> None:
        for number in range(1, 6):
            drop(store, taken(number))
        for number in (1, 5):
            open_ones = [
                each for each in store.history(CHECKOUT, 100) if not (each.phase.is_terminal or each.hold.queued)
            ]
            assert [each.number for each in open_ones] == [number]
            store.save(replace(loaded(store, number), phase=Phase.ROLLED_BACK), NOW)
        assert store.head(CHECKOUT).open is None


class TestDue:
    def test_a_row_says_what_a_tick_must_know(self, store: Store) -> None:
        made = drop(store, taken(1))
        serving = replace(deployment(Phase.SHIFTING, number=1), revision=made.revision)
        store.save(serving, after(minutes=1))
        alarms = ("checkout-p99", "slipway/checkout/live/42")
        assert list(store.due()) == [Due(CHECKOUT, 1, after(minutes=1), alarms)]

    def test_a_row_says_that_a_deployment_is_on_its_way_back(self, store: Store) -> None:
        made = drop(store, taken(1))
        store.save(replace(deployment(Phase.ROLLING_BACK, number=1), revision=made.revision), NOW)
        assert list(store.due()) == [Due(CHECKOUT, 1, NOW, (), rolls_back=True)]

    def test_what_waits_or_is_over_is_not_in_the_index(self, store: Store) -> None:
        drop(store, taken(1))
        drop(store, taken(2))
        assert due_numbers(store) == [1]
        store.save(changed(loaded(store, 2), phase=Phase.FAILED, queued=False), NOW)
        store.save(changed(loaded(store, 1), phase=Phase.FAILED, newer=None), NOW)
        assert due_numbers(store) == []

    def test_a_deployment_that_is_over_and_still_owes_something_is_in_the_index(self, store: Store) -> None:
        made = drop(store, taken(1))
        store.save(replace(deployment(Phase.ROLLED_BACK, number=1), revision=made.revision), NOW)
        assert due_numbers(store) == [1]

    @pytest.mark.parametrize(("phase", "moved"), [(Phase.PREPARING, False), (Phase.SHIFTING, True)])
    def test_what_was_saved_since_its_row_was_read_has_moved_on_once_it_is_prepared(
        self, store: Store, phase: Phase, moved: bool
    ) -> None:
        made = drop(store, taken(1))
        (row,) = store.due()
        assert not store.has_moved_on(row)
        store.save(replace(deployment(phase, number=1), revision=made.revision), after(minutes=5))
        assert store.has_moved_on(row) is moved

    def test_what_is_due_first_comes_first_over_many_pages(self, store: Store, table: FakeDynamoDB) -> None:
        table.page = 3
        minutes = [5, 1, 10, 3, 7, 2, 9, 4, 8, 6]
        for minute in minutes:
            target = Target(f"function-{minute}", "live")
            made = drop(store, taken(1, target, manifest=manifest(gates={"alarms": []})))
            holding = deployment(Phase.SHIFTING, number=1, target=target, revision=made.revision, confirmed_at=NOW)
            store.save(changed(holding, confirmed_at=after(minutes=minute)), NOW)
        assert [row.target.function for row in store.due()] == [f"function-{minute}" for minute in sorted(minutes)]
        assert len(table.asked("Query")) == 4

    def test_moments_with_and_without_fractions_sort_by_time(self, store: Store) -> None:
        for name, moment in (("late", after(seconds=1)), ("early", after(seconds=0.5)), ("first", NOW)):
            made = drop(store, taken(1, Target(name, "live")))
            store.save(replace(made, phase=Phase.SHIFTING), moment)
        assert [row.target.function for row in store.due()] == ["first", "early", "late"]


class TestHistory:
    @pytest.fixture(autouse=True)
    def _twelve(self, store: Store, table: FakeDynamoDB) -> None:
        for number in range(1, 13):
            made = drop(store, taken(number))
            store.save(changed(made, phase=Phase.SUCCEEDED, canary=str(number + 1)), NOW)
        Quarantines(table.client(), TABLE).keep(made, "sha-3", WHY, NOW)
        table.calls.clear()

    def test_the_newest_comes_first(self, store: Store) -> None:
        assert [each.number for each in store.history(CHECKOUT, 5)] == [12, 11, 10, 9, 8]

    def test_more_than_there_are_is_all(self, store: Store, table: FakeDynamoDB) -> None:
        table.page = 5
        assert [each.number for each in store.history(CHECKOUT, 100)] == list(range(12, 0, -1))

    def test_no_more_pages_are_read_than_were_asked_for(self, store: Store, table: FakeDynamoDB) -> None:
        list(store.history(CHECKOUT, 5))
        assert len(table.asked("Query")) == 1

    def test_a_version_was_made_by_the_newest_deployment_that_has_it(self, store: Store) -> None:
        found = store.made_by(CHECKOUT, "8")
        assert found is not None
        assert (found.number, found.artifact) == (7, upload(7))
        assert store.made_by(CHECKOUT, "1") is None
        assert store.made_by(BETA, "8") is None


class TestAlarms:
    def test_an_alarm_guards_every_target_that_names_it(self, store: Store, table: FakeDynamoDB) -> None:
        table.page = 1
        others = [Target(name, "live") for name in ("billing", "cart")]
        for target in (*others, CHECKOUT):
            drop(store, taken(1, target, manifest=manifest(gates={"alarms": ["shared", f"own-{target.function}"]})))
        assert store.guarded_by("shared") == (*others, CHECKOUT)
        assert store.guarded_by("own-cart") == (Target("cart", "live"),)

    def test_an_alarm_that_nobody_names_guards_nothing(self, store: Store) -> None:
        assert store.guarded_by("nobody's") == ()

    def test_the_note_outlives_a_deployment_that_has_to_wait_for_its_turn(
        self, store: Store, table: FakeDynamoDB
    ) -> None:
        pause = {"steps": [{"pause": "60d"}], "bake": "1m"}
        drop(store, taken(1, manifest=manifest(gates={"alarms": ["queue-age"]}, strategy=pause, deadline="2d")))
        expires = int(table.rows["alarm#queue-age", "checkout:live"]["expires_at"]["N"])
        assert expires == int((NOW + timedelta(days=2 + 60 + 30)).timestamp())


def void(_done: object) -> None:
    """What happens meanwhile returns nothing."""


class TestRefusedUploads:
    ONE = RefusedUpload("check.out", "drop", "check.out/x.zip", "v1", NOW, "it names no function")

    def test_refused_uploads_come_back_as_they_were_saved(self, store: Store) -> None:
        assert store.refused_uploads() == RefusedUploads()
        store.save_refused_uploads(RefusedUploads((self.ONE, replace(self.ONE, version_id=None))))
        kept = store.refused_uploads()
        assert kept.uploads == (self.ONE, replace(self.ONE, version_id=None))
        store.save_refused_uploads(kept.with_newest(self.ONE))
        assert len(store.refused_uploads().uploads) == 3

    @pytest.mark.parametrize("known", [0, 1])
    def test_saving_over_what_somebody_else_saved_is_a_conflict(self, store: Store, known: int) -> None:
        for _ in range(known):
            store.save_refused_uploads(store.refused_uploads().with_newest(self.ONE))
        read = store.refused_uploads()
        store.save_refused_uploads(read.with_newest(self.ONE))
        with pytest.raises(Conflict):
            store.save_refused_uploads(read.with_newest(self.ONE))
        assert len(store.refused_uploads().uploads) == known + 1

    def test_refused_uploads_are_no_targets(self, store: Store) -> None:
        store.save_refused_uploads(RefusedUploads((self.ONE,)))
        assert due_numbers(store) == []
        assert store.guarded_by("uploads") == ()

    def test_as_many_of_the_longest_as_are_kept_fit_into_one_item(self, store: Store, table: FakeDynamoDB) -> None:
        """Source: DynamoDB developer guide, 400 KB for an item, 2026-11."""
        longest = RefusedUpload("m" * 1_024, "b" * 255, "k" * 1_024, "v" * 1_024, NOW, "t" * 2_000)
        store.save_refused_uploads(RefusedUploads((longest,) * MAX_UPLOADS))
        assert len(str(table.rows["refused#uploads", "newest"])) < 350_000


class TestMany:
    def test_deployments_of_any_targets_are_read_a_hundred_at_a_time(self, store: Store, table: FakeDynamoDB) -> None:
        targets = [Target(f"function-{number}", "live") for number in range(150)]
        for target in targets:
            drop(store, taken(1, target))
        found = list(store.load_many((target, 1) for target in targets))
        assert {each.target for each in found} == {*targets}
        sizes = [len(sent["RequestItems"][TABLE]["Keys"]) for sent in table.asked("BatchGetItem")]
        assert sizes == [100, 50]
        assert all(sent["RequestItems"][TABLE]["ConsistentRead"] for sent in table.asked("BatchGetItem"))

    def test_keys_that_the_table_leaves_out_are_asked_for_again(self, store: Store, table: FakeDynamoDB) -> None:
        for number in range(1, 4):
            drop(store, taken(number))
        table.batch = 2
        assert {each.number for each in store.load_many((CHECKOUT, number) for number in (1, 2, 3))} == {1, 2, 3}
        assert len(table.asked("BatchGetItem")) == 2

    def test_a_table_that_leaves_keys_out_again_and_again_is_asked_later(
        self, store: Store, table: FakeDynamoDB
    ) -> None:
        drop(store, taken(1))
        table.batch = 0
        with pytest.raises(Transient, match="left deployments out 5 times; it is throttled, so ask again"):
            list(store.load_many([(CHECKOUT, 1)]))

    def test_a_number_that_nobody_knows_is_left_out(self, store: Store) -> None:
        drop(store, taken(1))
        assert [each.number for each in store.load_many([(CHECKOUT, 1), (CHECKOUT, 7)])] == [1]

    def test_nothing_asked_is_no_call(self, store: Store, table: FakeDynamoDB) -> None:
        assert list(store.load_many([])) == []
        assert table.calls == []


class TestEnded:
    def test_what_has_ended_is_found_by_when_the_newest_first(self, store: Store) -> None:
        for hours, function in enumerate(("cart", "search", "login")):
            ended = taken(1, Target(function, "live"), phase=Phase.FAILED, phase_since=after(minutes=60 * hours))
            drop(store, ended)
        found = store.ended_between(after(minutes=60), after(minutes=120))
        assert [str(target) for target, _ in found] == ["login:live", "search:live"]
        found = store.ended_between(after(minutes=60), after(minutes=119))
        assert [str(target) for target, _ in found] == ["search:live"]

    def test_what_has_ended_and_owes_a_notice_is_still_for_the_tick(self, store: Store) -> None:
        owing = Bookkeeping(outbox=(Notice(NOW, Phase.FAILED, "the handler is missing"),))
        drop(store, replace(taken(1, phase=Phase.FAILED), bookkeeping=owing))
        assert due_numbers(store) == [1]
        assert list(store.ended_between(NOW, after(minutes=1))) == []
