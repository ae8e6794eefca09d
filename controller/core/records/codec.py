"""The stored form of a deployment: JSON that this release, an older one and a newer one can read.

A dataclass is written field by field under the fields' names, and read by the fields' types:

    {"schema": 1, "target": {"function": "checkout", "alias": "live"}, "number": 42, "phase": "SHIFTING", "step": 1,
     "opened_at": "2026-11-24T10:00:00+00:00",
     "expected_routings": [{"version": "2", "canary": "3", "weight": 1000}], ...}

A new field, of ``Deployment`` or of a value inside, needs a default and no change here.

Rules of the file:

- a field missing in a record has its default. Empty defaults (None, False, 0, "", no members, evidence before the first
  minute) are left out of the record, so they must never change;
- unknown fields and unknown members of sets, written by another release, stay in ``Deployment.extra`` and are written
  back;
- an unknown enum member, such as a phase, makes a record unreadable here and leaves it to the other release. There are
  exceptions, so that the known-good controller can roll back a newer one's deployment: an unknown cause is "other", and
  a field with an unknown member of ``_DISPENSABLE`` has its default. Without a default the value around it is left out,
  as a hook at an unknown point is in ``hooks``.

Note: unknown fields are lost inside a value that comes and goes (a reason, an approval) and inside a member of a list.
Written back later, they would seem to belong to the next such value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from controller.core.manifest.building import build
from controller.core.manifest.settings import HookPoint, Manifest
from controller.core.model import Cause, Deployment, Milestone, cause_of
from controller.core.model.deployment.hold.delay import DelayKind
from controller.core.model.deployment.hook_run import HookStatus
from controller.core.statistics.slow_requests import Measure

SCHEMA = 1
_OF_THE_STORE = {"revision", "extra"}
"""Fields left out: the store keeps the revision beside the record, and the contents of ``extra`` are written
instead.
"""
_DISPENSABLE = {DelayKind, HookPoint, HookStatus, Measure, Milestone}
_MICROSECOND = timedelta(microseconds=1)
_ALWAYS_WRITTEN = object()
Value = TypeVar("Value")
Json = dict[str, object]


def to_record(deployment: Deployment) -> Json:
    """Returns a deployment's record."""
    return _joined({"schema": SCHEMA, **write(deployment)}, deployment.extra)


def from_record(record: Json, revision: int) -> Deployment:
    """Returns a record's deployment. Raises TypeError or ValueError for a record that only another release can read."""
    found = read(Deployment, record)
    extra = _unknown(record, found)
    extra.pop("schema", None)
    return replace(found, revision=revision, extra=extra)


def write(value: Any) -> Json:
    """Returns a dataclass's fields as JSON. Raises TypeError for a value of another type than its field's."""
    written = {}
    for name, stored in _fields(type(value)).items():
        held = getattr(value, name)
        if held != stored.nothing:
            written[name] = stored.form.write(held)
    return written


def read(kind: type[Value], record: object) -> Value:
    """Returns the dataclass written by ``write``. Raises TypeError or ValueError, which names the field."""
    found, values = _object(record), {}
    for name, stored in _fields(kind).items():
        if name in found:
            try:
                values[name] = stored.form.read(found[name])
            except _Dispensable:
                if not stored.has_default:
                    raise
            except (KeyError, TypeError, ValueError) as problem:
                raise ValueError(f"{name}: {problem}") from problem
    return kind(**values)


class _Dispensable(ValueError):
    """This release lacks the stored member of an enum of ``_DISPENSABLE``."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of one type are written, and read back."""

    write: Callable[[Any], Any]
    read: Callable[[object], object]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A dataclass's field. ``nothing`` is its empty default, which is left out of a record."""

    kind: object
    form: _Form
    has_default: bool
    nothing: object


_FIELDS: dict[object, Mapping[str, _Stored]] = {}
"""A cache by dataclass and field name, because resolving all types takes a millisecond."""


def _fields(kind: Any) -> Mapping[str, _Stored]:
    if kind not in _FIELDS:
        kinds = get_type_hints(kind)
        stored = (each for each in fields(kind) if each.name not in _OF_THE_STORE)
        _FIELDS[kind] = {each.name: _stored(kinds[each.name], each) for each in stored}
    return _FIELDS[kind]


def _stored(kind: object, field: Field[object]) -> _Stored:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    says_nothing = not default or is_dataclass(default)
    return _Stored(kind, _form(kind), default is not MISSING, default if says_nothing else _ALWAYS_WRITTEN)


def _form(kind: Any) -> _Form:
    if kind in _FORMS:
        return _FORMS[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _form_of_enum(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _Form(write, partial(read, kind))
    match get_origin(kind), get_args(kind):
        case origin, (inner, last) if origin is UnionType and last is NoneType:
            return _form_of_optional(_form(inner))
        case origin, (inner,) if origin is frozenset:
            form = _form(inner)
            return _Form(lambda value: sorted(map(form.write, value)), lambda stored: frozenset(_members(form, stored)))
        case origin, (inner, last) if origin is tuple and last is ...:
            form = _form(inner)
            return _Form(lambda value: [*map(form.write, value)], lambda stored: tuple(_members(form, stored)))
        case origin, inner if origin is tuple:
            return _form_of_fixed_tuple([_form(each) for each in inner])
    raise TypeError(f"a record cannot hold {kind}: {__name__} has to learn it")


def _form_of_enum(kind: type[Enum]) -> _Form:
    members = {each.value: each for each in kind}

    def read_member(stored: object) -> Enum:
        if (word := _text(stored)) not in members:
            problem = _Dispensable if kind in _DISPENSABLE else ValueError
            raise problem(f"this release has no {kind.__name__} {word!r}")
        return members[word]

    return _Form(lambda value: value.value, read_member)


def _form_of_optional(form: _Form) -> _Form:
    return _Form(
        lambda value: None if value is None else form.write(value),
        lambda stored: None if stored is None else form.read(stored),
    )


def _form_of_fixed_tuple(forms: list[_Form]) -> _Form:
    return _Form(
        lambda value: [form.write(each) for form, each in zip(forms, value, strict=True)],
        lambda stored: tuple(form.read(each) for form, each in zip(forms, _list(stored), strict=True)),
    )


def _members(form: _Form, stored: object) -> Iterator[object]:
    for each in _list(stored):
        try:
            yield form.read(each)
        except _Dispensable:
            continue


def _unknown(record: Json, value: Any) -> Json:
    """Returns the parts of a record unknown to this release, in the shape of the record."""
    known = _fields(type(value))
    found = {name: each for name, each in record.items() if name not in known}
    for name, stored in known.items():
        left: object = None
        match record.get(name), getattr(value, name):
            case dict() as inner, held if type(held) is stored.kind:
                left = _unknown(inner, held)
            case list() as members, frozenset():
                left = [each for each in members if not stored.form.read([each])]
        if left:
            found[name] = left
    return found


def _joined(known: Json, unknown: Mapping[str, object]) -> Json:
    """Returns a record of the fields known to this release and the unknown ones."""
    both = {**unknown, **known}
    for name in known.keys() & unknown.keys():
        match known[name], unknown[name]:
            case dict() as inner, dict() as more:
                both[name] = _joined(inner, more)
            case list() as members, list() as more:
                both[name] = [*members, *(each for each in more if each not in members)]
    return both


def _only(kind: type[Value]) -> Callable[[object], Value]:
    def checked(value: object) -> Value:
        if not isinstance(value, kind):
            raise TypeError(f"{kind.__name__} was expected, found {type(value).__name__}")
        return value

    return checked


_text, _whole, _truth, _list, _object = _only(str), _only(int), _only(bool), _only(list), _only(dict)
_FORMS: Mapping[object, _Form] = {
    str: _Form(_text, _text),
    int: _Form(_whole, _whole),
    bool: _Form(_truth, _truth),
    # A text, because DynamoDB has neither Python's floats nor infinity, and evidence must continue exactly.
    float: _Form(lambda value: repr(float(value)), lambda stored: float(_text(stored))),
    datetime: _Form(datetime.isoformat, lambda stored: datetime.fromisoformat(_text(stored))),
    timedelta: _Form(lambda value: value // _MICROSECOND, lambda stored: _whole(stored) * _MICROSECOND),
    Cause: _Form(lambda value: value.value, lambda stored: cause_of(_text(stored))),
    # Built without the JSON Schema: an accepted manifest stays accepted. A text, because a manifest has fractions.
    Manifest: _Form(lambda value: json.dumps(value.document), lambda stored: build(json.loads(_text(stored)))),
}
