"""What people use in place of the error gate, and what this project used before: each looks at a minute once.

A rival is a value, and ``after`` returns the next one. All are treated kindly: a minute without requests of the canary
speaks for it, and nobody looks at a minute before all of its quick requests are counted.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, Protocol

from bench.judging.own_alarm import OwnAlarm
from bench.judging.service import MINUTE, SHOWN_AFTER, Alias, Service
from controller.core.manifest.settings import Manifest
from controller.core.statistics.sequential_evidence import Evidence, Minute

SIGNIFICANCE = 0.01
"""How often a good release may be rolled back: the default of ``gates.errors.significance``."""
_IN_BAKE = SIGNIFICANCE / 10
_ALL = 10_000


class Rival(Protocol):
    """Something that has looked at minutes so far, and ``fired`` if the last one made it roll back.

    In the bake (``bakes``) the stable version's counts are those of a minute before the promotion.
    """

    @property
    def fired(self) -> bool: ...

    def after(self, minute: Minute, *, bakes: bool) -> Rival: ...


@dataclass(frozen=True, slots=True)
class OneLook:
    """The counts of each minute, judged once as if they were complete, and an own alarm on a single minute."""

    fired: bool = False
    shift: Evidence = field(default_factory=Evidence)
    bake: Evidence = field(default_factory=Evidence)

    def after(self, minute: Minute, *, bakes: bool) -> OneLook:
        if bakes:
            bake = self.bake.after(minute)
            return replace(self, fired=bake.log >= -math.log(_IN_BAKE), bake=bake)
        shift = self.shift.after(minute)
        return OneLook(shift.log >= -math.log(SIGNIFICANCE) or OwnAlarm(1).is_bad(minute), shift)


@dataclass(frozen=True, slots=True)
class Fisher:
    """Fisher's exact test of all requests so far, at the same significance, asked anew in every minute."""

    fired: bool = False
    canary: int = 0
    canary_errors: int = 0
    stable: int = 0
    stable_errors: int = 0

    def after(self, minute: Minute, *, bakes: bool) -> Fisher:
        if bakes:
            return self
        so_far = Fisher(
            canary=self.canary + minute.canary_invocations,
            canary_errors=self.canary_errors + minute.canary_errors,
            stable=self.stable + minute.stable_invocations,
            stable_errors=self.stable_errors + minute.stable_errors,
        )
        return replace(so_far, fired=so_far.tail() < SIGNIFICANCE)

    def tail(self) -> float:
        """Returns how probable as many errors of the canary are, or more, where both versions are alike."""
        errors, requests = self.canary_errors + self.stable_errors, self.canary + self.stable
        most = min(errors, self.canary)
        every = _log_choose(requests, errors)
        ways = (
            _log_choose(self.canary, count) + _log_choose(self.stable, errors - count)
            for count in range(self.canary_errors, most + 1)
            if errors - count <= self.stable
        )
        return sum(math.exp(each - every) for each in ways)


@dataclass(frozen=True, slots=True)
class AnyError:
    """Rolls back at the first error of the canary."""

    fired: bool = False

    def after(self, minute: Minute, *, bakes: bool) -> AnyError:
        return self if bakes else AnyError(minute.canary_errors > 0)


@dataclass(frozen=True, slots=True)
class OverFivePercent:
    """Rolls back when more than 5 % of the canary's requests failed in two of the last three minutes."""

    last: tuple[bool, bool, bool] = (False, False, False)

    @property
    def fired(self) -> bool:
        return sum(self.last) >= 2

    def after(self, minute: Minute, *, bakes: bool) -> OverFivePercent:  # noqa: ARG002
        _, before, newest = self.last
        return OverFivePercent((before, newest, 20 * minute.canary_errors > minute.canary_invocations))


RIVALS: Mapping[str, Rival] = {
    "one look": OneLook(),
    "Fisher": Fisher(),
    "any error": AnyError(),
    "over 5 %": OverFivePercent(),
}


class Fired(NamedTuple):
    """When a rival rolled back: in which minute it was, whether before all traffic had moved, and what callers met."""

    before_promotion: bool
    judged_minutes: int
    judged_errors: int
    met: int


def watched(dice: random.Random, service: Service, manifest: Manifest) -> Mapping[str, Fired | None]:
    """Returns when each rival rolled one release back that is moved step by step; None where it did not."""
    alias, now = Alias(dice, service, int(dice.random() * 60)), dict(RIVALS)
    found: dict[str, Fired | None] = dict.fromkeys(RIVALS)
    shares, before = [0.0, *_shares(manifest)], list(alias.day)
    gone, errors = alias.second / 60, 0
    for number, (last, share) in enumerate(pairwise(shares)):
        alias.look(number)
        alias.serve(number, gone * last + (1 - gone) * share, begins_step=share > last)
        if number < SHOWN_AFTER:
            continue
        minute = alias.shown[number - SHOWN_AFTER].counts
        errors += minute.canary_errors + minute.stable_errors
        bakes = not minute.stable_invocations and bool(before)
        if bakes:
            minute = Minute(minute.canary_invocations, minute.canary_errors, *before.pop())
        else:
            before.append((minute.stable_invocations, minute.stable_errors))
        for name in [name for name in now if found[name] is None]:
            now[name] = now[name].after(minute, bakes=bakes)
            if now[name].fired:
                met = sum(each.canary_errors for each in alias.happened)
                found[name] = Fired(share < 1, number - SHOWN_AFTER + 1, errors, met)
        if None not in found.values():
            break
    return found


def _shares(manifest: Manifest) -> Iterator[float]:
    """Yields the canary's share from look to look, the looks that still see the last minutes with them."""
    for step in manifest.strategy.steps:
        yield from [step.weight / _ALL] * (step.hold // MINUTE + 1)
    yield from [1.0] * (manifest.strategy.bake // MINUTE + 1)


def _log_choose(count: int, chosen: int) -> float:
    return math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)
