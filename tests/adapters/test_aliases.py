"""Reading and writing aliases: one call each, weights always said, guarded by the revision."""

from __future__ import annotations

import pytest

from controller.aws.lambda_.aliases import Aliases
from controller.core.model import Cause, Conflict, Refused, Routing, Target
from tests.adapters.fake_lambda import FakeLambda
from tests.builders import CHECKOUT


@pytest.fixture
def aws() -> FakeLambda:
    fake = FakeLambda()
    fake.function()
    for _ in range(3):
        fake.publish()
    return fake


def test_an_alias_is_read_with_one_call(aws: FakeLambda) -> None:
    aws.alias("live", "1", {"2": 0.1})
    found = Aliases(aws.client()).read(CHECKOUT)
    assert found is not None
    assert found.routing == Routing("1", "2", 1000)
    assert found.revision_id == aws.functions["checkout"].aliases["live"]["RevisionId"]
    assert aws.calls == [("get_alias", {"FunctionName": "checkout", "Name": "live"})]


@pytest.mark.parametrize("target", [CHECKOUT, Target("gone", "live")])
def test_an_absent_alias_or_function_is_none(aws: FakeLambda, target: Target) -> None:
    assert Aliases(aws.client()).read(target) is None


def test_a_backup_that_moves_between_reading_and_writing_is_a_conflict(aws: FakeLambda) -> None:
    """A controller that was held up must not take the way back from a later deployment."""
    aws.alias("previous", "1")
    aws.before["update_alias"] = lambda: aws.alias("previous", "3")
    with pytest.raises(Conflict):
        Aliases(aws.client()).back_up(CHECKOUT, "2", 42)
    assert aws.functions["checkout"].aliases["previous"]["FunctionVersion"] == "3"


def test_a_weight_comes_back_as_it_was_written(aws: FakeLambda) -> None:
    aws.alias("live", "1")
    aliases = Aliases(aws.client())
    found = aliases.read(CHECKOUT)
    for weight in (*range(1, 10_000, 101), 25, 3333, 9_999):
        assert found is not None
        wanted = Routing("1", "2", weight)
        found = aliases.route(CHECKOUT, wanted, found.revision_id, "")
        assert found.routing == wanted


@pytest.mark.parametrize(
    ("weights", "routing"),
    [
        ({"2": 0.0}, Routing("1")),
        ({"2": 1.0}, Routing("2")),
        ({"2": 0.00001}, Routing("1", "2", 1)),
        ({"2": 0.99999}, Routing("2")),
    ],
)
def test_weights_that_slipway_never_writes_are_read(
    aws: FakeLambda, weights: dict[str, float], routing: Routing
) -> None:
    aws.alias("live", "1", weights)
    found = Aliases(aws.client()).read(CHECKOUT)
    assert found is not None
    assert found.routing == routing


def test_taking_the_canary_off_sends_empty_weights_in_the_same_call(aws: FakeLambda) -> None:
    aws.alias("live", "1", {"2": 0.5})
    revision = aws.functions["checkout"].aliases["live"]["RevisionId"]
    Aliases(aws.client()).route(CHECKOUT, Routing("1"), revision, "slipway: stable")
    assert aws.calls == [
        (
            "update_alias",
            {
                "FunctionName": "checkout",
                "Name": "live",
                "FunctionVersion": "1",
                "Description": "slipway: stable",
                "RoutingConfig": {"AdditionalVersionWeights": {}},
                "RevisionId": revision,
            },
        )
    ]


def test_a_stale_revision_is_a_conflict(aws: FakeLambda) -> None:
    aws.alias("live", "1")
    with pytest.raises(Conflict, match="checkout:live to version 2"):
        Aliases(aws.client()).route(CHECKOUT, Routing("2"), "revision-0", "")


def test_without_a_revision_the_alias_is_made(aws: FakeLambda) -> None:
    made = Aliases(aws.client()).route(CHECKOUT, Routing("1"), None, "slipway: first")
    assert (made.routing, made.description) == (Routing("1"), "slipway: first")


def test_making_an_alias_that_exists_is_a_conflict(aws: FakeLambda) -> None:
    aws.alias("live", "1")
    with pytest.raises(Conflict):
        Aliases(aws.client()).route(CHECKOUT, Routing("2"), None, "")


def test_routing_to_a_version_that_is_gone_is_refused_as_somebody_elses_doing(aws: FakeLambda) -> None:
    aws.alias("live", "1")
    revision = aws.functions["checkout"].aliases["live"]["RevisionId"]
    with pytest.raises(
        Refused, match=r"UpdateAlias of checkout:live to version 9 failed: .*; somebody deleted it"
    ) as no:
        Aliases(aws.client()).route(CHECKOUT, Routing("9"), revision, "")
    assert no.value.reason.cause is Cause.DRIFT


def test_backing_up_makes_the_alias(aws: FakeLambda) -> None:
    aliases = Aliases(aws.client())
    aliases.back_up(CHECKOUT, "1", 42)
    assert aliases.backup_version(CHECKOUT) == "1"


def test_backing_up_moves_the_alias_and_clears_its_weights(aws: FakeLambda) -> None:
    aws.alias("previous", "1", {"3": 0.5})
    Aliases(aws.client()).back_up(CHECKOUT, "2", 42)
    assert aws.functions["checkout"].aliases["previous"]["FunctionVersion"] == "2"
    assert "RoutingConfig" not in aws.functions["checkout"].aliases["previous"]


def test_backing_up_what_is_backed_up_writes_nothing(aws: FakeLambda) -> None:
    aws.alias("previous", "1")
    Aliases(aws.client()).back_up(CHECKOUT, "1", 42)
    assert aws.writes == []


def test_another_alias_has_a_backup_of_its_own(aws: FakeLambda) -> None:
    beta = Target("checkout", "beta")
    Aliases(aws.client()).back_up(beta, "2", 42)
    assert aws.functions["checkout"].aliases["beta-previous"]["FunctionVersion"] == "2"


def test_no_backup_alias_is_none(aws: FakeLambda) -> None:
    assert Aliases(aws.client()).backup_version(CHECKOUT) is None


# -- and back again ---------------------------------------------------------------------------------------------------


def backed_up(aws: FakeLambda) -> Aliases:
    """The backup alias kept version 1, and keeps version 2 for deployment 42."""
    aws.alias("previous", "1")
    aliases = Aliases(aws.client())
    aliases.back_up(CHECKOUT, "2", 42)
    return aliases


def test_the_backup_alias_goes_back_to_what_it_kept_before(aws: FakeLambda) -> None:
    aliases = backed_up(aws)
    assert (aliases.put_backup_back(CHECKOUT, "2", 42), aliases.backup_version(CHECKOUT)) == ("", "1")


def test_it_goes_back_once_and_for_its_own_deployment_only(aws: FakeLambda) -> None:
    aliases = backed_up(aws)
    aliases.put_backup_back(CHECKOUT, "2", 41)
    assert aliases.backup_version(CHECKOUT) == "2"
    aliases.put_backup_back(CHECKOUT, "2", 42)
    aws.calls.clear()
    assert (aliases.put_backup_back(CHECKOUT, "2", 42), aws.writes) == ("", [])


def test_backing_up_twice_remembers_what_was_before_the_first_time(aws: FakeLambda) -> None:
    """A controller died between the two."""
    aliases = backed_up(aws)
    aliases.back_up(CHECKOUT, "2", 42)
    aliases.put_backup_back(CHECKOUT, "2", 42)
    assert aliases.backup_version(CHECKOUT) == "1"


def test_one_that_was_not_there_before_stays(aws: FakeLambda) -> None:
    aliases = Aliases(aws.client())
    aliases.back_up(CHECKOUT, "2", 42)
    assert (aliases.put_backup_back(CHECKOUT, "2", 42), aliases.backup_version(CHECKOUT)) == ("", "2")


def test_one_that_somebody_has_moved_since_is_left_alone_and_said(aws: FakeLambda) -> None:
    aliases = backed_up(aws)
    aws.functions["checkout"].aliases["previous"]["FunctionVersion"] = "3"
    assert "somebody else has made it carry version 3" in aliases.put_backup_back(CHECKOUT, "2", 42)
    assert aliases.backup_version(CHECKOUT) == "3"


def test_one_that_moves_between_reading_and_writing_is_a_conflict(aws: FakeLambda) -> None:
    aliases = backed_up(aws)
    aws.before["update_alias"] = lambda: aws.alias("previous", "3")
    with pytest.raises(Conflict):
        aliases.put_backup_back(CHECKOUT, "2", 42)


def test_one_whose_version_is_gone_stays(aws: FakeLambda) -> None:
    aliases = backed_up(aws)
    del aws.functions["checkout"].versions["1"]
    with pytest.raises(Refused, match=r"checkout:previous to version 1 failed: .*somebody deleted it"):
        aliases.put_backup_back(CHECKOUT, "2", 42)
    assert aliases.backup_version(CHECKOUT) == "2"
