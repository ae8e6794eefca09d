"""What a team wants of its deployments: ``slipway.json``, checked and turned into types.

Rules of the file:
- the JSON Schema in ``slipway.schema.json`` says what is allowed and holds every default; what it cannot say is
  checked here;
- a refusal names the place, what was found there, and what is allowed;
- a section (a top-level key) is merged whole: the zip's over the bucket's over the template's.

What a newcomer would get wrong: ``parse`` checks and is for texts from outside; ``build`` trusts, and is for
documents that were checked before they were stored. Only ``parse`` loads the JSON Schema library, so a rollback
never waits for it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import cast

from controller.core.problems import first_problem, schema_problem

SCHEMA_FILE = Path(__file__).parent.parent / "slipway.schema.json"
CODEDEPLOY = re.compile(r"(?:CodeDeployDefault\.)?Lambda(?:AllAtOnce|(Canary|Linear)10Percent(?:Every)?(\d+)Minutes?)")
_SECRETS = (("function", "Environment"), ("tests", "*", "payload"))
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_TEST = timedelta(seconds=60)
_LONGEST_TESTS = timedelta(seconds=200)
"""All tests run in one invocation of the controller, which may last 300 seconds (``template.yaml``)."""
_LONGEST_WRITTEN = 256 * 1024
"""With its timeline a record must fit into one item. Source: DynamoDB developer guide, 400 KB for an item, 2026-11."""


class ManifestProblem(ValueError):
    """The manifest cannot be used; the text says where, what was found, and what is allowed."""


class OnNewer(Enum):
    """What a newer artifact does to an open deployment."""

    SUPERSEDE = "supersede"
    QUEUE = "queue"
    REJECT = "reject"


class OnFailure(Enum):
    """What a failure does: go back, or stop where it is."""

    ROLLBACK = "rollback"
    FREEZE = "freeze"


class Then(Enum):
    """What follows when a wait is over."""

    HOLD = "hold"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class AlreadyAlarming(Enum):
    """What an alarm does that fires before the first percent moves."""

    IGNORE_UNTIL_OK = "ignore_until_ok"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the shift: the canary's share in hundredths of a percent, and how long at least."""

    weight: int
    hold: timedelta

    def __post_init__(self) -> None:
        if not 0 < self.weight < 10_000:
            raise ValueError(f"a step's weight lies between 0 and 100 %, not at {self.weight / 100:g} %")


@dataclass(frozen=True, slots=True)
class Strategy:
    """How traffic moves. No steps is all at once."""

    steps: tuple[Step, ...]
    bake: timedelta

    def __post_init__(self) -> None:
        weights = [step.weight for step in self.steps]
        if any(later <= earlier for earlier, later in itertools.pairwise(weights)):
            found = ", ".join(f"{weight / 100:g}" for weight in weights)
            raise ValueError(f"weights must rise from step to step, found {found}")

    @property
    def holds(self) -> timedelta:
        """The shortest time from the first percent to the end of the bake."""
        return sum((step.hold for step in self.steps), self.bake)


@dataclass(frozen=True, slots=True)
class Gates:
    """What must be right before the next step. ``significance`` is the error gate's, None where it is off."""

    alarms: tuple[str, ...]
    significance: float | None
    min_invocations: int
    wait: timedelta
    then: Then
    already_alarming: AlreadyAlarming


@dataclass(frozen=True, slots=True)
class TestCase:
    """One invocation of the new version before any traffic. ``response`` is a JSON Schema."""

    __test__ = False

    name: str
    payload: object
    response: object
    within: timedelta


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest. ``document`` is what it was built from and what is stored."""

    alias: str
    strategy: Strategy
    gates: Gates
    tests: tuple[TestCase, ...]
    function: Mapping[str, object]
    on_newer: OnNewer
    on_failure: OnFailure
    deadline: timedelta
    document: Mapping[str, object]

    @property
    def can_create(self) -> bool:
        """Does the manifest say enough to create a function that does not exist?"""
        return not self.lacks_to_create

    @property
    def lacks_to_create(self) -> tuple[str, ...]:
        """Which members does it still need for that?"""
        return tuple(name for name in ("Runtime", "Handler", "Role") if name not in self.function)


def parse(*sources: tuple[str, str | None]) -> Manifest:
    """Returns the manifest that the ``(name, text)`` sources give together, the most important one first.

    A text of None is a source that is not there. Raises ManifestProblem, which names the source.
    """
    merged: dict[str, object] = {}
    for name, text in reversed(sources):
        if text is not None:
            merged.update(_checked(name, text))
    merged.pop("$schema", None)
    length = len(json.dumps(merged))
    if length > _LONGEST_WRITTEN:
        raise ManifestProblem(f"slipway.json: found {length} bytes as it is stored, allowed: {_LONGEST_WRITTEN}")
    try:
        return build(merged)
    except ManifestProblem as problem:
        raise ManifestProblem(f"slipway.json: {problem}") from problem


def build(document: Mapping[str, object]) -> Manifest:
    """Returns the manifest of a document that satisfies the schema. Raises ManifestProblem for what a schema cannot
    say.
    """
    whole = {**_defaults("properties"), **document}
    gates = {**_defaults("$defs", "gates", "properties"), **_section(whole.get("gates", {}))}
    no_traffic = _section(gates["no_traffic"])
    try:
        strategy = _strategy(whole["strategy"])
    except ValueError as problem:
        raise ManifestProblem(f"strategy.steps: {problem}") from problem
    manifest = Manifest(
        alias=str(whole["alias"]),
        strategy=strategy,
        gates=Gates(
            alarms=tuple(cast("list[str]", gates["alarms"])),
            significance=_significance(gates["errors"]),
            min_invocations=int(cast("int", gates["min_invocations"])),
            wait=duration(str(no_traffic["wait"])),
            then=Then(no_traffic["then"]),
            already_alarming=AlreadyAlarming(gates["already_alarming"]),
        ),
        tests=tuple(_test(_section(test)) for test in cast("list[object]", whole["tests"])),
        function=_section(whole.get("function", {})),
        on_newer=OnNewer(whole["on_newer"]),
        on_failure=OnFailure(whole["on_failure"]),
        deadline=duration(str(whole["deadline"])),
        document=document,
    )
    _cross_check(manifest)
    return manifest


def without_secrets(manifest: Manifest) -> Manifest:
    """Returns the manifest of a deployment that has ended.

    Nobody needs its environment variables and payloads any more, and its record is kept for a year.
    """
    function = {name: value for name, value in manifest.function.items() if name != "Environment"}
    tests = tuple(replace(test, payload={}) for test in manifest.tests)
    if (function, tests) == (manifest.function, manifest.tests):
        return manifest
    written = cast("list[Mapping[str, object]]", manifest.document.get("tests", []))
    bare = [{name: value for name, value in test.items() if name != "payload"} for test in written]
    document = {**manifest.document, "function": function, "tests": bare}
    return replace(manifest, function=function, tests=tests, document=document)


def duration(text: str) -> timedelta:
    """Returns the time that "90s", "5m", "2h" or "1d" means."""
    return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])


def named_strategy(name: str) -> Strategy:
    """Returns what one of CodeDeploy's nine names means, with the default bake.

    Source: AWS CodeDeploy user guide, deployment configurations on an AWS Lambda compute platform, 2026-11.
    """
    found = CODEDEPLOY.fullmatch(name)
    if found is None:
        raise ValueError(f"not one of CodeDeploy's names: {name}")
    bake = duration(str(_defaults("$defs", "strategy", "properties")["bake"]))
    shape, minutes = found.groups()
    if shape is None:
        return Strategy((), bake)
    weights = range(10, 100, 10) if shape == "Linear" else (10,)
    return Strategy(tuple(Step(weight * 100, timedelta(minutes=int(minutes))) for weight in weights), bake)


def _checked(name: str, text: str) -> Mapping[str, object]:
    document = read_json(name, text)
    problem = first_problem(document, schema(), secrets=_SECRETS)
    if problem:
        raise ManifestProblem(f"{name}: {problem}")
    checked = cast("Mapping[str, object]", document)
    for index, test in enumerate(cast("list[Mapping[str, object]]", checked.get("tests", []))):
        wrong = schema_problem(test.get("response", True))
        if wrong:
            raise ManifestProblem(f"{name}: tests[{index}].response is not a JSON Schema: {wrong}")
    return checked


def read_json(name: str, text: str) -> object:
    """Returns the JSON value that ``text`` holds. Raises ManifestProblem where it is not JSON, or nested without
    reason.
    """
    try:
        value: object = json.loads(text, parse_constant=_not_json)
        # JSON can hold half a character ("\ud800"); UTF-8, and so a name or a message in AWS, cannot.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise ManifestProblem(f"{name} is not JSON: {problem}") from problem
    return value


def _not_json(word: str) -> object:
    raise ValueError(f"{word} is not a JSON number")


@cache
def schema() -> Mapping[str, object]:
    """Returns the JSON Schema of a manifest, as shipped."""
    return cast("Mapping[str, object]", json.loads(SCHEMA_FILE.read_text("utf-8")))


def _defaults(*path: str) -> dict[str, object]:
    node: object = schema()
    for key in path:
        node = _section(node)[key]
    return {name: _section(part)["default"] for name, part in _section(node).items() if "default" in _section(part)}


def _section(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value)


def _strategy(value: object) -> Strategy:
    if isinstance(value, str):
        return named_strategy(value)
    section = _section(value)
    bake = section.get("bake", _defaults("$defs", "strategy", "properties")["bake"])
    return Strategy(
        tuple(_step(_section(step)) for step in cast("list[object]", section["steps"])), duration(str(bake))
    )


def _step(section: Mapping[str, object]) -> Step:
    hundredths = float(cast("float", section["weight"])) * 100
    if abs(hundredths - round(hundredths)) > 1e-6:
        raise ValueError(f"a weight has at most two decimals, found {section['weight']}")
    return Step(round(hundredths), duration(str(section["hold"])))


def _significance(value: object) -> float | None:
    return float(cast("float", _section(value)["significance"])) if value else None


def _test(section: Mapping[str, object]) -> TestCase:
    defaults = _defaults("$defs", "test", "properties")
    whole = {**defaults, **section}
    return TestCase(str(whole["name"]), whole["payload"], whole["response"], duration(str(whole["within"])))


def _cross_check(manifest: Manifest) -> None:
    for test in manifest.tests:
        if not timedelta(0) < test.within <= _LONGEST_TEST:
            raise ManifestProblem(f"tests: {test.name!r} has within {test.within}, allowed: 1s to 60s")
    together = sum((test.within for test in manifest.tests), timedelta(0))
    if together > _LONGEST_TESTS:
        raise ManifestProblem(f"tests: together they may take {together}, allowed: {_LONGEST_TESTS}; lower within")
    if manifest.strategy.holds >= manifest.deadline:
        raise ManifestProblem(
            f"deadline: found {manifest.deadline}, allowed: more than {manifest.strategy.holds},"
            " the holds and the bake together"
        )
