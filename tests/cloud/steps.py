"""The steps of a story, as values that can be written down, printed and pasted: one scenario format for all suites.

    Scenario(
        "alarm in the bake",
        given=(Live("v1"),),
        when=(Drop("v2"), Until(Phase.BAKING), Behave("v2", error="ValueError")),
        then=Ends(Phase.ROLLED_BACK, "1"),
    )

Note: ``play`` says whether the step is over. One that is not gets its next turn after the story has been looked at, and
perhaps copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from controller.core.model import Cause, Deployment, Phase, Routing, Target
from tests.builders import CHECKOUT
from tests.cloud.faults import Json
from tests.cloud.snapshot import Theirs
from tests.cloud.story import Story, asking
from tests.cloud.zips import zipped

ROLE = "arn:aws:iam::123456789012:role/checkout"
BUCKET = "drop"
HOOK = "slipway-hook-{}"
"""The name of the function that is the hook of a point."""
QUICK: Mapping[str, object] = {
    "strategy": {"steps": [{"weight": 20, "hold": "2m"}, {"weight": 60, "hold": "1m"}], "bake": "3m"},
    "gates": {"alarms": [], "errors": False, "min_invocations": 0},
    "tests": [{"name": "ping", "response": {"type": "object", "required": ["ok"]}}],
    "function": {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE},
}
"""A manifest whose deployments take a few minutes."""
_PATIENCE = 60
"""Minutes."""
_TIMES_ASKED = 15
"""Longer than any service of the sweep is away."""
_COMMANDS = ("rollback", "accept_drift", "promote")
"""What a person may say of an alias that somebody else moved."""
_GOES_ON = ("accept_drift", "promote", "resume")
"""What a person may say so that a deployment goes on, whatever it waits for."""


class Step(Protocol):
    """Something that happens; ``play`` returns True when it is over."""

    def play(self, story: Story) -> bool: ...


def _wait(story: Story, has_come: Callable[[Deployment], bool]) -> bool:
    """Lets a minute pass unless it has come, the newest deployment has ended, or patience is over."""

    def is_over() -> bool:
        newest = story.deployments()[-1:]
        return any(each.phase.is_terminal or has_come(each) for each in newest) or story.minutes >= _PATIENCE

    if is_over():
        return True
    story.minute()
    return is_over()


# -- given ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Live:
    """The function serves version 1 through its alias; Slipway did not make it."""

    code: str = "v1"

    def play(self, story: Story) -> bool:
        Running(self.code).play(story)
        number = story.cloud.lambda_.publish(CHECKOUT.function)
        story.cloud.lambda_.point(CHECKOUT.function, CHECKOUT.alias, number)
        return True


@dataclass(frozen=True)
class Running:
    """The function is there and runs its ``$LATEST``; nobody has published it."""

    code: str = "v1"

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.make(CHECKOUT.function, zipped(self.code))
        return True


@dataclass(frozen=True)
class HasAlarm:
    """Somebody has an alarm of that name."""

    name: str
    state: str = "OK"

    def play(self, story: Story) -> bool:
        story.cloud.cloudwatch.put(self.name, self.state)
        return True


@dataclass(frozen=True)
class Traffic:
    """From now on that many requests come in a minute."""

    requests: int

    def play(self, story: Story) -> bool:
        story.cloud.callers[CHECKOUT.function, CHECKOUT.alias] = self.requests
        return True


# -- when -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drop:
    """A zip is dropped, and its event comes. ``changes`` are sections of the manifest in place of QUICK's; None: there
    is no manifest in the zip.
    """

    code: str
    changes: Mapping[str, object] | None = field(default_factory=dict)
    key: str = ""

    def play(self, story: Story) -> bool:
        self.put(story)
        story.deliver()
        return True

    def put(self, story: Story) -> Json:
        """Puts it into the bucket; returns the event that S3 sends for it."""
        content = zipped(self.code, None if self.changes is None else {**QUICK, **self.changes})
        return story.cloud.storage.put(BUCKET, self.key or f"{CHECKOUT.function}/{self.code}.zip", content)


@dataclass(frozen=True)
class Hear:
    """The last ``count`` events come once more, though they came before."""

    count: int = 1

    def play(self, story: Story) -> bool:
        for event in story.cloud.events[-self.count :]:
            story.hears(event)
        return True


@dataclass(frozen=True)
class Minutes:
    """That many minutes pass."""

    count: int

    def play(self, story: Story) -> bool:
        if story.minutes < self.count:
            story.minute()
        return story.minutes + 1 >= self.count


@dataclass(frozen=True)
class Until:
    """Minutes pass until the newest deployment is in that phase, or has ended, or patience is over."""

    phase: Phase

    def play(self, story: Story) -> bool:
        return _wait(story, lambda deployment: deployment.phase is self.phase)


@dataclass(frozen=True)
class Behave:
    """From now on that code fails in ``share`` of its invocations; with no error it is well again."""

    code: str
    error: str = ""
    share: float = 1.0

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.behave(self.code, error=self.error, share=self.share)
        return True


@dataclass(frozen=True)
class UntilStep:
    """Minutes pass until the newest deployment's alias was seen to carry that step, the first is 1."""

    step: int

    def play(self, story: Story) -> bool:
        return _wait(story, self._is_there)

    def _is_there(self, deployment: Deployment) -> bool:
        return (
            deployment.phase is Phase.SHIFTING
            and deployment.traffic.step + 1 == self.step
            and deployment.traffic.confirmed_at is not None
        )


@dataclass(frozen=True)
class UntilNoted:
    """Minutes pass until the timeline of the newest deployment has that text."""

    text: str

    def play(self, story: Story) -> bool:
        return _wait(story, lambda deployment: any(self.text in entry.text for entry in deployment.timeline))


@dataclass(frozen=True)
class Fire:
    """An alarm of somebody's fires, and its event comes: now, or with the next delivery where it is not ``heard``."""

    name: str
    state: str = "ALARM"
    heard: bool = True

    def play(self, story: Story) -> bool:
        story.cloud.cloudwatch.move(self.name, self.state)
        if self.heard:
            story.deliver()
        return True


@dataclass(frozen=True)
class Unheard:
    """The events that nobody has heard yet are lost."""

    def play(self, story: Story) -> bool:
        story.loses_events()
        return True


@dataclass(frozen=True)
class HookSays:
    """From now on the hook function of that point answers this; it is there from the first time on."""

    point: str
    status: str
    reason: str = ""

    @property
    def function(self) -> str:
        return HOOK.format(self.point)

    def play(self, story: Story) -> bool:
        if self.function not in story.cloud.lambda_.functions:
            story.cloud.lambda_.make(self.function, zipped(self.function))
        story.cloud.lambda_.behave(self.function, response={"status": self.status, "reason": self.reason})
        return True


def asked(story: Story, word: str, more: Mapping[str, object]) -> bool:
    """A person asks once; True where they were answered, and with a yes.

    A command is one from when it is sent; what somebody else did is theirs until it was answered, and what they did
    while it was answered is theirs afterwards, too. So it is where a command ended what had no traffic yet.
    """
    target, is_command = Target(CHECKOUT.function, str(more.get("alias", CHECKOUT.alias))), word in _COMMANDS
    story.commanded |= {target} if is_command else set()
    if word in _GOES_ON:
        story.is_decided_by_others(target)
    before, story.being_asked = story.being_asked, target if is_command else story.being_asked
    is_met = story.asks(asking(word, **more))
    is_new = is_met and "repeated" not in story.answers[-1]
    story.being_asked = before
    theirs, newest = story.theirs.get(target), story.deployments(target)[-1:]
    stays_theirs = theirs is None or theirs.asked or any(each.phase is Phase.FAILED for each in newest)
    if is_new and is_command and not stays_theirs:
        del story.theirs[target]
    return is_met


def has_done_asking(story: Story, *, is_met: bool) -> bool:
    """Is a person content, or out of patience? Else a minute passes, and they ask again."""
    if is_met or story.minutes >= _TIMES_ASKED:
        return True
    story.minute()
    return False


@dataclass(frozen=True)
class Ask:
    """A person asks for something of checkout, and again a minute later where nobody answered, or not with a yes."""

    word: str
    more: Mapping[str, object] = field(default_factory=dict)

    def play(self, story: Story) -> bool:
        return has_done_asking(story, is_met=asked(story, self.word, self.more))


@dataclass(frozen=True)
class MoveAlias:
    """Somebody else moves the alias."""

    version: str
    weights: Mapping[str, float] = field(default_factory=dict)

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.point(CHECKOUT.function, CHECKOUT.alias, self.version, dict(self.weights))
        is_theirs(story)
        return True


def is_theirs(story: Story) -> None:
    """What the alias carries now is somebody else's."""
    alias = story.cloud.lambda_.functions[CHECKOUT.function].aliases[CHECKOUT.alias]
    story.is_decided_by_others(CHECKOUT)
    ended = frozenset(each.number for each in story.deployments() if each.phase.is_terminal)
    asked, now = story.being_asked == CHECKOUT, story.cloud.clock.now
    story.theirs[CHECKOUT] = Theirs(alias["RevisionId"], story.routing, ended, now, asked)
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    story.chosen |= {(CHECKOUT, version) for version in (alias["FunctionVersion"], *weights)}
    story.commanded -= {CHECKOUT}


# -- then -------------------------------------------------------------------------------------------------------------


class End(Protocol):
    """How a story ends; ``wrong`` says in words how it ended otherwise, None where it ended so."""

    def wrong(self, story: Story) -> str | None: ...


@dataclass(frozen=True)
class Ends:
    """How the newest deployment ends, and the one version that the alias carries then; None: there is no alias.

    ``because`` None is any cause.
    """

    phase: Phase
    version: str | None
    because: Cause | None = None

    def wrong(self, story: Story) -> str | None:
        """Returns in words how the story ended otherwise, None where it ended so."""
        routing = Routing(self.version) if self.version else None
        if (story.phase(), story.routing) == (self.phase, routing) and self.because in (None, story.cause()):
            return None
        because = f" because of {self.because.name}" if self.because else ""
        return f"it should have ended {self.phase.value} on {routing}{because}: {story.in_words()}"


@dataclass(frozen=True)
class Scenario:
    """A story to be told. Where something went wrong it may end besides as in ``if_late``, because it went on a minute
    later than something else, and as in ``or_else``, because something was not to be had at all.
    """

    name: str
    when: tuple[Step, ...]
    then: End
    given: tuple[Step, ...] = ()
    if_late: tuple[End, ...] = ()
    or_else: tuple[End, ...] = ()

    @property
    def ends(self) -> tuple[End, ...]:
        """All ends, the undisturbed one first."""
        return (self.then, *self.if_late, *self.or_else)

    def begun(self) -> Story:
        """Returns a story in which all that is given is so, and nothing has happened."""
        story = Story()
        story.play(self.given)
        story.cloud.plan.injected = 0  # what is given to have gone wrong is none of the sweep's
        story.steps.extend(self.when)
        return story

    def wrong(self, story: Story) -> list[str]:
        """Returns what is wrong with a story that has ended undisturbed: violations on the way, and the end."""
        end = self.then.wrong(story)
        return story.violations + ([] if end is None else [end])
