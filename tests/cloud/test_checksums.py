"""A zip whose uploader stated its hash, or signed it, through the whole controller."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest

from controller.core.model import Cause, Phase, Routing, Target
from tests.builders import CHECKOUT
from tests.cloud.faults import Call, Fault
from tests.cloud.keys import KEY, signed
from tests.cloud.steps import BUCKET, QUICK, Live
from tests.cloud.story import SETTINGS, Story
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


# -- signed -----------------------------------------------------------------------------------------------------------

SIGNATURE = base64.b64encode(signed(hashlib.sha256(ZIP).digest())).decode()
OTHERS = {
    "another key": base64.b64encode(signed(hashlib.sha256(ZIP).digest(), "another key")).decode(),
    "another zip": base64.b64encode(signed(hashlib.sha256(b"another zip").digest())).decode(),
}


def trusting(*, live: bool = True) -> Story:
    """Returns a story in which only what is signed with the key may be deployed."""
    story = Story(settings=replace(SETTINGS, signing_key=KEY))
    return story.play([Live("v1")]) if live else story


def drops(story: Story, **metadata: str) -> Story:
    story.cloud.storage.put(BUCKET, "checkout/v2.zip", ZIP, **metadata)
    story.deliver()
    return story.to_the_end()


def test_what_is_signed_goes_live() -> None:
    story = drops(trusting(), signature=SIGNATURE)
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_a_function_is_created_of_what_is_signed() -> None:
    story = drops(trusting(live=False), signature=SIGNATURE)
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("1"), [])


def test_what_is_not_signed_is_refused_before_lambda_is_asked() -> None:
    story = trusting()
    before = len(story.cloud.calls)
    drops(story)
    reason = story.deployments()[0].reason
    assert story.phase() is Phase.FAILED
    assert reason and "is not signed, and the stack's parameter SigningKeyArn asks for it" in reason.text
    assert not [call for call in story.cloud.calls[before:] if call.service == "lambda" and not call.is_read]


@pytest.mark.parametrize("whose", OTHERS)
def test_a_signature_that_does_not_fit_is_refused_with_nothing_changed(whose: str) -> None:
    story = trusting()
    before = story.cloud.lambda_.version("checkout", "$LATEST").configuration["RevisionId"]
    drops(story, signature=OTHERS[whose])
    reason = story.deployments()[0].reason
    assert reason and f"is not that of its SHA-256 {RIGHT} by" in reason.text
    assert story.cloud.lambda_.version("checkout", "$LATEST").configuration["RevisionId"] == before
    assert (story.phase(), story.routing, story.violations) == (Phase.FAILED, Routing("1"), [])


def test_a_function_that_is_created_of_another_zip_than_was_signed_gets_no_version_and_is_never_invoked() -> None:
    story = drops(trusting(live=False), signature=OTHERS["another zip"])
    function = story.cloud.lambda_.functions[CHECKOUT.function]
    assert (story.phase(), function.versions, function.aliases) == (Phase.FAILED, {}, {})
    assert not [call for call in story.cloud.calls if call.operation == "Invoke"]


def test_what_is_no_signature_is_refused_without_asking_kms() -> None:
    story = drops(trusting(), signature="signed by me")
    reason = story.deployments()[0].reason
    assert reason and "12 characters as signature that are no signature in base64" in reason.text
    assert not [call for call in story.cloud.calls if call.service == "kms"]


def test_while_kms_is_away_the_deployment_waits_for_it() -> None:
    story = trusting()
    story.cloud.fail(is_kms, Fault.SERVICE_ERROR, times=2)
    drops(story, signature=SIGNATURE)
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_a_key_that_cannot_be_used_ends_the_deployment_and_says_so() -> None:
    story = trusting()
    story.cloud.keys.disabled = True
    drops(story, signature=SIGNATURE)
    reason = story.deployments()[0].reason
    assert (story.phase(), story.routing) == (Phase.FAILED, Routing("1"))
    assert reason and KEY in reason.text


def is_kms(call: Call) -> bool:
    return call.service == "kms"


@pytest.mark.parametrize("is_signed", [False, True])
def test_the_controllers_own_zip_has_to_be_signed_like_any_other(is_signed: bool) -> None:
    """Its shippers alone cannot deploy a controller: whoever holds the key decides, too."""
    story, own = trusting(live=False), Target("slipway-controller", "live")
    story.settings = replace(story.settings, function=own.function)
    story.cloud.lambda_.make(own.function, zipped("v1"))
    story.cloud.lambda_.point(own.function, own.alias, story.cloud.lambda_.publish(own.function))
    content = zipped("v2", {"strategy": {"steps": [], "bake": "1m"}})
    signature = base64.b64encode(signed(hashlib.sha256(content).digest())).decode()
    metadata = {"signature": signature} if is_signed else {}
    story.cloud.storage.put(BUCKET, f"{own.function}/build.zip", content, **metadata)
    story.deliver()
    story.to_the_end()
    (made,) = story.deployments(own)
    assert made.phase is (Phase.SUCCEEDED if is_signed else Phase.FAILED), made.reason
    assert is_signed or "signature" in str(made.reason)
