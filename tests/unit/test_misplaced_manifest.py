"""Which files of a zip are nearly its manifest, and what is said of them."""

from __future__ import annotations

import pytest

from controller.core.artifact.misplaced_manifest import problem
from tests.growth import LINEAR, growth

CODE = ("app.py", "lib/", "lib/util.py")


@pytest.mark.parametrize(
    "name",
    [
        "Slipway.json", "SLIPWAY.JSON", "slipway.JSON", "slipway.json.txt", "Slipway.json.txt", "slipway.json.json",
        "slipway.jsonc", "slipway.json5", "slipway.yaml", "slipway.yml", "slipway.YAML", "slipway.toml",
        ".slipway.json", ".slipway.yaml", "slip-way.json", "slip_way.json", "slipway (1).json", "slipway(2).json",
        "slipway - Copy.json", "slipway copy.json", "slipway.json ", " slipway.json", "slipwya.json", "slipwy.json",
        "sllipway.json", "slipwayy.json", "slipway .json", "slipway.jsn",
        "deploy/slipway.json", "config/Slipway.json", "src/slipway.yaml", "checkout/slipway.json.txt",
        "slipway/slipway.json", "slipway.json/slipway.json", "./slipway.json", "lib/slipway.json",
    ],
)  # fmt: skip
def test_a_file_that_is_nearly_a_manifest_is_named_with_where_it_belongs(name: str) -> None:
    text = problem((*CODE, name)) or ""
    assert text.startswith(f"the zip holds {name}, which nobody reads: ")
    assert "slipway.json in the zip's root" in text


@pytest.mark.parametrize(
    "name",
    [
        "slipway.schema.json", "slipway.request.schema.json", "slipways.json", "slideway.json", "shipway.json",
        "slipway.py", "slipway.js", "slipway.so", "slipway.txt", "slipway.md", "slipway.json.bak", "slipway.json~",
        "slipway.json.sig", "slipway.prod.json", "my-slipway.json", "slipway-data.json", "slipway",
        "slipway/", "slipway/__init__.py", "slipway.json/", "package.json", "app.yaml",
        "node_modules/slipway.json", "node_modules/slipway/slipway.json", "node_modules/.slipway.json",
        "python/lib/python3.13/site-packages/tool/slipway.json", "site-packages/slipway.json", "vendor/slipway.json",
        "VENDOR/slipway.json", "tool-1.2.dist-info/slipway.json", "META-INF/slipway.json",
        "__MACOSX/._slipway.json", "__MACOSX/slipway.json", "._slipway.json",
        "tests/slipway.json", "examples/slipway.json", "src/main/slipway.json",
    ],
)  # fmt: skip
@pytest.mark.parametrize("beside", [(), ("slipway.json",)], ids=["without a manifest", "beside one"])
def test_a_file_that_is_nobodys_manifest_is_left_alone(name: str, beside: tuple[str, ...]) -> None:
    assert problem((*CODE, *beside, name)) is None


@pytest.mark.parametrize("package", ["slip_tool-1.0.dist-info/METADATA", "Slip.Tool.egg-info/PKG-INFO"])
def test_a_package_that_pip_put_into_the_root_may_have_a_file_of_that_name(package: str) -> None:
    names = (*CODE, "slip_tool/__init__.py", "slip_tool/slipway.json")
    assert problem((*names, package)) is None
    assert "slip_tool/slipway.json" in (problem(names) or "")


@pytest.mark.parametrize("second", ["Slipway.json", "slipway.yaml", "deploy/slipway.json", "slipway (1).json"])
def test_a_second_manifest_is_refused_by_name(second: str) -> None:
    text = problem((*CODE, "slipway.json", second)) or ""
    assert text.startswith(f"the zip holds {second}, ")
    assert text.endswith("which is there, too; keep one of them, there")


@pytest.mark.parametrize("name", ["checkout/slipway.json", "checkout/deploy/slipway.json", "checkout/Slipway.json"])
def test_of_a_zipped_folder_the_folder_is_named(name: str) -> None:
    text = problem(("checkout/", "checkout/app.py", name, "__MACOSX/checkout/._app.py")) or ""
    assert text.endswith("zip what is in checkout/, not the folder itself")


def test_of_a_folder_in_a_folder_the_inner_one_is_named() -> None:
    text = problem(("a/b/app.py", "a/b/slipway.json", "a/b/tests/slipway.json")) or ""
    assert "the zip holds a/b/slipway.json, which" in text
    assert text.endswith("zip what is in a/b/, not the folder itself")


def test_where_only_the_buckets_manifest_counts_the_root_is_no_place_for_one() -> None:
    text = problem((*CODE, "Slipway.json"), zip_may_say=False) or ""
    assert text.endswith("ManifestFrom); leave it out of the zip")
    assert "FUNCTION/slipway.json in the bucket" in text


def test_of_many_only_some_are_named() -> None:
    text = problem([f"{letter}/slipway.json" for letter in "abcdefg"]) or ""
    assert "the zip holds a/slipway.json, b/slipway.json, c/slipway.json and 4 more, which" in text


def test_a_name_is_told_on_one_line_and_no_longer_than_a_line() -> None:
    text = problem((*CODE, "a\n" * 500 + "/slipway.json")) or ""
    assert "\n" not in text
    assert len(text) < 500


def test_eight_times_the_files_are_looked_through_in_eight_times_the_time() -> None:
    def names(count: int) -> list[str]:
        return [f"node_modules/{number}/slipway.json" for number in range(count)]

    assert problem(names(65_535)) is None
    assert growth(names, problem, 8_000) < LINEAR
