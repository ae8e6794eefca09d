"""``ship`` checks a zip here, drops it, and follows its deployment; ``plan`` uploads a zip only to ask about it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict
from pathlib import Path

from cli import output
from cli.asking.answers import Deployment, Refused
from cli.asking.connection import Slipway
from cli.asking.parsing import Answer
from cli.following import Following
from cli.showing.display import Lines, display
from cli.uploading import Uploaded, upload
from controller import check
from controller.core.artifact.object_keys import PLANNED

DONE, REFUSED = 0, 1
_LONGEST = 200
"""Characters of who and why, as in requests."""
_BETWEEN_LINES = 60.0
"""Seconds between two lines of a log in which nothing has moved."""


def add_ship(parser: ArgumentParser) -> None:
    """Gives ``ship`` its arguments."""
    add_zip(parser)
    parser.add_argument("--bucket", help="the stack's bucket, if you may not read the stack's outputs")
    parser.add_argument("--watch", action="store_true", help="wait for the end; exit with 1 unless it is SUCCEEDED")
    parser.add_argument("--alias", help="the alias to watch, if not that of the zip's manifest")
    parser.add_argument("--who", type=_ascii, help="who ships, if not the caller's name in AWS")
    parser.add_argument("--why", type=_ascii, help="goes into the record and the notice")
    parser.add_argument("--signature", help="the zip's signature, where the stack wants one")
    check.add_facts(parser)


def add_zip(parser: ArgumentParser, *, nargs: str | None = None) -> None:
    """Gives a command a function and a zip."""
    parser.add_argument("function", nargs=nargs, metavar="FUNCTION", help="the function's name")
    parser.add_argument("file", nargs=nargs, type=_file, metavar="ZIP", help="the zip on this machine")
    parser.add_argument("--name", help="what the zip is called in the bucket, if not as on this machine")


def ship(slipway: Slipway, options: Namespace) -> int:
    """Checks a zip, drops it, and follows its deployment if asked to. Returns the exit status."""
    options.key = f"{options.function}/{options.name or options.file.name}"
    verdict = check.verdict(options)
    if verdict["would"] != "deploy":
        output.tell(f"nothing is uploaded: {verdict['because']}")
        if options.json:
            output.show_json({"ok": False, **verdict})
        return REFUSED
    said = {"who": options.who or slipway.caller, "why": options.why, "signature": options.signature}
    dropped = upload(slipway, options.file, options.key, {name: text for name, text in said.items() if text})
    follow = "" if options.watch else f"; `slipway watch {options.function}` follows it"
    output.tell(
        f"dropped s3://{dropped.bucket}/{dropped.key}, version {dropped.version}, SHA-256 {dropped.sha256}{follow}"
    )
    ended = None
    if options.watch:
        members = {"function": options.function, "alias": options.alias or verdict["alias"]}
        ended = followed(slipway, members, options, dropped)
    if options.json:
        output.show_json(_answer(dropped, ended))
    return REFUSED if _is_bad(ended) else DONE


def planned(slipway: Slipway, options: Namespace) -> Answer:
    """Uploads a zip where nothing is deployed from, and returns the members of ``plan`` that name it."""
    key = f"{PLANNED}{options.function}/{options.name or options.file.name}"
    uploaded = upload(slipway, options.file, key, {})
    version = {"version": uploaded.version} if uploaded.version else {}
    return {"key": uploaded.key, **version}


def followed(slipway: Slipway, members: Answer, options: Namespace, dropped: Uploaded) -> Deployment | Refused:
    """Shows the deployment of an upload until its end."""
    with shown_on(options) as shown:
        ended = Following(slipway, members, shown, options.pause).upload(dropped.key, dropped.version)
        if isinstance(ended, Refused):
            shown.say(f"refused: {ended.reason}")
        else:
            shown.say(the_end(ended))
    return ended


def the_end(ended: Deployment) -> str:
    """Returns "checkout:live#5 ended as ROLLED_BACK: alarm checkout-p99 is firing", without a reason for a good end."""
    because = f": {ended.reason}" if ended.reason and ended.has_ended_badly else ""
    return f"{ended.name} ended as {ended.phase}{because}"


def shown_on(options: Namespace) -> Lines:
    """Returns where a deployment is shown: on the terminal, else in lines; not between the JSON."""
    return Lines(sys.stderr, between=_BETWEEN_LINES) if options.json else display(between=_BETWEEN_LINES)


def _answer(dropped: Uploaded, ended: Deployment | Refused | None) -> Answer:
    """Returns what ``--json`` prints: the object, and what became of it if that was waited for."""
    answer = {"ok": not _is_bad(ended), **asdict(dropped)}
    if isinstance(ended, Refused):
        return {**answer, "reason": ended.reason}
    return {**answer, **in_short(ended)} if ended else answer


def in_short(ended: Deployment) -> Answer:
    """Returns how a deployment ended, for ``--json``."""
    how = {"deployment": ended.name, "phase": ended.phase, "cause": ended.cause, "reason": ended.reason}
    return {"ok": not ended.has_ended_badly, **how}


def _is_bad(ended: Deployment | Refused | None) -> bool:
    return isinstance(ended, Refused) or (ended is not None and ended.has_ended_badly)


def _file(text: str) -> Path:
    path = Path(text)
    if path.is_dir():
        raise ArgumentTypeError(f"{text} is a folder: zip what is in it")
    if not path.is_file():
        raise ArgumentTypeError(f"{text} is no file")
    return path


def _ascii(text: str) -> str:
    # Metadata of an object is US-ASCII, and goes into headers. Source: S3 user guide, object metadata, 2026-11.
    if not (text.isascii() and text.isprintable()):
        raise ArgumentTypeError(f"{text!r} cannot go into the object's metadata, which is one line of ASCII")
    if len(text) > _LONGEST:
        raise ArgumentTypeError(f"{text[:20]}... has {len(text)} characters, allowed: at most {_LONGEST}")
    return text
