"""Judges the story: facts in, what is wrong with them out. Pure.

The tests of tests/local ask more of the same stack; here is judged what the demo shows.

Note: the right end state is not enough. A rollback that nobody's alarm asked for ends in the same state.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from local.demo.alarms import Fired
from local.demo.evidence import Evidence
from local.demo.facts import Facts
from local.demo.sightings import ALL, Routing, first_back, percents_of
from local.demo.versions import ALIAS, FUNCTION, RELEASES, must_fail

LONGEST_SECONDS = 120.0
LONGEST_WAY_BACK = 5.0
"""Seconds from an alarm to the alias; it takes one event, one read and one write."""
ENDS = (
    ("v1.zip", "1", "SUCCEEDED", "promoted"),
    ("v2.zip", "2", "SUCCEEDED", "promoted"),
    ("v3.zip", "3", "ROLLED_BACK", "alarm"),
    ("v4.zip", "4", "SUCCEEDED", "promoted"),
    ("v5.zip", "5", "ROLLED_BACK", "errors"),
    ("v3-again.zip", None, "FAILED", "quarantined"),
)
"""Of what was dropped, as which version, in which phase and why each deployment must have ended."""


def problems(facts: Facts) -> tuple[str, ...]:
    """Returns what is wrong, nothing where the story went as it must."""
    checks = (_ends, _aliases, _way_back, _evidence, _shifts, _requests, _time)
    return tuple(problem for check in checks for problem in check(facts))


def result(facts: Facts, *, ok: bool) -> dict[str, object]:
    """Returns the demo's last line."""
    counted = facts.counted
    return {
        "ok": ok,
        "promoted": [one.canary for one in facts.deployments if one.phase == "SUCCEEDED"],
        "rolled_back": [one.canary for one in facts.deployments if one.phase == "ROLLED_BACK"],
        "rolled_back_by": {one.canary: one.cause for one in facts.deployments if one.phase == "ROLLED_BACK"},
        "evidence": _odds(facts),
        "live": {"version": facts.live.version, "weights": dict(facts.live.weights)} if facts.live else None,
        "previous": facts.previous.version if facts.previous else None,
        "requests": len(counted.answers) + len(counted.lost),
        "errors": sum(answer.failed for answer in counted.answers),
        "seconds_alarm_to_alias": _rounded(seconds_back(facts)),
        "seconds_to_judge": _rounded(seconds_to_judge(facts)),
        "seconds_total": _rounded(counted.seconds),
    }


def seconds_back(facts: Facts) -> float | None:
    """Returns the time from the alarm of v3's deployment to the alias seen back on v2, None where one is missing."""
    fired = next(filter(_is_of_the_bad_one, facts.fired), None)
    back = first_back("2", "3", facts.counted.sightings)
    return back - fired.at if fired and back is not None else None


def seconds_to_judge(facts: Facts) -> float | None:
    """Returns the time from v5's first share to the alias seen back on v4, None where one was not seen."""
    sightings = facts.counted.sightings
    began = next((one.at for one in sightings if one.routing and one.routing.percent_of("5") > 0), None)
    back = first_back("4", "5", sightings)
    return back - began if began is not None and back is not None else None


def _odds(facts: Facts) -> dict[str, float]:
    """The last evidence of each version that was judged, to 1; over 1 speaks against it."""
    last = {one.canary: facts.counted.judged.get(one.name, ())[-1:] for one in facts.deployments}
    return {str(canary): float(f"{math.exp(seen[0].log):.3g}") for canary, seen in last.items() if seen}


def _ends(facts: Facts) -> Iterator[str]:
    must = tuple((f"{FUNCTION}/{file}", *end) for file, *end in ENDS)
    found = tuple((one.artifact, one.canary, one.phase, one.cause) for one in facts.deployments)
    if found != must:
        yield f"the deployments must have ended as {must}; they ended as {found}"


def _aliases(facts: Facts) -> Iterator[str]:
    if facts.live != Routing("4"):
        yield f"the alias {ALIAS} must carry version 4 alone; it carries {facts.live}"
    if facts.previous != Routing("2"):
        yield f"the alias previous must carry version 2 alone, the way back of v4; it carries {facts.previous}"


def _way_back(facts: Facts) -> Iterator[str]:
    seconds = seconds_back(facts)
    if seconds is None or not 0 <= seconds <= LONGEST_WAY_BACK:
        yield f"from v3's alarm to version 2 alone it must take 0 to {LONGEST_WAY_BACK:g} s; it took {seconds}"
    others = sorted({one.alarm for one in facts.fired if not _is_of_the_bad_one(one)})
    if others:
        yield f"no other alarm must have fired; fired: {', '.join(others)}"


def _is_of_the_bad_one(fired: Fired) -> bool:
    return fired.alarm.endswith(f"/{FUNCTION}/{ALIAS}/3")


def _evidence(facts: Facts) -> Iterator[str]:
    """v2 and v4 must have been judged and found as good; the evidence against v5 must have been seen to grow."""
    for version in ("2", "4", "5"):
        seen = facts.counted.judged.get(f"{FUNCTION}:{ALIAS}#{version}", ())
        if not seen or not (seen[-1].canary.requests and seen[-1].stable.requests):
            yield f"the controller must have judged requests of version {version} and of stable; it told of {seen[-1:]}"
        elif seen[-1].canary.requests > sum(answer.version == version for answer in facts.counted.answers):
            yield f"the controller must not have judged more requests of version {version} than came; it told of {seen}"
        elif version == "5" and not _grew(seen):
            yield f"the evidence against version 5 must have grown to its bar; it was {[one.log for one in seen]}"
        elif version != "5" and any(one.rolls_back for one in seen):
            yield f"the evidence against version {version} must have stayed under its bar; it was {seen[-1].log}"


def _grew(seen: Sequence[Evidence]) -> bool:
    *before, last = seen
    return last.rolls_back and bool(before) and not any(one.rolls_back for one in before)


def _shifts(facts: Facts) -> Iterator[str]:
    for number, (release, (_, _, phase, _)) in enumerate(zip(RELEASES, ENDS, strict=False), start=1):
        seen = percents_of(str(number), facts.counted.sightings)
        whole = (*map(float, release.steps if number > 1 else ()), ALL)
        # A good one steps down again for the next version; what comes first is its own shift.
        is_right = seen == whole[:-1][: len(seen)] != () if phase == "ROLLED_BACK" else seen[: len(whole)] == whole
        if not is_right:
            yield f"version {number} must have been seen to get {whole} %, as far as it came; it got {seen} %"


def _requests(facts: Facts) -> Iterator[str]:
    """Every version must have raised on the orders that it cannot do, and on no other."""
    answers, lost = facts.counted.answers, facts.counted.lost
    if lost:
        yield f"no request must be lost; {len(lost)} were, the first one because of {lost[0]}"
    for version in ("3", "5"):
        if not any(answer.failed for answer in answers if answer.version == version):
            yield f"version {version} must have raised; it did not"
    wrong = [one for one in answers if one.failed != must_fail(one.version, one.number)]
    if wrong:
        yield f"versions must have raised on orders they cannot do and on no other; {len(wrong)} did not: {wrong[0]}"


def _time(facts: Facts) -> Iterator[str]:
    if facts.counted.seconds > LONGEST_SECONDS:
        yield f"the story must take at most {LONGEST_SECONDS:g} s; it took {facts.counted.seconds:.1f} s"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
