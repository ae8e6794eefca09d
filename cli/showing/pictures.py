"""Draws the controller's answers for people: what is open everywhere, one target, one deployment, a history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.asking.answers import Deployment, Overview, Refused, TargetStatus
from cli.asking.parsing import Answer, deployment, said
from cli.showing.listing import Listing
from cli.showing.panel import phase
from cli.showing.times import clock, span
from cli.showing.verdicts import members


def overview(found: Overview) -> RenderableType:
    """Draws every open deployment, and what ended in the last day."""
    parts: list[RenderableType] = []
    if found.open:
        parts.append(_opened(found.open, found.at))
    else:
        parts.append(Text("no deployment is open", style="dim"))
    if found.ended:
        parts += [Text("\nended in the last day", style="bold"), history(found.ended, found.at)]
    return Group(*parts, *_notices(found.freezes, found.refused, found.warnings, found.at), *_controller(found))


def target(found: TargetStatus) -> RenderableType:
    """Draws one target: what serves, the open deployment, and the newest one."""
    served = f" ({found.served_by})" if found.served_by else ""
    serves = f"serves {found.serves}{served}" if found.serves else "has no alias: nothing is deployed yet"
    parts: list[RenderableType] = [Text.assemble((found.target, "bold"), f" {serves}")]
    if found.backup:
        parts.append(Text(f"way back: version {found.backup}"))
    if found.drift:
        parts.append(Text(f"drift: {found.drift}", style="bold red"))
    for one in (found.open, found.newest):
        if one:
            parts += [Text(), in_full(one, found.at)]
    return Group(*parts, *_notices(found.freezes, found.refused, found.warnings, found.at))


def in_full(one: Deployment, now: datetime | None = None) -> RenderableType:
    """Draws one deployment with its timeline."""
    rows = Table.grid(padding=(0, 2))
    for name, text in _facts(one, now):
        rows.add_row(f"  {name}", text)
    timeline = Table.grid(padding=(0, 2))
    for entry in one.timeline:
        timeline.add_row(f"    {clock(entry.at, now)}", entry.text)
    parts: list[RenderableType] = [Text.assemble((one.name, "bold"), "  ", phase(one)), rows]
    if one.timeline:
        parts += ["  timeline", timeline]
    return Group(*parts)


def in_a_line(one: Deployment) -> str:
    """Says how a deployment is, without how long anything still takes."""
    share = f"{one.share:g}% on version {one.canary}" if one.share is not None else ""
    step = f"step {one.step.number} of {one.step.of}" if one.step else ""
    firing = f"firing: {', '.join(one.firing)}" if one.firing else ""
    return "  ".join(each for each in (one.phase, share, step, _modes(one), firing, one.reason) if each)


def history(found: Sequence[Deployment], now: datetime | None = None) -> RenderableType:
    """Draws ended and open deployments, one row each."""
    rows = Listing("deployment", "phase", "opened", "took", "zip", "who", notes="why")
    for one in found:
        took = span(one.ended - one.opened) if one.ended and one.opened else "-"
        name = one.artifact.rpartition("/")[2]
        why = [Text(each) for each in (one.reason, one.why and f"{one.who}: {one.why}") if each]
        rows.add((one.name, phase(one), clock(one.opened, now), took, name, one.who), why)
    return rows


def shown(answer: Answer) -> RenderableType:
    """Draws the deployment of an answer, whole."""
    one = deployment(answer)
    return in_full(one) if one else members(answer)


def changed(answer: Answer, now: datetime | None = None) -> RenderableType:
    """Draws what became of a request that acts."""
    one = deployment(answer)
    words = said(answer, "repeated", "unfinished")
    if one is None:
        return members(answer)
    return Group(Text.assemble((one.name, "bold"), "  ", phase(one)), *_few(one, now), *map(Text, words))


def _opened(found: Iterable[Deployment], now: datetime | None) -> RenderableType:
    rows = Listing("deployment", "phase", "versions", "new has", "step", notes="held by")
    for one in found:
        versions = f"v{one.stable or '-'}->v{one.canary or '-'}"
        share = f"{one.share:g}%" if one.share is not None else "-"
        step = f"{one.step.number}/{one.step.of}" if one.step else "-"
        rows.add((one.name, phase(one), versions, share, step), _few(one, now))
    return rows


def _few(one: Deployment, now: datetime | None) -> Iterator[Text]:
    """Yields the lines that say why a deployment does not go on, or how it ended."""
    if one.firing:
        yield Text(f"firing: {', '.join(one.firing)}", style="bold red")
    if one.modes:
        yield Text(_modes(one), style="yellow")
    if one.held_by:
        yield Text(f"{one.held_by}{_until(one.until, now)}")
    elif one.reason:
        yield Text(one.reason)


def _facts(one: Deployment, now: datetime | None) -> Iterator[tuple[str, str | Text]]:
    """Yields what is known of a deployment, each with its name."""
    back = one.seconds_to_restore
    facts: dict[str, str | Text] = {
        "zip": one.artifact,
        "SHA-256": one.sha256 or "",
        "by": ": ".join(each for each in (one.who, one.why) if each),
        "opened": f"{clock(one.opened, now)}{_ago(one.opened, now)}" if one.opened else "",
        "versions": f"{one.stable or '-'} -> {one.canary or '-'}",
        "traffic": str(one.routing) if one.routing and not one.has_ended else "",
        "step": f"{one.step.number} of {one.step.of}, {one.step.weight:g} %" if one.step else "",
        "errors": f"{one.counts}; {one.evidence.odds}" if one.evidence else "",
        "modes": _modes(one),
        "firing": Text(", ".join(one.firing), style="bold red"),
        "held by": f"{one.held_by}{_until(one.until, now)}" if one.held_by else "",
        "reason": one.reason or "",
        "back after": "" if back is None else f"{back:g} s",
    }
    yield from ((name, text) for name, text in facts.items() if text)


def _modes(one: Deployment) -> str:
    return ", ".join(mode.replace("_", " ") for mode in one.modes)


def _notices(
    freezes: Sequence[str], refused: Sequence[Refused], warnings: Sequence[str], now: datetime | None
) -> Iterator[RenderableType]:
    for freeze in freezes:
        yield Text(f"\n{freeze}", style="yellow")
    for one in refused:
        yield Text(f"\nrefused at {clock(one.at, now)}: {one.artifact}: {one.reason}", style="yellow")
    for warning in warnings:
        yield Text(f"\ncontroller: {warning}", style="bold red")


def _controller(found: Overview) -> Iterator[RenderableType]:
    """Yields whether the controller is awake, and whether events wait for a person."""
    tick = f"last tick {clock(found.last_tick, found.at)}" if found.last_tick else "no tick seen in the last hour"
    ago = _ago(found.last_tick, found.at) if found.last_tick else ""
    yield Text(f"\ncontroller version {found.version or '-'}, {tick}{ago}", style="dim")
    if found.dead_letters:
        yield Text(f"dead letters: {found.dead_letters}; `slipway redrive` handles them once more", style="bold red")


def _until(moment: datetime | None, now: datetime | None) -> str:
    if moment is None:
        return ""
    return f"; until {clock(moment, now)}{f' (in {span(moment - now)})' if now else ''}"


def _ago(moment: datetime, now: datetime | None) -> str:
    return f" ({span(now - moment)} ago)" if now else ""
