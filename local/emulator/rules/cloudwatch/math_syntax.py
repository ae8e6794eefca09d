"""Reads the text of a CloudWatch metric math expression into a tree. Pure.

``parse`` knows the syntax only: numbers, ids (lower-case first letter), functions (upper case), arrays, ``+ - * /``,
comparisons, ``&&``, ``||``. Which functions exist is ``math``'s business.

Note: ids and functions differ by their case alone. ``sum`` is an id, ``SUM`` is a function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 2048
"""Characters of an expression. Source: CloudWatch service model, MetricExpression, botocore 1.43."""


class MathError(ValueError):
    """The expression cannot be read or evaluated; the message says where or why."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a metric or of another expression."""

    identifier: str


@dataclass(frozen=True, slots=True)
class Binary:
    symbol: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Array:
    members: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


Node = Number | Name | Binary | Array | Call


@lru_cache(maxsize=1_000)
def parse(text: str) -> Node:
    """Returns the tree of an expression. Raises MathError, naming the place, where the text is none."""
    if len(text) > LONGEST:
        raise MathError(f"an expression has at most {LONGEST} characters, this one has {len(text)}")
    return _Reader(text).expression()


def names(node: Node) -> frozenset[str]:
    """Returns the ids that the expression uses."""
    match node:
        case Name(identifier):
            return frozenset((identifier,))
        case Binary(_, left, right):
            return names(left) | names(right)
        case Array(inner) | Call(_, inner):
            return frozenset[str]().union(*map(names, inner))
    return frozenset()


_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<symbol>==|!=|<=|>=|&&|\|\||[-+*/<>(),\[\]]))",
    re.ASCII,
)
_COMPARISONS = dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3)
_STRENGTH = {"||": 1, "&&": 2, **_COMPARISONS, "+": 4, "-": 4, "*": 5, "/": 5}


class _Reader:
    """Reads operators by their strength: each level takes what binds tighter than itself."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    def expression(self) -> Node:
        node = self._operators(0)
        if self._peek():
            raise self._unexpected()
        return node

    def _operators(self, weakest: int) -> Node:
        left = self._operand()
        while (strength := _STRENGTH.get(self._peek(), 0)) > weakest:
            symbol = self._take()
            left = Binary(symbol, left, self._operators(strength))
        return left

    def _operand(self) -> Node:
        token = self._peek()
        if token == "(":
            self._take()
            inner = self._operators(0)
            self._expect(")")
            return inner
        if token == "[":
            return Array(self._list("[", "]"))
        if token[:1].isdigit() or token[:1] == ".":
            return Number(float(self._take()))
        if token[:1].islower():
            return Name(self._take())
        if token[:1].isupper():
            return Call(self._take(), self._list("(", ")"))
        raise self._unexpected()

    def _list(self, opening: str, closing: str) -> tuple[Node, ...]:
        self._expect(opening)
        members = [self._operators(0)] if self._peek() != closing else []
        while self._peek() == ",":
            self._take()
            members.append(self._operators(0))
        self._expect(closing)
        return tuple(members)

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise self._unexpected(token)
        self._next += 1

    def _unexpected(self, wanted: str = "") -> MathError:
        expected = f", {wanted!r} was expected" if wanted else ""
        if self._next >= len(self._tokens):
            return MathError(f"the expression {self._text!r} ends too early{expected}")
        token, place = self._tokens[self._next]
        return MathError(f"unexpected {token!r} at character {place + 1} of {self._text!r}{expected}")


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise MathError(f"unexpected {text[place:].strip()[:1]!r} at character {place + 1} of {text!r}")
        yield match.group(match.lastgroup or 0), match.start(match.lastgroup or 0)
        place = match.end()
