"""Describes the values allowed by a JSON Schema, so that a person can write one.

    "bake": 600        ->  string, as "90s", "5m" or "2h" (A whole number and s, m, h or d)
    {"stratgy": {}}    ->  only the keys alias, strategy (unknown: stratgy, did you mean strategy?)

A regular expression is described by the schema's ``examples``; ``description`` beside ``const`` explains the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.core.manifest.schema_keys import NO_OTHER_KEYS, own_keys, places

_MAX_EXAMPLES = 3
_MAX_UNKNOWN = 10
_MAX_KEY = 60
_MAX_ITEM = 200
_CLOSE = 0.75
"""The share of common letters, in order, from which one word may be a misspelling of another."""
_NUMBER = re.compile(r"[ ]*(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)[ ]*%?[ ]*")


@dataclass(frozen=True, slots=True)
class Rule:
    """A keyword broken by a value: ``value`` is the keyword's, ``schema`` the object around the keyword."""

    keyword: str
    value: object
    schema: Mapping[str, object]
    instance: object
    whole: object = None
    """The whole schema, in which an unknown key may belong elsewhere."""
    quote: bool = True
    """May the message quote the instance? If not, keys unknown to the schema are left out, too."""

    def in_words(self) -> str:
        """Returns the allowed values."""
        write = _WORDS.get(self.keyword)
        return write(self) if write else f"what satisfies {self.keyword}"

    @property
    def unknown(self) -> list[str]:
        """The object's keys that are not in its schema."""
        known = self._properties()
        return [str(key) for key in self.instance if key not in known] if isinstance(self.instance, Mapping) else []

    def _properties(self) -> list[str]:
        return sorted(own_keys(self.whole, self.schema))

    def _known_keys(self) -> str:
        return f"only the keys {', '.join(self._properties())}"

    def only_known_keys(self) -> str:
        if not self.quote:
            return self._known_keys()
        unknown = sorted(self.unknown)
        elsewhere = places(self.whole)
        listed = [f"{key[:_MAX_KEY]}{self._hint(key, elsewhere.get(key))}" for key in unknown[:_MAX_UNKNOWN]]
        if len(unknown) > _MAX_UNKNOWN:
            listed.append(f"and {len(unknown) - _MAX_UNKNOWN} more")
        return f"{self._known_keys()} (unknown: {'; '.join(listed)})"

    def _hint(self, key: str, place: str | None) -> str:
        return _meant(key, self._properties()) if place is None else f", which belongs to {place}"

    def text_like(self) -> str:
        examples = self._examples()
        if not examples:
            return f"text that matches {self.value}"
        meant = (
            _meant(str(self.instance), [str(each) for each in _listed(self.schema["examples"])]) if self.quote else ""
        )
        return f"text that matches the form of {examples}{self._description()}{meant}"

    def type_named(self) -> str:
        names = [str(name) for name in _listed(self.value)]
        text = " or ".join(names)
        number = _NUMBER.fullmatch(self.instance) if isinstance(self.instance, str) and self.quote else None
        if number and not {"number", "integer"}.isdisjoint(names):
            return f"{text}, written as {number[1]} without quotes"
        if names == ["array"] and self.quote and isinstance(self.instance, str) and len(self.instance) <= _MAX_ITEM:
            return f"{text}, as [{json.dumps(self.instance)}]"
        examples = self._examples() if "string" in names else ""
        return f"{text}, as {examples}{self._description()}" if examples else text

    def constant(self) -> str:
        return f"{json.dumps(self.value)}{self._description()}"

    def required(self) -> str:
        present = self.instance if isinstance(self.instance, Mapping) else {}
        return f"an object with {', '.join(str(name) for name in _listed(self.value) if name not in present)}"

    def needed_beside(self) -> str:
        present = self.instance if isinstance(self.instance, Mapping) else {}
        rules = self.value.items() if isinstance(self.value, Mapping) else ()
        lacking = {name: [str(each) for each in _listed(needed) if each not in present] for name, needed in rules}
        return "; ".join(
            f"{name} with {' and '.join(each)}" for name, each in lacking.items() if name in present and each
        )

    def _examples(self) -> str:
        examples = [json.dumps(each) for each in _listed(self.schema.get("examples", []))][:_MAX_EXAMPLES]
        return " or ".join(part for part in (", ".join(examples[:-1]), *examples[-1:]) if part)

    def _description(self) -> str:
        description = self.schema.get("description")
        return f" ({description.rstrip('.')})" if isinstance(description, str) else ""


def _meant(word: str, known: list[str]) -> str:
    """Returns a question that suggests the known word most like ``word``, empty if none is similar."""
    from difflib import get_close_matches  # late: a rollback does not need it

    folded = {_folded(each): each for each in known}
    near = get_close_matches(_folded(word[:_MAX_KEY]), folded, n=1, cutoff=_CLOSE)
    return f", did you mean {folded[near[0]]}?" if near else ""


def _folded(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


_WORDS: Mapping[str, Callable[[Rule], str]] = {
    "type": Rule.type_named,
    "enum": lambda rule: ", ".join(json.dumps(each) for each in _listed(rule.value)),
    "const": Rule.constant,
    "pattern": Rule.text_like,
    "required": Rule.required,
    "dependentRequired": Rule.needed_beside,
    **dict.fromkeys(NO_OTHER_KEYS, Rule.only_known_keys),
    "minimum": lambda rule: f"{rule.value} or more",
    "maximum": lambda rule: f"{rule.value} or less",
    "exclusiveMinimum": lambda rule: f"more than {rule.value}",
    "exclusiveMaximum": lambda rule: f"less than {rule.value}",
    "minLength": lambda rule: f"at least {rule.value} characters",
    "maxLength": lambda rule: f"at most {rule.value} characters",
    "minItems": lambda rule: f"at least {rule.value} items",
    "maxItems": lambda rule: f"at most {rule.value} items",
    "uniqueItems": lambda _: "no item twice",
    "None": lambda _: "nothing",  # the schema is just false
}
