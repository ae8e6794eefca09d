"""What the watch of the alias saw is read right: percentages, and when traffic was back."""

from __future__ import annotations

from cli.asking.answers import Routing
from local.demo.alias import Carried, first_back, percents_of


def seen(*routings: Routing | None) -> tuple[Carried, ...]:
    """Returns changes one second apart, from second 0 on."""
    return tuple(Carried(float(second), routing) for second, routing in enumerate(routings))


def split(version: str, canary: str, fraction: float) -> Routing:
    return Routing(version, ((canary, fraction),))


def test_the_aliases_own_version_gets_what_the_others_do_not() -> None:
    assert split("1", "2", 0.2).percents == {"1": 80, "2": 20}
    assert str(split("1", "2", 0.2)) == "80 % v1, 20 % v2"


def test_the_percentages_of_a_version_are_listed_in_order() -> None:
    changes = seen(None, Routing("1"), split("1", "2", 0.2), split("1", "2", 0.5), Routing("2"))
    assert percents_of("2", changes) == (20, 50, 100)


def test_a_percentage_that_did_not_change_is_listed_once() -> None:
    assert percents_of("1", seen(Routing("1"), None, Routing("1"))) == (100,)


def test_traffic_is_back_when_the_stable_version_is_alone_again() -> None:
    changes = seen(Routing("2"), split("2", "3", 0.2), split("2", "3", 0.5), Routing("2"), Routing("2"))
    assert first_back("2", "3", changes) == 3


def test_being_alone_before_the_canary_had_traffic_is_not_being_back() -> None:
    assert first_back("2", "3", seen(Routing("1"), Routing("2"))) is None


def test_another_version_is_not_the_way_back() -> None:
    assert first_back("2", "3", seen(split("2", "3", 0.2), Routing("3"), split("3", "4", 0.2))) is None
