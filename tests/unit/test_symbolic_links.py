"""Links that stay in the function's folder, or lead into /opt, are taken; others are refused by name, within bounds."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import pytest

from controller.core.artifact.handlers import Startup, handler_files, lacks_handler
from controller.core.artifact.zip.archive import Archive, read_directory
from controller.core.artifact.zip.directory import TAIL, BadArchive, find_directory
from controller.core.artifact.zip.limits import MAX_LINKS
from controller.core.artifact.zip.symbolic_links import (
    MAX_BYTES,
    MAX_READS,
    MAX_TARGET_LENGTH,
    followed,
    places_of,
    reads,
    targets_in,
    with_targets,
)
from controller.core.model import Cause
from tests.fuzz.hostile_zips import LINK, File, Zip

CODE = b"def handler(event, context): ..."


def link(name: str, target: str, **about: int) -> File:
    return File(name.encode(), target.encode(), central={"attributes": LINK, **about})


def zipped(*files: File | str) -> bytes:
    """Returns a zip; a text is the name of a module."""
    return Zip(tuple(File(each.encode(), CODE) if isinstance(each, str) else each for each in files)).written()


def listed(content: bytes) -> Archive:
    place = find_directory(content[-TAIL:], len(content))
    return read_directory(content[place.offset : place.offset + place.length], place)


def opened(*files: File | str) -> Archive:
    """Reads a zip as the controller does."""
    content = zipped(*files)
    archive = listed(content)
    targets: dict[str, str] = {}
    for read in reads(archive):
        targets |= targets_in(content[read.offset : read.offset + read.length], read)
    return with_targets(archive, targets)


def refusal(*files: File | str) -> str:
    with pytest.raises(BadArchive) as caught:
        opened(*files)
    assert caught.value.reason.cause is Cause.BAD_ARTIFACT
    return caught.value.reason.text


@pytest.mark.parametrize(
    ("name", "target", "place"),
    [
        ("node_modules/.bin/semver", "../semver/bin/semver.js", "node_modules/semver/bin/semver.js"),
        ("node_modules/tool", ".pnpm/tool@1.0.0/node_modules/tool", "node_modules/.pnpm/tool@1.0.0/node_modules/tool"),
        ("lib/libssl.so", "libssl.so.3", "lib/libssl.so.3"),
        ("lib/libssl.so", "./libssl.so.3", "lib/libssl.so.3"),
        ("current", "releases//2026-11/", "releases/2026-11"),
        ("here", ".", ""),
        ("a/b/c", "../../d", "d"),
        ("a/b/c", "../..", ""),
        ("app.py", "/var/task/src/app.py", "src/app.py"),
        ("a", "../task/b", "b"),
        ("node_modules", "/opt/nodejs/node_modules", "/opt/nodejs/node_modules"),
        ("a", "/opt", "/opt"),
        ("a", "../../opt/lib", "/opt/lib"),
        ("a", "/opt/../var/task/b", "b"),
        ("ä/ö", "ü", "ä/ü"),
    ],
)
def test_a_link_leads_to_where_linux_would_follow_it(name: str, target: str, place: str) -> None:
    assert followed(opened("x.py", link(name, target)), name) == place


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("passwd", "/etc/passwd"),
        ("passwd", "../../etc/passwd"),
        ("a/b/c", "../../../d"),
        ("up", ".."),
        ("root", "/"),
        ("other", "/var/task2/x"),
        ("other", "/optional/x"),
        ("out", "/opt/../etc/passwd"),
        ("tmp", "/tmp/cache"),  # noqa: S108 - no file of this machine
        ("home", "/home/user/project/node_modules/tool"),
        ("null", "/opt\0/../../etc"),
    ],
)
def test_a_link_that_leaves_the_folder_is_refused_by_name(name: str, target: str) -> None:
    text = refusal("x.py", link(name, target))
    assert text.startswith(f"the zip's entry {name!r} is a symbolic link to {target!r}, which is outside")
    assert "bsdtar -L" in text


@pytest.mark.parametrize(
    "links",
    [
        (("d", "a/b/c"), ("x", "d/../../../../y")),
        (("here", "."), ("p/q/x", "../../here/../e")),
        (("layer", "/opt"), ("x", "layer/../etc/passwd")),
    ],
)
def test_a_link_that_leaves_the_folder_only_by_way_of_another_is_refused(links: tuple[tuple[str, str], ...]) -> None:
    for order in (links, links[::-1]):
        assert f"{links[1][0]!r} is a symbolic link" in refusal(*(link(*each) for each in order))


def test_a_link_that_leads_on_over_others_leads_to_where_the_last_does() -> None:
    archive = opened("v2/app.py", link("a", "b/c"), link("b", "d"), link("d/c", "../v2"))
    assert [followed(archive, path) for path in ("a", "a/app.py", "b/c/app.py")] == ["v2", "v2/app.py", "v2/app.py"]


@pytest.mark.parametrize("links", [(("a", "a"),), (("a", "b"), ("b", "a")), (("a", "b/x"), ("b", "c"), ("c", "a/y"))])
def test_a_link_that_leads_in_a_circle_is_refused(links: tuple[tuple[str, str], ...]) -> None:
    assert "which leads in a circle" in refusal("x.py", *(link(*each) for each in links))


@pytest.mark.parametrize(("count", "is_taken"), [(40, True), (41, False)])
def test_links_are_followed_over_as_many_others_as_linux_does(count: int, *, is_taken: bool) -> None:
    files = [link(f"l{number}", f"l{number + 1}") for number in range(count)]
    if is_taken:
        assert followed(opened(*files), "l0") == f"l{count}"
    else:
        assert "over more than 40 links" in refusal(*files)


@pytest.mark.parametrize("behind", ["a/evil.py", "a/b/c/evil.py", "a", "a/"])
@pytest.mark.parametrize("before", [True, False])
def test_a_file_that_would_be_written_through_a_link_is_refused(behind: str, *, before: bool) -> None:
    files: list[File | str] = [link("a", "/opt/x"), behind]
    text = refusal("a.py", "a-b/c.py", *(files if before else files[::-1]))
    assert "beside a symbolic link of the name 'a'" in text


def test_a_link_to_what_is_not_in_the_zip_is_taken() -> None:
    assert followed(opened("x.py", link("optional", "gone/file")), "optional") == "gone/file"


@pytest.mark.parametrize("length", [1, 120, MAX_TARGET_LENGTH])
def test_a_target_of_as_many_bytes_as_linux_takes_is_read(length: int) -> None:
    assert followed(opened(link("a", "x" * length)), "a") == ("x" * length if length < MAX_TARGET_LENGTH - 10 else None)


@pytest.mark.parametrize("target", ["", "x" * (MAX_TARGET_LENGTH + 1)])
def test_a_target_that_linux_does_not_take_is_refused_unread(target: str) -> None:
    content = zipped(link("a", target))
    with pytest.raises(BadArchive, match=f"'a' is a symbolic link of {len(target)} bytes"):
        reads(listed(content))


def test_a_refusal_quotes_no_more_of_a_target_than_a_line() -> None:
    text = refusal(link("a", "/" + "secret" * 500))
    assert len(text) < 600 and text.isprintable()


def test_a_target_with_another_checksum_is_refused() -> None:
    text = refusal(link("a", "b", crc=zlib.crc32(b"c")))
    assert text.startswith("the zip is damaged: symbolic link 'a' does not match its checksum")


def test_a_target_that_is_not_where_it_should_be_is_refused() -> None:
    with pytest.raises(BadArchive, match="symbolic link 'a' is not at byte"):
        opened(link("a", "bcdef", offset=1, packed=3, size=3), "x.py")


def test_a_deflated_target_is_read_and_one_packed_otherwise_leads_nobody_knows_where() -> None:
    deflated = File(b"a", b"b/" * 50, deflate=True, central={"attributes": LINK})
    assert followed(opened(deflated), "a") == "b/" * 49 + "b"
    assert followed(opened(link("a", "/etc", method=14)), "a") is None


def test_a_bomb_of_a_target_is_not_inflated() -> None:
    bomb = File(b"a", bytes(1024 * 1024), deflate=True, central={"attributes": LINK, "size": 100})
    assert "does not match its checksum" in refusal(bomb)


def test_links_next_to_each_other_are_read_at_once() -> None:
    archive = listed(zipped("x.py", *(link(f"bin/{number:04}", f"../x{number}") for number in range(2_000)), "y.py"))
    (read,) = reads(archive)
    assert len(read.links) == 2_000 and read.length < 2_000 * 60


def test_of_ten_thousand_links_each_is_read() -> None:
    """As npm and pnpm write them, hundreds next to each other, and one among them that leaves the folder."""
    bins = [
        link(f"node_modules/.bin/tool-{n:05}", f"../tool-{n:05}/bin/tool-of-some-name.js") for n in range(MAX_LINKS)
    ]
    archive = opened(*bins)
    assert None not in archive.links.values() and len(archive.links) == MAX_LINKS
    assert "'out' is a symbolic link" in refusal(*bins[:5_000], link("out", "/etc"), *bins[5_001:])


def test_more_links_than_are_followed_are_refused() -> None:
    with pytest.raises(BadArchive, match=f"more than {MAX_LINKS} symbolic links"):
        listed(zipped(*(link(f"l{number}", "x") for number in range(MAX_LINKS + 1))))


def test_links_far_from_each_other_are_read_apart() -> None:
    big = File(b"big", bytes(100_000))
    archive = listed(zipped(link("a", "x"), big, link("b", "y"), link("c", "z")))
    assert sorted((len(read.links), read.length < 200) for read in reads(archive)) == [(1, True), (2, True)]


def test_no_more_is_read_for_links_than_the_bounds_say() -> None:
    crowd: list[File | str] = []
    for number in range(MAX_READS + 9):
        crowd += [link(f"l{number}", "x"), File(b"big%d" % number, bytes(70_000))]
    assert len(reads(listed(zipped(*crowd)))) == MAX_READS
    dense = [part for n in range(99) for part in (link(f"l{n}", "x"), File(b"%d" % n, bytes(60_000)))]
    for content in (zipped(*crowd), zipped(*dense)):
        assert sum(read.length for read in reads(listed(content))) <= MAX_BYTES
    long = [link(f"l{number}", "x" * MAX_TARGET_LENGTH) for number in range(2_000)]
    assert sum(each.entry.size for read in reads(listed(zipped(*long))) for each in read.links) <= 512 * 1024


def test_a_link_that_was_not_read_is_taken_and_nothing_is_said_of_what_lies_behind_it() -> None:
    archive = with_targets(listed(zipped("x.py", link("a", "/etc"), link("b", "a/c"))), {"b": "a/c"})
    assert [followed(archive, path) for path in ("a", "a/x", "b", "x.py")] == [None, None, None, "x.py"]


@pytest.mark.parametrize(
    ("name", "place"),
    [("tests/a.json", "fixtures/a.json"), ("b.json", "fixtures/a.json"), ("x.py", "x.py"), ("./x.py", "x.py")],
)
def test_a_file_that_a_link_leads_to_is_read_where_it_is(name: str, place: str) -> None:
    archive = opened("x.py", "fixtures/a.json", link("tests", "fixtures"), link("b.json", "tests/a.json"))
    assert places_of(archive, {name: "payload"}) == {name: place}


@pytest.mark.parametrize("name", ["layer/a.json", "unread/a.json"])
def test_a_file_that_a_link_leads_out_of_the_zip_for_is_refused(name: str) -> None:
    content = zipped(link("layer", "/opt/data"), link("unread", "x"))
    archive = with_targets(listed(content), {"layer": "/opt/data"})
    with pytest.raises(BadArchive, match="payload is, or lies behind, a symbolic link that is not followed") as caught:
        places_of(archive, {name: "payload"})
    assert caught.value.reason.cause is Cause.BAD_MANIFEST


def test_a_link_of_windows_is_a_link_too() -> None:
    """The kind of file stands in the same bits, whatever made the zip."""
    content = bytearray(zipped(link("a", "/etc/passwd")))
    struct.pack_into("<H", content, content.index(b"PK\1\2") + 4, 20)
    assert "a" in [each.name for each in listed(bytes(content)).link_entries]


def test_what_a_link_leads_to_has_no_bounds_but_those_of_its_path() -> None:
    long: Mapping[str, str] = {f"l{number}": f"l{number + 1}/" + "x/" * 2_000 for number in range(20)}
    assert followed(opened(*(link(name, target) for name, target in long.items())), "l0") is None


# -- the handler behind links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runtime", "handler", "name", "links"),
    [
        ("python3.13", "app.handler", "src/app.py", {"app.py": "src/app.py"}),
        ("python3.13", "src.app.handler", "lib/app.py", {"src": "lib"}),
        ("python3.13", "src/app.handler", "lib/v2/app.py", {"src": "lib/current", "lib/current": "v2"}),
        ("python3.13", "src.app.handler", "lib/app/__init__.py", {"src/app": "../lib/app"}),
        ("nodejs22.x", "dist/index.handler", "out/index.mjs", {"dist": "out"}),
        ("nodejs22.x", "tool.handler", ".pnpm/tool/index.js", {"node_modules/tool": "../.pnpm/tool"}),
        ("ruby3.3", "app.handler", "lib/app.rb", {"app.rb": "./lib/app.rb"}),
        ("provided.al2023", "any", "bin/main", {"bootstrap": "bin/main"}),
    ],
)
def test_a_handler_behind_links_is_where_they_lead(
    runtime: str, handler: str, name: str, links: Mapping[str, str]
) -> None:
    startup = Startup(handler, runtime)
    program = File(name.encode(), CODE, central={"attributes": 0o100755 << 16})
    archive = opened("x", program, *(link(*each) for each in links.items()))
    assert (lacks_handler(archive, startup), handler_files(archive, startup)) == (None, (name,))
    secret = File(name.encode(), CODE, central={"attributes": 0o100600 << 16})
    refused = lacks_handler(opened("x", secret, *(link(*each) for each in links.items())), startup)
    assert f"{name} has the mode 0600" in (refused or "")
    gone = opened("x", *(link(*each) for each in links.items()))
    assert "in the zip" in (lacks_handler(gone, startup) or "")


@pytest.mark.parametrize("target", ["src/app.py", "src", "./"])
def test_a_link_of_the_handlers_name_that_leads_to_no_file_is_told_as_one(target: str) -> None:
    archive = opened("src/x.py", link("app.py", target))
    text = lacks_handler(archive, Startup("app.handler", "python3.13")) or ""
    assert "(app.py is a symbolic link to " in text
    assert "which is no file of the zip)" in text


@pytest.mark.parametrize("target", ["/opt/src", "/opt"])
def test_a_handler_behind_a_link_to_a_layer_is_not_judged(target: str) -> None:
    assert lacks_handler(opened("x.py", link("src", target)), Startup("src.app.handler", "python3.13")) is None


def test_a_handler_behind_a_link_that_was_not_read_is_not_judged() -> None:
    archive = with_targets(listed(zipped("x.py", link("src", "lib"))), {})
    assert lacks_handler(archive, Startup("src.app.handler", "python3.13")) is None
    assert lacks_handler(archive, Startup("app.handler", "python3.13")) is not None
