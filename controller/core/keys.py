"""Which S3 keys are deployed, and to which function: ``FUNCTION/anything.zip``.

What a newcomer would get wrong: a key outside the rule is never repaired. Only these characters mean the same in S3's plain
and in its form-encoded events, so anything else could name another object than the one that was uploaded.
"""

from __future__ import annotations

import re

from controller.core.model import FUNCTION_NAME

MANIFEST = "slipway.json"
ALLOWED = "FUNCTION/anything.zip, of A-Z a-z 0-9 . _ - / only, with no empty, . or .. part"
LONGEST = 1024
"""Bytes in a key. Source: Amazon S3 user guide, naming Amazon S3 objects, 2026-11."""

_CHARACTERS = re.compile(r"[A-Za-z0-9._/-]*")
_OTHER_THAN_FUNCTION = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_FUNCTION = 64


def is_deployed(key: str) -> bool:
    """Is an upload under this key meant to be deployed? Manifests and other companions of a zip are not."""
    return key.endswith(".zip")


def key_problem(key: str) -> str | None:
    """Returns why nothing can be deployed from this key, None where it can."""
    function, slash, _ = key.partition("/")
    if len(key.encode("utf-8", "replace")) > LONGEST:
        return f"it is longer than {LONGEST} bytes"
    if not _CHARACTERS.fullmatch(key):
        return "it has other characters"
    if not slash:
        return "it has no folder, so it names no function"
    if any(part in ("", ".", "..") for part in key.split("/")):
        return "it has an empty, . or .. part"
    if not FUNCTION_NAME.fullmatch(function):
        return f"{function} cannot be a function's name, which has 1 to {_LONGEST_FUNCTION} of A-Z a-z 0-9 _ -"
    if not is_deployed(key):
        return "it does not end in .zip"
    return None


def function_of(key: str) -> str:
    """Returns the function that a key names, or, of a key with a problem, the nearest name that a record can be kept under."""
    return _OTHER_THAN_FUNCTION.sub("_", key.partition("/")[0])[:_LONGEST_FUNCTION] or "unnamed"


def manifest_key(function: str) -> str:
    """Returns the key of a function's manifest in the bucket, used where its zip has none."""
    return f"{function}/{MANIFEST}"
