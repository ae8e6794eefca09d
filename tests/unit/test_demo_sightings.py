"""What the watch of the alias saw is read right: shares, and when traffic was back."""

from __future__ import annotations

from local.demo.sightings import Routing, Sighting, first_back, percents_of


def seen(*routings: Routing | None) -> tuple[Sighting, ...]:
    """Returns sightings one second apart, from second 0 on."""
    return tuple(Sighting(float(second), routing) for second, routing in enumerate(routings))


def split(version: str, canary: str, fraction: float) -> Routing:
    return Routing(version, ((canary, fraction),))


def test_the_aliases_own_version_gets_what_the_others_do_not() -> None:
    assert split("1", "2", 0.2).percent_of("1") == 80


def test_another_version_gets_its_weight() -> None:
    assert split("1", "2", 0.2).percent_of("2") == 20


def test_a_version_that_is_not_there_gets_nothing() -> None:
    assert split("1", "2", 0.2).percent_of("3") == 0


def test_the_shares_of_a_version_are_listed_in_order() -> None:
    sightings = seen(None, Routing("1"), split("1", "2", 0.2), split("1", "2", 0.5), Routing("2"))
    assert percents_of("2", sightings) == (20, 50, 100)


def test_a_share_that_did_not_change_is_listed_once() -> None:
    assert percents_of("1", seen(Routing("1"), None, Routing("1"))) == (100,)


def test_a_version_that_was_never_seen_has_no_shares() -> None:
    assert percents_of("2", seen(None, Routing("1"))) == ()


def test_traffic_is_back_when_the_stable_version_is_alone_again() -> None:
    sightings = seen(Routing("2"), split("2", "3", 0.2), split("2", "3", 0.5), Routing("2"), Routing("2"))
    assert first_back("2", "3", sightings) == 3


def test_being_alone_before_the_canary_had_traffic_is_not_being_back() -> None:
    assert first_back("2", "3", seen(Routing("1"), Routing("2"))) is None


def test_another_version_is_not_the_way_back() -> None:
    assert first_back("2", "3", seen(split("2", "3", 0.2), Routing("3"), split("3", "4", 0.2))) is None
