from __future__ import annotations

import contextlib
import io
import json
import stat
import struct
import traceback
import tracemalloc
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.artifact.zip.archive import Archive, find_files, read_directory
from controller.core.artifact.zip.contents import extract, span_of
from controller.core.artifact.zip.directory import (
    TAIL,
    BadArchive,
    DirectoryPlace,
    EndMissing,
    find_directory,
    without_end,
)
from controller.core.artifact.zip.entries import FROM_WINDOWS
from controller.core.artifact.zip.limits import MAX_DIRECTORY_SIZE, MAX_ENTRIES, MAX_FILE_SIZE
from controller.core.model import Cause
from tests.growth import LINEAR, growth

APP = {"app.py": "def handler(event, context): ..."}


def zipped(
    files: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", mode: int = 0
) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.filename = name
            entry.external_attr = mode << 16
            archive.writestr(entry, text, method)
        archive.comment = comment
    return content.getvalue()


def place_of(content: bytes) -> DirectoryPlace:
    return find_directory(content[-TAIL:], len(content))


def opened(content: bytes) -> Archive:
    place = place_of(content)
    return read_directory(content[place.offset : place.offset + place.length], place)


def manifest_in(content: bytes) -> str | None:
    archive = opened(content)
    if archive.manifest is None:
        return None
    offset, length = span_of(archive.manifest, place_of(content), "slipway.json")
    return extract(content[offset : offset + length], archive.manifest, "slipway.json")


def refusal(content: bytes) -> str:
    with pytest.raises(BadArchive) as caught:
        manifest_in(content)
    return caught.value.reason.text


def with_entry_field(content: bytes, field: int, format_: str, value: int, name: bytes = b"app.py") -> bytes:
    """Overwrites a field of the entry's header in the directory."""
    at = content.rindex(name) - 46
    changed = bytearray(content)
    struct.pack_into(format_, changed, at + field, value)
    return bytes(changed)


def with_end(content: bytes, entries: int, length: int, offset: int) -> bytes:
    return content[:-22] + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, length, offset, 0)


def with_zip64_end(content: bytes) -> bytes:
    entries, length, offset = struct.unpack("<H2L", content[-12:-2])
    return with_zip64_numbers(content, DirectoryPlace(offset, length, entries))


def with_zip64_numbers(content: bytes, place: DirectoryPlace) -> bytes:
    wide = (b"PK\6\6", 44, 45, 45, 0, 0, place.entries, place.entries, place.length, place.offset)
    record = struct.pack("<4sQ2H2L4Q", *wide)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(content) - 22, 1)
    return with_end(content[:-22] + record + locator + content[-22:], 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)


def crowd(entries: int) -> bytes:
    """A zip of ``entries`` empty files, made faster than zipfile makes it."""
    local, directory = bytearray(), bytearray()
    for number in range(entries):
        name = b"node_modules/package/lib/module-%06d.js" % number
        offset = len(local)
        local += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
        fields = (b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, offset)
        directory += struct.pack("<4s6H3L5H2L", *fields) + name
    content = with_end(bytes(local + directory) + bytes(22), min(entries, 0xFFFF), len(directory), len(local))
    if entries < 0xFFFF:
        return content
    return with_zip64_numbers(content, DirectoryPlace(len(local), len(directory), entries))


def crowd_without_zip64(entries: int, counted: int | None = None) -> bytes:
    """Such a zip with a count of 16 bits, and with names so short that more entries than are read fit."""
    local, directory = bytearray(), bytearray()
    for number in range(entries):
        name, offset = b"%x" % number, len(local)
        local += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
        fields = (b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, offset)
        directory += struct.pack("<4s6H3L5H2L", *fields) + name
    return with_end(bytes(local + directory) + bytes(22), (counted or entries) % (1 << 16), len(directory), len(local))


def test_the_names_and_the_unzipped_size_are_listed() -> None:
    archive = opened(zipped({"app.py": "1234", "lib/": "", "lib/part.py": "12"}))
    assert archive == Archive(("app.py", "lib/", "lib/part.py"), 6, None)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_manifest_is_read(method: int) -> None:
    text = json.dumps({"alias": "live"}) + " " * 1000
    assert manifest_in(zipped({**APP, "slipway.json": text, "z.py": ""}, method=method)) == text


def test_a_manifest_written_with_a_leading_dot_is_the_manifest() -> None:
    assert manifest_in(zipped({"./slipway.json": "{}"})) == "{}"


def test_a_manifest_behind_an_extra_field_is_read() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("slipway.json")
        entry.extra = struct.pack("<2H4s", 0x7075, 4, b"more")
        archive.writestr(entry, "{}")
    assert manifest_in(content.getvalue()) == "{}"


def test_a_manifest_in_a_folder_is_not_the_manifest() -> None:
    assert opened(zipped({"src/slipway.json": "{}"})).manifest is None


def test_a_byte_order_mark_is_not_part_of_the_manifest() -> None:
    assert manifest_in(zipped({"slipway.json": b"\xef\xbb\xbf{}"})) == "{}"


def test_the_end_is_found_before_the_longest_comment() -> None:
    assert opened(zipped(APP, comment=b"PK\5\6" * 16_383)).names == ("app.py",)


def test_a_zip64_end_is_read() -> None:
    assert opened(with_zip64_end(zipped(APP))).names == ("app.py",)


@pytest.mark.parametrize("before", [b"", struct.pack("<2H4s", 0x7075, 4, b"more")], ids=["alone", "not first"])
def test_zip64_sizes_of_an_entry_are_read(before: bytes) -> None:
    extra = before + struct.pack("<2H2Q", 1, 16, 4, 4)
    whole = with_extra(zipped({"app.py": "1234"}, method=zipfile.ZIP_STORED), extra)
    assert opened(whole).unzipped == 4


def with_extra(content: bytes, extra: bytes) -> bytes:
    """Gives the only entry wide sizes, to be found in an extra field of its directory entry."""
    place = place_of(content)
    directory = bytearray(content[place.offset : -22] + extra)
    struct.pack_into("<2L", directory, 20, 0xFFFF_FFFF, 0xFFFF_FFFF)
    struct.pack_into("<H", directory, 30, len(extra))
    return with_end(content[: place.offset] + directory + bytes(22), 1, len(directory), place.offset)


@pytest.mark.parametrize(("before", "found"), [(31, True), (32, False), (16_000, False)])
def test_zip64_sizes_are_looked_for_behind_a_bounded_number_of_other_fields(before: int, *, found: bool) -> None:
    extra = struct.pack("<2H", 0x7075, 0) * before + struct.pack("<2H2Q", 1, 16, 4, 4)
    content = with_extra(zipped({"app.py": "1234"}, method=zipfile.ZIP_STORED), extra)
    if found:
        assert opened(content).unzipped == 4
    else:
        assert "lacks its zip64 sizes" in refusal(content)


def test_an_entry_without_its_zip64_sizes_is_refused() -> None:
    assert "'app.py' lacks its zip64 sizes" in refusal(with_entry_field(zipped(APP), 24, "<L", 0xFFFF_FFFF))


@pytest.mark.parametrize(("length", "offset"), [(7, 0xFFFF_FFFF), (0xFFFF_FFFF, 7)])
def test_two_end_records_that_disagree_are_refused(length: int, offset: int) -> None:
    content = with_zip64_end(zipped(APP))
    assert "two end records disagree" in refusal(with_end(content, 0xFFFF, length, offset))


def test_an_end_record_that_counts_other_entries_than_the_wide_one_is_refused() -> None:
    content = bytearray(with_zip64_end(zipped(APP)))
    struct.pack_into("<H", content, len(content) - 12, 2)
    assert "two end records disagree" in refusal(bytes(content))


@pytest.mark.parametrize("fields", [(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF), (0xFFFF, 0, 1, 0xFFFF), (0, 0xFFFF, 0xFFFF, 1)])
def test_each_number_that_is_full_in_the_narrow_record_is_the_wide_ones(fields: tuple[int, ...]) -> None:
    """Source: PKWARE APPNOTE 6.3.10, 4.4.19 to 4.4.22; zip.js and stream-zip write it so, 2026-11."""
    content = bytearray(with_zip64_end(zipped(APP)))
    struct.pack_into("<4H", content, len(content) - 18, *fields)
    assert opened(bytes(content)).names == ("app.py",)


def test_a_part_that_is_full_in_both_records_is_one_of_several() -> None:
    content = bytearray(with_zip64_end(zipped(APP)))
    struct.pack_into("<2H", content, len(content) - 18, 0xFFFF, 0xFFFF)
    struct.pack_into("<2L", content, len(content) - 82, 0xFFFF, 0xFFFF)
    assert "one part of several" in refusal(bytes(content))


def test_without_a_wide_record_a_full_number_of_a_part_is_one_of_several() -> None:
    content = bytearray(zipped(APP))
    struct.pack_into("<2H", content, len(content) - 18, 0xFFFF, 0xFFFF)
    assert "one part of several" in refusal(bytes(content))


@pytest.mark.parametrize("content", [b"", b"P", b"not a zip", b"\x1f\x8b" + bytes(300_000), zipped(APP)[:-1]])
def test_a_file_without_an_end_record_is_refused(content: bytes) -> None:
    with pytest.raises(EndMissing):
        place_of(content)


def test_the_first_bytes_tell_a_truncated_zip_from_another_file() -> None:
    assert "truncated" in without_end(zipped(APP)[:4]).reason.text
    assert r"not a zip: it begins with b'\x1f\x8b\x08\x00'" in without_end(b"\x1f\x8b\x08\x00").reason.text


PADDINGS = {
    "a newline": b"\n",
    "CR LF": b"\r\n",
    "a stream of bsdtar": bytes(10_240),
    "a page": bytes(4_096),
    "Ctrl-Z": b"\x1a",
    "as far as every reader looks": bytes(65_535),
}


@pytest.mark.parametrize("padding", PADDINGS.values(), ids=PADDINGS)
@pytest.mark.parametrize("wide", [False, True])
def test_padding_behind_the_end_is_taken_as_every_reader_takes_it(padding: bytes, *, wide: bool) -> None:
    content = (with_zip64_end if wide else bytes)(zipped(APP)) + padding
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["app.py"]
    assert opened(content).names == ("app.py",)


def test_padding_may_follow_a_comment() -> None:
    assert opened(zipped(APP, comment=b"by hand") + b"\n").names == ("app.py",)


@pytest.mark.parametrize("behind", [b"\nsignature", bytes(65_536), b"x", b"PK\3\4" + bytes(9)])
def test_other_bytes_behind_the_end_are_refused_with_how_to_cut_them_off(behind: bytes) -> None:
    content = zipped(APP)
    text = refusal(content + behind)
    assert text.startswith(f"{len(behind)} bytes follow the zip's end")
    assert f"truncate -s {len(content)} build.zip" in text


def test_the_end_of_a_zip_inside_of_a_truncated_one_is_not_its_own() -> None:
    inner = zipped({"inner.py": ""})
    whole = zipped({**APP, "inner.zip": inner, "z.py": ""}, method=zipfile.ZIP_STORED)
    for cut in range(whole.index(inner) + len(inner) + 1, len(whole)):
        with pytest.raises(EndMissing):
            place_of(whole[:cut])


def test_bytes_before_the_zip_that_its_offsets_do_not_count_are_refused_with_how_to_cut_them_off() -> None:
    text = refusal(b"#!/bin/sh\n" + zipped(APP))
    assert text.startswith("10 bytes stand before the zip that its offsets do not count")
    assert "tail -c +11 build.zip > whole.zip" in text


def between(content: bytes, some: bytes) -> bytes:
    return content[:-22] + some + content[-22:]


@pytest.mark.parametrize("content", [zipped(APP)[1:], between(zipped(APP), b"gap")])
def test_bytes_added_or_lost_before_the_directory_are_refused(content: bytes) -> None:
    assert "the zip is damaged: its directory should end at byte" in refusal(content)


def test_an_empty_zip_is_refused() -> None:
    assert "holds no files" in refusal(zipped({}))


def test_one_part_of_several_is_refused() -> None:
    content = bytearray(zipped(APP))
    content[-18] = 1
    assert "one part of several" in refusal(bytes(content))


@pytest.mark.parametrize(
    "name",
    ["../a.py", "a/../../a.py", "a/..", "..", "/etc/passwd", "C:/a.py", "./../a.py", "a\0b"],
)
def test_a_name_that_leaves_the_folder_is_refused(name: str) -> None:
    text = refusal(zipped({name: ""}))
    assert "would not be unzipped into the function's folder" in text
    assert ascii(name.removeprefix("./"))[1:-1] in text


@pytest.mark.parametrize("name", ["a..b/c", "...", "lib:b/c", "ä/ö.py", "..a", "a//b"])
def test_an_unusual_name_that_stays_in_the_folder_is_kept(name: str) -> None:
    assert opened(zipped({name: ""})).names == (name,)


@pytest.mark.parametrize("letters", ["ソ.py", "表/能.py", "十一月/ソフト.js"])
def test_a_letter_of_another_encoding_that_ends_with_a_backslashs_byte_is_no_backslash(letters: str) -> None:
    raw = letters.encode("shift_jis")
    name = "a" * len(raw)
    assert len(opened(zipped({name: ""}).replace(name.encode(), raw)).names) == 1


@pytest.mark.parametrize("name", ["ä.py", "日本/語.py", "emoji-😀.js"])
def test_a_name_of_utf_8_is_read_with_and_without_its_flag(name: str) -> None:
    content = zipped({name: ""})
    assert opened(content).names == opened(with_entry_field(content, 8, "<H", 0, name.encode())).names == (name,)


@pytest.mark.parametrize(("name", "read"), [("././app.py", "app.py"), ("./", "./"), ("././", "././")])
def test_leading_dots_are_left_out_however_many(name: str, read: str) -> None:
    assert opened(zipped({name: ""})).names == (read,)


def test_a_name_that_is_not_utf_8_is_read_as_the_oldest_tools_wrote_it() -> None:
    content = zipped({"aaaa.py": ""}).replace(b"aaaa.py", b"\x84aaa.py")
    assert opened(content).names == ("äaaa.py",)


def test_a_backslash_is_said_as_what_it_is_and_quoted_once() -> None:
    text = refusal(zipped({r"lib\a.py": ""}))
    assert r"'lib\a.py' has a backslash in its name" in text and "7-Zip" in text


def test_a_device_is_refused() -> None:
    assert "'app.py' is neither a file nor a folder" in refusal(zipped(APP, mode=stat.S_IFCHR | 0o666))


@pytest.mark.parametrize("flag", [1, 1 << 6, 1 << 13])
def test_an_encrypted_entry_is_refused(flag: int) -> None:
    assert "'app.py' is encrypted" in refusal(with_entry_field(zipped(APP), 8, "<H", flag))


@pytest.mark.parametrize(("size", "fits"), [(262_144_000, True), (262_144_001, False)])
def test_lambdas_limit_of_the_unzipped_size_is_held(size: int, *, fits: bool) -> None:
    content = with_entry_field(zipped(APP), 24, "<L", size)
    if fits:
        assert opened(content).unzipped == size
    else:
        assert "unzips to 262144001 bytes and Lambda takes at most 262144000" in refusal(content)


@pytest.mark.parametrize(("entries", "text"), [(3, "lacks entry 3 of 3"), (1, "lists other than the 1 entries")])
def test_a_wrong_count_of_entries_is_refused(entries: int, text: str) -> None:
    content = zipped({"a.py": "", "b.py": ""})
    place = place_of(content)
    assert text in refusal(with_end(content, entries, place.length, place.offset))


@pytest.mark.parametrize("entries", [1 << 16, 65_537, 70_000, MAX_ENTRIES])
def test_a_count_of_16_bits_is_taken_for_more_entries_as_well(entries: int) -> None:
    """jszip and fflate write so."""
    assert len(opened(crowd_without_zip64(entries)).names) == entries


def test_a_count_of_16_bits_that_is_another_is_refused() -> None:
    assert "lists other than the 4465 entries" in refusal(crowd_without_zip64(70_000, counted=4_465))
    assert "lists other than the 65535 entries" in refusal(crowd_without_zip64(70_000, counted=0xFFFF))


def test_a_count_of_16_bits_lets_no_more_entries_be_read_than_the_bound() -> None:
    content = crowd_without_zip64(MAX_ENTRIES + 1)
    assert f"lists {MAX_ENTRIES + 1} entries in " in refusal(content)


@pytest.mark.parametrize(
    ("back", "format_"),
    [(14, "<H"), (26, "<L"), (38, "<L"), (82, "<L"), (78, "<L"), (74, "<Q")],
    ids=["entries of it", "parts", "part of the wide record", "its part", "part of the directory", "its entries"],
)
def test_one_part_of_several_is_refused_also_where_only_one_of_its_end_records_says_so(back: int, format_: str) -> None:
    """Of two readers that believe different fields each would see another zip."""
    content = bytearray(with_zip64_end(zipped({"a.py": "", "b.py": "", "c.py": ""})))
    struct.pack_into(format_, content, len(content) - back, 2)
    assert "one part of several" in refusal(bytes(content))


@pytest.mark.parametrize(("gap", "longer"), [(b"gap", 0), (b"", 3), (b"", -1)])
def test_a_wide_end_record_that_does_not_end_where_its_locator_begins_is_refused(gap: bytes, longer: int) -> None:
    """Readers that look for it just before its locator would take the directory to be elsewhere."""
    content = bytearray(with_zip64_end(zipped(APP)))
    struct.pack_into("<Q", content, len(content) - 98 + 4, 44 + longer)
    content[-42:-42] = gap
    assert "its zip64 end record is not where it is said to be" in refusal(bytes(content))


def test_a_wide_end_record_with_more_in_it_is_read() -> None:
    content = bytearray(with_zip64_end(zipped(APP)))
    struct.pack_into("<Q", content, len(content) - 98 + 4, 44 + len(b"more"))
    content[-42:-42] = b"more"
    assert opened(bytes(content)).names == ("app.py",)


def test_overlapping_entries_are_refused_by_name() -> None:
    content = with_entry_field(zipped({"a.py": "1", "bomb.py": "2"}), 42, "<L", 0, b"bomb.py")
    assert "'a.py' and 'bomb.py' overlap" in refusal(content)


def test_an_entry_that_reaches_into_the_directory_is_refused() -> None:
    content = with_entry_field(zipped(APP), 20, "<L", 10_000)
    assert "'app.py' reaches into its directory" in refusal(content)


@pytest.mark.parametrize(("content", "crc"), [("1234", 0), ("1", 0), ("", 7)])
def test_a_checksum_that_cannot_be_so_is_refused_by_name(content: str, crc: int) -> None:
    """Lambda takes such an upload, and cannot unzip it. Source: bitgenics/deterministic-zip #13 and #14, 2026-11."""
    text = refusal(with_entry_field(zipped({"app.py": content}), 16, "<L", crc))
    assert text.startswith(f"the zip's entry 'app.py' has {len(content)} bytes and the checksum {crc:08x}")
    assert "deterministic-zip" in text


def test_empty_files_and_folders_have_the_checksum_0_and_that_of_a_folder_is_nobodys_concern() -> None:
    content = zipped({"app.py": "1", "__init__.py": "", "lib/": ""})
    assert opened(content).names == opened(with_entry_field(content, 16, "<L", 7, b"lib/")).names


def test_one_file_that_is_listed_twice_is_said_as_such() -> None:
    content = with_entry_field(zipped({"app.py": "1", "app2py": "1"}).replace(b"app2py", b"app.py"), 42, "<L", 0)
    text = refusal(content)
    assert "lists 'app.py' twice" in text and "duplicate" in text and "overlap" not in text


def test_two_files_of_one_name_are_taken_as_every_reader_takes_them() -> None:
    """Gradle writes two jars of one name so. The last one is there in the end."""
    content = zipped({"app.py": "1", "app2py": "2"}, mode=0o100644).replace(b"app2py", b"app.py")
    archive = opened(with_entry_field(content, 38, "<L", 0o100600 << 16))
    assert archive.names == ("app.py", "app.py")
    assert archive.modes_of({"app.py"}) == {"app.py": 0o100600}


@pytest.mark.parametrize(
    ("host", "attributes", "mode"),
    [
        (3, 0o100644 << 16, 0o100644),
        (3, 0o100755 << 16 | 0x20, 0o100755),
        (3, 0o600 << 16, 0o600),
        (3, 0o100000 << 16, 0o100000),
        (19, 0o100600 << 16, 0o100600),
        (3, 0, 0),
        (0, 0x20, FROM_WINDOWS),
        (0, 0, FROM_WINDOWS),
        (10, 0x20, FROM_WINDOWS),
        (11, 0x20, FROM_WINDOWS),
        (14, 0x20, FROM_WINDOWS),
        (0, 0o100600 << 16, 0),
        (7, 0o100600 << 16, 0),
    ],
)
def test_modes_are_those_of_unix_and_macos(host: int, attributes: int, mode: int) -> None:
    content = with_entry_field(with_entry_field(zipped(APP), 38, "<L", attributes), 4, "<H", host << 8 | 20)
    assert opened(content).modes_of({"app.py", "other"}) == {"app.py": mode}


def test_names_that_would_take_the_memory_of_all_are_refused() -> None:
    """One rare letter makes each of a name's letters take four bytes."""
    long = {f"{number:03}-\U0001f600{'x' * 60_000}": "" for number in range(150)}
    assert "names in the zip are too long" in refusal(zipped(long))


def test_a_second_manifest_is_refused() -> None:
    assert "holds slipway.json twice" in refusal(zipped({"slipway.json": "{}", "./slipway.json": "[]"}))


def test_a_manifest_that_says_it_is_too_long_is_refused() -> None:
    content = zipped({"slipway.json": " " * (MAX_FILE_SIZE + 1)})
    assert f"at most {MAX_FILE_SIZE} are read" in refusal(content)


def test_a_manifest_that_is_packed_into_more_than_it_says_is_not_read() -> None:
    long = zipped({"slipway.json": " " * 300_000}, method=zipfile.ZIP_STORED)
    assert "has 300000 bytes" in refusal(with_entry_field(long, 24, "<L", 10, b"slipway.json"))


def test_a_bomb_that_says_it_is_short_is_not_inflated() -> None:
    bomb = zipped({"slipway.json": bytes(64 * 1024 * 1024)})
    content = with_entry_field(bomb, 24, "<L", 100, b"slipway.json")
    tracemalloc.start()
    try:
        assert "checksum" in refusal(content)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_manifest_with_another_checksum_is_refused() -> None:
    content = with_entry_field(zipped({"slipway.json": "{}"}), 16, "<L", zlib.crc32(b"[]"), b"slipway.json")
    assert "does not match its checksum" in refusal(content)


def test_a_manifest_that_is_not_where_it_should_be_is_refused() -> None:
    content = bytearray(zipped({"slipway.json": "{}"}))
    content[30:42] = b"another.json"
    assert "not at byte 0" in refusal(bytes(content))


@pytest.mark.parametrize("length", [0, len("slipway.json") + 2])
def test_a_manifest_whose_name_has_another_length_in_its_header_is_refused(length: int) -> None:
    """Where its bytes begin depends on that length: another reader would take other bytes for the manifest."""
    content = bytearray(zipped({"slipway.json": '{"alias": "live"}'}, method=zipfile.ZIP_STORED))
    struct.pack_into("<H", content, 26, length)
    assert "not at byte 0" in refusal(bytes(content))


def test_a_manifest_of_a_rare_compression_is_refused() -> None:
    content = zipped({"slipway.json": "{}"}, method=zipfile.ZIP_BZIP2)
    assert "compressed by method 12; store or deflate" in refusal(content)


def test_a_manifest_that_cannot_be_inflated_is_refused() -> None:
    content = zipped({"slipway.json": "~ begins no block"}, method=zipfile.ZIP_STORED)
    assert "cannot be inflated" in refusal(with_entry_field(content, 10, "<H", zipfile.ZIP_DEFLATED, b"slipway.json"))


def test_a_manifest_that_is_no_text_is_a_bad_manifest() -> None:
    with pytest.raises(BadArchive, match="not UTF-8") as caught:
        manifest_in(zipped({"slipway.json": b"\xff\xfe{"}))
    assert caught.value.reason.cause is Cause.BAD_MANIFEST


def test_a_byte_that_is_no_text_is_quoted_nowhere() -> None:
    """The log shows the causes of a refusal too, and Python's own names the byte."""
    with pytest.raises(BadArchive) as caught:
        manifest_in(zipped({"slipway.json": b"\xff\xfe{"}))
    assert "0xff" not in "".join(traceback.format_exception(caught.value))


# -- files that the manifest names ------------------------------------------------------------------------------------


CALLED = "payload_file 'tests/no.json' of test 'refuses'"


def file_in(content: bytes, name: str = "tests/no.json") -> str:
    place = place_of(content)
    found = find_files(content[place.offset : place.offset + place.length], place, {name: CALLED})
    offset, length = span_of(found[name], place, CALLED)
    return extract(content[offset : offset + length], found[name], CALLED)


def file_refusal(content: bytes, name: str = "tests/no.json") -> BadArchive:
    with pytest.raises(BadArchive) as caught:
        file_in(content, name)
    assert CALLED in caught.value.reason.text
    return caught.value


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(("zipped_as", "asked"), [("", ""), ("./", ""), ("", "./"), ("./", "./")])
def test_a_file_is_read_by_its_name_with_or_without_a_leading_dot(method: int, zipped_as: str, asked: str) -> None:
    content = zipped({**APP, f"{zipped_as}tests/no.json": '{"a": 1}', "z.py": ""}, method=method)
    assert file_in(content, f"{asked}tests/no.json") == '{"a": 1}'


def test_files_are_found_at_once_each_by_the_name_that_was_asked_for() -> None:
    content = zipped({"a.json": "1", "b.json": "2", "c.json": "3"})
    place = place_of(content)
    directory = content[place.offset : place.offset + place.length]
    found = find_files(directory, place, {"a.json": "", "./c.json": "", "./a.json": ""})
    assert {name: entry.name for name, entry in found.items()} == {
        "a.json": b"a.json", "./c.json": b"c.json", "./a.json": b"a.json",
    }  # fmt: skip


def test_where_no_file_is_asked_for_the_directory_is_not_read_again() -> None:
    assert find_files(b"not a directory", DirectoryPlace(0, 15, 1), {}) == {}


@pytest.mark.parametrize(
    "name",
    [
        "no.json",
        "tests",
        "tests/NO.json",
        "../tests/no.json",
        "/tests/no.json",
        r"tests\no.json",
        "tests//no.json",
        "./",
    ],
)
def test_a_file_under_another_name_is_not_in_the_zip(name: str) -> None:
    problem = file_refusal(zipped({**APP, "tests/no.json": "{}"}), name)
    assert problem.reason.text == f"{CALLED} is not in the zip; add the file, or correct the name"
    assert problem.reason.cause is Cause.BAD_MANIFEST


def test_all_files_that_are_not_there_are_told_at_once() -> None:
    content = zipped({"a.json": "1"})
    place = place_of(content)
    directory = content[place.offset : place.offset + place.length]
    for count, more in ((2, ""), (7, "; and 2 more")):
        called = {f"{number}.json": f"file {number}" for number in range(count)}
        with pytest.raises(BadArchive) as caught:
            find_files(directory, place, {"a.json": "the one", **called})
        lines = "; also ".join(f"file {number} is not in the zip" for number in range(min(count, 5)))
        assert caught.value.reason.text == f"{lines}{more}; add the file, or correct the name"


def test_a_file_that_is_there_twice_is_refused() -> None:
    problem = file_refusal(zipped({"tests/no.json": "1", "./tests/no.json": "2"}))
    assert problem.reason.text == f"the zip holds {CALLED} twice; keep one"


def test_a_file_of_as_many_bytes_as_are_read_is_read() -> None:
    assert len(file_in(zipped({"tests/no.json": " " * MAX_FILE_SIZE}))) == MAX_FILE_SIZE


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            zipped({"tests/no.json": " " * (MAX_FILE_SIZE + 1)}),
            f"has {MAX_FILE_SIZE + 1} bytes; at most {MAX_FILE_SIZE}",
        ),
        (zipped({"tests/no.json": "{}"}, method=zipfile.ZIP_LZMA), "is compressed by method 14; store or deflate it"),
        (zipped({"tests/no.json": b'"\xff\xfe"'}), "is not UTF-8 text (from byte 1 on); save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_a_payload_is_a_bad_manifest(content: bytes, text: str) -> None:
    problem = file_refusal(content)
    assert problem.reason.text.startswith(f"{CALLED} {text}")
    assert problem.reason.cause is Cause.BAD_MANIFEST


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (with_entry_field(zipped({"no.json": "{}"}), 16, "<L", 7, b"no.json"), "does not match its checksum"),
        (with_entry_field(zipped({"no.json": "{ }"}), 24, "<L", 2, b"no.json"), "does not match its checksum"),
        (
            with_entry_field(zipped({"no.json": "~ begins no block"}, method=0), 10, "<H", 8, b"no.json"),
            "cannot be inflated",
        ),
        (zipped({"no.json": "{}"}).replace(b"no.json", b"on.json", 1), "is not at byte 0"),
    ],
    ids=["checksum", "size", "method", "place"],
)
def test_a_file_that_is_not_what_its_directory_says_is_a_damaged_zip(content: bytes, text: str) -> None:
    problem = file_refusal(content, "no.json")
    assert problem.reason.text.startswith(f"the zip is damaged: {CALLED} {text}")
    assert problem.reason.cause is Cause.BAD_ARTIFACT


def test_a_file_that_is_a_bomb_is_not_inflated() -> None:
    bomb = zipped({"no.json": bytes(64 * 1024 * 1024)})
    assert "bytes; at most" in file_refusal(bomb, "no.json").reason.text
    content = with_entry_field(bomb, 24, "<L", 100, b"no.json")
    tracemalloc.start()
    try:
        assert "checksum" in file_refusal(content, "no.json").reason.text
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_crowd_of_one_name_takes_no_memory() -> None:
    """Entries are not kept: only those that are asked for, and each once."""
    content = crowd(MAX_ENTRIES)
    place = place_of(content)
    directory = content[place.offset : place.offset + place.length]
    wanted = {f"node_modules/package/lib/module-{number:06}.js": "" for number in range(20)}
    tracemalloc.start()
    try:
        assert len(find_files(directory, place, wanted)) == 20
        assert tracemalloc.get_traced_memory()[1] < 100 * 1024
    finally:
        tracemalloc.stop()


# -- as a whole -------------------------------------------------------------------------------------------------------


def test_more_entries_than_the_bound_are_refused_before_they_are_read() -> None:
    content = zipped(APP)
    place = place_of(content)
    many = with_zip64_numbers(content, DirectoryPlace(place.offset, place.length, MAX_ENTRIES + 1))
    assert f"{MAX_ENTRIES + 1} entries in {place.length} bytes; at most {MAX_ENTRIES}" in refusal(many)


def test_a_longer_directory_than_the_bound_is_refused_before_it_is_read() -> None:
    length = MAX_DIRECTORY_SIZE + 1
    with pytest.raises(BadArchive, match=f"1 entries in {length} bytes"):
        find_directory(with_end(bytes(22), 1, length, 100), 100 + length + 22)


def test_a_zip64_end_outside_of_the_tail_is_refused() -> None:
    content = with_zip64_end(zipped(APP))
    with pytest.raises(BadArchive, match="zip64 end record is not where"):
        find_directory(content, 2 * len(content))


def test_a_directory_that_ends_within_an_entry_is_refused() -> None:
    content = zipped(APP)
    place = place_of(content)
    with pytest.raises(BadArchive, match="lacks entry 1 of 1"):
        read_directory(content[place.offset : place.offset + 20], place)


def directory_of(entries: int) -> tuple[bytes, DirectoryPlace]:
    content = crowd(entries)
    place = place_of(content)
    return content[place.offset : place.offset + place.length], place


def test_eight_times_the_entries_are_read_in_eight_times_the_time() -> None:
    assert growth(directory_of, lambda given: read_directory(*given), MAX_ENTRIES // 80) < LINEAR


def test_as_many_entries_as_the_bound_take_less_than_40_megabytes() -> None:
    directory, place = directory_of(MAX_ENTRIES)
    tracemalloc.start()
    try:
        assert len(read_directory(directory, place).names) == MAX_ENTRIES
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024 - len(directory)
    finally:
        tracemalloc.stop()


WHOLE = zipped({**APP, "slipway.json": "{}", "lib/part.py": "part"}, comment=b"made by hand")


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(max_size=8)), min_size=1, max_size=4))
def test_no_damage_raises_anything_but_a_refusal(damages: list[tuple[int, bytes]]) -> None:
    content = bytearray(WHOLE)
    for at, damage in damages:
        content[at : at + len(damage)] = damage
    with contextlib.suppress(BadArchive):
        manifest_in(bytes(content))
    with contextlib.suppress(BadArchive):
        file_in(bytes(content), "lib/part.py")


def test_no_part_of_a_zip_is_taken_for_a_whole_one() -> None:
    for cut in range(1, len(WHOLE)):
        for part in (WHOLE[:cut], WHOLE[cut:]):
            with pytest.raises(BadArchive):
                manifest_in(part)
