"""Draws what became of dead letters: which events were handled once more, and which are still there and why."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking.parsing import Answer, moment, objects, said, text
from cli.showing.times import clock


def letters(answer: Answer) -> RenderableType:
    """Draws the answer of ``redrive``."""
    found = list(objects(answer.get("letters")))
    handled = sum(bool(each.get("handled")) for each in found)
    return Group(
        Text(f"{handled} of {len(found)} dead letters handled" if found else "there is no dead letter", style="bold"),
        *(line for each in found for line in _letter(each)),
        *_left(answer),
    )


def _letter(letter: Answer) -> Iterator[Text]:
    sent = clock(moment(letter.get("sent_at")))
    if letter.get("handled"):
        did = "; ".join(map(_did, objects(letter.get("did")))) or "nothing was left to do"
        yield Text(f"  {sent}  handled: {did}", style="green")
    else:
        yield Text(f"  {sent}  still there: {text(letter.get('why'))}", style="yellow")
        if letter.get("event"):
            yield Text(f"    {text(json.dumps(letter['event']))}")
    yield from (Text(f"    failed by: {part}") for part in said(letter, "error"))
    yield from (Text(f"    {part}") for part in said(letter, "warning"))


def _did(line: Answer) -> str:
    """Returns "upload: checkout:live#42 is SHIFTING", without what the line has not."""
    about = " is ".join(said(line, "deployment", "phase"))
    return ": ".join(each for each in (text(line.get("event")), about) if each)


def _left(answer: Answer) -> Iterator[Text]:
    waiting = answer.get("waiting")
    if waiting:
        yield Text(f"about {waiting} are left in the queue; `slipway redrive` goes on with them", style="yellow")
    yield from (Text(f"stopped: {part}", style="yellow") for part in said(answer, "stopped"))
    yield from (Text(part, style="yellow") for part in said(answer, "warning"))
