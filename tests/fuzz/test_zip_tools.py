"""Whatever folder a real tool zips is taken, with the files that are in it and the manifest that it has.

``make fuzz`` installs tools of npm and PyPI for it. ``make test`` asks those that are on this machine anyway.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.artifact.handlers import Startup, handler_files, lacks_handler
from controller.core.artifact.zip.directory import TAIL
from controller.core.artifact.zip.opened import Opened, opened
from tests.fuzz.fuzz_settings import fuzzed
from tests.fuzz.zip_tools import TOOLS, Tool

MANIFEST = '{"alias": "prod"}'
PYTHON = Startup("src/app.handler", "python3.13")
READABLE = (0o644, 0o755, 0o444, 0o555, 0o664)


@dataclass(frozen=True)
class Folder:
    """What lies in a folder: contents and modes by path, and where symbolic links beside the files point to."""

    files: Mapping[str, tuple[bytes, int]]
    links: Mapping[str, str]

    def write(self, folder: Path) -> None:
        always = {
            "src/app.py": (b"def handler(event, context): ...", 0o644),
            "slipway.json": (MANIFEST.encode(), 0o644),
        }
        for name, (content, mode) in {**self.files, **always}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(mode)
        for name, target in self.links.items():
            (folder / name).symlink_to(target)


letters = st.sampled_from([*"abzAZ09_-+@() .,=~", "ä", "ß", "é", "表", "ж", "💡"])
names = (
    st.text(letters, min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda name: name.strip(".") and name[0] not in "-@")
)
paths = st.lists(names.map(lambda name: f"d{name}"), max_size=3).flatmap(
    lambda folders: names.map(lambda name: "/".join([*folders, f"f{name}"]))
)
contents = st.sampled_from([b"", b"x", b"PK\5\6" + bytes(18), b"PK\1\2" * 30]) | st.binary(max_size=300)
folders = st.builds(
    Folder,
    files=st.dictionaries(paths, st.tuples(contents, st.sampled_from(READABLE)), max_size=8),
    links=st.dictionaries(
        names.map(lambda name: f"l{name}"), st.sampled_from(["src/app.py", "./slipway.json", "src"]), max_size=3
    ),
)


def zipped(tool: Tool, written: Folder) -> tuple[Opened, set[str]]:
    """Returns the zip as the controller reads it, and the files of the folder."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, build = Path(scratch, "folder"), Path(scratch, "build.zip")
        folder.mkdir()
        written.write(folder)
        files = {
            str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file() and not each.is_symlink()
        }
        tool.zip(folder, build)
        content = build.read_bytes()
    found = opened("build.zip", len(content), content[-TAIL:], lambda offset, length: content[offset : offset + length])
    return found, files


@pytest.mark.parametrize("tool", TOOLS, ids=str)
@fuzzed(2)
@given(written=folders)
def test_a_folder_that_a_real_tool_zips_is_taken_with_all_that_is_in_it(tool: Tool, written: Folder) -> None:
    if not tool.is_there:
        pytest.skip("the tool is not on this machine: make fuzz installs those of npm and PyPI")
    found, files = zipped(tool, written)
    names = {name for name in found.archive.names if not name.endswith("/")}
    beside = {name for name in names if name.partition("/")[0] in written.links or name.startswith("META-INF/")}
    assert names - beside == files
    assert found.manifest == MANIFEST
    assert lacks_handler(found.archive, PYTHON) is None
    assert handler_files(found.archive, PYTHON) == ("src/app.py",)
