"""A zip whose uploader stated its hash, through the whole controller."""

from __future__ import annotations

import hashlib

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.steps import BUCKET, QUICK, Live
from tests.cloud.story import Story
from tests.cloud.zips import zipped

ZIP = zipped("v2", QUICK)
RIGHT, WRONG = hashlib.sha256(ZIP).hexdigest(), hashlib.sha256(b"another zip").hexdigest()


def dropped(story: Story, stated: str) -> Story:
    story.cloud.storage.put(BUCKET, "checkout/v2.zip", ZIP, sha256=stated)
    story.deliver()
    return story.to_the_end()


def test_the_stated_bytes_go_live() -> None:
    story = dropped(Story().play([Live("v1")]), RIGHT)
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


@pytest.mark.parametrize("stated", [WRONG, "not a hash"])
def test_other_bytes_than_stated_never_come_near_the_function(stated: str) -> None:
    story = Story().play([Live("v1")])
    before = story.cloud.lambda_.version("checkout", "$LATEST").configuration["RevisionId"]
    dropped(story, stated)
    made = story.deployments()[0]
    assert (made.phase, made.reason and made.reason.cause) == (Phase.FAILED, Cause.BAD_ARTIFACT)
    assert story.cloud.lambda_.version("checkout", "$LATEST").configuration["RevisionId"] == before
    assert (story.routing, story.violations) == (Routing("1"), [])


def test_a_function_made_of_other_bytes_than_stated_gets_no_version_and_no_alias() -> None:
    story = dropped(Story(), WRONG)
    function = story.cloud.lambda_.functions[CHECKOUT.function]
    assert (story.phase(), function.versions, function.aliases) == (Phase.FAILED, {}, {})
    assert story.violations == []
