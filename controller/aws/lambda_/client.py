"""What Slipway asks of Lambda, and how its answers are read.

Answers are loose JSON. They are taken apart by the readers below, at the border, and nowhere else.

Note: a member that is absent and one that is null are the same to a reader: the empty value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

Answer = Mapping[str, object]


class LambdaClient(Protocol):
    """The calls of boto3's ``lambda`` client that are used. Source: Lambda API reference, 2015-03-31."""

    def create_alias(self, **parameters: object) -> Answer: ...
    def create_function(self, **parameters: object) -> Answer: ...
    def delete_function(self, **parameters: object) -> Answer: ...
    def get_account_settings(self) -> Answer: ...
    def get_alias(self, **parameters: object) -> Answer: ...
    def get_function(self, **parameters: object) -> Answer: ...
    def get_function_configuration(self, **parameters: object) -> Answer: ...
    def get_provisioned_concurrency_config(self, **parameters: object) -> Answer: ...
    def invoke(self, **parameters: object) -> Answer: ...
    def list_aliases(self, **parameters: object) -> Answer: ...
    def list_versions_by_function(self, **parameters: object) -> Answer: ...
    def publish_version(self, **parameters: object) -> Answer: ...
    def update_alias(self, **parameters: object) -> Answer: ...
    def update_function_code(self, **parameters: object) -> Answer: ...
    def update_function_configuration(self, **parameters: object) -> Answer: ...


def text(answer: Answer, name: str) -> str:
    """Returns the text ``name``, empty where there is none."""
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def number(answer: Answer, name: str) -> int:
    """Returns the whole number ``name``, 0 where there is none."""
    value = answer.get(name)
    return value if isinstance(value, int) else 0


def section(answer: Answer, name: str) -> Answer:
    """Returns the object ``name``, an empty one where there is none."""
    value = answer.get(name)
    return value if isinstance(value, Mapping) else {}


def sections(answer: Answer, name: str) -> tuple[Answer, ...]:
    """Returns the objects that the list ``name`` holds."""
    value = answer.get(name)
    return tuple(each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()
