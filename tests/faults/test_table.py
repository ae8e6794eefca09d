"""The page about the sweep says what a whole one came to, and that in it no rule was broken."""

from __future__ import annotations

from tests.cloud.faults import Fault
from tests.faults import table
from tests.faults.results import Swept
from tests.faults.scenarios import ALL
from tests.faults.troubles import FAULTS, Away, CallFails
from tests.pages import PAGES


def test_a_row_says_how_often_something_was_broken_and_how_the_stories_ended() -> None:
    swept = Swept(scenarios=2, calls=7)
    swept.count("a call is denied", 1, [])
    swept.count("a call is denied", 1, [], as_undisturbed=False)
    swept.count("a call is denied", 3, ["a rule was broken"])
    row, _, closing = table.part(swept).splitlines()[2:]
    assert row == "| a call is denied | 3 | 5 | 1 | 1 | 1 |"
    assert closing == "In all: 2 scenarios, 7 calls, 5 faults injected, 1 violations."


def test_the_page_shows_a_whole_sweep_in_which_no_rule_was_broken() -> None:
    shown = PAGES["docs/evidence/fault-sweep.md"].partition(table.LINES[0])[2].partition(table.LINES[1])[0]
    rows = [line.strip("| ").split(" | ") for line in shown.splitlines() if line.startswith("| ")][2:]
    ways = [CallFails(how) for how in (*FAULTS, Fault.IN_PART)]
    outages = [Away(services, 2, Fault.SERVICE_ERROR) for services in (("s3",), ("s3", "sns"))]
    assert [row[0] for row in rows] == sorted(each.name for each in (*ways, *outages))
    assert {row[-1] for row in rows} == {"0"}
    assert f"In all: {len(ALL)} scenarios, " in shown
    assert " faults injected, 0 violations." in shown
