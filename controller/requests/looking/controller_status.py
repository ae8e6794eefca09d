"""The controller's report about itself: the answering version, the stack's parameters, and warnings.

    {"version": "7", "settings": "3", "warnings": ["slipway-controller:live carries version 1, older than 5, ..."]}

Rules of the file: it only reads, and a failed read is a warning, so that nobody is refused a status.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from controller.context import Context
from controller.core.model import Refused, Target, Transient
from controller.core.routing.at_rest import LOOKS_BACK, left_by
from controller.requests import Answer
from controller.settings import Settings, from_environment, parameters

_ALIAS = "live"
"""Source: template.yaml, AutoPublishAlias of the controller."""


class ControllerStatus:
    """The controller, as far as it can see itself."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._settings = context.settings

    def in_short(self) -> Answer:
        """Returns the controller's part of ``status``."""
        return self._with(self._warnings())

    def _with(self, warnings: Iterable[str]) -> Answer:
        return {"version": self._settings.version, "settings": self._settings.number, "warnings": list(warnings)}

    def in_full(self) -> Answer:
        """Returns the same, with the stack's parameters in this version and the number of dead letters.

        ``dead_letters`` is None if they could not be counted.
        """
        waiting, uncounted = None, []
        try:
            waiting = self._aws.dead_letters.waiting() if self._settings.dead_letters else None
        except (Transient, Refused) as problem:
            uncounted = [f"the dead letters cannot be counted: {problem}"]
        told = self._with((*self._warnings(), *uncounted))
        return {**told, "dead_letters": waiting, "parameters": parameters(self._settings)}

    def last_tick(self, now: datetime) -> datetime | None:
        """Returns the last minute in which the controller's alias answered well, as a tick makes it do every minute.

        None if CloudWatch knows none in the last hour, or does not answer. CloudWatch is up to two minutes late.
        """
        if not self._settings.function:
            return None
        try:
            return self._aws.metrics.last_success(Target(self._settings.function, _ALIAS), now)
        except (Transient, Refused):
            return None

    def _warnings(self) -> Iterator[str]:
        if not self._settings.function:
            return
        for look in (self._stale_parameters, self._older_than_deployed):
            try:
                found = look()
            except (Transient, Refused) as problem:
                found = f"cannot tell whether this version is the right one: {problem}"
            if found:
                yield found

    def _stale_parameters(self) -> str | None:
        """Returns a warning if the stack's parameters differ from those this version was published with."""
        environment = self._aws.functions.settings(self._settings.function).get("Environment")
        variables = environment.get("Variables") if isinstance(environment, Mapping) else None
        if not variables:
            return None
        changed = _changed(self._settings, variables)
        if not changed:
            return None
        return (
            f"version {self._settings.version} answers with other values of {', '.join(changed)} than $LATEST of"
            f" {self._settings.function} has; during an update of the stack this passes, else drop the controller's"
            " zip again, to publish them"
        )

    def _older_than_deployed(self) -> str | None:
        """Returns a warning if the alias carries an older version than the last deployment left there.

        A failed stack update restores the version last made by the stack: CloudFormation does not know that the
        controller has moved its aliases since. Source: CloudFormation user guide, stack failure options, 2026-11.
        """
        target = Target(self._settings.function, _ALIAS)
        alias = self._aws.aliases.read(target)
        left = next((each for each in self._aws.store.history(target, LOOKS_BACK) if left_by(each)), None)
        if alias is None or left is None or not _is_older(alias.routing.version, left_by(left)):
            return None
        return (
            f"{target} carries version {alias.routing.version}, older than {left_by(left)}, which {left} left there: a"
            " stack update that failed puts live and previous back on the version that the stack made last; deploy the"
            f" stack again, or send deploy with {left.artifact.bucket} and {left.artifact.key}"
        )


def _changed(running: Settings, variables: Mapping[str, str]) -> list[str]:
    """Returns the names of the parameters with another value in ``$LATEST``'s environment."""
    try:
        latest = parameters(from_environment(variables))
    except (KeyError, ValueError) as problem:
        return [f"parameters that cannot be read ({problem})"]
    return [name for name, value in parameters(running).items() if latest[name] != value]


def _is_older(version: str, than: str | None) -> bool:
    return than is not None and version.isdecimal() and than.isdecimal() and int(version) < int(than)
