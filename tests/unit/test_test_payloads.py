"""Payloads that are files of the zip: which are named, how they become part of the manifest, and what is never said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.core.artifact.test_payloads import named_files, with_payloads
from controller.core.manifest.building import ManifestProblem, build
from controller.core.manifest.parsing import parse, without_secrets
from controller.core.manifest.settings import Manifest

SECRET = "hunter2"
CALLED = "payload_file 'no.json' of test 'refuses'"


def manifest(*tests: dict[str, Any]) -> Manifest:
    return parse(("the zip", json.dumps({"alias": "green", "tests": list(tests)})))


FROM_FILE = {"name": "refuses", "payload_file": "no.json", "error": "ValueError", "times": 3}


def refused(*texts: str) -> str:
    tests = ({**FROM_FILE, "name": f"{number}", "payload_file": f"{number}.json"} for number in range(len(texts)))
    with pytest.raises(ManifestProblem) as caught:
        with_payloads(manifest(*tests), {f"{number}.json": text for number, text in enumerate(texts)})
    return str(caught.value)


def test_the_files_are_those_that_tests_name_with_what_to_call_them() -> None:
    again = {**FROM_FILE, "name": "once more"}
    other = {"name": "b", "payload_file": "b.json"}
    assert named_files(manifest({"name": "inline", "payload": 1}, FROM_FILE, again, other)) == {
        "no.json": CALLED,
        "b.json": "payload_file 'b.json' of test 'b'",
    }


def test_a_manifest_without_payload_files_names_none() -> None:
    assert named_files(manifest({"name": "inline", "payload": 1})) == named_files(parse()) == {}


def test_a_long_name_is_told_in_short() -> None:
    (called,) = named_files(manifest({**FROM_FILE, "payload_file": "n" * 1024})).values()
    assert len(called) < 200


def test_the_payload_is_inline_and_the_file_is_gone() -> None:
    inline = {"name": "inline", "payload": [1]}
    whole = with_payloads(manifest(inline, FROM_FILE), {"no.json": '{"lines": [0.5, null]}'})
    assert [test.payload for test in whole.tests] == [[1], {"lines": [0.5, None]}]
    assert [test.payload_file for test in whole.tests] == ["", ""]
    assert whole.document == {
        "alias": "green",
        "tests": [inline, {"name": "refuses", "error": "ValueError", "times": 3, "payload": {"lines": [0.5, None]}}],
    }


def test_the_rest_of_the_manifest_stays() -> None:
    before = manifest({**FROM_FILE, "warm_up": 2, "within": "7s"})
    after = with_payloads(before, {"no.json": "null"})
    assert (after.alias, after.tests[0].times, after.tests[0].warm_up, after.tests[0].within) == (
        "green", 3, 2, before.tests[0].within,
    )  # fmt: skip


def test_what_is_stored_needs_no_file_to_be_built_again() -> None:
    whole = with_payloads(manifest(FROM_FILE), {"no.json": "[7]"})
    again = build(json.loads(json.dumps(whole.document)))
    assert again == whole
    assert named_files(again) == {}


def test_tests_may_share_a_file() -> None:
    whole = with_payloads(manifest(FROM_FILE, {**FROM_FILE, "name": "b"}), {"no.json": "[7]"})
    assert [test.payload for test in whole.tests] == [[7], [7]]


def test_the_payload_of_a_file_is_forgotten_at_the_end_as_any_other() -> None:
    whole = with_payloads(manifest(FROM_FILE), {"no.json": json.dumps(SECRET)})
    assert SECRET in json.dumps(whole.document)
    assert SECRET not in json.dumps(without_secrets(whole).document)


@pytest.mark.parametrize(
    "text", ["", "{", f"{SECRET}", f'{{"a": "{SECRET}" oops', f'["{SECRET}", NaN]', f'["{SECRET}\\ud8ab"]', "'a'"]
)
def test_a_file_that_is_not_json_is_refused_by_name_and_not_quoted(text: str) -> None:
    with pytest.raises(ManifestProblem) as caught:
        with_payloads(manifest(FROM_FILE), {"no.json": text})
    told = str(caught.value)
    assert told.startswith(f"{CALLED} is not JSON: ")
    assert SECRET not in told and "d8ab" not in told


def test_files_behind_the_first_that_does_not_fit_are_not_read() -> None:
    """Twenty of 256 KB took 130 MB when all were read before they were measured."""
    text = refused('"x"', json.dumps("x" * 300_000), "this is not JSON")
    assert text.startswith("slipway.json: found 300") and "as it is stored, allowed: 262144" in text


def test_together_they_fit_into_a_record() -> None:
    text = refused(json.dumps(SECRET + "x" * 100_000), json.dumps(SECRET + "x" * 165_000), '"x"')
    assert text.startswith("slipway.json: found 26")
    assert text.endswith("as it is stored, allowed: 262144; the longest payload is payload_file '1.json' of test '1'")
    assert SECRET not in text


def test_characters_that_are_stored_longer_than_they_are_count_as_long_as_they_are_stored() -> None:
    assert "as it is stored, allowed: 262144" in refused(json.dumps("\N{SNOWMAN}" * 50_000, ensure_ascii=False))


@pytest.mark.parametrize("depth", [*range(900, 1000, 3), 100_000])
def test_however_deep_a_file_is_it_is_taken_with_room_to_spare_or_refused_by_name(depth: int) -> None:
    told = ""
    try:
        whole = with_payloads(manifest(FROM_FILE), {"no.json": "[" * depth + "]" * depth})
        stored_deeper(whole.document, 30)
    except ManifestProblem as problem:
        told = str(problem)
    assert not told or CALLED in told


def stored_deeper(document: object, calls: int) -> None:
    """A record is written and read again from within more calls than it was checked in."""
    if calls:
        stored_deeper(document, calls - 1)
    else:
        assert json.loads(json.dumps(document)) == document
