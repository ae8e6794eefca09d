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

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import cast

from controller.core.manifest import strict_json
from controller.core.manifest.checks import cross_checked, fractions, responses
from controller.core.manifest.schema_errors import all_problems, in_one_line
from controller.core.manifest.settings import (
    AlreadyAlarming,
    ErrorGate,
    Gates,
    Hook,
    HookPoint,
    LatencyGate,
    Manifest,
    MetricGate,
    OnFailure,
    OnNewer,
    OnTimeout,
    Step,
    Strategy,
    TestCase,
    ThrottleGate,
    Wait,
)

SCHEMA_FILE = Path(__file__).parents[2] / "slipway.schema.json"
CODEDEPLOY = re.compile(r"(?:CodeDeployDefault\.)?Lambda(?:AllAtOnce|(Canary|Linear)10Percent(?:Every)?(\d+)Minutes?)")
SECRETS = (("function", "Environment"), ("tests", "*", "payload"))
"""Where values may stand that nobody may read."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TIMES_STRICTER_IN_BAKE = 10
_LONGEST_WRITTEN = 256 * 1024
"""With its timeline a record must fit into one item. Source: DynamoDB developer guide, 400 KB for an item, 2026-11."""
_MOST_VALUES = 1_500
"""Our bound, several times what a manifest needs: it keeps the check by the JSON Schema under a second."""
_DEEPER = 50
"""A record is written and read where this many more calls may be under way; they count like levels of nesting."""


class ManifestProblem(ValueError):
    """The manifest cannot be used; the text says where, what was found, and what is allowed."""


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


def build(document: Mapping[str, object]) -> Manifest:
    """Returns the manifest of a document that satisfies the schema. Raises ManifestProblem for what a schema cannot
    say.
    """
    whole = {**_defaults("properties"), **document}
    problems: list[str] = []
    try:
        strategy = _strategy(whole["strategy"])
    except ValueError as problem:
        problems.append(f"strategy.steps: {problem}")
    try:
        gates = _gates({**_defaults("$defs", "gates", "properties"), **_section(whole.get("gates", {}))})
    except ValueError as problem:
        problems.append(f"gates: {problem}")
    if problems:
        raise ManifestProblem(in_one_line(problems))
    manifest = Manifest(
        alias=str(whole["alias"]),
        strategy=strategy,
        gates=gates,
        tests=tuple(_test(_section(test)) for test in cast("list[object]", whole["tests"])),
        function=_section(whole.get("function", {})),
        on_newer=OnNewer(whole["on_newer"]),
        on_failure=OnFailure(whole["on_failure"]),
        deadline=duration(str(whole["deadline"])),
        document=document,
        hooks={HookPoint(point): _hook(_section(hook)) for point, hook in _section(whole["hooks"]).items()},
    )
    problems.extend(cross_checked(manifest))
    if problems:
        raise ManifestProblem(in_one_line(problems))
    return manifest


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
    return {**_section(document), "tests": bare}


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
    steps: list[Step] = []
    first: Wait | None = None
    written = [_section(step) for step in cast("list[object]", section["steps"])]
    for position, step in enumerate(written):
        if "pause" not in step:
            steps.append(_step(step))
        elif position and "pause" in written[position - 1]:
            raise ValueError("a pause follows a pause; make one of them")
        elif steps:
            steps[-1] = replace(steps[-1], approval=_approval(step))
        else:
            first = _approval(step)
    return Strategy(tuple(steps), duration(str(bake)), first)


def _step(section: Mapping[str, object]) -> Step:
    return Step(_hundredths(section["weight"], "weight"), duration(str(section["hold"])))


def _hundredths(percent: object, what: str) -> int:
    hundredths = float(cast("float", percent)) * 100
    if abs(hundredths - round(hundredths)) > 1e-6:
        raise ValueError(f"a {what} has at most two decimals, found {percent}")
    return round(hundredths)


def _approval(section: Mapping[str, object]) -> Wait:
    default = _defaults("$defs", "pause", "properties")["then"]
    return Wait(duration(str(section["pause"])), OnTimeout(section.get("then", default)))


def _wait(section: Mapping[str, object]) -> Wait:
    return Wait(duration(str(section["wait"])), OnTimeout(section["then"]))


def _hook(section: Mapping[str, object]) -> Hook:
    whole = {**_defaults("$defs", "hook", "properties"), **section}
    return Hook(str(whole["function"]), _wait(whole))


def _gates(gates: Mapping[str, object]) -> Gates:
    return Gates(
        alarms=tuple(cast("list[str]", gates["alarms"])),
        errors=_error_gate(_turned_on("errors", gates)),
        latency=_latency_gate(_turned_on("latency", gates)),
        timeouts=_number(_turned_on("timeouts", gates).get("significance")),
        throttles=_throttle_gate(_turned_on("throttles", gates)),
        min_invocations=int(cast("int", gates["min_invocations"])),
        no_traffic=_wait(_section(gates["no_traffic"])),
        already_alarming=AlreadyAlarming(gates["already_alarming"]),
        metrics=tuple(map(_metric_gate, cast("list[Mapping[str, object]]", gates["metrics"]))),
    )


def _turned_on(gate: str, gates: Mapping[str, object]) -> Mapping[str, object]:
    """Returns the members of a gate with their defaults; empty where it is off."""
    if not gates[gate]:
        return {}
    return {**_defaults("$defs", "gates", "properties", gate, "else", "properties"), **_section(gates[gate])}


def _number(value: object) -> float | None:
    """Returns a number, None for false and for nothing."""
    return float(cast("float", value)) if value else None


def _error_gate(gate: Mapping[str, object]) -> ErrorGate | None:
    significance = _number(gate.get("significance"))
    if significance is None:
        return None
    in_bake = _number(gate.get("bake_significance", significance / _TIMES_STRICTER_IN_BAKE))
    if in_bake is not None and in_bake > significance:
        raise ValueError(
            f"errors.bake_significance is {in_bake:g}, allowed: at most significance, {significance:g}, or false;"
            " a comparison with the minutes before must be the stricter one"
        )
    return ErrorGate(significance, in_bake)


def _metric_gate(gate: Mapping[str, object]) -> MetricGate:
    whole = {**_defaults("$defs", "metric", "properties"), **gate}
    significance = float(cast("float", whole["significance"]))
    dimensions = {str(name): str(value) for name, value in _section(whole["dimensions"]).items()}
    if whole["version"] in dimensions:
        raise ValueError(f"metrics: {whole['version']} holds the version; leave it out of dimensions")
    return MetricGate(
        namespace=str(whole["namespace"]),
        bad=str(whole["bad"]),
        total=str(whole["all"]),
        dimensions=tuple(sorted(dimensions.items())),
        version=str(whole["version"]),
        judged=ErrorGate(significance, significance / _TIMES_STRICTER_IN_BAKE),
    )


def _latency_gate(gate: Mapping[str, object]) -> LatencyGate | None:
    significance = _number(gate.get("significance"))
    return None if significance is None else LatencyGate(significance, int(cast("int", gate["skip_invocations"])))


def _throttle_gate(gate: Mapping[str, object]) -> ThrottleGate | None:
    if not gate:
        return None
    return ThrottleGate(_hundredths(gate["percent"], "percent of throttles"), OnTimeout(gate["then"]))


def _test(section: Mapping[str, object]) -> TestCase:
    whole = {**_defaults("$defs", "test", "properties"), **section}
    error = whole.get("error")
    return TestCase(
        name=str(whole["name"]),
        payload=whole["payload"],
        response=whole["response"],
        within=duration(str(whole["within"])),
        payload_file=str(whole.get("payload_file", "")),
        error=None if error is None else str(error),
        times=int(cast("int", whole["times"])),
        warm_up=int(cast("int", whole["warm_up"])),
    )
