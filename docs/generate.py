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

import re
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from samtranslator.yaml_helper import yaml_parse

from cli.asking import schema as schema_of_requests
from cli.commands import parser
from controller.core.lifecycle import state_machine
from controller.core.model import Phase
from controller.core.model.deployment.mode import of_phase
from docs import examples
from docs.keys import manifest
from docs.markdown import ANY, KINDS, Row, code, either, quoted, table
from docs.refusals import CASES
from live.facts import FACTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_FEW = 4
"""Requests that a member's row names."""

Node = Mapping[str, Any]


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
            code(phase.value),
            ", ".join(code(after.value) for before, after in edges if before is phase) or "nothing: an end",
            ", ".join(code(mode.value) for mode in of_phase(phase)),
        )
        for phase in Phase
    )
    return table(("phase", "may become", "modes"), rows)


def requests() -> str:
    """Lists every request with its members."""
    rows = (
        (code(each.word), _names(each, required=True), _names(each, required=False), each.description)
        for each in schema_of_requests.requests()
    )
    return table(("request", "needs", "may have", "what it does"), rows)


def members() -> str:
    """Lists every member of requests, in as many rows as it has meanings."""
    meanings: dict[Row, list[str]] = {}
    for request in schema_of_requests.requests():
        for member in request.members:
            kinds = either(code(str(each)) for each in member.choices) or either(KINDS[kind] for kind in member.kinds)
            meanings.setdefault((code(member.name), kinds or ANY, member.description), []).append(request.word)
    rows = ((name, _some(words), kinds, meaning) for (name, kinds, meaning), words in sorted(meanings.items()))
    return table(("member", "of", "is", "meaning"), rows)


def commands() -> str:
    """Lists the commands of the client with their options."""
    top = parser()
    (subcommands,) = (action for action in top._actions if isinstance(action, _SubParsersAction))  # noqa: SLF001
    shared = {"-h, --help", "--stack STACK", "--region REGION", "--profile PROFILE", "--json"}
    rows = (
        (code(" ".join([name, *_shown(command, positional=True)])), command.description or "", _words(command, shared))
        for name, command in subcommands.choices.items()
    )
    return table(("command", "what it does", "options"), rows)


def parameters() -> str:
    """Lists the parameters of template.yaml."""
    template = cast("Node", yaml_parse((ROOT / "template.yaml").read_text("utf-8")))
    rows = (
        (code(name), code(str(each["Default"])) if each["Default"] != "" else "empty", each["Description"])
        for name, each in template["Parameters"].items()
    )
    return table(("parameter", "default", "meaning"), rows)


def refusals() -> str:
    """Lists the refusals that dropped zips got, each in a run of the controller."""
    return table(("input", "reason in the record"), ((name, quoted(case())) for name, case in CASES.items()))


def facts() -> str:
    """Lists what a run of ``python -m live`` finds out."""
    rows = ((each.number, each.asks, each.expected, each.otherwise) for each in FACTS)
    return table(("fact", "asks", "expected", "otherwise"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "aliasdrift": examples.alias_drift,
    "commands": commands,
    "backtest": examples.backtest,
    "phasechange": examples.phase_change,
    "plan": examples.plan,
    "refusedupload": examples.refused_upload,
    "members": members,
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


def _words(command: ArgumentParser, shared: set[str]) -> str:
    return ", ".join(code(option) for option in _shown(command, positional=False) if option not in shared)


def _shown(command: ArgumentParser, *, positional: bool) -> Iterator[str]:
    """Yields the arguments of a command as its help has them: FUNCTION, --why WHY."""
    formatter = command._get_formatter()  # noqa: SLF001
    for action in command._actions:  # noqa: SLF001
        if bool(action.option_strings) is not positional:
            shown = formatter._format_action_invocation(action)  # noqa: SLF001
            yield {"?": f"[{shown}]", "*": f"[{shown} ...]"}.get(str(action.nargs), shown) if positional else shown


def _names(request: schema_of_requests.Request, *, required: bool) -> str:
    return ", ".join(code(each.name) for each in request.members if each.is_required is required)


def _some(words: Sequence[str]) -> str:
    return "most requests" if len(words) > _FEW else ", ".join(map(code, words))


if __name__ == "__main__":
    sys.exit(main())
