"""What a team wants of its deployments: ``slipway.json``, checked and turned into types.

Rules of the file:
- the JSON Schema in ``slipway.schema.json`` says what is allowed and holds every default; what it cannot say is
  checked here;
- a refusal names the place, what was found there, and what is allowed;
- a section (a top-level key) is merged whole: the zip's over the bucket's over the template's.

``parse`` checks and is for texts from outside; ``building.build`` trusts, and is for documents that were checked before
they were stored. Only ``parse`` loads the JSON Schema library, so a rollback never waits for it.
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
"""Where values may stand that nobody may read."""
_LONGEST_WRITTEN = 256 * 1024
"""With its timeline a record must fit into one item. Source: DynamoDB developer guide, 400 KB for an item, 2026-11."""
_MOST_VALUES = 1_500
"""Our bound, several times what a manifest needs: it keeps the check by the JSON Schema under a second."""
_DEEPER = 50
"""A record is written and read where this many more calls may be under way; they count like levels of nesting."""


def parse(*sources: tuple[str, str | None]) -> Manifest:
    """Returns the manifest that the ``(name, text)`` sources give together, the most important one first.

    A text of None is a source that is not there. Raises ManifestProblem, which names the source.
    """
    return storable(merged(*sources))


def merged(*sources: tuple[str, str | None]) -> Mapping[str, object]:
    """Returns the document that the sources of ``parse`` give together. Raises ManifestProblem as it does."""
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
    if length > _LONGEST_WRITTEN:
        raise ManifestProblem(f"slipway.json: found {length} bytes as it is stored, allowed: {_LONGEST_WRITTEN}")
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
    """Returns the manifest of a deployment that has ended.

    Nobody needs its environment variables and payloads any more, and its record is kept for a year.
    """
    # That it named the environment is kept: those of ``$LATEST`` are brought to the version's at the end.
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
    if strict_json.holds_more(_beside_payloads(document), _MOST_VALUES):
        raise ManifestProblem(f"{name}: the top: found more values, allowed: {_MOST_VALUES} beside the payloads")
    problems = all_problems(document, schema(), secrets=SECRETS)
    problems += chain(fractions(document), responses(document))
    if problems:
        raise ManifestProblem(f"{name}: {in_one_line(problems)}")
    return cast("Mapping[str, object]", document)


def _beside_payloads(document: object) -> object:
    """Returns what the JSON Schema looks into: a payload may hold any number of values."""
    tests = document.get("tests") if isinstance(document, Mapping) else None
    if not isinstance(tests, list):
        return document
    bare = [{**test, "payload": None} if isinstance(test, Mapping) else test for test in tests]
    return {**section_of(document), "tests": bare}


def read_json(name: str, text: str) -> object:
    """Returns the JSON value that ``text`` holds. Raises ManifestProblem where it is not JSON, or nested without
    reason.
    """
    try:
        return strict_json.read(text, _own_words())
    except strict_json.NotJson as problem:
        raise ManifestProblem(f"{name} is not JSON: {problem}") from problem


@cache
def _own_words() -> frozenset[str]:
    return strict_json.keys(schema())
