"""Whatever is dropped is read within bounds of calls, bytes, time and memory, and refused with a reason or deployed.

Note: Lambda has the last word. A zip that passes here and not there ends its deployment there, before any traffic.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from controller.aws.s3.artifacts import Artifacts, Inspection
from controller.core.artifact.zip import symbolic_links
from controller.core.artifact.zip.directory import TAIL
from controller.core.artifact.zip.entries import shown
from controller.core.artifact.zip.limits import MAX_DIRECTORY_SIZE, MAX_ENTRIES, MAX_FILE_SIZE
from controller.core.model import MAX_REASON_LENGTH, Phase, Refused, Routing
from controller.core.model.events import ArtifactUploaded
from tests.builders import NOW
from tests.cloud.cloud import Cloud
from tests.fuzz import hostile_zips
from tests.fuzz.fuzz_settings import TIMES, fuzzed
from tests.fuzz.hostile_zips import CASES, CROWDED, FULL_16, FULL_32, WORST, File, Zip, good, written
from tests.fuzz.measured_reads import KEY, dropped, planned

ROOT = Path(__file__).parents[2]
DEPLOYED = {"a zip in a zip in a zip", "bytes before", "padding behind"}
MAX_BYTES = TAIL + MAX_DIRECTORY_SIZE + symbolic_links.MAX_BYTES + 2 * (MAX_FILE_SIZE + 2 * FULL_16)
"""The tail, the directory, links, and two files with their headers, each at its longest."""
MOST_GETS = 4 + symbolic_links.MAX_READS
MOST_MEMORY = 64 * 1024 * 1024
LARGE, MOST_TIMES = "100,000 files", 4
"""What CPU is compared with, and how many times as much the worst may take."""
MEASURED = tuple(WORST) if TIMES > 1 else (LARGE, *hostile_zips.WORST_OF_ALL)


@pytest.mark.parametrize("name", [*CASES, *CROWDED])
def test_a_hostile_zip_is_refused_with_a_reason_that_people_can_read(name: str) -> None:
    read = planned(written(name))
    assert read.failures == ()
    assert bool(read.because) is (name not in DEPLOYED)
    assert read.because.isprintable() and len(read.because) <= MAX_REASON_LENGTH
    assert read.gets <= MOST_GETS and read.bytes <= MAX_BYTES


@pytest.mark.parametrize("name", CASES)
def test_dropping_a_hostile_zip_moves_no_traffic(name: str) -> None:
    story = dropped(written(name))
    assert (story.violations, story.failures) == ([], [])
    deployed = name in DEPLOYED
    assert story.phase() is (Phase.SUCCEEDED if deployed else Phase.FAILED)
    assert story.routing == Routing("2" if deployed else "1")


@pytest.fixture(scope="module")
def worst() -> dict[str, dict[str, object]]:
    """What the worst zips took, each read in a process that the system ends where it takes too much."""
    command = [sys.executable, "-m", "tests.fuzz.worst_zips", *MEASURED]
    ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    assert ran.returncode == 0, ran.stderr
    return {found["zip"]: found for found in map(json.loads, ran.stdout.splitlines())}


@pytest.mark.parametrize("name", MEASURED)
def test_the_worst_zips_take_neither_much_time_nor_much_memory(name: str, worst: dict[str, dict[str, float]]) -> None:
    found = worst[name]
    assert found["peak"] < MOST_MEMORY
    assert found["seconds"] < MOST_TIMES * worst[LARGE]["seconds"]
    assert found["gets"] <= MOST_GETS and found["bytes"] <= MAX_BYTES
    assert found["failures"] == []


# -- lies that nobody has thought of ----------------------------------------------------------------------------------


def inspected(content: bytes) -> tuple[Inspection | None, Cloud]:
    """Returns what the controller makes of the bytes, None where it refuses them, and the AWS that was asked."""
    cloud = Cloud()
    cloud.storage.put("drop", KEY, content)
    artifacts = Artifacts(cloud.client("s3"))
    try:
        found = artifacts.inspect(ArtifactUploaded("drop", KEY, None, "", NOW))
        found.opened.texts({name: shown(name) for name in found.opened.archive.names[:1]})
    except Refused as refusal:
        text = refusal.reason.text
    else:
        return found, cloud
    assert text and text.isprintable() and len(text) < MAX_REASON_LENGTH
    return None, cloud


def check(content: bytes) -> None:
    """Few calls are made, and no other reader takes the zip for another one."""
    found, cloud = inspected(content)
    assert len(cloud.calls) <= 5 + symbolic_links.MAX_READS
    if found is None:
        return
    assert len(found.opened.archive.names) <= MAX_ENTRIES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as other:
            names = other.namelist()
            manifest = next((other.read(name) for name in names if name in ("slipway.json", "./slipway.json")), None)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, UnicodeDecodeError, EOFError):
        return
    assert len(names) == len(found.opened.archive.names)
    if manifest is not None:
        assert manifest.decode("utf-8-sig") == found.opened.manifest


SEEDS = tuple(
    each.written()
    for each in (
        good(),
        replace(good(), is_wide=True),
        replace(good(), comment=b"PK\5\6" + bytes(18)),
        Zip(
            (File(b"./slipway.json", b"{}", descriptor=True), File(b"lib/"), File("ä.py".encode(), b"x", deflate=True))
        ),
        hostile_zips.crowd(5, extra=hostile_zips.WIDE_SIZES),
    )
)
sizes = st.sampled_from(
    [0, 1, 2, 3, 9, 21, 22, 30, 45, 46, 100, 2**15, FULL_16 - 1, FULL_16, 2**31, FULL_32 - 1, FULL_32]
)
wide_sizes = sizes | st.sampled_from([2**32, 2**63, 2**64 - 1])
shorts = sizes.map(lambda size: size & FULL_16)
in_headers = st.fixed_dictionaries(
    {},
    optional={
        "flags": st.sampled_from([0, 1, 8, 64, 2048, 8192]), "method": st.sampled_from([0, 8, 9, 12, 14, 93, 99]),
        "crc": sizes, "packed": sizes, "size": sizes, "name": shorts, "extra": shorts,
    },
)  # fmt: skip
in_the_directory = st.tuples(
    in_headers,
    st.fixed_dictionaries(
        {},
        optional={
            "comment": shorts, "offset": sizes,
            "attributes": st.sampled_from([0, hostile_zips.LINK, hostile_zips.REGULAR, 0o100600 << 16, 0o020666 << 16]),
        },
    ),
).map(lambda both: both[0] | both[1])  # fmt: skip
in_ends = st.fixed_dictionaries(
    {},
    optional={
        "part": shorts, "first": shorts, "here": shorts, "entries": shorts, "length": sizes, "offset": sizes,
        "comment": shorts,
    },
)  # fmt: skip
in_wide_ends = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("more", "here", "entries", "length", "offset"), wide_sizes)
)
names = st.sampled_from(
    [
        b"slipway.json",
        b"./slipway.json",
        b"app.py",
        b"",
        b"/",
        b"..",
        b"a/../b",
        b"C:x",
        b"a\\b",
        b"\x84",
        b"a\0b",
        b"x" * 500,
    ]
) | st.binary(max_size=20)
mostly_true = st.just({}) | st.just({})
files = st.builds(
    File,
    name=names,
    content=st.sampled_from([b"", b"{}", b'{"alias": "live"}', b"\xff", b"[" * 2_000, b" " * 300_000])
    | st.binary(max_size=50),
    deflate=st.booleans(),
    extra=st.sampled_from([b"", hostile_zips.WIDE_SIZES]) | st.binary(max_size=30),
    comment=st.sampled_from([b"", b"PK\1\2"]),
    local=mostly_true | in_headers,
    central=mostly_true | in_the_directory,
    descriptor=st.booleans(),
)
zips = st.builds(
    Zip,
    files=st.lists(files, max_size=5).map(tuple),
    before=st.sampled_from([b"", b"", b"", b"MZ", b"PK\5\6" + bytes(18)]),
    between=st.sampled_from([b"", b"", b"", b"gap"]),
    after=st.sampled_from([b"", b"", b"", b"\n", bytes(100), b"x", b"PK\5\6" + bytes(18)]),
    comment=st.sampled_from([b"", b"", b"hello", b"PK\5\6" + bytes(18), b"PK\6\7" + bytes(16)]),
    is_wide=st.booleans(),
    end=mostly_true | in_ends,
    wide=mostly_true | in_wide_ends,
    locator=mostly_true | st.fixed_dictionaries({}, optional={"part": sizes, "at": wide_sizes, "parts": sizes}),
)


@fuzzed(250)
@given(zips)
@example(Zip())
def test_a_zip_with_any_lies_in_it_is_refused_or_read_as_others_read_it(lying: Zip) -> None:
    check(lying.written())


@st.composite
def flipped(draw: st.DrawFn) -> bytes:
    """Draws a good zip with some of its bytes changed, cut out, or put in."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        match draw(st.sampled_from(["flip", "set", "cut", "put", "end"])):
            case "flip" if content:
                content[at] ^= 1 << draw(st.integers(0, 7))
            case "set":
                content[at : at + 4] = draw(st.sampled_from([b"\0\0\0\0", b"\xff\xff\xff\xff", b"PK\5\6", b"PK\1\2"]))
            case "cut":
                del content[at : at + draw(st.integers(1, 30))]
            case "put":
                content[at:at] = draw(st.binary(max_size=30))
            case _:
                del content[at:]
    return bytes(content)


@fuzzed(250)
@given(flipped())
def test_a_zip_with_damage_anywhere_is_refused_or_read_as_others_read_it(content: bytes) -> None:
    check(content)


@fuzzed(100)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(content: bytes) -> None:
    assert inspected(content)[0] is None
