"""``watch``: one deployment to its end, or a table of all that is open until Ctrl-C."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from contextlib import suppress

from rich.console import Console
from rich.live import Live

from cli import output
from cli.asking import parsing
from cli.asking.answers import Overview
from cli.asking.aws_errors import CouldNotAsk
from cli.asking.connection import Slipway
from cli.asking.parsing import Answer
from cli.asking.patience import Patient
from cli.following import BETWEEN_LOOKS, Following
from cli.ship import in_short, shown_on, the_end
from cli.showing import pictures
from cli.showing.times import clock

DONE, REFUSED = 0, 1


def add_watch(parser: ArgumentParser) -> None:
    """Gives ``watch`` its arguments."""
    words = "one to watch, also as checkout:live or checkout:live#5; without it, all that are open"
    parser.add_argument("function", nargs="?", metavar="FUNCTION", help=words)
    parser.add_argument("--alias", help="the function's alias, if not that of the default manifest")


def watch(slipway: Slipway, options: Namespace) -> int:
    """Watches what the options name. Returns the exit status: of one deployment, whether it ended well."""
    if options.function is None:
        return _watch_all(slipway, options)
    target, _, number = options.function.partition("#")
    members = {"function": target, **({"alias": options.alias} if options.alias else {})}
    answer = slipway.ask("status", members)
    is_new = parsing.is_unknown(answer) and not number
    if not answer.get("ok") and not is_new:
        output.tell(str(answer.get("error", answer)))
        return REFUSED
    name = f"{parsing.target_status(answer).target}#{number}"
    with shown_on(options) as shown:
        following = Following(slipway, members, shown, options.pause)
        if not number:
            name = following.first() if is_new else following.next_open()
        elif following.found(name) is None:
            raise CouldNotAsk(f"there is no deployment {name}: `slipway history {target}` lists them")
        ended = following.named(name)
        shown.say(the_end(ended))
    if options.json:
        output.show_json(in_short(ended))
    return REFUSED if ended.has_ended_badly else DONE


def _watch_all(slipway: Slipway, options: Namespace) -> int:
    """Shows all that is open until Ctrl-C: a table on a terminal, else a line for each change."""
    with suppress(KeyboardInterrupt):
        if options.json:
            for found in _answers(slipway, options):
                output.show_json(found)
        elif output.is_terminal():
            _draw(_looks(slipway, options))
        else:
            _write(_looks(slipway, options))
    return DONE


def _answers(slipway: Slipway, options: Namespace) -> Iterator[Answer]:
    patient = Patient(slipway, options.pause, output.tell)
    while True:
        yield patient.ask("status", {})
        options.pause(BETWEEN_LOOKS)


def _looks(slipway: Slipway, options: Namespace) -> Iterator[Overview]:
    return map(parsing.overview, _answers(slipway, options))


def _draw(looks: Iterable[Overview]) -> None:
    with Live(console=Console(highlight=False), auto_refresh=False, screen=True) as live:
        for found in looks:
            live.update(pictures.overview(found), refresh=True)


def _write(looks: Iterable[Overview]) -> None:
    seen: dict[str, str] = {}
    for found in looks:
        now = {one.name: pictures.in_a_line(one) for one in (*reversed(found.ended), *found.open)}
        for name, line in now.items():
            if seen.get(name) != line:
                output.show(f"{clock(found.at)}  {name}  {line}")
        seen = now
