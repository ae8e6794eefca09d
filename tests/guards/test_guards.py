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

from tests.guards import page
from tests.guards.changes import Change, answers, drops, ignores, omits, sets, skips, swaps
from tests.guards.guard import Guard
from tests.guards.guards import ALL
from tests.guards.without import ROOT, wrong_without
from tests.pages import PAGES

THREE = (
    "an alarm of another version moves nothing by the alias alone",
    "a record is read as it was saved last",
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


def test_what_is_left_without_a_guard_is_another_program() -> None:
    for change in (each for guard in ALL for each in guard.changes):
        before = change.path(ROOT).read_text("utf-8")
        after = change.made(before)
        assert ast.dump(ast.parse(after)) != ast.dump(ast.parse(before)), change
        compile(after, change.file, "exec")


def test_the_page_tells_of_each_guard() -> None:
    assert page.rewritten(PAGES[page.NAME]) == PAGES[page.NAME], f"make mutants writes {page.NAME} anew"


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
    return bool(key)
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
ASKS = skips("door:opens", "key")
GUARD = Guard("no wrong key opens", ASKS, ("tests/test_door.py::test_no_wrong_key_opens",))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for file, text in {"controller/door.py": DOOR, "tests/test_door.py": TESTS, "pytest.ini": "[pytest]\n"}.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    return tmp_path


def test_a_guard_that_is_missed_is_killed_and_stands_again(copy: Path) -> None:
    assert wrong_without(GUARD, copy) is None
    assert (copy / ASKS.file).read_text() == DOOR


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"killed_by": ("tests/test_door.py::test_the_right_key_opens",)},
            "survived tests/test_door.py::test_the_right",
        ),
        ({"killed_by": (*GUARD.killed_by, "tests/test_door.py::test_the_right_key_opens")}, "survived tests/test_door"),
        ({"killed_by": ("tests/test_door.py::test_that_is_gone",)}, "pytest ended with USAGE_ERROR"),
        ({"change": answers("door:opens", "bool", "lock")}, "has died of NameError"),
        ({"change": skips("door:opens", "lock")}, "cannot be taken out: door:opens has 0 places, not one, that 'lock'"),
        ({"change": skips("door:closes", "key")}, "cannot be taken out: closes is there 0 times, not once"),
    ],
    ids=["nobody misses it", "not all miss it", "the test is gone", "wrongly", "not there", "no such function"],
)
def test_what_says_nothing_about_a_guard_is_told(copy: Path, changes: dict[str, object], why: str) -> None:
    assert why in str(wrong_without(replace(GUARD, **changes), copy))  # type: ignore[arg-type]
    assert (copy / ASKS.file).read_text() == DOOR


# -- what is meant ----------------------------------------------------------------------------------------------------

CELL = """\
RULES = (
    rule.one,  # über
    rule.two("key"),
)


class Cell:
    limit: int = 3

    def lock(self, key, door):
        if not key and not (door.open or door.broken):
            return self.shut(key, by="hand")
        elif door.old:
            self.oil(door)
        words = {"ü": key, "door": door}
        return [each for each in words if each.fits], (*words, *door)
"""


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (skips("cell:Cell.lock", "old"), "elif door.old:", "elif False:"),
        (ignores("cell:Cell.lock", "broken"), "door.open or door.broken", "door.open or False"),
        (ignores("cell:Cell.lock", "door.open"), "(door.open or", "(False or"),
        (ignores("cell:Cell.lock", "key"), "if not key and", "if True and"),
        (ignores("cell:Cell.lock", "fits"), "if each.fits]", "if True]"),
        (omits("cell:RULES", "rule.one"), "rule.one,  # über", "*(),  # über"),
        (omits("cell:RULES", "key"), 'rule.two("key")', "*()"),
        (omits("cell:Cell.lock", "by"), 'by="hand"', "**{}"),
        (omits("cell:Cell.lock", "ü"), '"ü": key', "**{}"),
        (drops("cell:Cell.lock", "oil"), "self.oil(door)", "pass"),
        (answers("cell:Cell.lock", "shut", "None"), 'self.shut(key, by="hand")', "None"),
        (sets("cell:Cell", "limit", "4"), "int = 3", "int = 4"),
        (sets("cell:Cell.lock", "by", "me"), 'by="hand"', "by=me"),
        (sets("cell:Cell.lock", "door", "key"), '"door": door', '"door": key'),
        (swaps("cell:Cell.lock", "*words", "*door"), "(*words, *door)", "(*door, *words)"),
    ],
    ids=lambda each: each.in_words if isinstance(each, Change) else "",
)
def test_a_place_is_found_by_the_name_that_it_mentions(change: Change, before: str, after: str) -> None:
    assert change.made(CELL) == CELL.replace(before, after, 1) != CELL


@pytest.mark.parametrize(
    ("change", "places"),
    [(skips("cell:Cell.lock", "key.hole"), 0), (drops("cell:Cell.lock", "door"), 2)],
    ids=["not there", "there twice"],
)
def test_a_place_that_is_not_there_once_is_refused(change: Change, places: int) -> None:
    with pytest.raises(LookupError, match=f"cell:Cell.lock has {places} places, not one"):
        change.made(CELL)
