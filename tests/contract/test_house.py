"""The shape of ``controller/``: a reader follows one look in few files, and finds each folder and file short.

Who may import whom is held by ``make lint``.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from controller.core.lifecycle.plan import plan
from controller.core.lifecycle.state_machine import decide
from controller.core.model import Deployment, Phase, Routing
from controller.core.model.events import Tick
from controller.core.model.observation import Observation
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from tests.builders import NOW, ROUTINGS, after, armed, changed, confirmed, manifest, seen, shift

CONTROLLER = Path(__file__).parents[2] / "controller"
FILES = sorted(CONTROLLER.rglob("*.py"))
MAX_FILES_OF_A_LOOK = 6
MAX_FILES_OF_A_FOLDER = 12
MAX_LINES = 300
KNOWN = ("core/gates/", "core/model/", "core/manifest/", "core/statistics/")
"""A gate is a file, and a reader opens those of the manifest; the nouns and the statistics speak for themselves."""


def passed(call: Callable[[], object]) -> set[str]:
    """Returns the files of ``controller/`` whose functions a call passes: {"core/routing/desired.py", ...}."""
    found: set[str] = set()

    def note(frame: FrameType, event: str, _arg: Any) -> None:
        if event == "call":
            found.add(frame.f_code.co_filename)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return {str(file.relative_to(CONTROLLER)) for file in map(Path, found) if CONTROLLER in file.parents}


def beside_the_known(files: set[str]) -> set[str]:
    return {file for file in files if not file.startswith(KNOWN)}


# -- one look at a shifting deployment --------------------------------------------------------------------------------

SHIFTING = confirmed(Phase.SHIFTING)
AS_WRITTEN = seen(ROUTINGS[Phase.SHIFTING], description=armed())
HOOKED = changed(SHIFTING, manifest=manifest(hooks={"each_step": {"function": "smoke"}}))
JUDGED = changed(SHIFTING, manifest=manifest(gates={"errors": {"significance": 0.01}}))
LOOKS: dict[str, tuple[Deployment, Observation, int]] = {
    "the hold lasts": (SHIFTING, AS_WRITTEN, 1),
    "the alias carries the step since this look": (changed(SHIFTING, confirmed_at=None), AS_WRITTEN, 1),
    "the next step begins": (SHIFTING, AS_WRITTEN, 60),
    "somebody else moved the alias": (SHIFTING, seen(Routing("7"), description=armed()), 1),
    "a hook is to be called": (HOOKED, AS_WRITTEN, 60),
    "requests are judged": (
        changed(JUDGED, shift=shift()),
        seen(
            ROUTINGS[Phase.SHIFTING],
            description=armed(),
            minutes=tuple(CountedMinute(after(minutes=each), Minute(100, 1, 900, 9)) for each in range(5)),
        ),
        10,
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_at_a_shifting_deployment_stays_in_few_files(name: str) -> None:
    deployment, observation, minutes = LOOKS[name]
    now = NOW + timedelta(minutes=minutes)
    files = beside_the_known(passed(lambda: plan(decide(deployment, Tick(), observation, now), observation, now)))
    assert files <= {
        "core/lifecycle/state_machine.py",
        "core/lifecycle/transitions/shifting.py",
        "core/lifecycle/transitions/edits.py",
        "core/routing/alias_description.py",
        "core/routing/desired.py",
        "core/lifecycle/plan.py",
    }
    assert len(files) <= MAX_FILES_OF_A_LOOK


def test_a_look_into_another_room_is_noticed() -> None:
    gone = seen(None)
    assert "core/lifecycle/transitions/rolling_back.py" in passed(lambda: decide(SHIFTING, Tick(), gone, NOW))


# -- folders and files ------------------------------------------------------------------------------------------------


def test_no_folder_has_more_files_than_a_reader_takes_in() -> None:
    folders = Counter(str(file.parent.relative_to(CONTROLLER.parent)) for file in FILES)
    assert {folder: count for folder, count in folders.items() if count > MAX_FILES_OF_A_FOLDER} == {}


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lines = {str(file.relative_to(CONTROLLER)): len(file.read_text().splitlines()) for file in FILES}
    assert {file: count for file, count in lines.items() if count > MAX_LINES} == {}


# -- the pages of folders ---------------------------------------------------------------------------------------------

PAGES = (
    "aws/lambda_", "core", "core/gates", "core/lifecycle", "core/lifecycle/transitions", "core/statistics", "reconcile",
    "reconcile/ticks", "requests",
)  # fmt: skip


def named(folder: Path) -> set[str]:
    """Returns the names in the table of a folder's page: {"plan", "due"} for lines of four spaces and "plan   ..."."""
    page = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return set(re.findall(r"^    ([a-z_]+) {2,}", page, re.MULTILINE))


def parts(folder: Path) -> set[str]:
    """Returns the names of the files and folders in a folder."""
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    return files | {file.parent.name for file in folder.glob("*/__init__.py")}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_of_a_folder_names_its_files(name: str) -> None:
    folder = CONTROLLER / name
    assert named(folder) == parts(folder)
