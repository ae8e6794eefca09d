"""Which S3 keys are deployed, and to which function."""

from __future__ import annotations

import pytest

from controller.core.artifact.object_keys import (
    MAX_LENGTH,
    function_of,
    function_written,
    is_deployed,
    is_dropped,
    key_problem,
    manifest_key,
    meant,
    refusal,
)


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
        (f"f/{'x' * MAX_LENGTH}.zip", f"it is longer than {MAX_LENGTH}"),
        ("", "it has no folder"),
    ],
)
def test_any_other_key_is_refused_with_its_reason(key: str, problem: str) -> None:
    assert problem in (key_problem(key) or "")


def test_the_longest_key_is_deployed() -> None:
    assert key_problem("f/" + "x" * (MAX_LENGTH - 6) + ".zip") is None


@pytest.mark.parametrize("key", ["checkout/slipway.json", "checkout/build.tar.gz", "checkout/"])
def test_a_key_of_no_archive_is_not_meant_to_be_deployed(key: str) -> None:
    assert not is_deployed(key)


@pytest.mark.parametrize(
    "suffix",
    [".zip", ".ZIP", ".Zip", ".zip ", ".zipx", ".jar", ".JAR", ".war", ".ear", ".whl", ".egg", ".pyz", ".pex", ".7z",
     ".rar", ".tar", ".tar.gz", ".TAR.GZ", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".nupkg",
     ".zip.gz", ".zip.xz"],
)  # fmt: skip
@pytest.mark.parametrize("folder", ["checkout/", "check.out/", "", "a b/c/"])
def test_every_kind_of_archive_is_dropped_for_somebody(folder: str, suffix: str) -> None:
    assert is_dropped(f"{folder}build{suffix}")


@pytest.mark.parametrize(
    "key",
    [
        "checkout/slipway.json", "checkout/", "checkout", "", "checkout/build.zip.sig", "checkout/build.zip.sha256",
        "checkout/build.tar.gz.asc", "checkout/build.json", "checkout/app.log", "logs/2026/11/30.log.gz", "logs/a.gz",
        "4f1d7a0e5b1c2d3e4f5a6b7c8d9e0f12", "stack/4f1d7a0e5b1c2d3e4f5a6b7c8d9e0f12", "stack/8a9b.template",
        "checkout/buildzip", "checkout/zip", "checkout/build.zip/", "checkout/README.md", "checkout/build.zip.tmp",
    ],
)  # fmt: skip
def test_what_is_nobodys_drop_is_none(key: str) -> None:
    assert not is_dropped(key)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("checkout/a.ZIP", "it does not end in .zip but in '.ZIP', and each letter counts"),
        ("checkout/a.jar", "it does not end in .zip but in .jar; that is a zip: give it that name"),
        ("checkout/a.WHL", "it does not end in .zip but in .whl; that is a zip: give it that name"),
        ("checkout/a.tar.gz", "it does not end in .zip but in .tar.gz; pack the files as a zip"),
        ("checkout/a.tgz", "it does not end in .zip but in .tgz; pack the files as a zip"),
        ("checkout/a.zip.gz", "it does not end in .zip but in .zip.gz; pack the files as a zip"),
        ("checkout/a.7z", "it does not end in .zip but in .7z; pack the files as a zip"),
        ("checkout/slipway.json", "it does not end in .zip"),
    ],
)
def test_another_kind_of_archive_is_told_what_to_do(key: str, problem: str) -> None:
    assert key_problem(key) == problem


@pytest.mark.parametrize(
    ("key", "function", "name"),
    [
        ("checkout/build.zip", "checkout", "checkout"),
        ("checkout//a b.jar", "checkout", "checkout"),
        (f"{'f' * 64}/x.zip", "f" * 64, "f" * 64),
        ("a b/x.zip", None, "a b"),
        ("check.out/x.zip", None, "check.out"),
        (f"{'f' * 65}/x.zip", None, "f" * 65),
        ("k\xfcche/x.zip", None, "k\xfcche"),
        ("check+out/x.zip", None, "check+out"),
        ("checkout:live/x.zip", None, "checkout:live"),
        ("../x.zip", None, ".."),
        ("/x.zip", None, "x"),
        ("/checkout/x.zip", None, "checkout"),
        ("checkout.zip", None, "checkout"),
        ("checkout-1.4.2.tar.gz", None, "checkout-1.4.2"),
        ("checkout", None, "checkout"),
        ("", None, ""),
    ],
)
def test_a_name_is_taken_as_it_is_and_never_made_to_fit(key: str, function: str | None, name: str) -> None:
    assert function_of(key) == function
    assert meant(key) == name


def test_a_functions_manifest_lies_beside_its_zips() -> None:
    assert manifest_key("checkout") == "checkout/slipway.json"


@pytest.mark.parametrize(
    "text",
    [
        "checkout", "checkout:live", "checkout:$LATEST", "checkout:7", "123456789012:function:checkout",
        "123456789012:function:checkout:live", "arn:aws:lambda:eu-west-1:123456789012:function:checkout",
        "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:checkout:live", " checkout", "checkout ",
        "checkout\\build", "checkout\\a\\b", "checkout:live\\build",
    ],
)  # fmt: skip
def test_a_function_may_be_written_as_lambda_takes_it(text: str) -> None:
    assert function_written(text) == "checkout"


@pytest.mark.parametrize(
    "text",
    ["", "check.out", "check out", "k\xfcche", "checkout::live", "a:checkout:live", ":live", "..", "x" * 65, "\\a"],
)
def test_a_name_that_lambda_would_not_take_names_no_function(text: str) -> None:
    assert function_written(text) is None


def test_a_backslash_is_told_as_one_and_with_what_stands_for_it() -> None:
    text = refusal(r"checkout\build.zip") or ""
    assert text.startswith(r"the key 'checkout\build.zip' cannot be deployed: it has the character '\', where / parts")
