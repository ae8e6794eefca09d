"""Test payloads kept as files of the zip: the files named by a manifest, and the manifest with their contents inline.

The stored manifest has every payload inline, so the zip is read for payloads only once, on arrival.

Note: a payload is a secret. A refusal names the test and the file, and never quotes the content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from controller.core.artifact.zip.entries import shown
from controller.core.manifest.building import ManifestProblem
from controller.core.manifest.parsing import read_json, storable
from controller.core.manifest.settings import Manifest


def named_files(manifest: Manifest) -> dict[str, str]:
    """Returns the files still to be read, each with its description for a refusal: {"tests/order.json": "payload_file
    tests/order.json of test 'order'"}.
    """
    called: dict[str, str] = {}
    for test in manifest.tests:
        if test.payload_file:
            called.setdefault(test.payload_file, f"payload_file {shown(test.payload_file)} of test {test.name!r}")
    return called


def with_payloads(manifest: Manifest, texts: Mapping[str, str]) -> Manifest:
    """Returns the manifest with every payload inline. ``texts`` has the contents of ``named_files``, by file name.

    Raises ManifestProblem for a text that is not JSON, and for payloads too long for a record.
    """
    called = named_files(manifest)
    written = cast("list[Mapping[str, object]]", manifest.document["tests"])
    payloads: dict[str, object] = {}
    for name, text in texts.items():
        payloads[name] = read_json(called[name], text)
        # Checked after each payload, so that too many large ones are refused before they fill the memory.
        try:
            manifest = storable({**manifest.document, "tests": [_inline(test, payloads) for test in written]})
        except ManifestProblem as problem:
            longest = max(texts, key=lambda each: len(texts[each]))
            raise ManifestProblem(f"{problem}; the longest payload is {called[longest]}") from problem
    return manifest


def _inline(test: Mapping[str, object], payloads: Mapping[str, object]) -> Mapping[str, object]:
    name = test.get("payload_file")
    if name not in payloads:
        return test
    rest = {key: value for key, value in test.items() if key != "payload_file"}
    return {**rest, "payload": payloads[str(name)]}
