"""Makes the version of a drill: the bytes and settings that serve, once more, under another description.

AWS publishes the same code and settings once, and a changed description makes a new version without changing what runs.
Source: LocalStack's snapshots of AWS, PublishVersion after a change of the description alone, 2026-11.

    $LATEST  "checks out carts" -> "slipway drill checkout:live#7"   published as version 8   -> "checks out carts"

Rules of the file: every step looks first, so it may stop anywhere and be called again; a description that somebody else
has written since is left alone.
"""

from __future__ import annotations

from collections.abc import Callable

from controller.aws.lambda_.configuration import Configuration
from controller.aws.lambda_.functions import Functions, deleted
from controller.core.model import Cause, Conflict, Deployment, Reason, Refused
from controller.core.model.outcomes import Published


class DrillVersions:
    """Versions of drills."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def publish(self, deployment: Deployment, confirm: Callable[[], None]) -> Published:
        """Publishes the stable version's bytes and settings once more.

        Raises Refused if ``$LATEST`` has others, Conflict if somebody else changes the function meanwhile, or from
        ``confirm``.
        """
        function, described = deployment.target.function, description(deployment)
        stable = self._functions.read(function, str(deployment.stable))
        latest = self._functions.settled(function)
        if stable is None or latest is None:
            raise Refused(deleted(function, str(deployment.stable)))
        _require_same(latest, stable)
        if latest.settings["Description"] != described:
            confirm()
            self._functions.configure(latest, {"Description": described})
            latest = self._functions.settled(function) or latest
        if latest.settings["Description"] != described:
            raise Conflict(f"somebody else changed the description of {function}; it is read again")
        _require_same(latest, stable)
        found = self._functions.publish(latest, f"slipway {deployment}")
        if found.version == stable.version:
            text = f"AWS has published no new version of {function}, but given version {found.version} again"
            raise Refused(Reason(Cause.PUBLISH_FAILED, text))
        return Published(found.version, found.sha256)

    def put_back(self, deployment: Deployment, confirm: Callable[[], None]) -> str:
        """Gives ``$LATEST`` its description from before. Returns why not, empty on success."""
        latest, before = self._functions.settled(deployment.target.function), deployment.drill
        if latest is None or before is None or latest.settings["Description"] != description(deployment):
            return ""
        confirm()
        self._functions.configure(latest, {"Description": before.description})
        return ""


def description(deployment: Deployment) -> str:
    """Returns the description by which a drill's version differs."""
    return f"slipway drill {deployment}"


def _require_same(latest: Configuration, stable: Configuration) -> None:
    if not latest.runs_the_same_as(stable):
        text = (
            f"$LATEST of {latest.function} has other code or settings than version {stable.version}, or settings that"
            " AWS does not show, so a drill would not ship the version that serves; deploy once, and then drill"
        )
        raise Refused(Reason(Cause.PUBLISH_FAILED, text))
