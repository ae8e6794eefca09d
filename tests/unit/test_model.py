"""The nouns: what cannot be built, and how they are written for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from controller.core.model import (
    MAX_REASON_LENGTH,
    Cause,
    Milestone,
    Phase,
    Reason,
    Refused,
    Routing,
    Target,
    percent,
    span,
)
from tests.builders import NOW, artifact, deployment


def test_a_reason_of_any_length_keeps_its_beginning_and_what_to_do_next() -> None:
    reason = Reason(Cause.PREFLIGHT, f"`function.Role` is {'x' * 100_000}; leave it out")
    assert len(reason.text) == MAX_REASON_LENGTH
    assert reason.text.startswith("`function.Role` is xx") and reason.text.endswith("x; leave it out")
    assert " ... " in reason.text
    assert Reason(Cause.PREFLIGHT, reason.text) == reason


def test_a_reason_is_one_line_whatever_it_quotes() -> None:
    """It goes into an e-mail, and what it quotes is anybody's."""
    text = "the key is a\nSubject: pay me\x1b[2J\u2028\ud800 é 😀"
    assert Reason(Cause.PREFLIGHT, text).text == "the key is a\\nSubject: pay me\\x1b[2J\\u2028\\ud800 é 😀"


def test_a_reason_that_is_not_too_long_is_left_as_it_is() -> None:
    assert Reason(Cause.PREFLIGHT, "x" * MAX_REASON_LENGTH).text == "x" * MAX_REASON_LENGTH


# -- what cannot be built ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", ["", "a b", "a.b", "a/b", "f" * 65, "checkout\n", "ärger"])
def test_a_target_has_a_functions_name(function: str) -> None:
    with pytest.raises(ValueError, match="not a function name"):
        Target(function, "live")


@pytest.mark.parametrize("alias", ["", "7", "a b", "a" * 129, "live\n", "$LATEST", "7\n"])
def test_a_target_has_an_aliass_name(alias: str) -> None:
    with pytest.raises(ValueError, match="not an alias name"):
        Target("checkout", alias)


@pytest.mark.parametrize(("canary", "weight"), [(None, 1000), ("3", 0), ("3", 10_000), ("3", -1), ("2", 1000)])
def test_a_routing_that_no_alias_can_carry_cannot_be_built(canary: str | None, weight: int) -> None:
    with pytest.raises(ValueError, match=r"not a routing|its own canary"):
        Routing("2", canary, weight)


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 11, 24), datetime(2026, 11, 24, tzinfo=timezone(timedelta(hours=1)))],  # noqa: DTZ001
    ids=["no time zone", "another time zone"],
)
def test_a_time_is_utc(moment: datetime) -> None:
    for build in (
        lambda: artifact(uploaded_at=moment),
        lambda: deployment(opened_at=moment),
        lambda: deployment(phase_since=moment),
    ):
        with pytest.raises(ValueError, match="not an aware UTC time"):
            build()


# -- how they are written ---------------------------------------------------------------------------------------------


def test_a_target_and_a_deployment_are_written_short() -> None:
    assert str(Target("checkout", "live")) == "checkout:live"
    assert str(deployment()) == "checkout:live#42"


@pytest.mark.parametrize(
    ("routing", "text"),
    [
        (Routing("2"), "version 2"),
        (Routing("2", "3", 1000), "version 2 with 10% to version 3"),
        (Routing("2", "3", 25), "version 2 with 0.25% to version 3"),
    ],
)
def test_a_routing_is_written_as_people_say_it(routing: Routing, text: str) -> None:
    assert str(routing) == text


@pytest.mark.parametrize(("weight", "text"), [(1000, "10%"), (25, "0.25%"), (9999, "99.99%"), (10_000, "100%")])
def test_a_weight_is_written_in_percent(weight: int, text: str) -> None:
    assert percent(weight) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (-5, "0s"), (0.4, "0s"), (90, "1m30s"), (3900, "1h5m"), (86_400, "1d"), (90_061, "1d1h1m1s")],
)
def test_a_time_is_written_without_what_is_zero(seconds: float, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text


def test_a_refusal_is_its_reasons_text() -> None:
    assert str(Refused(Reason(Cause.PREFLIGHT, "the role differs"))) == "the role differs"


# -- what follows from them -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "backup"), [("live", "previous"), ("green", "green-previous"), ("prod", "prod-previous")]
)
def test_a_backup_alias_is_named_after_the_alias(alias: str, backup: str) -> None:
    assert Target("checkout", alias).backup_alias == backup


def test_the_longest_alias_of_a_manifest_has_a_backup_alias() -> None:
    longest = Target("checkout", "a" * 100).backup_alias
    assert Target("checkout", longest).alias == longest


@pytest.mark.parametrize("phase", Phase)
def test_no_phase_serves_after_the_end(phase: Phase) -> None:
    assert not (phase.serves and phase.is_terminal)


def test_a_deployment_is_the_first_where_preflight_found_nothing_to_go_back_to() -> None:
    assert deployment(preflighted=True).is_first
    assert not deployment().is_first
    assert not deployment(preflighted=True, stable="2").is_first
    assert not deployment(preflighted=True, onboards=True).is_first


@pytest.mark.parametrize(
    ("done", "names"),
    [
        (frozenset[Milestone](), ("checkout-p99",)),
        (frozenset({Milestone.ALARM_MADE}), ("checkout-p99", "slipway/checkout/live/42")),
        (frozenset({Milestone.ALARM_MADE, Milestone.ALARM_DELETED}), ("checkout-p99",)),
    ],
)
def test_the_own_alarm_guards_while_it_exists(done: frozenset[Milestone], names: tuple[str, ...]) -> None:
    assert deployment(done=done).alarm_names == names


@pytest.mark.parametrize(
    ("changes", "is_so"),
    [({"size": 0}, True), ({"version_id": "v4"}, False), ({"key": "b/3.zip"}, False), ({"bucket": "b"}, False)],
)
def test_an_object_version_is_itself(changes: dict[str, object], is_so: bool) -> None:
    assert artifact().is_same_as(artifact(**changes)) is is_so


def test_times_of_the_builders_are_utc() -> None:
    assert NOW.tzinfo is UTC
