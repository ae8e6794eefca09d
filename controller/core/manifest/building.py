"""Builds the types of a manifest from a document that satisfies the schema.

Note: ``build`` trusts the schema's check and loads no JSON Schema library, so a rollback never waits for one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import cast

from controller.core.manifest.checks import cross_checked
from controller.core.manifest.schema_errors import in_one_line
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
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TIMES_STRICTER_IN_BAKE = 10


class ManifestProblem(ValueError):
    """The manifest cannot be used; the text gives the place, the value found, and the allowed values."""


def build(document: Mapping[str, object]) -> Manifest:
    """Returns the manifest of a document that satisfies the schema. Raises ManifestProblem for rules beyond a schema's
    reach.
    """
    whole = {**_defaults("properties"), **document}
    problems: list[str] = []
    try:
        strategy = _strategy(whole["strategy"])
    except ValueError as problem:
        problems.append(f"strategy.steps: {problem}")
    try:
        gates = _gates({**_defaults("$defs", "gates", "properties"), **section_of(whole.get("gates", {}))})
    except ValueError as problem:
        problems.append(f"gates: {problem}")
    if problems:
        raise ManifestProblem(in_one_line(problems))
    manifest = Manifest(
        alias=str(whole["alias"]),
        strategy=strategy,
        gates=gates,
        tests=tuple(_test(section_of(test)) for test in cast("list[object]", whole["tests"])),
        function=section_of(whole.get("function", {})),
        on_newer=OnNewer(whole["on_newer"]),
        on_failure=OnFailure(whole["on_failure"]),
        deadline=duration(str(whole["deadline"])),
        document=document,
        hooks={HookPoint(point): _hook(section_of(hook)) for point, hook in section_of(whole["hooks"]).items()},
    )
    problems.extend(cross_checked(manifest))
    if problems:
        raise ManifestProblem(in_one_line(problems))
    return manifest


def duration(text: str) -> timedelta:
    """Returns the time of "90s", "5m", "2h" or "1d"."""
    return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])


def named_strategy(name: str) -> Strategy:
    """Returns the strategy of one of CodeDeploy's nine names, with the default bake.

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


@cache
def schema() -> Mapping[str, object]:
    """Returns the JSON Schema of a manifest, as shipped."""
    return cast("Mapping[str, object]", json.loads(SCHEMA_FILE.read_text("utf-8")))


def _defaults(*path: str) -> dict[str, object]:
    node: object = schema()
    for key in path:
        node = section_of(node)[key]
    return {
        name: section_of(part)["default"] for name, part in section_of(node).items() if "default" in section_of(part)
    }


def section_of(value: object) -> Mapping[str, object]:
    """Returns a value known to be an object, because the schema has checked it."""
    return cast("Mapping[str, object]", value)


def _strategy(value: object) -> Strategy:
    if isinstance(value, str):
        return named_strategy(value)
    written = section_of(value)
    bake = written.get("bake", _defaults("$defs", "strategy", "properties")["bake"])
    steps: list[Step] = []
    first: Wait | None = None
    sections = [section_of(step) for step in cast("list[object]", written["steps"])]
    for position, step in enumerate(sections):
        if "pause" not in step:
            steps.append(_step(step))
        elif position and "pause" in sections[position - 1]:
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
        no_traffic=_wait(section_of(gates["no_traffic"])),
        already_alarming=AlreadyAlarming(gates["already_alarming"]),
        metrics=tuple(map(_metric_gate, cast("list[Mapping[str, object]]", gates["metrics"]))),
    )


def _turned_on(gate: str, gates: Mapping[str, object]) -> Mapping[str, object]:
    """Returns a gate's members with their defaults; empty if the gate is off."""
    if not gates[gate]:
        return {}
    return {**_defaults("$defs", "gates", "properties", gate, "else", "properties"), **section_of(gates[gate])}


def _number(value: object) -> float | None:
    """Returns a number, None for false and for a missing value."""
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
    dimensions = {str(name): str(value) for name, value in section_of(whole["dimensions"]).items()}
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
