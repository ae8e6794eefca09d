"""The kinds of change: some of mutmut's, and conditions and calls that nobody would miss.

    if late:                          if False:                  nobody asks
    first or second                   first, and second alone    a condition is left out
    self.check(target)                pass                       a call is left out
    write(row, absent=True)           write(row)                 an argument with a name is left out
    found[:10]                        found                      a bound is left out
    return found                      return None                nothing is answered
    count < 3, True, "and", "x" ...   count <= 3, False, "or", "XXxXX" ...

An argument without a name is not left out: that is a TypeError, which proves nothing. Words with a space between them
are for people and stay as they are. mutmut leaves decorated functions alone. Here they are changed like any other:
those of this project only have their phases noted, or are properties.

Note: mutmut has no door for this. Its release is locked, and what is set here are two functions of it and a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import libcst as cst
from mutmut.mutation import file_mutation, mutators

_ITS_OWN = ("staticmethod", "classmethod", "overload", "override")
"""Decorators that mutmut knows how to treat, or that leave nothing to change."""
_REPLACED = (
    mutators.operator_string,
    mutators.operator_arg_removal,
    mutators.operator_dict_arguments,
    mutators.operator_symmetric_string_methods_swap,
    mutators.operator_unsymmetrical_string_methods_swap,
)


def install() -> None:
    """Makes mutmut do so in this process, and in those that it forks."""
    file_mutation.mutation_operators = [
        *((node, kind) for node, kind in mutators.mutation_operators if kind not in _REPLACED),
        (cst.If, _never),
        (cst.BooleanOperation, _one_left_out),
        (cst.SimpleStatementLine, _not_called),
        (cst.Call, _without_a_name),
        (cst.Subscript, _without_a_bound),
        (cst.Return, _nothing),
        (cst.SimpleString, _another_word),
    ]
    skips, arranged = (
        file_mutation.MutationVisitor._skip_node_and_children,
        file_mutation.function_trampoline_arrangement,
    )

    def skips_fewer(visitor: Any, node: cst.CSTNode) -> bool:
        return skips(visitor, node.with_changes(decorators=[]) if _is_decorated(node) else node)

    def arranged_plainly(function: cst.FunctionDef, *rest: Any, **named: Any) -> Any:
        empty, nodes, assigned, names = arranged(function, *rest, **named)
        if _is_decorated(function):  # the first of them is called, and keeps its decorators; the others are its bodies
            nodes = [nodes[0], *(node.with_changes(decorators=[]) for node in nodes[1:])]
        return empty, nodes, assigned, names

    file_mutation.MutationVisitor._skip_node_and_children = skips_fewer
    file_mutation.function_trampoline_arrangement = arranged_plainly


def _is_decorated(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.FunctionDef) or not node.decorators:
        return False
    names = [getattr(each.decorator, "value", "") for each in node.decorators]
    return not any(name in _ITS_OWN for name in names)


def _never(node: cst.If) -> Iterable[cst.CSTNode]:
    yield node.with_changes(test=cst.Name("False", lpar=[cst.LeftParen()], rpar=[cst.RightParen()]))


def _one_left_out(node: cst.BooleanOperation) -> Iterable[cst.CSTNode]:
    for side in (node.left, node.right):
        yield side if side.lpar else side.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _not_called(node: cst.SimpleStatementLine) -> Iterable[cst.CSTNode]:
    match node.body:
        case [cst.Expr(value=cst.Call() | cst.Yield())]:
            yield node.with_changes(body=_PASS)


def _without_a_name(node: cst.Call) -> Iterable[cst.CSTNode]:
    for place, argument in enumerate(node.args):
        if argument.keyword is not None:
            yield node.with_changes(args=[*node.args[:place], *node.args[place + 1 :]])


def _without_a_bound(node: cst.Subscript) -> Iterable[cst.CSTNode]:
    if any(isinstance(each.slice, cst.Slice) for each in node.slice):
        yield node.value


def _nothing(node: cst.Return) -> Iterable[cst.CSTNode]:
    if node.value is not None and not (isinstance(node.value, cst.Name) and node.value.value == "None"):
        yield node.with_changes(value=cst.Name("None"))


def _another_word(node: cst.SimpleString) -> Iterable[cst.CSTNode]:
    if " " not in node.value and node.value[0] == '"' != node.value[1]:
        yield node.with_changes(value=f'"XX{node.value[1:-1]}XX"')


_PASS: Sequence[cst.BaseSmallStatement] = (cst.Pass(),)
