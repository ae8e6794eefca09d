"""Every call that the controller's clients make while all stories are told, each once and undisturbed.

A run of the tests is several processes, and a run of some of them makes some calls. So what "the tests record" is made
here by itself, in one process: the stories of the sweep, and the few that no sweep needs but the role does. They are
the same adapters, clients and parameters as anywhere else. Whether that is all is tested too: no call that an adapter
names may be missing.

Note: a call of a person, or of the test, is none of the controller's. The steps of a story reach into the AWS in memory
and not through a client.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from controller.core.model import Phase
from tests.cloud.cloudtrail import changes
from tests.cloud.faults import Call
from tests.cloud.keys import KEY, signed
from tests.cloud.steps import BUCKET, QUICK, Ask, Drop, Live, Until
from tests.cloud.story import SETTINGS, Story
from tests.cloud.zips import zipped
from tests.contract.authorization import PLATFORM, asked_by
from tests.contract.role import CHAT_TOPIC, FUNCTION_KEY, Request
from tests.faults.scenarios import ALL

LAYER = "arn:aws:lambda:us-east-1:999999999999:layer:theirs:7"
FUNCTION = {
    **QUICK["function"],  # type: ignore[dict-item]
    "Layers": [LAYER],
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    "FileSystemConfigs": [
        {"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1", "LocalMountPath": "/mnt/files"}
    ],
    "KMSKeyArn": FUNCTION_KEY,
}
MADE_OF_EVERYTHING = (Drop("v1", {"function": FUNCTION}), Until(Phase.SUCCEEDED), Ask("status"))


@cache
def requests() -> frozenset[Request]:
    """Returns all that IAM was asked. Raises AssertionError where a story goes wrong."""
    return frozenset({*PLATFORM, *(request for call in calls() for request in asked_by(call))})


@cache
def calls() -> tuple[Call, ...]:
    """Returns all calls, in the order of the stories."""
    return tuple(call for story in _stories() for call in story.cloud.calls)


def _stories() -> Iterator[Story]:
    for scenario in ALL:
        story = scenario.begun().to_the_end()
        wrong = scenario.wrong(story)
        assert not wrong, (scenario.name, wrong)
        yield story
    yield _signed()
    yield _made_of_everything()
    yield _seen_as_a_whole()
    yield _told_in_a_chat()
    yield _moved_at_rest()


def _signed() -> Story:
    """A zip is dropped where every zip has to be signed."""
    content = zipped("v2", QUICK)
    signature = base64.b64encode(signed(hashlib.sha256(content).digest())).decode()
    story = Story(settings=replace(SETTINGS, signing_key=KEY)).play([Live("v1")])
    story.cloud.storage.put(BUCKET, "checkout/v2.zip", content, signature=signature)
    story.deliver()
    story.to_the_end()
    assert story.phase() is Phase.SUCCEEDED, story.in_words()
    return story


def _made_of_everything() -> Story:
    """A function is made with layers, subnets, a file system, and a key that the stack's owner has named."""
    story = Story(settings=replace(SETTINGS, function_keys=(FUNCTION_KEY,))).play(MADE_OF_EVERYTHING)
    assert story.phase() is Phase.SUCCEEDED, story.in_words()
    return story.to_the_end()


def _seen_as_a_whole() -> Story:
    """A person asks about everything while something is open."""
    story = Story().play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING)])
    story.hears({"request": "status"})
    assert [each["phase"] for each in story.answers[-1]["open"]] == ["SHIFTING"]
    return story.to_the_end()


def _told_in_a_chat() -> Story:
    """The stack has a topic for a chat beside that for e-mail."""
    chatty = replace(SETTINGS, chat_topic=CHAT_TOPIC)
    return Story(settings=chatty).play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING)]).to_the_end()


def _moved_at_rest() -> Story:
    """Somebody else moves the alias while nothing is open."""
    story = Story().play([Live("v1"), Drop("v2"), Until(Phase.SUCCEEDED)]).to_the_end()
    story.hears(changes(story, "UpdateAlias", FunctionVersion="1"))
    assert story.cloud.bus.details[-1]["who"], story.in_words()
    return story
