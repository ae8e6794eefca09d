"""Guards of the way back: danger is seen, comes first, and ends where it should."""

from __future__ import annotations

from tests.guards.changes import answers, drops, ignores, omits, sets, skips, swaps
from tests.guards.guard import Guard

GUARDS = (
    Guard(
        "a deployment's own alarm is answered by the alias alone before the table is asked",
        sets("dispatch:Dispatcher._alarm", "back", "None"),
        ("tests/unit/test_dispatch_alarm.py::test_its_own_alarm_costs_one_read_and_one_write_before_traffic_is_back",),
    ),
    Guard(
        "an alarm brings traffic back without the table: the head and the record cannot be read",
        skips("reconcile.loop:Reconciler._load", "AlarmFired"),
        (
            "tests/scenarios/test_alarms.py::test_a_named_alarm_on_the_canary_brings_traffic_back_without_the_table[given_shifting-GetItem-down]",
            "tests/scenarios/test_rollbacks.py::test_with_lambda_alone_alive_traffic_comes_back_and_the_record_heals[errors-of-the-canary-given_shifting]",
        ),
    ),
    Guard(
        "danger brings traffic back though it cannot be saved",
        sets("reconcile.rounds:Rounds._save_decision", "done", "[]"),
        ("tests/scenarios/test_alarms.py::test_danger_that_a_tick_sees_brings_traffic_back_though_it_cannot_be_saved",),
    ),
    Guard(
        "what is no danger waits until it can be saved",
        ignores("core.lifecycle.plan:emergency", "spoken_against"),
        ("tests/scenarios/test_alarms.py::test_a_newer_artifact_waits_until_the_record_can_be_saved",),
    ),
    Guard(
        "traffic that the alias alone brought back does not go out again",
        skips("core.lifecycle.transitions.shifting:advance", "_emergency_done"),
        (
            "tests/unit/test_state_machine.py::test_an_alias_brought_back_by_its_own_words_makes_the_record_follow",
            "tests/scenarios/test_rollbacks.py::test_no_event_moves_traffic_back_to_a_canary_that_an_emergency_took_it_from",
        ),
    ),
    Guard(
        "a tick looks at those in danger first",
        omits("reconcile.ticks.tick:Ticks._walk", "_is_urgent"),
        ("tests/unit/test_dispatch_tick.py::test_danger_is_looked_at_before_all_else_and_though_it_is_not_due",),
    ),
    Guard(
        "a tick looks at rollbacks first",
        ignores("reconcile.ticks.tick:_is_urgent", "rolls_back"),
        (
            "tests/unit/test_dispatch_tick.py::test_a_rollback_that_is_under_way_comes_before_what_moves_forward",
            "tests/scenarios/test_budget.py::test_rollbacks_come_first_in_a_tick_over_many_deployments",
        ),
    ),
    Guard(
        "a tick looks at those in danger although they are not due",
        ignores("reconcile.ticks.tick:Ticks._walk", "_in_danger"),
        ("tests/unit/test_dispatch_tick.py::test_danger_is_looked_at_before_all_else_and_though_it_is_not_due",),
    ),
    Guard(
        "what failed in a tick is raised, so that the platform tries again",
        drops("reconcile.ticks.tick:Ticks._walk", "raise_first"),
        ("tests/unit/test_dispatch_tick.py::test_whatever_happens_to_one_target_the_next_one_is_looked_at",),
    ),
    Guard(
        "an alias that somebody else moved is noticed although nothing is due on it",
        ignores("reconcile.ticks.quiet_looks:QuietLooks._is_done", "is_in_turn"),
        ("tests/unit/test_quiet_looks.py::test_an_alias_that_somebody_else_moved_is_noticed_within_a_turn",),
    ),
    Guard(
        "an error of the canary is noted only beside the alias as read",
        ignores("reconcile.ticks.quiet_looks:QuietLooks._is_done", "against_canary"),
        ("tests/unit/test_quiet_looks.py::test_an_error_of_the_canary_is_noted_only_beside_the_alias_as_read",),
    ),
    Guard(
        "a look at many leaves what is to be done to a whole look",
        ignores("reconcile.ticks.quiet_looks:QuietLooks._is_done", "plan.plan"),
        ("tests/unit/test_quiet_looks.py::test_an_alarm_that_is_to_be_put_again_is_put_by_a_whole_look",),
    ),
    Guard(
        "danger comes before progress",
        skips("core.lifecycle.transitions.shifting:advance", "danger"),
        (
            "tests/unit/test_state_machine.py::test_a_deadline_in_traffic_rolls_back",
            "tests/unit/test_approval.py::test_an_approval_does_not_outrun_an_alarm",
        ),
    ),
    Guard(
        "a promotion by request does not go over danger",
        skips("core.lifecycle.transitions.by_request:promote_now", "danger_of"),
        (
            "tests/unit/test_state_machine.py::test_promote_does_not_outrun_a_firing_alarm",
            "tests/scenarios/test_together.py::test_a_promotion_by_request_does_not_go_over_what_is_proved_in_that_very_look",
        ),
    ),
    Guard(
        "an end of the bake by request does not go over danger",
        skips("core.lifecycle.transitions.by_request:close_now", "danger_of"),
        ("tests/unit/test_transitions.py::test_promote_does_not_end_a_bake_while_an_alarm_fires",),
    ),
    Guard(
        "an alarm from before the first percent is not about this deployment",
        ignores("core.lifecycle.transitions.shifting:answer_alarm", "at"),
        (
            "tests/unit/test_state_machine.py::test_any_other_alarm_is_a_no_op[from before the first percent]",
            "tests/scenarios/test_alarms.py::test_the_late_event_of_an_alarm_that_fired_before_the_start_does_not_arm_it",
        ),
    ),
    Guard(
        "an alarm of a deployment before this one is not about this one",
        ignores("core.lifecycle.transitions.shifting:answer_alarm", "alarm_names"),
        ("tests/unit/test_state_machine.py::test_any_other_alarm_is_a_no_op[of another deployment]",),
    ),
    Guard(
        "an alarm about another version is not about the canary",
        ignores("core.lifecycle.transitions.shifting:answer_alarm", "about_us"),
        ("tests/unit/test_state_machine.py::test_any_other_alarm_is_a_no_op[about the stable version]",),
    ),
    Guard(
        "an alarm that fired before the start counts only once it was OK",
        ignores("core.lifecycle.transitions.shifting:answer_alarm", "disarmed"),
        ("tests/unit/test_state_machine.py::test_an_event_that_says_the_alarm_was_ok_arms_it",),
    ),
    Guard(
        "a tick, too, counts it only once it was OK",
        ignores("core.gates.alarms:danger", "disarmed"),
        ("tests/unit/test_gates.py::test_a_disarmed_alarm_is_not_danger",),
    ),
    Guard(
        "what already fires when traffic begins is disarmed",
        sets("core.lifecycle.transitions.before_traffic:start_traffic", "disarmed", "frozenset()"),
        ("tests/unit/test_state_machine.py::test_an_alarm_that_fired_before_the_start_is_ignored_until_it_was_ok",),
    ),
    Guard(
        "nothing is asked of CloudWatch before an alarm has brought traffic back",
        sets("reconcile.observe", "_URGENT", "()"),
        (
            "tests/unit/test_reconcile_alarms.py::test_for_an_alarms_own_event_no_alarm_is_read",
            "tests/scenarios/test_alarms.py::test_cloudwatch_is_asked_for_nothing_before_a_named_alarm_has_brought_traffic_back",
        ),
    ),
    Guard(
        "a rollback writes the alias before all else that it does",
        swaps("core.lifecycle.plan:_rolling_back", "_routed", "Quarantine"),
        (
            "tests/unit/test_plan.py::test_a_rollback_writes_the_alias_before_people_are_told",
            "tests/scenarios/test_way_back.py::test_bytes_are_not_quarantined_while_they_serve",
        ),
    ),
    Guard(
        "bytes are quarantined, and $LATEST is restored, only once traffic is seen back",
        skips("core.lifecycle.plan:_rolling_back", "confirmed_at"),
        (
            "tests/unit/test_plan.py::test_a_rollback_writes_the_alias_before_people_are_told",
            "tests/scenarios/test_way_back.py::test_after_drift_nothing_is_cleaned_up_before_a_person_has_decided",
        ),
    ),
    Guard(
        "people are told after the alias is written",
        swaps("core.lifecycle.plan:plan", "*needed", "*notices"),
        ("tests/unit/test_plan.py::test_people_are_told_in_order_and_after_everything_else",),
    ),
    Guard(
        "a rollback has ended only once the alias was seen back",
        skips("core.lifecycle.transitions.rolling_back:continue_rollback", "carries"),
        (
            "tests/unit/test_state_machine.py::test_a_rollback_is_never_done_before_the_alias_was_seen_back",
            "tests/scenarios/test_way_back.py::test_a_rollback_whose_alias_is_taken_before_it_was_seen_back_is_not_over",
        ),
    ),
    Guard(
        "a rollback that cannot restore $LATEST ends after fifteen minutes",
        sets("core.lifecycle.cleanup", "RESTORE_TIMEOUT", "timedelta(days=15)"),
        (
            "tests/scenarios/test_way_back.py::test_a_rollback_that_cannot_restore_latest_ends_after_fifteen_minutes_and_says_so",
            "tests/unit/test_state_machine.py::test_a_function_that_cannot_be_restored_does_not_keep_a_failing_deployment_open",
        ),
    ),
    Guard(
        "a rollback restores $LATEST before it ends",
        omits("core.lifecycle.cleanup:owed_by_rollback", "RESTORED"),
        ("tests/scenarios/test_drift.py::test_the_same_in_the_rollback_itself",),
    ),
    Guard(
        "a rollback over a release that succeeded puts the way back of the one before in its place",
        answers("reconcile.performing.perform:Performer._restore_backup", "put_backup_on", '""'),
        (
            "tests/scenarios/test_ways_back_kept.py::test_after_a_rollback_over_a_success_the_way_back_is_the_one_before",
        ),
    ),
    Guard(
        "a deployment that fails restores $LATEST before it ends",
        sets("core.lifecycle.transitions.before_traffic:_finish_failing", "untouched", "True"),
        ("tests/unit/test_state_machine.py::test_a_failed_test_ends_in_failed_once_the_stable_code_is_back",),
    ),
    Guard(
        "the way back is awake before the first percent moves",
        skips("reconcile.performing.perform:Performer._require_ready", "is_ready"),
        ("tests/scenarios/test_asleep.py::test_the_stable_version_is_active_before_the_first_percent_moves",),
    ),
    Guard(
        "a failed release does not cost the way back of the one before",
        skips("core.lifecycle.plan:_rolling_back", "BACKUP_RESTORED"),
        ("tests/scenarios/test_ways_back_kept.py::test_two_failed_releases_in_a_row_keep_it_too",),
    ),
    Guard(
        "a backup alias that somebody has moved since is left alone",
        skips("aws.lambda_.aliases:Aliases.put_backup_on", "version"),
        ("tests/adapters/test_aliases.py::test_one_that_somebody_has_moved_since_is_left_alone_and_said",),
    ),
    Guard(
        "a rollback to the backup never runs beside a deployment that opens",
        skips("requests.rolling_back.to_previous:RollbackToPrevious.begin", "open"),
        (
            "tests/scenarios/test_two_controllers.py::test_a_rollback_to_the_backup_never_runs_beside_a_deployment_that_opens",
        ),
    ),
    Guard(
        "the deadline brings traffic back",
        omits("core.gates.order:DANGERS", "deadline.danger"),
        ("tests/unit/test_state_machine.py::test_a_deadline_in_traffic_rolls_back",),
    ),
    Guard(
        "alarms that nobody can read bring traffic back after fifteen minutes",
        omits("core.gates.order:DANGERS", "unreadable.danger"),
        ("tests/unit/test_state_machine.py::test_unreadable_alarms_hold_and_then_roll_back",),
    ),
    Guard(
        "errors that are proved bring traffic back",
        omits("core.gates.order:DANGERS", "errors.danger"),
        ("tests/unit/test_error_gate.py::test_a_canary_that_fails_more_often_is_rolled_back_with_what_was_seen",),
    ),
    Guard(
        "a canary that is proved slower brings traffic back",
        omits("core.gates.order:DANGERS", "latency.danger"),
        ("tests/unit/test_latency_and_throttles.py::test_a_slower_canary_is_rolled_back_with_the_counts",),
    ),
    Guard(
        "what a team's own metric proves brings the stable version back",
        omits("core.gates.order:DANGERS", "team_metrics.danger"),
        (
            "tests/scenarios/test_metrics.py::test_a_version_that_answers_500_is_rolled_back_though_lambda_counts_no_error",
        ),
    ),
    Guard(
        "a hook that failed brings traffic back",
        omits("core.gates.order:DANGERS", "hooks.danger"),
        (
            "tests/scenarios/test_hooks.py::test_a_hook_that_fails_in_a_step_brings_traffic_back_before_the_hold_is_over",
        ),
    ),
    Guard(
        "an alarm before any traffic is nobody's: none of three guards takes it for one of this deployment",
        sets(
            "core.lifecycle.state_machine:_ROWS",
            "events.AlarmFired",
            "(nothing, *(shifting.answer_alarm,) * 3, nothing, nothing, nothing, nothing)",
        ),
        ("tests/scenarios/test_alarms.py::test_an_alarm_before_any_traffic_is_nobodys",),
        (
            sets("core.lifecycle.transitions.shifting:answer_alarm", "late", "False"),
            sets("core.lifecycle.transitions.shifting:answer_alarm", "elsewhere", "False"),
        ),
    ),
    Guard(
        "an alarm that comes again in the rollback begins nothing anew",
        sets(
            "core.lifecycle.state_machine:_ROWS",
            "events.AlarmFired",
            "(nothing, nothing, *(shifting.answer_alarm,) * 3, nothing, nothing, nothing)",
        ),
        (
            "tests/unit/test_rolling_back.py::test_an_alarm_that_comes_again_before_the_alias_is_back_begins_nothing_anew",
        ),
    ),
    Guard(
        "a bake that has not begun is not ended by request",
        ignores("core.lifecycle.transitions.by_request:close_now", "confirmed_at"),
        ("tests/unit/test_transitions.py::test_a_bake_that_has_not_begun_is_not_ended",),
    ),
    Guard(
        "the first reason of a failure stays",
        skips("core.lifecycle.transitions.before_traffic:give_up", "failing"),
        ("tests/unit/test_transitions.py::test_the_first_reason_of_a_failure_stays",),
    ),
    Guard(
        "a rollback that Slipway refuses moves nothing",
        skips("requests.rolling_back:RollingBack._without_record", "REQUESTED"),
        (
            "tests/scenarios/test_rollbacks.py::test_a_rollback_that_slipway_itself_refuses_is_not_done_by_the_alias_alone",
        ),
    ),
)
