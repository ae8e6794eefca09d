"""Publishes versions, and completes creations and updates after Lambda's delay.

Note: MiniStack's records are read by other threads. A configuration is replaced in one assignment and never edited, so
that nobody sees half a state.
"""

from __future__ import annotations

import contextvars
import copy
import threading
import time
import uuid
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patches.lambda_functions import updates
from local.emulator.rules.lambda_.version_states import content_of, creating, settled, unsettled

Record = dict[str, Any]

# AWS takes seconds; long enough here to be seen, short enough not to be waited for.
TRANSITION_SECONDS = 0.3

# The content that a version was published from, kept in the version's record.
_PUBLISHED = "published_content"


def published(name: str, function: Record, description: str | None) -> Record:
    """Returns the version with the content of ``$LATEST``, the last one or a new one: its configuration."""
    last = max(function["versions"], key=int, default=None)
    content = content_of(function["config"])
    if last is not None and function["versions"][last].get(_PUBLISHED) == content:
        unchanged: Record = function["versions"][last]["config"]
        return unchanged
    return _new_version(name, function, description, content)


def settle_later(function: Record) -> None:
    """Completes what is in progress after Lambda's delay, in a thread."""
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_wait_and_settle, function), daemon=True).start()


def settle(function: Record) -> None:
    """Completes what is in progress. Safe to repeat: what is complete stays as it is, its revision too."""
    if unsettled(function["config"]):
        function["config"] = {**settled(function["config"]), "RevisionId": str(uuid.uuid4())}
        updates.end(function)
    for version in list(function["versions"].values()):
        if unsettled(version["config"]):
            version["config"] = settled(version["config"])


def _new_version(name: str, function: Record, description: str | None, content: Record) -> Record:
    number = str(function["next_version"])
    function["next_version"] += 1
    config = copy.deepcopy(function["config"])
    config |= {
        "Version": number,
        "FunctionArn": f"{config['FunctionArn']}:{number}",
        "RevisionId": str(uuid.uuid4()),
    }
    if description:
        config["Description"] = description
    function["config"] = {**function["config"], "RevisionId": str(uuid.uuid4())}
    version = {
        "config": creating(config),
        "code_zip": function.get("code_zip"),
        "function_revision": function["config"]["RevisionId"],
        _PUBLISHED: content,
    }
    function["versions"][number] = version
    _begin(name, function, version)
    begun: Record = version["config"]
    return begun


def _begin(name: str, function: Record, version: Record) -> None:
    if lambda_svc._stamp_snapstart_published_version(version["config"]):
        lambda_svc._snapstart_provision_version_async(name, version)
    else:
        settle_later(function)


def _wait_and_settle(function: Record) -> None:
    time.sleep(TRANSITION_SECONDS)
    settle(function)
