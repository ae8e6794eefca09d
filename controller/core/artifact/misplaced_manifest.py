"""Finds files meant as a manifest which nobody would read: Slipway.json, deploy/slipway.yaml.

If such a file were ignored silently, the deployment would lose its tests and gates, and traffic would move by the
defaults.

Rules of the file:

- a file is suspicious if its name is nearly slipway.json, in the zip's root or one folder down. If all files share one
  folder, this folder counts as the root;
- files of dependencies, tests and archivers are ignored, as are schemas and backup copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from controller.core.artifact.object_keys import manifest_key
from controller.core.manifest.settings import MANIFEST
from controller.core.model import FUNCTION_NAME

_NEAR = re.compile(
    r"\.?slip[-_ ]?way(?: ?\(\d+\)|(?: -)? copy)? ?\.(?:json[c5]?|jsn|ya?ml|toml)(?:\.(?:txt|json))?", re.IGNORECASE
)
_STEM = "slipway"
_OF_DEPENDENCIES = (
    "node_modules", "site-packages", "dist-packages", "__pypackages__", "bower_components", "vendor", "meta-inf",
)  # fmt: skip
_OF_TESTS = ("test", "tests", "__tests__", "spec", "fixtures", "examples", "docs")
_NOT_THEIRS = frozenset((*_OF_DEPENDENCIES, *_OF_TESTS, "__macosx"))
_OF_A_DISTRIBUTION = re.compile(r"(.+?)(?:-[^/]*)?\.(?:dist-info|egg-info|egg)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[-_.]+")
_MAX_SHOWN = 3
_MAX_LENGTH = 120


def problem(names: Sequence[str], *, zip_may_say: bool = True) -> str | None:
    """Returns why a zip with these file names is refused for a misplaced manifest, None if there is none.

    ``zip_may_say`` is False if only the bucket's manifest counts.
    """
    folder = _folder_of_all(names)
    found = sorted(_near(names, folder))
    if not found:
        return None
    shown = ", ".join(_shown(name) for name in found[:_MAX_SHOWN])
    more = f" and {len(found) - _MAX_SHOWN} more" if len(found) > _MAX_SHOWN else ""
    return f"the zip holds {shown}{more}, which nobody reads: {_instead(names, folder, zip_may_say=zip_may_say)}"


def problem_of_key(key: str) -> str | None:
    """Returns why an S3 key is nearly, but not quite, the key of a function's manifest; None for other keys."""
    function, _, rest = key.partition("/")
    if not rest and (key == MANIFEST or _is_near(key)):
        return f"{_shown(key)} in the bucket's root is read by nobody: a manifest is FUNCTION/{MANIFEST} in the bucket"
    if not any(_near((rest,), "")):
        return None
    right = manifest_key(function) if FUNCTION_NAME.fullmatch(function) else f"FUNCTION/{MANIFEST}"
    return f"{_shown(key)} in the bucket is read by nobody: a manifest is {_shown(right)}; upload it there, as JSON"


def _instead(names: Sequence[str], folder: str, *, zip_may_say: bool) -> str:
    if not zip_may_say:
        said = f"only FUNCTION/{MANIFEST} in the bucket counts (the stack's parameter ManifestFrom)"
        return f"{said}; leave it out of the zip"
    if MANIFEST in names:
        return f"the manifest is {MANIFEST} in the zip's root, which is there, too; keep one of them, there"
    if folder:
        return f"a manifest is {MANIFEST} in the zip's root; zip what is in {_shown(folder)}, not the folder itself"
    return f"a manifest is {MANIFEST} in the zip's root, in small letters and as JSON; put it there, or leave it out"


def _near(names: Sequence[str], folder: str) -> Iterator[str]:
    distributions = {
        _normalized(found[1]) for name in names if (found := _OF_A_DISTRIBUTION.fullmatch(name.partition("/")[0]))
    }
    for name in names:
        *folders, last = name.removeprefix(folder).split("/")
        if len(folders) > 1 or name == MANIFEST or not _is_near(last):
            continue
        if not any(_is_anothers(each, distributions) for each in folders):
            yield name


def _is_near(last: str) -> bool:
    last = last.strip()
    if _NEAR.fullmatch(last):
        return True
    stem, _, extension = last.casefold().partition(".")
    return extension == "json" and _is_misspelled(stem)


def _is_misspelled(stem: str) -> bool:
    """Are the letters of "slipway" transposed, or is one missing or doubled? A different letter makes a real word:
    slipways.
    """
    one_left_out = {_STEM[:at] + _STEM[at + 1 :] for at in range(len(_STEM))}
    one_doubled = {_STEM[:at] + _STEM[at] + _STEM[at:] for at in range(len(_STEM))}
    return sorted(stem) == sorted(_STEM) or stem in one_left_out | one_doubled


def _is_anothers(folder: str, distributions: set[str]) -> bool:
    folded = folder.casefold()
    return (
        folded in _NOT_THEIRS
        or _OF_A_DISTRIBUTION.fullmatch(folded) is not None
        or _normalized(folded) in distributions
    )


def _normalized(distribution: str) -> str:
    """Returns the name by which pip compares distributions. Source: Python packaging user guide, names and
    normalization, 2026-11.
    """
    return _PUNCTUATION.sub("-", distribution).casefold()


def _folder_of_all(names: Sequence[str]) -> str:
    """Returns the innermost folder shared by all files, such as "build/"; empty without one."""
    # macOS's archiver adds entries of its own beside the folder.
    own = [name for name in names if not name.startswith("__MACOSX/")]
    first, last = min(own, default=""), max(own, default="")
    folder = ""
    for part in first.split("/")[:-1]:
        if not last.startswith(f"{folder}{part}/") or part.casefold() in _NOT_THEIRS:
            break
        folder += f"{part}/"
    return folder


def _shown(name: str) -> str:
    return ascii(name if len(name) <= _MAX_LENGTH else f"{name[:_MAX_LENGTH]}...")[1:-1]
