"""What came of the demo, and what is wrong with it. Pure.

The tests of tests/local ask more of the same stack; here is checked what the demo promises to show.

Note: the right end state is not enough. A rollback that nobody's alarm asked for ends in the same state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from cli.asking.answers import Deployment, Evidence, Routing
from local.demo.alarms import Fired
from local.demo.alias import ALL, Carried, first_back, percents_of
from local.demo.releases import ALIAS, DROPS, FUNCTION
from local.demo.traffic import Answer, counts

LONGEST_SECONDS = 120.0
LONGEST_WAY_BACK = 5.0
"""Seconds from an alarm to the alias; it takes one event, one read and one write."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What AWS says afterwards, and what was counted on the way. The sequences are oldest first.

    ``evidence`` is the last that the controller told of, by version. ``changes`` are the alias's. ``lost`` are the
    reasons of requests that got no answer of the function.
    """

    deployments: tuple[Deployment, ...]
    live: Routing | None
    previous: Routing | None
    fired: tuple[Fired, ...]
    evidence: Mapping[str, Evidence]
    changes: tuple[Carried, ...]
    answers: tuple[Answer, ...]
    lost: tuple[str, ...]
    seconds: float

    @property
    def seconds_alarm_to_alias(self) -> float | None:
        """From v3's alarm to the alias seen back on v2, None where one is missing."""
        fired = next((one.at for one in self.fired if _is_of_v3(one)), None)
        return _between(fired, first_back("2", "3", self.changes))

    @property
    def seconds_to_judge(self) -> float | None:
        """From v5's first share to the alias seen back on v4, None where one was not seen."""
        began = next((one.at for one in self.changes if one.percent_of("5") > 0), None)
        return _between(began, first_back("4", "5", self.changes))

    def line(self) -> dict[str, object]:
        """Returns the demo's last line but for its ``ok``."""
        rolled_back = [one for one in self.deployments if one.phase == "ROLLED_BACK"]
        return {
            "promoted": [one.canary for one in self.deployments if one.phase == "SUCCEEDED"],
            "rolled_back": [one.canary for one in rolled_back],
            "rolled_back_by": {one.canary: one.cause for one in rolled_back},
            "evidence": {version: float(f"{math.exp(one.log):.3g}") for version, one in self.evidence.items()},
            "live": self.live and {"version": self.live.version, "weights": dict(self.live.weights)},
            "previous": self.previous and self.previous.version,
            "requests": len(self.answers) + len(self.lost),
            "errors": sum(answer.failed for answer in self.answers),
            "seconds_alarm_to_alias": self.seconds_alarm_to_alias,
            "seconds_to_judge": self.seconds_to_judge,
            "seconds_total": round(self.seconds, 2),
        }


def closing(found: Outcome) -> str:
    """Returns how the demo ended, in a sentence for people, and what to try next."""
    phases = [one.phase for one in found.deployments]
    back = found.seconds_alarm_to_alias
    how_soon = "" if back is None else f", {back:g} s from alarm to alias"
    return (
        f"{phases.count('SUCCEEDED')} shipped, {phases.count('ROLLED_BACK')} brought back, "
        f"{phases.count('FAILED')} refused{how_soon}, {len(found.lost)} requests lost.\n"
        "Next: make local starts such an AWS and keeps it up; docs/tutorial.md ships a function to it by hand."
    )


def problems(found: Outcome) -> tuple[str, ...]:
    """Returns what is wrong, nothing where everything is as it must be."""
    must_end = tuple((f"{FUNCTION}/{drop.file}", drop.version, drop.phase, drop.cause) for drop in DROPS)
    ended = tuple((one.artifact, one.canary, one.phase, one.cause) for one in found.deployments)
    back = found.seconds_alarm_to_alias
    others = sorted({one.alarm for one in found.fired if not _is_of_v3(one)})
    spoke_against = [version for version, evidence in found.evidence.items() if evidence.rolls_back]
    failed = {version for version, count in counts(found.answers).items() if count.errors}
    shifts = {version: percents_of(version, found.changes) for version in "2345"}
    checks = (
        (ended == must_end, f"the deployments must end as {must_end}; they ended as {ended}"),
        (found.live == Routing("4"), f"the alias {ALIAS} must carry version 4 alone; it carries {found.live}"),
        (found.previous == Routing("2"), f"the alias previous must carry version 2 alone; it carries {found.previous}"),
        (
            back is not None and 0 <= back <= LONGEST_WAY_BACK,
            f"from v3's alarm to version 2 alone it must take 0 to {LONGEST_WAY_BACK:g} s; it took {back}",
        ),
        (
            all(shifts[good][:3] == (20, 50, ALL) for good in "24") and not any(ALL in shifts[bad] for bad in "35"),
            f"versions 2 and 4 must get 20, 50 and 100 %, versions 3 and 5 never 100 %; they got {shifts}",
        ),
        (not others, f"no alarm but v3's must fire; fired: {', '.join(others)}"),
        (
            {"2", "4", "5"} <= found.evidence.keys() and spoke_against == ["5"],
            f"the error gate must judge versions 2, 4 and 5, and find only 5 worse; it found {dict(found.evidence)}",
        ),
        ({"3", "5"} <= failed and "4" not in failed, f"versions 3 and 5 must raise, 4 must not; these did: {failed}"),
        (not found.lost, f"no request must be lost; {len(found.lost)} were, first because of {found.lost[:1]}"),
        (found.seconds <= LONGEST_SECONDS, f"it must take at most {LONGEST_SECONDS:g} s; it took {found.seconds:.1f}"),
    )
    return tuple(text for is_right, text in checks if not is_right)


def _is_of_v3(fired: Fired) -> bool:
    return fired.alarm.endswith(f"/{FUNCTION}/{ALIAS}/3")


def _between(began: float | None, ended: float | None) -> float | None:
    return None if began is None or ended is None else round(ended - began, 2)
