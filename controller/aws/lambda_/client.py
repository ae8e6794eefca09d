"""Slipway's calls to Lambda, and readers for the answers.

Answers are loose JSON, taken apart by these readers at the border, and nowhere else.

A reader returns the empty value both for an absent member and for null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

Answer = Mapping[str, object]


class LambdaClient(Protocol):
    """The botocore ``lambda`` client's calls used here. Source: Lambda API reference, 2015-03-31."""

    def create_alias(self, **parameters: object) -> Answer: ...
    def create_function(self, **parameters: object) -> Answer: ...
    def delete_function(self, **parameters: object) -> Answer: ...
    def get_account_settings(self) -> Answer: ...
    def get_alias(self, **parameters: object) -> Answer: ...
    def get_function(self, **parameters: object) -> Answer: ...
    def get_provisioned_concurrency_config(self, **parameters: object) -> Answer: ...
    def invoke(self, **parameters: object) -> Answer: ...
    def list_aliases(self, **parameters: object) -> Answer: ...
    def list_versions_by_function(self, **parameters: object) -> Answer: ...
    def publish_version(self, **parameters: object) -> Answer: ...
    def update_alias(self, **parameters: object) -> Answer: ...
    def update_function_code(self, **parameters: object) -> Answer: ...
    def update_function_configuration(self, **parameters: object) -> Answer: ...


def text(answer: Answer, name: str) -> str:
    """Returns the text ``name``, empty if missing."""
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def number(answer: Answer, name: str) -> int:
    """Returns the whole number ``name``, 0 if missing."""
    value = answer.get(name)
    return value if isinstance(value, int) else 0


def section(answer: Answer, name: str) -> Answer:
    """Returns the object ``name``, an empty one if missing."""
    value = answer.get(name)
    return value if isinstance(value, Mapping) else {}


def sections(answer: Answer, name: str) -> tuple[Answer, ...]:
    """Returns the objects in the list ``name``."""
    value = answer.get(name)
    return tuple(each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()
