"""Each invariant is able to fail: what it forbids is brought about by hand, and it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.aws.dynamodb.items import to_item
from controller.aws.dynamodb.rows import deployment_row, freezes_row
from controller.core.model import Cause, Deployment, Milestone, Notice, Phase, Reason
from controller.core.model.freezes import Freeze, Scope
from controller.core.model.freezes.row import Freezes
from tests.builders import CHECKOUT, changed
from tests.cloud.aws_behaviour import Outage
from tests.cloud.fault_steps import Before
from tests.cloud.faults import Fault
from tests.cloud.invariants import INVARIANTS, violations
from tests.cloud.snapshot import Theirs
from tests.cloud.steps import Ask, Behave, Drop, Live, Minutes, MoveAlias, Traffic, Until
from tests.cloud.story import Story


def at(*steps: Any) -> Story:
    return Story().play([Live("v1"), Drop("v2"), *steps])


def shifting() -> Story:
    return at(Until(Phase.SHIFTING))


def baking() -> Story:
    return at(Until(Phase.BAKING))


def rolled_back() -> Story:
    return at(Until(Phase.SHIFTING), Ask("rollback"))


def succeeded() -> Story:
    return at(Until(Phase.SUCCEEDED))


def rewritten(story: Story, **changes: Any) -> Deployment:
    """Changes a record by hand; with a number of its own it is another record."""
    made = story.deployments()[-1]
    made = changed(made, **{"revision": made.revision + 7, **changes})
    now = story.cloud.clock.now
    row = to_item(deployment_row(made, made.revision, None if made.phase.is_terminal else now, now))
    story.cloud.table.rows[row["pk"]["S"], row["sk"]["S"]] = dict(row)
    return made


def row_of(story: Story, sk: str) -> dict[str, Any]:
    key = (str(CHECKOUT), sk)
    story.cloud.table.rows[key] = dict(story.cloud.table.rows[key])
    return story.cloud.table.rows[key]


# -- what is forbidden ------------------------------------------------------------------------------------------------


def serves_a_deleted_version() -> Story:
    story = shifting()
    del story.cloud.lambda_.functions["checkout"].versions["2"]
    return story


def serves_a_version_that_failed() -> Story:
    story = shifting()
    story.cloud.lambda_.functions["checkout"].versions["2"].configuration["State"] = "Failed"
    return story


def serves_a_version_that_nobody_tested() -> Story:
    story = shifting()
    rewritten(story, done=frozenset({Milestone.IDENTIFIED, Milestone.BACKED_UP}))
    return story


def serves_quarantined_bytes() -> Story:
    story = shifting()
    sha256 = story.cloud.lambda_.functions["checkout"].versions["2"].configuration["CodeSha256"]
    story.cloud.table.rows[str(CHECKOUT), f"quarantine#{sha256}"] = {}
    return story


def has_two_deployments_open() -> Story:
    story = shifting()
    rewritten(story, number=2, artifact=replace(story.deployments()[0].artifact, version_id="other"))
    return story


def was_written_by_an_older_deployment() -> Story:
    story = shifting()
    written = story.cloud.lambda_.history[-1]
    story.cloud.lambda_.history.append(("checkout", {**written[1], "Description": "slipway #7 deployed 9"}))
    story.cloud.lambda_.history.append(written)
    return story


def ended_on_two_versions() -> Story:
    story = succeeded()
    story.cloud.lambda_.point("checkout", "live", "1", {"2": 0.5})
    return story


def backs_up_what_was_rolled_back() -> Story:
    story = rolled_back()
    story.cloud.lambda_.point("checkout", "previous", "2")
    return story


def has_no_version_to_go_back_to() -> Story:
    story = shifting()
    story.cloud.lambda_.functions["checkout"].versions["1"].configuration["State"] = "Inactive"
    return story


def does_not_back_up_while_the_canary_serves() -> Story:
    story = baking()
    story.cloud.lambda_.point("checkout", "previous", "2")
    return story


def does_not_say_how_to_get_back() -> Story:
    story = shifting()
    story.cloud.lambda_.point("checkout", "live", "1", {"2": 0.2})
    return story


def pruned_what_the_backup_keeps() -> Story:
    story = succeeded()
    del story.cloud.lambda_.functions["checkout"].versions["1"]
    return story


def deployed_one_upload_twice() -> Story:
    story = succeeded()
    rewritten(story, number=2)
    return story


def overwrote_somebody_else() -> Story:
    story = shifting()
    story.theirs[CHECKOUT] = Theirs("another revision")
    return story


def has_nobody_look_at_what_is_open() -> Story:
    story = shifting()
    del row_of(story, "deployment#000001")["open"]
    return story


def has_one_wait_that_nobody_knows_of() -> Story:
    story = shifting()
    rewritten(story, number=2, queued=True, artifact=replace(story.deployments()[0].artifact, version_id="other"))
    return story


def owes_people_a_notice() -> Story:
    story = rolled_back()
    rewritten(story, outbox=(Notice(story.cloud.clock.now, Phase.ROLLED_BACK, "it is over"),))
    return story


def has_a_head_that_knows_nothing_of_it() -> Story:
    story = shifting()
    row_of(story, "head")["open_number"] = {"NULL": True}
    return story


def says_that_another_version_is_live() -> Story:
    story = succeeded()
    story.cloud.lambda_.point("checkout", "live", "1")
    return story


def left_its_alarm() -> Story:
    story = at(Until(Phase.SUCCEEDED), Minutes(7))
    story.cloud.cloudwatch.put(story.deployments()[0].alarms.own)
    return story


def gave_traffic_again_that_was_brought_back() -> Story:
    story = rolled_back()
    before = next(alias for _, alias in story.cloud.lambda_.history if " deploys " in alias["Description"])
    story.cloud.lambda_.history.append(("checkout", before))
    return story


def left_the_new_code_to_callers_of_the_bare_name() -> Story:
    story = shifting()
    function = story.cloud.lambda_.functions["checkout"]
    function.latest["CodeSha256"] = function.versions["2"]["CodeSha256"]
    return story


def rolled_back_for_errors_that_nobody_had() -> Story:
    story = rolled_back()
    rewritten(story, reason=Reason(Cause.ERRORS, "3 of 4 errors were version 2's"))
    return story


def rolled_back_by_its_alarm_for_errors_that_both_had() -> Story:
    story = at(Outage(), Minutes(1), Ask("rollback"))
    rewritten(story, reason=Reason(Cause.ALARM, f"alarm {story.deployments()[-1].alarms.own} is firing"))
    return story


def went_forward_under_a_freeze() -> Story:
    story = succeeded()
    since = story.deployments()[-1].opened_at - timedelta(hours=1)
    row = to_item(freezes_row(Freezes((Freeze(Scope("all"), since, None, "alice", "holidays"),))))
    story.cloud.table.rows[row["pk"]["S"], row["sk"]["S"]] = dict(row)
    return story


def succeeded_though_a_third_failed() -> Story:
    judged = {"gates": {"errors": {"significance": 0.01}}, "strategy": {"steps": [{"weight": 50, "hold": "9m"}]}}
    failing = Behave("v2", error="ValueError", share=0.4)
    story = Story().play([Live("v1"), Traffic(600), Drop("v2", judged), failing, Minutes(4), Behave("v2"), Minutes(30)])
    assert story.phase() is Phase.ROLLED_BACK
    rewritten(story, phase=Phase.SUCCEEDED, phase_since=story.cloud.clock.now)
    return story


FORBIDDEN: list[tuple[str, Callable[[], Story]]] = [
    ("a", serves_a_deleted_version),
    ("a", serves_a_version_that_failed),
    ("a", serves_a_version_that_nobody_tested),
    ("a", serves_quarantined_bytes),
    ("b", has_two_deployments_open),
    ("b", was_written_by_an_older_deployment),
    ("c", ended_on_two_versions),
    ("d", backs_up_what_was_rolled_back),
    ("e", has_no_version_to_go_back_to),
    ("e", does_not_back_up_while_the_canary_serves),
    ("e", does_not_say_how_to_get_back),
    ("f", pruned_what_the_backup_keeps),
    ("g", deployed_one_upload_twice),
    ("h", overwrote_somebody_else),
    ("i", has_nobody_look_at_what_is_open),
    ("i", has_one_wait_that_nobody_knows_of),
    ("i", owes_people_a_notice),
    ("i", has_a_head_that_knows_nothing_of_it),
    ("j", says_that_another_version_is_live),
    ("k", left_its_alarm),
    ("l", gave_traffic_again_that_was_brought_back),
    ("m", left_the_new_code_to_callers_of_the_bare_name),
    ("n", rolled_back_for_errors_that_nobody_had),
    ("n", rolled_back_by_its_alarm_for_errors_that_both_had),
    ("o", succeeded_though_a_third_failed),
    ("p", went_forward_under_a_freeze),
]


@pytest.mark.parametrize("given", [shifting, baking, rolled_back, succeeded])
def test_a_story_without_forbidden_acts_breaks_no_invariant(given: Callable[[], Story]) -> None:
    story = given()
    assert (violations(story.seen()), story.violations) == ([], [])


@pytest.mark.parametrize(("letter", "given"), FORBIDDEN, ids=lambda each: getattr(each, "__name__", each))
def test_each_forbidden_act_breaks_its_invariant(letter: str, given: Callable[[], Story]) -> None:
    found = violations(given().seen())
    assert [text for text in found if text.startswith(f"({letter})")], found


def test_every_invariant_has_its_proof() -> None:
    assert {letter for letter, _ in FORBIDDEN} == set(INVARIANTS)


def test_an_alias_that_somebody_else_moved_is_theirs_and_no_violation() -> None:
    story = shifting()
    story.cloud.lambda_.point("checkout", "live", "1", {"2": 0.5})
    assert violations(story.seen())
    story.theirs[CHECKOUT] = Theirs(story.cloud.lambda_.functions["checkout"].aliases["live"]["RevisionId"])
    assert violations(story.seen()) == []


def test_what_a_person_has_given_a_command_about_may_be_written_over() -> None:
    story = overwrote_somebody_else()
    story.commanded = frozenset({CHECKOUT})
    assert violations(story.seen()) == []


def test_a_command_is_about_what_was_moved_before_it() -> None:
    story = at(Ask("promote"))
    assert story.commanded == {CHECKOUT}
    assert story.play([MoveAlias("1")]).commanded == frozenset()


def test_what_is_moved_while_a_command_is_answered_is_theirs_afterwards() -> None:
    story = at(Until(Phase.SHIFTING), Before("GetItem", MoveAlias("2"), nth=7), Ask("promote"))
    assert story.answers[-1]["ok"]
    assert (story.seen().is_theirs(CHECKOUT), story.violations) == (True, [])


def test_a_rollback_of_its_own_that_has_only_begun_breaks_no_rule() -> None:
    """It leaves a version that it need not test: who brought that has."""
    story = succeeded()
    story.cloud.fail(lambda call: call.operation == "TransactWriteItems", Fault.CRASH_AFTER)
    story.play([Ask("rollback")]).to_the_end()
    assert story.failures[0].endswith("TransactWriteItems (crash after)")
    assert [each.phase for each in story.deployments()] == [Phase.SUCCEEDED, Phase.ROLLED_BACK]
    assert story.violations == []
