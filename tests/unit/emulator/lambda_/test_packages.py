"""A package is extracted once, whole, for everybody who runs it, and nobody can change the copy."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.emulator.runtime.packages import Packages, closed, remove_read_only
from tests.fuzz.hostile_zips import LINK, File, Zip


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
    context = tmp_path / "outside"
    context.mkdir(mode=0o500)
    folder = packages.extracted([zipped(part__module="")])
    (folder / "part" / "__pycache__" / "link").symlink_to(context)
    remove_read_only(folder)
    assert (folder.exists(), context.stat().st_mode & 0o777) == (False, 0o500)


# -- modes and links --------------------------------------------------------------------------------------------------


def with_modes(**modes: int) -> bytes:
    """Returns a zip of entries with these modes: "part__app" is part/app, "part__" a folder."""
    return Zip(
        tuple(
            File(name.replace("__", "/").encode(), central={"attributes": mode << 16}) for name, mode in modes.items()
        )
    ).written()


def link(name: str, target: str) -> File:
    return File(name.encode(), target.encode(), central={"attributes": LINK})


def test_modes_are_kept_but_for_writing(packages: Packages) -> None:
    folder = packages.extracted(
        [with_modes(a=0o100644, b=0o100755, c=0o100600, d=0, part__=0o040711, part__e=0o100640)]
    )
    found = {name: (folder / name).stat().st_mode & 0o777 for name in ("a", "b", "c", "d", "part", "part/e")}
    assert found == {"a": 0o444, "b": 0o555, "c": 0o400, "d": 0o444, "part": 0o511, "part/e": 0o440}


def test_what_others_may_not_read_or_enter_is_closed(packages: Packages) -> None:
    folder = packages.extracted(
        [with_modes(a=0o100644, c=0o100600, part__=0o040700, part__e=0o100644, open__=0o040755, open__f=0o100640)]
    )
    assert sorted(Path(path).relative_to(folder).as_posix() for path in closed(folder)) == ["c", "open/f", "part"]


def test_a_package_without_modes_is_open(packages: Packages) -> None:
    assert closed(packages.extracted([with_modes(a=0, part__b=0)])) == ()


def test_symbolic_links_are_kept_and_what_they_lead_to_is_not_changed(packages: Packages, tmp_path: Path) -> None:
    context = tmp_path / "outside"
    context.write_text("mine")
    context.chmod(0o600)
    made = Zip((File(b"src/app.py", b"answer = 42"), link("app.py", "src/app.py"), link("out", str(context))))
    folder = packages.extracted([made.written()])
    assert ((folder / "app.py").is_symlink(), (folder / "app.py").read_text()) == (True, "answer = 42")
    assert (context.read_text(), context.stat().st_mode & 0o777) == ("mine", 0o600)
    assert closed(folder) == ()


def test_a_later_layer_covers_a_link_and_writes_nothing_through_it(packages: Packages, tmp_path: Path) -> None:
    context = tmp_path / "outside"
    context.write_text("mine")
    later = [Zip((File(b"a", b"later"),)).written(), Zip((link("a", "b"), File(b"b", b"linked"))).written()]
    folder = packages.extracted([Zip((link("a", str(context)),)).written(), later[0]])
    assert ((folder / "a").read_text(), context.read_text()) == ("later", "mine")
    assert (packages.extracted(later) / "a").read_text() == "linked"


@pytest.mark.parametrize("name", ["../out", "a/../../out"])
def test_a_link_that_would_be_made_outside_of_the_folder_is_refused(packages: Packages, name: str) -> None:
    with pytest.raises(zipfile.BadZipFile, match="leaves the folder"):
        packages.extracted([Zip((link(name, "b"),)).written()])
