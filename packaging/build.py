"""Builds the package that Lambda runs: controller/, viewer/, locked dependencies, all their bytecode, nothing unused.

    python packaging/build.py --into DIR [--platform lambda|this] [--zip FILE]

Rules of the file:
- only the standard library and pip: ``sam build`` runs it with whatever Python the machine has, no Docker;
- the same lock and the same two folders give the same bytes, so an unchanged package is no deployment;
- a package that grew over the limit is an error here, not a slow start on Lambda;
- Lambda's folder is read-only, so what is not compiled here is compiled at every cold start: more than half of one.

Note: the dependencies are those of the platform that will run the package, not of the Python that runs this file.
``lambda`` is arm64 with the Python of template.yaml; ``this`` is the Python that runs this file, for the embedded AWS,
which runs functions on its own interpreter.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
MANIFEST = Path(__file__).resolve().parent / "slipway.json"
CODE = ("controller", "viewer")  # one package for both functions of the stack
CACHE = ROOT / ".build" / "dependencies"

LAMBDA_PYTHON = "3.13"  # Runtime of template.yaml
LAMBDA_MACHINE = "aarch64"  # Architectures of template.yaml
# Lambda's python3.13 runs on Amazon Linux 2023, whose glibc is 2.34: wheels for that or any older one load.
# Source: Lambda developer guide, "Lambda runtimes", 2026-11.
LAMBDA_TAGS = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")

LIMIT = 22_000_000  # bytes, unzipped; 8 MB of them are bytecode, which saves most of a cold start
SERVICES = frozenset({"cloudwatch", "dynamodb", "events", "kms", "lambda", "s3", "sns", "sqs", "sts"})
ENDPOINTS = (SERVICES - {"cloudwatch"}) | {"monitoring"}  # endpoints.json names services by their hosts
# dist-info keeps the version, for scanners of vulnerable packages, and the licence, which must travel along.
KEPT_METADATA = frozenset({"METADATA", "licenses", "LICENSE", "LICENSE.txt", "NOTICE"})
UNUSED = (
    "bin",
    "boto3/data",  # descriptions of boto3's resources; clients read botocore's
    "boto3/examples",
    "jsonschema/benchmarks",
    "jsonschema/tests",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can hold
NO_BYTECODE = (
    f"no Python {LAMBDA_PYTHON} on this machine: the package has no bytecode, and a cold start takes twice as long; "
    f"put python{LAMBDA_PYTHON} on the PATH and build again"
)


class BuildError(Exception):
    """The package cannot be built; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Builds one package as the command line says. 0 is success, 1 an error told on standard error."""
    parser = argparse.ArgumentParser(description="Build the controller's package.")
    parser.add_argument("--into", type=Path, required=True, help="folder; an older package in it is replaced")
    parser.add_argument("--platform", choices=("lambda", "this"), default="lambda", help="what will run it")
    parser.add_argument("--zip", type=Path, help="also write the package as this zip file")
    options = parser.parse_args(arguments)
    try:
        print(build(options.into, options.platform, options.zip), file=sys.stderr)
    except BuildError as error:
        print(f"packaging: {error}", file=sys.stderr)
        return 1
    return 0


def build(into: Path, platform: str, zip_file: Path | None = None, sources: Path | None = None) -> str:
    """Makes the package in ``into`` and returns one line with its sizes. Raises BuildError.

    ``sources`` are the dependencies without bytecode, for a package without; None finds a Python that compiles.
    """
    python = None if sources else _python_of(platform)
    _empty(into)
    shutil.copytree(sources or dependencies(platform, python), into, dirs_exist_ok=True)
    for name in CODE:
        shutil.copytree(ROOT / name, into / name, ignore=shutil.ignore_patterns("__pycache__"))
        if python:
            _compile(into / name, into, python)
    _set_modes(into)
    size = checked_size(into)
    summary = f"package for {platform}: {size / 1e6:.1f} MB unzipped"
    if not python:
        summary = f"{NO_BYTECODE}\n{summary}"
    if zip_file is not None:
        write_zip(into, zip_file)
        summary += f", {zip_file.stat().st_size / 1e6:.1f} MB zipped"
    return summary


def dependencies(platform: str, python: str | None) -> Path:
    """Returns a folder with pruned dependencies for ``platform``, compiled by ``python``; without one they are sources.

    They are downloaded once for each lock.
    """
    target = CACHE / f"{platform}-{_fingerprint(platform)}{'' if python else '-sources'}"
    if target.is_dir():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=CACHE))
    try:
        _install(platform, unfinished)
        prune(unfinished)
        if python:
            _compile(unfinished, unfinished, python)
        if not target.is_dir():  # another build may have been quicker
            unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target


def prune(package: Path) -> None:
    """Removes what no import and no client of ``SERVICES`` reads."""
    services = (path for path in package.glob("botocore/data/*") if path.is_dir())
    unused = [
        *(package / path for path in UNUSED),
        *(service for service in services if service.name not in SERVICES),
        *package.glob("botocore/data/*/*/examples-1.json*"),
        *(entry for entry in package.glob("*.dist-info/*") if entry.name not in KEPT_METADATA),
    ]
    for path in unused:
        _remove(path)
    for file in package.glob("botocore/data/*/*/*.json.gz"):
        _without_documentation(file)
    _cut_endpoints(package / "botocore" / "data" / "endpoints.json")


def _without_documentation(file: Path) -> None:
    """Writes a description of a service as plain JSON, its documentation empty: botocore reads all of it for a client.

    Documentation is most of the text, and only ``help`` shows it. The key stays, because botocore asks for some.
    """
    description = json.loads(gzip.decompress(file.read_bytes()), object_hook=_undocumented)
    file.with_suffix("").write_text(json.dumps(description, separators=(",", ":")), "utf-8")
    file.unlink()


def _undocumented(part: dict[str, object]) -> dict[str, object]:
    # A shape may have a member of this name, which is no text.
    return part | {"documentation": ""} if isinstance(part.get("documentation"), str) else part


def _cut_endpoints(file: Path) -> None:
    """Leaves the endpoints of ``SERVICES`` alone: botocore reads the whole file, over 1 MB, for the first client."""
    endpoints = json.loads(file.read_text("utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: partition["services"][name] for name in ENDPOINTS & partition["services"].keys()}
    file.write_text(json.dumps(endpoints, separators=(",", ":"), sort_keys=True), "utf-8")


def checked_size(package: Path) -> int:
    """Returns the size of all files in bytes. Raises BuildError, naming the largest parts, over the limit."""
    sizes = {part.name: _size(part) for part in package.iterdir()}
    total = sum(sizes.values())
    if total >= LIMIT:
        largest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
        parts = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in largest)
        raise BuildError(
            f"the package has {total / 1e6:.1f} MB unzipped, the limit is {LIMIT / 1e6:.0f} MB; "
            f"largest: {parts}. Prune what is not used in {Path(__file__).name}"
        )
    return total


def write_zip(package: Path, zip_file: Path) -> None:
    """Writes ``package`` and its manifest as a zip whose bytes depend on the names and contents of the files alone.

    The manifest is in the zip only: what ``sam build`` makes is not deployed by Slipway.
    """
    zip_file.parent.mkdir(parents=True, exist_ok=True)
    files = {file.relative_to(package).as_posix(): file for file in _files(package)} | {MANIFEST.name: MANIFEST}
    with zipfile.ZipFile(zip_file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, on every machine, so that the mode below counts
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes(), compresslevel=9)


def _empty(folder: Path) -> None:
    """Empties a folder that holds an earlier package; refuses any other that is not empty."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = sorted(folder.iterdir())
    if entries and not ((folder / "controller").is_dir() and (folder / "botocore").is_dir()):
        raise BuildError(f"{folder} is not empty and holds no package; name a new folder")
    for entry in entries:
        _remove(entry)


def _fingerprint(platform: str) -> str:
    digest = hashlib.sha256()
    digest.update(LOCK.read_bytes())
    digest.update(Path(__file__).read_bytes())
    if platform == "this":
        digest.update(f"{sys.implementation.cache_tag} {sysconfig.get_platform()}".encode())
    return digest.hexdigest()[:16]


def _install(platform: str, target: Path) -> None:
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
        # The lock names every package; without --no-deps pip judges markers by this Python, not by Lambda's.
        *("--no-deps", "--require-hashes", "--only-binary=:all:", "--no-compile"),
        *("--requirement", str(LOCK), "--target", str(target)),
    ]
    if platform == "lambda":
        # pip compares Requires-Python with this Python, whatever --python-version says; the tags decide.
        command += ["--implementation", "cp", "--python-version", LAMBDA_PYTHON, "--ignore-requires-python"]
        for tag in LAMBDA_TAGS:
            command += ["--platform", f"{tag}_{LAMBDA_MACHINE}"]
    # Standard output may be somebody's JSON: pip talks on standard error.
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    pip = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False)
    if pip.returncode != 0:
        raise BuildError(
            f"pip could not install {LOCK.name} for {platform} (above it says why). "
            f"{sys.executable} needs pip 20.3 or later and a way to a package index"
        )


def _python_of(platform: str) -> str | None:
    """Returns the Python that will run the package, as a command of this machine; None if Lambda's is not here."""
    if platform == "this":
        return sys.executable
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [sys.executable, shutil.which(f"python{LAMBDA_PYTHON}")]
    found += sorted(str(python) for python in installed.glob(f"{LAMBDA_PYTHON}.*/bin/python{LAMBDA_PYTHON}"))
    return next((python for python in found if python and _version(python) == LAMBDA_PYTHON), None)


def _version(python: str) -> str:
    """Returns "3.13" for a Python that runs, else an empty text."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [python, "-I", "-S", "-c", program]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return ended.stdout.strip()


def _compile(folder: Path, package: Path, python: str) -> None:
    """Compiles ``folder`` of ``package``. The same sources and Python give the same bytes.

    Note: unchecked, because the times of the files are not those of the sources, and Lambda's folder never changes.
    The paths are Lambda's: where they differ, each import goes through the code once more to correct them.
    """
    options = ["--invalidation-mode", "unchecked-hash", "-q", "-s", str(package), "-p", "/var/task"]
    command = [python, "-I", "-m", "compileall", *options, str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False)
    if ended.returncode != 0:
        raise BuildError(f"{python} could not compile {folder} (above it says why)")


def _set_modes(package: Path) -> None:
    """Makes every file readable by all: Lambda runs as another user than the one whose umask made them."""
    package.chmod(0o755)
    for path in package.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in _files(path))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
