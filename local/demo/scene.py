"""What can be seen of the story at one moment, and how it is put in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.demo.evidence import Evidence
from local.demo.sightings import Routing
from local.demo.traffic import Count


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment. ``deployment`` and ``phase`` are empty before the first drop was taken in; ``canary`` and ``stable``
    are the versions that ``evidence`` is about.
    """

    seconds: float
    act: str
    deployment: str = ""
    phase: str = ""
    routing: Routing | None = None
    counts: Mapping[str, Count] = field(default_factory=dict)
    canary: str = ""
    stable: str = ""
    evidence: Evidence | None = None


def routing_in_words(routing: Routing | None) -> str:
    """Returns "80 % v1, 20 % v2"."""
    if routing is None:
        return "no alias"
    versions = (routing.version, *(version for version, _ in routing.weights))
    return ", ".join(f"{routing.percent_of(version):g} % v{version}" for version in versions)


def counts_in_words(counts: Mapping[str, Count]) -> str:
    """Returns "v1 200, v2 31 with 4 errors"."""
    words = (
        f"v{version} {count.requests}"
        + (f" with {count.errors} error{'s' if count.errors > 1 else ''}" if count.errors else "")
        for version, count in counts.items()
    )
    return ", ".join(words) or "none yet"


def bar(routing: Routing | None, width: int) -> tuple[tuple[str, int], ...]:
    """Returns how many of ``width`` cells each version gets, the alias's own first; all of them are given away."""
    if routing is None:
        return ()
    others = tuple((version, max(1, round(fraction * width))) for version, fraction in routing.weights)
    return ((routing.version, width - sum(cells for _, cells in others)), *others)


def evidence_in_words(scene: Scene) -> tuple[str, ...]:
    """Returns what the error gate has counted, and what that comes to; nothing where it has judged nothing yet."""
    if scene.evidence is None:
        return ()
    return scene.evidence.counts_in_words(scene.canary, scene.stable), scene.evidence.odds_in_words
