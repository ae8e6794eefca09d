"""Guards of the alias: who may write it, over what, and what is left in it."""

from __future__ import annotations

from tests.guards.guard import Change, Guard

_ALIASES = "controller/aws/lambda_/aliases.py"
_PUBLISHING = "controller/aws/lambda_/publishing.py"
_ALIAS_DESCRIPTION = "controller/core/routing/alias_description.py"
_BEFORE_TRAFFIC = "controller/core/lifecycle/transitions/before_traffic.py"
_SHIFTING = "controller/core/lifecycle/transitions/shifting.py"
_PLAN = "controller/core/lifecycle/plan.py"
_SETTINGS = "controller/core/manifest/settings.py"
_LOOP = "controller/reconcile/loop.py"
_DESIRED = "controller/core/routing/desired.py"
_BUILDING = "controller/core/manifest/building.py"

GUARDS = (
    Guard(
        "a step is written only over the alias that was read",
        _ALIASES,
        "client.update_alias(**parameters, RevisionId=revision_id)",
        ("client.update_alias(**parameters, **({} if ' deploys ' in description else {'RevisionId': revision_id}))"),
        ("tests/cloud/test_revisions.py::test_what_somebody_else_wrote_meanwhile_stays[a step]",),
    ),
    Guard(
        "a rollback is written only over the alias that was read",
        _ALIASES,
        "client.update_alias(**parameters, RevisionId=revision_id)",
        (
            "client.update_alias(**parameters, **({} if ' rolled back ' in description else "
            "{'RevisionId': revision_id}))"
        ),
        ("tests/cloud/test_revisions.py::test_what_somebody_else_wrote_meanwhile_stays[a rollback by alarm]",),
    ),
    Guard(
        "the way back is disarmed only on the alias that was read",
        _ALIASES,
        "client.update_alias(**parameters, RevisionId=revision_id)",
        ("client.update_alias(**parameters, **({} if ' deployed ' in description else {'RevisionId': revision_id}))"),
        ("tests/cloud/test_revisions.py::test_what_somebody_else_wrote_meanwhile_stays[the end of the bake]",),
    ),
    Guard(
        "the backup alias is written only as it was read",
        _ALIASES,
        "client.update_alias(**parameters, RevisionId=revision_id)",
        (
            "client.update_alias(**parameters, **({} if 'the way back of' in description else "
            "{'RevisionId': revision_id}))"
        ),
        ("tests/adapters/test_aliases.py::test_a_backup_that_moves_between_reading_and_writing_is_a_conflict",),
    ),
    Guard(
        "a first deployment makes its alias and takes nobody else's",
        _ALIASES,
        "if revision_id is None:",
        "if revision_id is None and self.read(target) is None:",
        ("tests/adapters/test_aliases.py::test_making_an_alias_that_exists_is_a_conflict",),
        besides=(
            Change(
                _ALIASES,
                "client.update_alias(**parameters, RevisionId=revision_id)",
                ("client.update_alias(**parameters, **({'RevisionId': revision_id} if revision_id else {}))"),
            ),
        ),
    ),
    Guard(
        "onboarding leaves an alias alone that somebody made meanwhile",
        _PUBLISHING,
        ("        if existing is not None:\n            return _one_version(target, existing.routing)\n        latest"),
        "        latest",
        (
            "tests/adapters/test_onboarding.py::TestOnboard::test_an_alias_that_exists_is_left_alone",
            "tests/scenarios/test_onboarding.py::test_an_alias_that_somebody_makes_meanwhile_is_taken_only_where_it_is_a_way_back",
        ),
    ),
    Guard(
        "all traffic to one version takes the old weights away",
        _ALIASES,
        '"RoutingConfig": {"AdditionalVersionWeights": _weights(routing)},',
        ('**({"RoutingConfig": {"AdditionalVersionWeights": _weights(routing)}} if routing.canary else {}),'),
        ("tests/adapters/test_aliases.py::test_taking_the_canary_off_sends_empty_weights_in_the_same_call",),
    ),
    Guard(
        "a weight too small for a hundredth of a percent is somebody's canary all the same",
        _ALIASES,
        "max(weight, 1)",
        "weight",
        ("tests/adapters/test_aliases.py::test_weights_that_slipway_never_writes_are_read",),
        besides=(Change(_ALIASES, "if fraction and canary != version:", "if weight and canary != version:"),),
    ),
    Guard(
        "a weight of all traffic is read as the version that gets it",
        _ALIASES,
        ("        if weight >= ALL:\n            return Routing(canary)\n"),
        "",
        ("tests/adapters/test_aliases.py::test_weights_that_slipway_never_writes_are_read",),
    ),
    Guard(
        "a weight is read to the nearest hundredth of a percent",
        _ALIASES,
        "round(fraction * ALL)",
        "int(fraction * ALL)",
        ("tests/adapters/test_aliases.py::test_a_weight_comes_back_as_it_was_written",),
    ),
    Guard(
        "a weight of the manifest is taken to the hundredth of a percent",
        _BUILDING,
        "return round(hundredths)",
        "return int(hundredths)",
        ("tests/unit/test_manifest.py::test_every_weight_is_taken_to_the_hundredth",),
    ),
    Guard(
        "a weight finer than a hundredth of a percent is refused",
        _BUILDING,
        "if abs(hundredths - round(hundredths)) > 1e-6:",
        "if False:",
        ("tests/unit/test_manifest_refusals.py::test_a_weight_has_at_most_two_decimals",),
    ),
    Guard(
        "weights rise from step to step",
        _SETTINGS,
        "if any(later <= earlier for earlier, later in itertools.pairwise(weights)):",
        "if False:",
        ("tests/unit/test_manifest_refusals.py::test_weights_that_do_not_rise_are_refused",),
    ),
    Guard(
        "the alias is read before the record in every round",
        _LOOP,
        (
            "            alias, refusal = self._alias(target, urgent=urgent and look is None)\n"
            "            loaded = self._load(target, number, current)\n"
        ),
        (
            "            loaded = self._load(target, number, current)\n"
            "            alias, refusal = self._alias(target, urgent=urgent and look is None)\n"
        ),
        (
            "tests/unit/test_reconcile.py::test_the_alias_is_read_before_the_record_in_every_round",
            "tests/scenarios/test_two_controllers.py::test_a_first_percent_whose_deployment_was_rolled_back_and_followed_does_not_land",
        ),
    ),
    Guard(
        "somebody is blamed only where alias and record were read together",
        _LOOP,
        ("        if tells_of_drift(loaded, decided):\n            self._confirm_drift(decided, seen)\n"),
        "",
        ("tests/unit/test_reconcile.py::test_an_alias_that_moved_while_the_record_was_read_has_not_drifted",),
    ),
    Guard(
        "an alias that may not be read is not taken for one that is gone",
        _LOOP,
        (
            "            if refusal and (loaded.phase.serves or loaded.phase is Phase.ROLLING_BACK):\n"
            "                raise Transient(str(refusal)) from refusal\n"
        ),
        "",
        (
            "tests/unit/test_reconcile.py::test_an_alias_that_may_not_be_read_is_tried_again_where_traffic_depends_on_it",
        ),
    ),
    Guard(
        "what somebody else made the alias carry is not written over",
        _PLAN,
        "if routing is None or not ours(deployment, seen):",
        "if routing is None:",
        ("tests/unit/test_plan.py::test_an_alias_that_is_not_ours_is_not_written_even_unnoticed",),
    ),
    Guard(
        "somebody else's routing is noticed",
        _DESIRED,
        "        return seen.routing in deployment.written\n",
        "        return True\n",
        (
            "tests/unit/test_plan.py::test_what_slipway_wrote_is_ours_and_so_is_an_alias_that_it_has_still_to_make",
            "tests/scenarios/test_deployments.py::test_somebody_elses_alias_is_never_overwritten_without_command",
        ),
    ),
    Guard(
        "a deployment after drift writes nothing",
        _PLAN,
        "    if deployment.foreign:\n        return\n    stable, canary, done =",
        "    stable, canary, done =",
        ("tests/unit/test_plan.py::test_after_drift_nothing_at_all_is_done_for_a_shift",),
    ),
    Guard(
        "an alias that somebody deleted is not made again by itself",
        _DESIRED,
        "    absent_yet = deployment.stable is None and deployment.live_at is None\n",
        "    absent_yet = True\n",
        ("tests/unit/test_plan.py::test_what_slipway_wrote_is_ours_and_so_is_an_alias_that_it_has_still_to_make",),
    ),
    Guard(
        "no first percent over an alias that moved since the deployment began",
        _BEFORE_TRAFFIC,
        "if seen.routing not in (before or (None,)):",
        "if False:",
        (
            "tests/unit/test_machine.py::test_an_alias_that_moved_before_the_first_percent_ends_the_deployment",
            "tests/scenarios/test_drift.py::test_an_onboarded_function_whose_alias_moves_is_left_as_it_is",
        ),
    ),
    Guard(
        "a rollback is over only with words of its own in the alias",
        _DESIRED,
        ("        return alias_description.tells_of(seen.alias, deployment)\n"),
        "        return True\n",
        (
            "tests/unit/test_machine.py::test_a_rollback_is_not_done_by_an_alias_that_never_left_stable",
            "tests/scenarios/test_two_controllers.py::test_a_first_percent_on_its_way_does_not_land_after_the_rollback",
        ),
    ),
    Guard(
        "the backup alias keeps the way back before the first percent moves",
        _PLAN,
        ("    if stable and Milestone.BACKED_UP not in done:\n        yield BackUp(stable)\n    elif"),
        "    if",
        ("tests/unit/test_plan.py::test_the_backup_and_the_own_alarm_come_before_the_first_weight",),
    ),
    Guard(
        "the deployment's own alarm is made before the first percent moves",
        _PLAN,
        (
            "    elif stable and canary and Milestone.ALARM_MADE not in done:\n"
            "        yield MakeAlarm(stable, canary)\n"
            "    else:\n"
            "        yield from _routed(deployment, seen)\n"
        ),
        (
            "    else:\n"
            "        yield from _routed(deployment, seen)\n"
            "        if stable and canary and Milestone.ALARM_MADE not in done:\n"
            "            yield MakeAlarm(stable, canary)\n"
        ),
        ("tests/unit/test_plan.py::test_the_backup_and_the_own_alarm_come_before_the_first_weight",),
    ),
    Guard(
        "an alarm that needs nobody to compare with is there before the canary gets all traffic",
        _PLAN,
        "_is_to_move(deployment, seen) and Milestone.ALARM_AT_PROMOTION not in done",
        "False",
        (
            "tests/unit/test_plan.py::test_before_the_canary_gets_all_traffic_the_own_alarm_fires_without_the_stable_version_too",
        ),
    ),
    Guard(
        "whatever gives the canary traffic says how to get back",
        _ALIAS_DESCRIPTION,
        'f", back to {deployment.stable}"',
        '""',
        (
            "tests/unit/test_breadcrumb.py::test_a_line_that_was_written_is_read_again",
            "tests/scenarios/test_deployments.py::test_its_own_alarm_brings_stable_back_in_one_read_and_one_write",
        ),
    ),
    Guard(
        "where a failure freezes no alarm goes back by the alias alone",
        _ALIAS_DESCRIPTION,
        '("" if freezes else f", back to {deployment.stable}")',
        'f", back to {deployment.stable}"',
        ("tests/unit/test_plan.py::test_a_frozen_deployments_alias_cannot_be_rolled_back_by_an_alarm",),
    ),
    Guard(
        "a deployment has succeeded only once its way back is seen disarmed",
        _SHIFTING,
        ("    if seen.alias is not None and alias_description.is_armed(seen.alias):\n        return deployment\n"),
        "",
        ("tests/unit/test_machine.py::test_a_bake_disarms_the_way_back_before_it_succeeds",),
    ),
    Guard(
        "an alarm of another version moves nothing by the alias alone",
        _ALIAS_DESCRIPTION,
        "if crumb is None or alarm.target is None or alarm.version != crumb.canary:",
        "if crumb is None or alarm.target is None:",
        ("tests/unit/test_breadcrumb.py::test_an_alarm_that_is_not_about_the_canary_is_no_reason",),
    ),
    Guard(
        "an alarm of another deployment moves nothing by the alias alone",
        _ALIAS_DESCRIPTION,
        (
            "    if not any_alarm and alarm.name != own_alarm(prefix, alarm.target, crumb.number):\n"
            "        return None\n"
        ),
        "",
        ("tests/unit/test_breadcrumb.py::test_an_alarm_of_another_name_counts_only_while_the_record_is_out_of_reach",),
    ),
    Guard(
        "an alarm moves nothing where the alias carries other versions than it says",
        _ALIAS_DESCRIPTION,
        (" or not serves(alias.routing, crumb.stable, crumb.canary):"),
        ":",
        ("tests/unit/test_breadcrumb.py::test_a_line_is_not_believed_over_a_routing_that_it_does_not_fit",),
    ),
    Guard(
        "the words of a deployment of an older table are not those of a new one",
        _ALIAS_DESCRIPTION,
        "return (crumb.number, crumb.canary) == (deployment.number, deployment.canary)",
        "return crumb.number == deployment.number",
        ("tests/scenarios/test_drift.py::test_the_words_of_a_deployment_of_an_older_table_do_not_end_a_new_one",),
    ),
    Guard(
        "what a rollback leaves in the alias fits into its description",
        _ALIAS_DESCRIPTION,
        'line.encode("utf-8", "replace")[:_LONGEST]',
        'line.encode("utf-8", "replace")',
        ("tests/unit/test_breadcrumb.py::test_lambda_can_take_a_line_whatever_characters_the_reason_has",),
    ),
    Guard(
        "a routing counts as our own only in our own words until it was seen",
        _DESIRED,
        "return deployment.live_at is not None or alias_description.is_of(seen.alias, deployment)",
        "return True",
        ("tests/unit/test_plan.py::test_a_step_that_the_alias_carries_in_other_words_is_written_until_it_was_seen",),
    ),
)
