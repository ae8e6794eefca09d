"""Every wait before traffic has an end and a voice: AWS is at work, throttles, fails, or refuses the version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Deployment, Phase, Routing
from tests.cloud.faults import Call, Fault, Json, Refusal
from tests.cloud.steps import ROLE, Drop, Live, Minutes
from tests.cloud.story import Story, asking
from tests.cloud.zips import code_of

CHECKOUT = "checkout"
TESTED: Mapping[str, object] = {"tests": [{"name": "ping"}]}
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools:5"


def live() -> Story:
    return Story().play([Live("v1")])


def answers(story: Story, operation: str, how: Callable[[Json, Callable[[Json], Json]], Json]) -> None:
    """From now on Lambda answers that operation (``_invoke``) otherwise; ``how`` gets what was asked, and the usual."""
    usual = getattr(story.cloud.lambda_, operation)
    setattr(story.cloud.lambda_, operation, lambda asked: how(asked, usual))


def refuses(story: Story, refusal: Callable[[], Refusal | None], code: str = "v2") -> None:
    """From now on Lambda refuses to invoke that code, as long as there is a refusal."""

    def invoke(asked: Json, usual: Callable[[Json], Json]) -> Json:
        found = story.cloud.lambda_.version(asked["FunctionName"], asked.get("Qualifier"))
        refused = refusal() if code_of(found.running) == code else None
        if refused is not None:
            raise refused
        return usual(asked)

    answers(story, "_invoke", invoke)


def newest(story: Story) -> Deployment:
    return story.deployments()[-1]


def held_by(story: Story) -> str:
    """Returns what a person is told who asks why it does not go on."""
    story.asks(asking("status"))
    told: Any = story.answers[-1]["deployment"]
    return str(told["held_by"])


def is_clean(story: Story) -> bool:
    """Does ``$LATEST`` run what is stable, and has nothing been raised or left in the dead-letter queue?"""
    latest = story.cloud.lambda_.functions[CHECKOUT].latest
    runs_stable = latest["CodeSha256"] == story.cloud.lambda_.functions[CHECKOUT].versions["1"]["CodeSha256"]
    return runs_stable and not story.violations and not story.failures and not story.dead_letters


# -- what Lambda says of a version that it cannot start ---------------------------------------------------------------

# Each with its status. Source: the errors of Invoke in botocore's model of Lambda, 1.43.106.
AT_ONCE = {
    "InvalidZipFileException": 502,
    "InvalidRuntimeException": 502,
    "InvalidSubnetIDException": 502,
    "InvalidSecurityGroupIDException": 502,
    "KMSDisabledException": 502,
    "KMSInvalidStateException": 502,
    "KMSNotFoundException": 502,
    "SnapStartException": 400,
    "CodeArtifactUserDeletedException": 409,
    "CodeArtifactUserFailedException": 409,
}
MAY_PASS = {
    "KMSAccessDeniedException": 502,
    "EC2AccessDeniedException": 502,
    "EC2ThrottledException": 502,
    "EC2UnexpectedException": 502,
    "ENILimitReachedException": 502,
    "ENINotReadyException": 502,
    "SubnetIPAddressLimitReachedException": 502,
    "ResourceNotReadyException": 502,
    "EFSMountFailureException": 403,
    "EFSMountConnectivityException": 408,
    "EFSMountTimeoutException": 408,
    "EFSIOException": 410,
    "S3FilesMountFailureException": 403,
    "SnapStartNotReadyException": 409,
    "SnapStartTimeoutException": 408,
    "SnapStartRegenerationFailureException": 409,
    "ServiceException": 500,
    "SomethingNewException": 502,
}


@pytest.mark.parametrize(("code", "status"), AT_ONCE.items())
def test_a_version_that_can_never_be_started_fails_its_test_at_once(code: str, status: int) -> None:
    story = live()
    refuses(story, lambda: Refusal(status, code, "Lambda says why."))
    story.play([Drop("v2", TESTED), Minutes(2)])
    assert (story.phase(), story.cause(), story.routing) == (Phase.FAILED, Cause.TEST_FAILED, Routing("1"))
    assert f"Invoke of checkout:2 failed: Lambda says why. ({code}); " in newest(story).timeline[-1].text
    assert is_clean(story)


@pytest.mark.parametrize(("code", "status"), MAY_PASS.items())
def test_a_version_that_cannot_be_started_now_is_tried_for_a_quarter_of_an_hour(code: str, status: int) -> None:
    story = live()
    refuses(story, lambda: Refusal(status, code, "Lambda says why."))
    story.play([Drop("v2", TESTED), Minutes(14)])
    assert story.phase() is Phase.TESTING
    assert f"Invoke of checkout:2 failed: Lambda says why. ({code})" in held_by(story)
    assert "then the deployment fails" in held_by(story)
    story.play([Minutes(4)])
    assert (story.phase(), story.cause(), story.routing) == (Phase.FAILED, Cause.TEST_FAILED, Routing("1"))
    assert f"({code}); tried for 15 minutes; " in newest(story).timeline[-1].text
    assert newest(story).timeline[-1].text.endswith("then drop the artifact again")
    assert is_clean(story)


@pytest.mark.parametrize(("code", "status"), MAY_PASS.items())
def test_what_is_over_within_minutes_is_no_verdict(code: str, status: int) -> None:
    """The first mount of a file system fails, the second works."""
    story = live()
    until = story.cloud.clock.now + timedelta(minutes=12)
    refuses(story, lambda: Refusal(status, code, "not now") if story.cloud.clock.now < until else None)
    story.play([Drop("v2", TESTED)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_the_words_of_lambda_may_change_from_minute_to_minute() -> None:
    story, codes = live(), list(MAY_PASS.items())
    turn = iter(range(1000))

    def next_one() -> Refusal:
        code, status = codes[next(turn) % len(codes)]
        return Refusal(status, code, "again something else")

    refuses(story, next_one)
    story.play([Drop("v2", TESTED), Minutes(18)])
    assert (story.phase(), story.cause()) == (Phase.FAILED, Cause.TEST_FAILED)


def test_the_first_failure_is_in_the_timeline_and_not_every_one() -> None:
    story = live()
    refuses(story, lambda: Refusal(502, "KMSAccessDeniedException", "unable to decrypt"))
    story.play([Drop("v2", TESTED), Minutes(10)])
    assert sum("unable to decrypt" in entry.text for entry in newest(story).timeline) == 1


def test_a_crash_in_each_minute_does_not_begin_the_limit_anew() -> None:
    story = live()
    refuses(story, lambda: Refusal(403, "EFSMountFailureException", "could not mount"))
    story.play([Drop("v2", TESTED)])
    for minute in range(20):
        if minute % 2:
            story.cloud.fail(len(story.cloud.calls) + 3, Fault.CRASH_AFTER)
        story.play([Minutes(1)])
    story.to_the_end()
    assert (story.phase(), story.cause()) == (Phase.FAILED, Cause.TEST_FAILED)
    assert newest(story).phase_since <= newest(story).opened_at + timedelta(minutes=22)


def test_after_such_an_end_the_same_zip_may_be_dropped_again() -> None:
    story = live()
    mended: list[bool] = []
    refuses(story, lambda: None if mended else Refusal(502, "KMSAccessDeniedException", "unable to decrypt"))
    story.play([Drop("v2", TESTED), Minutes(18)])
    assert story.phase() is Phase.FAILED
    mended.append(True)
    story.play([Drop("v2", TESTED)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


# -- throttles --------------------------------------------------------------------------------------------------------


def test_a_function_that_is_switched_off_waits_and_says_for_what() -> None:
    """In an incident people set the reserved concurrency to 0, and drop the fix."""
    story = live()
    story.cloud.lambda_.switched_off.add(CHECKOUT)
    story.play([Drop("v2", TESTED), Minutes(180)])
    assert story.phase() is Phase.TESTING
    assert held_by(story) == (
        "checkout is switched off: its reserved concurrency is 0, so Lambda throttles every test; raise the reserved"
        " concurrency of checkout; looked at again every minute until the deadline"
    )
    assert not story.failures
    story.cloud.lambda_.switched_off.clear()
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_the_deadline_ends_a_throttled_test_and_says_what_was_in_the_way() -> None:
    story = live()
    story.cloud.lambda_.switched_off.add(CHECKOUT)
    story.play([Drop("v2", {**TESTED, "deadline": "30m"}), Minutes(35)])
    assert (story.phase(), story.cause()) == (Phase.FAILED, Cause.DEADLINE)
    assert "raise the reserved concurrency of checkout" in newest(story).timeline[-1].text


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("ReservedFunctionConcurrentInvocationLimitExceeded", "raise the reserved concurrency of the function"),
        ("ConcurrentInvocationLimitExceeded", "raise the account's concurrency"),
        ("CallerRateLimitExceeded", "(TooManyRequestsException: CallerRateLimitExceeded); looked at again"),
    ],
)
def test_a_throttled_test_says_which_limit_it_is(reason: str, advice: str) -> None:
    story = live()
    refuses(story, lambda: Refusal(429, "TooManyRequestsException", "Rate Exceeded.", {"Reason": reason}))
    story.play([Drop("v2", TESTED), Minutes(30)])
    assert story.phase() is Phase.TESTING
    assert advice in held_by(story)


# -- publishing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "InvalidParameterValueException"), (404, "ResourceNotFoundException"), (403, "AccessDeniedException")],
)
@pytest.mark.parametrize("operation", ["_update_function_configuration", "_create_function"])
def test_a_layer_that_is_gone_ends_the_deployment_at_once(operation: str, status: int, code: str) -> None:
    story = Story() if operation == "_create_function" else live()
    said = f"Layer version {LAYER} does not exist."
    if code == "AccessDeniedException":
        said = f"User: x is not authorized to perform: lambda:GetLayerVersion on resource: {LAYER}"

    def refused(asked: Json, usual: Callable[[Json], Json]) -> Json:
        if LAYER in asked.get("Layers", ()):
            raise Refusal(status, code, said)
        return usual(asked)

    answers(story, operation, refused)
    function = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE, "Layers": [LAYER]}
    story.play([Drop("v2", {"function": function}), Minutes(3)])
    assert (story.phase(), story.cause()) == (Phase.FAILED, Cause.PUBLISH_FAILED)
    assert LAYER in newest(story).timeline[-1].text
    assert "name a layer version that exists" in newest(story).timeline[-1].text


@pytest.mark.parametrize(
    "said",
    [
        "The role defined for the function cannot be assumed by Lambda.",
        "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
    ],
)
@pytest.mark.parametrize("minutes", [2, 12, 40])
def test_a_role_made_seconds_ago_has_some_minutes(said: str, minutes: int) -> None:
    story = Story()
    until = story.cloud.clock.now + timedelta(minutes=minutes)

    def create(asked: Json, usual: Callable[[Json], Json]) -> Json:
        if story.cloud.clock.now < until:
            raise Refusal(400, "InvalidParameterValueException", said)
        return usual(asked)

    answers(story, "_create_function", create)
    story.play([Drop("v1", TESTED), Minutes(1)])
    assert said in held_by(story)
    assert "role" in held_by(story).partition("(InvalidParameterValueException); ")[2]
    story.to_the_end()
    if minutes < 15:
        assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("1"))
    else:
        assert (story.phase(), story.cause()) == (Phase.FAILED, Cause.PUBLISH_FAILED)
        assert said in newest(story).timeline[-1].text
    assert not story.failures


@pytest.mark.parametrize("slow", ["updated_in", "published_in"])
def test_aws_at_work_for_forty_minutes_is_waited_for(slow: str) -> None:
    story = live()
    setattr(story.cloud.lambda_, slow, timedelta(minutes=40))
    story.play([Drop("v2", TESTED), Minutes(30)])
    assert story.phase() is Phase.PREPARING
    assert "AWS is still working on checkout:" in held_by(story)
    assert not story.failures
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_an_update_of_somebody_else_that_is_in_progress_is_no_failure() -> None:
    story = live()
    until = story.cloud.clock.now + timedelta(minutes=25)
    said = "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:::"

    def busy(asked: Json, usual: Callable[[Json], Json]) -> Json:
        if story.cloud.clock.now < until and not asked.get("DryRun"):
            raise Refusal(409, "ResourceConflictException", said)
        return usual(asked)

    answers(story, "_update_function_code", busy)
    story.play([Drop("v2", TESTED), Minutes(20)])
    assert story.phase() is Phase.PREPARING
    assert said in held_by(story)
    story.to_the_end()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


# -- outages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [Fault.SERVICE_ERROR, Fault.CONNECT_TIMEOUT])
@pytest.mark.parametrize("operation", ["UpdateFunctionCode", "PublishVersion", "Invoke"])
def test_an_hour_in_which_lambda_fails_ends_a_deployment_before_traffic(operation: str, how: Fault) -> None:
    """Nothing serves yet, so the end costs nobody anything; the same zip goes through once Lambda is well again."""
    story = live()
    until = story.cloud.clock.now + timedelta(hours=1)
    story.cloud.fail(lambda call: _is(call, operation) and call.at < until, how, times=None)
    story.play([Drop("v2", TESTED), Minutes(40)])
    assert (story.phase(), story.routing) == (Phase.FAILED, Routing("1"))
    assert "tried for 15 minutes; " in newest(story).timeline[-1].text
    assert newest(story).timeline[-1].text.endswith("then drop the artifact again")
    assert is_clean(story)
    story.play([Minutes(25), Drop("v2", TESTED)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def _is(call: Call, operation: str) -> bool:
    """A dry run is left alone: it is a read."""
    return call.operation == operation and not call.is_read


def test_an_hour_without_any_of_lambda_is_waited_for_because_not_even_the_alias_can_be_read() -> None:
    story = live()
    story.cloud.lambda_.published_in = timedelta(minutes=3)
    story.play([Drop("v2", TESTED)])
    story.cloud.plan.down("lambda", until=story.cloud.clock.now + timedelta(hours=1))
    story.play([Minutes(50)])
    assert story.phase() is Phase.PREPARING
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_an_hour_without_cloudwatch_is_no_fault_of_the_artifact() -> None:
    story = live()
    story.cloud.cloudwatch.put("checkout-p99", "OK")
    story.cloud.plan.down("cloudwatch", until=story.cloud.clock.now + timedelta(hours=1))
    gates = {"alarms": ["checkout-p99"], "errors": False, "min_invocations": 0}
    story.play([Drop("v2", {**TESTED, "gates": gates}), Minutes(50)])
    assert story.phase() is Phase.PREPARING
    assert "reading the state of 1 alarms failed" in held_by(story)
    story.to_the_end()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_a_throttled_control_plane_is_no_fault_of_the_artifact() -> None:
    story = live()
    until = story.cloud.clock.now + timedelta(minutes=40)
    story.cloud.fail(lambda call: _is(call, "PublishVersion") and call.at < until, Fault.THROTTLED, times=None)
    story.play([Drop("v2", TESTED), Minutes(30)])
    assert story.phase() is Phase.PREPARING
    assert "Rate exceeded" in held_by(story)
    story.to_the_end()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))
