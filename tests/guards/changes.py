"""Changes to the controller that are found by name: where, which kind of change, and a name that the place mentions.

    skips("core.lifecycle.plan:_serving", "drift")         the `if` that asks about `drift` is never taken
    ignores("core.lifecycle.plan:_routed", "ours")           the condition about `ours` is left out of its `and` or `or`
    omits("core.gates.order:DANGERS", "deadline.danger")     the argument, member or entry of that name is left out
    drops("dispatch:Dispatcher._tick", "_raise_first")       the statement that mentions it is left out
    answers("core.routing.desired:ours", "expected_routings", "True")  the `return` that mentions it returns this
    sets("core.gates.own_alarm", "BAD_MINUTES", "1")         the variable, argument or entry of that name is this
    swaps("core.lifecycle.plan:plan", "*needed", "*notices") two statements, or members, stand in each other's place

A name is a variable, an attribute or a text, with or without what stands before its last dot. How the code is laid out,
and all else around the place, may change. A place that is not there, or is there twice, raises LookupError.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_Span = tuple[tuple[int, int], tuple[int, int]]
"""Where something begins and ends: lines from 1, columns in bytes from 0."""
_Place = tuple[_Span, str]
"""A place that is meant, and what stands there afterwards."""
_Node = ast.expr | ast.stmt | ast.keyword


@dataclass(frozen=True)
class Change:
    """``where`` is a module of the controller and, behind a colon, a class, function or variable of it."""

    where: str
    find: Callable[[ast.AST, str], Iterator[_Place]]
    names: Sequence[str]
    value: str = ""
    """Stands there afterwards, where the kind of change does not say what does."""

    @property
    def file(self) -> str:
        return f"controller/{self.where.partition(':')[0].replace('.', '/')}.py"

    @property
    def in_words(self) -> str:
        """Returns the kind and the names: "skipped: drift"."""
        return f"{self.find.__name__[1:]}: {', '.join(self.names)}"

    def path(self, root: Path) -> Path:
        """Returns the file in a checkout."""
        path = root / self.file
        return path if path.exists() else path.with_suffix("") / "__init__.py"

    def made(self, text: str) -> str:
        """Returns the text of the file with the change made. Raises LookupError where it cannot be."""
        scope = _named(ast.parse(text), self.where.partition(":")[2])
        places = [self._place(scope, name) for name in self.names]
        if self.find is _swapped:
            (first, _), (second, _) = places
            places = [(first, _part(text, second)), (second, _part(text, first))]
        for span, becomes in sorted(places, reverse=True):
            start, end = (_offset(text, each) for each in span)
            text = text[:start] + (becomes or self.value) + text[end:]
        return text

    def _place(self, scope: ast.AST, name: str) -> _Place:
        found = [place for node in ast.walk(scope) for place in self.find(node, name)]
        # One that holds another is not meant.
        inner = [each for each in found if not any(_holds(each[0], other[0]) for other in found)]
        if len(inner) != 1:
            raise LookupError(f"{self.where} has {len(inner)} places, not one, that {name!r} could mean")
        return inner[0]


def skips(where: str, name: str) -> Change:
    return Change(where, _skipped, (name,))


def ignores(where: str, name: str) -> Change:
    return Change(where, _ignored, (name,))


def omits(where: str, name: str) -> Change:
    return Change(where, _omitted, (name,))


def drops(where: str, name: str) -> Change:
    return Change(where, _dropped, (name,))


def answers(where: str, name: str, value: str) -> Change:
    return Change(where, _answered, (name,), value)


def sets(where: str, name: str, value: str) -> Change:
    return Change(where, _set, (name,), value)


def swaps(where: str, name: str, other: str) -> Change:
    return Change(where, _swapped, (name, other))


def _skipped(node: ast.AST, name: str) -> Iterator[_Place]:
    if isinstance(node, ast.If) and _mentions(node.test, name):
        yield _span(node.test), "False"


def _ignored(node: ast.AST, name: str) -> Iterator[_Place]:
    match node:
        case ast.BoolOp(op=op, values=conditions):
            neutral = str(isinstance(op, ast.And))
        case ast.comprehension(ifs=conditions):
            neutral = "True"
        case _:
            return
    yield from ((_span(each), neutral) for each in conditions if _mentions(each, name))


def _omitted(node: ast.AST, name: str) -> Iterator[_Place]:
    match node:
        case ast.Call(keywords=keywords):
            yield from ((_span(each), "**{}") for each in keywords if each.arg == name)
        case ast.Dict():
            yield from ((_span(key, value), "**{}") for key, value in _entries(node) if _is(key, name))
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members):
            yield from ((_span(each), "*()") for each in members if _mentions(each, name))


def _dropped(node: ast.AST, name: str) -> Iterator[_Place]:
    if isinstance(node, ast.Expr | ast.Raise | ast.Assign) and _mentions(node, name):
        yield _span(node), "pass"


def _answered(node: ast.AST, name: str) -> Iterator[_Place]:
    if isinstance(node, ast.Return) and node.value is not None and _mentions(node.value, name):
        yield _span(node.value), ""


def _set(node: ast.AST, name: str) -> Iterator[_Place]:
    match node:
        case ast.Assign(targets=[target], value=old) | ast.AnnAssign(target=target, value=ast.expr() as old):
            found = [old] if _is(target, name) else []
        case ast.Call(keywords=keywords):
            found = [each.value for each in keywords if each.arg == name]
        case ast.Dict():
            found = [old for key, old in _entries(node) if _is(key, name)]
        case _:
            return
    yield from ((_span(each), "") for each in found)


def _swapped(node: ast.AST, name: str) -> Iterator[_Place]:
    if isinstance(node, ast.Tuple | ast.stmt) and not isinstance(node, ast.FunctionDef | ast.Return):
        yield from ((_span(each), "") for each in getattr(node, "elts", [node]) if _mentions(each, name))


def _named(module: ast.Module, path: str) -> ast.AST:
    scope: ast.AST = module
    for name in path.split(".") if path else ():
        found = [node for node in getattr(scope, "body", []) if name in _names(node)]
        if len(found) != 1:
            raise LookupError(f"{path} is there {len(found)} times, not once")
        (scope,) = found
    return scope


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]):
            return [name]
    return []


def _mentions(node: ast.AST, name: str) -> bool:
    return any(_is(each, name) for each in ast.walk(node))


def _is(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Constant(value=text):
            return text == name
        case ast.Name() | ast.Attribute() | ast.Starred():
            return f".{ast.unparse(node)}".endswith(f".{name}")
    return False


def _entries(node: ast.Dict) -> Iterator[tuple[ast.expr, ast.expr]]:
    return ((key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None)


def _span(first: _Node, last: _Node | None = None) -> _Span:
    last = last or first
    return (first.lineno, first.col_offset), (last.end_lineno or 0, last.end_col_offset or 0)


def _holds(outer: _Span, inner: _Span) -> bool:
    return outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]


def _offset(text: str, position: tuple[int, int]) -> int:
    line, column = position
    before = text.splitlines(keepends=True)[: line - 1]
    return sum(map(len, before)) + len(text.splitlines()[line - 1].encode()[:column].decode())


def _part(text: str, span: _Span) -> str:
    return text[_offset(text, span[0]) : _offset(text, span[1])]
