"""A patch goes where it was written for, or the start is refused by name; and no gap is forgotten."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from local.emulator import patches
from local.emulator.patches.patching import MINISTACK_VERSION, PatchMismatch, replace

FOLDER = Path(patches.__file__).parent


def emulator() -> ModuleType:
    def greet(name: str, loudly: bool = False) -> str:
        return name.upper() if loudly else name

    module = ModuleType("emulator")
    vars(module).update(greet=greet, version="1")
    return module


def twice(original: Callable[..., str]) -> Callable[..., str]:
    return lambda *arguments: original(*arguments) * 2


def test_a_patch_takes_the_place_of_the_function_and_may_call_it() -> None:
    module = emulator()
    replace(module, "greet", ("name", "loudly"), twice)
    assert module.greet("a") == "aa"


def test_a_second_patch_wraps_the_first() -> None:
    module = emulator()
    replace(
        module,
        "greet",
        ("name", "loudly"),
        lambda original: lambda name, loudly=False: original(name, loudly) + "!",
    )
    replace(
        module,
        "greet",
        ("name", "loudly"),
        lambda original: lambda name, loudly=False: original(name, loudly) + "?",
    )
    assert module.greet("a", True) == "A!?"


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("wave", (), "emulator.wave does not exist"),
        ("version", (), "emulator.version does not exist"),
        ("greet", ("name",), r"takes \('name', 'loudly'\), the patch expects \('name',\)"),
        ("greet", ("loudly", "name"), "the patch expects"),
    ],
)
def test_a_function_that_is_not_the_expected_one_is_refused_by_name(
    name: str, parameters: tuple[str, ...], said: str
) -> None:
    module = emulator()
    original = module.greet
    with pytest.raises(PatchMismatch, match=said):
        replace(module, name, parameters, twice)
    assert module.greet is original


def test_a_refusal_says_which_version_is_needed() -> None:
    with pytest.raises(PatchMismatch, match=f"install ministack=={MINISTACK_VERSION}"):
        replace(emulator(), "wave", (), twice)


def test_every_module_that_closes_a_gap_is_installed() -> None:
    assert sorted(patches.PATCHES) == sorted(name(path) for path in FOLDER.rglob("*.py") if defines_install(path))


def name(path: Path) -> str:
    return ".".join(path.relative_to(FOLDER).with_suffix("").parts)


def defines_install(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    named = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return path.stem != "__init__" and "install" in named
