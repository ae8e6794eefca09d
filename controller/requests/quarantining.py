"""The request ``quarantine``: lists the bytes of a target that are refused, and lets some go again."""

from __future__ import annotations

from controller.core import report
from controller.core.artifact.checksums import in_hex
from controller.core.lifecycle.quarantine import Lifted, Quarantined
from controller.core.model import Target
from controller.requests import Answer, Unmet, members
from controller.requests.members import Payload
from controller.requests.parts import Parts


class Quarantining:
    """Says which bytes are quarantined, and lifts a quarantine."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._quarantines = parts.context.aws.quarantines

    def listed(self, payload: Payload) -> Answer:
        """Returns the quarantined bytes of a target, and those let go lately. Raises Unmet if asked to lift some."""
        if "lift" in payload:
            raise Unmet("lift: only the controller lifts a quarantine; here the quarantine is only listed")
        return self._all(self._parts.target(payload))

    def quarantine(self, payload: Payload) -> Answer:
        """Returns the same, after lifting the quarantine that is meant."""
        if "lift" not in payload:
            return self.listed(payload)
        target = self._parts.target(payload)
        meant, held = str(payload["lift"]), self._quarantines.held(target)
        found = next((each for each in held if _is_meant(each, meant)), None)
        if found is None:
            return self._lifted_before(target, meant, held)
        person = members.person(payload)
        self._quarantines.lift(target, found.sha256, Lifted(self._parts.context.clock(), person.who, person.why))
        return {"lifted": report.quarantined(found), **self._all(target)}

    def _lifted_before(self, target: Target, meant: str, held: tuple[Quarantined, ...]) -> Answer:
        """Returns the answer to a repeated request. Raises Unmet for bytes that nobody quarantined, or that were
        quarantined anew.
        """
        before = next((each for each in self._quarantines.lifted(target) if _is_meant(each, meant)), None)
        anew = next((each for each in held if before and each.sha256 == before.sha256), None)
        if anew:
            raise Unmet(f"lift: these bytes were quarantined anew by {anew.by}; to lift that, name {anew.by}")
        if before is None:
            others = ", ".join(f"{in_hex(each.sha256)} of {each.by}" for each in held) or "none"
            raise Unmet(f"lift: found {meant}, allowed: what is quarantined for {target}: {others}")
        lifted = report.quarantined(before)
        return {"lifted": lifted, "repeated": f"lifted before, at {lifted['lifted_at']}", **self._all(target)}

    def _all(self, target: Target) -> Answer:
        held, lifted = self._quarantines.held(target), self._quarantines.lifted(target)
        return {
            "target": str(target),
            "quarantined": [report.quarantined(each) for each in held],
            "lifted_before": [report.quarantined(each) for each in lifted],
        }


def _is_meant(found: Quarantined, meant: str) -> bool:
    """Does a person mean these bytes, by their hash in either form or by the deployment that was rolled back?"""
    by_hash = meant == found.sha256 or meant.lower() == in_hex(found.sha256)
    return by_hash or meant in (found.by, found.by.rpartition("#")[2])
