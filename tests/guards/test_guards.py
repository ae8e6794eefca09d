"""The list of guards is true: what it takes out is there, who must miss it exists, and a guard that nobody misses is
told of. ``make mutants`` takes out all of them.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.guards.guard import Change, Guard
from tests.guards.guards import ALL
from tests.guards.without import ROOT, wrong_without

THREE = (
    "a zip that unzips to more than Lambda takes is refused",
    "an alarm that is not firing is no reason for anything",
    "pruning spares what aliases give a weight to",
)


def run(*command: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


# -- the list ---------------------------------------------------------------------------------------------------------


def test_each_guard_has_a_sentence_of_its_own_and_a_test() -> None:
    assert len({guard.name for guard in ALL}) == len(ALL)
    assert [guard.name for guard in ALL if not guard.killed_by] == []


def test_each_guard_stands_once_where_it_is_said_to() -> None:
    assert [f"{guard.name}: {problem}" for guard in ALL if (problem := guard.problem(ROOT))] == []


@pytest.mark.parametrize("guard", ALL, ids=lambda guard: guard.name)
def test_what_is_left_without_a_guard_is_another_program(guard: Guard) -> None:
    for file in {change.file for change in guard.changes}:
        before = after = (ROOT / file).read_text("utf-8")
        for change in guard.changes:
            after = after.replace(change.text, change.becomes) if change.file == file else after
        assert after != before
        compile(after, file, "exec")


def test_each_test_that_must_miss_a_guard_exists() -> None:
    tests = {test for guard in ALL for test in guard.killed_by}
    plain = {test.partition("[")[0] for test in tests}
    written = {test for file in {test.partition("::")[0] for test in plain} for test in written_in(file)}
    assert plain - written == set()
    # Which examples a test has pytest alone knows.
    code, told = run("pytest", "--collect-only", "-q", *sorted(tests - plain))
    assert code == 0, told[-2_000:]


def written_in(file: str) -> Iterator[str]:
    """Yields the tests of a file as pytest names them, without their examples."""
    for node in ast.parse((ROOT / file).read_text("utf-8")).body:
        inner = [(f"{node.name}::", each) for each in node.body] if isinstance(node, ast.ClassDef) else [("", node)]
        yield from (f"{file}::{of}{each.name}" for of, each in inner if isinstance(each, ast.FunctionDef))


def test_three_guards_are_missed_when_they_are_taken_out() -> None:
    code, told = run("tests.guards", *THREE)
    assert told.startswith("3 guards, 3 killed, 0 survived"), told
    assert code == 0


# -- what takes them out ----------------------------------------------------------------------------------------------

DOOR = """\
def opens(key: str) -> bool:
    if key != "right":
        return False
    return True
"""
TESTS = """\
import pytest

from controller.door import opens


@pytest.mark.parametrize("key", ["right", "wrong"])
def test_no_wrong_key_opens(key):
    assert opens(key) is (key == "right")


def test_the_right_key_opens():
    assert opens("right")
"""
ASKS = '    if key != "right":\n        return False\n'
GUARD = Guard("no wrong key opens", "controller/door.py", ASKS, "", ("tests/test_door.py::test_no_wrong_key_opens",))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for file, text in {"controller/door.py": DOOR, "tests/test_door.py": TESTS, "pytest.ini": "[pytest]\n"}.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    return tmp_path


def test_a_guard_that_is_missed_is_killed_and_stands_again(copy: Path) -> None:
    assert wrong_without(GUARD, copy) is None
    assert (copy / GUARD.file).read_text() == DOOR


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"killed_by": ("tests/test_door.py::test_the_right_key_opens",)},
            "survived tests/test_door.py::test_the_right",
        ),
        ({"killed_by": (*GUARD.killed_by, "tests/test_door.py::test_the_right_key_opens")}, "survived tests/test_door"),
        ({"killed_by": ("tests/test_door.py::test_that_is_gone",)}, "pytest ended with USAGE_ERROR"),
        ({"becomes": "    print(lock)\n"}, "has died of NameError"),
        ({"text": "def closes"}, "cannot be taken out: controller/door.py has this text 0 times, not once"),
        ({"text": "return"}, "cannot be taken out: controller/door.py has this text 2 times, not once"),
        ({"besides": (Change("controller/door.py", "lock", ""),)}, "cannot be taken out: controller/door.py has this"),
    ],
    ids=["nobody misses it", "not all miss it", "the test is gone", "wrongly", "not there", "there twice", "nor both"],
)
def test_what_says_nothing_about_a_guard_is_told(copy: Path, changes: dict[str, object], why: str) -> None:
    assert why in str(wrong_without(replace(GUARD, **changes), copy))  # type: ignore[arg-type]
    assert (copy / GUARD.file).read_text() == DOOR
