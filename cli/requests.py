"""The commands that are requests of the controller: their arguments, and how their answers are shown."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping

from rich.console import RenderableType

from cli import output
from cli.asking import parsing, schema
from cli.asking.connection import Slipway
from cli.asking.parsing import Answer
from cli.asking.schema import Request
from cli.ship import add_zip, planned
from cli.showing import in_force, pictures, troubles
from cli.showing.letters import letters
from cli.showing.verdicts import verdict

DONE, REFUSED = 0, 1
_ADD_UP: Mapping[str, frozenset[str]] = {
    "promote": frozenset({"phase"}),
    "next": frozenset({"step"}),
    "approve": frozenset({"step"}),
    "rollback": frozenset({"to", "to_version"}),
    "deploy": frozenset(),
}
"""Requests that go further each time they are sent, and the members by which they go to one place only."""


def add_request(parser: ArgumentParser, request: Request) -> None:
    """Gives a subcommand the arguments of its request."""
    if request.has("bucket"):
        parser.add_argument("--bucket", help="the stack's bucket, if you may not read the stack's outputs")
    if request.word == "status":
        parser.add_argument("--exit-code", action="store_true", help="exit with 1 if something is not well")
    if request.word == "plan":
        add_zip(parser, nargs="?")
    schema.add_members(parser, request, left_out="bucket", supplied="key" if request.word == "plan" else "who")


def ask(request: Request, slipway: Slipway, options: Namespace) -> int:
    """Sends a request, shows the answer, and returns the exit status."""
    members = schema.members_given(options)
    if request.word == "plan":
        members |= _asked_about(slipway, options, members)
    if request.has("bucket"):
        members["bucket"] = slipway.bucket
    if request.has("who"):
        members.setdefault("who", slipway.caller)
    if request.has("id") and _is_one_of_its_own(request.word, members):
        members.setdefault("id", str(uuid.uuid4()))
    answer = slipway.ask(request.word, members)
    show(options, answer, _PICTURES.get(request.word, pictures.changed))
    if not answer.get("ok"):
        output.tell(str(answer.get("error", answer)))
    if not answer.get("ok") or answer.get("would") == "refuse":
        return REFUSED
    return _wellbeing(answer) if getattr(options, "exit_code", False) else DONE


def show(options: Namespace, answer: Answer, picture: Callable[[Answer], RenderableType]) -> None:
    """Writes an answer as it is, or draws it for people; of a refusal they are told elsewhere."""
    if options.json:
        output.show_json(answer)
    elif answer.get("ok", True):
        output.show(picture(answer))


def _is_one_of_its_own(word: str, members: Answer) -> bool:
    """Is a command another request than an equal one before it? Pause, resume, pause and resume are four.

    A command that adds up is none: typed again because no answer came, ``promote`` would end the bake.
    """
    return word not in _ADD_UP or bool(_ADD_UP[word] & members.keys())


def _asked_about(slipway: Slipway, options: Namespace, members: Answer) -> Answer:
    """Returns the members of ``plan`` that name the object: one that is uploaded for it, or one that is there."""
    if not (options.file or "key" in members):
        options.parser.error("what is asked about: FUNCTION and ZIP, or --key of an object in the bucket?")
    return planned(slipway, options) if options.file else {}


def _wellbeing(answer: Answer) -> int:
    found = list(_troubles(answer))
    for trouble in found:
        output.tell(trouble)
    return REFUSED if found else DONE


def _troubles(answer: Answer) -> Iterator[str]:
    if "target" in answer:
        return troubles.of_target(parsing.target_status(answer))
    return troubles.of_all(parsing.overview(answer))


def _status(answer: Answer) -> RenderableType:
    if "target" in answer:
        return pictures.target(parsing.target_status(answer))
    return pictures.overview(parsing.overview(answer))


_PICTURES: Mapping[str, Callable[[Answer], RenderableType]] = {
    "status": _status,
    "history": lambda answer: pictures.history(parsing.deployments(answer)),
    "show": pictures.shown,
    "plan": verdict,
    "backtest": verdict,
    "redrive": letters,
    "quarantine": in_force.quarantine,
    "freeze": in_force.freezes,
    "unfreeze": in_force.freezes,
}
