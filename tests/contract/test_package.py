"""The package that Lambda gets: for the right platform, small, complete, the same for the same sources."""

from __future__ import annotations

import gzip
import importlib.util
import json
import marshal
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import pytest
from samtranslator.yaml_helper import yaml_parse

from controller.core.manifest.parsing import parse
from local.emulator.patches.patching import MINISTACK_VERSION

ROOT = Path(__file__).parents[2]
RUNTIME = (ROOT / "requirements.txt").read_text()
DEVELOPMENT = (ROOT / "requirements-dev.txt").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
AARCH64 = 183  # e_machine of an ELF file


def loaded_script(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


packaging_build = loaded_script(ROOT / "packaging" / "build.py")


@pytest.fixture(scope="module")
def for_lambda(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package for Lambda; its dependencies are downloaded once for each lock."""
    package = tmp_path_factory.mktemp("lambda") / "package"
    packaging_build.build(package, "lambda")
    return package


@pytest.fixture(scope="module")
def for_this(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package for the interpreter of this test."""
    package = tmp_path_factory.mktemp("this") / "package"
    packaging_build.build(package, "this")
    return package


def run_with_only(package: Path, code: str) -> None:
    """Runs ``code`` in a Python that sees the standard library and ``package`` and no setting of this one."""
    program = f"import sys; sys.path.insert(0, {str(package)!r}); {code}"
    command = [sys.executable, "-I", "-S", "-B", "-c", program]
    region = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    ended = subprocess.run(command, env=region, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def locked(lock: str) -> dict[str, str]:
    """Name and version of everything in a lock."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", lock, re.MULTILINE))


def test_the_package_is_under_22_megabytes_unzipped(for_lambda: Path) -> None:
    assert sum(file.stat().st_size for file in for_lambda.rglob("*") if file.is_file()) < 22_000_000


def test_the_package_is_built_for_the_runtime_and_the_machine_of_the_template() -> None:
    for name in ("Controller", "Viewer"):
        function = yaml_parse((ROOT / "template.yaml").read_text())["Resources"][name]["Properties"]
        assert function["Runtime"] == f"python{packaging_build.LAMBDA_PYTHON}"
        assert (function["Architectures"], packaging_build.LAMBDA_MACHINE) == (["arm64"], "aarch64")


def test_its_compiled_code_is_for_lambdas_machine_and_python(for_lambda: Path) -> None:
    (compiled,) = for_lambda.rglob("*.so")
    assert compiled.relative_to(for_lambda).as_posix() == "rpds/rpds.cpython-313-aarch64-linux-gnu.so"
    assert int.from_bytes(compiled.read_bytes()[18:20], "little") == AARCH64


def test_the_package_describes_no_service_that_is_not_used(for_lambda: Path) -> None:
    described = {path.name for path in (for_lambda / "botocore" / "data").iterdir() if path.is_dir()}
    assert described == packaging_build.SERVICES


@pytest.mark.parametrize("folder", ["controller", "viewer"])
def test_the_package_holds_every_module_of_both_functions(folder: str, for_lambda: Path) -> None:
    assert sources(for_lambda, folder) == sources(ROOT, folder)


def test_the_package_describes_every_service_that_the_controller_calls() -> None:
    clients = (ROOT / "controller" / "aws" / "clients.py").read_text()
    assert set(re.findall(r'_client\("(\w+)"', clients)) <= packaging_build.SERVICES


def test_the_package_holds_nothing_else_of_the_project(for_lambda: Path) -> None:
    others = {"cli", "live", "local", "tests", "packaging", "template.yaml"}
    assert others & {path.name for path in for_lambda.iterdir()} == set()


def sources(folder: Path, package: str) -> set[Path]:
    files = (path.relative_to(folder) for path in (folder / package).rglob("*") if path.is_file())
    return {path for path in files if "__pycache__" not in path.parts}


def test_every_module_has_bytecode_that_loads_without_a_look_at_its_source(for_this: Path) -> None:
    modules = set(for_this.rglob("*.py"))
    compiled = {Path(importlib.util.source_from_cache(str(file))): file for file in for_this.rglob("*.pyc")}
    assert compiled.keys() == modules
    # The second word of the head: 1 for a hash in place of the source's time, 2 for one that is compared.
    assert {file.read_bytes()[:8] for file in compiled.values()} == {importlib.util.MAGIC_NUMBER + b"\1\0\0\0"}


def test_bytecode_names_the_files_where_lambda_puts_them(for_this: Path) -> None:
    compiled = Path(importlib.util.cache_from_source(str(for_this / "controller" / "app.py")))
    code = marshal.loads(compiled.read_bytes()[16:])  # noqa: S302 - compiled here
    assert code.co_filename == "/var/task/controller/app.py"


def test_without_lambdas_python_the_package_has_sources_alone_and_the_build_says_what_that_costs(
    tmp_path: Path,
) -> None:
    installed, sources = packaging_build.dependencies("this", sys.executable), tmp_path / "sources"
    shutil.copytree(installed, sources, ignore=shutil.ignore_patterns("__pycache__"))
    said = packaging_build.build(tmp_path / "package", "lambda", sources=sources)
    assert list((tmp_path / "package").rglob("*.pyc")) == []
    assert re.search(r"no Python 3\.\d+ .* no bytecode, and a cold start takes twice as long; put python3", said)


def test_botocore_knows_the_endpoints_of_the_services_in_use_and_no_others(for_lambda: Path) -> None:
    (aws, *_) = json.loads((for_lambda / "botocore" / "data" / "endpoints.json").read_text())["partitions"]
    assert aws["services"].keys() == packaging_build.SERVICES - {"cloudwatch"} | {"monitoring"}


def test_botocore_knows_what_the_services_take_and_answer_but_reads_no_documentation(for_lambda: Path) -> None:
    for file in for_lambda.glob("botocore/data/*/*/service-2.json"):
        described, whole = json.loads(file.read_text()), installed(file.relative_to(for_lambda))
        assert described["operations"].keys() == whole["operations"].keys()
        assert described["shapes"].keys() == whole["shapes"].keys()
        assert len(json.dumps(described)) < len(json.dumps(whole)) / 2
    assert not list(for_lambda.glob("botocore/data/*/*/*.gz"))


def installed(file: Path) -> Any:
    """A description of a service as pip installs it."""
    site_packages = Path(botocore.__file__).parents[1]
    return json.loads(gzip.decompress((site_packages / f"{file}.gz").read_bytes()))


def test_the_package_holds_exactly_the_locked_packages_with_their_licences(for_lambda: Path) -> None:
    metadata = {path.name.split("-")[0].replace("_", "-"): path for path in for_lambda.glob("*.dist-info")}
    assert metadata.keys() == locked(RUNTIME).keys()
    licensed = {name for name, path in metadata.items() if [*path.rglob("LICENSE*"), *path.rglob("COPYING")]}
    assert licensed == metadata.keys()


def test_the_controller_imports_with_nothing_but_the_package(for_this: Path) -> None:
    run_with_only(for_this, "import controller.app; assert callable(controller.app.handler)")


def test_the_viewer_imports_with_nothing_but_the_package(for_this: Path) -> None:
    run_with_only(for_this, "import viewer.app; assert callable(viewer.app.handler)")


def test_a_client_can_be_made_for_every_service_in_use(for_this: Path) -> None:
    names = sorted(packaging_build.SERVICES)
    run_with_only(for_this, f"import boto3; [boto3.client(name) for name in {names}]")


def test_the_package_brings_its_own_list_of_time_zones(for_this: Path) -> None:
    """Lambda's images have not always had one."""
    asked = "from dateutil import zoneinfo; assert zoneinfo.get_zonefile_instance().get('Europe/Berlin')"
    run_with_only(for_this, asked)


def test_a_schema_can_be_checked_with_nothing_but_the_package(for_this: Path) -> None:
    run_with_only(for_this, "import jsonschema; jsonschema.Draft202012Validator.check_schema({'type': 'object'})")


def test_the_same_sources_give_the_same_bytes(for_lambda: Path, tmp_path: Path) -> None:
    packaging_build.write_zip(for_lambda, tmp_path / "one.zip")
    packaging_build.build(tmp_path / "again", "lambda", tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_zip_that_is_dropped_holds_a_manifest_that_slipway_takes(for_this: Path, tmp_path: Path) -> None:
    packaging_build.write_zip(for_this, tmp_path / "package.zip")
    text = zipfile.ZipFile(tmp_path / "package.zip").read("slipway.json").decode()
    manifest = parse(("the package", text))
    assert (manifest.alias, manifest.function, manifest.hooks) == ("live", {}, {})


def test_everybody_may_read_every_file_of_the_zip(for_this: Path, tmp_path: Path) -> None:
    packaging_build.write_zip(for_this, tmp_path / "package.zip")
    entries = zipfile.ZipFile(tmp_path / "package.zip").infolist()
    assert {oct(entry.external_attr >> 16) for entry in entries} == {"0o100644"}


def test_a_package_over_the_limit_is_refused_by_its_largest_part(tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    with (tmp_path / "large" / "file").open("wb") as file:
        file.truncate(packaging_build.LIMIT)
    with pytest.raises(packaging_build.BuildError, match=r"22\.0 MB.*limit is 22 MB.*large 22\.0 MB"):
        packaging_build.checked_size(tmp_path)


def test_an_older_package_is_replaced(for_this: Path) -> None:
    (for_this / "controller" / "gone.py").touch()
    packaging_build.build(for_this, "this")
    assert not (for_this / "controller" / "gone.py").exists()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert packaging_build.main(["--into", str(tmp_path), "--platform", "this"]) == 1
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_lambda_gets_three_packages_and_what_they_need() -> None:
    asked = (ROOT / "packaging" / "requirements-lambda.in").read_text().splitlines()[1:]
    assert set(asked) == {"boto3", "aws-lambda-powertools", "jsonschema"}
    assert set(asked) <= locked(RUNTIME).keys()
    assert not {"rich", "shtab"} & locked(RUNTIME).keys()


def test_what_is_tested_is_what_is_shipped() -> None:
    assert locked(RUNTIME).items() <= locked(DEVELOPMENT).items()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    asked = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert {tuple(requirement.split("==")) for requirement in asked} <= locked(DEVELOPMENT).items()


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT], ids=["runtime", "development"])
def test_every_locked_package_has_hashes_and_none_names_an_index(lock: str) -> None:
    packages = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.MULTILINE)[1:]
    assert [package for package in packages if "--hash=sha256:" not in package] == []
    assert re.findall(r"https?://|--index-url|--find-links", lock) == []


def test_the_locked_embedded_aws_is_the_one_that_the_patches_were_written_for() -> None:
    assert locked(DEVELOPMENT)["ministack"] == MINISTACK_VERSION
