"""Guards of the records: nobody's save is lost, nothing is taken in twice, nothing that was decided is forgotten."""

from __future__ import annotations

from tests.guards.guard import Change, Guard

_ALARM_CLEANUP = "controller/core/lifecycle/alarm_cleanup.py"
_NOTICES = "controller/aws/notices.py"
_ROWS = "controller/aws/dynamodb/rows.py"
_STORE = "controller/aws/dynamodb/store.py"
_ADMISSION = "controller/core/lifecycle/admission.py"
_STATE_MACHINE = "controller/core/lifecycle/state_machine.py"
_PAUSING = "controller/core/lifecycle/transitions/pausing.py"
_HOOK_EDITS = "controller/core/lifecycle/transitions/hook_edits.py"
_SHIFTING = "controller/core/lifecycle/transitions/shifting.py"
_PLAN = "controller/core/lifecycle/plan.py"
_CODEC = "controller/core/records/codec.py"
_UPLOADS = "controller/inbound/uploads.py"
_PERFORM = "controller/reconcile/perform.py"
_LOOP = "controller/reconcile/loop.py"
_REPEATED = "controller/requests/repeated.py"
_REPEATED_REQUESTS = "controller/core/lifecycle/repeated_requests.py"
_ANSWERS = "controller/requests/answers.py"
_TARGET = "controller/core/model/target.py"
_TWICE = "tests/scenarios/test_repeats.py::"

GUARDS = (
    Guard(
        "a record is saved only over the revision that was read",
        _STORE,
        "due, now), revision=deployment.revision)",
        "due, now))",
        ("tests/adapters/test_store.py::TestSave::test_saving_over_what_somebody_else_saved_is_a_conflict",),
    ),
    Guard(
        "the head is saved only over the revision that was read",
        _STORE,
        ", revision=head.revision or None)",
        ")",
        ("tests/adapters/test_store.py::TestTheNextTurn::test_nothing_ends_where_a_number_was_given_meanwhile",),
    ),
    Guard(
        "of two that make the head one is refused",
        _STORE,
        "absent=head.revision == 0, ",
        "",
        ("tests/adapters/test_store.py::TestAccept::test_a_moved_head_is_a_conflict_and_no_duplicate",),
    ),
    Guard(
        "a new record never replaces another",
        _STORE,
        "due_at(deployment, now), now), absent=True)",
        "due_at(deployment, now), now))",
        ("tests/adapters/test_store.py::TestAccept::test_a_number_that_is_given_already_is_a_conflict",),
    ),
    Guard(
        "an object version is taken in once",
        _STORE,
        "self._put(upload_row(deployment, now), absent=True)",
        "self._put(upload_row(deployment, now))",
        ("tests/adapters/test_store.py::TestAccept::test_the_same_upload_again_is_a_duplicate_and_writes_nothing",),
    ),
    Guard(
        "a record is read as it was saved last",
        _STORE,
        'Key=to_item({"pk": pk, "sk": sk}), ConsistentRead=True',
        'Key=to_item({"pk": pk, "sk": sk})',
        (
            "tests/adapters/test_store_calls.py::test_the_head_is_read_consistently",
            "tests/adapters/test_store_calls.py::test_a_deployment_is_read_consistently_under_its_padded_number",
        ),
    ),
    Guard(
        "the end of a deployment opens the one that waits, in one write",
        _STORE,
        "                puts.append(self._put_saved(opened(queued, now), now, due=now))\n",
        "                pass\n",
        (
            "tests/adapters/test_store.py::TestTheNextTurn::test_the_end_of_the_open_one_opens_the_one_that_waits_in_the_same_call",
        ),
    ),
    Guard(
        "the end of a deployment that is not the open one leaves the head alone",
        "controller/core/lifecycle/admission.py",
        "if head.open == deployment.number else None",
        "if head else None",
        ("tests/adapters/test_store.py::TestTheNextTurn::test_saving_an_ended_one_again_takes_no_turn_from_the_next",),
    ),
    Guard(
        "the first reason of a quarantine stays",
        _STORE,
        '**self._put(row, absent=True)["Put"]',
        '**self._put(row)["Put"]',
        ("tests/adapters/test_store.py::TestQuarantine::test_the_first_reason_stays",),
    ),
    Guard(
        "what was decided is saved before it is done",
        _LOOP,
        "saved = self._save_decision(loaded, decided, seen)",
        "saved = decided",
        ("tests/unit/test_reconcile.py::test_the_record_is_saved_before_the_alias_is_written",),
        besides=(Change(_LOOP, "after = self._saved(saved, after)", "after = self._saved(loaded, after)"),),
    ),
    Guard(
        "where somebody else was faster everything is read again",
        _LOOP,
        (
            "            except Conflict:\n"
            "                alarms = None\n"
            "                continue\n"
            "            if after and"
        ),
        ("            except Conflict:\n                return None\n            if after and"),
        ("tests/unit/test_reconcile.py::test_the_event_is_not_lost_in_a_conflict",),
    ),
    Guard(
        "one who waits decides nothing",
        _STATE_MACHINE,
        ("    if deployment.waiting:\n        return deployment\n    return TABLE"),
        "    return TABLE",
        ("tests/unit/test_machine.py::test_a_waiting_deployment_stays_as_it_is",),
    ),
    Guard(
        "one who waits has nothing done for it",
        _PLAN,
        ("    if deployment.waiting:\n        return tuple(notices)\n"),
        "",
        ("tests/unit/test_plan.py::test_a_waiting_deployment_only_tells_people",),
    ),
    Guard(
        "a newer upload waits while another is open",
        _ADMISSION,
        "return Admission(taken, replace(deployment, waiting=True), tuple(changed))",
        "return Admission(taken, deployment, tuple(changed))",
        (
            "tests/unit/test_acceptance.py::test_a_deployment_waits_for_the_open_one_which_learns_of_it",
            "tests/scenarios/test_deployments.py::test_a_newer_artifact_supersedes_from_the_stable_version",
        ),
    ),
    Guard(
        "a newer upload takes the place of the one that waited",
        _ADMISSION,
        "    if waiting is not None:\n",
        "    if False:\n",
        (
            "tests/unit/test_acceptance.py::test_the_one_that_waited_fails_and_gives_up_its_place",
            "tests/scenarios/test_deployments.py::test_a_queued_artifact_waits_and_the_newest_one_wins",
        ),
    ),
    Guard(
        "an upload that arrives late does not win over a newer one",
        _UPLOADS,
        ("            if late:\n                return Ignored(late)\n"),
        "            pass\n",
        ("tests/scenarios/test_deployments.py::test_an_older_upload_that_arrives_late_is_ignored",),
    ),
    Guard(
        "of one key in one second the sequencer decides which upload is newer",
        _TARGET,
        'return self.sequencer.ljust(length, "0") < other.sequencer.ljust(length, "0")',
        "return False",
        ("tests/unit/test_acceptance.py::test_an_older_upload_is_late_and_says_than_which[by sequencer]",),
    ),
    Guard(
        "sequencers are compared only within one key",
        _TARGET,
        ("if (self.bucket, self.key) != (other.bucket, other.key) or not (self.sequencer and other.sequencer):"),
        "if not (self.sequencer and other.sequencer):",
        ("tests/unit/test_machine.py::test_an_older_artifact_is_recognised_by_time_then_by_sequencer_of_the_same_key",),
    ),
    Guard(
        "an older upload that a person deploys again does not let a late one win",
        _ADMISSION,
        "newest=head.newest if older else deployment.artifact",
        "newest=deployment.artifact",
        (
            "tests/scenarios/test_uploads.py::test_an_upload_that_was_overtaken_stays_late_after_a_person_deployed_an_older_one",
        ),
    ),
    Guard(
        "an upload that on_newer rejects may be dropped again",
        _ADMISSION,
        "Admission(replace(taken, newest=head.newest), ended(deployment, reason, now))",
        "Admission(taken, ended(deployment, reason, now))",
        ("tests/unit/test_acceptance.py::test_a_rejected_upload_does_not_make_the_others_late",),
    ),
    Guard(
        "a notice stays in the outbox until it was taken",
        _PERFORM,
        "                self._aws.notices.send(deployment, notice)\n",
        (
            "                try:\n"
            "                    self._aws.notices.send(deployment, notice)\n"
            "                except Exception:\n"
            "                    pass\n"
        ),
        ("tests/unit/test_reconcile_effects.py::test_a_notice_that_fails_does_not_keep_the_next_one",),
    ),
    Guard(
        "a notice that EventBridge did not take is no notice sent",
        _NOTICES,
        'if answer.get("FailedEntryCount"):',
        "if False:",
        ("tests/adapters/test_notices.py::test_an_entry_that_eventbridge_did_not_take_is_sent_again_later",),
    ),
    Guard(
        "only the notice that was sent leaves the outbox",
        _PAUSING,
        "tuple(notice for notice in deployment.outbox if notice != event.notice)",
        "()",
        ("tests/unit/test_reconcile_effects.py::test_a_notice_that_fails_does_not_keep_the_next_one",),
    ),
    Guard(
        "an alarm whose making was not noted is deleted all the same",
        _ALARM_CLEANUP,
        "may_exist = {Milestone.BACKED_UP, Milestone.ALARM_MADE} & deployment.done",
        "may_exist = {Milestone.ALARM_MADE} & deployment.done",
        ("tests/scenarios/test_alarms.py::test_its_own_alarm_is_deleted_although_nobody_noted_that_it_was_made",),
    ),
    Guard(
        "what has ended and still owes something is looked at",
        _PLAN,
        ("return now if owes(deployment, now) or deployment.outbox else alarm_cleanup.deleted_again_at(deployment)"),
        "return alarm_cleanup.deleted_again_at(deployment)",
        ("tests/unit/test_plan.py::test_an_unsent_notice_is_due_now",),
    ),
    Guard(
        "a record of a newer release is left to that",
        _ROWS,
        "except (KeyError, TypeError, ValueError) as problem:",
        "except ZeroDivisionError as problem:",
        ("tests/scenarios/test_uploads.py::test_a_record_that_only_a_newer_release_can_read_is_left_to_that",),
    ),
    Guard(
        "fields that this code does not know survive a save",
        _CODEC,
        'return _joined({"schema": SCHEMA, **write(deployment)}, deployment.extra)',
        'return {"schema": SCHEMA, **write(deployment)}',
        ("tests/unit/test_record.py::test_fields_that_this_code_does_not_know_survive",),
    ),
    Guard(
        "fields inside another that this code does not know survive a save",
        _CODEC,
        "                both[name] = _joined(inner, more)\n",
        "                pass\n",
        ("tests/unit/test_record.py::test_a_field_inside_another_that_this_code_does_not_know_survives",),
    ),
    Guard(
        "what is done and only another release knows is not done twice",
        _CODEC,
        "                both[name] = [*members, *(each for each in more if each not in members)]\n",
        "                pass\n",
        ("tests/unit/test_record.py::test_a_milestone_that_this_code_does_not_know_is_left_out_and_survives",),
    ),
    Guard(
        "a field that this code does not know cannot overwrite a known one",
        _CODEC,
        "both = {**unknown, **known}",
        "both = {**known, **unknown}",
        ("tests/unit/test_record.py::test_an_unknown_field_cannot_overwrite_a_known_one",),
    ),
    Guard(
        "a deployment whose reason a newer release gave can be rolled back",
        _CODEC,
        "    Cause: _Form(lambda value: value.value, lambda stored: cause_of(_text(stored))),\n",
        "",
        ("tests/unit/test_record.py::test_a_reason_that_a_newer_release_gave_can_be_read",),
    ),
    Guard(
        "a mode that only a newer release knows is not taken for another",
        _CODEC,
        "problem = _Dispensable if kind in _DISPENSABLE else ValueError",
        "problem = _Dispensable",
        ("tests/unit/test_record.py::test_a_mode_that_only_a_newer_release_knows_is_left_to_that",),
    ),
    Guard(
        "a deployment that waits for what only a newer release knows can be read",
        _CODEC,
        "                if not stored.has_default:\n                    raise\n",
        "                raise\n",
        ("tests/unit/test_record.py::test_a_wait_of_a_kind_that_this_code_does_not_know_is_none",),
    ),
    Guard(
        "what could not be read back is not written",
        _CODEC,
        "    int: _Form(_whole, _whole),\n",
        "    int: _Form(lambda value: value, _whole),\n",
        ("tests/unit/test_record.py::test_a_value_that_could_not_be_read_back_is_not_written",),
    ),
    Guard(
        "a promotion that is handled twice does not end the bake",
        _SHIFTING,
        ("    if event.asked_in not in (None, Phase.BAKING):\n        return deployment\n"),
        "",
        ("tests/scenarios/test_two_controllers.py::test_one_promote_never_ends_the_bake_as_well",),
    ),
    Guard(
        "a promotion is for the phase that the person saw",
        _ANSWERS,
        '            request = replace(request, asked_in=Phase(payload.get("phase", deployment.phase)))\n',
        "            pass\n",
        ("tests/scenarios/test_two_controllers.py::test_a_promote_that_meets_a_promotion_does_not_end_the_bake",),
    ),
    Guard(
        "a request that was carried out is remembered",
        _STATE_MACHINE,
        "        decided = repeated_requests.noted(decided, event.mark, now)\n",
        "        pass\n",
        (
            f"{_TWICE}test_a_promote_that_is_sent_twice_does_not_end_the_bake",
            f"{_TWICE}test_a_resume_that_comes_again_does_not_answer_the_next_freeze",
            f"{_TWICE}test_an_answer_that_comes_again_does_not_answer_the_next_question",
        ),
    ),
    Guard(
        "a request that was carried out is not carried out again",
        _ANSWERS,
        "        self._repeats.check(target, payload)\n        meant",
        "        meant",
        (
            f"{_TWICE}test_a_promote_that_is_sent_twice_does_not_end_the_bake",
            f"{_TWICE}test_the_same_promote_does_not_hit_the_next_deployment",
            f"{_TWICE}test_a_rollback_with_an_id_that_comes_late_leaves_the_next_deployment_alone",
        ),
    ),
    Guard(
        "a deploy that was carried out is not carried out again",
        _ANSWERS,
        "        self._repeats.check(draft.target, payload)\n",
        "",
        (f"{_TWICE}test_bytes_that_were_rolled_back_again_are_not_shipped_by_the_same_request",),
    ),
    Guard(
        "a promote that names its deployment means the phase that it was first asked in",
        _REPEATED_REQUESTS,
        """ or (payload["request"] == "promote" and "deployment" in payload)""",
        "",
        (f"{_TWICE}test_nor_does_one_with_a_deployment_or_an_id_that_comes_hours_late",),
    ),
    Guard(
        "a rollback is not kept from a deployment because another was rolled back just now",
        _REPEATED_REQUESTS,
        """ or payload["request"] not in _ALWAYS_NEW""",
        " or True",
        (f"{_TWICE}test_a_rollback_brings_every_open_deployment_back_however_soon_after_another",),
    ),
    Guard(
        "a rollback right after another does not go back two versions",
        _ANSWERS,
        "                self._repeats.check_way_back(target, payload)\n",
        "",
        (
            f"{_TWICE}test_a_rollback_that_is_sent_twice_does_not_go_back_two_versions",
            f"{_TWICE}test_nor_does_one_that_meets_the_rollback_of_an_alarm",
        ),
    ),
    Guard(
        "a rollback is taken for the one before only while the alias carries what that brought back",
        _REPEATED,
        "if alias and alias.routing == Routing(str(newest.stable)):",
        "if True:",
        (f"{_TWICE}test_a_rollback_after_somebody_moved_the_alias_since_goes_back",),
    ),
    Guard(
        "a rollback by the alias alone that is sent twice does not go back two versions",
        _REPEATED_REQUESTS,
        """return "id" not in payload or _by_an_unknown_request(newest)""",
        """return "id" not in payload""",
        (f"{_TWICE}test_a_rollback_by_the_alias_alone_is_known_by_what_it_came_to[with an id]",),
    ),
    Guard(
        "the same request again goes on with what a controller that died has begun",
        _ANSWERS,
        "        is_over = deployment.phase.is_terminal\n",
        "        is_over = True\n",
        (f"{_TWICE}test_the_same_rollback_again_finishes_what_a_controller_that_died_has_begun[with an id]",),
    ),
    Guard(
        "a promote for another phase is refused",
        _STATE_MACHINE,
        "    if request.asked_in in (None, deployment.phase):",
        "    if True:",
        (f"{_TWICE}test_a_promote_for_another_phase_is_refused",),
    ),
    Guard(
        "a request for another deployment hits none",
        _ANSWERS,
        "if meant is not None and meant != number:",
        "if False:",
        ("tests/scenarios/test_deployments.py::test_a_request_for_another_deployment_hits_none",),
    ),
    Guard(
        "an answer to an earlier question does not answer this one",
        "controller/core/lifecycle/transitions/approving.py",
        "return step is not None and event.step in (None, step)",
        "return step is not None",
        (
            "tests/unit/test_approval.py::test_an_answer_to_another_question_changes_nothing",
            "tests/scenarios/test_approval.py::test_two_people_who_approve_at_once_approve_one_pause",
        ),
    ),
    Guard(
        "an answer without a step is for the question that the person saw",
        _ANSWERS,
        "request = replace(request, step=approval.asked_about(deployment))",
        "pass",
        (
            "tests/scenarios/test_approval.py::test_an_answer_that_names_no_step_is_for_the_question_that_the_person_saw",
        ),
    ),
    Guard(
        "an answer of a hook is noted once, and only by who waits for it",
        _HOOK_EDITS,
        "if before is None or not before.calling or before.calls + 1 != event.call:",
        "if before is None:",
        (
            "tests/unit/test_hooks.py::test_an_answer_to_a_call_that_nobody_waits_for_any_more_is_nobodys",
            "tests/unit/test_hooks.py::test_an_answer_is_noted_once",
        ),
    ),
    Guard(
        "whoever notes the call of a hook makes it",
        _LOOP,
        "            return deployment  # somebody was faster, and may be calling it\n",
        "            saved = hooks.calling(deployment, self._clock())\n",
        ("tests/unit/test_dispatch_tick.py::test_whoever_did_not_note_the_call_does_not_make_it",),
    ),
    Guard(
        "a hook that is being called is not called beside that",
        "controller/core/gates/hooks/__init__.py",
        "return run.call_at + CALL_AT_MOST if run.call_at and run.calling else run.call_at",
        "return run.call_at",
        ("tests/unit/test_hooks.py::test_a_call_that_was_begun_is_made_again_only_when_it_must_be_lost",),
    ),
    Guard(
        "an alarm that somebody may still be making is deleted once more",
        _ALARM_CLEANUP,
        ("    if now >= _settles(deployment):\n        return Milestone.ALARM_DELETED\n"),
        ("    if now:\n        return Milestone.ALARM_DELETED\n"),
        (
            "tests/scenarios/test_alarms.py::test_its_own_alarm_that_is_made_only_after_the_end_is_deleted_all_the_same",
            "tests/unit/test_plan.py::test_an_own_alarm_that_may_still_be_made_is_deleted_at_once_and_once_more_later",
        ),
    ),
    Guard(
        "the bytes in flight that are dropped again begin nothing anew",
        _UPLOADS,
        "        elif open_one and self._is_in_flight(draft, open_one):\n",
        "        elif not self:\n",
        ("tests/cloud/test_arriving.py::test_the_bytes_in_flight_dropped_again_change_nothing",),
    ),
    Guard(
        "only a deployment that goes on is a reason to end an upload of the same bytes",
        _ADMISSION,
        "return goes_on and known and open_one",
        "return known and open_one",
        (
            "tests/unit/test_acceptance.py::test_a_deployment_that_does_not_go_on_to_the_end_is_no_reason_to_end_another",
        ),
    ),
)
