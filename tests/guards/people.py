"""Guards of requests that move traffic: to the next step, to a chosen version, in a drill."""

from __future__ import annotations

from tests.guards.changes import answers, omits, skips
from tests.guards.guard import Guard

GUARDS = (
    Guard(
        "a request for the next step that is handled late takes no second step",
        skips("core.lifecycle.transitions.next_step:refusal", "event.step"),
        (
            "tests/scenarios/test_next.py::test_next_of_a_step_that_is_over_is_refused",
            "tests/scenarios/test_next.py::test_next_handled_late_by_another_controller_takes_no_second_step",
        ),
    ),
    Guard(
        "a pause holds a request for the next step, too",
        skips("core.lifecycle.transitions.next_step:refusal", "hold.paused"),
        ("tests/scenarios/test_next.py::test_next_is_refused_while_paused",),
    ),
    Guard(
        "a rollback to a chosen version takes no quarantined bytes",
        skips("requests.rolling_back.to_version:RollbackTo.begin", "quarantined"),
        ("tests/scenarios/test_rollback_to.py::test_quarantined_bytes_are_refused_with_what_lifts_that",),
    ),
    Guard(
        "a chosen version that never had all traffic is tested first",
        answers("requests.rolling_back.to_version:_has_served", "history", "True"),
        ("tests/scenarios/test_rollback_to.py::test_it_is_not_reached_if_a_test_fails",),
    ),
    Guard(
        "a chosen version that sleeps gets no traffic before it is awake",
        skips("requests.rolling_back.to_version:RollbackTo.begin", "is_ready"),
        ("tests/scenarios/test_rollback_to.py::test_a_version_that_sleeps_is_woken_and_reached_when_it_is_awake",),
    ),
    Guard(
        "a look that reads a drill's alarm does not stand in for the alarm's event",
        answers("core.gates.manual.drill:waits_for_event_of", "alarm", "False"),
        ("tests/scenarios/test_drill.py::test_a_look_that_reads_the_alarm_does_not_hide_that_its_event_is_lost",),
    ),
    Guard(
        "a drill whose alarm nobody hears goes back by itself",
        omits("core.gates.order:DANGERS", "drill.danger"),
        ("tests/scenarios/test_drill.py::test_a_look_that_reads_the_alarm_does_not_hide_that_its_event_is_lost",),
    ),
    Guard(
        "a drill is not promoted",
        skips("core.lifecycle.refusals:_does_not_fit", "drill"),
        ("tests/scenarios/test_drill.py::test_it_cannot_be_promoted[promote]",),
    ),
)
