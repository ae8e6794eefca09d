"""Guards of what is shipped: the bytes that were dropped, whole, not those that failed; and of what is deleted."""

from __future__ import annotations

from tests.guards.guard import Change, Guard

_SIGNATURES = "controller/aws/signatures.py"
_UPLOADS = "controller/inbound/uploads.py"
_ARTIFACTS = "controller/aws/s3/artifacts.py"
_CONFIGURATION = "controller/aws/lambda_/configuration.py"
_FUNCTIONS = "controller/aws/lambda_/functions.py"
_PUBLISHING = "controller/aws/lambda_/publishing.py"
_RESTORE_LATEST = "controller/aws/lambda_/restore_latest.py"
_FUNCTION_FACTS = "controller/aws/lambda_/function_facts.py"
_VERSIONS = "controller/aws/lambda_/versions.py"
_CLIENTS = "controller/aws/clients.py"
_BEFORE_TRAFFIC = "controller/core/lifecycle/transitions/before_traffic.py"
_PLAN = "controller/core/lifecycle/plan.py"
_PREFLIGHT = "controller/core/lifecycle/preflight.py"
_PARSE = "controller/inbound/parse.py"
_PERFORM = "controller/reconcile/perform.py"
_QUARANTINE = "controller/core/lifecycle/quarantine.py"
_PRUNE = "controller/reconcile/prune.py"
_LATEST = "controller/reconcile/latest.py"

GUARDS = (
    Guard(
        "settings are written only over the function that was read",
        _FUNCTIONS,
        "**settings, FunctionName=latest.function, RevisionId=latest.revision_id\n",
        "**settings, FunctionName=latest.function\n",
        ("tests/adapters/test_publishing.py::TestPublish::test_every_change_is_guarded",),
    ),
    Guard(
        "code is written only over the function that was read",
        _FUNCTIONS,
        ("                    Publish=False,\n                    RevisionId=latest.revision_id,\n"),
        "                    Publish=False,\n",
        (
            "tests/adapters/test_publishing_again.py::TestPublishInARace::test_a_change_between_reading_and_writing_is_a_conflict",
        ),
    ),
    Guard(
        "a version is published only of the function that was read",
        _FUNCTIONS,
        ("                RevisionId=latest.revision_id,\n                Description"),
        "                Description",
        ("tests/adapters/test_publishing.py::TestPublish::test_every_change_is_guarded",),
    ),
    Guard(
        "a version is published only of the bytes that were read",
        _FUNCTIONS,
        "                CodeSha256=latest.sha256,\n",
        "",
        ("tests/adapters/test_publishing.py::TestPublish::test_every_change_is_guarded",),
    ),
    Guard(
        "only what is ours, whole, is published",
        _PUBLISHING,
        "        _require(latest, deployment.manifest.function, sha256)\n",
        "",
        ("tests/adapters/test_publishing_again.py::TestPublishInARace::test_a_change_while_waiting_is_a_conflict",),
    ),
    Guard(
        "a version serves only once it is active",
        _PUBLISHING,
        "            if self._ready(function, version) == INACTIVE:\n                return None\n",
        "            pass\n",
        ("tests/adapters/test_publishing_again.py::TestBecomingActive::test_a_version_that_fails_is_refused",),
    ),
    Guard(
        "a version that failed is refused",
        _PUBLISHING,
        'if found.problem or found.state not in ("Active", INACTIVE, ""):',
        "if False:",
        ("tests/adapters/test_publishing_again.py::TestBecomingActive::test_a_version_that_fails_is_refused",),
    ),
    Guard(
        "a function that failed is not published",
        _PUBLISHING,
        ('    if found.problem:\n        raise _refused(f"{found} cannot'),
        ('    if False:\n        raise _refused(f"{found} cannot'),
        ("tests/adapters/test_publishing_again.py::TestPublishWaits::test_a_failed_update_is_refused_with_its_reason",),
    ),
    Guard(
        "what the stable version is already is no deployment",
        _PUBLISHING,
        "if stable is not None and latest.runs_the_same_as(stable):",
        "if False:",
        ("tests/adapters/test_publishing.py::TestPublish::test_unchanged_is_seen_behind_a_bad_version",),
    ),
    Guard(
        "a setting that AWS does not show is never the same",
        _CONFIGURATION,
        "value is not None and value == other.settings[name]",
        "value == other.settings[name]",
        ("tests/adapters/test_publishing.py::TestPublish::test_settings_that_aws_does_not_show_are_never_unchanged",),
    ),
    Guard(
        "bytes that look like the stable ones are sent all the same",
        _PUBLISHING,
        "and not looks_stable:",
        "and True:",
        ("tests/adapters/test_publishing.py::TestPublish::test_a_hash_that_only_looks_stable_is_not_believed",),
    ),
    Guard(
        "an object that was overwritten while it was deployed is refused",
        _PUBLISHING,
        "if sha256 is not None and sent != sha256 and deployment.artifact.version_id is None:",
        "if False:",
        ("tests/adapters/test_publishing.py::TestPublish::test_an_object_that_was_overwritten_is_refused",),
    ),
    Guard(
        "the bytes that are published are of the object version that was dropped",
        _FUNCTIONS,
        'version = {"S3ObjectVersion": artifact.version_id} if artifact.version_id else {}',
        "version: dict[str, object] = {}",
        ("tests/adapters/test_publishing.py::TestPublish::test_the_exact_object_version_is_sent",),
    ),
    Guard(
        "the bytes that are checked are of the object version that was dropped",
        _ARTIFACTS,
        'pinned = {"VersionId": unread.version_id} if unread.version_id else {}',
        "pinned: dict[str, str] = {}",
        ("tests/adapters/test_artifacts.py::test_a_small_zip_takes_one_get_and_its_manifest_in_the_bucket_one_more",),
    ),
    Guard(
        "all parts of a zip are read of one object",
        _ARTIFACTS,
        ', "IfMatch": tail.etag}',
        "}",
        ("tests/adapters/test_artifacts.py::test_an_object_that_is_replaced_while_it_is_read_is_read_again_later",),
    ),
    Guard(
        "a version id that names nothing pins nothing",
        _PARSE,
        'version_id if version_id not in ("", "null") else None',
        "version_id or None",
        ("tests/unit/test_events.py::test_a_version_that_pins_nothing_is_none",),
    ),
    Guard(
        "quarantined bytes are refused before they are published",
        _BEFORE_TRAFFIC,
        ("refused = event.refused or event.quarantined"),
        "refused = event.refused",
        ("tests/unit/test_machine.py::test_quarantined_bytes_fail_before_anything_is_touched",),
    ),
    Guard(
        "quarantined bytes whose hash was not known before are refused before any traffic",
        _PERFORM,
        "return outcomes.EffectRefused(refused) if refused else outcome",
        "return outcome",
        (
            "tests/scenarios/test_deployments.py::test_quarantined_bytes_whose_hash_aws_tells_only_afterwards_get_no_traffic",
        ),
    ),
    Guard(
        "bytes that nothing spoke against are not quarantined",
        _QUARANTINE,
        "return deployment.sha256 is not None and spoken_against(deployment) and",
        "return deployment.sha256 is not None and",
        (
            "tests/unit/test_plan.py::test_only_bytes_that_were_at_fault_are_quarantined",
            "tests/scenarios/test_deployments.py::test_superseded_bytes_are_not_quarantined",
        ),
    ),
    Guard(
        "a quarantine is lifted only where a person asks for it",
        _PERFORM,
        "deployment.lifts_quarantine and not found.refused:",
        "not found.refused:",
        ("tests/scenarios/test_deployments.py::test_rolled_back_bytes_are_quarantined_under_any_name",),
    ),
    Guard(
        "$LATEST is left alone where somebody else has put other code there",
        _RESTORE_LATEST,
        "if not way.is_code_ours:",
        "if False:",
        (
            "tests/adapters/test_restoring.py::TestRestore::test_somebody_elses_newer_code_is_left_alone",
            "tests/scenarios/test_two_targets.py::test_a_restore_leaves_the_code_that_another_target_has_put_there_since",
        ),
    ),
    Guard(
        "a setting of $LATEST that somebody has changed since is left alone",
        _RESTORE_LATEST,
        "for name, value in way.changes.items() if way.has_put(name)}",
        "for name, value in way.changes.items()}",
        ("tests/scenarios/test_latest.py::test_a_setting_that_somebody_changes_meanwhile_is_left_alone_and_said",),
    ),
    Guard(
        "settings that the manifest does not name are not put back",
        _RESTORE_LATEST,
        "self.latest.changes_to(self.wanted).items() if name in named}",
        "self.latest.changes_to(self.wanted).items()}",
        ("tests/scenarios/test_latest.py::test_settings_that_the_manifest_does_not_name_are_somebody_elses",),
    ),
    Guard(
        "$LATEST comes back as soon as a version is published",
        _PLAN,
        "        if deployment.stable and deployment.latest is None:\n",
        "        if False:\n",
        (
            "tests/scenarios/test_latest.py::test_callers_of_the_bare_name_keep_what_they_had_until_the_end",
            "tests/scenarios/test_latest.py::test_it_is_back_while_a_snapshot_is_still_being_made",
        ),
    ),
    Guard(
        "a controller that is late does not put new code over what has come back to $LATEST",
        _LATEST,
        "if found is None or found.revision != deployment.revision:",
        "if found is None:",
        (
            "tests/scenarios/test_latest.py::test_a_second_controller_between_any_two_calls_does_not_put_the_new_code_there_again",
        ),
    ),
    Guard(
        "the next deployment begins with what $LATEST lacks of the last one",
        _PLAN,
        "    elif deployment.behind is not None:\n",
        "    elif False:\n",
        ("tests/scenarios/test_latest.py::test_the_next_deployment_first_does_what_the_last_one_could_not",),
    ),
    Guard(
        "$LATEST is restored from bytes of the stable version only",
        _RESTORE_LATEST,
        "return location(artifact) if found == way.wanted.sha256 else None",
        "return location(artifact)",
        ("tests/adapters/test_restoring.py::TestRestore::test_an_object_with_other_bytes_is_not_used",),
    ),
    Guard(
        "what was downloaded to restore $LATEST is what it should be",
        _RESTORE_LATEST,
        'return {"ZipFile": code} if _sha256(code) == wanted.sha256 else None',
        'return {"ZipFile": code}',
        ("tests/adapters/test_restoring.py::TestRestore::test_bytes_with_another_hash_are_not_sent",),
    ),
    Guard(
        "a download that broke off is tried again",
        _CLIENTS,
        "if whole is not None and len(content) < min(int(whole), _LARGEST_DOWNLOAD):",
        "if False:",
        (
            "tests/adapters/test_wiring.py::TestFetch::test_a_connection_that_ends_before_the_last_byte_may_go_better_later",
        ),
    ),
    Guard(
        "pruning spares what aliases carry",
        _VERSIONS,
        '            used.add(text(alias, "FunctionVersion"))\n',
        "",
        ("tests/adapters/test_versions.py::TestPrune::test_what_an_alias_points_to_stays",),
    ),
    Guard(
        "pruning spares what aliases give a weight to",
        _VERSIONS,
        ('            used.update(section(section(alias, "RoutingConfig"), "AdditionalVersionWeights"))\n'),
        "",
        ("tests/adapters/test_versions.py::TestPrune::test_what_an_alias_points_to_stays",),
    ),
    Guard(
        "pruning spares what deployments go to and back to",
        _VERSIONS,
        "used = in_use | self._aliased(target.function) if candidates else in_use",
        "used = self._aliased(target.function) if candidates else in_use",
        ("tests/adapters/test_versions.py::TestPrune::test_what_a_deployment_uses_stays",),
    ),
    Guard(
        "pruning spares the newest versions",
        _VERSIONS,
        "candidates = ours[: max(len(ours) - keep, 0)]",
        "candidates = ours",
        ("tests/adapters/test_versions.py::TestPrune::test_nothing_old_means_no_further_call",),
    ),
    Guard(
        "pruning spares what Slipway did not publish for the target",
        _VERSIONS,
        ('            if text(version, "Description").startswith((f"slipway {target}#", f"slipway {target} "))\n'),
        "",
        ("tests/adapters/test_versions.py::TestPrune::test_versions_of_another_alias_stay",),
    ),
    Guard(
        "pruning spares what an open deployment of another alias is about",
        _PRUNE,
        "for each in (deployment, *others) for version",
        "for each in (deployment,) for version",
        (
            "tests/scenarios/test_two_targets.py::test_pruning_leaves_the_version_that_another_target_is_about_to_shift_to",
        ),
    ),
    Guard(
        "one version that cannot be deleted keeps no other from being deleted",
        _VERSIONS,
        "                refused[version] = str(refusal)\n",
        "                break\n",
        ("tests/scenarios/test_ways_back_kept.py::test_the_versions_behind_one_that_cannot_be_deleted_are_deleted",),
    ),
    Guard(
        "a failed version that Slipway did not make for the target is not deleted",
        _PUBLISHING,
        'is_earlier = described.startswith(f"slipway {deployment.target}#") and described != f"slipway {deployment}"',
        "is_earlier = True",
        ("tests/scenarios/test_ways_back_kept.py::test_a_failed_version_that_slipway_did_not_make_is_left",),
    ),
    Guard(
        "pruning sees an alias that is made in between",
        _VERSIONS,
        (
            "        ours = self._published_for(target)\n"
            "        candidates = ours[: max(len(ours) - keep, 0)]\n"
            "        # Aliases are read last, to see one made in between.\n"
            "        used = in_use | self._aliased(target.function) if candidates else in_use\n"
        ),
        (
            "        used = in_use | self._aliased(target.function)\n"
            "        ours = self._published_for(target)\n"
            "        candidates = ours[: max(len(ours) - keep, 0)]\n"
        ),
        ("tests/adapters/test_versions.py::TestPrune::test_nothing_old_means_no_further_call",),
    ),
    Guard(
        "a role that Slipway may not give is refused",
        _PREFLIGHT,
        "objections = [_role_not_allowed(facts, plan), _key_not_allowed(facts, plan)]",
        "objections = [_key_not_allowed(facts, plan)]",
        (
            "tests/unit/test_preflight.py::TestTheRole::test_must_be_allowed_for_a_new_function",
            "tests/unit/test_preflight.py::TestTheRole::test_that_is_not_allowed_is_said_before_how_it_could_be_deployed",
        ),
    ),
    Guard(
        "an allowed role is matched whole unless it ends in a star",
        _PREFLIGHT,
        'return role.startswith(pattern[:-1]) if pattern.endswith("*") else role == pattern',
        'return role.startswith(pattern.rstrip("*"))',
        ("tests/unit/test_preflight.py::TestTheRole::test_may_be_allowed_by_its_beginning",),
    ),
    Guard(
        "a named alarm that does not exist is refused",
        _PREFLIGHT,
        "_alarm_missing(plan), ",
        "",
        (
            "tests/unit/test_preflight.py::TestMissingAlarms::test_are_named",
            "tests/scenarios/test_deployments.py::test_a_manifest_that_names_a_missing_alarm_is_refused",
        ),
    ),
    Guard(
        "a hook outside the prefix is refused",
        _PREFLIGHT,
        "if not facts.prefix or not function.startswith(facts.prefix):",
        "if False:",
        (
            "tests/unit/test_preflight.py::TestHooks::test_outside_the_prefix_are_named_with_what_is_allowed",
            "tests/scenarios/test_hooks.py::test_a_function_outside_the_prefix_is_refused_by_name",
        ),
    ),
    Guard(
        "no hook may be called where no prefix is given",
        _PREFLIGHT,
        "if not facts.prefix or not function.startswith(facts.prefix):",
        "if not function.startswith(facts.prefix):",
        ("tests/unit/test_preflight.py::TestHooks::test_are_allowed_to_nobody_where_the_stack_gives_no_prefix",),
    ),
    Guard(
        "an alias that somebody else is shifting is refused",
        _PREFLIGHT,
        "    _alias_is_split,\n",
        "",
        ("tests/unit/test_preflight.py::TestTheAlias::test_split_by_somebody_else_is_refused",),
    ),
    Guard(
        "an alias on $LATEST is refused",
        _PREFLIGHT,
        "    _alias_on_latest,\n",
        "",
        ("tests/unit/test_preflight.py::TestTheAlias::test_on_latest_is_refused",),
    ),
    Guard(
        "two versions that cannot share an alias are refused: roles",
        _PREFLIGHT,
        '    _not_shared("Role"),\n',
        "",
        ("tests/unit/test_preflight.py::TestTheRole::test_cannot_change_step_by_step",),
    ),
    Guard(
        "a stable version that is not ready is no way back",
        _PREFLIGHT,
        "    _stable_is_not_ready,\n",
        "",
        ("tests/unit/test_preflight.py::TestTheAlias::test_on_a_version_that_is_not_ready_is_refused",),
    ),
    Guard(
        "an alias with provisioned concurrency is not shifted",
        _PREFLIGHT,
        "    _provisioned_concurrency,\n",
        "",
        ("tests/unit/test_preflight.py::TestProvisionedConcurrency::test_refuses_steps",),
    ),
    Guard(
        "a function whose tags may not be read is not taken for one to onboard",
        _FUNCTION_FACTS,
        "    _require_tags(answer, target)\n",
        "",
        ("tests/adapters/test_survey.py::TestFacts::test_tags_that_may_not_be_read_are_refused",),
    ),
    Guard(
        "a function that Slipway made is not onboarded untested",
        _PREFLIGHT,
        "adopts=not facts.made_by_slipway",
        "adopts=True",
        ("tests/unit/test_preflight.py::test_one_that_slipway_made_is_not",),
    ),
    Guard(
        "a test is invoked once",
        _CLIENTS,
        '_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}',
        '_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 3}',
        ("tests/adapters/test_wiring.py::test_a_test_is_one_invocation_that_may_take_a_minute",),
    ),
    Guard(
        "other bytes than their uploader stated are refused",
        _BEFORE_TRAFFIC,
        "refused = event.refused or event.quarantined",
        "refused = event.quarantined",
        ("tests/cloud/test_integrity.py::test_other_bytes_than_stated_never_come_near_the_function",),
    ),
    Guard(
        "bytes whose hash is known only after the update are looked at before they are published",
        _PUBLISHING,
        ("        if refused:\n            raise Refused(refused)\n"),
        "",
        (
            "tests/cloud/test_integrity.py::test_a_function_made_of_other_bytes_than_stated_gets_no_version_and_no_alias",
            "tests/cloud/test_integrity.py::test_a_function_that_is_created_of_another_zip_than_was_signed_gets_no_version_and_is_never_invoked",
        ),
    ),
    Guard(
        "what has to be signed and is not is refused: neither of two guards lets it through",
        _UPLOADS,
        (
            "        if self._context.settings.signing_key and artifact.signature is None:\n"
            "            return self._refused(function, artifact, unsigned(artifact))\n"
        ),
        "",
        ("tests/cloud/test_integrity.py::test_what_is_not_signed_is_refused_before_lambda_is_asked",),
        besides=(Change(_SIGNATURES, "            return unsigned(artifact)\n", "            return None\n"),),
    ),
    Guard(
        "a signature that does not fit is refused",
        _SIGNATURES,
        "                return wrongly_signed(artifact, sha256)\n",
        "                return None\n",
        ("tests/cloud/test_integrity.py::test_a_signature_that_does_not_fit_is_refused_with_nothing_changed",),
    ),
    Guard(
        "bytes that serve again under other settings are not quarantined",
        _PERFORM,
        "if stable and self._aws.publishing.sha256(function, stable) == sha256:",
        "if not function:",
        ("tests/cloud/test_arriving.py::test_the_same_bytes_may_be_dropped_with_better_settings",),
    ),
)
