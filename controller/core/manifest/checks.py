"""The manifest's rules that a JSON Schema cannot express, each with its own message.

``fractions`` and ``responses`` accept documents with other problems, so that all problems are told together;
``cross_checked`` takes a manifest whose single values are valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from controller.core.manifest.schema_errors import schema_problem
from controller.core.manifest.settings import Manifest

_MAX_TEST_TIME = timedelta(seconds=60)
MAX_TESTS_TIME = timedelta(seconds=200)
"""All tests run in one invocation of the controller, which may last 300 seconds (``template.yaml``)."""
_MAX_PAUSE_TIME = timedelta(days=365)
"""Keeps deadlines, which pauses extend, within the range of dates."""
_MIN_WEIGHT = 0.01
"""In percent: weights are whole hundredths of a percent."""


def fractions(document: object) -> Iterator[str]:
    """Yields the problem of weights written as Lambda's fractions, in which 0.1 is 10 %."""
    strategy = document.get("strategy") if isinstance(document, Mapping) else None
    steps = strategy.get("steps") if isinstance(strategy, Mapping) else None
    weights = [step["weight"] for step in _members(steps) if "weight" in step]
    numbers = [weight for weight in weights if isinstance(weight, float) and _MIN_WEIGHT <= weight < 1]
    if numbers and len(numbers) == len(weights):
        first = numbers[0]
        yield (
            f"strategy.steps: found a weight of {first:g}, which is {first:g} %, allowed: percent; did you mean"
            f" {first * 100:g}? If you mean {first:g} %, add a step of 1 or more after it"
        )


def responses(document: object) -> Iterator[str]:
    """Yields the problem of each response that is no JSON Schema; values of a wrong type are the schema's problems."""
    tests = document.get("tests") if isinstance(document, Mapping) else None
    for index, test in enumerate(_members(tests)):
        response = test.get("response", True)
        wrong = schema_problem(response) if isinstance(response, Mapping) else None
        if wrong:
            yield f"tests[{index}].response is not a JSON Schema: {wrong}"


def _members(value: object) -> list[Mapping[str, object]]:
    """Returns the objects of a possible list; values of a wrong type are the schema's problems."""
    return [each if isinstance(each, Mapping) else {} for each in value] if isinstance(value, list) else []


def cross_checked(manifest: Manifest) -> Iterator[str]:
    """Yields contradictions between valid values."""
    for test in manifest.tests:
        if not timedelta(0) < test.within <= _MAX_TEST_TIME:
            yield f"tests: {test.name!r} has within {test.within}, allowed: 1s to 60s"
        if test.payload_file and test.payload != {}:
            yield f"tests: {test.name!r} has payload and payload_file, allowed: one of them"
        if test.error is not None and test.response is not True:
            yield f"tests: {test.name!r} has response and error, allowed: one of them"
    if manifest.longest_tests > MAX_TESTS_TIME:
        yield (
            f"tests: together they may take {manifest.longest_tests}, allowed: {MAX_TESTS_TIME};"
            " lower within, times or warm_up"
        )
    if manifest.strategy.pauses > _MAX_PAUSE_TIME:
        yield f"strategy.steps: the pauses take {manifest.strategy.pauses} together, allowed: at most {_MAX_PAUSE_TIME}"
    if manifest.strategy.holds >= manifest.deadline:
        yield (
            f"deadline: found {manifest.deadline}, allowed: more than {manifest.strategy.holds},"
            " the holds and the bake together"
        )
