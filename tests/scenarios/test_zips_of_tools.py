"""Zips as real tools write them are taken; those that Lambda could not start are refused in words that help.

Each row says which tool writes so, and where what Lambda does with it was reported, 2026-11.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from controller.core.model import Phase
from tests.cloud.steps import BUCKET, QUICK, Live
from tests.cloud.story import Story
from tests.fuzz.hostile_zips import APP, FULL_16, LINK, File, Zip, crowd
from tests.fuzz.measured_reads import planned

JS = b"exports.handler = async () => ({ok: true});\n"
ELF = b"\x7fELF" + bytes(60)
PYTHON, NODE, PROVIDED = "python3.13 app.handler", "nodejs22.x index.handler", "provided.al2023 bootstrap"


def link(name: str, target: str) -> File:
    return File(name.encode(), target.encode(), central={"attributes": LINK})


def file(name: str, content: bytes = APP, mode: int = 0o100644, **central: int) -> File:
    return File(name.encode(), content, central={"attributes": mode << 16, **central})


def zipped(*files: File, runtime: str = PYTHON, layers: tuple[str, ...] = (), **about: object) -> bytes:
    """Returns a zip of these files and their manifest; ``runtime`` is the runtime and its handler."""
    name, handler = runtime.split()
    function: Mapping[str, object] = {**QUICK["function"], "Runtime": name, "Handler": handler}  # type: ignore[dict-item]
    manifest = {**QUICK, "function": {**function, **({"Layers": [*layers]} if layers else {})}}
    return Zip((*files, file("slipway.json", json.dumps(manifest).encode())), **about).written()  # type: ignore[arg-type]


PNPM = (
    file("index.js", JS),
    file("node_modules/.pnpm/left@1.0.0/node_modules/left/index.js", JS),
    file("node_modules/.pnpm/right@2.0.0/node_modules/right/index.js", JS),
    link("node_modules/.pnpm/right@2.0.0/node_modules/left", "../../left@1.0.0/node_modules/left"),
    link("node_modules/right", ".pnpm/right@2.0.0/node_modules/right"),
    link("node_modules/.bin/left", "../.pnpm/left@1.0.0/node_modules/left/cli.js"),
)
NPM = (
    file("index.js", JS),
    file("node_modules/semver/bin/semver.js", b"#!/usr/bin/env node\n", 0o100755),
    link("node_modules/.bin/semver", "../semver/bin/semver.js"),
)
LAYER = ("arn:aws:lambda:us-east-1:123456789012:layer:deps:3",)

TAKEN: Mapping[str, bytes] = {
    "npm's .bin: 7z, bsdtar, archiver, git archive (terraform-aws-lambda #596)": zipped(*NPM, runtime=NODE),
    "pnpm's store: pnpm deploy and zip -y (rushstack #2045)": zipped(*PNPM, runtime=NODE),
    "modules of a layer (aws-sam-cli #4364)": zipped(
        file("index.js", JS), link("node_modules", "/opt/nodejs/node_modules"), runtime=NODE, layers=LAYER
    ),
    "a native runtime and its libraries (aws-lambda-cpp, packager)": zipped(
        file("bootstrap", ELF, 0o100755),
        file("lib/libssl.so.3", ELF, 0o100755),
        link("lib/libssl.so", "libssl.so.3"),
        runtime=PROVIDED,
    ),
    "zip64 with disks of 0xFFFF: zip.js, stream-zip": zipped(
        file("app.py"), is_wide=True, end={"part": FULL_16, "first": FULL_16}
    ),
    "a stream of bsdtar, padded": zipped(file("app.py"), after=bytes(10_240)),
    "a newline behind: echo >> build.zip": zipped(file("app.py"), after=b"\n"),
    "made on FAT, no modes: .NET, Go, jszip": zipped(file("app.py", mode=0, made_by=20, attributes=0x20)),
    "modes of 0444": zipped(file("app.py", mode=0o100444)),
    "a bootstrap of 0555": zipped(file("bootstrap", ELF, 0o100555), runtime=PROVIDED),
    "two files of one name: Gradle": zipped(file("app.py"), file("lib/a.jar", ELF), file("lib/a.jar", ELF * 2)),
    "names of Shift JIS": zipped(file("app.py"), File("表.txt".encode("shift_jis"), b"1")),
    "70,000 files: more than 16 bits count": zipped(
        file("app.py"), *crowd(70_000, lambda n: b"node_modules/p/m%06d.js" % n).files, is_wide=True
    ),
    "data descriptors: zip -r -, ZipFile to a stream, Go (APPNOTE 4.3.9)": zipped(
        File(b"app.py", APP, deflate=True, descriptor=True)
    ),
    "a comment: git archive's commit, zip -z (APPNOTE 4.3.16)": zipped(file("app.py"), comment=b"8f8b561" * 6),
    "zip64 by zip -fz, Ant zip64Mode=always, commons-compress, force_zip64": zipped(file("app.py"), is_wide=True),
    "zip64 with real counts in the narrow record (APPNOTE 4.4.22)": zipped(
        file("app.py"), is_wide=True, end={"here": 2, "entries": 2}
    ),
    "70,000 files counted in 16 bits: jszip, fflate (Go archive/zip, OpenJDK ZipFile read so)": zipped(
        file("app.py"), *crowd(70_000, lambda n: b"node_modules/p/m%06d.js" % n).files,
        end={"here": 4466, "entries": 4466},
    ),
    "names with ./: bsdtar -cf x.zip .": zipped(file("./app.py"), file("./lib/util.py")),
    "offsets that count what is before: pex, zipapp": zipped(file("app.py"), before=b"#!/usr/bin/env python3\n"),
    "folders of their own, and none: zip -r, zip -rD": zipped(
        File(b"src/", central={"attributes": 0o040755 << 16}), file("src/app.py"), runtime="python3.13 src.app.handler"
    ),
    "macOS: ditto, Finder": zipped(
        file("app.py"), file("__MACOSX/._app.py"), file(".DS_Store"), file("Icon\r", made_by=0x1315)
    ),
    "no modes on Unix: jar, Go without a mode": zipped(file("app.py", mode=0)),
    "UTF-8 names with the flag": zipped(file("app.py"), file("größe.txt", flags=1 << 11)),
    "UTF-8 names without the flag": zipped(file("app.py"), file("größe.txt")),
    "names of CP437": zipped(file("app.py"), File("größe.txt".encode("cp437"), b"1")),
    "names with a line break": zipped(file("app.py"), file("a\nb.txt"), file("a\rb.txt")),
    "empty files and folders": zipped(file("app.py", b""), file("lib/__init__.py", b""), file("tmp/", b"")),
    "zeros and line ends behind": zipped(file("app.py"), after=b"\r\n\0\0"),
    "serverless package v3, a handler that is a folder (RIC #181)": zipped(
        file("src/functions/hello/index.js", JS), runtime="nodejs22.x src/functions/hello.handler"
    ),
    "CDK, archiver with follow: no links": zipped(
        file("index.js", JS), file("node_modules/.bin/semver", JS, 0o100755), runtime=NODE
    ),
    "Gradle buildZip of AWS's guide: lib/*.jar": zipped(file("lib/shop.jar", ELF), runtime="java21 com.acme.Shop::do"),
    "a jar renamed .zip": zipped(
        file("META-INF/MANIFEST.MF"), file("com/acme/Shop.class", ELF), runtime="java21 com.acme.Shop::do"
    ),
    "dotnet lambda package": zipped(
        file("Shop.dll", ELF), file("Shop.deps.json"), file("Shop.runtimeconfig.json"),
        runtime="dotnet8 Shop::Shop.F::Do",
    ),
    "cargo lambda, build-lambda-zip": zipped(file("bootstrap", ELF, 0o100755), runtime=PROVIDED),
    "a secret file that the handler need not read": zipped(file("app.py"), file("notes.txt", mode=0o100600)),
}  # fmt: skip
REFUSED: Mapping[str, tuple[bytes, str]] = {
    "a link of a working copy": (
        zipped(file("index.js", JS), link("node_modules/tool", "/home/me/tool"), runtime=NODE),
        "'node_modules/tool' is a symbolic link to '/home/me/tool', which is outside of the function's folder",
    ),
    "a link up and away": (zipped(file("app.py"), link("a/b", "../../x")), "'a/b' is a symbolic link to '../../x'"),
    "umask 077 (claudia #151)": (zipped(file("app.py", mode=0o100600)), "app.py has the mode 0600"),
    "umask 027 (Zappa #484)": (zipped(file("app.py", mode=0o100640)), "app.py has the mode 0640"),
    "writestr of Python (chalice, utils.py)": (zipped(file("app.py", mode=0o600)), "writestr makes 0600"),
    "a folder of mkdtemp": (
        zipped(File(b"src/", central={"attributes": 0o040700 << 16}), file("src/app.py"),
               runtime="python3.13 src.app.handler"),
        "src/ has the mode 0700 in the zip, so Lambda may not enter it: chmod 755 src/",
    ),
    "a bootstrap of 0644 (cargo-lambda #174)": (
        zipped(file("bootstrap", ELF), runtime=PROVIDED),
        "bootstrap has the mode 0644 in the zip, so Lambda may not execute it: chmod 755 bootstrap",
    ),
    "a bootstrap of Windows (aws-lambda-go #13)": (
        zipped(file("bootstrap", ELF, mode=0, made_by=20, attributes=0x20), runtime=PROVIDED),
        "bootstrap has no mode in the zip, as in zips of Windows, so Lambda may not execute it",
    ),
    "deterministic-zip (its #13 and #14)": (zipped(file("app.py", crc=0)), "the checksum 00000000"),
    "Compress-Archive (aws-cli #8501)": (zipped(file("app.py"), file("lib\\a.py")), r"'lib\a.py' has a backslash"),
    "a signature behind": (zipped(file("app.py"), after=b"-- signed --"), "12 bytes follow the zip's end"),
    "zip -e, 7z -p (an encrypted zip has no password in Lambda)": (
        zipped(file("app.py", flags=1)), "'app.py' is encrypted and Lambda has no password",
    ),
    "zip of a folder": (zipped(file("checkout/app.py")), "there is checkout/app.py"),
    "zip ../app.py": (zipped(file("../app.py")), "'../app.py' would not be unzipped into the function's folder"),
    "zip -j of Windows: C:/": (zipped(file("C:/build/app.py")), "'C:/build/app.py' would not be unzipped"),
    "a leading slash": (zipped(file("/app.py")), "'/app.py' would not be unzipped"),
    "echo x | zip f -": (zipped(file("app.py"), file("-", mode=0o010600)), "'-' is neither a file nor a folder"),
    "a device": (zipped(file("app.py"), file("null", mode=0o020666)), "'null' is neither a file nor a folder"),
    "a .7z": (b"7z\xbc\xaf\x27\x1c" + bytes(90), "not a zip: it begins with b'7z"),
    "a .tgz": (b"\x1f\x8b\x08" + bytes(90), "not a zip: it begins with b'\\x1f\\x8b"),
    "git archive --prefix=checkout/": (
        zipped(file("checkout/app.py"), file("checkout/README.md")), "there is checkout/app.py",
    ),
    "cat stub build.zip": (b"#!/bin/sh\n" + zipped(file("app.py")), "10 bytes stand before the zip"),
    "a file listed twice at one place": (
        zipped(file("app.py"), file("a.txt"), file("a.txt", offset=36 + len(APP))), "twice at the same place",
    ),
    "umask 077 and a jar": (
        zipped(file("lib/shop.jar", ELF, 0o100600), runtime="java21 com.acme.Shop::do"),
        "lib/shop.jar has the mode 0600",
    ),
    "a .NET zip of the folder (aws-lambda-dotnet #1399)": (
        zipped(file("publish/Shop.dll", ELF), runtime="dotnet8 Shop::Shop.F::Do"), "there is publish/Shop.dll",
    ),
    "a jar in the root (re:Post QUHFHh-c8xQ0KqaAH7BKAvIQ)": (
        zipped(file("shop.jar", ELF), runtime="java21 com.acme.Shop::do"), "move it to lib/",
    ),
    "names of built-in modules (bootstrap.py, BuiltInModuleConflict)": (
        zipped(file("time.py"), runtime="python3.13 time.handler"), "Python's own module time",
    ),
    "a dependency's file is no hint": (
        zipped(file("src/main.js", JS), file("node_modules/accepts/index.js", JS), runtime=NODE),
        "needs index.js or index.mjs or index.cjs in the zip; add it",
    ),
    "zip -s": (zipped(file("app.py"), end={"part": 2}), "zip without -s"),
}  # fmt: skip


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_what_lambda_takes_is_taken(content: bytes) -> None:
    assert planned(content).because == ""


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_what_lambda_could_not_start_is_refused_in_words_that_help(content: bytes, words: str) -> None:
    assert words in planned(content).because


def test_a_zip_of_pnpm_is_deployed() -> None:
    story = Story().play([Live("v1")])
    story.cloud.storage.put(BUCKET, "checkout/pnpm.zip", zipped(file("app.py"), *PNPM))
    story.deliver()
    assert story.to_the_end().phase() is Phase.SUCCEEDED


def test_python_itself_reads_all_that_is_taken() -> None:
    for content in TAKEN.values():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert "slipway.json" in archive.namelist()
