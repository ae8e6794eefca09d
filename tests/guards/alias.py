"""Guards of the alias: what is written there, over what, and whose traffic it is."""

from __future__ import annotations

from tests.guards.changes import answers, drops, ignores, omits, sets, skips, swaps
from tests.guards.guard import Guard

GUARDS = (
    Guard(
        "the alias is written only as it was read: a step, a rollback, the disarmed way back, the backup alias",
        omits("aws.lambda_.aliases:Aliases.route", "RevisionId"),
        (
            "tests/cloud/test_revisions.py::test_what_somebody_else_wrote_meanwhile_stays[a step]",
            "tests/cloud/test_revisions.py::test_what_somebody_else_wrote_meanwhile_stays[a rollback by alarm]",
            "tests/cloud/test_revisions.py::test_what_somebody_else_wrote_meanwhile_stays[the end of the bake]",
            "tests/adapters/test_aliases.py::test_a_backup_that_moves_between_reading_and_writing_is_a_conflict",
        ),
    ),
    Guard(
        "all traffic to one version takes the old weights away",
        omits("aws.lambda_.aliases:Aliases.route", "RoutingConfig"),
        ("tests/adapters/test_aliases.py::test_taking_the_canary_off_sends_empty_weights_in_the_same_call",),
    ),
    Guard(
        "a weight of all traffic is read as the version that gets it",
        skips("aws.lambda_.aliases:_routing", "ALL"),
        ("tests/adapters/test_aliases.py::test_weights_that_slipway_never_writes_are_read",),
    ),
    Guard(
        "the alias is read before the record in every round",
        swaps("reconcile.loop:Reconciler._settle", "_read", "_load"),
        ("tests/unit/test_reconcile.py::test_the_alias_is_read_before_the_record_in_every_round",),
    ),
    Guard(
        "somebody is blamed only where alias and record were read together",
        skips("reconcile.rounds:Rounds.play", "tells_of_drift"),
        ("tests/unit/test_reconcile.py::test_an_alias_that_moved_while_the_record_was_read_has_not_drifted",),
    ),
    Guard(
        "an alias that may not be read is not taken for one that is gone",
        skips("reconcile.loop:Reconciler._settle", "serves"),
        (
            "tests/unit/test_reconcile.py::test_an_alias_that_may_not_be_read_is_tried_again_where_traffic_depends_on_it",
        ),
    ),
    Guard(
        "what somebody else made the alias carry is not written over",
        ignores("core.lifecycle.plan:_routed", "ours"),
        ("tests/unit/test_plan.py::test_an_alias_that_is_not_ours_is_not_written_even_unnoticed",),
    ),
    Guard(
        "somebody else's routing is noticed",
        answers("core.routing.desired:ours", "expected_routings", "True"),
        (
            "tests/unit/test_plan.py::test_what_slipway_wrote_is_ours_and_so_is_an_alias_that_it_has_still_to_make",
            "tests/scenarios/test_deployments.py::test_somebody_elses_alias_is_never_overwritten_without_command",
        ),
    ),
    Guard(
        "a deployment after drift writes nothing",
        skips("core.lifecycle.plan:_serving", "drift"),
        ("tests/unit/test_plan.py::test_after_drift_nothing_at_all_is_done_for_a_shift",),
    ),
    Guard(
        "an alias that somebody deleted is not made again by itself",
        answers("core.routing.desired:ours", "_is_requested", "True"),
        ("tests/unit/test_plan.py::test_what_slipway_wrote_is_ours_and_so_is_an_alias_that_it_has_still_to_make",),
    ),
    Guard(
        "no first percent over an alias that moved since the deployment began",
        skips("core.lifecycle.transitions.before_traffic:start_traffic", "routing"),
        (
            "tests/unit/test_state_machine.py::test_an_alias_that_moved_before_the_first_percent_ends_the_deployment",
            "tests/scenarios/test_drift.py::test_an_onboarded_function_whose_alias_moves_is_left_as_it_is",
        ),
    ),
    Guard(
        "a rollback is over only with words of its own in the alias",
        answers("core.routing.desired:carries", "tells_of", "True"),
        (
            "tests/unit/test_state_machine.py::test_a_rollback_is_not_done_by_an_alias_that_never_left_stable",
            "tests/scenarios/test_two_controllers.py::test_a_first_percent_on_its_way_does_not_land_after_the_rollback",
        ),
    ),
    Guard(
        "a routing counts as our own only in our own words until it was seen",
        answers("core.routing.desired:carries", "is_of", "True"),
        ("tests/unit/test_plan.py::test_a_step_that_the_alias_carries_in_other_words_is_written_until_it_was_seen",),
    ),
    Guard(
        "the backup alias keeps the way back before the first percent moves",
        skips("core.lifecycle.plan:_serving", "BACKED_UP"),
        ("tests/unit/test_plan.py::test_the_backup_and_the_own_alarm_come_before_the_first_weight",),
    ),
    Guard(
        "the deployment's own alarm is made before the first percent moves",
        skips("core.lifecycle.plan:_serving", "ALARM_MADE"),
        ("tests/unit/test_plan.py::test_the_backup_and_the_own_alarm_come_before_the_first_weight",),
    ),
    Guard(
        "an alarm that needs nobody to compare with is there before the canary gets all traffic",
        skips("core.lifecycle.plan:_serving", "ALARM_AT_PROMOTION"),
        (
            "tests/unit/test_plan.py::test_before_the_canary_gets_all_traffic_the_own_alarm_fires_without_the_stable_version_too",
        ),
    ),
    Guard(
        "a deployment has succeeded only once its way back is seen disarmed",
        skips("core.lifecycle.transitions.shifting:_go_on", "is_armed"),
        ("tests/unit/test_state_machine.py::test_a_bake_disarms_the_way_back_before_it_succeeds",),
    ),
    Guard(
        "an alarm of another version moves nothing by the alias alone",
        ignores("core.routing.alias_description:way_back", "version"),
        ("tests/unit/test_alias_description.py::test_an_alarm_that_is_not_about_the_canary_is_no_reason",),
    ),
    Guard(
        "an alarm of another deployment moves nothing by the alias alone",
        skips("core.routing.alias_description:way_back", "own_alarm"),
        (
            "tests/unit/test_alias_description.py::test_an_alarm_of_another_name_counts_only_while_the_record_is_out_of_reach",
        ),
    ),
    Guard(
        "an alarm moves nothing where the alias carries other versions than it says",
        ignores("core.routing.alias_description:_back", "serves"),
        ("tests/unit/test_alias_description.py::test_a_line_is_not_believed_over_a_routing_that_it_does_not_fit",),
    ),
    Guard(
        "without the table traffic goes back only where the alias is armed",
        ignores("core.routing.alias_description:_back", "armed"),
        ("tests/unit/test_alias_description.py::test_an_alias_that_is_not_armed_gives_no_way_back",),
    ),
    Guard(
        "a request that names another deployment than the alias tells of moves nothing without the table",
        ignores("core.routing.alias_description:way_back_by_request", "number"),
        (
            "tests/scenarios/test_rollbacks.py::test_a_rollback_of_another_deployment_than_the_alias_tells_of_moves_nothing",
        ),
    ),
    Guard(
        "an alarm does not write over somebody else's routing that spares the canary",
        sets("core.lifecycle.transitions.shifting:answer_alarm", "elsewhere", "False"),
        ("tests/unit/test_state_machine.py::test_nor_does_its_event",),
    ),
    Guard(
        "danger does not write over somebody else's routing that spares the canary",
        ignores("core.lifecycle.transitions.shifting:danger_of", "_drifted_off_the_canary"),
        ("tests/unit/test_state_machine.py::test_an_alarm_does_not_overwrite_a_drifted_alias_that_spares_the_canary",),
    ),
    Guard(
        "a newer artifact does not write over somebody else's routing",
        ignores("core.lifecycle.transitions.shifting:supersede", "drift"),
        ("tests/unit/test_state_machine.py::test_a_newer_artifact_does_not_overwrite_a_drifted_alias",),
    ),
    Guard(
        "a promotion does not write over somebody else's routing",
        skips("core.lifecycle.transitions.by_request:promote_now", "drift"),
        ("tests/unit/test_transitions.py::test_promote_does_not_overwrite_a_drifted_alias",),
    ),
    Guard(
        "a rollback that is handled twice does not write over what was moved after it",
        ignores("core.lifecycle.transitions.rolling_back:roll_back_over", "over_drift"),
        ("tests/unit/test_transitions.py::test_a_rollback_that_is_handled_twice_is_not_confirmed_by_that",),
    ),
    Guard(
        "pruning spares what aliases carry",
        drops("aws.lambda_.versions:Versions._aliased", "FunctionVersion"),
        ("tests/adapters/test_versions.py::TestPrune::test_what_an_alias_points_to_stays",),
    ),
    Guard(
        "pruning spares what aliases give a weight to",
        drops("aws.lambda_.versions:Versions._aliased", "AdditionalVersionWeights"),
        ("tests/adapters/test_versions.py::TestPrune::test_what_an_alias_points_to_stays",),
    ),
)
