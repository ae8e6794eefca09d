"""Two aliases of one function share its ``$LATEST``: a version never holds another target's code or settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Conflict, NotYet, Phase, Routing, Target
from controller.core.model.outcomes import Published
from tests.adapters.fake_lambda import FakeLambda, sha256
from tests.adapters.publishing import preparing, publishing, unmoved
from tests.builders import artifact
from tests.cloud.scene import Scene
from tests.cloud.steps import Drop
from tests.cloud.upload_steps import PutManifest

BETA = Target("checkout", "beta")
MOST_CALLS = 60


class AtCall(dict[str, Any]):
    """What happens before a call of the fake, by the number of the call and not by its name."""

    def __init__(self, number: int, do: Callable[[], object]) -> None:
        super().__init__()
        self._left, self._do = number, do
        self.happened = False

    def pop(self, _name: str, otherwise: Any = None) -> Any:
        self._left -= 1
        self.happened = self.happened or self._left == -1
        return self._do if self._left == -1 else otherwise


def world() -> FakeLambda:
    """Version 1 serves live and beta; there is a zip for each of them."""
    fake = FakeLambda(settles_after=1)
    fake.objects[("drop", "checkout/3.zip", "v3")] = b"v3"
    fake.objects[("drop", "checkout/4.zip", "v4")] = b"v4"
    fake.function(code=b"v1", MemorySize=128)
    fake.publish()
    fake.alias("live", "1")
    fake.alias("beta", "1")
    return fake


def of_beta() -> Any:
    return preparing(
        {"MemorySize": 256}, target=BETA, artifact=artifact(key="checkout/4.zip", version_id="v4"), sha256=sha256(b"v4")
    )


def publishes(fake: FakeLambda) -> None:
    done(lambda: publishing(fake).publish(of_beta(), unmoved))


def restores(fake: FakeLambda) -> None:
    """A deployment of beta has published, and fails: its code goes out of ``$LATEST`` again."""
    publishes(fake)
    done(lambda: publishing(fake, fetch=lambda _: b"v1").restore(of_beta(), "1", unmoved))


def fiddles(fake: FakeLambda) -> None:
    """Somebody changes ``$LATEST`` in the console."""
    latest = fake.functions["checkout"].latest
    latest.update(MemorySize=1024, CodeSha256=sha256(b"theirs"), RevisionId="theirs")
    fake.functions["checkout"].latest.code = b"theirs"


def done(step: Callable[[], object]) -> object:
    """Does it as the loop does: again after a conflict, and again while AWS is not ready."""
    for _ in range(10):
        try:
            return step()
        except (Conflict, NotYet):
            continue
    raise AssertionError("it is never done")


@pytest.mark.parametrize("other", [publishes, restores, fiddles])
def test_whatever_another_target_does_between_two_calls_a_version_is_whole(other: Callable[[FakeLambda], None]) -> None:
    for number in range(MOST_CALLS):
        fake = world()
        fake.before = at_call = AtCall(number, lambda fake=fake: other(fake))  # type: ignore[misc]
        found = done(lambda fake=fake: publishing(fake).publish(preparing({"MemorySize": 512}), unmoved))  # type: ignore[misc]
        if not at_call.happened:
            break
        assert isinstance(found, Published), number
        made = fake.functions["checkout"].versions[found.version]
        assert (made["CodeSha256"], made["MemorySize"]) == (sha256(b"v3"), 512), number
        for version in fake.functions["checkout"].versions.values():
            known = {(sha256(b"v1"), 128), (sha256(b"v3"), 512), (sha256(b"v4"), 256)}
            assert (version["CodeSha256"], version["MemorySize"]) in known, number
    else:
        pytest.fail("publishing makes more calls than were looked at")


def test_a_restore_leaves_the_code_that_another_target_has_put_there_since() -> None:
    fake = world()
    done(lambda: publishing(fake).publish(preparing({"MemorySize": 512}), unmoved))
    publishes(fake)
    assert "somebody else" in str(
        done(lambda: publishing(fake, fetch=lambda _: b"v1").restore(preparing(), "1", unmoved))
    )
    assert fake.functions["checkout"].latest["CodeSha256"] == sha256(b"v4")


# -- whole deployments of both ----------------------------------------------------------------------------------------


def test_pruning_leaves_the_version_that_another_target_is_about_to_shift_to() -> None:
    """Both dropped the same bytes, which AWS publishes once; the other one has passed its tests and waits."""
    story = Scene().given_live().given_alarm("theirs")
    story.turns("theirs")
    story.cloud.lambda_.point("checkout", "beta", "1")
    at_once = {"steps": [], "bake": "0s"}
    story.play([PutManifest({"strategy": at_once}), Drop("v2", None)])
    blocking = {"alarms": ["theirs"], "min_invocations": 0, "already_alarming": "block"}
    story.play(
        [PutManifest({"alias": "beta", "gates": blocking}), Drop("v2", None, "checkout/v2-beta.zip"), PutManifest()]
    )
    assert (story.deployment(target=BETA).phase, story.deployment(target=BETA).canary) == (Phase.TESTING, "2")
    for number in range(3, 11):
        story.passes(timedelta(seconds=10)).drops(f"v{number}", strategy=at_once)
    assert "3" not in story.versions
    story.turns("theirs", "OK").ticks()
    assert story.seen().routing(BETA) == Routing("1", "2", 2000)


def test_an_alarm_of_one_target_leaves_the_other_alone() -> None:
    story = Scene().given_live()
    story.cloud.lambda_.point("checkout", "beta", "1")
    story.drops("v2").drops("v3", alias="beta")
    assert (story.routing, story.seen().routing(BETA)) == (Routing("1", "2", 1000), Routing("1", "3", 1000))
    story.tells(story.alarm("slipway/checkout/beta/1", "3", alias="beta"))
    assert (story.routing, story.seen().routing(BETA)) == (Routing("1", "2", 1000), Routing("1"))
    story.alarms()
    assert story.routing == Routing("1")
    assert story.answer("status", alias="beta")["backup"] == "1"
