"""Guards of the way back: danger is seen, comes first, and ends where it should."""

from __future__ import annotations

from tests.guards.guard import Change, Guard

_ALARMS = "controller/core/gates/alarms.py"
_ORDER = "controller/core/gates/order.py"
_ALIAS_DESCRIPTION = "controller/core/routing/alias_description.py"
_ANSWERS = "controller/requests/answers.py"
_ALIASES = "controller/aws/lambda_/aliases.py"
_ROLLING_BACK = "controller/core/lifecycle/transitions/rolling_back.py"
_BEFORE_TRAFFIC = "controller/core/lifecycle/transitions/before_traffic.py"
_EDITS = "controller/core/lifecycle/transitions/edits.py"
_SHIFTING = "controller/core/lifecycle/transitions/shifting.py"
_STATE_MACHINE = "controller/core/lifecycle/state_machine.py"
_PERFORM = "controller/reconcile/perform.py"
_PLAN = "controller/core/lifecycle/plan.py"
_DISPATCH = "controller/dispatch.py"
_OBSERVE = "controller/reconcile/observe.py"
_LOOP = "controller/reconcile/loop.py"
_VERSIONS = "controller/aws/lambda_/versions.py"
_ROLLBACK_TO_PREVIOUS = "controller/requests/rollback_to_previous.py"
_OWED = "controller/core/lifecycle/owed.py"

GUARDS = (
    Guard(
        "a deployment's own alarm is answered by the alias alone before the table is asked",
        _DISPATCH,
        "rescued = self._reconciler.rescue(alarm) is not None",
        "rescued = False",
        ("tests/unit/test_dispatch_alarm.py::test_its_own_alarm_costs_one_read_and_one_write_before_traffic_is_back",),
    ),
    Guard(
        "an alarm brings traffic back without the table: the head and the record cannot be read",
        _LOOP,
        (
            "            if isinstance(event, AlarmFired) and event.target == target:\n"
            "                self._emergency_rollback.from_alarm(event, any_alarm=True)\n"
        ),
        "",
        (
            "tests/scenarios/test_alarms.py::test_a_named_alarm_on_the_canary_brings_traffic_back_without_the_table[given_shifting-store.load-down]",
            "tests/scenarios/test_deployments.py::test_with_lambda_alone_alive_traffic_comes_back_and_the_record_heals[errors-of-the-canary-given_shifting]",
        ),
    ),
    Guard(
        "danger brings traffic back though it cannot be saved",
        _LOOP,
        ("done = [self._performer.perform(effect, decided) for effect in plan.emergency(decided, seen)]"),
        "done: list[Outcome] = []",
        ("tests/scenarios/test_alarms.py::test_danger_that_a_tick_sees_brings_traffic_back_though_it_cannot_be_saved",),
    ),
    Guard(
        "what is no danger waits until it can be saved",
        _PLAN,
        "if rolling_back and spoken_against(deployment) else ()",
        "if rolling_back else ()",
        ("tests/scenarios/test_alarms.py::test_a_newer_artifact_waits_until_the_record_can_be_saved",),
    ),
    Guard(
        "traffic that the alias alone brought back does not go out again",
        _SHIFTING,
        "    if _emergency_done(deployment, seen):\n",
        "    if False:\n",
        (
            "tests/unit/test_machine.py::test_an_alias_brought_back_by_its_own_words_makes_the_record_follow",
            "tests/scenarios/test_deployments.py::test_no_event_moves_traffic_back_to_a_canary_that_an_emergency_took_it_from",
        ),
    ),
    Guard(
        "a tick looks at those in danger first",
        _DISPATCH,
        "key=lambda row: (not _is_urgent(row, states), row.at)",
        "key=lambda row: row.at",
        ("tests/unit/test_dispatch_tick.py::test_danger_is_looked_at_before_all_else_and_though_it_is_not_due",),
    ),
    Guard(
        "a tick looks at rollbacks first",
        _DISPATCH,
        "return row.rolls_back or _in_danger(row, states)",
        "return _in_danger(row, states)",
        (
            "tests/unit/test_dispatch_tick.py::test_a_rollback_that_is_under_way_comes_before_what_moves_forward",
            "tests/scenarios/test_budget.py::test_rollbacks_come_first_in_a_tick_over_many_deployments",
        ),
    ),
    Guard(
        "a tick looks at those in danger although they are not due",
        _DISPATCH,
        "row.at <= now or _in_danger(row, states)",
        "row.at <= now",
        ("tests/unit/test_dispatch_tick.py::test_danger_is_looked_at_before_all_else_and_though_it_is_not_due",),
    ),
    Guard(
        "a tick goes by news of the alarms only",
        _DISPATCH,
        "states if is_news else None",
        "states",
        ("tests/scenarios/test_alarms.py::test_a_tick_goes_by_news_of_the_alarms_only",),
    ),
    Guard(
        "a tick begins with another target only where there is time for it",
        _DISPATCH,
        "in_time = takewhile(lambda _: time_left() >= _TIME_FOR_ONE, chosen)",
        "in_time = iter(chosen)",
        ("tests/unit/test_dispatch_tick.py::test_a_tick_begins_with_no_other_target_once_its_time_runs_out",),
    ),
    Guard(
        "a hook is called only where there is time for the call",
        _DISPATCH,
        "return takewhile(lambda _: time_left() >= _TIME_FOR_ONE, due)",
        "return due",
        ("tests/unit/test_dispatch_tick.py::test_a_hook_is_called_only_while_there_is_the_time_for_it",),
    ),
    Guard(
        "what brings traffic back does not wait behind a hook",
        _DISPATCH,
        ("        after, failed = _attempt(partial(self._look, row, states, now) for row in in_time)\n"),
        (
            "        after, failed = _attempt(\n"
            "            part\n"
            "            for row in in_time\n"
            "            for part in (\n"
            "                partial(self._look, row, states, now),\n"
            "                lambda row=row: next(\n"
            "                    (self._reconciler.ask(each) for each in "
            "self._hooked([self._aws.store.load(row.target, row.number)], time_left)),\n"
            "                    None,\n"
            "                ),\n"
            "            )\n"
            "        )\n"
        ),
        ("tests/unit/test_dispatch_tick.py::test_not_even_one_whose_danger_only_a_look_can_show",),
    ),
    Guard(
        "one target's trouble does not keep a tick from the next one",
        _DISPATCH,
        "            failed.append(problem)\n",
        "            raise problem\n",
        (
            "tests/unit/test_dispatch_tick.py::test_whatever_happens_to_one_target_the_next_one_is_looked_at",
            "tests/unit/test_dispatch_alarm.py::test_one_target_that_fails_does_not_keep_an_alarm_from_the_others",
        ),
    ),
    Guard(
        "what failed in a tick is raised, so that the platform tries again",
        _DISPATCH,
        "        _raise_first(failed + unasked, after)\n",
        "",
        ("tests/unit/test_dispatch_tick.py::test_whatever_happens_to_one_target_the_next_one_is_looked_at",),
    ),
    Guard(
        "danger comes before progress",
        _SHIFTING,
        ("    if danger:\n        return fail"),
        ("    if danger and order.holder(deployment, seen, now):\n        return fail"),
        (
            "tests/unit/test_machine.py::test_a_deadline_in_traffic_rolls_back",
            "tests/unit/test_approval.py::test_an_approval_does_not_outrun_an_alarm",
        ),
    ),
    Guard(
        "a promotion by request does not go over danger",
        _SHIFTING,
        (
            "    deployment = order.note(deployment, seen, now)\n"
            "    if _danger(deployment, seen, now) and not deployment.is_frozen:\n"
            "        return _advance(deployment, seen, now)\n"
        ),
        "",
        (
            "tests/unit/test_machine.py::test_promote_does_not_outrun_a_firing_alarm",
            "tests/scenarios/test_together.py::test_a_promotion_by_request_does_not_go_over_what_is_proved_in_that_very_look",
        ),
    ),
    Guard(
        "an end of the bake by request does not go over danger",
        _SHIFTING,
        (
            "        return deployment\n"
            "    if _danger(deployment, seen, now) and not deployment.is_frozen:\n"
            "        return _advance(deployment, seen, now)\n"
            "    is_closing"
        ),
        ("        return deployment\n    is_closing"),
        ("tests/unit/test_moves.py::test_promote_does_not_end_a_bake_while_an_alarm_fires",),
    ),
    Guard(
        "an alarm from before the first percent is not about this deployment",
        _SHIFTING,
        "late = deployment.serving_since is None or event.at < deployment.serving_since",
        "late = deployment.serving_since is None",
        (
            "tests/unit/test_machine.py::test_any_other_alarm_is_a_no_op[from before the first percent]",
            "tests/scenarios/test_alarms.py::test_the_late_event_of_an_alarm_that_fired_before_the_start_does_not_arm_it",
        ),
    ),
    Guard(
        "an alarm of a deployment before this one is not about this one",
        _SHIFTING,
        "event.name in deployment.alarm_names and event.name not in deployment.disarmed",
        "event.name not in deployment.disarmed",
        ("tests/unit/test_machine.py::test_any_other_alarm_is_a_no_op[of another deployment]",),
    ),
    Guard(
        "an alarm about another version is not about the canary",
        _SHIFTING,
        "about_us = event.version is None or event.version == deployment.canary",
        "about_us = True",
        ("tests/unit/test_machine.py::test_any_other_alarm_is_a_no_op[about the stable version]",),
    ),
    Guard(
        "an alarm that fired before the start counts only once it was OK",
        _SHIFTING,
        "event.name in deployment.alarm_names and event.name not in deployment.disarmed",
        "event.name in deployment.alarm_names",
        ("tests/unit/test_machine.py::test_an_event_that_says_the_alarm_was_ok_arms_it",),
    ),
    Guard(
        "a tick, too, counts it only once it was OK",
        _ALARMS,
        "(name for name in deployment.alarm_names if name not in deployment.disarmed)",
        "iter(deployment.alarm_names)",
        ("tests/unit/test_gates.py::test_a_disarmed_alarm_is_not_danger",),
    ),
    Guard(
        "an alarm that was OK is armed again",
        _ALARMS,
        "if not alarms.get(name, AlarmState.MISSING).is_calm)",
        "if name)",
        ("tests/unit/test_machine.py::test_an_alarm_that_fired_before_the_start_is_ignored_until_it_was_ok",),
    ),
    Guard(
        "what already fires when traffic begins is disarmed",
        _BEFORE_TRAFFIC,
        "disarmed=firing",
        "disarmed=frozenset()",
        ("tests/unit/test_machine.py::test_an_alarm_that_fired_before_the_start_is_ignored_until_it_was_ok",),
    ),
    Guard(
        "alarms are read again after tests that took their time",
        _LOOP,
        (
            "            if Milestone.TESTED in deployment.done - loaded.done:\n"
            "                alarms = None  # tests may have taken minutes\n"
        ),
        "",
        ("tests/scenarios/test_alarms.py::test_alarms_are_read_again_after_tests_that_took_their_time",),
    ),
    Guard(
        "alarms are read again where another controller saved in between",
        _LOOP,
        ("                alarms = None  # whoever saved it may have seen one calm down since, and armed it\n"),
        "                pass\n",
        (
            "tests/scenarios/test_alarms.py::test_one_that_calms_down_while_the_deployment_starts_is_not_armed_by_old_news",
        ),
    ),
    Guard(
        "an alarm beats a pause",
        _SHIFTING,
        (
            "def _danger(deployment: Deployment, seen: Observation, now: datetime) -> Reason | None:\n"
            "    if deployment.stable is None"
        ),
        (
            "def _danger(deployment: Deployment, seen: Observation, now: datetime) -> Reason | None:\n"
            "    if deployment.paused or deployment.stable is None"
        ),
        ("tests/unit/test_machine.py::test_a_pause_holds_a_step_but_not_a_rollback",),
    ),
    Guard(
        "nothing is asked of CloudWatch before an alarm has brought traffic back",
        _OBSERVE,
        "_URGENT = (AlarmFired, DenyRequested, RollbackRequested)",
        "_URGENT = ()",
        (
            "tests/unit/test_reconcile_alarms.py::test_for_an_alarms_own_event_no_alarm_is_read",
            "tests/scenarios/test_alarms.py::test_cloudwatch_is_asked_for_nothing_before_a_named_alarm_has_brought_traffic_back",
        ),
    ),
    Guard(
        "a rollback writes the alias before all else that it does",
        _PLAN,
        (
            "    yield from _routed(deployment, seen)\n"
            "    if deployment.live_at is None:\n"
            "        return\n"
            "    if deployment.stable and seen.alias and Milestone.AWAKE not in deployment.done:\n"
            "        yield Wake(deployment.stable)\n"
            "    if deployment.sha256 and deployment.reason and quarantines(deployment):\n"
            "        yield Quarantine(deployment.sha256, deployment.reason)\n"
        ),
        (
            "    if deployment.sha256 and deployment.reason and quarantines(deployment):\n"
            "        yield Quarantine(deployment.sha256, deployment.reason)\n"
            "    yield from _routed(deployment, seen)\n"
        ),
        (
            "tests/unit/test_plan.py::test_a_rollback_writes_the_alias_before_people_are_told",
            "tests/scenarios/test_way_back.py::test_bytes_are_not_quarantined_while_they_serve",
        ),
    ),
    Guard(
        "bytes are quarantined, and $LATEST is restored, only once traffic is seen back",
        _PLAN,
        ("    if deployment.live_at is None:\n        return\n    if deployment.stable"),
        "    if deployment.stable",
        (
            "tests/unit/test_plan.py::test_a_rollback_writes_the_alias_before_people_are_told",
            "tests/scenarios/test_way_back.py::test_after_drift_nothing_is_cleaned_up_before_a_person_has_decided",
        ),
    ),
    Guard(
        "people are told after the alias is written",
        _PLAN,
        ("return (*needed, *notices)"),
        ("return (*notices, *needed)"),
        ("tests/unit/test_plan.py::test_people_are_told_in_order_and_after_everything_else",),
    ),
    Guard(
        "a rollback has ended only once the alias was seen back",
        _ROLLING_BACK,
        (
            "    if not gone and not carries(deployment, seen):\n        return deployment\n"
            "    deployment = _note_awake("
        ),
        "    deployment = _note_awake(",
        (
            "tests/unit/test_machine.py::test_a_rollback_is_never_done_before_the_alias_was_seen_back",
            "tests/scenarios/test_way_back.py::test_a_rollback_whose_alias_is_taken_before_it_was_seen_back_is_not_over",
        ),
    ),
    Guard(
        "a rollback that cannot restore $LATEST ends after fifteen minutes",
        _EDITS,
        "RESTORE_AT_MOST = timedelta(minutes=15)",
        "RESTORE_AT_MOST = timedelta(days=15)",
        (
            "tests/scenarios/test_way_back.py::test_a_rollback_that_cannot_restore_latest_ends_after_fifteen_minutes_and_says_so",
            "tests/unit/test_machine.py::test_a_function_that_cannot_be_restored_does_not_keep_a_failing_deployment_open",
        ),
    ),
    Guard(
        "a rollback restores $LATEST before it ends",
        _OWED,
        "owed = {Milestone.RESTORED, Milestone.BACKUP_RESTORED}",
        "owed = {Milestone.BACKUP_RESTORED}",
        ("tests/scenarios/test_drift.py::test_the_same_in_the_rollback_itself",),
    ),
    Guard(
        "a rollback is not over before its bytes are quarantined: neither of two guards lets it be",
        _OWED,
        "        owed.add(Milestone.QUARANTINED)\n",
        "        pass\n",
        ("tests/scenarios/test_way_back.py::test_a_rollback_is_not_over_before_its_bytes_are_quarantined",),
        besides=(
            Change(
                _LOOP,
                "if effect in failed or (only_notices and not isinstance(effect, Send)):",
                "if effect in failed:",
            ),
        ),
    ),
    Guard(
        "a rollback over a release that succeeded puts the way back of the one before in its place",
        "controller/reconcile/perform.py",
        'return aliases.put_backup_on(target, version, released.stable) if released and released.stable else ""',
        'return ""',
        (
            "tests/scenarios/test_ways_back_kept.py::test_after_a_rollback_over_a_success_the_way_back_is_the_one_before",
        ),
    ),
    Guard(
        "a deployment that fails restores $LATEST before it ends",
        _BEFORE_TRAFFIC,
        "    untouched = Milestone.IDENTIFIED not in deployment.done or deployment.stable is None\n",
        "    untouched = True\n",
        ("tests/unit/test_machine.py::test_a_failed_test_ends_in_failed_once_the_stable_code_is_back",),
    ),
    Guard(
        "nobody is told that a version serves which Lambda has put to sleep",
        _PERFORM,
        "return outcomes.Finished(Milestone.AWAKE) if found.is_ready else outcomes.Asleep(found.in_words())",
        "return outcomes.Finished(Milestone.AWAKE)",
        ("tests/scenarios/test_asleep.py::test_a_version_that_does_not_wake_is_said_to_be_asleep_at_the_end",),
    ),
    Guard(
        "only a version that is Inactive is invoked to wake it",
        _VERSIONS,
        "        if state != INACTIVE:\n            return Readiness(version, state)\n",
        "",
        ("tests/scenarios/test_asleep.py::test_a_rollback_to_a_version_that_is_awake_says_nothing_of_it",),
    ),
    Guard(
        "the way back is awake before the first percent moves",
        _PERFORM,
        "        if not found.is_ready:\n",
        "        if False:\n",
        ("tests/scenarios/test_asleep.py::test_the_stable_version_is_active_before_the_first_percent_moves",),
    ),
    Guard(
        "a failed release does not cost the way back of the one before",
        _PLAN,
        "    if deployment.stable and Milestone.BACKUP_RESTORED in owed_by_rollback(deployment):\n",
        "    if False:\n",
        ("tests/scenarios/test_ways_back_kept.py::test_two_failed_releases_in_a_row_keep_it_too",),
    ),
    Guard(
        "a backup alias that somebody has moved since is left alone",
        _ALIASES,
        "        if found.routing != Routing(version):\n            return f",
        "        if False:\n            return f",
        ("tests/adapters/test_aliases.py::test_one_that_somebody_has_moved_since_is_left_alone_and_said",),
    ),
    Guard(
        "a rollback to the backup never runs beside a deployment that opens",
        _ROLLBACK_TO_PREVIOUS,
        (
            "        if head.open is not None:\n"
            '            raise Conflict(f"{target}#{head.open} was opened meanwhile: it is what goes '
            'back now")\n'
        ),
        "",
        (
            "tests/scenarios/test_two_controllers.py::test_a_rollback_to_the_backup_never_runs_beside_a_deployment_that_opens",
        ),
    ),
    Guard(
        "the deadline brings traffic back",
        _ORDER,
        "    deadline.danger,\n",
        "",
        ("tests/unit/test_machine.py::test_a_deadline_in_traffic_rolls_back",),
    ),
    Guard(
        "the deadline ends what never served",
        _BEFORE_TRAFFIC,
        (
            "    if deadline.has_passed(deployment, now):\n"
            "        return give_up(deployment, deadline.reason(deployment), now)\n"
            "    return deployment\n"
        ),
        "    return deployment\n",
        ("tests/unit/test_machine.py::test_the_deadline_ends_what_never_served",),
    ),
    Guard(
        "alarms that nobody can read bring traffic back after fifteen minutes",
        _ORDER,
        "    unreadable.danger,\n",
        "",
        ("tests/unit/test_machine.py::test_unreadable_alarms_hold_and_then_roll_back",),
    ),
    Guard(
        "two short outages are not one long one",
        "controller/core/gates/unreadable.py",
        "since = None if seen.alarms is not None else deployment.unreadable_since",
        "since = deployment.unreadable_since",
        ("tests/scenarios/test_alarms.py::test_two_short_outages_hours_apart_are_not_hours_of_blindness",),
    ),
    Guard(
        "a rollback of a first deployment is not begun: there is nothing to go back to",
        _ROLLING_BACK,
        ("    if deployment.stable is None:\n        return deployment\n    written"),
        "    written",
        ("tests/unit/test_moves.py::test_an_alarm_on_a_first_deployment_finds_nothing_to_go_back_to",),
    ),
    Guard(
        "bytes are not quarantined where the write of the alias failed: neither of two guards lets them be",
        _PLAN,
        ("    if deployment.live_at is None:\n        return\n    if deployment.stable"),
        "    if deployment.stable",
        ("tests/scenarios/test_way_back.py::test_bytes_are_not_quarantined_while_they_serve",),
        besides=(
            Change(
                _LOOP,
                "if effect in failed or (only_notices and not isinstance(effect, Send)):",
                "if effect in failed:",
            ),
        ),
    ),
    Guard(
        "an effect that failed is tried again by the next wake-up and not at once for ever",
        _LOOP,
        "if effect in failed or (only_notices and not isinstance(effect, Send)):",
        "if only_notices and not isinstance(effect, Send):",
        ("tests/unit/test_reconcile_effects.py::test_an_effect_that_failed_is_not_tried_again_in_the_same_wake_up",),
    ),
    Guard(
        "an alarm before any traffic is nobody's: none of three guards takes it for one of this deployment",
        _STATE_MACHINE,
        "nothing, nothing, shifting.answer_alarm, shifting.answer_alarm, nothing,",
        "nothing, *(shifting.answer_alarm,) * 3, nothing,",
        ("tests/scenarios/test_alarms.py::test_an_alarm_before_any_traffic_is_nobodys",),
        besides=(
            Change(
                _SHIFTING,
                "late = deployment.serving_since is None or event.at < deployment.serving_since or",
                "late =",
            ),
            Change(
                _SHIFTING,
                "not guards or not about_us or _drifted_off_the_canary(deployment, seen) or",
                "not guards or not about_us or",
            ),
        ),
    ),
    Guard(
        "an alarm that comes again in the rollback begins nothing anew",
        _STATE_MACHINE,
        "nothing, nothing, shifting.answer_alarm, shifting.answer_alarm, nothing,",
        "nothing, nothing, *(shifting.answer_alarm,) * 3,",
        ("tests/scenarios/test_way_back.py::test_an_alarm_that_comes_again_in_the_rollback_begins_nothing_anew",),
    ),
    Guard(
        "an alarm does not write over somebody else's routing that spares the canary",
        _SHIFTING,
        "not guards or not about_us or _drifted_off_the_canary(deployment, seen) or",
        "not guards or not about_us or",
        ("tests/unit/test_machine.py::test_nor_does_its_event",),
    ),
    Guard(
        "danger does not write over somebody else's routing that spares the canary",
        _SHIFTING,
        "deployment.stable is None or _drifted_off_the_canary(deployment, seen) or",
        "deployment.stable is None or",
        ("tests/unit/test_machine.py::test_an_alarm_does_not_overwrite_a_drifted_alias_that_spares_the_canary",),
    ),
    Guard(
        "a newer artifact does not write over somebody else's routing",
        _SHIFTING,
        "if deployment.closing or deployment.foreign:",
        "if deployment.closing:",
        ("tests/unit/test_machine.py::test_a_newer_artifact_does_not_overwrite_a_drifted_alias",),
    ),
    Guard(
        "a promotion does not write over somebody else's routing",
        _SHIFTING,
        "    if deployment.foreign:\n        return deployment\n    return promote(",
        "    return promote(",
        ("tests/unit/test_moves.py::test_promote_does_not_overwrite_a_drifted_alias",),
    ),
    Guard(
        "a denial does not write over somebody else's routing",
        "controller/core/lifecycle/transitions/approving.py",
        "if deployment.foreign or not answers(deployment, event):",
        "if not answers(deployment, event):",
        ("tests/unit/test_approval.py::test_an_answer_does_not_overwrite_a_drifted_alias",),
    ),
    Guard(
        "a rollback that is handled twice does not write over what was moved after it",
        _ROLLING_BACK,
        "if not deployment.foreign or event.asked_over not in (None, deployment.foreign):",
        "if not deployment.foreign:",
        ("tests/unit/test_moves.py::test_a_rollback_that_is_handled_twice_is_not_confirmed_by_that",),
    ),
    Guard(
        "two versions of somebody else's are not kept for one",
        _SHIFTING,
        "if not deployment.foreign or seen.routing is None or seen.routing.canary is not None:",
        "if not deployment.foreign or seen.routing is None:",
        ("tests/unit/test_machine.py::test_drift_to_two_versions_cannot_be_accepted",),
    ),
    Guard(
        "a failure freezes where the manifest says so",
        _SHIFTING,
        "if deployment.manifest.on_failure is OnFailure.ROLLBACK:",
        "if deployment.manifest.on_failure:",
        ("tests/unit/test_machine.py::test_on_failure_freeze_stops_where_it_is",),
    ),
    Guard(
        "a bake that has not begun is not ended by request",
        _SHIFTING,
        "if deployment.foreign or deployment.live_at is None or is_closing:",
        "if deployment.foreign or is_closing:",
        ("tests/unit/test_moves.py::test_a_bake_that_has_not_begun_is_not_ended",),
    ),
    Guard(
        "a version that is published too late is not tested",
        _BEFORE_TRAFFIC,
        "    if deployment.reason:\n        return deployment\n    if event.version == deployment.stable:",
        "    if event.version == deployment.stable:",
        ("tests/unit/test_moves.py::test_a_version_that_is_published_too_late_is_not_tested",),
    ),
    Guard(
        "the first reason of a failure stays",
        _BEFORE_TRAFFIC,
        (
            "    if deployment.reason:\n        return deployment\n"
            "    deployment = replace(deployment, reason=reason, failing_since=now, delay=None)"
        ),
        "    deployment = replace(deployment, reason=reason, failing_since=now, delay=None)",
        ("tests/unit/test_moves.py::test_the_first_reason_of_a_failure_stays",),
    ),
    Guard(
        "a newer artifact takes over though its controller has died",
        _STATE_MACHINE,
        (
            "    if decided.newer is not None and decided.manifest.on_newer is OnNewer.SUPERSEDE:\n"
            "        decided = transition(decided, events.NewerAccepted(decided.newer), seen, now)\n"
        ),
        "",
        ("tests/scenarios/test_uploads.py::test_a_newer_artifact_whose_controller_dies_takes_over_at_the_next_tick",),
    ),
    Guard(
        "no hook is called after drift",
        "controller/core/gates/hooks/__init__.py",
        "return run if at is not None and now >= at and not deployment.foreign else None",
        "return run if at is not None and now >= at else None",
        ("tests/scenarios/test_hooks.py::test_after_drift_no_hook_is_called",),
    ),
    Guard(
        "an alarm that a person went over does not freeze again",
        _SHIFTING,
        " or _is_answered(deployment, event)\n",
        "\n",
        ("tests/scenarios/test_alarms.py::test_the_event_of_an_alarm_that_a_person_went_over_does_not_freeze_again",),
    ),
    Guard(
        "an end that a person asks for in spite of an alarm is not frozen by that alarm",
        _SHIFTING,
        "deployment.stable is None or _drifted_off_the_canary(deployment, seen) or _ends_frozen(deployment):",
        "deployment.stable is None or _drifted_off_the_canary(deployment, seen):",
        ("tests/scenarios/test_alarms.py::test_a_person_ends_what_is_frozen_also_while_the_alarm_still_fires",),
    ),
    Guard(
        "a person brings traffic back without the table",
        _ANSWERS,
        ("            if alias is None:\n                raise\n"),
        "            raise\n",
        (
            "tests/scenarios/test_deployments.py::test_with_lambda_alone_alive_a_person_gets_traffic_back_and_the_record_heals",
        ),
    ),
    Guard(
        "a request that names another deployment than the alias tells of moves nothing without the table",
        _ALIAS_DESCRIPTION,
        "if crumb is None or number not in (None, crumb.number):",
        "if crumb is None:",
        (
            "tests/scenarios/test_deployments.py::test_a_rollback_of_another_deployment_than_the_alias_tells_of_moves_nothing",
        ),
    ),
    Guard(
        "a rollback that Slipway refuses moves nothing",
        _ANSWERS,
        "            return None  # that is what Slipway says, and not AWS\n",
        "            pass\n",
        (
            "tests/scenarios/test_deployments.py::test_a_rollback_that_slipway_itself_refuses_is_not_done_by_the_alias_alone",
        ),
    ),
    Guard(
        "without the table traffic goes back only where the alias is armed",
        _ALIAS_DESCRIPTION,
        "if not crumb.armed or crumb.stable is None or not serves",
        "if crumb.stable is None or not serves",
        ("tests/unit/test_breadcrumb.py::test_an_alias_that_is_not_armed_gives_no_way_back",),
    ),
)
