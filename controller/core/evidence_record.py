"""How what the gates have counted is written down in a record, and read back: evidence, shares, the bake, slowness.

What a newcomer would get wrong: evidence goes on from what is stored here, so a sum must come back as the very float
that it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from controller.core.bake import Bake
from controller.core.judge import Evidence, Judgement
from controller.core.plain import Plain, integer, mapping, members
from controller.core.share import Share
from controller.core.slowness import Measure, Slowness, Yardstick

_MICROSECOND = timedelta(microseconds=1)


def judgement_to_plain(judgement: Judgement) -> dict[str, object] | None:
    """Returns the record of a judgement, None before its first minute. The sums are texts, because DynamoDB knows no
    floats as Python has them, and none without an end.
    """
    if judgement.until is None:
        return None
    return {
        "minutes": judgement.evidence.minutes,
        "sums": [repr(each) for each in judgement.evidence.sums],
        "until": judgement.until.isoformat(),
        "counts": [
            judgement.canary_invocations,
            judgement.canary_errors,
            judgement.stable_invocations,
            judgement.stable_errors,
        ],
    }


def read_judgement(value: object) -> Judgement:
    """Returns the judgement that ``judgement_to_plain`` wrote."""
    if not value:
        return Judgement()
    plain = mapping(value)
    sums = tuple(float(str(each)) for each in members(plain["sums"]))
    evidence = Evidence(integer(plain["minutes"]), sums)
    until = datetime.fromisoformat(str(plain["until"]))
    return Judgement(evidence, until, *(integer(count) for count in members(plain["counts"])))


def share_to_plain(share: Share) -> dict[str, object] | None:
    """Returns the record of a share, None before its first minute."""
    if share.since is None:
        return None
    return {"since": share.since.isoformat(), "counts": [share.canary, share.stable]}


def read_share(value: object) -> Share:
    """Returns the share that ``share_to_plain`` wrote."""
    if not value:
        return Share()
    plain = mapping(value)
    return Share(datetime.fromisoformat(str(plain["since"])), *(integer(count) for count in members(plain["counts"])))


def bake_to_plain(bake: Bake) -> dict[str, object] | None:
    """Returns the record of a bake, None before the minutes to compare it with were read."""
    if bake.before is None:
        return None
    return {"before": [list(each) for each in bake.before], "judgement": judgement_to_plain(bake.judgement)}


def read_bake(value: object) -> Bake:
    """Returns the bake that ``bake_to_plain`` wrote."""
    if not value:
        return Bake()
    plain = mapping(value)
    before = ((integer(invocations), integer(errors)) for invocations, errors in map(members, members(plain["before"])))
    return Bake(tuple(before), read_judgement(plain.get("judgement")))


def slowness_to_plain(slowness: Slowness) -> dict[str, object]:
    """Returns the record of one measure of slowness."""
    return {
        "measure": slowness.measure.value,
        "microseconds": [
            each // _MICROSECOND for each in (slowness.yardstick.canary_over, slowness.yardstick.stable_over)
        ],
        "since": slowness.since.isoformat(),
        "steps": [live_at.isoformat() for live_at in slowness.steps],
        "judgement": judgement_to_plain(slowness.judgement),
        "skipped": slowness.skipped,
    }


def read_slownesses(values: Iterable[object]) -> tuple[Slowness, ...]:
    """Returns what ``slowness_to_plain`` wrote, without measures that this code does not know."""
    known = {measure.value for measure in Measure}
    return tuple(_slowness(each) for each in map(mapping, values) if each["measure"] in known)


def _slowness(plain: Plain) -> Slowness:
    canary_over, stable_over = (integer(each) * _MICROSECOND for each in members(plain["microseconds"]))
    return Slowness(
        Yardstick(Measure(plain["measure"]), canary_over, stable_over),
        datetime.fromisoformat(str(plain["since"])),
        tuple(datetime.fromisoformat(str(live_at)) for live_at in members(plain["steps"])),
        read_judgement(plain.get("judgement")),
        integer(plain["skipped"]),
    )
