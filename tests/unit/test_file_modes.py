"""A file that Lambda may not read, enter or execute is refused with the mode found and the one that works."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import pytest

from controller.core.artifact.handlers import Startup, lacks_handler
from controller.core.artifact.zip.archive import Archive
from controller.core.artifact.zip.entries import FROM_WINDOWS
from controller.core.artifact.zip.file_modes import unusable


def archive(modes: Mapping[str, int]) -> Archive:
    return Archive(tuple(modes), 0, None, array("H", modes.values()))


READABLE = [0o100644, 0o100444, 0o100604, 0o644, 0o100755, 0o100004, 0, FROM_WINDOWS]
UNREADABLE = [0o100600, 0o100640, 0o100400, 0o100000, 0o100660, 0o600, 0o100711, 0o100750]


@pytest.mark.parametrize("mode", READABLE)
def test_a_file_that_others_may_read_is_usable(mode: int) -> None:
    assert unusable(archive({"app.py": mode}), ["app.py"]) is None


@pytest.mark.parametrize("mode", UNREADABLE)
def test_a_file_that_others_may_not_read_is_refused_with_what_to_type(mode: int) -> None:
    text = unusable(archive({"app.py": mode}), ["app.py"])
    assert text is not None
    assert text.startswith(
        f"app.py has the mode {mode & 0o7777:04o} in the zip, so Lambda may not read it: chmod 644 app.py, and zip"
    )


@pytest.mark.parametrize("mode", [0o100755, 0o100555, 0o100711, 0o100001, 0o755, 0])
def test_a_program_that_others_may_execute_is_usable(mode: int) -> None:
    assert unusable(archive({"bootstrap": mode}), ["bootstrap"], executed=True) is None


@pytest.mark.parametrize("mode", [0o100644, 0o100600, 0o100744, 0o100750, 0o100000, 0o600])
def test_a_program_that_others_may_not_execute_is_refused_with_what_to_type(mode: int) -> None:
    text = unusable(archive({"bootstrap": mode}), ["bootstrap"], executed=True)
    assert text is not None
    assert f"has the mode {mode & 0o7777:04o} in the zip, so Lambda may not execute it: chmod 755 bootstrap" in text


def test_a_program_that_was_zipped_without_modes_is_refused_with_where_to_zip_it() -> None:
    text = unusable(archive({"bootstrap": FROM_WINDOWS}), ["bootstrap"], executed=True)
    assert text == (
        "bootstrap has no mode in the zip, as in zips of Windows, so Lambda may not execute it: zip it on Linux or"
        " macOS after chmod 755 bootstrap, or with build-lambda-zip"
    )


def test_a_mode_that_pythons_zipfile_made_is_told_with_the_way_to_give_another() -> None:
    assert "ZipInfo with external_attr = 0o644 << 16" in (unusable(archive({"app.py": 0o600}), ["app.py"]) or "")


@pytest.mark.parametrize(
    ("mode", "listed", "is_usable"),
    [
        (0o040755, True, True),
        (0o040755, False, True),
        (0o040711, False, True),
        (0o040711, True, False),
        (0o040744, False, False),
        (0o040700, False, False),
        (0o040750, True, False),
        (0, True, True),
    ],
)
@pytest.mark.parametrize("folder", ["src/", "src/pkg/"])
def test_each_folder_on_the_way_has_to_let_others_in(mode: int, folder: str, *, listed: bool, is_usable: bool) -> None:
    """A runtime that lists a folder to find a file has to read it, too."""
    text = unusable(archive({folder: mode, "src/pkg/app.py": 0o100644}), ["src/pkg/app.py"], listed=listed)
    assert text == (
        None
        if is_usable
        else f"{folder} has the mode {mode & 0o7777:04o} in the zip, so Lambda may not enter it: chmod 755 {folder},"
        " and zip it again"
    )


def test_files_that_are_not_asked_for_are_not_judged() -> None:
    held = archive({"app.py": 0o100644, "other.py": 0o100600, "lib/": 0o040700})
    assert unusable(held, ["app.py"]) is None


def test_folders_are_looked_at_so_deep_and_no_deeper() -> None:
    deep = "d/" * 30_000
    assert unusable(archive({"d/": 0o040755, f"{deep}app.py": 0o100644}), [f"{deep}app.py"]) is None


@pytest.mark.parametrize(
    ("runtime", "handler", "modes", "found"),
    [
        ("python3.13", "app.handler", {"app.py": 0o100600}, "app.py has the mode 0600"),
        ("python3.13", "app.handler", {"app.py": 0o100644}, None),
        ("python3.13", "src.app.handler", {"src/": 0o040711, "src/app.py": 0o100644}, "src/ has the mode 0711"),
        ("python3.13", "a.b.c", {"a/__init__.py": 0o600, "a/b.py": 0o644}, "a/__init__.py has the mode 0600"),
        ("nodejs22.x", "index.handler", {"index.js": 0o100640}, "index.js has the mode 0640"),
        ("nodejs22.x", "dist/index.handler", {"dist/": 0o040711, "dist/index.js": 0o100644}, None),
        ("ruby3.3", "app.handler", {"app.rb": 0o100600}, "app.rb has the mode 0600"),
        ("provided.al2023", "any", {"bootstrap": 0o100644}, "bootstrap has the mode 0644"),
        ("provided.al2023", "any", {"bootstrap": 0o100755}, None),
        ("dotnet8", "bootstrap", {"bootstrap": 0o100644}, "bootstrap has the mode 0644"),
        ("dotnet8", "bootstrap", {"bootstrap": FROM_WINDOWS}, "bootstrap has no mode in the zip"),
        ("dotnet8", "Shop", {"Shop": 0o100644}, "Shop has the mode 0644"),
        ("dotnet8", "Shop", {"Shop": 0o100755}, None),
        ("dotnet8", "Shop", {"Shop.dll": 0o100644, "Shop": 0o100644}, None),
        ("dotnet8", "Shop::Shop.F::Do", {"Shop.dll": 0o100600}, "Shop.dll has the mode 0600"),
        ("java21", "acme.H::do", {"acme/H.class": 0o100600}, "acme/H.class has the mode 0600"),
        ("java21", "acme.H::do", {"lib/a.jar": 0o100600, "lib/b.jar": 0o100640}, "lib/a.jar has the mode 0600"),
        ("java21", "acme.H::do", {"lib/a.jar": 0o100600, "lib/b.jar": 0o100644}, None),
        ("java21", "acme.H::do", {"lib/": 0o040711, "lib/a.jar": 0o100644}, "lib/ has the mode 0711"),
        ("java21", "acme.H::do", {"lib/a.jar": FROM_WINDOWS}, None),
    ],
)
def test_what_the_runtime_loads_is_judged(
    runtime: str, handler: str, modes: Mapping[str, int], found: str | None
) -> None:
    text = lacks_handler(archive(modes), Startup(handler, runtime))
    assert (
        text is None if found is None else (text or "").startswith(f"the handler {handler} cannot be loaded: {found}")
    )
