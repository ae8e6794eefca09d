"""A snapshot of an AWS and of the controller's records in it, taken without any call.

Note: a record is read from its row with the store's own reader, and remembered by its revision: no two saves of a
record have the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from controller.aws.dynamodb.items import from_item
from controller.aws.dynamodb.rows import read_deployment, read_head
from controller.core.lifecycle.admission import Head
from controller.core.model import ALL, Deployment, Entry, Phase, Routing, Target
from controller.core.routing import alias_description
from controller.core.routing.alias_description import AliasDescription, serves
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Json

LOOKED_AT = {"S": "open"}
"""The index's hash key of what a tick looks at; that of what has ended is another."""
_BACK = (Phase.ROLLING_BACK, Phase.ROLLED_BACK)


class Remembered(dict[tuple[str, str, str], Deployment]):
    """Records that were read once. A copy knows what this one knows, and goes on by itself."""

    def __deepcopy__(self, _memo: object) -> Remembered:
        return Remembered(self)


@dataclass(frozen=True)
class Theirs:
    """What somebody else made an alias carry, when, and the deployments that had ended by then.

    ``asked`` is whether a controller was just then answering a command of a person's about it.
    """

    revision: str
    routing: Routing | None = None
    ended: frozenset[int] = frozenset()
    at: datetime | None = None
    asked: bool = False

    def may_be_left_by(self, deployment: Deployment) -> bool:
        """May the deployment write over it without a command? It starts from what it finds, cannot tell it from what
        it wrote itself, and takes away what gives traffic to a version that something speaks against. A command is
        about what its own look shows, too, but not about what Slipway has said since that it leaves so.
        """
        if self.routing is None or deployment.number in self.ended:
            return False
        is_start = not self.routing.canary and deployment.stable == self.routing.version
        noted = any(self._is_noted_in(entry) for entry in deployment.timeline)
        gives_canary = deployment.phase in _BACK and serves(self.routing, deployment.stable, deployment.canary)
        return (
            self.routing in deployment.traffic.expected_routings
            or is_start
            or gives_canary
            or (self.asked and not noted)
        )

    def _is_noted_in(self, entry: Entry) -> bool:
        return self.at is not None and entry.at >= self.at and entry.text.startswith("somebody else made")


@dataclass
class Seen:
    """One moment. ``theirs`` is what somebody else made aliases carry last, by their target, and ``chosen`` what they
    ever made one carry; ``commanded`` are the targets that a person has said since what to do with. ``asked`` are the
    object versions that a person asked for. ``decided`` are deployments that others had a hand in while they were open:
    a person who said to go on, an earlier release, or whoever moved the alias.
    """

    cloud: Cloud
    remembered: Remembered
    theirs: dict[Target, Theirs] = field(default_factory=dict)
    asked: frozenset[str | None] = frozenset()
    commanded: frozenset[Target] = frozenset()
    chosen: frozenset[tuple[Target, str]] = frozenset()
    decided: frozenset[str] = frozenset()

    @cached_property
    def deployments(self) -> dict[Target, list[Deployment]]:
        """All records of each target, by number."""
        found: dict[Target, list[Deployment]] = {}
        for (pk, sk), row in sorted(self.cloud.table.rows.items()):
            if sk.startswith("deployment#"):
                deployment = self._read((pk, sk), row)
                found.setdefault(deployment.target, []).append(deployment)
        return found

    def head(self, target: Target) -> Head:
        row = self.cloud.table.rows.get((str(target), "head"))
        return read_head(from_item(row)) if row else Head()

    def open_one(self, target: Target) -> Deployment | None:
        """Returns the deployment that is open and at work, by its record and not by the head."""
        mine = self.deployments.get(target, [])
        return next((each for each in mine if not each.phase.is_terminal and not each.hold.queued), None)

    def last(self, target: Target) -> Deployment | None:
        """Returns the last deployment that has ended after it touched the alias, or found it right."""
        ended = (each for each in reversed(self.deployments.get(target, [])) if each.phase.is_terminal)
        return next((each for each in ended if each.phase is not Phase.FAILED), None)

    def routing(self, target: Target) -> Routing | None:
        carried = self.cloud.lambda_.carried(target.function, target.alias)
        if carried is None:
            return None
        for version, weight in carried[1].items():
            if weight >= 1:
                return Routing(version)
            if weight:
                return Routing(carried[0], version, round(weight * ALL))
        return Routing(carried[0])

    def alias(self, target: Target) -> Json | None:
        function = self.cloud.lambda_.functions.get(target.function)
        return function.aliases.get(target.alias) if function else None

    def crumb(self, target: Target) -> AliasDescription | None:
        alias = self.alias(target)
        return alias_description.read(alias["Description"]) if alias else None

    def crumbs(self, target: Target) -> Iterator[AliasDescription]:
        """Yields what each write of the alias said, the oldest first."""
        for name, alias in self.cloud.lambda_.history:
            crumb = alias_description.read(alias["Description"]) if Target(name, alias["Name"]) == target else None
            if crumb:
                yield crumb

    def is_theirs(self, target: Target) -> bool:
        """Was the alias last moved by somebody else?"""
        alias = self.alias(target)
        theirs = self.theirs.get(target)
        return alias is not None and theirs is not None and theirs.revision == alias["RevisionId"]

    def carried(self, target: Target) -> Iterator[str]:
        """Yields the versions that the alias gives traffic to."""
        routing = self.routing(target)
        yield from (version for version in (routing and routing.version, routing and routing.canary) if version)

    def is_quarantined(self, target: Target, version: str) -> bool:
        """Are the bytes of the version refused?"""
        found = self.cloud.lambda_.functions[target.function].versions.get(version)
        sha256 = found.configuration["CodeSha256"] if found else None
        return (str(target), f"quarantine#{sha256}") in self.cloud.table.rows

    def is_at_rest(self) -> bool:
        """Has everything ended that was begun, and is nobody to be told any more?"""
        return not any(row.get("open") == LOOKED_AT for row in self.cloud.table.rows.values()) and not any(
            not each.phase.is_terminal for mine in self.deployments.values() for each in mine
        )

    def _read(self, key: tuple[str, str], row: Json) -> Deployment:
        known = (*key, row["revision"]["N"])
        if known not in self.remembered:
            self.remembered[known] = read_deployment(from_item(row))
        return self.remembered[known]
