"""The source text of steps and scenarios: what is printed can be pasted, and tells the same story again.

Note: ``repr`` will not do, for that of an enum's member is no expression. What a field has by itself is left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from tests.cloud.steps import Scenario


def source(value: object) -> str:
    """Returns the expression that makes the value again."""
    match value:
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case tuple():
            return f"({', '.join(map(source, value))}{',' * (len(value) == 1)})"
        case list():
            return f"[{', '.join(map(source, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{source(name)}: {source(part)}' for name, part in value.items())}}}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(_arguments(value))})"
    return repr(value)


def pasted(scenario: Scenario) -> str:
    """Returns a scenario as it stands in a file, a step on each line, under the imports that it needs."""
    parts = [f"    {scenario.name!r},"]
    for name in ("given", "when"):
        steps: Sequence[object] = getattr(scenario, name)
        parts += [f"    {name}=(", *(f"        {source(step)}," for step in steps), "    ),"]
    parts += [f"    then={source(scenario.then)},"]
    return "\n".join([*_imports(scenario), "", "FOUND = Scenario(", *parts, ")"])


def _arguments(value: object) -> Iterator[str]:
    skipped = False
    for field in dataclasses.fields(value):  # type: ignore[arg-type]
        made = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        held = getattr(value, field.name)
        if held == made:
            skipped = True
        else:
            yield f"{field.name}={source(held)}" if skipped else source(held)


def _imports(scenario: Scenario) -> list[str]:
    named: dict[str, set[str]] = {}
    for kind in _kinds(scenario):
        named.setdefault(kind.__module__, set()).add(kind.__name__)
    return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(named.items())]


def _kinds(value: object) -> Iterator[type]:
    if isinstance(value, Enum):
        yield type(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield type(value)
        for field in dataclasses.fields(value):
            yield from _kinds(getattr(value, field.name))
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _kinds(part)
