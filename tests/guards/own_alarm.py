"""Guards of a deployment's own alarm: what fires it, what it goes by in the bake, and what it may not condemn."""

from __future__ import annotations

from tests.guards.guard import Guard

_ADAPTER = "tests/adapters/test_alarms.py::"
_STORIES = "tests/scenarios/test_own_alarm.py::"
_ALARMS = "controller/aws/cloudwatch/alarms.py"
_OWN_ALARM = "controller/core/gates/own_alarm.py"
_PLAN = "controller/core/lifecycle/plan.py"
_ALARM_CLEANUP = "controller/core/lifecycle/alarm_cleanup.py"
_BEFORE_AFTER = "controller/core/statistics/before_after.py"
_QUARANTINE = "controller/core/lifecycle/quarantine.py"

GUARDS = (
    Guard(
        "a minute that lacks points of either version says nothing",
        _ALARMS,
        "_STABLE_RATE, least)} / ({is_there})",
        "_STABLE_RATE, least)}",
        (f"{_ADAPTER}test_a_minute_is_bad_or_says_nothing[no stable traffic]",),
    ),
    Guard(
        "one bad minute does not fire it once no minute after it has a value",
        _ALARMS,
        'TreatMissingData="notBreaching"',
        'TreatMissingData="missing"',
        (f"{_ADAPTER}test_one_bad_minute_never_fires_it_whatever_follows[0]",),
    ),
    Guard(
        "the newest minute never decides alone",
        _OWN_ALARM,
        "BAD_MINUTES = 2",
        "BAD_MINUTES = 1",
        (f"{_ADAPTER}test_one_bad_minute_never_fires_it_whatever_follows[0]",),
    ),
    Guard(
        "failures that come late fire it, too",
        _OWN_ALARM,
        "math.ceil((longest_timeout + _COUNTED_AFTER) / _MINUTE) + BAD_MINUTES",
        "BAD_MINUTES",
        (f"{_ADAPTER}test_failures_that_come_only_when_the_timeout_is_over_fire_it[looks at second 0-120]",),
    ),
    Guard(
        "too few requests are no rate",
        _BEFORE_AFTER,
        "self.errors / self.requests if self.is_enough else _ASSUMED_RATE",
        "self.errors / max(1, self.requests)",
        (f"{_ADAPTER}test_a_minute_of_the_bake_is_compared_with_the_rate_before[90 % after nobody knows what-True]",),
    ),
    Guard(
        "the alarm is put again in the bake",
        _PLAN,
        "if stable and canary and _puts_alarm_again(deployment):",
        "if stable and canary and False:",
        (f"{_STORIES}test_one_that_is_bad_from_the_first_minute_is_back_with_no_steps_too[0.2]",),
    ),
    Guard(
        "the promotion does not wait for what was before",
        _OWN_ALARM,
        "serves_alone = deployment.phase is Phase.BAKING and deployment.live_at is not None and not deployment.closing",
        "serves_alone = deployment.phase is Phase.BAKING and not deployment.closing",
        ("tests/unit/test_gates.py::test_what_was_before_is_read_once_the_canary_is_seen_to_serve_alone",),
    ),
    Guard(
        "nothing is quarantined on its word where too little was known of the stable version",
        _QUARANTINE,
        "    if is_own_alarms_word_alone(deployment):\n        return False\n",
        "",
        ("tests/unit/test_plan.py::test_its_own_alarm_that_had_nothing_to_compare_with_quarantines_nothing",),
    ),
    Guard(
        "an alarm that may still be put again is deleted once more later",
        _ALARM_CLEANUP,
        "made_at = None if is_put_again else deployment.alarm_made_at",
        "made_at = deployment.alarm_made_at",
        ("tests/unit/test_plan.py::test_an_own_alarm_that_may_still_be_put_again_is_deleted_once_more_later",),
    ),
    Guard(
        "an outage that began in the shift and goes on does not fire the own alarm",
        _BEFORE_AFTER,
        "return max((usual, *(each for each in (shift, lately) if each.is_enough)), key=lambda each: each.rate)",
        "return usual",
        (
            "tests/unit/test_bake.py::test_the_own_alarm_goes_by_what_may_go_on_where_the_stable_version_failed_oftener_at_the_end",
            f"{_STORIES}test_nor_does_one_that_lasts_on_until_the_end",
        ),
    ),
    Guard(
        "what still may fail of the stable version does not fire the own alarm",
        _BEFORE_AFTER,
        "usual = complete if complete.is_enough else every",
        "usual = every",
        ("tests/unit/test_bake.py::test_the_own_alarm_goes_by_minutes_in_which_no_request_still_runs",),
    ),
    Guard(
        "the bake is not compared with the good minutes before an outage",
        _BEFORE_AFTER,
        "newest_first = [*(outage.begun(in_order, least_errors) or in_order)][::-1]",
        "newest_first = in_order[::-1]",
        ("tests/unit/test_bake.py::test_a_bake_is_not_compared_with_the_good_minutes_before_an_outage",),
    ),
    Guard(
        "a look does not take errors of the stable version that are not there yet for none",
        "controller/core/statistics/shift.py",
        "if minute.counts.stable_invocations and minute.has_errors]",
        "if minute.counts.stable_invocations]",
        (
            "tests/scenarios/test_unkind_aws.py::test_errors_of_the_stable_version_that_come_minutes_after_its_requests_are_not_taken_for_none",
        ),
    ),
    Guard(
        "nor do the whole counts of a shift",
        "controller/core/statistics/shift.py",
        "if minute.began + MINUTE <= ended and minute.has_errors]",
        "if minute.began + MINUTE <= ended]",
        (
            "tests/scenarios/test_unkind_aws.py::test_errors_of_the_stable_version_that_come_minutes_after_its_requests_are_not_taken_for_none",
        ),
    ),
    Guard(
        "an outage that is over is none",
        "controller/core/statistics/outage.py",
        "        if bad <= rate * of_outage - 1:\n            break  # it is over\n",
        "",
        ("tests/unit/test_outage.py::test_one_that_is_over_is_none",),
    ),
    Guard(
        "the last minutes of the shift are counted before they are read",
        _OWN_ALARM,
        "is_counted = live_at is not None and past is not None and now >= live_at + past.counted_in",
        "is_counted = live_at is not None and past is not None",
        (f"{_STORIES}test_nor_does_one_that_lasts_on_until_the_end",),
    ),
    Guard(
        "an alarm that calms down to no data is armed again",
        "controller/core/model/observation.py",
        "return self in (AlarmState.OK, AlarmState.INSUFFICIENT_DATA)",
        "return self is AlarmState.OK",
        ("tests/unit/test_machine.py::test_one_that_calms_down_to_no_data_is_armed_too",),
    ),
    Guard(
        "a rate that nobody could read is given up, and said",
        _OWN_ALARM,
        "before = seen.stable_before or (NOTHING_KNOWN if given_up else None)",
        "before = seen.stable_before",
        (f"{_STORIES}test_where_cloudwatch_does_not_say_what_was_before_that_is_said_and_not_taken_for_none",),
    ),
)
