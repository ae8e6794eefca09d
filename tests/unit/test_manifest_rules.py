"""What a team may decide in its manifests, and what the stack's owner keeps."""

from __future__ import annotations

import json

import pytest

from controller.core.manifest.building import ManifestProblem
from controller.core.manifest.parsing import merged
from controller.core.manifest.team_rules import ManifestRules

NO_STRATEGY = json.dumps({"properties": {"alias": True, "tests": True}, "additionalProperties": False})


def check(rules: ManifestRules, *, in_zip: object = None, in_bucket: object = None) -> None:
    texts = [None if each is None else json.dumps(each) for each in (in_zip, in_bucket)]
    zips, buckets = ("slipway.json in the zip", texts[0]), ("checkout/slipway.json in the bucket", texts[1])
    rules.check(zips, buckets, merged(zips, buckets))


def test_without_rules_a_team_decides() -> None:
    check(ManifestRules(), in_zip={"strategy": {"steps": []}}, in_bucket={"alias": "live"})


def test_a_manifest_in_the_zip_is_refused_where_only_the_buckets_counts() -> None:
    with pytest.raises(ManifestProblem) as refused:
        check(ManifestRules(zip_may_say=False), in_zip={})
    assert str(refused.value) == (
        "found slipway.json in the zip, allowed: only checkout/slipway.json in the bucket (the stack's parameter"
        " ManifestFrom); leave it out of the zip"
    )


def test_a_manifest_in_the_bucket_counts_where_only_that_may() -> None:
    check(ManifestRules(zip_may_say=False), in_bucket={"strategy": {"steps": []}})


@pytest.mark.parametrize("place", ["in_zip", "in_bucket"])
def test_a_key_that_the_owner_keeps_is_refused_wherever_it_stands(place: str) -> None:
    with pytest.raises(ManifestProblem) as refused:
        check(ManifestRules(schema=NO_STRATEGY), **{place: {"strategy": {"steps": []}}})
    assert str(refused.value) == (
        "slipway.json: the top: allowed: only the keys alias, tests (unknown: strategy), says the stack's parameter"
        " ManifestRules"
    )


def test_what_the_owner_requires_may_come_from_either_place() -> None:
    rules = ManifestRules(schema=json.dumps({"required": ["gates", "tests"]}))
    check(rules, in_zip={"gates": {"alarms": ["p99"]}}, in_bucket={"tests": []})
    with pytest.raises(ManifestProblem, match="an object with tests"):
        check(rules, in_zip={"gates": {"alarms": ["p99"]}})


def test_a_refusal_shows_no_environment_variable() -> None:
    rules = ManifestRules(schema=json.dumps({"properties": {"function": False}}))
    secret = {"function": {"Environment": {"Variables": {"TOKEN": "hunter2"}}}}
    with pytest.raises(ManifestProblem) as refused:
        check(rules, in_zip=secret)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("schema", "why"), [("{", "is not JSON"), ('{"type": "strategy"}', "is not a JSON Schema"), ("7", "JSON Schema")]
)
def test_rules_that_cannot_be_read_let_nothing_through(schema: str, why: str) -> None:
    with pytest.raises(ManifestProblem, match="the stack's parameter ManifestRules") as refused:
        check(ManifestRules(schema=schema), in_zip={})
    assert why in str(refused.value)
