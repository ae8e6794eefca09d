"""Judges the story: facts in, what is wrong with them out. Pure.

Rules of the file:
- everything that the story promises is checked, and a demo in which anything is wrong fails;
- what is checked was read back; nothing is believed because it was asked for.

What a newcomer would get wrong: the right end state is not enough. A canary that got no request, or a rollback that
nobody's alarm asked for, ends in the same state and proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from local.demo.evidence import Evidence
from local.demo.facts import Facts
from local.demo.notices import Fired
from local.demo.sightings import ALL, Routing, first_back, percents_of
from local.demo.traffic import shared, slowest
from local.demo.versions import ALIAS, FUNCTION, RELEASES, must_fail

LONGEST_SECONDS = 120.0
LONGEST_WAY_BACK = 5.0
"""Seconds from an alarm to the alias; it takes one event, one read and one write."""
LOWEST_RATE = 20.0
STRETCH = 10.0
"""The rate is looked at in every stretch of so many seconds."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a deployment must have ended: of which artifact, as which version, in which phase, why; and the way there."""

    artifact: str
    version: str | None
    phase: str
    cause: str
    way: tuple[str, ...] = field(default=(), compare=False)

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases that were entered, the last one too."""
        return (*self.way, self.phase)

    def __str__(self) -> str:
        version = f"version {self.version}" if self.version else "no version"
        return f"{self.artifact} as {version}: {self.phase}, {self.cause}"


ENDINGS = (
    Ending(f"{FUNCTION}/v1.zip", "1", "SUCCEEDED", "promoted", ("TESTING", "BAKING")),
    Ending(f"{FUNCTION}/v2.zip", "2", "SUCCEEDED", "promoted", ("TESTING", "SHIFTING", "BAKING")),
    Ending(f"{FUNCTION}/v3.zip", "3", "ROLLED_BACK", "alarm", ("TESTING", "SHIFTING", "ROLLING_BACK")),
    Ending(f"{FUNCTION}/v4.zip", "4", "SUCCEEDED", "promoted", ("TESTING", "SHIFTING", "BAKING")),
    Ending(f"{FUNCTION}/v5.zip", "5", "ROLLED_BACK", "errors", ("TESTING", "SHIFTING", "ROLLING_BACK")),
    Ending(f"{FUNCTION}/v3-again.zip", None, "FAILED", "quarantined"),
)
_BAD = f"{FUNCTION}:{ALIAS}#3"
_BAD_FOR_FEW = f"{FUNCTION}:{ALIAS}#5"


def problems(facts: Facts) -> tuple[str, ...]:
    """Returns what is wrong, nothing where the story went as it must."""
    checks = (
        _endings, _aliases, _quarantine, _alarm, _way_back, _tidiness, _notices,
        _evidence, _verdict_in_words, _shifts, _shares, _errors, _rate, _time,
    )  # fmt: skip
    return tuple(problem for check in checks for problem in check(facts))


def result(facts: Facts, *, ok: bool) -> dict[str, object]:
    """Returns the demo's last line."""
    return {
        "ok": ok,
        "promoted": [one.canary for one in facts.deployments if one.phase == "SUCCEEDED"],
        "rolled_back": [one.canary for one in facts.deployments if one.phase == "ROLLED_BACK"],
        "rolled_back_by": {one.canary: one.cause for one in facts.deployments if one.phase == "ROLLED_BACK"},
        "evidence": _odds(facts),
        "live": {"version": facts.live.version, "weights": dict(facts.live.weights)} if facts.live else None,
        "previous": facts.previous.version if facts.previous else None,
        "requests": len(facts.answers) + len(facts.lost),
        "errors": sum(answer.failed for answer in facts.answers),
        "seconds_alarm_to_alias": _rounded(seconds_back(facts)),
        "seconds_to_judge": _rounded(seconds_to_judge(facts)),
        "seconds_total": _rounded(facts.seconds),
    }


def seconds_back(facts: Facts) -> float | None:
    """Returns the time from the alarm of v3's deployment to the alias seen back on v2, None where one is missing."""
    fired = _fired_for_the_bad_one(facts)
    back = first_back("2", "3", facts.sightings)
    return back - fired.at if fired and back is not None else None


def seconds_to_judge(facts: Facts) -> float | None:
    """Returns the time from v5's first share to the alias seen back on v4, None where one was not seen."""
    shared_at = (one.at for one in facts.sightings if one.routing and one.routing.percent_of("5") > 0)
    began = next(shared_at, None)
    back = first_back("4", "5", facts.sightings)
    return back - began if began is not None and back is not None else None


def _odds(facts: Facts) -> dict[str, float]:
    """The last evidence of each version that was judged, to 1; over 1 speaks against it."""
    last = {one.canary: facts.judged.get(one.name, ())[-1:] for one in facts.deployments}
    return {str(canary): float(f"{math.exp(seen[0].log):.3g}") for canary, seen in last.items() if seen}


def _endings(facts: Facts) -> Iterator[str]:
    found = [Ending(one.artifact, one.canary, one.phase, one.cause or "no cause") for one in facts.deployments]
    for number, (expected, each) in enumerate(zip(ENDINGS, found, strict=False), start=1):
        if each != expected:
            reason = facts.deployments[number - 1].reason
            yield f"deployment {number} must be {expected}; it is {each} ({reason})"
    if len(found) != len(ENDINGS):
        yield f"there must be {len(ENDINGS)} deployments; the controller has a record of {len(found)}"


def _aliases(facts: Facts) -> Iterator[str]:
    if facts.live != Routing("4"):
        yield f"the alias {ALIAS} must carry version 4 alone; it carries {facts.live}"
    if facts.previous != Routing("2"):
        yield f"the alias previous must carry version 2 alone, the way back of v4; it carries {facts.previous}"


def _quarantine(facts: Facts) -> Iterator[str]:
    refused = [one for one in facts.deployments if one.cause == "quarantined"]
    for one in refused:
        if _BAD not in (one.reason or ""):
            yield f"the refusal of {one.artifact} must name {_BAD}; it says {one.reason}"
    if facts.versions != ("1", "2", "3", "4", "5"):
        yield f"versions 1 to 5 must be there, and none of refused bytes; there are {', '.join(facts.versions)}"


def _alarm(facts: Facts) -> Iterator[str]:
    fired = _fired_for_the_bad_one(facts)
    if fired is None:
        yield f"the alarm of {_BAD} must have fired; fired: {[one.alarm for one in facts.fired]}"
    elif fired.alarm not in facts.heard:
        yield f"the event of alarm {fired.alarm} must have reached the controller; its log names {sorted(facts.heard)}"
    others = sorted({one.alarm for one in facts.fired} - ({fired.alarm} if fired else set()))
    if others:
        yield f"no other alarm must have fired; fired: {', '.join(others)}"


def _way_back(facts: Facts) -> Iterator[str]:
    seconds = seconds_back(facts)
    if seconds is None:
        yield "after version 3 had traffic and its alarm fired, the alias must have been seen on 2 alone; it was not"
    elif not 0 <= seconds <= LONGEST_WAY_BACK:
        yield f"the way back must take 0 to {LONGEST_WAY_BACK:g} s from the alarm; it took {seconds:.2f} s"


def _tidiness(facts: Facts) -> Iterator[str]:
    if facts.alarms_left:
        yield f"no deployment's alarm must be left; there are {', '.join(facts.alarms_left)}"


def _notices(facts: Facts) -> Iterator[str]:
    for number, ending in enumerate(ENDINGS, start=1):
        name = f"{FUNCTION}:{ALIAS}#{number}"
        missing = [phase for phase in ending.phases if (name, phase) not in facts.notices]
        if missing:
            yield f"EventBridge must have been told of every phase of {name}; it was not of {', '.join(missing)}"


def _evidence(facts: Facts) -> Iterator[str]:
    """v2 and v4 must have been judged and found as good; the evidence against v5 must have been seen to grow."""
    for number in (2, 4, 5):
        name = f"{FUNCTION}:{ALIAS}#{number}"
        seen = facts.judged.get(name, ())
        if not seen or not (seen[-1].canary.requests and seen[-1].stable.requests):
            yield f"the controller must have judged requests of both versions for {name}; it told of {seen[-1:]}"
        elif number == 5 and not _grew(seen):
            yield f"the evidence against version 5 must have grown to its bar; it was {[one.log for one in seen]}"
        elif number != 5 and any(one.rolls_back for one in seen):
            yield f"the evidence against version {number} must have stayed under its bar; it was {seen[-1].log}"


def _grew(seen: Sequence[Evidence]) -> bool:
    *before, last = seen
    return last.rolls_back and bool(before) and not any(one.rolls_back for one in before)


def _verdict_in_words(facts: Facts) -> Iterator[str]:
    seen = facts.judged.get(_BAD_FOR_FEW, ())[-1:]
    reasons = [one.reason or "" for one in facts.deployments if one.name == _BAD_FOR_FEW]
    for one, reason in zip(seen, reasons, strict=False):
        counts = f"{one.canary.errors:,} of {one.canary.errors + one.stable.errors:,} errors were version 5's"
        if counts not in reason:
            yield f"the reason of {_BAD_FOR_FEW} must say that {counts}; it says {reason}"


def _shifts(facts: Facts) -> Iterator[str]:
    for number, (release, ending) in enumerate(zip(RELEASES, ENDINGS, strict=False), start=1):
        seen = percents_of(str(number), facts.sightings)
        steps = tuple(map(float, release.steps if number > 1 else ()))
        if ending.phase == "ROLLED_BACK":
            right, must = seen and seen == steps[: len(seen)], f"the first of {steps}"
        else:
            # It steps down again for the next version, and is back after it; what comes first is its own shift.
            whole = (*steps, ALL)
            right, must = seen[: len(whole)] == whole, str(whole)
        if not right:
            yield f"version {number} must have been seen to get {must} %; it got {seen} %"


def _shares(facts: Facts) -> Iterator[str]:
    for version in ("2", "3", "4", "5"):
        own, asked = shared(version, facts.answers, facts.sightings)
        if not 0 < own < asked:
            yield f"version {version} must have got a part of the requests in its shift; it got {own} of {asked}"


def _errors(facts: Facts) -> Iterator[str]:
    """Every version must have raised on the orders that it cannot do, and on no other."""
    if facts.lost:
        yield f"no request must be lost; {len(facts.lost)} were, the first one because of {facts.lost[0]}"
    for version in ("3", "5"):
        if not any(answer.failed for answer in facts.answers if answer.version == version):
            yield f"version {version} must have raised; it did not"
    for number in range(1, len(RELEASES) + 1):
        own = [answer for answer in facts.answers if answer.version == str(number)]
        wrong = [answer for answer in own if answer.failed != must_fail(answer.version, answer.number)]
        if wrong:
            yield (
                f"version {number} must have raised on the orders it cannot do and on no other; {len(wrong)} of its"
                f" {len(own)} requests ended otherwise, the first is number {wrong[0].number}"
            )


def _rate(facts: Facts) -> Iterator[str]:
    lowest = slowest(facts.answers, STRETCH)
    if lowest < LOWEST_RATE:
        yield f"{LOWEST_RATE:g} requests a second must be answered all along; for {STRETCH:g} s it were {lowest:.1f}"


def _time(facts: Facts) -> Iterator[str]:
    if facts.seconds > LONGEST_SECONDS:
        yield f"the story must take at most {LONGEST_SECONDS:g} s; it took {facts.seconds:.1f} s"


def _fired_for_the_bad_one(facts: Facts) -> Fired | None:
    return next((one for one in facts.fired if one.alarm.endswith(f"/{FUNCTION}/{ALIAS}/3")), None)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
