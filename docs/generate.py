"""Writes the parts of the pages that are made from the code: ``make documents``, or ``python -m docs.generate``.

A generated part stands between two lines, which stay; what is between them is replaced:

    <!-- states: made by make documents -->
    <!-- states: end -->

Rules of the file:
- a part takes its words from its source: the transition table, a JSON Schema, the template, a run of the controller;
- the same sources give the same text, so a test can say whether the pages are current.

Note: a page is not the place to mend a wrong word. The source is. The tables of the simulation are not
made here: they take minutes, and ``bench.judging`` makes them.
"""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from samtranslator.yaml_helper import yaml_parse

from cli.commands import parser
from controller.core.lifecycle import state_machine
from controller.core.manifest.building import schema
from controller.core.model import Phase
from controller.core.model.deployment.mode import of_phase
from docs import examples
from docs.refusals import CASES
from live.facts import FACTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_REQUESTS = ROOT / "controller" / "slipway.request.schema.json"

Node = Mapping[str, Any]
Row = tuple[str, ...]


class UnknownPart(ValueError):
    """The pages have a generated part that nothing here makes, or lack one that is made."""


def main() -> int:
    """Rewrites the pages that are not current."""
    pages = {str(file): file.read_text("utf-8") for file in DOCS.rglob("*.md")}
    for name, made in rewritten(pages).items():
        if made != pages[name]:
            Path(name).write_text(made, "utf-8")
            print(f"{name} is rewritten", file=sys.stderr)
    return 0


def rewritten(pages: Mapping[str, str]) -> Mapping[str, str]:
    """Returns the pages, by their names, with every generated part made anew. Raises UnknownPart."""
    found = sorted(match["name"] for text in pages.values() for match in _PART.finditer(text))
    if found != sorted(PARTS):
        raise UnknownPart(f"generated parts of the pages: {found}; made here: {sorted(PARTS)}")
    return {name: _PART.sub(_made, text) for name, text in pages.items()}


def _made(match: re.Match[str]) -> str:
    return f"{match['begin']}\n\n{PARTS[match['name']]()}\n\n{match['end']}"


def states() -> str:
    """Lists the phases, every change of phase that the transition table allows, and the modes of each phase."""
    edges = state_machine.edges()
    rows = (
        (
            _code(phase.value),
            ", ".join(_code(after.value) for before, after in edges if before is phase) or "nothing: an end",
            ", ".join(_code(mode.value) for mode in of_phase(phase)),
        )
        for phase in Phase
    )
    return _table(("phase", "may become", "modes"), rows)


def manifest() -> str:
    """Lists every key of slipway.json."""
    return _table(("key", "allowed", "default", "meaning"), _keys(schema(), ""))


def requests() -> str:
    """Lists every request with its members."""
    document = cast("Node", json.loads(_REQUESTS.read_text("utf-8")))
    rules = [(rule["if"]["properties"]["request"], rule["then"]) for rule in document["allOf"]]
    request = document["properties"]["request"]
    rows = (
        (_code(word), *_members(then), description)
        for word, description in zip(request["enum"], request["enumDescriptions"], strict=True)
        for condition, then in rules
        if word in condition.get("enum", [condition.get("const")])
    )
    return _table(("request", "needs", "may have", "what it does"), rows)


def commands() -> str:
    """Lists the commands of the client with their options."""
    top = parser()
    (subcommands,) = (action for action in top._actions if isinstance(action, _SubParsersAction))  # noqa: SLF001
    shared = {"-h, --help", "--stack STACK", "--region REGION", "--profile PROFILE", "--json"}
    rows = (
        (_code(" ".join([name, *_shown(command, positional=True)])), command.description or "", _words(command, shared))
        for name, command in subcommands.choices.items()
    )
    return _table(("command", "what it does", "options"), rows)


def parameters() -> str:
    """Lists the parameters of template.yaml."""
    template = cast("Node", yaml_parse((ROOT / "template.yaml").read_text("utf-8")))
    rows = (
        (_code(name), _code(str(each["Default"])) if each["Default"] != "" else "empty", each["Description"])
        for name, each in template["Parameters"].items()
    )
    return _table(("parameter", "default", "meaning"), rows)


def refusals() -> str:
    """Lists the refusals that dropped zips got, each in a run of the controller."""
    return _table(("input", "reason in the record"), ((name, _quoted(case())) for name, case in CASES.items()))


def facts() -> str:
    """Lists what a run of ``python -m live`` finds out."""
    rows = ((each.number, each.asks, each.expected, each.otherwise) for each in FACTS)
    return _table(("fact", "asks", "expected", "otherwise"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "backtest": examples.backtest,
    "phasechange": examples.phase_change,
    "plan": examples.plan,
    "refusedupload": examples.refused_upload,
    "parameters": parameters,
    "facts": facts,
    "manifest": manifest,
    "refusals": refusals,
    "requests": requests,
    "states": states,
}
_PART = re.compile(
    r"(?P<begin><!-- (?P<name>[a-z]+): made by make documents -->)\n.*?(?P<end><!-- (?P=name): end -->)",
    re.DOTALL,
)
_LAST_HOOK = ".after_rollback"
"""All hooks have the same keys, so they are listed once, after the last one."""
_OF_LAMBDA = "As in Lambda's CreateFunction."


def _keys(node: Node, prefix: str) -> Iterator[Row]:
    for name, written in cast("Node", node.get("properties", {})).items():
        whole = _resolved(written)
        path = f"{prefix}{name}"
        default = "must be given" if name in node.get("required", ()) else _default(whole, path)
        yield _code(path), _allowed(whole), default, _meaning(written, whole, path)
        yield from _inner(written, whole, path)


def _inner(written: Node, whole: Node, path: str) -> Iterator[Row]:
    """Yields the keys of what a key holds: of the items of a list, and of both forms of what has two."""
    reference = str(written.get("$ref", ""))
    if reference.endswith("/hook"):
        if path.endswith(_LAST_HOOK):
            yield from _keys(whole, "hooks.*.")
        return
    inside = _resolved(whole.get("items", whole))
    prefix = f"{path}[]." if "items" in whole else f"{path}."
    for form in ("else", "then") if "if" in inside else ("",):
        yield from _keys(_resolved(inside[form]) if form else inside, prefix)


def _resolved(node: Node) -> Node:
    """Returns a node with what it refers to; its own words come first."""
    reference = node.get("$ref")
    if reference is None:
        return node
    return {**schema()["$defs"][reference.rpartition("/")[2]], **node}  # type: ignore[index]


def _default(node: Node, path: str) -> str:
    if "default" in node:
        return _code(json.dumps(node["default"]))
    return "left alone" if path.startswith("function.") else ""


def _meaning(written: Node, whole: Node, path: str) -> str:
    own = written.get("description")
    if own is None and path.startswith("function."):
        return _OF_LAMBDA
    return str(own or whole["description"])


def _allowed(node: Node) -> str:
    if str(node.get("$ref", "")).endswith("/duration"):
        return "duration"
    if "enum" in node:
        return " or ".join(_code(word) for word in node["enum"])
    if "else" in node:
        other = _code("false") if "const" in node["then"] else "a name"
        return f"{_allowed(_resolved(node['else']))}, or {other}"
    kinds = node.get("type", "any JSON")
    kind = " or ".join(_KINDS[each] for each in ([kinds] if isinstance(kinds, str) else kinds))
    return ", ".join([kind, *_bounds(node)])


def _bounds(node: Node) -> Iterator[str]:
    for word, phrase in _PHRASES.items():
        if word in node:
            yield phrase.format(node[word])
    if "pattern" in node:
        yield f"matching {_code(node['pattern'].replace(_NO_LINE_BREAK, ''))}"
    if node.get("items", {}).keys() & {"enum", "type"} and "properties" not in node["items"]:
        yield f"each {_allowed(node['items'])}"


_BAR = "\\|"
_NO_LINE_BREAK = r"(?!\n)"  # says the same as $ to everybody but Python
_KINDS: Mapping[object, str] = {
    "any JSON": "any JSON",
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "object": "object",
    "string": "text",
}
_PHRASES: Mapping[str, str] = {
    "minimum": "from {}",
    "maximum": "to {}",
    "exclusiveMinimum": "over {}",
    "exclusiveMaximum": "under {}",
    "maxItems": "at most {}",
    "maxLength": "at most {} characters",
}


def _words(command: ArgumentParser, shared: set[str]) -> str:
    return ", ".join(_code(option) for option in _shown(command, positional=False) if option not in shared)


def _shown(command: ArgumentParser, *, positional: bool) -> Iterator[str]:
    """Yields the arguments of a command as its help has them: FUNCTION, --why WHY."""
    formatter = command._get_formatter()  # noqa: SLF001
    for action in command._actions:  # noqa: SLF001
        if bool(action.option_strings) is not positional:
            shown = formatter._format_action_invocation(action)  # noqa: SLF001
            yield f"[{shown}]" if positional and action.nargs == "?" else shown


def _members(then: Node) -> tuple[str, str]:
    names = [name for name in then["properties"] if name != "request"]
    needed = then.get("required", [])
    may = [name for name in names if name not in needed]
    return ", ".join(_code(name) for name in needed), ", ".join(_code(name) for name in may)


def _code(text: str) -> str:
    return f"`{text}`"


def _quoted(text: str) -> str:
    """Returns code that may have backticks in it."""
    return f"``` {text} ```" if "`" in text else _code(text)


def _table(head: Row, rows: Iterable[Row]) -> str:
    return "\n".join(_line(cells) for cells in (head, ("---",) * len(head), *rows))


def _line(cells: Row) -> str:
    # Markdown takes a bar for the end of a cell, between backticks too.
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
