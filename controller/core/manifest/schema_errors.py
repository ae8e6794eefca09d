"""Describes the problems of a JSON value for the person who has to mend them: place, value found, values allowed.

Note: values and keys may be secrets. ``found`` is left out below and around a secret path, and messages about a
response quote nothing (``quote=False``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, cast

from controller.core.manifest.schema_keys import NO_OTHER_KEYS

if TYPE_CHECKING:
    from jsonschema.exceptions import SchemaError, ValidationError

    from controller.core.manifest.schema_allows import Rule

_MAX_PLACE = 300
_MAX_QUOTE = 80
_MAX_ALLOWED = 1_000
_MAX_PROBLEMS = 100
"""Problems to compare for finding the first: a hostile value may have one per item, and each takes a kilobyte."""
_MAX_SHOWN = 10
_MAX_TOGETHER = 1_800
"""Letters: a longer reason would be cut in its middle for the record."""
_TOO_DEEP = "nested too deeply to be checked"


Secrets = tuple[tuple[str, ...], ...]
"""Paths with values that are never quoted, neither alone nor inside a larger value; "*" is any item of a list."""


def first_problem(value: object, schema: object, *, secrets: Secrets = (), quote: bool = True) -> str | None:
    """Returns the problem of ``value`` against ``schema`` nearest to the top, None for a valid value.

    With ``quote=False`` neither values nor keys unknown to the schema are quoted. References to other documents are
    never fetched.
    """

    def nearest(errors: list[ValidationError]) -> list[str]:
        from jsonschema.exceptions import relevance

        error = min(errors, key=lambda each: (len(each.absolute_path), relevance(each)))
        return [_said(error, schema, secrets, quote=quote)]

    return next(iter(_told(value, schema, nearest)), None)


def all_problems(value: object, schema: object, *, secrets: Secrets = ()) -> list[str]:
    """Returns the problems of ``value`` against ``schema`` in the order of the person's file; the first hundred at
    most.
    """

    def in_order(errors: list[ValidationError]) -> list[str]:
        errors.sort(key=lambda error: _position(value, error))
        return list(dict.fromkeys(_said(error, schema, secrets, quote=True) for error in errors))

    return _told(value, schema, in_order)


def in_one_line(problems: Sequence[str]) -> str:
    """Returns problems as one text for a record: the first few, and how many follow."""
    shown: list[str] = []
    for problem in problems[:_MAX_SHOWN]:
        if shown and sum(map(len, shown)) + len(problem) > _MAX_TOGETHER:
            break
        shown.append(problem)
    left = len(problems) - len(shown)
    return "; also ".join(shown) + (f"; and {left} more" if left else "")


def _told(value: object, schema: object, tell: Callable[[list[ValidationError]], list[str]]) -> list[str]:
    """Returns what ``tell`` makes of the errors, or why none could be found."""
    # Imported late: jsonschema costs as much as half a Lambda client, and a rollback does not need it.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import UnknownType
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    validator = Draft202012Validator(cast("Mapping[str, object] | bool", schema), registry=Registry())
    try:
        found = islice(validator.iter_errors(value), _MAX_PROBLEMS)
        errors = sorted(found, key=lambda error: [str(part) for part in error.absolute_path])
        return tell(errors) if errors else []
    except Unresolvable as problem:
        return [f"the schema refers to {problem.ref!r}, which is not in it"]
    except RecursionError:
        return [_TOO_DEEP]
    except (ArithmeticError, ValueError):  # jsonschema's own, for NaN, infinity, and an $id that is no address
        return ["the value has NaN or infinity, or the schema an invalid address, so they cannot be compared"]
    # A reference may lead to an unchecked part of the schema that is no schema: to a const, or a default.
    except (TypeError, AttributeError, LookupError, re.error, UnknownType):
        return ["the schema refers to a place that is no schema"]
    except BaseException as panic:
        if not _is_panic(panic):
            raise
        return [_TOO_DEEP]


def schema_problem(schema: object) -> str | None:
    """Returns why ``schema`` is no JSON Schema (draft 2020-12), None for a valid one."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError as Wrong

    try:
        Draft202012Validator.check_schema(cast("Mapping[str, object] | bool", schema))
    except Wrong as problem:
        return f"{place(problem)}: {problem.message[:_MAX_QUOTE]}"
    except RecursionError:
        return _TOO_DEEP
    except OverflowError:  # Python's own, for a pattern such as "a{99999999999}"
        return "a pattern in it repeats more often than can be counted"
    return None


def _is_panic(raised: BaseException) -> bool:
    """Did jsonschema's compiled part give up, because Python code called from it was nested too deeply?"""
    # The panic is no Exception, and its type cannot be imported. Source: PyO3 guide, panics become PanicException,
    # 2026-11.
    return type(raised).__name__ == "PanicException"


def place(error: ValidationError | SchemaError, *, quote_keys: bool = True) -> str:
    """Writes an error's place: ``strategy.steps[1].weight``, or "the top" for the whole value."""
    named = {str(part) for part in error.absolute_schema_path}
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part if quote_keys or part in named else '*'}"
    text = text.lstrip(".") or "the top"
    return text if len(text) <= _MAX_PLACE else f"{text[: _MAX_PLACE - 3]}..."


def _may_hold(secret: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Is the path below the secret, or around it? A misspelled key is reported for the object around it."""
    return all(one == other for one, other in zip(path, secret, strict=False))


def _position(value: object, error: ValidationError) -> tuple[int, ...]:
    """Returns an error's position in the text: each key's place among its siblings.

    An unknown key is at its own place; a missing key is at the beginning of its object.
    """
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        path.extend(_rule(error, None).unknown[:1])
    position: list[int] = []
    for part in path:
        if isinstance(part, int):
            position.append(part)
            value = cast("list[object]", value)[part]
        else:
            siblings = cast("Mapping[str, object]", value)
            position.append(list(siblings).index(part))
            value = siblings[part]
    return tuple(position)


def _said(error: ValidationError, schema: object, secrets: Secrets, *, quote: bool) -> str:
    path = tuple("*" if isinstance(part, int) else part for part in error.absolute_path)
    hidden = error.instance != {} and any(_may_hold(secret, path) for secret in secrets)
    found = f"found {_quoted(error.instance)}, " if quote and not hidden else ""
    # An unknown key is named even beside a secret, because its author has to find the misspelling.
    shows = quote and (not hidden or error.validator in NO_OTHER_KEYS)
    allowed = _rule(error, schema, quote=shows).in_words()
    return f"{place(error, quote_keys=quote)}: {found}allowed: {allowed[:_MAX_ALLOWED]}"


def _rule(error: ValidationError, whole: object, *, quote: bool = True) -> Rule:
    from controller.core.manifest.schema_allows import Rule  # late, as the library is: a rollback does not need it

    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return Rule(str(error.validator), error.validator_value, schema, error.instance, whole, quote)


def _quoted(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _MAX_QUOTE else text[: _MAX_QUOTE - 3] + "..."
