"""Reads JSON from outside, and refuses texts that two readers could understand differently.

Rules of the file:

- the text is hostile: nested without end, or with values that only Python accepts as JSON;
- a repeated key is refused: Python would take the last one, other readers the first.

Note: the text may be a secret. A refusal quotes no value, and only keys known beforehand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import islice

_NOT_THERE = object()
_MAX_DIGITS = 4_300
"""Python's own limit. Source: Python documentation, integer string conversion length limitation, 2026-11."""


class NotJson(ValueError):
    """The text is not JSON, or not the same JSON for every reader; the message gives the reason."""


def read(text: str, words: Collection[str] = ()) -> object:
    """Returns the value of ``text``. Raises NotJson, which may quote the keys in ``words``."""
    try:
        value: object = json.loads(
            text,
            parse_constant=_not_json,
            parse_float=_finite,
            parse_int=_of_few_digits,
            object_pairs_hook=partial(_with_each_key_once, words),
        )
        # JSON can hold half a character ("\ud800"); UTF-8, and so a name or a message in AWS, cannot.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as problem:
        raise NotJson(f"half a character, {problem.reason}") from None  # the original message quotes the half
    except json.JSONDecodeError as problem:
        from controller.core.manifest import json_mistakes  # late: only bad JSON needs it

        raise NotJson(json_mistakes.in_words(text, problem)) from None  # the original error has the whole text
    except RecursionError:
        raise NotJson("it is nested too deeply to be read") from None
    except ValueError as problem:
        raise NotJson(str(problem)) from problem
    return value


def holds_more(value: object, limit: int) -> bool:
    """Does the value contain more than ``limit`` values, counting itself?"""
    return len(list(islice(_inside(value), limit + 1))) > limit


def keys(value: object) -> frozenset[str]:
    """Returns all keys anywhere in the value."""
    return frozenset(str(key) for each in _inside(value) if isinstance(each, Mapping) for key in each)


def _inside(value: object) -> Iterator[object]:
    """Yields the value and all values inside, at any depth."""
    left = [value]
    while left:
        each = left.pop()
        yield each
        if isinstance(each, Mapping):
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)


def _not_json(word: str) -> object:
    raise ValueError(f"{word} is not a JSON number")


def _finite(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise ValueError("a number in it is larger than readers take")
    return number


def _of_few_digits(written: str) -> int:
    if len(written) > _MAX_DIGITS:
        raise ValueError("a number in it has more digits than readers take")
    return int(written)


def _with_each_key_once(words: Collection[str], members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) == len(members):
        return found
    # Taken out one by one: what is not there any more has stood there before.
    twice = next(key for key, _ in members if found.pop(key, _NOT_THERE) is _NOT_THERE)
    raise ValueError(f"the key {twice if twice in words else '...'} stands twice in one object, allowed: once")
