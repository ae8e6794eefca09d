"""The words that Lambda takes: a runtime, an architecture or a mode that it does not know is refused.

Note: botocore sends any word. Who refuses it is AWS. Source: CreateFunction with a runtime that is none, in public
reports: "Value python2.6 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [...] or be a
valid ARN", 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import ServiceModel, Shape
from botocore.session import Session

from tests.cloud.faults import Json, Refusal


def require_known_words(operation: str, parameters: Json) -> None:
    """Raises Refusal for the first word that is none of AWS's."""
    shape = _model().operation_model(operation).input_shape
    for place, word, known in _unknown(shape, parameters, ()) if shape else ():
        text = f"Value {word} at '{place}' failed to satisfy constraint: Member must satisfy enum value set: [{known}]"
        raise Refusal(400, "InvalidParameterValueException", text)


def _unknown(shape: Shape, value: Any, place: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    match shape.type_name:
        case "structure":
            for name, each in value.items():
                yield from _unknown(shape.members[name], each, (*place, name[0].lower() + name[1:]))
        case "list":
            for each in value:
                yield from _unknown(shape.member, each, place)
        case "string" if shape.enum and value not in shape.enum:
            yield ".".join(place), value, ", ".join(shape.enum)


@cache
def _model() -> ServiceModel:
    return Session().get_service_model("lambda")
