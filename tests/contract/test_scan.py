"""What `make scan` is given, and what it is told to leave: every skip in template.yaml has its reason beside it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.scan.templates import WITH_IFS, skips, templates
from tests.template import TEXT, WRITTEN, transformed

SCANNERS = {"checkov": r"CKV2?_AWS_\d+", "control_tower": r"CT\.[A-Z0-9]+\.PR\.\d+"}
SKIPS = [
    (scanner, name, rule, reason)
    for scanner in SCANNERS
    for name, skipped in skips(scanner).items()
    for rule, reason in skipped.items()
]


@pytest.mark.parametrize(("scanner", "name", "rule", "reason"), SKIPS)
def test_what_is_skipped_has_a_reason_beside_it(scanner: str, name: str, rule: str, reason: str) -> None:
    assert re.fullmatch(SCANNERS[scanner], rule)
    assert len(reason.split()) >= 5, f"{name} skips {rule} because {reason!r}"


def test_all_that_is_skipped_is_read() -> None:
    """Neither a scanner under another name nor a comment in its own words skips anything."""
    assert len(SKIPS) == TEXT.count("- id: C") > 10
    assert not re.search(r"checkov:skip|SuppressedRules|cfn_nag|cfn-lint", TEXT)
    metadata = {key for resource in WRITTEN["Resources"].values() for key in resource.get("Metadata", {})}
    assert metadata == {"BuildMethod", *SCANNERS}


@pytest.mark.parametrize("template", templates().values(), ids=templates())
def test_nothing_is_skipped_in_what_is_scanned(template: dict[str, Any]) -> None:
    assert "DeadLetters" in template["Resources"]
    assert not any("Metadata" in resource for resource in template["Resources"].values())


def test_what_cloudformation_gets_is_scanned_whole() -> None:
    template = templates()[WITH_IFS]
    assert template["Resources"].keys() == transformed()["Resources"].keys()
    assert "Fn::If" in json.dumps(template)


@pytest.mark.parametrize("kind", sorted(templates().keys() - {WITH_IFS}))
def test_a_scanner_sees_every_resource_as_it_is_made(kind: str) -> None:
    template = templates()[kind]
    assert "Fn::If" not in json.dumps(template)
    assert not any("Condition" in resource for resource in template["Resources"].values())
    notices = {"Notices", "NoticesByEmail"}
    assert notices & template["Resources"].keys() == (set() if kind == "defaults" else notices)


def test_the_kinds_of_stack_differ_in_the_key() -> None:
    tables = {kind: template["Resources"]["Deployments"]["Properties"] for kind, template in templates().items()}
    keys = {kind: table["SSESpecification"].get("KMSMasterKeyId", "") for kind, table in tables.items()}
    assert keys["defaults"] == ""
    assert keys["with everything"].startswith("arn:aws:kms:")
