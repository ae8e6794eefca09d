"""Guards of going on: nothing moves before it may, and what is judged is judged as it was promised."""

from __future__ import annotations

from tests.guards.guard import Change, Guard

_CALLERS = "controller/core/gates/traffic/callers.py"
_ENOUGH_REQUESTS = "controller/core/gates/traffic/enough_requests.py"
_ERRORS = "controller/core/gates/errors.py"
_HOLD = "controller/core/gates/hold.py"
_LATENCY = "controller/core/gates/latency.py"
_ORDER = "controller/core/gates/order.py"
_UNREADABLE = "controller/core/gates/unreadable.py"
_DURATIONS = "controller/aws/cloudwatch/durations.py"
_SERIES = "controller/aws/cloudwatch/series.py"
_BEFORE_AFTER = "controller/core/statistics/before_after.py"
_SEQUENTIAL_EVIDENCE = "controller/core/statistics/sequential_evidence.py"
_ERROR_EVIDENCE = "controller/core/statistics/error_evidence.py"
_HISTORY = "controller/core/statistics/history.py"
_SHIFT = "controller/core/statistics/shift.py"
_TEAM_METRICS = "controller/core/gates/team_metrics.py"
_ROLLING_BACK = "controller/core/lifecycle/transitions/rolling_back.py"
_BEFORE_TRAFFIC = "controller/core/lifecycle/transitions/before_traffic.py"
_EDITS = "controller/core/lifecycle/transitions/edits.py"
_SHIFTING = "controller/core/lifecycle/transitions/shifting.py"
_SAMPLE_RATIO = "controller/core/statistics/sample_ratio.py"
_SLOW_REQUESTS = "controller/core/statistics/slow_requests.py"
_VERSION_TESTS = "controller/reconcile/version_tests.py"
_QUARANTINE = "controller/core/lifecycle/quarantine.py"
_BUILDING = "controller/core/manifest/building.py"

GUARDS = (
    Guard(
        "after drift nothing goes on",
        _ORDER,
        ("HOLDS: tuple[Hold, ...] = (\n    interventions.drift,\n"),
        "HOLDS: tuple[Hold, ...] = (\n",
        ("tests/unit/test_gates.py::test_a_step_that_is_held_says_why[drift]",),
    ),
    Guard(
        "a pause holds the next step",
        _ORDER,
        ("    interventions.paused,\n    hold.unconfirmed,\n"),
        "    hold.unconfirmed,\n",
        ("tests/unit/test_machine.py::test_a_pause_holds_a_step_but_not_a_rollback",),
    ),
    Guard(
        "a step has not begun before the alias was seen to carry it",
        _ORDER,
        "    hold.unconfirmed,\n",
        "",
        ("tests/unit/test_gates.py::test_a_step_that_is_held_says_why",),
    ),
    Guard(
        "more requests than the weight hold",
        _ORDER,
        "    sample_ratio.holds,\n",
        "",
        ("tests/unit/test_share.py::test_too_many_requests_hold_the_step_and_people_are_told_once",),
    ),
    Guard(
        "a step lasts as long as its hold",
        _ORDER,
        "    hold.holds,\n",
        "",
        ("tests/unit/test_gates.py::test_a_hold_is_counted_from_when_the_alias_was_seen",),
    ),
    Guard(
        "alarms that nobody can read hold",
        _ORDER,
        ("    unreadable.holds,\n    latency.holds,\n"),
        "    latency.holds,\n",
        ("tests/unit/test_gates.py::test_alarms_that_cannot_be_read_hold[Phase.SHIFTING]",),
    ),
    Guard(
        "throttles hold",
        _ORDER,
        "    throttles.holds,\n",
        "",
        ("tests/unit/test_pace.py::test_throttles_hold_where_the_manifest_says_so",),
    ),
    Guard(
        "too few requests hold",
        _ORDER,
        "    enough_requests.holds,\n",
        "",
        ("tests/unit/test_machine.py::test_too_few_requests_hold_a_step_and_then_roll_back",),
    ),
    Guard(
        "a hook that has not answered holds",
        _ORDER,
        ("    errors.holds,\n    hooks.holds,\n"),
        "    errors.holds,\n",
        ("tests/scenarios/test_hooks.py::test_a_step_does_not_end_before_its_hook_succeeded",),
    ),
    Guard(
        "a pause for approval holds",
        _ORDER,
        ("    errors.holds,\n    hooks.holds,\n    approval.holds,\n"),
        ("    errors.holds,\n    hooks.holds,\n"),
        ("tests/scenarios/test_approval.py::test_a_step_waits_until_it_is_approved",),
    ),
    Guard(
        "a pause holds the first percent",
        _ORDER,
        ("    interventions.paused,\n    unreadable.holds,\n"),
        "    unreadable.holds,\n",
        ("tests/unit/test_gates.py::test_a_paused_deployment_starts_no_traffic",),
    ),
    Guard(
        "alarms that nobody can read hold the first percent",
        _ORDER,
        ("    unreadable.holds,\n    alarms.holds,\n"),
        "    alarms.holds,\n",
        ("tests/unit/test_gates.py::test_alarms_that_cannot_be_read_hold[Phase.TESTING]",),
    ),
    Guard(
        "an alarm that blocks holds the first percent",
        _ORDER,
        "    alarms.holds,\n",
        "",
        ("tests/unit/test_machine.py::test_an_alarm_that_fires_already_can_block_the_start",),
    ),
    Guard(
        "a hook before traffic holds the first percent",
        _ORDER,
        ("    alarms.holds,\n    hooks.holds,\n"),
        "    alarms.holds,\n",
        ("tests/scenarios/test_hooks.py::test_no_percent_moves_before_the_hook_before_traffic_succeeded",),
    ),
    Guard(
        "a pause for approval holds the first percent",
        _ORDER,
        ("    alarms.holds,\n    hooks.holds,\n    approval.holds,\n"),
        ("    alarms.holds,\n    hooks.holds,\n"),
        ("tests/scenarios/test_approval.py::test_the_first_percent_waits_until_it_is_approved",),
    ),
    Guard(
        "an override is for one alarm only",
        "controller/core/gates/alarms.py",
        "names = already_firing(deployment, seen) - deployment.overridden",
        "names = frozenset() if deployment.overridden else already_firing(deployment, seen)",
        (
            "tests/unit/test_gates.py::test_an_alarm_that_a_person_overrides_holds_no_longer_and_another_one_does",
            "tests/scenarios/test_alarms.py::test_an_override_is_for_one_alarm_only",
        ),
    ),
    Guard(
        "a shift in which no gate had data is not promoted",
        _ENOUGH_REQUESTS,
        "return few or callers.lost(deployment, seen, now) or no_data(deployment)",
        "return few or callers.lost(deployment, seen, now)",
        (
            "tests/scenarios/test_no_data.py::test_a_function_that_nobody_calls_is_not_promoted_even_where_no_requests_are_asked_for",
        ),
    ),
    Guard(
        "a step ends only after enough requests",
        _ENOUGH_REQUESTS,
        "return few or callers.lost(deployment, seen, now) or no_data(deployment)",
        "return callers.lost(deployment, seen, now) or no_data(deployment)",
        ("tests/unit/test_gates.py::test_a_step_ends_only_when_enough_requests_came",),
    ),
    Guard(
        "requests that nobody can count are not enough",
        _ENOUGH_REQUESTS,
        ("    if seen.canary_invocations is None:\n        return uncounted(deployment, seen, now)\n"),
        ("    if seen.canary_invocations is None:\n        return None\n"),
        ("tests/unit/test_machine.py::test_requests_that_cannot_be_counted_are_not_no_requests",),
        besides=(
            Change(
                _UNREADABLE,
                (
                    "    uncounted = enough_requests.uncounted(deployment, seen, now)\n"
                    "    if uncounted:\n"
                    "        return uncounted\n"
                ),
                "",
            ),
        ),
    ),
    Guard(
        "a wait for requests is not over while nobody can count them",
        _ENOUGH_REQUESTS,
        "return over and not uncounted(deployment, seen, now)",
        "return over",
        ("tests/unit/test_gates.py::test_the_wait_for_requests_begins_when_the_hold_is_over",),
    ),
    Guard(
        "a named alarm that is deleted cannot be read",
        _UNREADABLE,
        "if (seen.alarms or {}).get(name) is AlarmState.MISSING]",
        "if name is None]",
        (
            "tests/unit/test_gates.py::test_a_deleted_alarm_is_unreadable_and_no_other_is",
            "tests/scenarios/test_alarms.py::test_its_own_alarm_that_somebody_deletes_is_no_protection_and_ends_it",
        ),
    ),
    Guard(
        "a hold is counted from when the alias was seen to carry the step",
        _EDITS,
        "    return replace(deployment, live_at=None, written=(*deployment.written, routing))",
        ("    return replace(deployment, live_at=deployment.phase_since, written=(*deployment.written, routing))"),
        ("tests/unit/test_machine.py::test_passed_tests_start_the_first_step",),
    ),
    Guard(
        "a hold begins again after drift",
        _ROLLING_BACK,
        'ask_again(replace(deployment, foreign="", live_at=None, approval=None), now)',
        'ask_again(replace(deployment, foreign="", approval=None), now)',
        ("tests/scenarios/test_drift.py::test_a_hold_begins_again_after_drift",),
    ),
    Guard(
        "no traffic before the tests have passed",
        _BEFORE_TRAFFIC,
        "if Milestone.TESTED not in deployment.done or gate not in",
        "if gate not in",
        ("tests/unit/test_machine.py::test_a_version_is_tested_before_it_serves",),
    ),
    Guard(
        "a test that failed ends the deployment",
        _BEFORE_TRAFFIC,
        "    if not failed:\n",
        "    if True:\n",
        ("tests/unit/test_machine.py::test_a_failed_test_ends_in_failed_once_the_stable_code_is_back",),
    ),
    Guard(
        "a test that was not run has not passed",
        _VERSION_TESTS,
        "return replace(so_far, passed=False, why=",
        "return replace(so_far, passed=True, why=",
        ("tests/unit/test_testing.py::test_a_version_that_answers_late_leaves_no_time_for_the_tests_behind",),
    ),
    Guard(
        "a hook that failed speaks against the bytes",
        _QUARANTINE,
        "Cause.TIMEOUTS, Cause.HOOK,",
        "Cause.TIMEOUTS,",
        (
            "tests/unit/test_hooks.py::test_only_what_a_hook_says_quarantines_the_bytes",
            "tests/scenarios/test_hooks.py::test_a_hook_that_fails_speaks_against_the_bytes",
        ),
    ),
    Guard(
        "a hook that failed brings traffic back",
        _ORDER,
        "    hooks.danger,\n",
        "",
        (
            "tests/scenarios/test_hooks.py::test_a_hook_that_fails_in_a_step_brings_traffic_back_before_the_hold_is_over",
        ),
    ),
    Guard(
        "a hook that failed before traffic ends the deployment",
        _BEFORE_TRAFFIC,
        "    failure = hooks.danger(deployment, seen, now) or hooks.unanswered(deployment)\n",
        "    failure = hooks.unanswered(deployment)\n",
        ("tests/scenarios/test_hooks.py::test_a_hook_that_fails_before_traffic_fails_the_deployment",),
    ),
    Guard(
        "what a hook answers that is no answer is none",
        "controller/core/gates/hooks/answers.py",
        ("    if problem:\n        return no_answer"),
        ("    if False:\n        return no_answer"),
        ("tests/unit/test_hook_run.py::test_what_is_not_of_the_shape_is_no_answer_and_says_what_is_allowed",),
    ),
    Guard(
        "errors that are proved bring traffic back",
        _ORDER,
        "    errors.danger,\n",
        "",
        ("tests/unit/test_error_gate.py::test_a_canary_that_fails_more_often_is_rolled_back_with_what_was_seen",),
    ),
    Guard(
        "a canary that is proved slower brings traffic back",
        _ORDER,
        "    latency.danger,\n",
        "",
        ("tests/unit/test_pace.py::test_a_slower_canary_is_rolled_back_with_the_counts",),
    ),
    Guard(
        "a minute is judged once",
        _SEQUENTIAL_EVIDENCE,
        "return self.until is None or began > self.until",
        "return True",
        (
            "tests/unit/test_judge.py::test_a_minute_that_was_judged_before_is_not_judged_again",
            "tests/unit/test_bake.py::test_a_minute_of_the_bake_counts_once_however_often_it_is_read",
        ),
    ),
    Guard(
        "the evidence is enough only at the significance",
        _ERRORS,
        "return 1 / (_OF_THE_LOOKS * gate.significance)",
        "return 2.0",
        ("tests/scenarios/test_backtest.py::test_a_stricter_significance_takes_longer",),
    ),
    Guard(
        "the whole counts are enough only at their part of the significance",
        _ERRORS,
        "return 1 / (_OF_THE_WHOLE * gate.significance)",
        "return 0.0",
        ("tests/unit/test_error_gate.py::test_the_end_of_a_good_shift_is_judged_once_and_changes_nothing",),
    ),
    Guard(
        "a long good record does not hide a late regression",
        _ERROR_EVIDENCE,
        "min((each + added) * factor, _LARGEST)",
        "min(each * factor, _LARGEST)",
        ("tests/unit/test_error_evidence.py::test_a_long_good_record_does_not_hide_a_canary_that_turns_bad",),
    ),
    Guard(
        "one look multiplies by thirty at most",
        _ERROR_EVIDENCE,
        "return _FIRST_UNIT_AT_MOST if self.first_of_step else UNIT_AT_MOST",
        "return _LARGEST",
        (
            "tests/unit/test_error_evidence.py::test_no_single_look_says_more_than_thirty_and_the_first_of_a_step_no_more_than_three",
        ),
    ),
    Guard(
        "the first look of a step multiplies by three at most",
        _ERROR_EVIDENCE,
        "return _FIRST_UNIT_AT_MOST if self.first_of_step else UNIT_AT_MOST",
        "return UNIT_AT_MOST",
        (
            "tests/unit/test_error_evidence.py::test_no_single_look_says_more_than_thirty_and_the_first_of_a_step_no_more_than_three",
        ),
    ),
    Guard(
        "errors in bursts are worth no more than bursts",
        _ERROR_EVIDENCE,
        "return log * _worth(unit.weight, ratio, mean, history.spread) if history.kind is Kind.BURSTY else log",
        "return log",
        ("tests/unit/test_error_evidence.py::test_the_ratio_of_bursts_of_exponential_size_is_worth_one_on_average",),
    ),
    Guard(
        "where errors are rare the runs of looks must speak too",
        _ERROR_EVIDENCE,
        "min(said[Witness.RATIO], said[Witness.RUNS]) if history.kind is Kind.THIN else said[Witness.RATIO]",
        "said[Witness.RATIO]",
        ("tests/unit/test_error_evidence.py::test_an_alias_that_hardly_ever_fails_needs_errors_in_more_than_one_look",),
    ),
    Guard(
        "a burst is worth no more by the whole counts where bursts are rare",
        _HISTORY,
        "1.0 if self.kind is Kind.CLEAN else 1 / self.spread",
        "1 / self.spread if self.kind is Kind.BURSTY else 1.0",
        (
            "tests/unit/test_error_gate.py::test_a_burst_as_any_other_is_no_proof_by_the_whole_counts_where_bursts_are_rare",
        ),
    ),
    Guard(
        "where errors come in bursts the own alarm takes three of them",
        "controller/core/gates/own_alarm.py",
        "LEAST_ERRORS if history is None else round(LEAST_ERRORS * history.spread)",
        "LEAST_ERRORS",
        ("tests/adapters/test_alarms.py::test_a_minute_needs_three_bursts_where_errors_come_in_bursts[None]",),
    ),
    Guard(
        "the stable version's minutes before the bake are read when none of them grows any more",
        _ERRORS,
        "return past is not None and is_complete(baked, past.settles_in, deployment.phase_since, now)",
        "return past is not None",
        ("tests/unit/test_bake.py::test_the_minutes_before_are_read_when_none_of_them_grows_any_more",),
    ),
    Guard(
        "where errors are rare the minutes of the bake must speak too",
        _BEFORE_AFTER,
        "return is_proved and (history.kind is not Kind.THIN or self.runs.runs_odds >= _RUNS_AT_LEAST)",
        "return is_proved",
        (
            "tests/unit/test_bake.py::test_where_errors_are_rare_the_minutes_with_errors_must_speak_against_the_canary_too",
        ),
    ),
    Guard(
        "an error belongs to one look",
        _SHIFT,
        "total.canary_errors - self.seen.canary_errors",
        "total.canary_errors",
        ("tests/unit/test_error_evidence.py::test_an_error_is_judged_by_one_look_alone",),
    ),
    Guard(
        "a look covers no minute after the stable version's last point",
        _SHIFT,
        "stable = [minute.began for minute in ended if minute.counts.stable_invocations and minute.has_errors]",
        "stable = [minute.began for minute in ended]",
        ("tests/unit/test_error_gate.py::test_no_data_of_the_stable_version_is_not_taken_for_no_errors",),
    ),
    Guard(
        "the weight of a look is at least the share that the canary really has",
        _SHIFT,
        "return min(max(share, begun[-1].weight / _ALL), _MOST_WEIGHT)",
        "return min(begun[-1].weight / _ALL, _MOST_WEIGHT)",
        ("tests/unit/test_error_gate.py::test_a_canary_that_really_gets_more_requests_may_have_more_errors",),
    ),
    Guard(
        "minutes of two weights are no part of the whole counts",
        _SHIFT,
        "if step.began <= minute.began and minute.began + MINUTE <= ends]",
        "if step.began <= minute.began + MINUTE and minute.began < ends]",
        ("tests/unit/test_error_gate.py::test_the_minute_in_which_a_step_begins_is_left_out_of_the_whole_counts",),
    ),
    Guard(
        "what somebody else made the alias carry is no evidence",
        _ERRORS,
        "look = noted.passing_over if deployment.foreign else noted.after_look",
        "look = noted.after_look",
        ("tests/unit/test_error_gate.py::test_what_somebody_else_made_the_alias_carry_is_no_evidence",),
    ),
    Guard(
        "what a team's own metric proves brings the stable version back",
        _ORDER,
        "    team_metrics.danger,\n",
        "",
        (
            "tests/scenarios/test_metrics.py::test_a_version_that_answers_500_is_rolled_back_though_lambda_counts_no_error",
        ),
    ),
    Guard(
        "a team's own metric is compared with the minutes before in the bake",
        _TEAM_METRICS,
        "if seen.metrics and deployment.phase is Phase.SHIFTING:",
        "if True:",
        ("tests/scenarios/test_metrics.py::test_with_no_steps_the_bake_alone_judges",),
    ),
    Guard(
        "bytes that a team's own metric speaks against are quarantined",
        _QUARANTINE,
        "Cause.ERRORS, Cause.METRICS, Cause.LATENCY",
        "Cause.ERRORS, Cause.LATENCY",
        ("tests/scenarios/test_metrics.py::test_its_bytes_are_quarantined",),
    ),
    Guard(
        "a step in doubt is held on",
        _SHIFTING,
        ("    if not hold.in_doubt(deployment, now):\n        return deployment\n"),
        "    return deployment\n",
        ("tests/unit/test_error_gate.py::test_a_step_in_doubt_is_held_for_another_hold_and_says_so",),
    ),
    Guard(
        "doubt holds a step three times at most",
        _HOLD,
        "deployment.doubts == MOST_DOUBTS",
        "False",
        ("tests/unit/test_error_gate.py::test_doubt_holds_a_step_three_times_at_most",),
    ),
    Guard(
        "doubt does not hold a step beyond the deadline",
        _HOLD,
        "return bool(hold) and in_time and bool(errors.doubtful(deployment))",
        "return bool(hold) and bool(errors.doubtful(deployment))",
        ("tests/unit/test_error_gate.py::test_doubt_does_not_hold_a_step_beyond_the_deadline",),
    ),
    Guard(
        "a bake lasts until all requests of the shift have ended",
        _ERRORS,
        ("    if not end_is_open(deployment) or deployment.closing:\n        return None\n"),
        "    return None\n",
        ("tests/unit/test_error_gate.py::test_a_bake_lasts_until_all_requests_of_the_shift_have_ended",),
    ),
    Guard(
        "requests that cannot be counted keep no bake open for ever",
        _ERRORS,
        "if now >= complete_at + UNREADABLE_AT_MOST:",
        "if False:",
        ("tests/unit/test_error_gate.py::test_requests_that_cannot_be_counted_keep_no_bake_open_for_ever",),
    ),
    Guard(
        "errors whose requests are not counted yet hold the step",
        _ENOUGH_REQUESTS,
        "    few = without_requests(deployment, seen) or few\n",
        "",
        ("tests/scenarios/test_unkind_aws.py::test_errors_without_requests_hold_the_step_and_are_not_taken_for_none",),
    ),
    Guard(
        "a minute that lacks requests is no failing one in the bake",
        _BEFORE_AFTER,
        "is_new = minute.is_whole and found.judgement.is_new(minute.began)",
        "is_new = found.judgement.is_new(minute.began)",
        ("tests/unit/test_bake.py::test_a_minute_with_more_errors_than_requests_is_not_judged",),
    ),
    Guard(
        "fewer requests than the weight hold",
        _ENOUGH_REQUESTS,
        "sample_ratio.too_few(deployment, now) or too_few(deployment, seen, now)",
        "too_few(deployment, seen, now)",
        ("tests/unit/test_share.py::test_too_few_requests_may_be_lost_ones_and_blame_nobody",),
    ),
    Guard(
        "shares are of minutes that cannot change any more",
        _SHIFT,
        "return _ended(minutes, settles_in, now)",
        "return minutes",
        ("tests/unit/test_share.py::test_a_version_that_takes_longer_for_its_requests_gets_no_fewer_of_them",),
    ),
    Guard(
        "the bake is judged more strictly than the shift",
        _BUILDING,
        'gate.get("bake_significance", significance / _TIMES_STRICTER_IN_BAKE)',
        'gate.get("bake_significance", significance)',
        ("tests/unit/test_manifest.py::test_the_bake_is_judged_ten_times_as_strictly_unless_it_is_said_how",),
    ),
    Guard(
        "the bake may not be judged less strictly than the shift",
        _BUILDING,
        "    if in_bake is not None and in_bake > significance:",
        "    if False:",
        ("tests/unit/test_manifest_refusals.py::test_the_bake_is_not_judged_less_strictly_than_the_shift",),
    ),
    Guard(
        "the bake is judged by the significance of the bake",
        _ERRORS,
        "in_bake = gate.bake_significance if deployment.phase is Phase.BAKING else None",
        "in_bake = gate.significance if deployment.phase is Phase.BAKING else None",
        ("tests/unit/test_bake.py::test_the_bake_is_judged_more_strictly_than_the_shift",),
    ),
    Guard(
        "two percentiles of the same requests share one significance",
        _LATENCY,
        "return gates.latency.significance / len(_LATENCY) if gates.latency else None",
        "return gates.latency.significance if gates.latency else None",
        ("tests/unit/test_pace.py::test_each_percentile_has_half_of_the_significance",),
    ),
    Guard(
        "a minute of the stable version is compared once in the bake",
        _BEFORE_AFTER,
        "found.before[found.judgement.evidence.minutes]",
        "found.before[0]",
        ("tests/unit/test_bake.py::test_the_first_minute_of_the_bake_is_paired_with_the_last_one_before",),
    ),
    Guard(
        "in the bake only what the canary served is held against it",
        _ERRORS,
        "if deployment.foreign or seen.routing != wanted(deployment) or past is None:",
        "if past is None:",
        (
            "tests/scenarios/test_together.py::test_what_somebody_elses_version_did_in_the_bake_is_not_held_against_the_canary",
        ),
    ),
    Guard(
        "a minute counts for the step that it began in",
        _SAMPLE_RATIO,
        "for minute in minutes if live_at and minute.began >= live_at]",
        "for minute in minutes]",
        ("tests/unit/test_share.py::test_a_step_is_not_measured_by_the_requests_of_the_one_before",),
    ),
    Guard(
        "a share is both beyond chance and large enough to matter",
        _SAMPLE_RATIO,
        "return self._times(weight) >= _LEAST_TIMES and self._is_no_chance(weight)",
        "return self._times(weight) >= 1 and self._is_no_chance(weight)",
        ("tests/unit/test_share.py::test_a_small_difference_does_not_matter_however_clear_it_is",),
    ),
    Guard(
        "the first requests of a step are left out of the latency gate",
        _SLOW_REQUESTS,
        "        if reached.skipped >= skip:\n",
        "        if True:\n",
        ("tests/unit/test_slowness.py::test_the_canarys_first_requests_in_a_step_are_left_out",),
    ),
    Guard(
        "a threshold was set before the minutes that it measures",
        _SLOW_REQUESTS,
        "return began >= self.since and self.judgement.is_new(began)",
        "return self.judgement.is_new(began)",
        ("tests/unit/test_slowness.py::test_only_minutes_that_began_when_the_yardstick_was_set_count",),
    ),
    Guard(
        "a percentile of too few requests is no threshold",
        _DURATIONS,
        "if percentile is not None and samples[began] >= ENOUGH[measure]:",
        "if percentile is not None:",
        ("tests/adapters/test_durations.py::test_a_percentile_of_too_few_requests_is_no_yardstick",),
    ),
    Guard(
        "slow requests that CloudWatch does not count are not taken for none",
        _DURATIONS,
        " if _trims(asked, series)",
        "",
        (
            "tests/adapters/test_durations.py::test_latency_is_blind_where_no_request_is_counted_over_the_p50",
            "tests/scenarios/test_unkind_aws.py::test_timeouts_are_blind_and_not_calm_where_cloudwatch_does_not_count_them",
        ),
    ),
    Guard(
        "slow requests are counted when all of their minute have ended",
        _DURATIONS,
        "if has_ended(began, len(seen) - 1 - place, slowness.settles_in, now):",
        "if has_ended(began, len(seen) - 1 - place, LATE, now):",
        (
            "tests/adapters/test_durations.py::test_a_minute_waits_as_long_as_any_request_of_it_may_run",
            "tests/scenarios/test_unkind_aws.py::test_a_version_whose_slow_requests_are_less_slow_is_kept",
        ),
        besides=(Change(_DURATIONS, "shift import counted, has_ended", "shift import LATE, counted, has_ended"),),
    ),
    Guard(
        "slow requests that come in bursts are worth what they are",
        _SLOW_REQUESTS,
        "Worth(1 / self.spread)",
        "Worth()",
        ("tests/unit/test_slowness.py::test_a_version_that_is_as_fast_stays_however_its_slow_requests_come[bursts]",),
    ),
    Guard(
        "the last minutes of a shift are judged for slow requests after the promotion",
        _SHIFTING,
        "        deployment = latency.with_end(deployment, now)\n",
        "        pass\n",
        (
            "tests/scenarios/test_unkind_aws.py::test_a_slower_version_is_found_though_its_requests_are_counted_minutes_later",
        ),
    ),
    Guard(
        "a bake does not end before the slow requests of its shift are judged",
        _LATENCY,
        "    if deployment.phase is not Phase.BAKING or now >= complete_at or deployment.closing:",
        "    if True:",
        (
            "tests/scenarios/test_unkind_aws.py::test_a_slower_version_is_found_though_its_requests_are_counted_minutes_later",
        ),
    ),
    Guard(
        "a version that Lambda cannot start does not end its bake well",
        _ENOUGH_REQUESTS,
        " or callers.lost(deployment, seen, now)",
        "",
        (
            "tests/scenarios/test_silence.py::test_a_version_that_cannot_start_and_has_all_traffic_at_once_is_taken_back",
        ),
        besides=(
            Change(
                _ENOUGH_REQUESTS,
                "return holds(deployment, seen, now) if callers.lost(deployment, seen, now) else None",
                "return None",
            ),
        ),
    ),
    Guard(
        "a silence in a long bake is not waited out",
        _ENOUGH_REQUESTS,
        "return holds(deployment, seen, now) if callers.lost(deployment, seen, now) else None",
        "return None",
        (
            "tests/scenarios/test_silence.py::test_where_the_bake_is_looked_at_anyway_the_silence_ends_it_before_its_time",
        ),
    ),
    Guard(
        "callers who had gone while the stable version served are not missed",
        _CALLERS,
        "    if promoted_at - before[-1].began > longest_gap + minute:",
        "    if False:",
        ("tests/scenarios/test_silence.py::test_callers_who_had_gone_before_the_promotion_hold_nothing",),
    ),
    Guard(
        "requests that run for minutes are not missed before they may have ended",
        _CALLERS,
        "now - since - past.settles_in",
        "now - since",
        ("tests/scenarios/test_silence.py::test_requests_that_take_long_are_waited_for_and_not_missed",),
    ),
    Guard(
        "a minute that may still grow is not counted",
        "controller/core/statistics/shift.py",
        "if has_ended(began, last - place, LATE, now))",
        "if began <= now)",
        (
            "tests/adapters/test_metrics.py::test_what_a_version_served_is_read_minute_by_minute_and_none_of_it_where_the_alias_is_meant",
        ),
    ),
    Guard(
        "a partial answer of CloudWatch is no answer",
        _SERIES,
        'if result.get("StatusCode") in ("InternalError", "Forbidden"):',
        "if False:",
        (
            "tests/adapters/test_metrics.py::test_a_series_that_cloudwatch_could_not_read_is_not_a_series_without_requests",
        ),
    ),
)
