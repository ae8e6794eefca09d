"""Guards of the budget: rollbacks are not held, what is too much waits, and what is throttled is not lost."""

from __future__ import annotations

from tests.guards.guard import Guard

_BUDGET = "controller/aws/lambda_/budget.py"
_DISPATCH = "controller/dispatch.py"
_PERFORM = "controller/reconcile/perform.py"
_LOOP = "controller/reconcile/loop.py"
_EMERGENCY_ROLLBACK = "controller/reconcile/emergency_rollback.py"

GUARDS = (
    Guard(
        "a rollback's write is not held by the budget",
        _BUDGET,
        "            if not urgent:\n                self._wait()\n",
        "            self._wait()\n",
        (
            "tests/adapters/test_budget.py::test_the_call_of_a_rollback_is_not_held_by_a_budget_that_is_spent",
            "tests/scenarios/test_budget.py::test_a_rollback_that_a_look_leads_to_is_written_at_once_though_the_budget_is_spent",
            "tests/scenarios/test_budget.py::test_an_alarm_that_comes_right_after_a_busy_tick_is_answered_at_once",
        ),
    ),
    Guard(
        "the write of every deployment that rolls back is urgent",
        _PERFORM,
        "urgent = deployment.phase is Phase.ROLLING_BACK",
        "urgent = False",
        (
            "tests/scenarios/test_budget.py::test_a_rollback_that_a_look_leads_to_is_written_at_once_though_the_budget_is_spent",
        ),
    ),
    Guard(
        "only what rolls back is urgent",
        _PERFORM,
        "urgent = deployment.phase is Phase.ROLLING_BACK",
        "urgent = True",
        ("tests/scenarios/test_budget.py::test_a_tick_keeps_to_its_calls_a_second_however_many_are_due",),
    ),
    Guard(
        "the first look at an alias that may have to come back is not held by the budget",
        _DISPATCH,
        "        urgent = _is_urgent(row, states)\n",
        "        urgent = False\n",
        ("tests/scenarios/test_budget.py::test_the_rollbacks_of_a_tick_do_not_wait_for_each_other",),
    ),
    Guard(
        "an alarm that needs the record is not held by the budget",
        _LOOP,
        "urgent = urgent or isinstance(event, AlarmFired | RollbackRequested)",
        "urgent = bool(urgent)",
        ("tests/scenarios/test_budget.py::test_an_alarm_that_needs_the_record_is_answered_at_once_too",),
    ),
    Guard(
        "an alarm's read of the alias is not held by the budget",
        _EMERGENCY_ROLLBACK,
        "self._aws.aliases.read(target, urgent=True)",
        "self._aws.aliases.read(target)",
        ("tests/scenarios/test_budget.py::test_an_alarm_that_comes_right_after_a_busy_tick_is_answered_at_once",),
    ),
    Guard(
        "an alarm's write of the alias is not held by the budget",
        _EMERGENCY_ROLLBACK,
        "back[0], alias.revision_id, back[1], urgent=True)",
        "back[0], alias.revision_id, back[1])",
        ("tests/scenarios/test_budget.py::test_an_alarm_that_comes_right_after_a_busy_tick_is_answered_at_once",),
    ),
    Guard(
        "no more calls are begun in a second than the budget has",
        _BUDGET,
        "        if wait > 0:\n            self._sleep(wait)\n",
        "",
        (
            "tests/adapters/test_budget.py::test_in_no_second_are_more_calls_begun_than_the_budget_has",
            "tests/scenarios/test_budget.py::test_a_tick_keeps_to_its_calls_a_second_however_many_are_due",
        ),
    ),
    Guard(
        "a call whose turn comes after the invocation is not made",
        _BUDGET,
        "if wait > self._time_left().total_seconds():",
        "if False:",
        ("tests/adapters/test_budget.py::test_a_call_whose_turn_comes_after_the_invocation_is_left_for_the_next_one",),
    ),
    Guard(
        "a throttled call is made again",
        _BUDGET,
        "if not is_throttled(error) or not self._has_time(begun, pause):",
        "if True:",
        (
            "tests/adapters/test_budget.py::test_a_throttled_call_is_made_again_until_it_is_taken",
            "tests/scenarios/test_budget.py::test_a_rollback_by_alarm_that_is_throttled_for_twenty_seconds_completes_in_the_same_invocation",
        ),
    ),
    Guard(
        "only a throttled call is made again",
        _BUDGET,
        "if not is_throttled(error) or not self._has_time(begun, pause):",
        "if not self._has_time(begun, pause):",
        ("tests/adapters/test_budget.py::test_what_is_no_throttle_is_not_made_again",),
    ),
    Guard(
        "a throttled call does not keep the next target waiting for long",
        _BUDGET,
        "return waited <= _PATIENCE and ",
        "return waited is not None and ",
        ("tests/adapters/test_budget.py::test_a_throttled_call_is_raised_after_45_seconds_because_others_wait",),
    ),
    Guard(
        "a throttled call is made again only where the invocation has the time",
        _BUDGET,
        "self._time_left() - timedelta(seconds=pause) >= _ONE_TRY",
        "self._time_left() is not None",
        ("tests/adapters/test_budget.py::test_a_throttled_call_is_raised_while_there_is_the_time_to_raise_it",),
    ),
    Guard(
        "the pauses between throttled calls are drawn by chance",
        _BUDGET,
        "pause = longest * self._chance()",
        "pause = longest / 2",
        ("tests/adapters/test_budget.py::test_the_pauses_are_drawn_by_chance",),
    ),
)
