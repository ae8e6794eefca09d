"""Steps of a story in which uploads come late, twice, on request or beside others, and how such a story ends.

Note: bytes are the same only with the same manifest in the zip. ``Drop("v2", None)`` has none; what holds for it is the
``Put`` of ``checkout/slipway.json`` in the bucket.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from controller.core.model import Cause, Phase, Routing, Target
from tests.builders import CHECKOUT
from tests.cloud.deliveries import PREVIOUS, Delivery
from tests.cloud.lambda_state import sha256_of
from tests.cloud.steps import BUCKET, QUICK, Drop, asked, has_done_asking
from tests.cloud.story import Story
from tests.cloud.zips import code_of, zipped

_LONGEST = 40
"""Minutes."""

# -- given ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Redrives:
    """A person asks for the dead letters to be handled, each minute until there are none."""

    def play(self, story: Story) -> bool:
        asked(story, "redrive", {})
        if not story.cloud.dead_letters.messages or story.minutes >= _LONGEST:
            return True
        story.minute()
        return False


@dataclass(frozen=True)
class Published:
    """Slipway has published that code as the next version, long ago, for that alias of checkout."""

    code: str
    alias: str = CHECKOUT.alias

    def play(self, story: Story) -> bool:
        function, code = story.cloud.lambda_.functions[CHECKOUT.function], zipped(self.code)
        latest = function.latest
        before = latest.configuration, latest.code
        latest.configuration, latest.code = {**latest.configuration, "CodeSha256": sha256_of(code)}, code
        story.cloud.lambda_.publish(CHECKOUT.function, f"slipway {CHECKOUT.function}:{self.alias}#0")
        latest.configuration, latest.code = before
        return True


@dataclass(frozen=True)
class Carries:
    """Another alias of checkout carries that version, and that share of another; it has callers, too."""

    alias: str
    version: str
    weights: Mapping[str, float] = field(default_factory=dict)

    def play(self, story: Story) -> bool:
        story.cloud.lambda_.point(CHECKOUT.function, self.alias, self.version, dict(self.weights))
        story.cloud.callers[CHECKOUT.function, self.alias] = 60
        return True


@dataclass(frozen=True)
class IsTheController:
    """Checkout is the controller's own function: what comes is heard by the version that its alias chooses.

    As the stack made it, both of its aliases carry version 1.
    """

    def play(self, story: Story) -> bool:
        story.is_about_itself = True
        story.cloud.lambda_.point(CHECKOUT.function, PREVIOUS, "1")
        return True


# -- when -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LostUpload:
    """A zip is dropped, and its event ends in the queue of dead letters."""

    code: str

    def play(self, story: Story) -> bool:
        event = Drop(self.code).put(story)
        story.cloud.events.remove(event)
        story.cloud.dead_letters.put(event, "the table did not answer")
        return True


@dataclass(frozen=True)
class Put:
    """Somebody puts an object that holds this text, and its event comes."""

    key: str
    text: str

    def play(self, story: Story) -> bool:
        story.cloud.storage.put(BUCKET, self.key, self.text.encode())
        story.deliver()
        return True


@dataclass(frozen=True)
class PutManifest:
    """Checkout's manifest in the bucket is QUICK with these sections in place of its own."""

    changes: Mapping[str, object] = field(default_factory=dict)

    def play(self, story: Story) -> bool:
        return Put(f"{CHECKOUT.function}/slipway.json", json.dumps({**QUICK, **self.changes})).play(story)


@dataclass(frozen=True)
class Late:
    """A zip is dropped, and its event comes only minutes later."""

    drop: Drop
    minutes: int

    def play(self, story: Story) -> bool:
        event = self.drop.put(story)
        story.cloud.events.remove(event)
        story.deliveries.append(Delivery(event, story.cloud.clock.now + timedelta(minutes=self.minutes)))
        return True


@dataclass(frozen=True)
class Together:
    """Several zips are dropped before the controller hears of any."""

    drops: tuple[Drop, ...]

    def play(self, story: Story) -> bool:
        for each in self.drops:
            each.put(story)
        story.deliver()
        return True


@dataclass(frozen=True)
class Deploy:
    """A person asks for what was uploaded last under a key, and again a minute later where the answer is no yes."""

    key: str
    lift_quarantine: bool = False

    def play(self, story: Story) -> bool:
        return has_done_asking(story, is_met=asked_to_deploy(story, self.key, lift_quarantine=self.lift_quarantine))


def asked_to_deploy(story: Story, key: str, *, lift_quarantine: bool) -> bool:
    """A person asks once for what was uploaded last under a key; True where they were answered, and with a yes."""
    story.asked |= {story.cloud.storage.buckets[BUCKET][key][-1].version_id}
    more = {"lift_quarantine": True} if lift_quarantine else {}
    return story.asks({"request": "deploy", "bucket": BUCKET, "key": key, **more})


# -- then -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AllEnd:
    """How each deployment of an alias ends and why, the oldest first, and the one version that it carries then."""

    ends: tuple[tuple[Phase, Cause], ...]
    version: str | None
    alias: str = CHECKOUT.alias

    def wrong(self, story: Story) -> str | None:
        target = Target(CHECKOUT.function, self.alias)
        routing = Routing(self.version) if self.version else None
        found = tuple((each.phase, each.reason and each.reason.cause) for each in story.deployments(target))
        if (found, story.seen().routing(target)) == (self.ends, routing):
            return None
        wanted = ", ".join(f"{phase.value} ({cause.value})" for phase, cause in self.ends)
        return f"{target} should have ended {wanted} on {routing}: {story.in_words(target)}"


@dataclass(frozen=True)
class Serves:
    """How the newest deployment of checkout ends, and which code its alias carries then, whatever its version."""

    phase: Phase
    code: str

    def wrong(self, story: Story) -> str | None:
        routing = story.routing
        carried = story.cloud.lambda_.version(CHECKOUT.function, routing.version).code if routing else b""
        if (story.phase(), code_of(carried), routing and routing.canary) == (self.phase, self.code, None):
            return None
        return f"it should have ended {self.phase.value} on {self.code}: {story.in_words()}"


@dataclass(frozen=True)
class Both:
    """Two ends at once: those of two aliases."""

    one: AllEnd
    other: AllEnd

    def wrong(self, story: Story) -> str | None:
        return self.one.wrong(story) or self.other.wrong(story)
