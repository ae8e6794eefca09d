"""Keeps one extracted copy of each package, for all processes that run it.

    packages.extracted([code])              the folder that is /var/task in Lambda
    packages.extracted([layer, layer])      the folder that is /opt: a later layer covers an earlier one

Extracting the controller's 700 files took longer than the rest of a cold start, and every process did it.

Rules of the file:
- nobody sees a folder before it is whole;
- a copy is read-only, as in Lambda, or one process could change another's code. Only ``__pycache__`` is not:
  the process that imports a module first leaves its bytecode there for all others;
- modes and symbolic links are kept, as Lambda keeps them. Lambda's user owns nothing of a package, and the processes
  here do: ``closed`` says what that user could not read.

Note: a read-only folder cannot be emptied, not even by its owner. Whoever removes a folder with copies in it calls
``remove_read_only``.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path

BYTECODE = "__pycache__"
_UNIX = 3
_OTHERS_MAY_READ, _OTHERS_MAY_ENTER = stat.S_IROTH, stat.S_IROTH | stat.S_IXOTH
REMOVED_AT_ONCE = 8
"""A disk that gives up the blocks of each file at once (ext4's "discard") takes milliseconds for it, and does many at a
time: thousands of files, one after the other, took 20 seconds.
"""


class Packages:
    """The copies. ``new_folder`` makes an empty folder, which its owner removes in the end."""

    def __init__(self, new_folder: Callable[[], str]) -> None:
        self._new_folder = new_folder
        self._copies: dict[bytes, _Copy] = {}
        self._lock = threading.Lock()

    def extracted(self, archives: Sequence[bytes]) -> Path:
        """Returns the folder with the contents of ``archives``, each over the ones before it.

        Raises BadZipFile where one is no zip.
        """
        key = b"".join(hashlib.sha256(archive).digest() for archive in archives)
        with self._lock:
            copy = self._copies.setdefault(key, _Copy())
        return copy.folder(archives, self._new_folder)


class _Copy:
    def __init__(self) -> None:
        self._folder: Path | None = None
        self._extracting = threading.Lock()

    def folder(self, archives: Sequence[bytes], new_folder: Callable[[], str]) -> Path:
        with self._extracting:
            if self._folder is None:
                folder = Path(new_folder())
                modes: dict[str, int] = {}
                for archive in archives:
                    _extract(archive, folder, modes)
                _make_read_only(folder, modes)
                self._folder = folder
            return self._folder


@cache
def closed(copy: Path) -> tuple[str, ...]:
    """Returns the files and folders of a copy that its modes keep from others, folders with all that is in them.

    Source: Lambda developer guide, .zip file archives, file permissions (644, and 755 for folders), 2026-11.
    """
    found = []
    for folder, _, files in os.walk(copy):
        if folder != str(copy) and not _is_open(folder, _OTHERS_MAY_ENTER):
            found.append(folder)
        found += [path for name in files if not _is_open(path := f"{folder}/{name}", _OTHERS_MAY_READ)]
    return tuple(found)


def _is_open(path: str, needed: int) -> bool:
    mode = os.lstat(path).st_mode
    return stat.S_ISLNK(mode) or mode & needed == needed


def _extract(package: bytes, folder: Path, modes: dict[str, int]) -> None:
    """Adds to ``modes`` those of the files and folders that have one, by their paths."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16 if entry.create_system == _UNIX else 0
            path = folder / entry.filename
            if path.is_symlink():
                path.unlink()  # or the entry would be written to where the link leads
            if stat.S_ISLNK(mode):
                _link(path, folder, archive.read(entry).decode())
            else:
                extracted = archive.extract(entry, folder)
                modes[extracted.rstrip("/")] = stat.S_IMODE(mode)


def _link(path: Path, folder: Path, target: str) -> None:
    if not Path(os.path.normpath(path)).is_relative_to(folder):
        raise zipfile.BadZipFile(f"the link {path} leaves the folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _make_read_only(copy: Path, modes: Mapping[str, int]) -> None:
    for folder, _, files in os.walk(copy, topdown=False):
        if Path(folder).name == BYTECODE:
            continue
        for path in (Path(folder, name) for name in files):
            if not path.is_symlink():
                path.chmod((modes.get(str(path)) or 0o444) & 0o555)
        if any(name.endswith(".py") for name in files):
            Path(folder, BYTECODE).mkdir(exist_ok=True)
        Path(folder).chmod((modes.get(folder) or 0o555) & 0o555)


def remove_read_only(whole: Path) -> None:
    """Removes a folder with all that is in it; what cannot be removed stays. Links are not followed."""
    _make_writable(whole)
    for folder, inner, _ in os.walk(whole):
        for name in inner:
            _make_writable(Path(folder, name))
    parts = [part for part in whole.glob("*/*") if part.is_dir() and not part.is_symlink()]
    with ThreadPoolExecutor(REMOVED_AT_ONCE) as removers:
        list(removers.map(_remove, parts))
    _remove(whole)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _make_writable(folder: Path) -> None:
    if not folder.is_symlink():
        with suppress(OSError):
            folder.chmod(0o700)
