"""Which S3 keys are deployed, and to which function: ``FUNCTION/anything.zip``.

A key with other characters is refused and never repaired: only the allowed characters read the same in S3's plain and
form-encoded events, so another key could name another object than the uploaded one.
"""

from __future__ import annotations

import re

from controller.core.manifest.settings import MANIFEST
from controller.core.model import FUNCTION_NAME

PLANNED = ".plan/"
"""The beginning of the keys that are never deployed, only asked about: ``.plan/checkout/build.zip``."""
ALLOWED = "FUNCTION/anything.zip, of A-Z a-z 0-9 . _ - / only, with no empty, . or .. part"
MAX_LENGTH = 1024
"""Bytes in a key. Source: Amazon S3 user guide, naming Amazon S3 objects, 2026-11."""
MAX_VERSION_LENGTH = 1024
"""Bytes in a version id. Source: Amazon S3 user guide, how S3 Versioning works, 2026-11."""

_ARCHIVE = re.compile(
    r"\.(?:zip\.(?:gz|bz2|xz|zst)|zipx?|jar|war|ear|whl|egg|pyz|pex|nupkg|7z|rar|tgz|tbz2?|txz|tzst|tar(?:\.(?:gz|bz2|xz|zst|lzma|lz4?|Z))?)\s*\Z",
    re.IGNORECASE,
)
_ZIPS = frozenset({".jar", ".war", ".ear", ".whl", ".egg", ".nupkg"})
_MAX_SHOWN = 200
_IN_LAMBDAS_SPELLING = re.compile(
    r"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?[0-9]{12}:function:)?(?P<name>[A-Za-z0-9_-]+)(?::[A-Za-z0-9_$-]+)?"
)
"""NAME, NAME:ALIAS, and ARNs. Source: Lambda API reference, Invoke, FunctionName, 2026-11."""
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9._/-]")


def is_planned(key: str) -> bool:
    """Was the object uploaded for the request ``plan`` alone?"""
    return key.startswith(PLANNED)


def deployed_as(key: str) -> str:
    """Returns the key under which an object would be deployed: ``checkout/build.zip`` of a planned one."""
    return key.removeprefix(PLANNED)


def is_dropped(key: str) -> bool:
    """Was an upload under this key meant to be deployed? True for every kind of archive, such as a ``.ZIP`` or a
    ``.jar``.

    False for manifests, signatures and logs, and for the uploads of ``sam package``, whose keys are hashes.
    """
    return _ARCHIVE.search(key) is not None


def is_deployed(key: str) -> bool:
    """Is the key's ending right, so that an upload is deployed unless the key has another problem?"""
    return key.endswith(".zip")


def key_problem(key: str) -> str | None:
    """Returns why nothing can be deployed from this key, None for a good key."""
    function, slash, _ = key.partition("/")
    odd = _NOT_ALLOWED.search(key)
    problems = (
        (len(key) > MAX_LENGTH, f"it is longer than {MAX_LENGTH}"),
        (odd, f"it has the character {odd and odd.group()!a}{_for_a_slash(odd)}"),
        (not slash, "it has no folder, so it names no function"),
        (not {"", ".", ".."}.isdisjoint(key.split("/")), "it has an empty, . or .. part"),
        (
            not FUNCTION_NAME.fullmatch(function),
            f"{function} is no function's name: it is longer than 64 or has a .",
        ),
        (not is_deployed(key), f"it does not end in .zip{_ends_in(key)}"),
    )
    return next((text for is_so, text in problems if is_so), None)


def refusal(key: str) -> str | None:
    """Returns the sentence that refuses an upload for its key, None for a good key."""
    problem = key_problem(key)
    if problem is None:
        return None
    quoted = ascii(key if len(key) <= _MAX_SHOWN else f"{key[:_MAX_SHOWN]}...")
    text = f"the key {quoted} cannot be deployed: {problem}; upload it as {ALLOWED}"
    return text.replace(2 * chr(92), chr(92))  # ascii() doubles a backslash, and people would look for two


def function_of(key: str) -> str | None:
    """Returns the function named by a key, None without a valid name."""
    function, slash, _ = key.partition("/")
    # A name is never made to fit: an upload to check.out/ must not reach the function check_out.
    return function if slash and FUNCTION_NAME.fullmatch(function) else None


def meant(key: str) -> str:
    """Returns the text in the place of the function's name: "check.out" of check.out/x.zip, "x" of x.zip."""
    first, slash, _ = key.lstrip("/").partition("/")
    return first if slash else _ARCHIVE.sub("", first)


def function_written(text: str) -> str | None:
    """Returns the function named in Lambda's spelling, None for other texts.

    "checkout:live", an ARN, and a backslash for the slash are ways to write checkout; check.out is not.
    """
    written = _IN_LAMBDAS_SPELLING.fullmatch(text.partition("\\")[0].strip())
    return written["name"] if written and FUNCTION_NAME.fullmatch(written["name"]) else None


def _for_a_slash(odd: re.Match[str] | None) -> str:
    return ", where / parts folders" if odd and odd.group() == "\\" else ""


def _ends_in(key: str) -> str:
    found = _ARCHIVE.search(key)
    if found is None:
        return ""
    suffix = found.group().strip().lower()
    if suffix == ".zip":
        return f" but in {found.group()!a}, and each letter counts"
    is_zip = suffix in _ZIPS
    return f" but in {suffix}; {'that is a zip: give it that name' if is_zip else 'pack the files as a zip'}"


def manifest_key(function: str) -> str:
    return f"{function}/{MANIFEST}"
