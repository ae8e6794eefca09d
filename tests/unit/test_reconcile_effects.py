"""What a call that fails leaves undone, what it does not keep from being done, and when it is tried again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from controller.core.manifest.settings import Manifest
from controller.core.model import Cause, Milestone, Notice, Phase, Reason, Transient
from controller.core.model.deployment.hold.delay import DelayKind
from controller.core.model.events import Tick
from controller.reconcile.loop import Reconciler
from tests.builders import CHECKOUT, NOW, manifest
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.under_way import HALF, fails, fires, operations, routing, step_over, stored, under_way

NOTICES = (Notice(NOW, Phase.TESTING, "first"), Notice(NOW, Phase.TESTING, "second"))
ALARMED = Reason(Cause.ALARM, "alarm checkout-p99 is firing")


def with_a_test() -> Manifest:
    return manifest(gates={"alarms": [], "errors": False, "min_invocations": 0}, tests=[{"name": "ping"}])


def told(cloud: Cloud) -> list[str]:
    """Returns the texts that people were told, in order."""
    return [each["text"] for each in cloud.bus.details]


def test_an_effect_that_failed_is_not_tried_again_in_the_same_wake_up(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.TESTING, manifest=with_a_test(), outbox=NOTICES)
    fails(cloud, "Invoke", Fault.SERVICE_ERROR)
    loop.reconcile(CHECKOUT, Tick())
    assert operations(cloud).count("Invoke") == 1
    assert operations(cloud).count("GetItem") > 1, "the notices moved the record, so there was another round"


def test_the_next_wake_up_tries_it_again(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.TESTING, manifest=with_a_test())
    fails(cloud, "Invoke", Fault.SERVICE_ERROR)
    for _ in range(2):
        loop.reconcile(CHECKOUT, Tick())
    assert operations(cloud).count("Invoke") == 2
    cloud.plan.heal()
    loop.reconcile(CHECKOUT, Tick())
    assert stored(cloud).phase is Phase.SHIFTING


def test_people_are_told_also_where_another_effect_failed(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.TESTING, manifest=with_a_test(), outbox=NOTICES)
    fails(cloud, "Invoke", Fault.SERVICE_ERROR)
    loop.reconcile(CHECKOUT, Tick())
    assert told(cloud)[:2] == ["first", "second"]
    assert stored(cloud).bookkeeping.outbox == ()


def test_a_notice_that_fails_does_not_keep_the_next_one(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, outbox=NOTICES)
    fails(cloud, "PutEvents", Fault.SERVICE_ERROR, about="first")
    with pytest.raises(Transient, match="telling EventBridge about checkout:live#42 failed"):
        loop.reconcile(CHECKOUT, Tick())
    assert told(cloud) == ["second"]
    assert stored(cloud).bookkeeping.outbox == NOTICES[:1]


def test_each_notice_that_fails_is_tried_once_in_a_wake_up(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, outbox=NOTICES)
    fails(cloud, "PutEvents", Fault.SERVICE_ERROR)
    step_over(cloud)
    with pytest.raises(Transient):
        loop.reconcile(CHECKOUT, Tick())
    assert operations(cloud).count("PutEvents") == 2


def test_nothing_that_failed_is_tried_again_however_much_else_fails_after_it(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.ROLLING_BACK, reason=ALARMED, outbox=NOTICES)
    fails(cloud, "PutItem", Fault.SERVICE_ERROR, about="quarantine#")
    fails(cloud, "UpdateFunctionCode", Fault.SERVICE_ERROR)
    fails(cloud, "PutEvents", Fault.SERVICE_ERROR, about="first")
    with pytest.raises(Transient, match="quarantining the bytes of checkout:live#42 failed"):
        loop.reconcile(CHECKOUT, Tick())
    quarantines = [each for each in cloud.wire.asked("PutItem") if "quarantine#" in each["Item"]["sk"]["S"]]
    texts = [json.loads(each["Entries"][0]["Detail"])["text"] for each in cloud.wire.asked("PutEvents")]
    assert (len(quarantines), operations(cloud).count("UpdateFunctionCode")) == (1, 1)
    assert texts == ["first", "second"]


def test_notices_that_fail_do_not_hold_the_traffic(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, outbox=NOTICES)
    fails(cloud, "PutEvents", Fault.SERVICE_ERROR)
    step_over(cloud)
    with pytest.raises(Transient):
        loop.reconcile(CHECKOUT, Tick())
    assert routing(cloud) == HALF
    assert stored(cloud).traffic.confirmed_at == cloud.clock.now


def test_what_follows_an_effect_that_failed_is_not_done_in_its_round(cloud: Cloud, loop: Reconciler) -> None:
    """An alias that could not be written is not to be backed by a quarantine and a restored $LATEST."""
    under_way(cloud)
    fires(cloud)
    fails(cloud, "UpdateAlias", Fault.SERVICE_ERROR)
    with pytest.raises(Transient, match="UpdateAlias"):
        loop.reconcile(CHECKOUT, Tick())
    assert (stored(cloud).phase, stored(cloud).done & {Milestone.QUARANTINED, Milestone.RESTORED}) == (
        Phase.ROLLING_BACK,
        frozenset(),
    )
    assert [each["phase"] for each in cloud.bus.details] == ["ROLLING_BACK"]


def test_the_first_failure_of_several_is_the_one_that_is_raised(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.ROLLING_BACK, reason=ALARMED, outbox=NOTICES)
    fails(cloud, "PutItem", Fault.SERVICE_ERROR, about="quarantine#")
    fails(cloud, "UpdateFunctionCode", Fault.SERVICE_ERROR)
    fails(cloud, "PutEvents", Fault.SERVICE_ERROR)
    with pytest.raises(Transient, match="quarantining the bytes of checkout:live#42 failed"):
        loop.reconcile(CHECKOUT, Tick())


EFFECTS: dict[str, dict[str, Any]] = {
    "GetAccountSettings": {},
    "GetFunction": {"preflighted": True, "onboards": True},
    "UpdateFunctionCode": {"preflighted": True, "stable": "2"},
    "PublishVersion": {"preflighted": True, "stable": "2", "done": frozenset({Milestone.IDENTIFIED})},
    "Invoke": {"phase": Phase.TESTING, "manifest": with_a_test()},
}


@pytest.mark.parametrize("call", EFFECTS)
def test_before_traffic_a_call_that_fails_is_noted_and_not_raised(cloud: Cloud, loop: Reconciler, call: str) -> None:
    """A tick that failed for it would be made twice more, and be a dead letter, in every minute."""
    under_way(cloud, **{"phase": Phase.PREPARING, **EFFECTS[call]})
    fails(cloud, call, Fault.SERVICE_ERROR)
    loop.reconcile(CHECKOUT, Tick())
    noted = stored(cloud).hold.delay
    assert noted is not None
    assert noted.kind is DelayKind.FAILING
    assert stored(cloud).timeline[-1].text == noted.in_words()


@pytest.mark.parametrize(
    ("operation", "about"),
    [("DescribeAlarms", ""), ("Query", ""), ("GetItem", "quarantine#")],
    ids=["alarms", "made by", "quarantine"],
)
def test_what_a_deployment_only_asks_beside_its_work_is_not_counted_against_it(
    cloud: Cloud, loop: Reconciler, operation: str, about: str
) -> None:
    under_way(cloud, phase=Phase.PREPARING, alarms=["queue-age"])
    fails(cloud, operation, Fault.SERVICE_ERROR, about)
    loop.reconcile(CHECKOUT, Tick())
    noted = stored(cloud).hold.delay
    assert noted is not None
    assert (noted.kind, noted.failing_since) == (DelayKind.OUTAGE, None)
    cloud.plan.heal()
    loop.reconcile(CHECKOUT, Tick())
    assert stored(cloud).hold.delay is None


def test_a_throttle_is_no_failure(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.TESTING, manifest=with_a_test())
    fails(cloud, "Invoke", Fault.THROTTLED)
    loop.reconcile(CHECKOUT, Tick())
    noted = stored(cloud).hold.delay
    assert noted is not None and noted.kind is DelayKind.THROTTLED


def test_a_function_that_aws_is_still_at_work_on_is_no_failure(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.PREPARING, **EFFECTS["PublishVersion"])
    latest = cloud.lambda_.functions["checkout"].latest
    latest["LastUpdateStatus"] = "InProgress"
    cloud.lambda_.later(latest, timedelta(hours=1))
    loop.reconcile(CHECKOUT, Tick())
    noted = stored(cloud).hold.delay
    assert noted is not None and noted.kind is DelayKind.AT_WORK


def test_what_is_refused_for_good_is_decided_on_and_not_raised(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    step_over(cloud)
    cloud.fail(lambda call: call.operation == "UpdateAlias", Fault.DENIED)
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.phase is Phase.ROLLED_BACK
    assert after_all.reason is not None and after_all.reason.cause is Cause.PUBLISH_FAILED
