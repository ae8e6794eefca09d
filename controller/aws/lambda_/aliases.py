"""Reads and writes aliases, and so moves traffic.

Rules of the file:

- one call to read, one call to write; a rollback takes exactly these two;
- every write gives the version *and* the weights, under the revision that was read.

Note: an UpdateAlias without RoutingConfig keeps the old weights, so "all traffic to version 7" must send an empty map
of weights. Source: Lambda API reference UpdateAlias and LocalStack's snapshots against AWS, 2026-11.
"""

from __future__ import annotations

from controller.aws.errors import Absent, translating
from controller.aws.lambda_.client import Answer, LambdaClient, section, text
from controller.core.model import ALL, Alias, Cause, Reason, Refused, Routing, Target
from controller.core.routing import backup_description


class Aliases:
    """The aliases of Lambda functions.

    ``urgent_client`` makes the calls of rollbacks; with None ``client`` makes these, too.
    """

    def __init__(self, client: LambdaClient, urgent_client: LambdaClient | None = None) -> None:
        self._client = client
        self._urgent_client = urgent_client or client

    def read(self, target: Target, *, urgent: bool = False) -> Alias | None:
        """Returns the alias as it is now, None if the alias or its function does not exist."""
        try:
            with translating(f"GetAlias of {target}"):
                return _alias(self._chosen(urgent=urgent).get_alias(FunctionName=target.function, Name=target.alias))
        except Absent:
            return None

    def route(
        self, target: Target, routing: Routing, revision_id: str | None, description: str, *, urgent: bool = False
    ) -> Alias:
        """Makes the alias carry ``routing``; returns its state by AWS's answer.

        A ``revision_id`` of None creates the alias. The budget never delays an ``urgent`` write. Raises Conflict if
        somebody else wrote, or created the alias, first; Refused if the function, the alias or a version is gone.
        Repeating is safe: the second write is a Conflict.
        """
        parameters: dict[str, object] = {
            "FunctionName": target.function,
            "Name": target.alias,
            "FunctionVersion": routing.version,
            "Description": description,
            "RoutingConfig": {"AdditionalVersionWeights": _weights(routing)},
        }
        client = self._chosen(urgent=urgent)
        try:
            if revision_id is None:
                with translating(f"CreateAlias of {target} on {routing}"):
                    return _alias(client.create_alias(**parameters))
            with translating(f"UpdateAlias of {target} to {routing}"):
                return _alias(client.update_alias(**parameters, RevisionId=revision_id))
        except Absent as absent:
            raise Refused(Reason(Cause.DRIFT, f"{absent.said}; somebody deleted it")) from absent

    def back_up(self, target: Target, version: str, number: int) -> None:
        """Points the backup alias at ``version`` alone, for deployment ``number``; a right alias is not written
        again.
        """
        alias = _backup(target)
        found = self.read(alias)
        if found is None or found.routing != Routing(version):
            revision_id, before = (found.revision_id, found.routing.version) if found else (None, None)
            self.route(alias, Routing(version), revision_id, backup_description.write(target, number, before))

    def put_backup_back(self, target: Target, version: str, number: int) -> str:
        """Points the backup alias from ``version``, kept for deployment ``number``, back at its version before.

        Returns why the alias was left alone; empty on success, and if there is nothing to do. Raises Refused if the
        earlier version is gone.
        """
        found = self.read(_backup(target))
        before = backup_description.before(found.description, target, number) if found else None
        # A backup alias without an earlier version stays: it does no harm, and deleting an alias deletes its
        # permissions.
        return self.put_backup_on(target, version, before) if before else ""

    def put_backup_on(self, target: Target, version: str, before: str) -> str:
        """Points the backup alias from ``version`` at ``before``. Returns why the alias was left alone, empty on
        success.

        Raises Refused if ``before`` is gone.
        """
        alias = _backup(target)
        found = self.read(alias)
        if found is None or found.routing == Routing(before):
            return ""
        if found.routing != Routing(version):
            return f"{alias} was left alone: somebody else has made it carry {found.routing}"
        self.route(alias, Routing(before), found.revision_id, f"slipway: the way back of {target}")
        return ""

    def backup_version(self, target: Target) -> str | None:
        """Returns the backup alias's version, None without a backup alias."""
        found = self.read(_backup(target))
        return found.routing.version if found else None

    def _chosen(self, *, urgent: bool) -> LambdaClient:
        return self._urgent_client if urgent else self._client


def _backup(target: Target) -> Target:
    return Target(target.function, target.backup_alias)


def _alias(answer: Answer) -> Alias:
    return Alias(_routing(answer), text(answer, "RevisionId"), text(answer, "Description"))


def _routing(answer: Answer) -> Routing:
    """Returns the alias's routing.

    A weight of 1 gives everything to the other version: Lambda writes such weights while moving provisioned
    concurrency. A weight below a hundredth of a percent counts as one hundredth, so that somebody's canary is never
    overlooked. Source: terraform-provider-aws #48116, 2026-05.
    """
    version = text(answer, "FunctionVersion")
    for canary, fraction in section(section(answer, "RoutingConfig"), "AdditionalVersionWeights").items():
        weight = round(fraction * ALL) if isinstance(fraction, int | float) else 0
        if weight >= ALL:
            return Routing(canary)
        if fraction and canary != version:
            return Routing(version, canary, max(weight, 1))
    return Routing(version)


def _weights(routing: Routing) -> dict[str, float]:
    return {routing.canary: routing.weight / ALL} if routing.canary else {}
