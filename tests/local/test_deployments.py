"""Deployments on the embedded AWS: the real template, the controller from its own zip, real functions behind real
weights.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.shop import BAD, GOOD, STRICT, Shop

SLOW = {"steps": [{"weight": 50, "hold": "10m"}], "bake": "10m"}
ASKING = {"steps": [{"weight": 50, "hold": "2s"}, {"pause": "1h"}], "bake": "2s"}


@pytest.fixture
def shop(aws: EmbeddedAws, stack: Stack, role: str, function_name: str) -> Shop:
    return Shop(aws, stack, role, function_name)


@pytest.fixture
def live_shop(shop: Shop) -> Shop:
    """The function serves version 1, deployed by Slipway."""
    shop.drop(GOOD % "one", "v1")
    assert shop.wait()["phase"] == "SUCCEEDED"
    return shop


def test_a_first_drop_creates_the_function_tests_it_and_makes_the_alias(live_shop: Shop) -> None:
    assert live_shop.alias() == ("1", {})
    assert live_shop.call() == ["1"]
    assert live_shop.alias("previous") is None


def test_a_good_drop_is_shifted_promoted_and_kept(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2")
    assert live_shop.wait(number=2)["phase"] == "SUCCEEDED"
    assert (live_shop.alias(), live_shop.alias("previous")) == (("2", {}), ("1", {}))


def test_every_run_of_every_test_passes_before_a_version_serves(shop: Shop) -> None:
    """The payload is read from the middle of a zip that is larger than what is read of its end."""
    tests = [
        {
            "name": "adds up",
            "payload": {"lines": [1, 2]},
            "response": {"required": ["total"]},
            "times": 5,
            "warm_up": 2,
        },
        {"name": "refuses", "payload_file": "tests/no.json", "error": "ValueError", "times": 3},
    ]
    dice = random.Random(7)
    files = {"tests/no.json": '{"token": "hunter2"}', "large.txt": dice.randbytes(300_000).hex()}
    shop.drop(STRICT, "v1", files, tests=tests)
    assert shop.wait()["phase"] == "SUCCEEDED"
    found = shop.newest()
    assert [(test["name"], test["passed"], test["runs"]) for test in found["tests"]] == [
        ("adds up", True, 5),
        ("refuses", True, 3),
    ]
    assert "hunter2" not in json.dumps(found)
    lenient = STRICT.replace("raise ValueError", "return str")
    shop.drop(lenient, "v2", files, tests=tests)
    summary = shop.wait(number=2)
    assert (summary["phase"], summary["cause"]) == ("FAILED", "test_failed")
    text = "test 'refuses' failed on version 2: run 1 of 3: it did not fail; expected ValueError"
    assert summary["reason"] == text
    assert (shop.alias(), shop.versions()) == (("1", {}), ["1", "2"])


def test_both_versions_serve_while_traffic_shifts(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2", strategy=SLOW)
    live_shop.wait("SHIFTING", 2)
    eventually(lambda: live_shop.alias() == ("1", {"2": 0.5}))
    assert set(live_shop.call(40)) == {"1", "2"}


def test_its_own_alarm_brings_the_stable_version_back(live_shop: Shop) -> None:
    live_shop.drop(BAD, "v2", strategy=SLOW)
    live_shop.wait("SHIFTING", 2)

    def rolled_back() -> bool:
        live_shop.call(5)
        return live_shop.wait(("SHIFTING", "ROLLING_BACK", "ROLLED_BACK"), 2)["phase"] == "ROLLED_BACK"

    eventually(rolled_back)
    assert live_shop.alias() == ("1", {})
    summary = live_shop.wait(number=2)
    assert summary["cause"] == "alarm"
    live_shop.drop(BAD, "v2-under-another-name", strategy=SLOW)
    refused = live_shop.wait(number=3)
    assert (refused["phase"], refused["cause"]) == ("FAILED", "quarantined")


def test_an_alarm_set_by_hand_rolls_back(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2", strategy=SLOW)
    live_shop.wait("SHIFTING", 2)
    name = f"{live_shop.stack.name}/{live_shop.function}/live/2"
    watch = live_shop.aws.client("cloudwatch")
    eventually(lambda: watch.describe_alarms(AlarmNames=[name])["MetricAlarms"])
    watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    assert live_shop.wait(number=2)["phase"] == "ROLLED_BACK"
    assert live_shop.alias() == ("1", {})
    assert eventually(lambda: not watch.describe_alarms(AlarmNames=[name])["MetricAlarms"])


def test_a_drill_comes_back_by_its_alarm_and_says_how_soon(live_shop: Shop) -> None:
    functions = live_shop.aws.client("lambda")
    functions.update_function_configuration(FunctionName=live_shop.function, Description="checks out carts")
    assert live_shop.ask("drill")["ok"]
    assert live_shop.wait("ROLLED_BACK", 2)["cause"] == "drill"
    assert live_shop.alias() == ("1", {})
    drill = live_shop.newest()["drill"]
    assert drill["heard"], drill
    assert drill["seconds"] < 30
    found = functions.get_function_configuration(FunctionName=live_shop.function)
    assert found["Description"] == "checks out carts"


def test_latest_has_the_stable_code_again_after_a_rollback(live_shop: Shop) -> None:
    functions = live_shop.aws.client("lambda")
    stable = functions.get_function_configuration(FunctionName=live_shop.function, Qualifier="1")["CodeSha256"]
    live_shop.drop(GOOD % "two", "v2", strategy=SLOW)
    live_shop.wait("SHIFTING", 2)
    assert live_shop.ask("rollback", why="a drill")["ok"]
    assert live_shop.wait(number=2)["phase"] == "ROLLED_BACK"
    assert functions.get_function_configuration(FunctionName=live_shop.function)["CodeSha256"] == stable


def test_an_undo_after_success_moves_the_alias_and_ships_nothing(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2")
    live_shop.wait("SUCCEEDED", 2)
    assert live_shop.ask("rollback")["ok"]
    assert live_shop.wait(number=3)["phase"] == "ROLLED_BACK"
    assert (live_shop.alias(), live_shop.versions()) == (("1", {}), ["1", "2"])


def test_a_newer_drop_supersedes(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2", strategy=SLOW)
    live_shop.wait("SHIFTING", 2)
    live_shop.drop(GOOD % "three", "v3")
    assert live_shop.wait(number=2)["cause"] == "superseded"
    assert live_shop.wait(number=3)["phase"] == "SUCCEEDED"
    assert live_shop.alias("previous") == ("1", {})


def test_a_step_waits_for_approval_and_what_its_notice_says_to_send_goes_on(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2", strategy=ASKING)
    request = _asked(live_shop)
    assert live_shop.alias() == ("1", {"2": 0.5})
    assert live_shop.invoke({**request, "who": "alice"})["deployment"]["phase"] == "BAKING"
    assert live_shop.wait(number=2)["phase"] == "SUCCEEDED"
    assert live_shop.alias() == ("2", {})


def test_a_step_that_is_rejected_goes_back_and_its_bytes_stay_out(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2", strategy=ASKING)
    assert live_shop.invoke({**_asked(live_shop), "request": "deny", "why": "a drill"})["ok"]
    summary = live_shop.wait(number=2)
    assert (summary["phase"], summary["cause"]) == ("ROLLED_BACK", "denied")
    assert live_shop.alias() == ("1", {})
    live_shop.drop(GOOD % "two", "v2-again", strategy=ASKING)
    assert live_shop.wait(number=3)["cause"] == "quarantined"


def _asked(shop: Shop) -> dict[str, object]:
    """Waits until people are asked about deployment 2 and returns the request that they are told to send."""
    shop.wait("SHIFTING", 2)

    def said() -> str | None:
        texts = [entry["text"] for entry in shop.newest()["timeline"]]
        return next((text for text in texts if text.startswith("waits for approval, at most 1h")), None)

    text = eventually(said)
    assert text
    request: dict[str, object] = json.loads(text[text.index("{") : text.index("}") + 1])
    return request


def test_the_same_bytes_and_settings_are_no_change(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "one", "v1-again")
    summary = live_shop.wait(number=2)
    assert (summary["phase"], summary["cause"]) == ("SUCCEEDED", "unchanged")
    assert live_shop.versions() == ["1"]


def test_a_change_of_settings_alone_is_a_deployment(live_shop: Shop) -> None:
    function = {**live_shop.manifest()["function"], "MemorySize": 256}  # type: ignore[dict-item]
    live_shop.drop(GOOD % "one", "v1-larger", function=function)
    assert live_shop.wait(number=2)["phase"] == "SUCCEEDED"
    assert live_shop.alias() == ("2", {})


def test_a_version_that_fails_its_test_gets_no_traffic(live_shop: Shop) -> None:
    live_shop.drop(GOOD % "two", "v2", tests=[{"name": "strict", "response": {"required": ["nothing has this"]}}])
    summary = live_shop.wait(number=2)
    assert (summary["phase"], summary["cause"]) == ("FAILED", "test_failed")
    assert live_shop.alias() == ("1", {})


def test_a_function_without_the_alias_is_onboarded(
    make_function: Callable[[str], str], aws: EmbeddedAws, stack: Stack, role: str
) -> None:
    shop = Shop(aws, stack, role, make_function("def handler(event, context):\n    return 'theirs'\n"))
    shop.drop(GOOD % "ours", "v1")
    assert shop.wait()["phase"] == "SUCCEEDED"
    assert (shop.alias(), shop.alias("previous")) == (("2", {}), ("1", {}))
    timeline = json.dumps(shop.newest()["timeline"])
    assert "callers must use the alias live" in timeline


def test_plan_says_what_a_drop_would_do_and_changes_nothing(live_shop: Shop) -> None:
    version = live_shop.drop(GOOD % "two", "v2", strategy=SLOW)
    live_shop.wait("SHIFTING", 2)
    live_shop.ask("rollback")
    live_shop.wait(number=2)
    key = f"{live_shop.function}/v2.zip"
    plan = live_shop.invoke({"request": "plan", "bucket": live_shop.stack.bucket, "key": key, "version": version})
    assert (plan["would"], plan["cause"]) == ("refuse", "quarantined")
    lifted = {"request": "deploy", "bucket": live_shop.stack.bucket, "key": key, "lift_quarantine": True}
    assert live_shop.invoke(lifted)["deployment"]["phase"] == "SHIFTING"


def test_judge_says_of_real_counts_what_the_error_gate_would_have_done(live_shop: Shop) -> None:
    began = datetime.now(UTC).isoformat(timespec="seconds")
    # Frozen, so that both versions serve on when the alarm fires, however slow this machine is.
    live_shop.drop(BAD, "v2", strategy=SLOW, on_failure="freeze")
    live_shop.wait("SHIFTING", 2)

    def judged() -> Mapping[str, Any] | None:
        live_shop.call(10)
        answer = live_shop.ask("backtest", stable="1", canary="2", significance=0.3, **{"from": began})
        assert answer["ok"], answer
        return answer if answer["would"] == "rollback" else None

    found = eventually(judged, every=0.5) or {}
    first = found["first"] or found["all"]
    assert first["canary"]["errors"] == first["canary"]["invocations"] > 0
    assert (first["stable"]["errors"], first["canary"]["version"]) == (0, "2")
