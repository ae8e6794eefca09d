"""Manifests as people really write and pack them: misplaced, empty, commented, misspelled."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.steps import BUCKET, Live
from tests.cloud.story import Story

TESTED = json.dumps({"tests": [{"name": "must pass", "response": {"required": ["total"]}}]})


@pytest.fixture
def serving() -> Story:
    """checkout serves v1."""
    return Story().play([Live("v1")])


def zipped(**files: str | bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in {"app.py": "CODE = 'v2'\n", **files}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, text)
    return content.getvalue()


def dropped(story: Story, content: bytes) -> Any:
    """Drops a zip for checkout; returns its record as it is when all is at rest."""
    story.cloud.storage.put(BUCKET, "checkout/v2.zip", content)
    story.deliver()
    return story.deployments()[-1]


@pytest.mark.parametrize("name", ["Slipway.json", "slipway.json.txt", "slipway.yaml", "deploy/slipway.json"])
def test_a_zip_with_a_manifest_that_is_nearly_there_changes_nothing(serving: Story, name: str) -> None:
    versions = len(serving.cloud.lambda_.functions["checkout"].versions)
    record = dropped(serving, zipped(**{name: TESTED}))
    assert record.phase is Phase.FAILED
    assert record.reason.cause.value == "bad_manifest"
    assert name in record.reason.text
    assert len(serving.cloud.lambda_.functions["checkout"].versions) == versions


def test_a_zip_whose_dependency_has_a_manifest_is_deployed(serving: Story) -> None:
    record = dropped(serving, zipped(**{"node_modules/tool/slipway.json": TESTED, "slipway.json": "{}"}))
    assert record.phase is Phase.SHIFTING


IN_WORDS = {
    "empty": (b"", "it is empty"),
    "white space": (b" \r\n\t", "it is empty"),
    "a byte order mark": (codecs.BOM_UTF8, "it is empty"),
    "commented": (b'// for checkout\n{"alias": "live"}', "line 1 column 1: a comment begins here"),
    "a comma too many": (b'{"alias": "live",\n}', "line 1 column 17: JSON has no comma before }"),
    "YAML": (b"alias: live\n", "it looks like YAML"),
    "compressed": (gzip.compress(b"{}"), "is compressed by gzip"),
    "UTF-16": ("{}".encode("utf-16"), "but UTF-16"),
    "UTF-16 without a mark": ("{}".encode("utf-16-le"), "save it as UTF-8"),
}


@pytest.mark.parametrize("case", IN_WORDS)
def test_a_manifest_that_is_no_json_is_refused_in_plain_words(serving: Story, case: str) -> None:
    content, words = IN_WORDS[case]
    record = dropped(serving, zipped(**{"slipway.json": content}))
    assert record.phase is Phase.FAILED
    assert words in record.reason.text
    assert "slipway.json in the zip" in record.reason.text


@pytest.mark.parametrize("case", IN_WORDS)
def test_so_is_the_one_in_the_bucket(serving: Story, case: str) -> None:
    content, words = IN_WORDS[case]
    serving.cloud.storage.put(BUCKET, "checkout/slipway.json", content)
    record = dropped(serving, zipped())
    assert record.phase is Phase.FAILED
    assert words in record.reason.text
    assert "checkout/slipway.json" in record.reason.text


def test_a_manifest_that_is_a_symbolic_link_is_refused_as_one(serving: Story) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", "CODE = 'v2'\n")
        archive.writestr("deployment/all/slipway.json", TESTED)
        link = zipfile.ZipInfo("slipway.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "deployment/all/slipway.json")
    record = dropped(serving, content.getvalue())
    assert record.phase is Phase.FAILED
    assert record.reason.text.startswith(
        "slipway.json in the zip is a symbolic link, which is not followed; zip the file"
    )
