"""What is wrong with a JSON value, said so that a person can mend it: the place, what was found, what is allowed.

Note: a value may be a secret, and so may a key. ``found`` is left out below and around a secret path, and nothing is
quoted in what is said of a response (``quote=False``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from jsonschema.exceptions import SchemaError, ValidationError

    from controller.core.manifest.schema_allows import Rule

_LONGEST_PLACE = 300
_LONGEST_QUOTE = 80
_LONGEST_ALLOWED = 1_000
_MOST_PROBLEMS = 100
"""How many are compared to find the first one: of a hostile value each item may be one, and each takes a kilobyte."""
_MOST_SHOWN = 10
_LONGEST_TOGETHER = 1_800
"""Letters: a reason is cut in its middle where it is longer than a record takes."""
_TOO_DEEP = "nested too deeply to be checked"


Secrets = tuple[tuple[str, ...], ...]
"""Paths below which values are not quoted, nor is what holds them; "*" is every item of a list."""


def first_problem(value: object, schema: object, *, secrets: Secrets = (), quote: bool = True) -> str | None:
    """Returns the problem of ``value`` against ``schema`` that is nearest to the top, None where there is none.

    Where ``quote`` is False no value is quoted, nor a key that the schema does not name. A reference to another
    document is never fetched.
    """

    def nearest(errors: list[ValidationError]) -> list[str]:
        from jsonschema.exceptions import relevance

        error = min(errors, key=lambda each: (len(each.absolute_path), relevance(each)))
        return [_said(error, schema, secrets, quote=quote)]

    return next(iter(_told(value, schema, nearest)), None)


def all_problems(value: object, schema: object, *, secrets: Secrets = ()) -> list[str]:
    """Returns the problems of ``value`` against ``schema`` in the order in which a person meets them in their file.

    Of a great many it returns some. What is said of each is what ``first_problem`` says.
    """

    def in_order(errors: list[ValidationError]) -> list[str]:
        errors.sort(key=lambda error: _position(value, error))
        return list(dict.fromkeys(_said(error, schema, secrets, quote=True) for error in errors))

    return _told(value, schema, in_order)


def in_one_line(problems: Sequence[str]) -> str:
    """Returns problems as one text that a record can hold: the first ones, and how many more there are."""
    shown: list[str] = []
    for problem in problems[:_MOST_SHOWN]:
        if shown and sum(map(len, shown)) + len(problem) > _LONGEST_TOGETHER:
            break
        shown.append(problem)
    left = len(problems) - len(shown)
    return "; also ".join(shown) + (f"; and {left} more" if left else "")


def _told(value: object, schema: object, tell: Callable[[list[ValidationError]], list[str]]) -> list[str]:
    """Returns what ``tell`` says of the errors that there are, or why they cannot be found."""
    # Imported late: it costs as much as half a Lambda client, and a rollback does not need it.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import UnknownType
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    validator = Draft202012Validator(cast("Mapping[str, object] | bool", schema), registry=Registry())
    try:
        found = islice(validator.iter_errors(value), _MOST_PROBLEMS)
        errors = sorted(found, key=lambda error: [str(part) for part in error.absolute_path])
        return tell(errors) if errors else []
    except Unresolvable as problem:
        return [f"the schema refers to {problem.ref!r}, which is not in it"]
    except RecursionError:
        return [_TOO_DEEP]
    except (ArithmeticError, ValueError):  # jsonschema's own, of NaN, of infinity, and of an $id that is no address
        return ["it holds a number that is none, or the schema an address that is none, so they cannot be compared"]
    # A reference may lead to what is no schema, and has not been checked: to a const, or a default.
    except (TypeError, AttributeError, LookupError, re.error, UnknownType):
        return ["the schema refers to what is no schema"]
    except BaseException as panic:
        if not _is_panic(panic):
            raise
        return [_TOO_DEEP]


def schema_problem(schema: object) -> str | None:
    """Returns why ``schema`` is no JSON Schema (draft 2020-12), None where it is one."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError as Wrong

    try:
        Draft202012Validator.check_schema(cast("Mapping[str, object] | bool", schema))
    except Wrong as problem:
        return f"{place(problem)}: {problem.message[:_LONGEST_QUOTE]}"
    except RecursionError:
        return _TOO_DEEP
    except OverflowError:  # Python's own, of a pattern as "a{99999999999}"
        return "it has a pattern that repeats more often than can be counted"
    return None


def _is_panic(raised: BaseException) -> bool:
    """Did jsonschema's compiled part give up? It does so where Python code that it calls is too deep, and what it
    raises is no Exception and has no name to import. Source: PyO3 guide, panics become PanicException, 2026-11.
    """
    return type(raised).__name__ == "PanicException"


def place(error: ValidationError | SchemaError, *, quote_keys: bool = True) -> str:
    """Writes where an error is: ``strategy.steps[1].weight``, or "the top" for the whole value."""
    named = {str(part) for part in error.absolute_schema_path}
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part if quote_keys or part in named else '*'}"
    text = text.lstrip(".") or "the top"
    return text if len(text) <= _LONGEST_PLACE else f"{text[: _LONGEST_PLACE - 3]}..."


def _may_hold(secret: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Is what stands at ``path`` below the secret, or around it? A misspelled key is a problem of what is around it."""
    return all(one == other for one, other in zip(path, secret, strict=False))


def _position(value: object, error: ValidationError) -> tuple[int, ...]:
    """Returns where an error is in the text that ``value`` was read from: the place of each key among its siblings.

    An unknown key is where it stands; a key that is missing is where its object begins.
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
    # A key that nobody knows is told beside a secret, too: whoever misspelled it has to find it.
    shows = quote and (not hidden or error.validator == "additionalProperties")
    allowed = _rule(error, schema, quote=shows).in_words()
    return f"{place(error, quote_keys=quote)}: {found}allowed: {allowed[:_LONGEST_ALLOWED]}"


def _rule(error: ValidationError, whole: object, *, quote: bool = True) -> Rule:
    from controller.core.manifest.schema_allows import Rule  # late, like the library: a rollback does not need it

    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return Rule(str(error.validator), error.validator_value, schema, error.instance, whole, quote)


def _quoted(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."
