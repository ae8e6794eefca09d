"""The requests ``status`` and ``history``: they only read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from controller.core import report
from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.model import FUNCTION_NAME
from controller.requests import Answer, Unmet, members
from controller.requests.looking.controller_status import ControllerStatus
from controller.requests.members import Payload
from controller.requests.parts import Parts

_DEFAULT_LIMIT = 10


class Looking:
    """Says how things are."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._aws = parts.context.aws
        self._controller_status = ControllerStatus(parts.context)

    def status(self, payload: Payload) -> Answer:
        """Returns the state of one target, or of everything that is open."""
        if "function" not in payload:
            found = self._aws.store.load_many((due.target, due.number) for due in self._aws.store.due())
            # Some due deployments have ended: they owe a notice, or the deletion of their alarm.
            opened = [report.summary(each) for each in found if not each.phase.is_terminal]
            refused = self._aws.store.refused_uploads().uploads[:_DEFAULT_LIMIT]
            freezes = self._parts.freezes()
            return {
                "open": opened,
                "freezes": freezes,
                **_refused_uploads(refused),
                "controller": self._controller_status.in_full(),
            }
        name = members.whole(str(payload["function"]))
        refused = self._aws.store.refused_uploads().meant_for(name)
        if not FUNCTION_NAME.fullmatch(name):
            return _without_function(name, refused)
        target = self._parts.target(payload)
        number = self._aws.store.head(target).open
        deployment = self._aws.store.load(target, number) if number else next(self._aws.store.history(target, 1), None)
        alias = self._aws.aliases.read(target)
        return {
            "target": str(target),
            "alias": report.routing(alias.routing) if alias else None,
            "backup": self._aws.aliases.backup_version(target),
            "open": number is not None,
            "freeze": self._parts.freeze(target),
            **(self._parts.in_full(deployment) if deployment else {}),
            **_refused_uploads(refused),
            "controller": self._controller_status.in_short(),
        }

    def history(self, payload: Payload) -> Answer:
        """Returns the target's deployments, the newest first."""
        target, limit = self._parts.target(payload), payload.get("limit")
        found = self._aws.store.history(target, limit if isinstance(limit, int) else _DEFAULT_LIMIT)
        return {"target": str(target), "deployments": [report.summary(deployment) for deployment in found]}


def _without_function(name: str, refused: Sequence[RefusedUpload]) -> Answer:
    """Returns the uploads refused under a name that is no function's."""
    if not refused:
        found = json.dumps(name[: members.MAX_QUOTED])
        raise Unmet(f"function: found {found}, allowed: 1 to 64 of A-Z a-z 0-9 _ -")
    return {"target": None, "open": False, **_refused_uploads(refused)}


def _refused_uploads(refused: Sequence[RefusedUpload]) -> Answer:
    return {"refused_uploads": [report.refused_upload(each) for each in refused]} if refused else {}
