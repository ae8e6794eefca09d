"""What is answered with ``"ok": true`` is so: the table and the alias show what the person asked for.

Note: an answer that says ``repeated`` is about what was done before; only what outlasts a deployment, a freeze or a
lifted quarantine, has to be so still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from controller.aws.dynamodb.items import from_item
from controller.aws.dynamodb.rows import FREEZES, read_freezes
from controller.core.model import Cause, Deployment, Phase, Routing
from controller.core.model.freezes import Freeze
from tests.cloud.faults import Json
from tests.cloud.snapshot import Seen

_EARLY = (Phase.PREPARING, Phase.TESTING)
_FORWARD = (Phase.BAKING, Phase.SUCCEEDED)
_BACK = (Phase.ROLLING_BACK, Phase.ROLLED_BACK)


@dataclass(frozen=True)
class Asked:
    """A request, and the moment before it is handled."""

    request: Json
    seen: Seen

    def __post_init__(self) -> None:
        self.seen.deployments  # noqa: B018 - read now: a moment that is read later shows what is there then

    def answered(self, answer: Json, seen: Seen) -> Iterator[str]:
        """(q) What is answered with ok is recorded or done."""
        word = str(self.request["request"])
        is_repeated = "repeated" in answer and word not in _OUTLASTS
        if word in _CHECKS and answer["ok"] and not is_repeated and not _CHECKS[word](Answered(self, answer, seen)):
            yield f"(q) {self.request} is answered with ok, and is not so: {answer}"


@dataclass(frozen=True)
class Answered:
    """A request and its answer, and what there is then."""

    asked: Asked
    answer: Json
    seen: Seen

    @property
    def request(self) -> Json:
        return self.asked.request

    @property
    def after(self) -> Deployment:
        """The record of the deployment that the answer tells of."""
        return _named(self.seen, self.answer["deployment"]["deployment"])[0]

    @property
    def earlier(self) -> Deployment | None:
        """The same from before, None without one."""
        return next(iter(_named(self.asked.seen, self.answer["deployment"]["deployment"])), None)

    @property
    def freezes(self) -> tuple[Freeze, ...]:
        row = self.seen.cloud.table.rows.get((FREEZES, "newest"))
        return read_freezes(from_item(row)).in_force(self.seen.cloud.clock.now) if row else ()


def _named(seen: Seen, name: str) -> list[Deployment]:
    return [each for made in seen.deployments.values() for each in made if str(each) == name]


def _promote(told: Answered) -> bool:
    bakes = told.request.get("phase") == "BAKING" or (told.earlier and told.earlier.phase is Phase.BAKING)
    return told.after.phase in _FORWARD and (not bakes or told.after.traffic.closing or told.after.phase.is_terminal)


def _next(told: Answered) -> bool:
    after, earlier = told.after, told.earlier
    is_later = earlier is not None and after.traffic.step > earlier.traffic.step
    return after.phase in _FORWARD or is_later or after.hold.cut_short_at is not None


def _rollback(told: Answered) -> bool:
    if "deployment" not in told.answer:
        return not told.answer["alias"]["weights"]
    after, earlier, chosen = told.after, told.earlier, told.request.get("to_version")
    if earlier and earlier.phase in _EARLY and not after.phase.serves:
        return after.phase is Phase.FAILED or after.failing is not None or after.phase in _BACK
    is_back = after.phase in _BACK and not after.traffic.drift and chosen in (None, after.stable)
    is_others = told.seen.is_theirs(after.target) or told.seen.open_one(after.target) is not None
    serves = told.seen.routing(after.target) == Routing(str(after.stable))
    return is_back and (serves or is_others or "unfinished" in told.answer)


def _accept_drift(told: Answered) -> bool:
    reason = told.after.reason
    is_kept = told.after.phase is Phase.ROLLED_BACK and reason is not None and reason.cause is Cause.DRIFT
    return not told.after.traffic.drift and (is_kept or told.after.phase in _FORWARD)


def _approve(told: Answered) -> bool:
    earlier, after = told.earlier, told.after
    asked = earlier.hold.approval if earlier else None
    return asked is not None and (after.hold.approval != asked) and after.phase not in (*_BACK, Phase.FAILED)


def _deny(told: Answered) -> bool:
    objection = told.after.objection
    return objection is not None and objection.cause is Cause.DENIED


def _override(told: Answered) -> bool:
    alarm, after = told.request.get("alarm"), told.after
    if alarm is not None:
        return alarm in after.alarms.overridden
    over = (each for each in told.freezes if each.scope.covers(after.target))
    return all(each.identity in after.hold.freeze_wait.overridden for each in over)


def _deploy(told: Answered) -> bool:
    after, earlier = told.after, told.earlier
    is_same = after.artifact.key == told.request["key"]
    is_refused = after.phase is Phase.FAILED and after.reason is not None and after.reason.cause is not Cause.UNCHANGED
    turned_back = earlier is not None and (earlier.phase in _BACK or earlier.failing is not None)
    return is_same and not is_refused and not turned_back


def _freeze(told: Answered) -> bool:
    scope, until = told.request["scope"], told.answer["freeze"]["until"]
    return any(str(each.scope) == scope and (each.until and each.until.isoformat()) == until for each in told.freezes)


def _unfreeze(told: Answered) -> bool:
    return not any(str(each.scope) == told.request["scope"] for each in told.freezes)


def _quarantine(told: Answered) -> bool:
    if "lift" not in told.request:
        return True
    held = (told.answer["target"], f"quarantine#{told.answer['lifted']['sha256']}")
    return held not in told.seen.cloud.table.rows


def _redrive(told: Answered) -> bool:
    left = {each.id for each in told.seen.cloud.dead_letters.messages}
    gone = (each for each in told.answer["letters"] if each["handled"] and "warning" not in each)
    return all(each["letter"] not in left for each in gone)


_OUTLASTS = ("freeze", "unfreeze", "quarantine")
_CHECKS: Mapping[str, Callable[[Answered], object]] = {
    "promote": _promote,
    "next": _next,
    "rollback": _rollback,
    "pause": lambda told: told.after.hold.paused,
    "resume": lambda told: not told.after.hold.paused,
    "accept_drift": _accept_drift,
    "approve": _approve,
    "deny": _deny,
    "override": _override,
    "drill": lambda told: told.after.drill is not None,
    "deploy": _deploy,
    "freeze": _freeze,
    "unfreeze": _unfreeze,
    "quarantine": _quarantine,
    "redrive": _redrive,
}
