"""The story is shown in whole lines where it is piped, and as a panel on a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from rich.console import Console

from local.demo.evidence import Evidence
from local.demo.live_view import LiveView, picture
from local.demo.scene import Scene, bar, counts_in_words, routing_in_words
from local.demo.sightings import Routing
from local.demo.traffic import Count
from local.demo.view import BETWEEN_LINES, PlainView

SPLIT = Routing("1", (("2", 0.2),))
SCENE = Scene(12.0, "v2, good", "checkout:live#2", "SHIFTING", SPLIT, {"1": Count(90, 0), "2": Count(20, 3)})
JUDGED = replace(SCENE, canary="2", stable="1", evidence=Evidence(4, Count(204, 9), Count(141, 0), 2.485, 4.605))


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_500_000.0

    def __call__(self) -> float:
        return self.now


def drawn(scene: Scene, *lines: str) -> str:
    console = Console(file=io.StringIO(), width=90, height=40, force_terminal=False)
    console.print(picture(scene, lines, console.width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_split_is_said_in_percent() -> None:
    assert routing_in_words(SPLIT) == "80 % v1, 20 % v2"


def test_an_absent_alias_is_said_to_be_absent() -> None:
    assert routing_in_words(None) == "no alias"


def test_errors_are_said_where_there_are_some() -> None:
    assert counts_in_words(SCENE.counts) == "v1 90, v2 20 with 3 errors"


def test_one_error_is_one_error() -> None:
    assert counts_in_words({"2": Count(20, 1)}) == "v2 20 with 1 error"


def test_the_bar_gives_every_version_its_share_of_the_cells() -> None:
    assert bar(SPLIT, 50) == (("1", 40), ("2", 10))


def test_a_small_share_can_be_seen_in_the_bar() -> None:
    assert bar(Routing("1", (("2", 0.001),)), 50) == (("1", 49), ("2", 1))


def test_a_plain_line_begins_with_the_time() -> None:
    out = io.StringIO()
    PlainView(out, Clock()).say("dropped")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d  dropped\n", out.getvalue())


def test_a_plain_line_tells_phase_weights_and_counts() -> None:
    out = io.StringIO()
    PlainView(out, Clock()).show(SCENE)
    assert "SHIFTING | 80 % v1, 20 % v2 | requests: v1 90, v2 20 with 3 errors" in out.getvalue()


def test_a_scene_in_which_nothing_moved_gets_no_line_of_its_own() -> None:
    out, clock = io.StringIO(), Clock()
    view = PlainView(out, clock)
    view.show(SCENE)
    clock.now += BETWEEN_LINES / 2
    view.show(SCENE)
    assert out.getvalue().count("\n") == 1


def test_the_evidence_gets_a_line_of_its_own_for_every_minute_that_was_judged() -> None:
    out, clock = io.StringIO(), Clock()
    view = PlainView(out, clock)
    later = replace(JUDGED, evidence=Evidence(5, Count(250, 14), Count(180, 0), 4.7, 4.605))
    for scene in (SCENE, JUDGED, JUDGED, later):
        view.show(scene)
    lines = [line[10:].strip() for line in out.getvalue().splitlines() if "evidence" in line]
    assert lines == [
        "judged: v2 9 of 204 failed, v1 0 of 141, in 4 minutes; evidence 12 to 1, rolls back at 100 to 1",
        "judged: v2 14 of 250 failed, v1 0 of 180, in 5 minutes; evidence 110 to 1, rolls back at 100 to 1",
    ]


def test_the_traffic_gets_a_line_every_few_seconds() -> None:
    out, clock = io.StringIO(), Clock()
    view = PlainView(out, clock)
    view.show(SCENE)
    clock.now += BETWEEN_LINES
    view.show(SCENE)
    assert out.getvalue().count("\n") == 2


def test_the_panel_shows_phase_weights_counts_and_lines() -> None:
    shown = drawn(SCENE, "step 1: 20% to version 2")
    for text in ("checkout:live#2", "SHIFTING", "v1 80 %", "v2 20 %", "90", "3", "step 1: 20% to version 2"):
        assert text in shown


def test_the_panel_shows_the_evidence_and_how_far_it_has_come() -> None:
    shown = drawn(JUDGED)
    assert "evidence 12 to 1, rolls back at 100 to 1" in shown
    assert (shown.count("░"), shown.count("█")) == (28, 60 + 32)


def test_the_panel_says_where_nothing_was_judged_yet() -> None:
    assert "nothing judged yet" in drawn(SCENE)


def test_the_panel_can_be_drawn_before_anything_happened() -> None:
    assert "no alias yet" in drawn(Scene(0.0, "setting up"))


def test_a_long_line_is_cut_and_not_wrapped() -> None:
    assert "…" in drawn(SCENE, "x" * 200)


def test_a_line_is_shown_as_it_is_and_not_as_markup() -> None:
    assert "[bold]given up[/bold]" in drawn(SCENE, "[bold]given up[/bold]")


def test_the_live_view_ends_with_the_last_scene() -> None:
    console = Console(file=io.StringIO(), width=90, height=40, force_terminal=True)
    with LiveView(console) as view:
        view.say("a line that stays")
        view.show(SCENE)
    assert isinstance(console.file, io.StringIO)
    last = console.file.getvalue().rpartition("Slipway")[2]
    assert "a line that stays" in last
    assert "SHIFTING" in last
