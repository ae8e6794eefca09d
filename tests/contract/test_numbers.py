"""The numbers in sentences of the pages are those of the code: a constant that changes makes its sentence fail."""

from __future__ import annotations

import json
import math
import re
from datetime import timedelta

import pytest
from botocore.config import Config

from bench.load import one_deployment
from controller.aws import clients
from controller.aws.dynamodb import rows
from controller.aws.lambda_ import budget, restore_latest
from controller.core.artifact import refused_uploads
from controller.core.artifact.zip import directory, limits, symbolic_links
from controller.core.gates import errors, hold, own_alarm, throttles
from controller.core.gates.hooks import answers
from controller.core.lifecycle import cleanup, repeated_requests
from controller.core.manifest.building import build, schema
from controller.core.manifest.checks import MAX_TESTS_TIME
from controller.core.manifest.settings import ErrorGate, TestCase
from controller.core.model import ALL
from controller.core.model.deployment import hook_run
from controller.core.model.deployment.hold import delay
from controller.core.model.observation import UNREADABLE_TIMEOUT
from controller.core.statistics import before_after, sequential_evidence, slow_requests
from controller.core.statistics.slow_requests import Measure
from controller.requests import looking
from controller.requests.looking import backtest
from local import serve
from local.demo import run
from tests.pages import PAGES, ROOT
from tests.template import DEFAULTS, WRITTEN

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def minutes(time: timedelta) -> str:
    return f"{time / MINUTE:g}"


def seconds(time: timedelta) -> str:
    return f"{time / SECOND:g}"


def attempts(client: Config) -> int:
    return int(client.retries["total_max_attempts"])  # type: ignore[attr-defined]


DEFAULT = build({})
(STEP,) = DEFAULT.strategy.steps
TEST: TestCase = build({"tests": [{"name": "x"}]}).tests[0]
ERRORS = DEFAULT.gates.errors or ErrorGate(0, None)
NO_TRAFFIC = DEFAULT.gates.no_traffic.timeout
GATES = schema()["$defs"]["gates"]["properties"]  # type: ignore[index]
*RATIOS, GREATEST = sequential_evidence.RATIOS
LESSER = ", ".join(f"{ratio:g}" for ratio in RATIOS)
CONTROLLER = WRITTEN["Resources"]["Controller"]["Properties"]
REQUESTS = json.loads((ROOT / "controller" / "slipway.request.schema.json").read_text("utf-8"))["allOf"]
MOST_LISTED = next(
    each["then"]["properties"]["limit"]["maximum"]
    for each in REQUESTS
    if each["if"]["properties"]["request"].get("const") == "history"
)
LONGEST_TRY = int(clients._PROMPTLY.connect_timeout + clients._PROMPTLY.read_timeout)  # type: ignore[attr-defined]
ASYNCHRONOUS = CONTROLLER["EventInvokeConfig"]
(SERVED, _) = serve._options([])
WEIGHT = f"{STEP.weight / 100:g} %"
ENOUGH = DEFAULT.gates.min_invocations
ENOUGH_AN_HOUR = math.floor(ENOUGH / (STEP.weight / ALL) / ((STEP.hold + NO_TRAFFIC) / (60 * MINUTE)) / 10) * 10
"""Requests an hour, of which so many as a step needs reach the canary version in time."""
STRATEGY = (
    f"{WEIGHT} for {minutes(STEP.hold)} minutes, then everything",
    f"then a bake of {minutes(DEFAULT.strategy.bake)} minutes",
)
IN_WORDS = ("no", "once", "twice", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


SAID: dict[str, list[str]] = {
    "README.md": [
        *STRATEGY,
        f"by default a step ends only after {ENOUGH} requests, and goes back after {minutes(NO_TRAFFIC)} minutes",
        f"| {ENOUGH} requests, {minutes(NO_TRAFFIC)} minutes |",
        f"at most {100 * ERRORS.significance:g} % of good releases are rolled back",
    ],
    "docs/demo.md": [
        f"A minute of the embedded AWS lasts {run.MINUTE:g} seconds",
        f"at {errors.enough_in_shift(ERRORS):g} to 1 the alias is back",
    ],
    "docs/tutorial.md": [f"A minute of the embedded AWS lasts {SERVED.minute:g} seconds"],
    "docs/verify-in-your-account.md": [f"after {minutes(UNREADABLE_TIMEOUT)} minutes without them"],
    "docs/install.md": [
        f"at most {64 - len('-controller')} characters, because the controller is called `STACK-controller`",
        f"With Python {CONTROLLER['Runtime'].removeprefix('python')} on the machine",
    ],
    "docs/guides/ship.md": [
        *STRATEGY,
        f"more than about {ENOUGH_AN_HOUR} requests an hour",
        f"fewer than {ENOUGH} requests reach the new version in time",
        f"the deployment is rolled back after {minutes(STEP.hold + NO_TRAFFIC)} minutes",
        f"The newest {refused_uploads.MAX_UPLOADS} are kept",
    ],
    "docs/guides/tests.md": [
        f"in this time, {seconds(TEST.within)} seconds by default",
        f"the number of runs, {TEST.times} by default",
        f"invocations before the runs, {TEST.warm_up} by default",
        f"of at most {limits.MAX_FILE_SIZE // 1024} KB",
        f"after {minutes(delay.FAILING_TIMEOUT)} minutes if the error may pass",
    ],
    "docs/guides/hooks.md": [
        f"a newer zip waits for the hook, {minutes(cleanup.RESTORE_TIMEOUT)} minutes at most",
        f"at most {answers._MAX_REASON_LENGTH} characters",
        f"until the next call, {seconds(hook_run.AGAIN)} by default",
        f"at most {hook_run.MAX_STATE_SIZE // 1024} KB for the next call",
    ],
    "docs/guides/gates.md": [
        f"| {ENOUGH} requests, {minutes(NO_TRAFFIC)} minutes |",
        f"{own_alarm.MIN_ERRORS} errors more than twice",
        f"more than {own_alarm.POINTS_OVER} percentage points above twice",
        f"up to a minute {own_alarm.BAD_MINUTES} bad minutes of the last {own_alarm.minutes_watched(MINUTE)}",
        f"with 15 minutes {own_alarm.BAD_MINUTES} of the last {own_alarm.minutes_watched(15 * MINUTE)}",
        f"does not answer for {minutes(own_alarm.READ_TIMEOUT)} minutes",
        f"fewer than {before_after._ENOUGH_REQUESTS} requests are known",
        f"fails {LESSER} or {GREATEST:g} times as often",
        f"comes back at {errors.enough_in_shift(ERRORS):g} to 1",
        f"judged once more, at {errors.enough_of_whole(ERRORS):,g} to 1",
        f"over {errors.DOUBT:g} to 1 at the end of a hold",
        f"held for another hold, {IN_WORDS[hold.MAX_DOUBTS]} times at most",
        f"Up to {IN_WORDS[GATES['metrics']['maxItems']]} such pairs",
        f"{slow_requests.ENOUGH[Measure.P50]} for p50, {slow_requests.ENOUGH[Measure.P99]:,} for p99",
        f"`skip_invocations`, {GATES['latency']['else']['properties']['skip_invocations']['default']} by default",
        f"the last {IN_WORDS[throttles.MINUTES]} counted minutes",
        f"By default {ENOUGH} requests must reach",
        f"a step that lacks them {minutes(NO_TRAFFIC)} minutes after its hold",
    ],
    "docs/reference/requests.md": [
        f"lists {looking._DEFAULT_LIMIT} deployments, or up to {MOST_LISTED} with `limit`",
        f"are kept for {rows.KEEP_ENDED.days} days",
        f"keeps the counts for {backtest._KEPT.days} days; a request may span {backtest._MAX_SPAN.days} days",
        f"are alike, for {IN_WORDS[repeated_requests.REPEAT_WINDOW // MINUTE]} minutes",
    ],
    "docs/reference/refusals.md": [
        f"{limits.MAX_ENTRIES:,} files, folders and links",
        f"a directory of at most {limits.MAX_DIRECTORY_SIZE / 1_000_000:g} MB, and {limits.MAX_LINKS:,} links",
        f"at most {symbolic_links.MAX_READS} pieces of {symbolic_links.MAX_BYTES // 1024**2} MB together",
        f"up to {directory._MAX_BEHIND:,} bytes",
    ],
    "docs/reference/manifest.md": [f"all tests together take at most {seconds(MAX_TESTS_TIME)} seconds"],
    "docs/operate/runbook.md": [
        f"`0 of {ENOUGH} requests have reached`",
        f"a second `promote` within {IN_WORDS[repeated_requests.REPEAT_WINDOW // MINUTE]} minutes",
        f"by default rolled back {minutes(NO_TRAFFIC)} minutes after the hold",
        f"the step is held {IN_WORDS[hold.MAX_DOUBTS]} times at most",
        f"wait; after {minutes(UNREADABLE_TIMEOUT)} minutes `on_failure` decides",
    ],
    "docs/operate/failures.md": [
        f"are tried {1 + ASYNCHRONOUS['MaximumRetryAttempts']} times and then become dead letters",
        f"After {minutes(UNREADABLE_TIMEOUT)} minutes `on_failure` decides",
        f"tried again by every tick for {minutes(delay.FAILING_TIMEOUT)} minutes, then",
        f"The call is made up to {attempts(clients._STEADY)} times",
        f"a call that carries a zip {IN_WORDS[attempts(clients._WITH_A_ZIP)]}",
        f"for {seconds(budget._PATIENCE)} s or until the invocation ends",
        f"known by bucket, key and version for {rows._KEEP_UPLOADS.days} days",
    ],
    "docs/operate/timing.md": [
        f"has not finished after {seconds(clients._PATIENCE)} s",
        f"at most {seconds(MAX_TESTS_TIME)} s together",
        f"calls are given up after {attempts(clients._PROMPTLY) * LONGEST_TRY} s at most",
        f"{WEIGHT} for {minutes(STEP.hold)} minutes and a bake of {minutes(DEFAULT.strategy.bake)}",
        f"full traffic {minutes(STEP.hold)} to {minutes(STEP.hold + MINUTE)} minutes after the tests",
        f"closes {minutes(DEFAULT.strategy.holds)} to {minutes(DEFAULT.strategy.holds + 2 * MINUTE)} minutes after",
        f"by every tick for {minutes(delay.FAILING_TIMEOUT)} minutes",
    ],
    "docs/operate/lambda-budget.md": [f"The default of {DEFAULTS['LambdaCallsPerSecond']} leaves room"],
    "docs/explain/limits.md": [f"code of over {restore_latest._MAX_SENT_SIZE // 1024**2} MB"],
}
"""What each page says, with the numbers of the code in it."""


@pytest.mark.parametrize(("page", "sentence"), [(page, each) for page, said in SAID.items() for each in said])
def test_a_number_on_a_page_is_that_of_the_code(page: str, sentence: str) -> None:
    assert sentence in " ".join(PAGES[page].split())


def table_of_many() -> dict[int, list[str]]:
    rows = re.findall(r"^\| ([0-9,]+) \| (.*) \|$", PAGES["docs/operate/lambda-budget.md"], re.MULTILINE)
    return {int(functions.replace(",", "")): cells.split(" | ") for functions, cells in rows}


@pytest.mark.parametrize("functions", [10, 100, 1_000, 10_000])
def test_what_many_functions_ask_for_is_computed_from_the_counts_and_the_prices(functions: int) -> None:
    calls, flood, storm, dollars = (
        float(cell.removesuffix(" s").replace(",", "")) for cell in table_of_many()[functions]
    )
    assert calls == functions * one_deployment.TO_THE_END
    budget_of_the_stack, of_the_account = int(DEFAULTS["LambdaCallsPerSecond"]), 15
    longer = measured("the same, the last serves, as a multiple")
    assert flood == pytest.approx(functions * one_deployment.TO_TRAFFIC / budget_of_the_stack * longer, abs=1)
    storm_of_a_thousand = measured("1,000 alarms in a minute, last alias back")
    assert storm == pytest.approx(functions / 1_000 * storm_of_a_thousand, rel=0.03)
    assert storm_of_a_thousand < 1.3 * 2_000 / of_the_account
    assert dollars == pytest.approx(functions * together_of_a_hundred() / 100, abs=0.01)


def measured(what: str) -> float:
    """Returns the present figure of a row of the performance page."""
    (found,) = re.findall(rf"^\| {what}[^|]*\|[^|]*\| ([0-9.,]+)", PAGES["docs/evidence/performance.md"], re.MULTILINE)
    return float(found.replace(",", ""))


def together_of_a_hundred() -> float:
    """Returns the dollars of a hundred deployments, from the page of the costs."""
    found = re.findall(r"\*\*([0-9.]+)\*\* \|$", PAGES["docs/operate/costs.md"], re.MULTILINE)
    return float(found[-1])
