"""Real zips, small and always the same bytes for the same words."""

from __future__ import annotations

import io
import json
import re
import stat
import zipfile
from collections.abc import Mapping
from functools import cache, lru_cache

_UNIX = 3


def zipped(code: str, manifest: Mapping[str, object] | None = None, files: Mapping[str, str] | None = None) -> bytes:
    """Returns a zip of one module that says ``code``, with the manifest in its root, and files beside."""
    return _zipped(code, None if manifest is None else json.dumps(manifest), tuple((files or {}).items()))


@lru_cache(maxsize=1000)
def code_of(content: bytes) -> str:
    """Returns what the module of such a zip says; of other bytes, the bytes as text."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = re.search("CODE = '(.*)'", archive.read("app.py").decode())
    except (zipfile.BadZipFile, KeyError):
        return content.decode("utf-8", "replace")
    return found[1] if found else ""


@lru_cache(maxsize=1000)
def is_kept_from_others(content: bytes) -> bool:
    """May nobody but its owner read the module of such a zip? Lambda's user is not its owner."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entry = archive.getinfo("app.py")
    except (zipfile.BadZipFile, KeyError):
        return False
    mode = entry.external_attr >> 16
    return entry.create_system == _UNIX and mode != 0 and not mode & stat.S_IROTH


@cache
def _zipped(code: str, manifest: str | None, files: tuple[tuple[str, str], ...]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        _add(archive, "app.py", f"CODE = {code!r}\n\n\ndef handler(event, context):\n    return {{'ok': True}}\n")
        if manifest is not None:
            _add(archive, "slipway.json", manifest)
        for name, content in files:
            _add(archive, name, content)
    return written.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: str) -> None:
    entry = zipfile.ZipInfo(name, (2026, 11, 24, 10, 0, 0))
    entry.external_attr = 0o100644 << 16  # Lambda reads as another user, and zipfile's own is 0600
    archive.writestr(entry, content)
