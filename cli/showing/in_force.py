"""Draws what is in force until somebody lifts it: quarantines and freezes."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import parsing
from cli.asking.parsing import Answer
from cli.showing.listing import Listing
from cli.showing.times import clock


def quarantine(answer: Answer) -> RenderableType:
    """Draws the bytes that are refused for a target, and those that somebody let go."""
    target = parsing.text(answer.get("target"))
    return Group(*_lifted_now(answer), *_held(answer, target), *_lifted_before(answer))


def freezes(answer: Answer) -> RenderableType:
    """Draws the freeze that was made or lifted, and every one that is in force now."""
    done = "lifted" if answer.get("request") == "unfreeze" else "made"
    in_force = [parsing.text(each.get("in_words")) for each in parsing.objects(answer.get("freezes"))]
    return Group(
        Text(f"{done}: {parsing.text(parsing.object_of(answer.get('freeze')).get('in_words'))}"),
        *map(Text, parsing.said(answer, "repeated")),
        Text("in force now:" if in_force else "no freeze is in force now", style="bold"),
        *(Text(f"  {each}", style="yellow") for each in in_force),
    )


def _lifted_now(answer: Answer) -> Iterator[RenderableType]:
    lifted = parsing.object_of(answer.get("lifted"))
    if lifted:
        yield Text(
            f"lifted: {lifted.get('artifact')} of {lifted.get('deployment')} may be deployed again", style="green"
        )
    yield from map(Text, parsing.said(answer, "repeated"))


def _held(answer: Answer, target: str) -> Iterator[RenderableType]:
    held = list(parsing.objects(answer.get("quarantined")))
    if not held:
        yield Text(f"nothing is quarantined for {target}")
        return
    rows = Listing("deployment", "zip", "since", notes="why")
    for each in held:
        since = clock(parsing.moment(each.get("at")))
        rows.add((parsing.text(each.get("deployment")), _zip(each), since), [Text(parsing.text(each.get("because")))])
    yield Text(f"quarantined for {target}", style="bold")
    yield rows
    last = parsing.text(held[0].get("deployment"))
    yield Text(f'`slipway quarantine {target} --lift {last} --why "..."` lets it be deployed again', style="dim")


def _lifted_before(answer: Answer) -> Iterator[RenderableType]:
    lifted = list(parsing.objects(answer.get("lifted_before")))
    if not lifted:
        return
    rows = Listing("deployment", "zip", "lifted", "who", notes="why")
    for each in lifted:
        at, who = clock(parsing.moment(each.get("lifted_at"))), parsing.text(each.get("who") or "-")
        rows.add(
            (parsing.text(each.get("deployment")), _zip(each), at, who), [Text(parsing.text(each.get("why") or "-"))]
        )
    yield Text("\nlifted before", style="bold")
    yield rows


def _zip(each: Answer) -> str:
    return parsing.text(each.get("artifact") or each.get("sha256")).rpartition("/")[2]
