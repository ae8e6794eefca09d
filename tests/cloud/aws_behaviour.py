"""Steps for how AWS behaves on a bad day: versions that cannot start or sleep, series and ticks that come late.

Each fits at any moment of a story, as those of ``anytime.py`` do: one that finds nothing to act on is over, and nothing
is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.builders import CHECKOUT
from tests.cloud.metrics import Later
from tests.cloud.story import Story, tick


@dataclass(frozen=True)
class CannotStart:
    """From now on Lambda cannot start that code, and refuses its invocations with this error of Invoke."""

    code: str
    error: str = "KMSAccessDeniedException"

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.behave(self.code, refuses=self.error)
        return True


@dataclass(frozen=True)
class IsSlow:
    """From now on that code takes so many seconds, and fails after ``fails_after`` seconds in ``share`` of its
    invocations.
    """

    code: str
    seconds: float = 0.02
    fails_after: float = 0.0
    share: float = 0.0

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.behave(
            self.code,
            error="TimeoutError" if self.share else "",
            share=self.share,
            duration=timedelta(seconds=self.seconds),
            fails_after=timedelta(seconds=self.fails_after or self.seconds),
        )
        return True


@dataclass(frozen=True)
class Outage:
    """From now on what checkout needs is down: that share of the requests fails, whichever version they reach."""

    share: float = 1.0

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.outages[CHECKOUT.function] = self.share
        return True


@dataclass(frozen=True)
class OutageIsOver:
    """What checkout needs is there again."""

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.outages.clear()
        return True


@dataclass(frozen=True)
class IdleForWeeks:
    """Lambda takes away what checkout's versions need that nobody calls: those that its backup aliases keep, or none.

    What an open deployment goes to or back to stays, for no deployment lasts for weeks.
    """

    def play(self, story: Story) -> bool:
        lambda_, function = story.cloud.lambda_, story.cloud.lambda_.functions.get(CHECKOUT.function)
        if function is None:
            return True
        open_ones = [each for each in story.deployments() if not each.phase.is_terminal]
        used = {version for each in open_ones for version in (each.canary, each.stable)}
        for alias in function.aliases.keys() - {CHECKOUT.backup_alias}:
            version, weights = lambda_.carried(CHECKOUT.function, alias) or ("", {})
            used |= {version, *weights}
        for number, version_ in function.versions.items():
            if number not in used and version_.configuration["State"] == "Active":
                lambda_.sleep(CHECKOUT.function, number)
        return True


@dataclass(frozen=True)
class ComesLater:
    """From now on CloudWatch has the points of that version so many seconds later than all others, or a share of them;
    with 0 seconds all come together again.
    """

    version: str
    seconds: int = 60
    share: float = 1.0

    def play(self, story: Story) -> bool:
        story.cloud.metrics.later[self.version] = Later(timedelta(seconds=self.seconds), self.share)
        return True


@dataclass(frozen=True)
class ByVersionWithWeightsOnly:
    """From now on an alias without weights has no series of its version. AWS's documentation can be read either way."""

    def play(self, story: Story) -> bool:
        story.cloud.metrics.always_by_version = False
        return True


@dataclass(frozen=True)
class NothingTrimmed:
    """From now on AWS/Lambda has no trimmed statistics: each is answered without a point."""

    def play(self, story: Story) -> bool:
        story.cloud.metrics.trims = False
        return True


@dataclass(frozen=True)
class LateTicks:
    """Ticks that Lambda's queue held back come all at once, the oldest ``minutes`` late, one for each minute since."""

    minutes: int

    def play(self, story: Story) -> bool:
        now = story.cloud.clock.now.replace(second=0, microsecond=0)
        for late in range(self.minutes, 0, -1):
            story.hears(tick(now - timedelta(minutes=late)))
        return True
