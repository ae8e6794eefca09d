"""The controller's packages that are dropped differ in their door and their manifest, and in nothing else."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from controller.core.manifest import parsing
from local.demo_self.changes import Change, changed, quick
from local.demo_self.drops import DROPS

CHANGES = [drop.change for drop in DROPS]
TESTS = [{"name": "answers status", "payload": {"request": "status"}}]
FILES = {
    "controller/app.py": "def handler(event, context): ...\n",
    "controller/inbound/parse.py": "",
    "slipway.json": json.dumps({"strategy": {"steps": [], "bake": "30m"}, "tests": TESTS}),
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    return path


def contents(package: Path, change: Change) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(changed(package, change.source, quick(change.steps, change.bake)))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_stands_at_the_end_of_the_door_and_is_python(package: Path, change: Change) -> None:
    found = contents(package, change)
    assert found["controller/app.py"] == FILES["controller/app.py"] + change.source
    assert compile(found["controller/app.py"], "app.py", "exec")
    assert (found.keys(), found["controller/inbound/parse.py"]) == (FILES.keys(), "")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_manifest_takes_seconds_and_keeps_the_tests(package: Path, change: Change) -> None:
    text = contents(package, change)["slipway.json"]
    assert json.loads(text)["tests"] == TESTS
    taken = parsing.parse(("slipway.json", text))
    assert tuple(step.weight for step in taken.strategy.steps) == tuple(weight * 100 for weight in change.steps)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_what_a_change_imports_of_the_controller_is_there(change: Change) -> None:
    exec("\n".join(re.findall(r"^from controller\..+", change.source, re.MULTILINE)), {})  # noqa: S102 - this project's
