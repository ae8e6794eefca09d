"""Which S3 keys are deployed, and to which function: ``FUNCTION/anything.zip``.

What a newcomer would get wrong: a key outside the rule is never repaired. Only these characters read the same
in S3's plain and in its form-encoded events, so another key could name another object than was uploaded.
"""

from __future__ import annotations

import re

from controller.core.model import FUNCTION_NAME

MANIFEST = "slipway.json"
ALLOWED = "FUNCTION/anything.zip, of A-Z a-z 0-9 . _ - / only, with no empty, . or .. part"
LONGEST = 1024
"""Bytes in a key. Source: Amazon S3 user guide, naming Amazon S3 objects, 2026-11."""
LONGEST_VERSION = 1024
"""Bytes in a version id. Source: Amazon S3 user guide, how S3 Versioning works, 2026-11."""

_FOREIGN = re.compile(r"[^A-Za-z0-9._/-]")
_OTHER = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_FUNCTION = 64


def is_deployed(key: str) -> bool:
    """Is an upload under this key meant to be deployed? A manifest, or another companion of a zip, is not."""
    return key.endswith(".zip")


def key_problem(key: str) -> str | None:
    """Returns why nothing can be deployed from this key, None where it can."""
    function, slash, _ = key.partition("/")
    foreign = _FOREIGN.search(key)
    problems = (
        (len(key) > LONGEST, f"it is longer than {LONGEST}"),
        (foreign, f"it has the character {foreign and foreign.group()!a}"),
        (not slash, "it has no folder, so it names no function"),
        (not {"", ".", ".."}.isdisjoint(key.split("/")), "it has an empty, . or .. part"),
        (
            not FUNCTION_NAME.fullmatch(function),
            f"{function} is no function's name: it is longer than 64 or has a .",
        ),
        (not is_deployed(key), "it does not end in .zip"),
    )
    return next((text for is_so, text in problems if is_so), None)


def function_of(key: str) -> str:
    """Returns the function that a key names.

    For a key with a problem it is the nearest name that a record can be kept under: "a b/x.zip" gives "a_b".
    """
    return _OTHER.sub("_", key.partition("/")[0])[:_LONGEST_FUNCTION] or "unnamed"


def manifest_key(function: str) -> str:
    """Returns the key of a function's manifest in the bucket."""
    return f"{function}/{MANIFEST}"
