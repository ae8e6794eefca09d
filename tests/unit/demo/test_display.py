"""The demo is shown in whole lines where it is piped, and as a panel on a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from rich.console import Console

from local.demo.alias import Routing
from local.demo.controller import Deployment, Evidence
from local.demo.display import BETWEEN_LINES, Lines, LivePanel, Moment, panel
from local.demo.traffic import Count

SPLIT = Routing("1", (("2", 0.2),))
SHIFTING = Deployment("checkout:live#2", "SHIFTING", "checkout/v2.zip", "v", "2", None, None, ("accepted",), "1")
MOMENT = Moment(12.0, "v2, good", SHIFTING, SPLIT, {"1": Count(90, 0), "2": Count(20, 1)})


def judged(log: float) -> Moment:
    evidence = Evidence(4, Count(204, 9), Count(141, 0), log, 4.605)
    return replace(MOMENT, deployment=replace(SHIFTING, evidence=evidence))


class Clock:
    now = 1_795_500_000.0

    def __call__(self) -> float:
        return self.now


class Printed:
    def __init__(self) -> None:
        self.out, self.clock = io.StringIO(), Clock()
        self.display = Lines(self.out, self.clock)

    def lines(self) -> list[str]:
        return [line[10:].strip() for line in self.out.getvalue().splitlines()]


def drawn(moment: Moment, *lines: str) -> str:
    console = Console(file=io.StringIO(), width=90, height=40, force_terminal=False)
    console.print(panel(moment, lines, console.width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_line_begins_with_the_time() -> None:
    printed = Printed()
    printed.display.say("dropped")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d  dropped\n", printed.out.getvalue())


def test_a_line_tells_phase_weights_and_counts() -> None:
    printed = Printed()
    printed.display.show(MOMENT)
    printed.display.show(replace(MOMENT, routing=None, counts={"2": Count(20, 3)}))
    printed.display.show(replace(MOMENT, counts={}))
    assert printed.lines() == [
        "SHIFTING | 80 % v1, 20 % v2 | requests: v1 90, v2 20 with 1 error",
        "SHIFTING | no alias | requests: v2 20 with 3 errors",
        "SHIFTING | 80 % v1, 20 % v2 | requests: none yet",
    ]


def test_where_nothing_moved_the_traffic_gets_a_line_every_few_seconds() -> None:
    printed = Printed()
    for _ in range(4):
        printed.display.show(MOMENT)
        printed.clock.now += BETWEEN_LINES / 2
    assert len(printed.lines()) == 2


def test_the_evidence_gets_a_line_of_its_own_where_it_is_new() -> None:
    printed = Printed()
    for moment in (MOMENT, judged(2.485), judged(2.485)):
        printed.display.show(moment)
    (line,) = (line for line in printed.lines() if "evidence" in line)
    assert line == "judged: v2 9 of 204 failed, v1 0 of 141, in 4 minutes; evidence 12 to 1, rolls back at 100 to 1"


def test_a_timeline_is_told_entry_by_entry_and_each_once() -> None:
    printed = Printed()
    for timeline in (("accepted",), ("accepted", "1 test passed")):
        printed.display.tell(replace(SHIFTING, timeline=timeline))
    assert printed.lines() == ["checkout:live#2  accepted", "checkout:live#2  1 test passed"]


def test_the_panel_shows_phase_weights_counts_and_lines() -> None:
    shown = drawn(MOMENT, "[bold]20%[/bold] to version 2", "x" * 200)
    for text in (
        "checkout:live#2",
        "SHIFTING",
        "v1 80 %",
        "v2 20 %",
        "90",
        "nothing judged yet",
        "[bold]20%[/bold]",
        "…",
    ):
        assert text in shown


def test_the_panel_shows_the_evidence_and_how_far_it_has_come() -> None:
    shown = drawn(judged(2.485))
    assert "evidence 12 to 1, rolls back at 100 to 1" in shown
    assert (shown.count("░"), shown.count("█")) == (28, 60 + 32)


def test_a_small_share_can_be_seen_in_the_panel_and_the_bar_keeps_its_width() -> None:
    assert drawn(replace(MOMENT, routing=Routing("1", (("2", 0.001),)))).count("█") == 60


def test_the_panel_can_be_drawn_before_anything_happened() -> None:
    assert "no alias yet" in drawn(Moment(0.0, "setting up"))


def test_the_panel_ends_with_the_last_moment() -> None:
    console = Console(file=io.StringIO(), width=90, height=40, force_terminal=True)
    with LivePanel(console) as display:
        display.say("a line that stays")
        display.show(MOMENT)
    assert isinstance(console.file, io.StringIO)
    last = console.file.getvalue().rpartition("Slipway")[2]
    assert "a line that stays" in last
    assert "SHIFTING" in last
