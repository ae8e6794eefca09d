"""Guards that are entries of tables: what holds a step, what is refused, what an error of AWS means.

A mutation tester changes what functions do. What a module says of itself is here.
"""

from __future__ import annotations

from tests.guards.changes import omits, sets
from tests.guards.guard import Guard

GUARDS = (
    Guard(
        "after drift nothing goes on",
        omits("core.gates.order:HOLDS", "interventions.drift"),
        ("tests/unit/test_gates.py::test_a_step_that_is_held_says_why[drift]",),
    ),
    Guard(
        "a pause holds the next step",
        omits("core.gates.order:HOLDS", "interventions.paused"),
        ("tests/unit/test_state_machine.py::test_a_pause_holds_a_step_but_not_a_rollback",),
    ),
    Guard(
        "a step has not begun before the alias was seen to carry it",
        omits("core.gates.order:HOLDS", "hold.unconfirmed"),
        ("tests/unit/test_gates.py::test_a_step_that_is_held_says_why",),
    ),
    Guard(
        "more requests than the weight hold",
        omits("core.gates.order:HOLDS", "sample_ratio.holds"),
        ("tests/unit/test_sample_ratio.py::test_too_many_requests_hold_the_step_and_people_are_told_once",),
    ),
    Guard(
        "a step lasts as long as its hold",
        omits("core.gates.order:HOLDS", "hold.holds"),
        ("tests/unit/test_gates.py::test_a_hold_is_counted_from_when_the_alias_was_seen",),
    ),
    Guard(
        "alarms that nobody can read hold",
        omits("core.gates.order:HOLDS", "unreadable.holds"),
        ("tests/unit/test_gates.py::test_alarms_that_cannot_be_read_hold[Phase.SHIFTING]",),
    ),
    Guard(
        "throttles hold",
        omits("core.gates.order:HOLDS", "throttles.holds"),
        ("tests/unit/test_latency_and_throttles.py::test_throttles_hold_where_the_manifest_says_so",),
    ),
    Guard(
        "too few requests hold",
        omits("core.gates.order:HOLDS", "enough_requests.holds"),
        ("tests/unit/test_state_machine.py::test_too_few_requests_hold_a_step_and_then_roll_back",),
    ),
    Guard(
        "a hook that has not answered holds",
        omits("core.gates.order:HOLDS", "hooks.holds"),
        ("tests/scenarios/test_hooks.py::test_a_step_does_not_end_before_its_hook_succeeded",),
    ),
    Guard(
        "a pause for approval holds",
        omits("core.gates.order:HOLDS", "approval.holds"),
        ("tests/scenarios/test_approval.py::test_a_step_waits_until_it_is_approved",),
    ),
    Guard(
        "a pause holds the first percent",
        omits("core.gates.order:HOLDS_BEFORE_TRAFFIC", "interventions.paused"),
        ("tests/unit/test_gates.py::test_a_paused_deployment_starts_no_traffic",),
    ),
    Guard(
        "alarms that nobody can read hold the first percent",
        omits("core.gates.order:HOLDS_BEFORE_TRAFFIC", "unreadable.holds"),
        ("tests/unit/test_gates.py::test_alarms_that_cannot_be_read_hold[Phase.TESTING]",),
    ),
    Guard(
        "an alarm that blocks holds the first percent",
        omits("core.gates.order:HOLDS_BEFORE_TRAFFIC", "alarms.holds"),
        ("tests/unit/test_state_machine.py::test_an_alarm_that_fires_already_can_block_the_start",),
    ),
    Guard(
        "a hook before traffic holds the first percent",
        omits("core.gates.order:HOLDS_BEFORE_TRAFFIC", "hooks.holds"),
        ("tests/scenarios/test_hooks.py::test_no_percent_moves_before_the_hook_before_traffic_succeeded",),
    ),
    Guard(
        "a pause for approval holds the first percent",
        omits("core.gates.order:HOLDS_BEFORE_TRAFFIC", "approval.holds"),
        ("tests/scenarios/test_approval.py::test_the_first_percent_waits_until_it_is_approved",),
    ),
    Guard(
        "an alias that somebody else is shifting is refused",
        omits("core.lifecycle.preflight.function_rules:OF_A_FUNCTION", "_alias_is_split"),
        ("tests/unit/test_preflight.py::TestTheAlias::test_split_by_somebody_else_is_refused",),
    ),
    Guard(
        "an alias on $LATEST is refused",
        omits("core.lifecycle.preflight.function_rules:OF_A_FUNCTION", "_alias_on_latest"),
        ("tests/unit/test_preflight.py::TestTheAlias::test_on_latest_is_refused",),
    ),
    Guard(
        "two versions that cannot share an alias are refused: roles",
        omits("core.lifecycle.preflight.function_rules:OF_A_FUNCTION", "Role"),
        ("tests/unit/test_preflight.py::TestTheRole::test_cannot_change_step_by_step",),
    ),
    Guard(
        "a stable version that is not ready is no way back",
        omits("core.lifecycle.preflight.function_rules:OF_A_FUNCTION", "_stable_is_not_ready"),
        ("tests/unit/test_preflight.py::TestTheAlias::test_on_a_version_that_is_not_ready_is_refused",),
    ),
    Guard(
        "an alias with provisioned concurrency is not shifted",
        omits("core.lifecycle.preflight.function_rules:OF_A_FUNCTION", "_provisioned_concurrency"),
        ("tests/unit/test_preflight.py::TestProvisionedConcurrency::test_refuses_steps",),
    ),
    Guard(
        "a hook that failed speaks against the bytes",
        omits("core.lifecycle.quarantine:_AGAINST_THE_BYTES", "Cause.HOOK"),
        (
            "tests/unit/test_hooks.py::test_only_what_a_hook_says_quarantines_the_bytes",
            "tests/scenarios/test_hooks.py::test_a_hook_that_fails_speaks_against_the_bytes",
        ),
    ),
    Guard(
        "bytes that a team's own metric speaks against are quarantined",
        omits("core.lifecycle.quarantine:_AGAINST_THE_BYTES", "Cause.METRICS"),
        ("tests/scenarios/test_metrics.py::test_its_bytes_are_quarantined",),
    ),
    Guard(
        "what is denied is refused and not tried again for ever",
        omits("aws.errors:_RULES", "AccessDenied.*|AuthorizationError(Exception)?|403"),
        ("tests/adapters/test_errors.py::test_what_cannot_go_better_is_refused_for_the_given_cause",),
    ),
    Guard(
        "what IAM denied of a function is told with the parameter that would allow it",
        omits("aws.errors:_RULES", "perform: lambda:(?!GetAccountSettings)"),
        (
            "tests/adapters/test_errors.py::test_what_is_denied_is_told_with_what_would_allow_it",
            "tests/cloud/test_denied.py::test_that_it_failed_is_told_and_no_event_is_tried_again",
        ),
    ),
    Guard(
        "a role made seconds ago is waited for",
        omits("aws.errors:_RULES", "cannot be assumed by Lambda"),
        ("tests/adapters/test_publishing.py::TestPublishOfANewFunction::test_a_role_that_is_too_new_is_transient",),
    ),
    Guard(
        "an update in progress is not counted against a deployment",
        omits("aws.errors:_RULES", "in progress|following state: Pending"),
        ("tests/scenarios/test_waits.py::test_an_update_of_somebody_else_that_is_in_progress_is_no_failure",),
    ),
    Guard(
        "a layer that is gone is not waited for",
        omits("aws.errors:_RULES", "Layer ?[Vv]ersion"),
        ("tests/scenarios/test_waits.py::test_a_layer_that_is_gone_ends_the_deployment_at_once",),
    ),
    Guard(
        "an error that nobody knows is tried again",
        sets("aws.errors", "_UNKNOWN", 'Rule("", Refused)'),
        ("tests/adapters/test_errors.py::test_what_may_pass_is_transient",),
    ),
    Guard(
        "a test is invoked once",
        sets("aws.clients:_ONCE", "total_max_attempts", "3"),
        ("tests/adapters/test_clients.py::test_a_test_is_one_invocation_that_may_take_a_minute",),
    ),
    Guard(
        "environment variables are not shown where a function is",
        omits("aws.lambda_.configuration:Configuration.settings", "repr"),
        ("tests/adapters/test_function_facts.py::TestFacts::test_nor_with_a_configuration",),
    ),
    Guard(
        "the newest minute never decides alone",
        sets("core.gates.own_alarm", "BAD_MINUTES", "1"),
        ("tests/adapters/test_alarms.py::test_one_bad_minute_never_fires_it_whatever_follows[0]",),
    ),
)
