"""Which S3 keys are deployed, and to which function."""

from __future__ import annotations

import pytest

from controller.core.keys import LONGEST, function_of, is_deployed, key_problem, manifest_key


@pytest.mark.parametrize(
    "key", ["checkout/build.zip", "checkout/2026/11/24/a_b-c.1.zip", "a/.zip", f"{'f' * 64}/a.zip", "F_1-x/A.zip"]
)
def test_a_function_a_folder_and_a_zip_are_deployed(key: str) -> None:
    assert key_problem(key) is None
    assert is_deployed(key)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("build.zip", "it has no folder"),
        ("/build.zip", "it has an empty, . or .. part"),
        ("checkout//build.zip", "it has an empty, . or .. part"),
        ("checkout/../build.zip", "it has an empty, . or .. part"),
        ("checkout/./build.zip", "it has an empty, . or .. part"),
        ("checkout/a b.zip", "it has the character ' '"),
        ("checkout/a+b.zip", "it has the character '+'"),
        ("checkout/ä.zip", "it has the character '\\xe4'"),
        ("checkout/a\n.zip", "it has the character '\\n'"),
        ("check.out/a.zip", "check.out is no function's name"),
        (f"{'f' * 65}/a.zip", "is no function's name: it is longer than 64"),
        ("checkout/a.ZIP", "it does not end in .zip"),
        ("checkout/a.zip\n", "it has the character"),
        (f"f/{'x' * LONGEST}.zip", f"it is longer than {LONGEST}"),
        ("", "it has no folder"),
    ],
)
def test_any_other_key_is_refused_with_its_reason(key: str, problem: str) -> None:
    assert problem in (key_problem(key) or "")


def test_the_longest_key_is_deployed() -> None:
    assert key_problem("f/" + "x" * (LONGEST - 6) + ".zip") is None


@pytest.mark.parametrize("key", ["checkout/slipway.json", "checkout/build.tar.gz", "checkout/"])
def test_what_is_no_zip_is_not_meant_to_be_deployed(key: str) -> None:
    assert not is_deployed(key)


@pytest.mark.parametrize(
    ("key", "function"),
    [
        ("checkout/build.zip", "checkout"),
        ("a b/x.zip", "a_b"),
        ("check.out/x.zip", "check_out"),
        ("/x.zip", "unnamed"),
        ("", "unnamed"),
        ("f" * 90 + "/x.zip", "f" * 64),
    ],
)
def test_a_bad_key_is_kept_under_the_nearest_function_name(key: str, function: str) -> None:
    assert function_of(key) == function


def test_a_functions_manifest_lies_beside_its_zips() -> None:
    assert manifest_key("checkout") == "checkout/slipway.json"
