"""What is wrong with a JSON value, said so that a person can mend it: the place, what was found, what is allowed.

What a newcomer would get wrong: a value may be a secret, and so may a key. ``found`` is left out below and around a
secret path, and nothing is quoted in what is said of a response (``quote=False``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from jsonschema.exceptions import SchemaError, ValidationError

_LONGEST_PLACE = 300
_LONGEST_QUOTE = 80
_LONGEST_ALLOWED = 1_000
_MOST_PROBLEMS = 100
"""How many are compared to find the first one: of a hostile value each item may be one, and each takes a kilobyte."""
_TOO_DEEP = "nested too deeply to be checked"


def first_problem(
    value: object, schema: object, *, secrets: tuple[tuple[str, ...], ...] = (), quote: bool = True
) -> str | None:
    """Returns the first problem of ``value`` against ``schema``, None where there is none.

    ``secrets`` are paths below which values are not quoted, nor is what holds them; "*" is every item of a list. Where
    ``quote`` is False no value is quoted, nor a key that the schema does not name. A reference to another document is
    never fetched.
    """
    # Imported late: it costs as much as half a Lambda client, and a rollback does not need it.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import UnknownType, relevance
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    validator = Draft202012Validator(cast("Mapping[str, object] | bool", schema), registry=Registry())
    try:
        found = islice(validator.iter_errors(value), _MOST_PROBLEMS)
        errors = sorted(found, key=lambda error: [str(part) for part in error.absolute_path])
        if not errors:
            return None
        error = min(errors, key=lambda each: (len(each.absolute_path), relevance(each)))
        path = tuple("*" if isinstance(part, int) else part for part in error.absolute_path)
        hidden = error.instance != {} and any(_may_hold(secret, path) for secret in secrets)
        return _said(error, quote_keys=quote, quote=quote and not hidden)
    except Unresolvable as problem:
        return f"the schema refers to {problem.ref!r}, which is not in it"
    except RecursionError:
        return _TOO_DEEP
    except (ArithmeticError, ValueError):  # jsonschema's own, of NaN, of infinity, and of an $id that is no address
        return "it holds a number that is none, or the schema an address that is none, so they cannot be compared"
    # A reference may lead to what is no schema, and has not been checked: to a const, or a default.
    except (TypeError, AttributeError, LookupError, re.error, UnknownType):
        return "the schema refers to what is no schema"
    except BaseException as panic:
        if not _is_panic(panic):
            raise
        return _TOO_DEEP


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


def _said(error: ValidationError, *, quote_keys: bool, quote: bool) -> str:
    found = f"found {_quoted(error.instance)}, " if quote else ""
    allowed = _allowed(error) if quote_keys or error.validator != "additionalProperties" else _keys_of_the_schema(error)
    return f"{place(error, quote_keys=quote_keys)}: {found}allowed: {allowed[:_LONGEST_ALLOWED]}"


def _quoted(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."


def _allowed(error: ValidationError) -> str:
    write = _WORDS.get(str(error.validator))
    return write(error.validator_value, error) if write else f"what satisfies {error.validator}"


def _required(names: object, error: ValidationError) -> str:
    present = cast("Mapping[str, object]", error.instance)
    missing = [str(name) for name in _listed(names) if name not in present]
    return f"an object with {', '.join(missing)}"


def _known_keys(_: object, error: ValidationError) -> str:
    unknown = sorted(set(cast("Mapping[str, object]", error.instance)) - set(_known(error)))
    return f"{_keys_of_the_schema(error)} (unknown: {', '.join(unknown)})"


def _keys_of_the_schema(error: ValidationError) -> str:
    return f"only the keys {', '.join(_known(error))}"


def _known(error: ValidationError) -> list[str]:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return sorted(schema.get("properties", {}))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


_WORDS: Mapping[str, Callable[[object, ValidationError], str]] = {
    "type": lambda value, _: " or ".join(str(name) for name in _listed(value)),
    "enum": lambda value, _: ", ".join(json.dumps(each) for each in _listed(value)),
    "const": lambda value, _: json.dumps(value),
    "pattern": lambda value, _: f"text that matches {value}",
    "required": _required,
    "additionalProperties": _known_keys,
    "minimum": lambda value, _: f"{value} or more",
    "maximum": lambda value, _: f"{value} or less",
    "exclusiveMinimum": lambda value, _: f"more than {value}",
    "exclusiveMaximum": lambda value, _: f"less than {value}",
    "minLength": lambda value, _: f"at least {value} characters",
    "maxLength": lambda value, _: f"at most {value} characters",
    "minItems": lambda value, _: f"at least {value} items",
    "maxItems": lambda value, _: f"at most {value} items",
    "uniqueItems": lambda _value, _: "no item twice",
    "None": lambda _value, _: "nothing",  # where the schema is just false
}
