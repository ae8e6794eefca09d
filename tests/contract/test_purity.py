"""What the controller may know of the world, read off the syntax trees; who imports whom is held by ``make lint``."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTROLLER = sorted((ROOT / "controller").rglob("*.py"))
CORE = sorted((ROOT / "controller" / "core").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
UNIT = sorted((ROOT / "tests" / "unit").rglob("*.py"))
APP = ROOT / "controller" / "app.py"
ATTEMPTS = ROOT / "controller" / "reconcile" / "attempts.py"
DOORS = (APP, ATTEMPTS)
PROBLEMS = ROOT / "controller" / "core" / "manifest" / "schema_errors.py"

PURE = {
    "__future__", "array", "base64", "bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum",
    "functools", "heapq", "itertools", "json", "math", "operator", "pathlib", "re", "stat", "struct", "types", "typing",
    "zlib",
}  # fmt: skip
SCHEMA_LIBRARY = {"jsonschema", "referencing"}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "urandom", "getenv", "getLogger"}
WORLD = {"open", "print", "input", "eval", "exec", "__import__", "breakpoint"}
INSTEAD = {
    "rollout": "deployment", "rollouts": "deployment", "release": "deployment", "releases": "deployment",
    "job": "deployment", "jobs": "deployment", "percentage": "weight", "cron": "tick", "breach": "firing",
    "primary": "stable version", "baseline": "stable version", "blue": "stable version", "green": "canary version",
    "revert": "roll back", "undo": "roll back", "rescue": "emergency rollback",
    "foreign": "drift", "blind": "no data", "sighted": "no data", "most": "limit", "pace": "duration",
    "adopt": "onboard", "adopts": "onboard", "adopted": "onboard", "adoption": "onboard",
    "moves": "transition", "chore": "milestone", "chores": "milestone", "breadcrumb": "alias description",
    "crumb": "alias description", "outside": "context", "plain": "record", "parsed": "explain",
    "retrospect": "backtest", "judge": "backtest", "forecast": "dry run", "intake": "admission",
    "acceptance": "admission", "yardstick": "threshold", "yardsticks": "threshold", "survey": "function facts",
    "slowness": "slow requests",
    "util": "", "utils": "", "helper": "", "helpers": "", "manager": "", "misc": "",
    "cfg": "", "ctx": "", "mgr": "", "tmp": "", "impl": "", "obj": "", "msg": "", "req": "", "resp": "", "evt": "",
    "idx": "", "params": "",
}  # fmt: skip
"""Words that no name has, and the word of the glossary; empty where the name says nothing, or is cut short."""
EMPTY_NAMES = {"data", "info"}
"""They say something beside another word only, as in ``has_data``."""


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


def nodes(file: Path) -> Iterator[ast.AST]:
    return ast.walk(tree(file))


def imports(file: Path) -> set[str]:
    """Returns the dotted names that a file imports: "controller.core" and "controller.core.lifecycle.plan" for one of
    it."""
    found: set[str] = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def calls(file: Path) -> set[str]:
    """Returns the last names of what a file calls: "now" for ``datetime.now()``."""
    functions = [node.func for node in nodes(file) if isinstance(node, ast.Call)]
    return {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in functions}


def defined(file: Path) -> set[str]:
    """Returns every name that a file gives: to functions, classes, parameters, variables and attributes."""
    found: set[str] = set()
    for node in nodes(file):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
    return found


def words(name: str) -> set[str]:
    """Returns the words of an identifier: ``_AlarmFired`` and ``alarm_fired`` both have two."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def private(names: set[str]) -> dict[str, set[str]]:
    """Returns the names that use a word of their own, each with the words to use: {"is_blind": {"no data"}}."""
    found = {name: {INSTEAD[word] for word in words(name) & INSTEAD.keys()} for name in sorted(names)}
    return {name: instead for name, instead in found.items() if instead or name.strip("_").lower() in EMPTY_NAMES}


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


# -- the reader of trees itself ---------------------------------------------------------------------------------------


def test_the_files_are_found() -> None:
    assert len(CORE) > 15
    assert len(UNIT) > 10
    assert {APP, PROBLEMS} <= set(CONTROLLER)


def test_each_search_finds_what_was_planted(tmp_path: Path) -> None:
    """None of the tests below can pass because nothing is ever found."""
    file = tmp_path / "sinner.py"
    file.write_text(
        "import os, unittest.mock\n"
        "from time import sleep\n"
        "from controller import settings\n"
        "class RolloutJob:\n"
        "    def is_blind(self, ctx, *args):\n"
        "        self.data = datetime.now(), os.environ\n"
        "        try: sleep(1)\n"
        "        except (ValueError, Exception): pass\n"
        "        try: time.sleep(1)\n"
        "        except: pass\n"
    )
    assert imports(file) == {"os", "unittest.mock", "time.sleep", "controller.settings"}
    assert calls(file) == {"now", "sleep"}
    assert private(defined(file) | {"has_data", "poll", "test_helpers"}) == {
        "RolloutJob": {"deployment"}, "is_blind": {"no data"}, "ctx": {""}, "data": set(), "test_helpers": {""},
    }  # fmt: skip
    assert len(catch_alls(file)) == 2
    assert reads_environment(file)
    assert sleeps(file)
    assert mocks(file)


# -- core -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", CORE, ids=name_of)
def test_core_imports_only_what_is_pure(file: Path) -> None:
    library = SCHEMA_LIBRARY if file == PROBLEMS else set()
    assert tops(imports(file)) - {"controller"} <= PURE | library


@pytest.mark.parametrize("file", CORE, ids=name_of)
def test_core_asks_no_clock_no_chance_and_no_environment(file: Path) -> None:
    assert calls(file) & (CLOCKS | WORLD) == set()


def test_only_the_manifest_reads_a_file_and_that_is_its_schema() -> None:
    readers = {name_of(file) for file in CORE if calls(file) & {"read_text", "read_bytes", "iterdir", "glob"}}
    assert readers == {"controller/core/manifest/building.py"}


def test_the_schema_library_is_loaded_only_where_it_is_needed() -> None:
    """A rollback does not wait for it: it is imported inside functions, and for types only at the top."""
    at_import = [
        node
        for node in tree(PROBLEMS).body
        if isinstance(node, ast.Import | ast.ImportFrom) and "jsonschema" in ast.unparse(node)
    ]
    assert at_import == []


# -- the doors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [file for file in CONTROLLER if file != APP], ids=name_of)
def test_only_the_door_reads_the_environment(file: Path) -> None:
    assert not reads_environment(file)


@pytest.mark.parametrize("file", [file for file in CONTROLLER if file not in (*DOORS, PROBLEMS)], ids=name_of)
def test_only_a_door_catches_everything(file: Path) -> None:
    assert catch_alls(file) == []


def test_the_door_catches_everything_once_and_raises_it_again() -> None:
    (catch_all,) = catch_alls(APP)
    assert isinstance(catch_all.body[-1], ast.Raise)


def test_a_panic_of_the_schema_library_is_the_one_thing_caught_that_is_no_exception() -> None:
    (catch_all,) = catch_alls(PROBLEMS)
    assert [type(node) for node in ast.walk(catch_all) if isinstance(node, ast.Raise)] == [ast.Raise]


def test_the_door_of_each_part_catches_everything_once_and_whoever_calls_it_raises_it_at_the_end() -> None:
    """A fault about one target must not keep the next one's alarm from being seen."""
    assert len(catch_alls(ATTEMPTS)) == 1
    functions = [node for file in CONTROLLER for node in nodes(file) if isinstance(node, ast.FunctionDef)]
    callers = [function for function in functions if _calls(function, "attempt")]
    # What failed of a dead letter is its answer; what failed of a tick's looks is raised by the tick.
    raising = [caller for caller in callers if caller.name not in ("_again", "at", "look")]
    assert len(raising) == len(callers) - 3 == 2
    (tick,) = (function for function in functions if function.name == "_walk" and _calls(function, "is_throttled"))
    assert all(_calls(caller, "raise_first") for caller in (*raising, tick))


# -- tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", TESTS, ids=name_of)
def test_no_test_replaces_what_it_tests(file: Path) -> None:
    assert not mocks(file)


@pytest.mark.parametrize("file", UNIT, ids=name_of)
def test_no_unit_test_sleeps(file: Path) -> None:
    assert not sleeps(file)


@pytest.mark.parametrize("file", UNIT, ids=name_of)
def test_no_unit_test_knows_aws(file: Path) -> None:
    assert tops(imports(file)) & {"boto3", "botocore", "ministack"} == set()
    assert not any(name.startswith("controller.aws") for name in imports(file))


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", CONTROLLER, ids=name_of)
def test_each_name_uses_the_words_of_the_glossary(file: Path) -> None:
    assert private(defined(file)) == {}


def test_each_file_and_folder_is_named_by_the_words_of_the_glossary() -> None:
    of_the_demo = ROOT / "tests" / "unit" / "demo"  # named as the demo's modules are, whose artifacts are releases
    files = [file for file in (*CONTROLLER, *TESTS) if of_the_demo not in file.parents]
    assert private({part for file in files for part in file.relative_to(ROOT).with_suffix("").parts}) == {}


@pytest.mark.parametrize("file", CONTROLLER, ids=name_of)
def test_messages_use_the_words_of_the_glossary(file: Path) -> None:
    said = [node.value for node in nodes(file) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    private_words = re.compile(
        r"\b(roll ?outs?|jobs?|aborted|reverted|foreign|adopt(s|ed|ing)?|blind)\b", re.IGNORECASE
    )
    assert [text for text in said if private_words.search(text)] == []


def test_the_glossary_has_each_word_to_use() -> None:
    glossary = (ROOT / "docs" / "contributing" / "glossary.md").read_text()
    assert [word for word in INSTEAD.values() if word not in glossary] == []


def test_manifest_and_requests_use_the_same_words() -> None:
    assert private(members("slipway.schema.json") | members("slipway.request.schema.json")) == {}


def members(schema: str) -> set[str]:
    """Returns the members that a schema knows at any depth, and the words that it allows for them."""
    found: set[str] = set()

    def visit(node: object) -> None:
        for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            visit(each)
        if isinstance(node, dict):
            found.update(each for each in (*node.get("properties", {}), *node.get("enum", [])) if isinstance(each, str))

    visit(json.loads((ROOT / "controller" / schema).read_text()))
    return found


def _calls(function: ast.FunctionDef, name: str) -> bool:
    calls_made = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(isinstance(called, ast.Name) and called.id == name for called in calls_made)


def catch_alls(file: Path) -> list[ast.ExceptHandler]:
    all_of_them = {"Exception", "BaseException"}
    handlers = [node for node in nodes(file) if isinstance(node, ast.ExceptHandler)]
    return [handler for handler in handlers if handler.type is None or _names(handler.type) & all_of_them]


def reads_environment(file: Path) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} for node in nodes(file)) or bool(
        {"os.environ", "os.getenv"} & imports(file)
    )


def sleeps(file: Path) -> bool:
    return "sleep" in calls(file) or "time.sleep" in imports(file)


def mocks(file: Path) -> bool:
    by_import = any("mock" in name.split(".") for name in imports(file))
    by_fixture = any(isinstance(node, ast.arg) and node.arg in {"monkeypatch", "mocker"} for node in nodes(file))
    return by_import or by_fixture


def _names(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
