"""Reads the text of a CloudWatch metric math expression into a tree. Pure.

``parse`` knows the syntax only: numbers, ids (lower-case first letter), functions (upper case), arrays, ``+ -
* / ^``, unary minus, comparisons, ``AND``/``&&``, ``OR``/``||``. Which functions exist is ``math``'s
business.

Note: ids and functions differ by their case alone. ``sum`` is an id, ``SUM`` is a function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 2048
"""Characters of an expression. Source: CloudWatch service model, MetricExpression, botocore 1.43."""
DEEPEST = 50
"""Levels of nesting; with ``MOST_WORDS`` a bound of this reader, so that no expression can exhaust the
stack."""
MOST_WORDS = 600
"""Numbers, ids, operators and brackets in one expression."""


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
class Word:
    """An upper-case word that is no function call, as REPEAT in ``FILL(m1, REPEAT)``."""

    text: str


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Node


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


Node = Number | Name | Word | Negate | Binary | Array | Call


def parse(text: str) -> Node:
    """Returns the tree of an expression. Raises MathError, naming the place, where the text is none."""
    if len(text) > LONGEST:
        raise MathError(f"an expression has at most {LONGEST} characters, this one has {len(text)}")
    return _Reader(text).expression()


def names(node: Node) -> frozenset[str]:
    """Returns the ids that the expression uses."""
    return frozenset(inner.identifier for inner in _walk(node) if isinstance(inner, Name))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Negate(operand):
            yield from _walk(operand)
        case Binary(_, left, right):
            yield from _walk(left)
            yield from _walk(right)
        case Array(inner) | Call(_, inner):
            for each in inner:
                yield from _walk(each)


_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<symbol>==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]]))",
    re.ASCII,
)
_SPELLED = {"AND": "&&", "OR": "||"}
_COMPARISONS = dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3)
_STRENGTH = {"||": 1, "&&": 2, **_COMPARISONS, "+": 4, "-": 4, "*": 5, "/": 5, "^": 7}
_OF_MINUS = 6
_FROM_THE_RIGHT = ("^",)


class _Reader:
    """Reads operators by their strength: each level takes what binds tighter than itself."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        if len(self._tokens) > MOST_WORDS:
            raise MathError(f"an expression has at most {MOST_WORDS} words and signs, this one has {len(self._tokens)}")
        self._next = 0
        self._depth = 0

    def expression(self) -> Node:
        node = self._operators(0)
        if self._peek():
            raise self._unexpected()
        return node

    def _operators(self, weakest: int) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise MathError(f"the expression is nested more than {DEEPEST} levels deep")
        left = self._operand()
        while (strength := _STRENGTH.get(self._peek(), 0)) > weakest:
            symbol = self._take()
            right = self._operators(strength - 1 if symbol in _FROM_THE_RIGHT else strength)
            left = Binary(symbol, left, right)
        self._depth -= 1
        return left

    def _operand(self) -> Node:
        token = self._peek()
        if token == "-":
            self._take()
            return Negate(self._operators(_OF_MINUS))
        if token == "(":
            self._take()
            inner = self._operators(0)
            self._expect(")")
            return inner
        if token == "[":
            return Array(self._list("[", "]"))
        if token[:1].isdigit() or token[:1] == ".":
            return Number(float(self._take()))
        if token[:1].isalpha():
            return self._word()
        raise self._unexpected()

    def _word(self) -> Node:
        word = self._take()
        if self._peek() == "(":
            return Call(word, self._list("(", ")"))
        return Name(word) if word[0].islower() else Word(word)

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
        token = match.group(match.lastgroup or 0)
        yield _SPELLED.get(token, token), match.start(match.lastgroup or 0)
        place = match.end()
