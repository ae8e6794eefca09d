"""The demo is shown in whole lines where it is piped, and as a panel on a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from rich.console import Console

from cli.asking.answers import Count, Deployment, Entry, Evidence, Routing
from cli.showing.display import BETWEEN_LINES, Lines, LivePanel
from cli.showing.panel import Moment, last_panel, panel

SPLIT = Routing("1", (("2", 0.2),))
TIMELINE = (Entry(None, "accepted"),)
SHIFTING = Deployment("checkout:live#2", "SHIFTING", "checkout/v2.zip", "v", "2", None, None, TIMELINE, "1")
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
        return [line.partition("  ")[2].strip() for line in self.out.getvalue().splitlines()]


def terminal(width: int = 90, height: int = 40, *, colours: bool = True) -> Console:
    return Console(file=io.StringIO(), width=width, height=height, force_terminal=True, no_color=not colours)


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def drawn(moment: Moment, *lines: str, width: int = 90, height: int = 40) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=False)
    console.print(panel(moment, lines, console))
    return text_of(console)


def test_a_line_begins_with_the_time() -> None:
    printed = Printed()
    printed.display.say("dropped")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\dZ  dropped\n", printed.out.getvalue())


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
        printed.display.tell(replace(SHIFTING, timeline=tuple(Entry(None, text) for text in timeline)))
    assert printed.lines() == ["checkout:live#2  accepted", "checkout:live#2  1 test passed"]


def test_the_panel_shows_phase_weights_counts_and_lines() -> None:
    shown = drawn(MOMENT, "[bold]20%[/bold] to version 2")
    for text in (
        "checkout:live#2",
        "SHIFTING",
        "v1 80 %",
        "v2 20 %",
        "90",
        "nothing judged yet",
        "[bold]20%[/bold]",
    ):
        assert text in shown


def test_the_panel_shows_the_evidence_and_how_far_it_has_come() -> None:
    shown = drawn(judged(2.485))
    assert "evidence 12 to 1, rolls back at 100 to 1" in shown
    assert (shown.count("░"), shown.count("█")) == (28, 48 + 1 + 32)


def test_both_parts_of_the_bar_differ_without_colours() -> None:
    bar, words = (line.strip("│ ") for line in drawn(MOMENT).splitlines() if "▒" in line)
    assert bar == "█" * 48 + "▒" * 12
    assert words == "█ v1 80 %   ▒ v2 20 %"


def test_a_small_share_can_be_seen_in_the_panel_and_the_bar_keeps_its_width() -> None:
    bar = drawn(replace(MOMENT, routing=Routing("1", (("2", 0.001),)))).splitlines()[4]
    assert (bar.count("█"), bar.count("▒")) == (59, 1)


def test_a_long_reason_is_shown_whole_on_80_columns() -> None:
    reason = " ".join(f"word{number}" for number in range(60))
    shown = drawn(judged(2.485), "an older line", reason, width=80)
    assert max(map(len, shown.splitlines())) == 80
    assert [word for word in reason.split() if word not in shown.replace("│", " ").split()] == []
    assert "…" not in shown


def test_on_a_low_terminal_older_lines_make_room_for_the_last_one() -> None:
    shown = drawn(judged(2.485), "an older line", "word " * 30 + "end", width=80, height=20)
    assert "an older line" not in shown
    assert "end" in shown
    assert len(shown.splitlines()) < 20


def test_without_colours_the_panel_has_none() -> None:
    for colours, expected in ((True, True), (False, False)):
        console = terminal(colours=colours)
        console.print(panel(judged(2.485), (), console))
        assert bool(re.search(r"\x1b\[(\d;)*3\dm", text_of(console))) is expected


def test_the_last_panel_shows_every_end_and_the_closing_sentence() -> None:
    ended = replace(SHIFTING, phase="ROLLED_BACK", reason="because " + "of the alarm " * 10 + "in the end")
    refused = replace(SHIFTING, artifact="checkout/again.zip", phase="FAILED", canary=None, reason="quarantined")
    console = Console(file=io.StringIO(), width=80, force_terminal=False)
    console.print(last_panel((ended, refused), "0 shipped, 1 brought back"))
    shown = text_of(console)
    for text in ("v2.zip", "v2", "ROLLED_BACK", "in the end", "again.zip", "FAILED", "0 shipped, 1 brought back"):
        assert text in shown
    assert max(map(len, shown.splitlines())) == 80


def test_the_panel_can_be_drawn_before_anything_happened() -> None:
    assert "no alias yet" in drawn(Moment(0.0, "setting up"))


def test_the_panel_ends_with_the_last_moment() -> None:
    console = terminal()
    with LivePanel(console) as display:
        display.say("a line that stays")
        display.show(MOMENT)
    last = text_of(console).rpartition("Slipway")[2]
    assert "a line that stays" in last
    assert "SHIFTING" in last


def test_the_last_frame_is_how_the_demo_ended() -> None:
    console = terminal()
    with LivePanel(console) as display:
        display.show(MOMENT)
        display.end((SHIFTING,), "3 shipped, 2 brought back")
    assert "3 shipped, 2 brought back" in text_of(console).rpartition("the end")[2]


def test_lines_end_with_every_end_and_the_closing_sentence() -> None:
    printed = Printed()
    printed.display.end((SHIFTING,), "3 shipped, 2 brought back\nNext")
    assert printed.lines() == ["checkout/v2.zip: SHIFTING", "3 shipped, 2 brought back", "Next"]
