"""Guards of waiting: every wait before traffic has an end, and what was deleted is not waited for."""

from __future__ import annotations

from tests.guards.guard import Guard

_DELAY = "controller/core/model/delay.py"
_ROLLING_BACK = "controller/core/lifecycle/transitions/rolling_back.py"
_BEFORE_TRAFFIC = "controller/core/lifecycle/transitions/before_traffic.py"
_ERRORS = "controller/aws/errors.py"
_PERFORM = "controller/reconcile/perform.py"
_LOOP = "controller/reconcile/loop.py"
_EMERGENCY_ROLLBACK = "controller/reconcile/emergency_rollback.py"
_VERSIONS = "controller/aws/lambda_/versions.py"
_DESIRED = "controller/core/routing/desired.py"
_LATEST = "controller/reconcile/latest.py"
_WAITS = "tests/scenarios/test_waits.py::"
_GONE = "tests/scenarios/test_gone.py::"

GUARDS = (
    Guard(
        "a call that fails before traffic is not tried for ever",
        _DELAY,
        "now - self.failing_since >= FAILING_AT_MOST",
        "False",
        (
            "tests/unit/test_delay.py::test_a_call_that_fails_is_tried_again_for_fifteen_minutes",
            f"{_WAITS}test_a_version_that_cannot_be_started_now_is_tried_for_a_quarter_of_an_hour",
        ),
    ),
    Guard(
        "other words of AWS do not begin the limit of a failing call anew",
        _DELAY,
        "    since = before.failing_since if before else None\n",
        "    since = before.failing_since if before and before.said == said else None\n",
        (
            "tests/unit/test_delay.py::test_other_words_do_not_begin_the_limit_anew",
            f"{_WAITS}test_the_words_of_lambda_may_change_from_minute_to_minute",
        ),
    ),
    Guard(
        "AWS at work is no failing call",
        _DELAY,
        "    if kind is DelayKind.AT_WORK:\n        return Delay(kind, said, advice)\n",
        "",
        ("tests/unit/test_delay.py::test_aws_at_work_begins_the_limit_anew_because_the_call_went_well",),
    ),
    Guard(
        "a throttle before traffic is not counted against a deployment",
        _PERFORM,
        "            return DelayKind.THROTTLED\n",
        "            return DelayKind.FAILING\n",
        (
            f"{_WAITS}test_a_function_that_is_switched_off_waits_and_says_for_what",
            f"{_WAITS}test_a_throttled_control_plane_is_no_fault_of_the_artifact",
        ),
    ),
    Guard(
        "an update in progress is not counted against a deployment",
        _ERRORS,
        '    Rule("ResourceConflictException", NotYet, says="in progress|following state: Pending"),\n',
        "",
        (f"{_WAITS}test_an_update_of_somebody_else_that_is_in_progress_is_no_failure",),
    ),
    Guard(
        "an outage of the table or of CloudWatch is not counted against a deployment",
        _LATEST,
        "        raise Outage(str(problem), problem.said) from problem\n",
        "        raise\n",
        (
            f"{_WAITS}test_an_hour_without_cloudwatch_is_no_fault_of_the_artifact",
            "tests/unit/test_reconcile_effects.py::test_what_a_deployment_only_asks_beside_its_work_is_not_counted_against_it",
        ),
    ),
    Guard(
        "a refusal of Invoke is told by its code and not by its status",
        _VERSIONS,
        "Cause.TEST_FAILED, INVOKE_RULES):",
        "Cause.TEST_FAILED):",
        (f"{_WAITS}test_a_version_that_can_never_be_started_fails_its_test_at_once",),
    ),
    Guard(
        "a delayed effect is not tried again in the same wake-up",
        _LOOP,
        "                if isinstance(outcome, Delayed):\n                    failed[effect] = None\n",
        "",
        ("tests/unit/test_reconcile_effects.py::test_an_effect_that_failed_is_not_tried_again_in_the_same_wake_up",),
    ),
    Guard(
        "a layer that is gone is not waited for",
        _ERRORS,
        (
            '    Rule("InvalidParameterValueException|ResourceNotFoundException", Refused, _NAME_A_LAYER,'
            ' "Layer ?[Vv]ersion"),\n'
        ),
        "",
        (f"{_WAITS}test_a_layer_that_is_gone_ends_the_deployment_at_once",),
    ),
    Guard(
        "an alias that is gone ends a deployment before traffic",
        _BEFORE_TRAFFIC,
        "    if is_gone(deployment, seen):\n        return give_up(deployment, deleted(deployment), now)\n",
        "",
        (
            "tests/unit/test_machine.py::test_an_alias_that_is_gone_ends_the_deployment",
            f"{_GONE}test_what_is_deleted_ends_the_deployment_and_a_new_zip_starts_anew",
        ),
    ),
    Guard(
        "an alias that a first deployment has still to make is not gone",
        _DESIRED,
        "    was_there = deployment.stable is not None or deployment.live_at is not None\n",
        "    was_there = True\n",
        ("tests/unit/test_machine.py::test_an_alias_that_a_first_deployment_has_still_to_make_is_not_gone",),
    ),
    Guard(
        "an alias that may not be read does not pass for one that was deleted",
        _LOOP,
        "            decisive = EffectRefused(unreadable.reason) if unreadable else current\n",
        "            decisive = current\n",
        ("tests/unit/test_reconcile.py::test_an_alias_that_may_not_be_read_before_traffic_is_not_told_to_be_gone",),
    ),
    Guard(
        "a rollback whose alias is gone is over once it has cleaned up",
        _ROLLING_BACK,
        "    gone = is_gone(deployment, seen)\n",
        "    gone = False\n",
        (f"{_GONE}test_what_is_deleted_ends_the_deployment_and_a_new_zip_starts_anew",),
    ),
    Guard(
        "a rollback to a version that was deleted ends",
        _ROLLING_BACK,
        "    if event.reason.cause is Cause.DRIFT and deployment.live_at is None and is_told:\n",
        "    if False:\n",
        (
            "tests/unit/test_machine.py::test_what_can_never_be_gone_back_to_ends_a_rollback",
            f"{_GONE}test_where_the_version_to_go_back_to_is_deleted_a_rollback_ends_and_says_so",
        ),
    ),
    Guard(
        "an alarm that can bring nothing back by the alias alone is left to the record",
        _EMERGENCY_ROLLBACK,
        "                if refusal.reason.cause is Cause.DRIFT:\n",
        "                if False:\n",
        (f"{_GONE}test_where_the_version_to_go_back_to_is_deleted_a_rollback_ends_and_says_so",),
    ),
    Guard(
        "a version that was deleted is not waited for by its test",
        _VERSIONS,
        "            raise self._deleted(function, version) or absent from absent\n",
        "            raise\n",
        (f"{_GONE}test_a_version_that_is_deleted_before_its_test_fails_it_in_words",),
    ),
)
