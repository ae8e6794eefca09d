"""The refusals of docs/reference/refusals.md: each zip is dropped for the real controller, over an AWS in memory.

The page's words come from the record that the drop leaves, so a text that changes in the code changes on the page.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from controller.core.manifest.settings import MANIFEST
from controller.core.manifest.team_rules import ManifestRules
from controller.core.model import Phase
from controller.settings import Settings
from tests.cloud.steps import ROLE, Fire, Live, Until
from tests.cloud.story import SETTINGS, Story

BUCKET = "slipway-artifacts"
KEY = "checkout/build.zip"
_FUNCTION: Mapping[str, Any] = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}
_CODE = "def handler(event, context):\n    return {'total': 500}\n"
_READABLE, _OWNERS, _LINK = 0o100644 << 16, 0o100600 << 16, 0o120777 << 16
"""Attributes of an entry of Unix: a file for everybody, a file for its owner alone, a symbolic link."""
_WINDOWS, _ARCHIVE = 0, 0x20
"""The system of an entry of Windows, and the attributes of a usual one. Source: PKWARE APPNOTE 4.4.2, 2026-11."""
_FLAGS, _CHECKSUM, _UNZIPPED_SIZE = (8, "<H"), (16, "<L"), (24, "<L")
"""Fields of an entry in the zip's directory. Source: PKWARE APPNOTE 4.3.12, 2026-11."""


def packed(files: Mapping[str, str], attributes: int = _READABLE) -> bytes:
    """Returns a zip of these files; its manifest is readable in any case."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.filename, entry.external_attr = name, _READABLE if name == MANIFEST else attributes
            entry.create_system = _WINDOWS if attributes == _ARCHIVE else entry.create_system
            archive.writestr(entry, content)
    return written.getvalue()


def zipped(files: Mapping[str, str], attributes: int = _READABLE, **function: str) -> bytes:
    """Returns a zip of these files and of a manifest that gives the function its settings."""
    return packed({MANIFEST: json.dumps({"function": {**_FUNCTION, **function}}), **files}, attributes)


def with_manifest(code: str = _CODE, **sections: object) -> bytes:
    """Returns a zip whose manifest has these sections."""
    return packed({"app.py": code, MANIFEST: json.dumps({"function": _FUNCTION, **sections})})


def with_field(field: tuple[int, str], value: int) -> bytes:
    """Returns a zip whose directory says something else of app.py."""
    offset, form = field
    content = bytearray(PLAIN)
    struct.pack_into(form, content, PLAIN.rindex(b"app.py") - 46 + offset, value)
    return bytes(content)


PLAIN = zipped({"app.py": _CODE})


def is_live(story: Story) -> None:
    Live().play(story)


def reason(
    content: bytes = PLAIN,
    key: str = KEY,
    *,
    before: Callable[[Story], object] = is_live,
    settings: Settings = SETTINGS,
) -> str:
    """Drops a zip and returns why its deployment has failed, as the record says."""
    story = Story(settings=settings)
    before(story)
    story.cloud.storage.put(BUCKET, key, content)
    return refused(story)


def refused(story: Story) -> str:
    """Lets the controller hear of the last drop and returns why its deployment has failed."""
    story.deliver()
    newest = story.deployments()[-1]
    if newest.phase is not Phase.FAILED or newest.reason is None:
        raise ValueError(story.in_words())
    return newest.reason.text


def deleted() -> str:
    story = Story().play([Live()])
    story.cloud.storage.put(BUCKET, KEY, PLAIN)
    story.cloud.storage.delete(BUCKET, KEY)
    story.cloud.storage.buckets[BUCKET][KEY].pop(0)
    return refused(story)


def archived(story: Story) -> None:
    is_live(story)
    story.cloud.storage.archived.add(KEY)


def rolled_back(story: Story) -> None:
    """The same bytes were shifted before, and their alarm fired."""
    is_live(story)
    story.cloud.storage.put(BUCKET, "checkout/first.zip", PLAIN)
    story.deliver()
    story.play([Until(Phase.SHIFTING), Fire(f"{SETTINGS.alarm_prefix}checkout/live/1"), Until(Phase.ROLLED_BACK)])


CASES: Mapping[str, Callable[[], str]] = {
    "not a zip": lambda: reason(b"hello, this is no zip at all"),
    "truncated": lambda: reason(PLAIN[:-30]),
    "zero bytes": lambda: reason(b""),
    "path traversal": lambda: reason(zipped({"../app.py": _CODE})),
    "encrypted": lambda: reason(with_field(_FLAGS, 1)),
    "too large": lambda: reason(with_field(_UNZIPPED_SIZE, 263_000_000)),
    "name with a backslash": lambda: reason(zipped({"app.py": _CODE, r"lib\util.py": ""})),
    "bytes behind the zip": lambda: reason(PLAIN + b"<!-- end -->"),
    "bytes before the zip": lambda: reason(b"#!/bin/sh\n" + PLAIN),
    "checksums of 0": lambda: reason(with_field(_CHECKSUM, 0)),
    "link that leads out": lambda: reason(zipped({"app.py": "/home/me/app.py"}, _LINK)),
    "handler that Lambda may not read": lambda: reason(zipped({"app.py": _CODE}, _OWNERS)),
    "bootstrap from Windows": lambda: reason(
        zipped({"bootstrap": "#!/bin/sh"}, _ARCHIVE, Runtime="provided.al2023", Handler="bootstrap")
    ),
    "handler's file missing": lambda: reason(zipped({"main.py": _CODE})),
    "a folder was zipped": lambda: reason(zipped({"checkout/app.py": _CODE})),
    "handler that the runtime never loads": lambda: reason(zipped({"app.py": _CODE}, Handler="./app.handler")),
    "compiled for another machine": lambda: reason(zipped({"app.cpython-313-aarch64-linux-gnu.so": ""})),
    "a jar that is not on the class path": lambda: reason(
        zipped({"shop.jar": ""}, Runtime="java21", Handler="com.acme.Handler::handle")
    ),
    "manifest is not JSON": lambda: reason(packed({"app.py": _CODE, MANIFEST: '{"alias": "live",\n}'})),
    "manifest is nearly there": lambda: reason(packed({"app.py": _CODE, "deploy/slipway.json": "{}"})),
    "key that does not exist": lambda: reason(with_manifest(colour="red")),
    "key that is misspelled": lambda: reason(with_manifest(strategy={"steps": [], "bak": "1m"})),
    "value of another form": lambda: reason(with_manifest(deadline="1 day")),
    "weights as Lambda has them": lambda: reason(with_manifest(strategy={"steps": [{"weight": 0.1, "hold": "5m"}]})),
    "weights that do not rise": lambda: reason(
        with_manifest(strategy={"steps": [{"weight": 50, "hold": "5m"}, {"weight": 20, "hold": "5m"}]})
    ),
    "deadline too short": lambda: reason(with_manifest(deadline="10m")),
    "payload file missing": lambda: reason(
        with_manifest(tests=[{"name": "refuses nonsense", "payload_file": "tests/nonsense.json"}])
    ),
    "manifest in the zip, and `ManifestFrom` is `bucket`": lambda: reason(
        settings=replace(SETTINGS, manifest_rules=ManifestRules(zip_may_say=False))
    ),
    "manifest against `ManifestRules`": lambda: reason(
        with_manifest(alias="beta"),
        settings=replace(SETTINGS, manifest_rules=ManifestRules(schema='{"required": ["tests"]}')),
    ),
    "not signed, and there is a `SigningKeyArn`": lambda: reason(settings=replace(SETTINGS, signing_key="KEY")),
    "no function, no way to create it": lambda: reason(packed({"app.py": _CODE}), before=lambda _: None),
    "role not allowed": lambda: reason(
        zipped({"app.py": _CODE}, Role="arn:aws:iam::123456789012:role/admin"),
        settings=replace(SETTINGS, allowed_roles=()),
    ),
    "alarm that does not exist": lambda: reason(with_manifest(gates={"alarms": ["nobody-made-this"]})),
    "hook not allowed": lambda: reason(with_manifest(hooks={"each_step": {"function": "reporter:live"}})),
    "key with other characters": lambda: reason(key="checkout/my build.zip"),
    "another kind of archive": lambda: reason(key="checkout/build.jar"),
    "archived object": lambda: reason(before=archived),
    "not there": deleted,
    "quarantined bytes": lambda: reason(before=rolled_back),
    "a test fails": lambda: reason(
        with_manifest(tests=[{"name": "says sum", "response": {"type": "object", "required": ["sum"]}}])
    ),
}
"""The input in words, and what drops it."""
