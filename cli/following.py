"""Follows deployments to their end, and shows on the way how they are: the work of ``watch`` and ``ship --watch``.

Rules of the file:
- the deployment of an upload is known by the object's version id, not by its key;
- nothing is asked but the requests that look, and a question that is not answered is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cli.asking import parsing
from cli.asking.answers import Count, Deployment, Refused, TargetStatus
from cli.asking.aws_errors import CouldNotAsk
from cli.asking.connection import Slipway
from cli.asking.patience import Patient
from cli.showing.display import Lines
from cli.showing.panel import Moment

BETWEEN_LOOKS = 2.0
"""Seconds."""
_SEARCHED_EVERY = 15
"""Looks at one target in vain, after which all targets are looked at."""
_LONGEST_UNSEEN = 300
"""Looks in ten minutes. A new bucket's first events may take five. Source: S3 user guide, EventBridge, 2026-11."""
_WIDE_HISTORY = 100

Matches = Callable[[Deployment], bool]
Pause = Callable[[float], None]


@dataclass
class Following:
    """Looks at one target again and again. ``members`` are its function and alias, as requests have them."""

    slipway: Slipway
    members: Mapping[str, object]
    shown: Lines
    pause: Pause
    _looks: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._ask = Patient(self.slipway, self.pause, self.shown.say).ask

    def upload(self, key: str, version: str | None) -> Deployment | Refused:
        """Returns what became of an upload: its deployment after the end, or why there is none. Raises CouldNotAsk."""

        def is_of_it(one: Deployment | Refused) -> bool:
            return (one.artifact, one.artifact_version) == (key, version)

        while True:
            status = self._status()
            found = self._found(status, is_of_it)
            refused = next(filter(is_of_it, status.refused), None)
            if found is None and refused is not None:
                return refused
            if found is not None:
                return self._instead_of(self.named(found.name))
            self._wait()
            if self._looks % _SEARCHED_EVERY == 0:
                self._search(is_of_it)
            if self._looks > _LONGEST_UNSEEN:
                named = f"--key {key}{f' --version {version}' if version else ''}"
                raise CouldNotAsk(
                    f"in ten minutes no deployment of {key}, version {version}, was seen: S3's event is late, or lost;"
                    f" `slipway deploy {named}` needs no event"
                )

    def _instead_of(self, ended: Deployment) -> Deployment:
        """Returns the end of the open deployment with the same bytes, if that is why a drop ended: it was repeated."""
        open_one = self._status().open if ended.is_in_flight_already else None
        if open_one is None:
            return ended
        self.shown.say(f"{ended.reason}; following {open_one.name}")
        return self.named(open_one.name)

    def named(self, name: str) -> Deployment:
        """Returns a deployment after its end. Raises CouldNotAsk."""
        while True:
            status = self._status()
            found = self._in_full(status, name)
            if found is not None:
                self._show(found, status)
                if found.has_ended:
                    return found
            self._wait()

    def found(self, name: str) -> Deployment | None:
        """Returns a deployment of the target as it is, None if there is no such one. Raises CouldNotAsk."""
        return self._in_full(self._status(), name)

    def next_open(self) -> str:
        """Returns the name of the open deployment; waits for one if there is none. Raises CouldNotAsk."""
        while (found := self._status().open) is None:
            if self._looks == 0:
                self.shown.say("no deployment is open; waiting for the next one (Ctrl-C ends this)")
            self._wait()
        return found.name

    def first(self) -> str:
        """Returns the name of the first deployment of a target that nobody knows yet.

        Raises CouldNotAsk, also if ten minutes bring none.
        """
        self.shown.say("nothing of it is recorded yet; waiting for its first deployment (Ctrl-C ends this)")
        while self._looks <= _LONGEST_UNSEEN:
            status = self._status()
            found = status.open or status.newest
            if found is not None:
                return found.name
            self._wait()
        name = self.members["function"]
        raise CouldNotAsk(f"in ten minutes nothing of {name} was recorded: check the name, and that a zip was dropped")

    def _wait(self) -> None:
        self._looks += 1
        self.pause(BETWEEN_LOOKS)

    def _status(self) -> TargetStatus:
        return parsing.target_status(self._ask("status", self.members))

    def _in_full(self, status: TargetStatus, name: str) -> Deployment | None:
        """Returns a deployment with its timeline: also one that a newer deployment has taken out of the status."""
        told = next((one for one in (status.open, status.newest) if one is not None and one.name == name), None)
        return told or parsing.deployment(self._ask("show", {"function": name}))

    def _found(self, status: TargetStatus, matches: Matches) -> Deployment | None:
        """Returns the deployment that matches: the open one, the newest, or one of the history."""
        for one in (status.open, status.newest):
            if one is not None and matches(one):
                return one
        answer = self._ask("history", {**self.members, "limit": _WIDE_HISTORY})
        return next(filter(matches, parsing.deployments(answer)), None)

    def _search(self, matches: Matches) -> None:
        """Looks among all targets: the manifest may name another alias than the command line."""
        everywhere = parsing.overview(self._ask("status", {}))
        found = next(filter(matches, (*everywhere.open, *everywhere.ended)), None)
        if found is None:
            self.shown.say("no deployment of the upload yet")
            return
        function, _, alias = found.target.partition(":")
        self.shown.say(f"the deployment is {found.name}")
        self.members = {"function": function, "alias": alias}

    def _show(self, found: Deployment, status: TargetStatus) -> None:
        self.shown.tell(found)
        by = ": ".join(each for each in (found.who, found.why) if each)
        title = f"{found.artifact} by {by}" if by else found.artifact
        counts: dict[str, Count] = {}
        if found.evidence and found.stable and found.canary:
            counts = {found.stable: found.evidence.stable, found.canary: found.evidence.canary}
        seconds = self._looks * BETWEEN_LOOKS
        self.shown.show(Moment(seconds, title, found, found.routing or status.serves, counts))
