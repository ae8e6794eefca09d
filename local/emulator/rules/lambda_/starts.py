"""Decides what an invocation of a version is answered that cannot run: it cannot be started, or is not ready. Pure.

    cannot_start("KMSAccessDeniedException")    Lambda may not use the key of its environment: 502
    not_ready({"State": "Inactive", ...})       nobody invoked it for weeks: 409 or 502, and Lambda wakes it
    not_ready({"State": "Pending", ...})        it is being created, or wakes: 409

Rules of the file:
- a refused invocation is counted nowhere, neither as an invocation nor as an error. Source: Lambda developer guide,
  types of metrics, 2023-10: "Invocations aren't recorded if the invocation request ... results in an invocation error";
- an Inactive version becomes Pending with the first invocation, which is refused, and Active when its resources are
  there again. Source: Lambda developer guide, function states, 2023-10, and SnapStart, 2023-10.

Note: nearly all of these refusals have a status of 502 though they do not pass by themselves; file systems have 403
and 408. Statuses and texts are read from botocore's model of Invoke.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Mapping
from typing import Any

import botocore.session

from local.emulator.rules.lambda_.answers import Refusal
from local.emulator.rules.lambda_.version_states import in_state

CANNOT_START = (
    "EC2AccessDeniedException",
    "EFSMountConnectivityException",
    "EFSMountFailureException",
    "EFSMountTimeoutException",
    "ENILimitReachedException",
    "InvalidRuntimeException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
    "InvalidZipFileException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "SubnetIPAddressLimitReachedException",
)
"""Refusals of Invoke that are about the version and what it needs. Source: botocore's model, Invoke, 1.43.106."""


@functools.cache
def cannot_start(code: str) -> Refusal:
    """Returns the refusal of that name. Raises ValueError where Invoke has none of that name."""
    shapes = botocore.session.get_session().get_service_model("lambda").operation_model("Invoke").error_shapes
    for shape in shapes:
        if shape.name == code:
            text = html.unescape(re.sub(r"<[^>]+>", "", shape.documentation))
            return Refusal(code, text, shape.metadata["error"]["httpStatusCode"])
    raise ValueError(f"Invoke has no error {code}; it has {', '.join(sorted(shape.name for shape in shapes))}")


def not_ready(config: Mapping[str, Any]) -> Refusal | None:
    """Returns what an invocation is refused with because of the version's state, None where it is Active.

    Source of what one that sleeps says: botocore's model, SnapStartNotReadyException and ResourceNotReadyException,
    1.43.106; of all others: developer guide, function states, 2023-10, and the text of every call that a state forbids.
    """
    state = config.get("State", "Active")
    if state == "Inactive":
        has_snapshot = (config.get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions"
        return cannot_start("SnapStartNotReadyException" if has_snapshot else "ResourceNotReadyException")
    return None if state == "Active" else in_state(state)
