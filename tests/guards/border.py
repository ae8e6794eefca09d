"""Guards of the border: what comes in is hostile, what goes out is told to everybody."""

from __future__ import annotations

from tests.guards.guard import Change, Guard

_ANSWERS = "controller/core/gates/hooks/answers.py"
_STRICT_JSON = "controller/core/manifest/strict_json.py"
_TEST_PAYLOADS = "controller/core/artifact/test_payloads.py"
_SCHEMA_ERRORS = "controller/core/manifest/schema_errors.py"
_TEAM_RULES = "controller/core/manifest/team_rules.py"
_ARTIFACTS = "controller/aws/s3/artifacts.py"
_CONFIGURATION = "controller/aws/lambda_/configuration.py"
_ERRORS = "controller/aws/errors.py"
_VERSIONS = "controller/aws/lambda_/versions.py"
_ADMISSION = "controller/core/lifecycle/admission.py"
_ARCHIVE = "controller/core/artifact/zip/archive.py"
_CONTENTS = "controller/core/artifact/zip/contents.py"
_DIRECTORY = "controller/core/artifact/zip/directory.py"
_ENTRIES = "controller/core/artifact/zip/entries.py"
_FILE_MODES = "controller/core/artifact/zip/file_modes.py"
_HOOK_RUN = "controller/core/model/hook_run.py"
_OBJECT_KEYS = "controller/core/artifact/object_keys.py"
_SYMBOLIC_LINKS = "controller/core/artifact/zip/symbolic_links.py"
_PARSING = "controller/core/manifest/parsing.py"
_CHECKS = "controller/core/manifest/checks.py"
_MISPLACED_MANIFEST = "controller/core/artifact/misplaced_manifest.py"
_EDITS = "controller/core/lifecycle/transitions/edits.py"
_VERDICT = "controller/core/artifact/verdict.py"
_TEST_RESULTS = "controller/core/lifecycle/test_results.py"
_DISPATCH = "controller/dispatch.py"
_PARSE = "controller/inbound/parse.py"
_REQUESTS = "controller/requests/answers.py"
_PYTHON = "controller/core/artifact/handlers/python.py"
_NODEJS = "controller/core/artifact/handlers/nodejs.py"
_STARTUP = "controller/core/artifact/handlers/startup.py"

GUARDS = (
    Guard(
        "a module that a layer or PYTHONPATH may hold stops nothing",
        _PYTHON,
        "    if startup.has_layers or startup.sets(*_PATHS):\n",
        "    if False:\n",
        ("tests/scenarios/test_handlers.py::test_a_zip_whose_handler_is_there_or_may_be_elsewhere_is_deployed",),
    ),
    Guard(
        "a handler that is a folder is refused where its Node loads no folders",
        _NODEJS,
        "    load = _required if requires else _imported\n",
        "    load = _required\n",
        ("tests/scenarios/test_handlers.py::test_a_zip_without_the_handler_of_the_function_changes_nothing",),
    ),
    Guard(
        "environment variables that AWS does not show may be any",
        _STARTUP,
        "return self.variables is None or any(",
        "return self.variables is not None and any(",
        ("tests/unit/test_handlers.py::test_variables_that_aws_does_not_show_may_be_any",),
    ),
    Guard(
        "a zip that unzips to more than Lambda takes is refused",
        _ARCHIVE,
        "    if unzipped > MOST_UNZIPPED:\n",
        "    if False:\n",
        ("tests/unit/test_archive.py::test_lambdas_limit_of_the_unzipped_size_is_held",),
    ),
    Guard(
        "a zip of too many files is refused",
        _DIRECTORY,
        "if place.entries > MOST_ENTRIES or place.length > LONGEST_DIRECTORY:",
        "if place.length > LONGEST_DIRECTORY:",
        ("tests/unit/test_archive.py::test_more_entries_than_the_bound_are_refused_before_they_are_read",),
    ),
    Guard(
        "a zip with too long a directory is refused",
        _DIRECTORY,
        "if place.entries > MOST_ENTRIES or place.length > LONGEST_DIRECTORY:",
        "if place.entries > MOST_ENTRIES:",
        ("tests/unit/test_archive.py::test_a_longer_directory_than_the_bound_is_refused_before_it_is_read",),
    ),
    Guard(
        "a name that leaves the function's folder is refused",
        _ENTRIES,
        " and _LEAVES_THE_FOLDER.search(name):\n",
        " and not name:\n",
        ("tests/unit/test_archive.py::test_a_name_that_leaves_the_folder_is_refused",),
    ),
    Guard(
        "a symbolic link that leaves the function's folder is refused",
        _SYMBOLIC_LINKS,
        "        if place is not None and not _is_in(place, _TASK) and not _is_in(place, _OPT):\n",
        "        if False:\n",
        ("tests/unit/test_links.py::test_a_link_that_leaves_the_folder_is_refused_by_name",),
    ),
    Guard(
        '".." behind a link is of the folder that the link leads to',
        _SYMBOLIC_LINKS,
        "            at = place\n",
        '            at = f"{at}/{part}"\n',
        ("tests/unit/test_links.py::test_a_link_that_leaves_the_folder_only_by_way_of_another_is_refused",),
    ),
    Guard(
        "a handler's file that Lambda may not read is refused",
        _FILE_MODES,
        "        if modes[name] and modes[name] & needed[name] != needed[name]:\n",
        "        if name.endswith('/') and modes[name] and modes[name] & needed[name] != needed[name]:\n",
        (
            "tests/unit/test_file_modes.py::test_a_file_that_others_may_not_read_is_refused_with_what_to_type",
            "tests/scenarios/test_zips_of_tools.py::test_what_lambda_could_not_start_is_refused_in_words_that_help",
        ),
    ),
    Guard(
        "a folder on its way that Lambda may not enter is refused",
        _FILE_MODES,
        "    needed |= {folder: to_enter for name in list(needed) for folder in _folders_of(name)}\n",
        "",
        ("tests/unit/test_file_modes.py::test_each_folder_on_the_way_has_to_let_others_in",),
    ),
    Guard(
        "a checksum that cannot be so is refused",
        _ENTRIES,
        '        if (crc == 0) != (size == 0) and not name.endswith("/"):\n',
        "        if False:\n",
        ("tests/unit/test_archive.py::test_a_checksum_that_cannot_be_so_is_refused_by_name",),
    ),
    Guard(
        "what follows a zip's end is padding and nothing else",
        _DIRECTORY,
        "    if behind.strip(_PADDING) or longest > _MOST_BEHIND:\n",
        "    if False:\n",
        ("tests/unit/test_archive.py::test_other_bytes_behind_the_end_are_refused_with_how_to_cut_them_off",),
    ),
    Guard(
        "the end of a zip inside of a truncated one is not its own",
        _DIRECTORY,
        "    if place.offset + place.length != ends_at:\n        raise EndMissing",
        "    if False:\n        raise EndMissing",
        ("tests/unit/test_archive.py::test_the_end_of_a_zip_inside_of_a_truncated_one_is_not_its_own",),
    ),
    Guard(
        "links are followed so far and no further",
        _SYMBOLIC_LINKS,
        "            if steps == _MOST_STEPS:\n",
        "            if steps == 400:\n",
        ("tests/unit/test_links.py::test_links_are_followed_over_as_many_others_as_linux_does",),
    ),
    Guard(
        "no file is written through a link",
        _SYMBOLIC_LINKS,
        "    _check_nothing_behind(names, archive.names)\n",
        "",
        ("tests/unit/test_links.py::test_a_file_that_would_be_written_through_a_link_is_refused",),
    ),
    Guard(
        "only so much of a zip is read for its links",
        _SYMBOLIC_LINKS,
        "        if read.length <= left and targets <= left_of_targets:\n",
        "        if read.links:\n",
        ("tests/unit/test_links.py::test_no_more_is_read_for_links_than_the_bounds_say",),
    ),
    Guard(
        "nor in more reads than a few",
        _SYMBOLIC_LINKS,
        "    for read in together[:MOST_READS]:\n",
        "    for read in together:\n",
        ("tests/unit/test_links.py::test_no_more_is_read_for_links_than_the_bounds_say",),
    ),
    Guard(
        "an encrypted file is refused",
        _ENTRIES,
        "    if flags & _ENCRYPTED:\n",
        "    if False:\n",
        ("tests/unit/test_archive.py::test_an_encrypted_entry_is_refused",),
    ),
    Guard(
        "files that overlap are refused",
        _ARCHIVE,
        "    _check_overlap(names, starts, ends, order)\n",
        "",
        ("tests/unit/test_archive.py::test_overlapping_entries_are_refused_by_name",),
    ),
    Guard(
        "a file that reaches into the directory is refused",
        _ENTRIES,
        "        if offset + _LOCAL_HEADER + name_length + packed > place.offset:\n",
        "        if False:\n",
        ("tests/unit/test_archive.py::test_an_entry_that_reaches_into_the_directory_is_refused",),
    ),
    Guard(
        "no more entries are read than the bound, whatever the directory is said to list",
        _ENTRIES,
        "        if number > MOST_ENTRIES:\n",
        "        if False:\n",
        ("tests/unit/test_archive.py::test_a_count_of_16_bits_lets_no_more_entries_be_read_than_the_bound",),
    ),
    Guard(
        "a directory that lists other than it says is refused",
        _ENTRIES,
        "    if not place.is_said_to_list(number):\n",
        "    if False:\n",
        ("tests/unit/test_archive.py::test_a_wrong_count_of_entries_is_refused",),
    ),
    Guard(
        "a directory that does not end where its end record is is refused",
        _DIRECTORY,
        "    if said != ends_at:\n",
        "    if False:\n",
        ("tests/unit/test_archive.py::test_bytes_added_or_lost_before_the_directory_are_refused",),
    ),
    Guard(
        "two end records that disagree are refused",
        _DIRECTORY,
        "    if differ:\n        raise damaged",
        "    if not found:\n        raise damaged",
        ("tests/unit/test_archive.py::test_two_end_records_that_disagree_are_refused",),
    ),
    Guard(
        "a bomb is unpacked only so far",
        _CONTENTS,
        ".decompress(packed, entry.size + 1)",
        ".decompress(packed)",
        ("tests/unit/test_archive.py::test_a_bomb_that_says_it_is_short_is_not_inflated",),
    ),
    Guard(
        "a manifest that is too long is not read",
        _CONTENTS,
        "    if entry.size > LONGEST_FILE or entry.packed > LONGEST_FILE + _DEFLATE_OVERHEAD:\n",
        "    if False:\n",
        ("tests/unit/test_archive.py::test_a_manifest_that_says_it_is_too_long_is_refused",),
    ),
    Guard(
        "two manifests in one zip are refused",
        _ARCHIVE,
        "            if manifest is not None:\n",
        "            if False:\n",
        ("tests/unit/test_archive.py::test_a_second_manifest_is_refused",),
    ),
    Guard(
        "a manifest in the bucket that is too long is not read",
        _ARTIFACTS,
        "        if len(content) > LONGEST_FILE:\n",
        "        if False:\n",
        ("tests/adapters/test_artifacts.py::test_a_manifest_in_the_bucket_that_cannot_be_read_is_a_bad_manifest",),
    ),
    Guard(
        "a manifest that no record can hold is refused",
        _PARSING,
        "    if length > _LONGEST_WRITTEN:\n",
        "    if False:\n",
        ("tests/scenarios/test_uploads.py::test_a_manifest_that_no_record_could_hold_is_refused",),
    ),
    Guard(
        "a manifest is checked against its schema",
        _PARSING,
        ('    if problems:\n        raise ManifestProblem(f"{name}: '),
        ('    if False:\n        raise ManifestProblem(f"{name}: '),
        ("tests/unit/test_manifest_refusals.py::test_an_unknown_section_is_named_beside_the_known_ones",),
    ),
    Guard(
        "the holds fit into the deadline",
        _CHECKS,
        "    if manifest.strategy.holds >= manifest.deadline:\n",
        "    if False:\n",
        ("tests/unit/test_manifest_refusals.py::test_a_deadline_leaves_time_for_the_holds_and_the_bake",),
    ),
    Guard(
        "the tests fit into one invocation of the controller",
        _CHECKS,
        "    if manifest.longest_tests > LONGEST_TESTS:\n",
        "    if False:\n",
        ("tests/unit/test_manifest_refusals.py::test_all_tests_together_fit_into_one_invocation",),
    ),
    Guard(
        "a key that another reader would take for another is refused",
        _OBJECT_KEYS,
        '        (odd, f"it has the character {odd and odd.group()!a}{_for_a_slash(odd)}"),\n',
        "",
        ("tests/unit/test_keys.py::test_any_other_key_is_refused_with_its_reason",),
    ),
    Guard(
        "a key with an empty part, . or .. is refused",
        _OBJECT_KEYS,
        ('        (not {"", ".", ".."}.isdisjoint(key.split("/")), "it has an empty, . or .. part"),\n'),
        "",
        ("tests/unit/test_keys.py::test_any_other_key_is_refused_with_its_reason",),
    ),
    Guard(
        "an alarm that is not firing is no reason for anything",
        _PARSE,
        'if state != "ALARM":',
        "if False:",
        ("tests/unit/test_events.py::test_an_alarm_that_does_not_fire_is_ignored",),
    ),
    Guard(
        "an alarm over several targets is about none of them",
        _PARSE,
        ("    if len(targets) != 1:\n        return None, None\n"),
        "",
        ("tests/unit/test_events.py::test_an_alarm_on_two_aliases_names_neither",),
    ),
    Guard(
        "a handler that is not in the zip is refused",
        _VERDICT,
        "return ArtifactRefused(Reason(Cause.BAD_ARTIFACT, lacking), manifest) if lacking else Accepted(",
        "return Accepted(",
        ("tests/scenarios/test_deployments.py::test_a_zip_without_its_handler_is_refused_by_name",),
    ),
    Guard(
        "what is denied is refused and not tried again for ever",
        _ERRORS,
        ('        "AccessDenied.*|AuthorizationError(Exception)?|403",\n        Refused,'),
        ('        "AccessDenied.*|AuthorizationError(Exception)?|403",\n        Transient,'),
        ("tests/adapters/test_errors.py::test_what_cannot_go_better_is_refused_for_the_given_cause",),
    ),
    Guard(
        "what IAM denied of a function is told with the parameter that would allow it",
        _ERRORS,
        '_COVER_THE_FUNCTION, "perform: lambda:(?!GetAccountSettings)"',
        '_COVER_THE_FUNCTION, "perform: nothing"',
        (
            "tests/adapters/test_errors.py::test_what_is_denied_is_told_with_what_would_allow_it",
            "tests/cloud/test_denied.py::test_that_it_failed_is_told_and_no_event_is_tried_again",
        ),
    ),
    Guard(
        "a failure of AWS is tried again whatever its code",
        _ERRORS,
        "    if isinstance(status, int) and status >= _SERVERS_FAULT:\n        return _UNKNOWN\n",
        "",
        ("tests/adapters/test_errors.py::test_what_may_pass_is_transient",),
    ),
    Guard(
        "an error that nobody knows is tried again",
        _ERRORS,
        '_UNKNOWN = Rule("", Transient)',
        '_UNKNOWN = Rule("", Refused)',
        ("tests/adapters/test_errors.py::test_what_may_pass_is_transient",),
    ),
    Guard(
        "a role made seconds ago is waited for",
        _ERRORS,
        (
            '    Rule("InvalidParameterValueException", Transient, _LET_LAMBDA_ASSUME_IT,'
            ' "cannot be assumed by Lambda"),\n'
        ),
        "",
        ("tests/adapters/test_publishing.py::TestPublishOfANewFunction::test_a_role_that_is_too_new_is_transient",),
    ),
    Guard(
        "a value that AWS quotes is told to nobody",
        _ERRORS,
        '_QUOTED_VALUE.sub("...", said)',
        "said",
        ("tests/scenarios/test_secrets.py::test_what_aws_says_of_an_environment_variable_is_told_without_it",),
    ),
    Guard(
        "an error that quotes a value is no cause in the log",
        _ERRORS,
        "return None if _QUOTED_VALUE.search(str(error)) else error",
        "return error",
        ("tests/scenarios/test_secrets.py::test_what_aws_says_of_an_environment_variable_is_told_without_it",),
    ),
    Guard(
        "a function's answer is told to nobody",
        _TEST_RESULTS,
        "first_problem(answer.response, test.response, quote=False)",
        "first_problem(answer.response, test.response)",
        ("tests/unit/test_verify.py::test_what_is_said_never_quotes_the_answer",),
    ),
    Guard(
        "of a function's error only the name of a class is told",
        _VERSIONS,
        "return response, named if _ERROR_TYPE.fullmatch(named) else UNNAMED",
        "return response, named",
        ("tests/scenarios/test_secrets.py::test_an_error_is_told_by_the_name_of_its_class_only",),
    ),
    Guard(
        "a hook's answer is told to nobody where it is none",
        _ANSWERS,
        "first_problem(response, _SHAPE, quote=False)",
        "first_problem(response, _SHAPE)",
        ("tests/unit/test_hook_run.py::test_what_is_not_of_the_shape_is_no_answer_and_says_what_is_allowed",),
    ),
    Guard(
        "a manifest's payloads and environment are not quoted",
        _PARSING,
        "all_problems(document, schema(), secrets=SECRETS)",
        "all_problems(document, schema())",
        (
            "tests/unit/test_manifest_refusals.py::test_an_environment_variable_is_never_quoted",
            "tests/scenarios/test_secrets.py::test_a_manifests_payload_is_not_quoted",
        ),
    ),
    Guard(
        "a record keeps no secret once the deployment has ended",
        _EDITS,
        ("manifest = without_secrets(deployment.manifest) if phase.is_terminal else deployment.manifest"),
        "manifest = deployment.manifest",
        ("tests/scenarios/test_secrets.py::test_a_record_keeps_no_secret_once_the_deployment_has_ended",),
    ),
    Guard(
        "nor does that of an upload that was refused",
        _ADMISSION,
        "        manifest=without_secrets(deployment.manifest),\n",
        "",
        ("tests/scenarios/test_secrets.py::test_a_record_keeps_no_secret_once_the_deployment_has_ended",),
    ),
    Guard(
        "a hook's state is not kept once nobody waits for it",
        _HOOK_RUN,
        "return replace(self, call_at=None, calling=False, state=None)",
        "return replace(self, call_at=None, calling=False)",
        ("tests/unit/test_hook_run.py::test_what_nobody_waits_for_any_more_is_never_called_and_keeps_no_state",),
    ),
    Guard(
        "a byte of a payload that is no UTF-8 is not quoted",
        _CONTENTS,
        ("raise BadArchive(text, Cause.BAD_MANIFEST) from None  # the original message quotes the byte"),
        "raise BadArchive(text, Cause.BAD_MANIFEST) from problem",
        ("tests/unit/test_archive.py::test_a_byte_that_is_no_text_is_quoted_nowhere",),
    ),
    Guard(
        "a reason is one line of what can be read",
        _ANSWERS,
        '"".join(letter for letter in " ".join(text.split()) if letter.isprintable())',
        "text",
        ("tests/unit/test_hook_run.py::test_a_reason_is_one_line_without_what_cannot_be_seen",),
    ),
    Guard(
        "environment variables are not shown where a function is",
        _CONFIGURATION,
        ("settings: Mapping[str, object] = field(repr=False)  # environment variables may be secrets"),
        "settings: Mapping[str, object]",
        ("tests/adapters/test_survey.py::TestFacts::test_nor_with_a_configuration",),
        besides=(
            Change(_CONFIGURATION, "from dataclasses import dataclass, field\n", "from dataclasses import dataclass\n"),
        ),
    ),
    Guard(
        "a request is checked against its schema",
        _REQUESTS,
        ("            if wrong:\n                raise Unmet(wrong)\n"),
        "",
        ("tests/scenarios/test_deployments.py::test_a_request_nobody_knows_says_what_there_is",),
    ),
    Guard(
        "weights that are written as Lambda's fractions are refused",
        _CHECKS,
        "    if numbers and len(numbers) == len(weights):\n",
        "    if not weights and numbers:\n",
        ("tests/unit/test_manifest_refusals.py::test_weights_as_lambda_has_them_are_asked_after",),
    ),
    Guard(
        "what is hidden is not compared with what was meant, either",
        _SCHEMA_ERRORS,
        "shows = quote and (not hidden or ",
        "shows = quote or (not hidden or ",
        ("tests/unit/test_problems.py::test_of_a_secret_nobody_is_asked_what_was_meant",),
    ),
    Guard(
        "a manifest that is nearly there is not passed over",
        _VERDICT,
        "    if misplaced:\n",
        "    if False:\n",
        ("tests/scenarios/test_manifests.py::test_a_zip_with_a_manifest_that_is_nearly_there_changes_nothing",),
    ),
    Guard(
        "a dependency's file is nobody's manifest",
        _MISPLACED_MANIFEST,
        "        if not any(_is_anothers(each, distributions) for each in folders):\n",
        "        if folders is not None:\n",
        ("tests/unit/test_near_manifest.py::test_a_file_that_is_nobodys_manifest_is_left_alone",),
    ),
    Guard(
        "the owner's rules for manifests are held",
        _VERDICT,
        "    sources.rules.check(in_zip, in_bucket, said)\n",
        "",
        ("tests/scenarios/test_uploads.py::test_a_manifest_that_the_owners_rules_forbid_is_recorded_as_refused",),
    ),
    Guard(
        "a manifest in the zip is refused where only the bucket's counts",
        _TEAM_RULES,
        "if in_zip[1] is not None and not self.zip_may_say:",
        "if not in_zip:",
        ("tests/unit/test_manifest_rules.py::test_a_manifest_in_the_zip_is_refused_where_only_the_buckets_counts",),
    ),
    Guard(
        "rules that cannot be read let nothing through",
        _TEAM_RULES,
        ('        if wrong:\n            raise ManifestProblem(f"{_RULES} is not'),
        ('        if not schema:\n            raise ManifestProblem(f"{_RULES} is not'),
        ("tests/unit/test_manifest_rules.py::test_rules_that_cannot_be_read_let_nothing_through",),
    ),
    Guard(
        "a manifest of more values than can be checked in time is refused",
        _PARSING,
        "    if strict_json.holds_more(_beside_payloads(document), _MOST_VALUES):\n",
        "    if strict_json.holds_more(_beside_payloads(document), 10_000_000):\n",
        (
            "tests/unit/test_manifest_refusals.py::test_more_values_than_can_be_checked_in_a_second_are_refused_before_that",
        ),
    ),
    Guard(
        "of a great many problems only some are looked at",
        _SCHEMA_ERRORS,
        "islice(validator.iter_errors(value), _MOST_PROBLEMS)",
        "validator.iter_errors(value)",
        ("tests/unit/test_problems.py::test_of_a_great_many_problems_only_some_are_looked_at",),
    ),
    Guard(
        "payloads behind the first that does not fit are not read",
        _TEST_PAYLOADS,
        "        payloads[name] = read_json(called[name], text)\n",
        ("        payloads = {each: read_json(called[each], all_of_it) for each, all_of_it in texts.items()}\n"),
        ("tests/unit/test_payloads.py::test_those_behind_the_first_that_does_not_fit_are_not_read",),
    ),
    Guard(
        "extra fields are looked through so far and no further",
        _ENTRIES,
        "    for _ in range(_MOST_FIELDS):\n",
        "    for _ in range(100_000):\n",
        ("tests/unit/test_archive.py::test_zip64_sizes_are_looked_for_behind_a_bounded_number_of_other_fields",),
    ),
    Guard(
        "a file whose name has another length in its header is refused",
        _CONTENTS,
        "    if name_length != len(entry.name) or",
        "    if",
        ("tests/unit/test_archive.py::test_a_manifest_whose_name_has_another_length_in_its_header_is_refused",),
    ),
    Guard(
        "one part of several is refused, whichever record says so",
        _DIRECTORY,
        "    if any(parts) or here != entries:\n",
        "    if not parts:\n",
        (
            "tests/unit/test_archive.py::test_one_part_of_several_is_refused_also_where_only_one_of_its_end_records_says_so",
        ),
    ),
    Guard(
        "an upload that names no function is told under no other function",
        _OBJECT_KEYS,
        "    return function if slash and FUNCTION_NAME.fullmatch(function) else None\n",
        '    return re.sub("[^A-Za-z0-9_-]", "_", function)[:64] or "unnamed"\n',
        ("tests/scenarios/test_dropped.py::test_the_function_whose_name_is_near_hears_nothing_of_it",),
    ),
    Guard(
        "an archive of another kind is not passed over in silence",
        _PARSE,
        "    if not object_keys.is_dropped(key) and not misplaced:\n",
        "    if not object_keys.is_deployed(key) and not misplaced:\n",
        ("tests/scenarios/test_dropped.py::test_what_names_a_function_is_that_functions_and_nobody_elses",),
    ),
    Guard(
        "uploads that are refused take no more than one row",
        "controller/core/artifact/refused_uploads.py",
        "(upload, *self.uploads)[:MOST]",
        "(upload, *self.uploads)",
        ("tests/unit/test_refused_uploads.py::test_only_so_many_are_kept",),
    ),
    Guard(
        "an upload that another controller has refused meanwhile is not lost",
        "controller/aws/dynamodb/store.py",
        "self._put(refused_row(refused), absent=refused.revision == 0, revision=refused.revision or None)",
        "self._put(refused_row(refused))",
        ("tests/adapters/test_store.py::TestRefusedUploads::test_saving_over_what_somebody_else_saved_is_a_conflict",),
    ),
    Guard(
        "an upload that was refused is told once, however often its event comes",
        "controller/inbound/refused_uploads.py",
        "        if known.knows(upload):\n            return Ignored",
        "        if False:\n            return Ignored",
        ("tests/scenarios/test_dropped.py::test_an_upload_whose_event_comes_twice_is_told_once",),
    ),
    Guard(
        "an upload to what is no bucket is ignored",
        _PARSE,
        "    if not _BUCKET.fullmatch(bucket):\n",
        "    if not bucket:\n",
        ("tests/unit/test_events.py::test_what_is_uploaded_to_no_bucket_is_ignored",),
    ),
    Guard(
        "an upload of what is no version is ignored",
        _PARSE,
        "    if len(version_id) > object_keys.LONGEST_VERSION or not version_id.isprintable():\n",
        "    if not key:\n",
        ("tests/unit/test_events.py::test_an_upload_of_what_is_no_version_is_ignored",),
    ),
    Guard(
        "a key of JSON that stands twice is refused",
        _STRICT_JSON,
        "object_pairs_hook=partial(_with_each_key_once, words)",
        "object_pairs_hook=dict",
        (
            "tests/unit/test_manifest_refusals.py::test_a_key_that_stands_twice_is_refused_and_named_if_it_is_one_of_a_manifest",
        ),
    ),
    Guard(
        "a tick that came late asks nobody for anything",
        _DISPATCH,
        "if event.is_old(self._context.clock()) and not self._breaks_on_ticks:",
        "if False:",
        ("tests/unit/test_dispatch_tick.py::test_a_tick_that_came_late_asks_nobody_for_anything[ago0]",),
    ),
    Guard(
        "a tick that failed because AWS is away is no dead letter",
        _DISPATCH,
        "self._breaks_on_ticks = not isinstance(problem.__cause__ or problem, Transient | Refused)",
        "self._breaks_on_ticks = bool(problem)",
        (
            "tests/unit/test_dispatch_tick.py::test_a_tick_that_failed_because_of_aws_is_tried_once_more_and_is_no_dead_letter[problem0]",
        ),
    ),
    Guard(
        "a controller that breaks on ticks fails at every attempt, and so is brought back",
        _DISPATCH,
        "self._breaks_on_ticks = not isinstance(problem.__cause__ or problem, Transient | Refused)",
        "self._breaks_on_ticks = not problem",
        (
            "tests/unit/test_dispatch_tick.py::test_a_controller_that_breaks_on_ticks_fails_at_every_attempt[store.load]",
        ),
    ),
    Guard(
        "so does one that breaks before it has read what is due",
        _DISPATCH,
        "self._breaks_on_ticks = True",
        "self._breaks_on_ticks = False",
        ("tests/unit/test_dispatch_tick.py::test_a_controller_that_breaks_on_ticks_fails_at_every_attempt[store.due]",),
    ),
    Guard(
        "a key that the stack does not name is refused before anything is changed",
        "controller/core/lifecycle/preflight.py",
        "_key_not_allowed(facts, plan)]",
        "None]",
        ("tests/unit/test_preflight.py::TestAKeyOfTheEnvironment::test_is_told_with_what_to_do",),
    ),
)
