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
DISPATCH = ROOT / "controller" / "dispatch.py"
DOORS = (APP, DISPATCH)
PROBLEMS = ROOT / "controller" / "core" / "manifest" / "schema_errors.py"

PURE = {
    "__future__", "array", "base64", "bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum",
    "functools", "heapq", "itertools", "json", "math", "operator", "pathlib", "re", "stat", "struct", "types", "typing",
    "zlib",
}  # fmt: skip
SCHEMA_LIBRARY = {"jsonschema", "referencing"}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "urandom", "getenv", "getLogger"}
WORLD = {"open", "print", "input", "eval", "exec", "__import__", "breakpoint"}
FOREIGN_WORDS = {
    "rollout", "rollouts", "release", "releases", "job", "jobs",  # deployment
    "package", "primary", "baseline", "blue", "green", "candidate",  # artifact, stable, canary
    "stage", "percentage", "interval",  # step, weight, hold
    "revert", "undo", "rollbacks",  # roll back
    "breach", "breached", "triggered",  # firing
    "cron", "poll", "execute", "executor",  # tick, perform
    "util", "utils", "helper", "helpers", "manager", "misc",
    "cfg", "ctx", "mgr", "tmp", "impl", "obj", "msg", "req", "resp", "evt", "idx", "params", "args", "kwargs",
}  # fmt: skip
AWS_WORDS = {"package_type"}
"""Names that are AWS's own."""


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


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


# -- the reader of trees itself ---------------------------------------------------------------------------------------


def test_the_files_are_found() -> None:
    assert len(CORE) > 15
    assert len(UNIT) > 10
    assert {APP, PROBLEMS} <= set(CONTROLLER)


def test_what_the_trees_are_searched_for_is_found_where_it_is(tmp_path: Path) -> None:
    """None of the tests below can pass because nothing is ever found."""
    file = tmp_path / "sinner.py"
    file.write_text(
        "import os, unittest.mock\n"
        "from time import sleep\n"
        "from controller import settings\n"
        "class RolloutJob:\n"
        "    def go(self, ctx):\n"
        "        self.tmp = datetime.now(), os.environ\n"
        "        try: sleep(1)\n"
        "        except (ValueError, Exception): pass\n"
        "        try: time.sleep(1)\n"
        "        except: pass\n"
    )
    assert imports(file) == {"os", "unittest.mock", "time.sleep", "controller.settings"}
    assert calls(file) == {"now", "sleep"}
    assert set[str]().union(*map(words, defined(file))) & FOREIGN_WORDS == {"rollout", "job", "ctx", "tmp"}
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
    assert len(catch_alls(DISPATCH)) == 1
    callers = [node for node in nodes(DISPATCH) if isinstance(node, ast.FunctionDef) and _calls(node, "_attempt")]
    assert len(callers) == 3
    assert all(_calls(caller, "_raise_first") for caller in callers)


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
def test_one_word_is_used_for_one_idea(file: Path) -> None:
    names = {name for name in defined(file) | {file.stem} if name not in AWS_WORDS}
    assert [name for name in sorted(names) if words(name) & FOREIGN_WORDS] == []


@pytest.mark.parametrize("file", CONTROLLER, ids=name_of)
def test_what_is_said_to_people_uses_the_same_words(file: Path) -> None:
    said = [node.value for node in nodes(file) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in said if re.search(r"\b(roll ?outs?|jobs?|aborted|reverted)\b", text, re.IGNORECASE)] == []


def test_the_manifest_uses_the_same_words() -> None:
    schema = json.loads((ROOT / "controller" / "slipway.schema.json").read_text())
    sections = (schema, schema["$defs"]["strategy"], schema["$defs"]["gates"], schema["$defs"]["test"])
    keys = {key for section in sections for key in section["properties"]}
    assert [key for key in sorted(keys) if words(key) & FOREIGN_WORDS] == []


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
