"""Parses a team's ``slipway.json``: checked, merged, and turned into types.

Rules of the file:

- ``slipway.schema.json`` defines allowed values and all defaults; rules beyond a JSON Schema are checked here;
- a refusal gives the place, the value found, and the allowed values;
- a section (a top-level key) is merged whole: the zip's over the bucket's over the template's.

``parse`` is for texts from outside. Stored documents have been checked and go to ``building.build``, which loads no
JSON Schema library, so that a rollback never waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import cast

from controller.core.manifest import strict_json
from controller.core.manifest.building import ManifestProblem, build, schema, section_of
from controller.core.manifest.checks import fractions, responses
from controller.core.manifest.schema_errors import all_problems, in_one_line
from controller.core.manifest.settings import Manifest

SECRETS = (("function", "Environment"), ("tests", "*", "payload"))
"""Places of values that nobody may read."""
_MAX_WRITTEN = 256 * 1024
"""A record with its timeline must fit into one item. Source: DynamoDB developer guide, 400 KB for an item, 2026-11."""
_MAX_VALUES = 1_500
"""Slipway's own limit, several times a manifest's needs: it keeps the schema's check under a second."""
_DEEPER = 50
"""Levels of nesting to leave free, because a record is written and read by up to this many nested calls."""


def parse(*sources: tuple[str, str | None]) -> Manifest:
    """Returns the manifest of ``(name, text)`` sources, the most important first.

    A text of None is a missing source. Raises ManifestProblem, which names the source.
    """
    return storable(merged(*sources))


def merged(*sources: tuple[str, str | None]) -> Mapping[str, object]:
    """Returns the merged document of sources as in ``parse``. Raises ManifestProblem."""
    whole: dict[str, object] = {}
    problems: list[str] = []
    for name, text in reversed(sources):
        if text is None:
            continue
        try:
            whole.update(_checked(name, text))
        except ManifestProblem as problem:
            problems.insert(0, str(problem))
    if problems:
        raise ManifestProblem("; also ".join(problems))
    whole.pop("$schema", None)
    return whole


def storable(document: Mapping[str, object]) -> Manifest:
    """Returns the manifest of a document that satisfies the schema, if a record can hold it. Raises ManifestProblem."""
    length = _length(document)
    if length > _MAX_WRITTEN:
        raise ManifestProblem(f"slipway.json: found {length} bytes as it is stored, allowed: {_MAX_WRITTEN}")
    try:
        return build(document)
    except ManifestProblem as problem:
        raise ManifestProblem(f"slipway.json: {problem}") from problem


def _length(document: Mapping[str, object]) -> int:
    deeper: object = document
    for _ in range(_DEEPER):
        deeper = [deeper]
    try:
        return len(json.dumps(deeper)) - 2 * _DEEPER
    except RecursionError as problem:
        raise ManifestProblem("slipway.json: it is nested too deeply to be stored") from problem


_NO_VARIABLES: Mapping[str, object] = {"Variables": {}}


def without_secrets(manifest: Manifest) -> Manifest:
    """Returns an ended deployment's manifest without environment variables and payloads, since the record stays for a
    year.
    """
    # The member itself stays: the end of a deployment brings the environment of ``$LATEST`` to the version's.
    function = {name: _NO_VARIABLES if name == "Environment" else value for name, value in manifest.function.items()}
    tests = tuple(replace(test, payload={}) for test in manifest.tests)
    if (function, tests) == (manifest.function, manifest.tests):
        return manifest
    written = cast("list[Mapping[str, object]]", manifest.document.get("tests", []))
    bare = [{name: value for name, value in test.items() if name != "payload"} for test in written]
    document = {**manifest.document, "function": function, "tests": bare}
    return replace(manifest, function=function, tests=tests, document=document)


def _checked(name: str, text: str) -> Mapping[str, object]:
    document = read_json(name, text)
    if strict_json.holds_more(_beside_payloads(document), _MAX_VALUES):
        raise ManifestProblem(f"{name}: the top: found more values, allowed: {_MAX_VALUES} beside the payloads")
    problems = all_problems(document, schema(), secrets=SECRETS)
    problems += chain(fractions(document), responses(document))
    if problems:
        raise ManifestProblem(f"{name}: {in_one_line(problems)}")
    return cast("Mapping[str, object]", document)


def _beside_payloads(document: object) -> object:
    """Returns the part checked by the JSON Schema, since a payload may hold any number of values."""
    tests = document.get("tests") if isinstance(document, Mapping) else None
    if not isinstance(tests, list):
        return document
    bare = [{**test, "payload": None} if isinstance(test, Mapping) else test for test in tests]
    return {**section_of(document), "tests": bare}


def read_json(name: str, text: str) -> object:
    """Returns the JSON value of ``text``. Raises ManifestProblem for invalid JSON and for excessive nesting."""
    try:
        return strict_json.read(text, _own_words())
    except strict_json.NotJson as problem:
        raise ManifestProblem(f"{name} is not JSON: {problem}") from problem


@cache
def _own_words() -> frozenset[str]:
    return strict_json.keys(schema())
