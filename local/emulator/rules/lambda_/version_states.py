"""Decides what may happen to a function and its versions, and how their states follow one another.

    $LATEST   create: Pending -> Active; update: InProgress -> Successful, Active throughout;
              a new revision at the call, at each arrow, and when a version is published
    version   publish: Pending -> Active; one revision for life

Sources: Lambda's answers as recorded in LocalStack's snapshots (TestLambdaRevisions, test_version_lifecycle),
2022-09 to 2026-02, and the API reference of PublishVersion, 2026-11.

Note: a version is published from the *content* of ``$LATEST``. Code and configuration that equal those of the last
version give the last version back, with its old description.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local.emulator.rules.lambda_.answers import Refusal, conflict, invalid_parameter
from local.emulator.rules.lambda_.references import LATEST

# What differs between two looks at the same content.
_VOLATILE = frozenset({"FunctionArn", "LastModified", "RevisionId", "Version"})
# What a configuration does not show where it is empty: a request that empties it takes it away. Source: LocalStack's
# snapshots, test_function_lifecycle, 2024-03.
_SHOWN_IF_SET = frozenset({"DeadLetterConfig", "Environment", "FileSystemConfigs", "KMSKeyArn", "Layers", "VpcConfig"})
# What a list does not show: states and what goes with them. Source: the same, list_versions_result_end, 2023-11.
_NOT_LISTED = ("LastUpdateStatus", "RuntimeVersionConfig", "State")

_RESTORING = "Restoring"

STALE_REVISION = Refusal(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    412,
)


def busy(latest: Mapping[str, Any]) -> Refusal | None:
    """Returns why a function cannot be changed, published or, while it is created, run just now."""
    if latest.get("State") == "Pending":
        return in_state("Pending")
    if latest.get("LastUpdateStatus") == "InProgress":
        return conflict(
            "The operation cannot be performed at this time. "
            f"An update is in progress for resource: {latest['FunctionArn']}"
        )
    return None


def in_state(state: str) -> Refusal:
    return conflict(
        f"The operation cannot be performed at this time. The function is currently in the following state: {state}"
    )


def stale(current: Mapping[str, Any], request: Mapping[str, Any]) -> Refusal | None:
    """Returns the refusal of a request written for another revision. A request without one fits any."""
    wanted = request.get("RevisionId")
    return STALE_REVISION if wanted and wanted != current["RevisionId"] else None


def unpublishable(latest: Mapping[str, Any], request: Mapping[str, Any]) -> Refusal | None:
    """Returns why PublishVersion is refused, or None."""
    wanted, found = request.get("CodeSha256"), latest["CodeSha256"]
    if wanted and wanted != found:
        return stale(latest, request) or invalid_parameter(
            f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({found}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    return stale(latest, request)


def undeletable(version: str, aliases: Iterable[Mapping[str, Any]]) -> Refusal | None:
    """Returns why a version cannot be deleted, or None. ``aliases`` are as GetAlias gives them.

    One that is not there can: the answer is that of any other, and nothing is done. Source: measured in floci #2824,
    2026-08.
    """
    if version == LATEST:
        return invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
    names = [alias["Name"] for alias in aliases if version in _versions_of(alias)]
    if not names:
        return None
    return conflict(f"Unable to delete version because the following aliases reference it: [{', '.join(names)}]")


def _versions_of(alias: Mapping[str, Any]) -> set[str]:
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {alias["FunctionVersion"], *weights}


def content_of(latest: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what makes one version differ from another: code and settings, not state and revision.

    A setting that is empty is one that is not set.
    """
    return {
        name: value
        for name, value in latest.items()
        if name not in _VOLATILE and not name.startswith(("State", "LastUpdateStatus")) and not _is_empty(value)
    }


def _is_shown(name: str, value: object) -> bool:
    return name not in _SHOWN_IF_SET or not _is_empty(value)


def _is_empty(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(inner) for inner in value.values())
    return value is None or value in ("", [])


def listed(config: Mapping[str, Any], function_arn: str) -> dict[str, Any]:
    """Returns the configuration as ListVersionsByFunction shows it: each under its qualifier, ``$LATEST`` too."""
    shown = {name: value for name, value in config.items() if not name.startswith(_NOT_LISTED)}
    return {**shown, "FunctionArn": f"{function_arn}:{config['Version']}"}


def created(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration of ``$LATEST`` just created: nothing that is not set, and no LastUpdateStatus."""
    return creating({name: value for name, value in config.items() if name == "Environment" or _is_shown(name, value)})


def updating(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration of ``$LATEST`` during an update: Active, for the old code still runs."""
    shown = {name: value for name, value in config.items() if _is_shown(name, value)}
    return {
        **_without_reasons(shown),
        "State": "Active",
        "LastUpdateStatus": "InProgress",
        "LastUpdateStatusReason": "The function is being created.",
        "LastUpdateStatusReasonCode": "Creating",
    }


def creating(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration of a version just published: no LastUpdateStatus until it is Active."""
    kept = {name: value for name, value in config.items() if not name.startswith(("State", "LastUpdateStatus"))}
    return {
        **kept,
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
    }


def sleeping(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration of a version that nobody invoked for weeks. Source: developer guide, function states,
    2023-10; the reason: Lambda API reference, StateReasonCode, 2026-11.
    """
    return {**config, "State": "Inactive", "StateReason": "The function is idle.", "StateReasonCode": "Idle"}


def waking(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration of a version that slept, from the first invocation until it is Active. Source: as of
    ``sleeping``.
    """
    return {
        **config,
        "State": "Pending",
        "StateReason": "The function is being restored.",
        "StateReasonCode": _RESTORING,
    }


def settled(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration once all is complete; the caller gives ``$LATEST`` its new revision."""
    return {**_without_reasons(config), "State": "Active", "LastUpdateStatus": "Successful"}


def unsettled(config: Mapping[str, Any]) -> bool:
    """Says whether a creation or an update is still to complete. A snapshot, and what wakes, sets its state itself."""
    has_snapshot = (config.get("SnapStart") or {}).get("OptimizationStatus") == "On"
    by_itself = has_snapshot or config.get("StateReasonCode") == _RESTORING
    return not by_itself and (config.get("State") == "Pending" or config.get("LastUpdateStatus") == "InProgress")


def _without_reasons(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if "Reason" not in name}
