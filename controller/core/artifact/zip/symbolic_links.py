"""Symbolic links in a zip: the bytes to read for their targets, and where each link leads.

Lambda keeps links as they are. A link may lead to the function's folder, unzipped to /var/task, or to the layers in
/opt. Sources: awslabs/aws-lambda-cpp packaging/packager (zip --symlinks); microsoft/rushstack #2045 (pnpm);
aws/aws-sam-cli #4364 (a link to /opt/nodejs/node_modules), 2026-11.

Rules of the file:

- the bytes are hostile: targets, reads, and steps from link to link have bounds;
- a link left unread within these bounds passes, and files behind it count as unknown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from controller.core.artifact.zip.archive import Archive, LinkEntry
from controller.core.artifact.zip.contents import MAX_EXTRA_SIZE, READ_METHODS, content_of
from controller.core.artifact.zip.directory import BadArchive
from controller.core.artifact.zip.entries import shown
from controller.core.model import Cause

MAX_TARGET_LENGTH = 4096
"""In bytes. Source: Linux, PATH_MAX."""
MAX_READS = 16
MAX_BYTES = 4 * 1024 * 1024
"""Bytes of the zip to read for all links together."""
_MAX_TARGET_BYTES = 512 * 1024
_MAX_STEPS = 40
"""Steps from link to link before a path is given up. Source: Linux, path_resolution(7)."""
_MAX_READ = 256 * 1024
_NEAR = 64 * 1024
"""Links within this distance, in bytes, are read together: faster than one more call."""
_TASK, _OPT = "/var/task", "/opt"


@dataclass(frozen=True, slots=True)
class LinkRead:
    """Bytes of the zip to read at once, and the links with their targets inside."""

    offset: int
    length: int
    links: tuple[LinkEntry, ...]


def reads(archive: Archive) -> tuple[LinkRead, ...]:
    """Returns the reads needed to follow the links, at most MAX_READS and MAX_BYTES.

    Raises BadArchive for a link that Linux would not make.
    """
    for each in archive.link_entries:
        if max(each.entry.size, len(each.entry.name)) > MAX_TARGET_LENGTH or not each.entry.size:
            raise BadArchive(
                f"the zip's entry {shown(each.name)} is a symbolic link of {each.entry.size} bytes under a name of"
                f" {len(each.entry.name)}, and Linux takes 1 to {MAX_TARGET_LENGTH} of each; leave it out"
            )
    readable = [each for each in archive.link_entries if each.entry.method in READ_METHODS]
    together = sorted(_together(readable), key=lambda read: -len(read.links))
    chosen: list[LinkRead] = []
    left, left_of_targets = MAX_BYTES, _MAX_TARGET_BYTES
    for read in together[:MAX_READS]:
        targets = sum(each.entry.size for each in read.links)
        if read.length <= left and targets <= left_of_targets:
            chosen.append(read)
            left, left_of_targets = left - read.length, left_of_targets - targets
    return tuple(chosen)


def targets_in(span: bytes, read: LinkRead) -> dict[str, str]:
    """Returns the targets of a read's links, by link name. Raises BadArchive."""
    targets = {}
    for each in read.links:
        begins = each.entry.offset - read.offset
        held = span[begins : _end(each) - read.offset]
        targets[each.name] = content_of(held, each.entry, f"symbolic link {shown(each.name)}").decode(errors="replace")
    return targets


def with_targets(archive: Archive, targets: Mapping[str, str]) -> Archive:
    """Returns the archive with its ``links`` resolved, given the ``targets`` of the links that were read.

    Raises BadArchive for a link in a circle, or out of the function's folder to elsewhere than /opt. Raises it, too, if
    the zip has a file with the link's name, or below it, since unzipping would write through the link.
    """
    names = [each.name for each in archive.link_entries]
    _check_nothing_behind(names, archive.names)
    places = _Places({f"{_TASK}/{name}": targets.get(name) for name in names})
    for name in names:
        try:
            place = places.of(f"{_TASK}/{name}")
        except _Endless:
            text = f"which leads in a circle, or over more than {_MAX_STEPS} links"
            raise _refused(name, targets.get(name, ""), text) from None
        if place is not None and not _is_in(place, _TASK) and not _is_in(place, _OPT):
            text = f"which is outside of the function's folder ({_TASK}) and of {_OPT}"
            raise _refused(name, targets.get(name, ""), text)
    return replace(archive, links=places.known)


def followed(archive: Archive, path: str) -> str | None:
    """Returns the final place of a path in the zip, with every link followed: "lib/app.py", or "/opt/lib/app.py".

    None if a link on the way has not been read.
    """
    place = _walked(path, _TASK, lambda at: archive.links.get(at, at))
    return place.removeprefix(_TASK).removeprefix("/") if place is not None and _is_in(place, _TASK) else place


def places_of(archive: Archive, names: Mapping[str, str]) -> dict[str, str]:
    """Returns the names of the entries to read for these files, with links followed.

    ``names`` has each file's description for a refusal. Raises BadArchive for a file behind a link to an unreadable
    place.
    """
    places = {}
    for name, what in names.items():
        place = followed(archive, name) if archive.links else name
        if place is None or place.startswith("/"):
            text = f"{what} is, or lies behind, a symbolic link that is not followed; put the file itself into the zip"
            raise BadArchive(text, Cause.BAD_MANIFEST)
        places[name] = place
    return places


class _Endless(Exception):
    """A path leads over too many links."""


class _Places:
    """The final places of links, each resolved once. ``targets`` has each link's target, None if unread."""

    def __init__(self, targets: Mapping[str, str | None]) -> None:
        self._targets = targets
        self.known: dict[str, str | None] = {}

    def of(self, at: str, steps: int = 0) -> str | None:
        if at not in self._targets:
            return at
        if at not in self.known:
            if steps == _MAX_STEPS:
                raise _Endless
            target = self._targets[at]
            folder = at.rpartition("/")[0]
            self.known[at] = None if target is None else _walked(target, folder, partial(self.of, steps=steps + 1))
        return self.known[at]


def _walked(path: str, at: str, place_of: Callable[[str], str | None]) -> str | None:
    """Returns the place of a path from the folder ``at``, walked as Linux does: ".." is relative to a link's target.

    None if a link on the way has not been read, or the path is too long.
    """
    if path.startswith("/"):
        at = ""
    for part in path.split("/"):
        if part == "..":
            at = at.rpartition("/")[0]
        elif part not in ("", "."):
            place = place_of(f"{at}/{part}")
            if place is None or len(place) > MAX_TARGET_LENGTH:
                return None
            at = place
    return at


def _is_in(place: str, folder: str) -> bool:
    return f"{place}/".startswith(f"{folder}/")


def _check_nothing_behind(links: Iterable[str], names: Iterable[str]) -> None:
    ordered = sorted(names) if links else []
    for link in links:
        first = bisect_left(ordered, link)
        behind = next((name for name in ordered[first + 1 : first + 2] if name == link), None)
        below = bisect_left(ordered, f"{link}/")
        if behind is None and below < len(ordered) and ordered[below].startswith(f"{link}/"):
            behind = ordered[below]
        if behind is not None:
            raise BadArchive(
                f"the zip has {shown(behind)} beside a symbolic link of the name {shown(link)}, so it would be written"
                " to where the link leads; zip the files again"
            )


def _together(links: Iterable[LinkEntry]) -> Iterator[LinkRead]:
    """Yields reads of neighbouring links."""
    near: list[LinkEntry] = []
    for each in sorted(links, key=lambda link: link.entry.offset):
        is_far = near and each.entry.offset - _end(near[-1]) > _NEAR
        if is_far or (near and _end(each) - near[0].entry.offset > _MAX_READ):
            yield _read(near)
            near = []
        near.append(each)
    if near:
        yield _read(near)


def _read(links: list[LinkEntry]) -> LinkRead:
    first = links[0].entry.offset
    return LinkRead(first, _end(links[-1]) - first, tuple(links))


def _end(link: LinkEntry) -> int:
    """Returns the latest end of a link's bytes: the next entry's beginning, or the end by the longest local header."""
    return min(link.end, link.entry.least_end + MAX_EXTRA_SIZE)


def _refused(name: str, target: str, problem: str) -> BadArchive:
    return BadArchive(
        f"the zip's entry {shown(name)} is a symbolic link to {shown(target)}, {problem}; zip what it points to (zip"
        " without -y or --symlinks, bsdtar -L, 7z -snl-), or leave it out"
    )
