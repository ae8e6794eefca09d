"""Steps that fit at any moment of a story, whatever there is.

Note: a step that finds nothing to act on is over, and nothing is wrong. So a walk may play any of them at any time, and
a shorter story is still a story.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from controller.core.model import Deployment, Target
from tests.builders import CHECKOUT
from tests.cloud.deliveries import Order
from tests.cloud.steps import BUCKET, HOOK, MoveAlias, asked
from tests.cloud.story import Story, tick
from tests.cloud.upload_steps import asked_to_deploy
from tests.cloud.zips import code_of

_BETWEEN_ANSWERS = 15
_LONGEST = 240
"""Minutes: the longest deadline of a walk's deployments, for each of some that wait for one another."""


@dataclass(frozen=True)
class Seconds:
    """Some seconds pass, and no tick comes though a minute may begin."""

    count: int

    def play(self, story: Story) -> bool:
        story.cloud.advance(timedelta(seconds=self.count))
        return True


@dataclass(frozen=True)
class Tick:
    """A tick comes now, and nothing else that waits to be delivered."""

    def play(self, story: Story) -> bool:
        story.hears(tick(story.cloud.clock.now))
        return True


@dataclass(frozen=True)
class Delivered:
    """From now on events come in that order, or that often."""

    order: Order

    def play(self, story: Story) -> bool:
        story.order = self.order
        return True


@dataclass(frozen=True)
class RunBy:
    """From now on releases of the controller handle events, in turns where they are several: see ``controllers.py``."""

    controllers: tuple[str, ...]

    def play(self, story: Story) -> bool:
        story.handled_by = self.controllers
        return True


@dataclass(frozen=True)
class Freezes:
    """A person asks once for a freeze of so many minutes, whatever the answer is."""

    minutes: int
    scope: str = "all"

    def play(self, story: Story) -> bool:
        until = story.cloud.clock.now + timedelta(minutes=self.minutes)
        told = {"scope": self.scope, "until": until.isoformat(timespec="seconds"), "who": "alice", "why": "a walk"}
        asked(story, "freeze", told)
        return True


@dataclass(frozen=True)
class Asks:
    """A person asks once for something of checkout, whatever the answer is."""

    word: str
    more: Mapping[str, object] = field(default_factory=dict)

    def play(self, story: Story) -> bool:
        asked(story, self.word, self.more)
        return True


@dataclass(frozen=True)
class DeployIfThere:
    """A person asks once for what was uploaded last under a key, where there is anything."""

    key: str
    lift_quarantine: bool = False

    def play(self, story: Story) -> bool:
        if story.cloud.storage.buckets.get(BUCKET, {}).get(self.key):
            asked_to_deploy(story, self.key, lift_quarantine=self.lift_quarantine)
        return True


@dataclass(frozen=True)
class NewestFails:
    """From now on the version that the newest deployment ships fails, where it has published one."""

    error: str

    def play(self, story: Story) -> bool:
        newest = next((each for each in reversed(story.deployments()) if each.canary), None)
        found = story.cloud.lambda_.functions[CHECKOUT.function].versions.get(str(newest.canary)) if newest else None
        if found:
            story.cloud.lambda_.behave(code_of(found.code), error=self.error)
        return True


@dataclass(frozen=True)
class MoveIfThere(MoveAlias):
    """Somebody else moves the alias, where there is one, and the version is not pruned yet."""

    def play(self, story: Story) -> bool:
        function = story.cloud.lambda_.functions.get(CHECKOUT.function)
        if function is None or CHECKOUT.alias not in function.aliases:
            return True
        is_there = all(version in function.versions for version in (self.version, *self.weights))
        return not is_there or super().play(story)


@dataclass(frozen=True)
class Heal:
    """From now on nothing goes wrong: no call fails, nobody acts in between, every version is well, no alarm fires."""

    def play(self, story: Story) -> bool:
        story.cloud.plan.heal()
        story.interruptions.clear()
        story.order = Order.AS_THEY_CAME
        for code in story.cloud.lambda_.behaviours:
            is_hook = code.startswith(HOOK.format(""))
            story.cloud.lambda_.behave(code, **({"response": {"status": "SUCCEEDED"}} if is_hook else {}))
        story.cloud.lambda_.outages.clear()
        story.cloud.metrics.later.clear()
        for name, alarm in story.cloud.cloudwatch.alarms.items():
            if alarm.state.value == "ALARM" and not name.startswith(story.settings.alarm_prefix):
                story.cloud.cloudwatch.move(name, "OK")
        return True


@dataclass(frozen=True)
class UntilAtRest:
    """Hours pass until everything has ended; now and then a person answers what only a person can."""

    def play(self, story: Story) -> bool:
        if story.is_at_rest or story.minutes >= _LONGEST:
            return True
        if story.minutes % _BETWEEN_ANSWERS == _BETWEEN_ANSWERS - 1:
            for target in list(story.seen().deployments):
                _answer(story, target)
        story.minute()
        story.send_dead_letters_again()
        return False


def _answer(story: Story, target: Target) -> None:
    open_one = story.seen().open_one(target)
    more = {"alias": target.alias}
    any(asked(story, word, more) for word in (_answers(open_one) if open_one else ()))


def _answers(deployment: Deployment) -> Iterator[str]:
    if deployment.traffic.drift:
        yield "accept_drift"
        yield "rollback"
    elif deployment.hold.frozen:
        yield "rollback"
    elif deployment.hold.paused:
        yield "resume"
