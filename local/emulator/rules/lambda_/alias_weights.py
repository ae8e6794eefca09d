"""Decides which version an alias hands an invocation to, and where an alias may point.

Rules of the file:
- each invocation is drawn for itself, so the split is a probability and not a quota;
- an alias has at most one weighted version beside its own; both have one role and one dead-letter queue.

Source of every refusal and its text: Lambda's answers as recorded 2025-11-25 in LocalStack's snapshots, and
the developer guide, "Implement Lambda canary deployments using a weighted alias", 2026-11.

Note: weights outside 0..1 are a ValidationException, every other refusal of a weight is an
InvalidParameterValueException.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from local.emulator.rules.lambda_.answers import Refusal, conflict, invalid_parameter, not_found
from local.emulator.rules.lambda_.references import LATEST

_NAME = re.compile(r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)")
_LONGEST_DESCRIPTION = 256
_AT_WEIGHTS = "at 'routingConfig.additionalVersionWeights' failed to satisfy constraint"
_KEYS = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
    "Member must have length greater than or equal to 1, "
    "Member must satisfy regular expression pattern: [0-9]+, Member must not be null]"
)
_VALUES = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
    "Member must have value greater than or equal to 0.0, Member must not be null]"
)


@dataclass(frozen=True, slots=True)
class Version:
    """What decides whether two versions may share an alias. ``dead_letter`` is an ARN, "" is none."""

    role: str
    dead_letter: str = ""
    state: str = "Active"


@dataclass(frozen=True, slots=True)
class Pointing:
    """Where an alias points. ``weights`` are the shares of other versions: ``{"7": 0.05}``."""

    version: str
    weights: Mapping[str, float] = field(default_factory=dict)


def malformed(name: str, description: str | None) -> Refusal | None:
    """Returns why AWS takes no such name or description, or None.

    Source: botocore's service model, Alias and Description, 1.43.106; how names are refused: LocalStack's
    snapshots.
    """
    if not _NAME.fullmatch(name):
        return _invalid(name, "name", f"Member must satisfy regular expression pattern: {_NAME.pattern}")
    if description is not None and len(description) > _LONGEST_DESCRIPTION:
        limit = f"Member must have length less than or equal to {_LONGEST_DESCRIPTION}"
        return _invalid(description, "description", limit)
    return None


def _invalid(value: str, member: str, constraint: str) -> Refusal:
    found = f"Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    return Refusal("ValidationException", f"1 validation error detected: {found}")


def choose(version: str, weights: Mapping[str, float], draw: float) -> str:
    """Returns the version that serves an invocation. ``draw`` is a random number, 0 <= draw < 1."""
    reached = 0.0
    for weighted, weight in weights.items():
        reached += weight
        if draw < reached:
            return weighted
    return version


def refusal(function_arn: str, pointing: Pointing, versions: Mapping[str, Version]) -> Refusal | None:
    """Returns why AWS would not let an alias point there, or None. ``versions`` are by number."""
    return next(_refusals(function_arn, pointing, versions), None)


def _refusals(function_arn: str, pointing: Pointing, versions: Mapping[str, Version]) -> Iterator[Refusal]:
    yield from _malformed(pointing.weights)
    if pointing.version != LATEST and pointing.version not in versions:
        yield not_found(f"Function not found: {function_arn}:{pointing.version}")
    if len(pointing.weights) > 1:
        yield invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for weighted in pointing.weights:
        yield from _unfit(function_arn, pointing.version, weighted, versions)


def _malformed(weights: Mapping[str, float]) -> Iterator[Refusal]:
    shown = ", ".join(f"{version}={float(weight)}" for version, weight in weights.items())
    found = f"1 validation error detected: Value '{{{shown}}}' {_AT_WEIGHTS}"
    if any(not 0.0 <= weight <= 1.0 for weight in weights.values()):
        yield Refusal("ValidationException", f"{found}: {_VALUES}")
    if any(not version.isdigit() for version in weights):
        yield Refusal("ValidationException", f"{found}: {_KEYS}")


def _unfit(function_arn: str, version: str, weighted: str, versions: Mapping[str, Version]) -> Iterator[Refusal]:
    if weighted == version:
        yield invalid_parameter(
            f"Invalid function version {version}. "
            f"Function version {version} is already included in routing configuration."
        )
    if version == LATEST:
        yield invalid_parameter("$LATEST is not supported for an alias pointing to more than 1 version")
    elif weighted not in versions:
        yield not_found(f"Function not found: {function_arn}:{weighted}")
    else:
        yield from _unlike(versions[version], versions[weighted])


def _unlike(version: Version, weighted: Version) -> Iterator[Refusal]:
    if version.role != weighted.role:
        yield invalid_parameter("Specified versions must be associated with the same execution role")
    if version.dead_letter != weighted.dead_letter:
        # That AWS refuses is documented; its text is not recorded anywhere, this one follows the role's.
        yield invalid_parameter("Specified versions must be associated with the same dead letter configuration")
    for state in (version.state, weighted.state):
        if state != "Active":
            # The text is Lambda's for every call that a state forbids. Whether AWS itself refuses a weight on
            # a version that is still Pending is not recorded; waiting for Active is right in either case.
            yield conflict(
                "The operation cannot be performed at this time. "
                f"The function is currently in the following state: {state}"
            )
