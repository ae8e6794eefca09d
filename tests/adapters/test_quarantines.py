"""The quarantine in DynamoDB, asked as the controller asks it."""

from __future__ import annotations

import pytest

from controller.aws.dynamodb.quarantines import Quarantines
from controller.aws.errors import Absent
from controller.core.lifecycle.quarantine import Lifted
from controller.core.model import Cause, Conflict, Reason, Target
from tests.adapters.fake_dynamodb import TABLE, FakeDynamoDB
from tests.builders import CHECKOUT, NOW, after, deployment
from tests.cloud.faults import Refusal

BETA = Target("checkout", "beta")
WHY = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
THIRD, NINTH = deployment(number=3), deployment(number=9)
BY_ALICE = Lifted(after(minutes=5), "alice", "the database was at fault")


@pytest.fixture
def table() -> FakeDynamoDB:
    return FakeDynamoDB()


@pytest.fixture
def quarantines(table: FakeDynamoDB) -> Quarantines:
    return Quarantines(table.client(), TABLE)


def test_bytes_that_nobody_rolled_back_are_free(quarantines: Quarantines) -> None:
    assert quarantines.problem(CHECKOUT, "sha-3") is None
    assert (quarantines.held(CHECKOUT), quarantines.lifted(CHECKOUT)) == ((), ())


def test_quarantined_bytes_are_refused_by_name_and_reason(quarantines: Quarantines) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    found = quarantines.problem(CHECKOUT, "sha-3")
    assert found is not None and found.cause is Cause.QUARANTINED
    assert "checkout:live#3 was rolled back because alarm checkout-p99 is firing" in found.text
    assert "lift_quarantine" in found.text


def test_the_list_says_which_zip_by_whom_when_and_why(quarantines: Quarantines) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    (found,) = quarantines.held(CHECKOUT)
    assert (found.sha256, found.by, found.at, found.reason, found.key) == (
        "sha-3",
        "checkout:live#3",
        NOW,
        WHY,
        "checkout/3.zip",
    )


def test_the_list_has_the_newest_first_and_of_its_target_alone(quarantines: Quarantines) -> None:
    quarantines.keep(THIRD, "sha-z", WHY, NOW)
    quarantines.keep(NINTH, "sha-a", WHY, after(minutes=1))
    assert [each.sha256 for each in quarantines.held(CHECKOUT)] == ["sha-a", "sha-z"]
    assert quarantines.held(BETA) == ()


def test_the_first_reason_stays(quarantines: Quarantines) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    first = quarantines.problem(CHECKOUT, "sha-3")
    quarantines.keep(NINTH, "sha-3", Reason(Cause.REQUESTED, "a person asked"), NOW)
    assert quarantines.problem(CHECKOUT, "sha-3") == first


def test_other_bytes_and_other_targets_are_free(quarantines: Quarantines) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    assert quarantines.problem(CHECKOUT, "sha-4") is None
    assert quarantines.problem(BETA, "sha-3") is None


def test_a_quarantine_never_expires(quarantines: Quarantines, table: FakeDynamoDB) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    assert "expires_at" not in table.rows["checkout:live", "quarantine#sha-3"]


def test_a_row_of_an_earlier_release_has_no_key(quarantines: Quarantines, table: FakeDynamoDB) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    del table.rows["checkout:live", "quarantine#sha-3"]["key"]
    assert quarantines.held(CHECKOUT)[0].key == ""


def test_a_lifted_quarantine_leaves_a_trace_and_lifting_it_again_is_no_error(quarantines: Quarantines) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    for _ in range(2):
        quarantines.lift(CHECKOUT, "sha-3", BY_ALICE)
    (found,) = quarantines.lifted(CHECKOUT)
    assert (found.sha256, found.by, found.lifted) == ("sha-3", "checkout:live#3", BY_ALICE)
    assert (quarantines.problem(CHECKOUT, "sha-3"), quarantines.held(CHECKOUT)) == (None, ())


def test_bytes_that_are_rolled_back_once_more_are_quarantined_once_more(quarantines: Quarantines) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)
    quarantines.lift(CHECKOUT, "sha-3", BY_ALICE)
    quarantines.keep(NINTH, "sha-3", WHY, after(hours=1))
    assert [each.by for each in quarantines.held(CHECKOUT)] == ["checkout:live#9"]
    assert [each.by for each in quarantines.lifted(CHECKOUT)] == ["checkout:live#3"]


def test_a_quarantine_that_was_made_anew_meanwhile_stays(quarantines: Quarantines, table: FakeDynamoDB) -> None:
    quarantines.keep(THIRD, "sha-3", WHY, NOW)

    def somebody_was_faster() -> None:
        quarantines.lift(CHECKOUT, "sha-3", BY_ALICE)
        quarantines.keep(NINTH, "sha-3", WHY, after(hours=1))

    table.before["DeleteItem"] = somebody_was_faster
    with pytest.raises(Conflict):
        quarantines.lift(CHECKOUT, "sha-3", BY_ALICE)
    assert [each.by for each in quarantines.held(CHECKOUT)] == ["checkout:live#9"]


@pytest.mark.parametrize("call", ["held", "lifted", "problem", "keep", "lift"])
def test_every_call_says_what_an_error_means(quarantines: Quarantines, table: FakeDynamoDB, call: str) -> None:
    for operation in ("GetItem", "PutItem", "Query"):
        table.refusals[operation].append(Refusal(400, "ResourceNotFoundException", "no such table"))
    calls = {
        "held": lambda: quarantines.held(CHECKOUT),
        "lifted": lambda: quarantines.lifted(CHECKOUT),
        "problem": lambda: quarantines.problem(CHECKOUT, "sha-3"),
        "keep": lambda: quarantines.keep(THIRD, "sha-3", WHY, NOW),
        "lift": lambda: quarantines.lift(CHECKOUT, "sha-3", BY_ALICE),
    }
    with pytest.raises(Absent, match="quarantin"):
        calls[call]()
