"""Guards of the record: nobody writes over it, nothing in it is lost, and nothing is done twice."""

from __future__ import annotations

from tests.guards.changes import drops, omits, sets, skips
from tests.guards.guard import Guard

GUARDS = (
    Guard(
        "a record is saved only over the revision that was read",
        omits("aws.dynamodb.store:Store._put_saved", "revision"),
        ("tests/adapters/test_store.py::TestSave::test_saving_over_what_somebody_else_saved_is_a_conflict",),
    ),
    Guard(
        "the head is saved only over the revision that was read",
        omits("aws.dynamodb.store:Store._put_head", "revision"),
        ("tests/adapters/test_store.py::TestTheNextTurn::test_nothing_ends_where_a_number_was_given_meanwhile",),
    ),
    Guard(
        "of two that make the head one is refused",
        omits("aws.dynamodb.store:Store._put_head", "absent"),
        ("tests/adapters/test_store.py::TestAccept::test_a_moved_head_is_a_conflict_and_no_duplicate",),
    ),
    Guard(
        "a new record never replaces another",
        omits("aws.dynamodb.store:Store._put_new", "absent"),
        ("tests/adapters/test_store.py::TestAccept::test_a_number_that_is_given_already_is_a_conflict",),
    ),
    Guard(
        "an object version is taken in once",
        omits("aws.dynamodb.store:Store.accept", "absent"),
        ("tests/adapters/test_store.py::TestAccept::test_the_same_upload_again_is_a_duplicate_and_writes_nothing",),
    ),
    Guard(
        "a record is read as it was saved last",
        omits("aws.dynamodb.table:Table._get", "ConsistentRead"),
        (
            "tests/adapters/test_store_calls.py::test_the_head_is_read_consistently",
            "tests/adapters/test_store_calls.py::test_a_deployment_is_read_consistently_under_its_padded_number",
        ),
    ),
    Guard(
        "the end of a deployment opens the one that waits, in one write",
        drops("aws.dynamodb.store:Store._save_ended", "opened"),
        (
            "tests/adapters/test_store.py::TestTheNextTurn::test_the_end_of_the_open_one_opens_the_one_that_waits_in_the_same_call",
        ),
    ),
    Guard(
        "the first reason of a quarantine stays",
        omits("aws.dynamodb.quarantines:Quarantines.keep", "ConditionExpression"),
        ("tests/adapters/test_quarantines.py::test_the_first_reason_stays",),
    ),
    Guard(
        "what was decided is saved before it is done",
        sets("reconcile.rounds:Rounds.play", "saved", "decided"),
        ("tests/unit/test_reconcile.py::test_the_record_is_saved_before_the_alias_is_written",),
    ),
    Guard(
        "one who waits decides nothing",
        skips("core.lifecycle.state_machine:transition", "queued"),
        ("tests/unit/test_state_machine.py::test_a_waiting_deployment_stays_as_it_is",),
    ),
    Guard(
        "one who waits has nothing done for it",
        skips("core.lifecycle.plan:plan", "queued"),
        ("tests/unit/test_plan.py::test_a_waiting_deployment_only_tells_people",),
    ),
    Guard(
        "a newer upload waits while another is open",
        omits("core.lifecycle.admission:accept", "queued"),
        (
            "tests/unit/test_admission.py::test_a_deployment_waits_for_the_open_one_which_learns_of_it",
            "tests/scenarios/test_deployments.py::test_a_newer_artifact_supersedes_from_the_stable_version",
        ),
    ),
    Guard(
        "a newer upload takes the place of the one that waited",
        skips("core.lifecycle.admission:accept", "queued"),
        (
            "tests/unit/test_admission.py::test_the_one_that_waited_fails_and_gives_up_its_place",
            "tests/scenarios/test_deployments.py::test_a_queued_artifact_waits_and_the_newest_one_wins",
        ),
    ),
    Guard(
        "a notice that EventBridge did not take is no notice sent",
        skips("aws.notices:Notices._put", "FailedEntryCount"),
        ("tests/adapters/test_notices.py::test_an_entry_that_eventbridge_did_not_take_is_sent_again_later",),
    ),
    Guard(
        "an alarm whose making was not noted is deleted all the same",
        omits("core.lifecycle.cleanup:_owes_alarm", "BACKED_UP"),
        ("tests/scenarios/test_alarms.py::test_its_own_alarm_is_deleted_although_nobody_noted_that_it_was_made",),
    ),
    Guard(
        "fields inside another that this code does not know survive a save",
        drops("core.records.codec:_joined", "_joined"),
        ("tests/unit/test_codec.py::test_a_field_inside_another_that_this_code_does_not_know_survives",),
    ),
    Guard(
        "what is done and only another release knows is not done twice",
        drops("core.records.codec:_joined", "members"),
        ("tests/unit/test_codec.py::test_a_milestone_that_this_code_does_not_know_is_left_out_and_survives",),
    ),
    Guard(
        "a deployment whose reason a newer release gave can be rolled back",
        omits("core.records.codec:_FORMS", "Cause"),
        ("tests/unit/test_codec.py::test_a_reason_that_a_newer_release_gave_can_be_read",),
    ),
    Guard(
        "what could not be read back is not written",
        sets("core.records.codec:_FORMS", "int", "_Form(lambda value: value, _whole)"),
        ("tests/unit/test_codec.py::test_a_value_that_could_not_be_read_back_is_not_written",),
    ),
    Guard(
        "a promotion that is handled twice does not end the bake",
        skips("core.lifecycle.transitions.by_request:close_now", "in_phase"),
        ("tests/scenarios/test_two_controllers.py::test_one_promote_never_ends_the_bake_as_well",),
    ),
    Guard(
        "a request that was carried out is remembered",
        skips("core.lifecycle.state_machine:decide", "mark"),
        (
            "tests/scenarios/test_repeats.py::test_a_promote_that_is_sent_twice_does_not_end_the_bake",
            "tests/scenarios/test_repeats.py::test_a_resume_that_comes_again_does_not_answer_the_next_freeze",
            "tests/scenarios/test_repeats.py::test_an_answer_that_comes_again_does_not_answer_the_next_question",
        ),
    ),
    Guard(
        "a request that was carried out is not carried out again",
        drops("requests.acting:Acting.open_one", "check"),
        (
            "tests/scenarios/test_repeats.py::test_a_promote_that_is_sent_twice_does_not_end_the_bake",
            "tests/scenarios/test_repeats.py::test_the_same_promote_does_not_hit_the_next_deployment",
            "tests/scenarios/test_repeats.py::test_a_rollback_with_an_id_that_comes_late_leaves_the_next_deployment_alone",
        ),
    ),
    Guard(
        "a deploy that was carried out is not carried out again",
        drops("requests.deploying:Deploying.deploy", "check"),
        (
            "tests/scenarios/test_repeats.py::test_bytes_that_were_rolled_back_again_are_not_shipped_by_the_same_request",
        ),
    ),
    Guard(
        "a rollback right after another does not go back two versions",
        drops("requests.rolling_back:RollingBack._rolled_back", "check_way_back"),
        (
            "tests/scenarios/test_repeats.py::test_a_rollback_that_is_sent_twice_does_not_go_back_two_versions",
            "tests/scenarios/test_repeats.py::test_nor_does_one_that_meets_the_rollback_of_an_alarm",
        ),
    ),
    Guard(
        "a request for another deployment hits none",
        skips("requests.acting:Acting.open_one", "meant"),
        ("tests/scenarios/test_deployments.py::test_a_request_for_another_deployment_hits_none",),
    ),
    Guard(
        "a record of a newer release is left to that",
        omits("aws.dynamodb.rows:read_deployment", "ValueError"),
        ("tests/scenarios/test_uploads.py::test_a_record_that_only_a_newer_release_can_read_is_left_to_that",),
    ),
)
