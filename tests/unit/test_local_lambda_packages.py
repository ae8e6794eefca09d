"""A package is extracted once, whole, for everybody who runs it, and nobody can change the copy."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.gaps.lambda_packages import Packages, remove_read_only


@pytest.fixture
def made(tmp_path: Path) -> list[str]:
    """The folders that were asked for."""
    return []


@pytest.fixture
def new_folder(tmp_path: Path, made: list[str]) -> Callable[[], str]:
    def new_folder() -> str:
        made.append(tempfile.mkdtemp(dir=tmp_path))
        return made[-1]

    return new_folder


@pytest.fixture
def packages(new_folder: Callable[[], str]) -> Packages:
    return Packages(new_folder)


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/") + ".py", content)
    return buffer.getvalue()


def test_a_package_has_one_folder(packages: Packages, made: list[str]) -> None:
    package = zipped(app="answer = 42")
    folders = {packages.extracted([package]), packages.extracted([bytes(bytearray(package))])}
    assert (len(folders), len(made)) == (1, 1)
    assert (folders.pop() / "app.py").read_text() == "answer = 42"


def test_another_package_has_another_folder(packages: Packages) -> None:
    assert packages.extracted([zipped(app="1")]) != packages.extracted([zipped(app="2")])


def test_whoever_gets_a_folder_gets_it_whole(packages: Packages, made: list[str]) -> None:
    package = zipped(**{f"part__m{number}": "x" * 1000 for number in range(200)})

    def seen(_: int) -> int:
        return len(list((packages.extracted([package]) / "part").glob("*.py")))

    with ThreadPoolExecutor(8) as together:
        assert set(together.map(seen, range(8))) == {200}
    assert len(made) == 1


def test_the_later_layer_covers_the_earlier(packages: Packages) -> None:
    folder = packages.extracted([zipped(a="first", b="first"), zipped(b="second")])
    assert [(folder / name).read_text() for name in ("a.py", "b.py")] == ["first", "second"]


def test_a_copy_is_read_only_but_for_its_bytecode(packages: Packages) -> None:
    folder = packages.extracted([zipped(app="", part__module="")])
    writable = {str(path.relative_to(folder)) for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o222}
    assert writable == {"__pycache__", "part/__pycache__"}


def test_an_unreadable_package_is_refused_each_time(packages: Packages) -> None:
    for _ in range(2):
        with pytest.raises(zipfile.BadZipFile):
            packages.extracted([b"not a zip"])


def test_a_read_only_folder_is_removed_and_what_it_links_to_is_not(packages: Packages, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    folder = packages.extracted([zipped(part__module="")])
    (folder / "part" / "__pycache__" / "link").symlink_to(outside)
    remove_read_only(folder)
    assert (folder.exists(), outside.stat().st_mode & 0o777) == (False, 0o500)
