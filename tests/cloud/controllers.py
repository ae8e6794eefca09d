"""Several releases of the controller in one process: the one of this checkout, an earlier one, and others made of it.

``Story.handled_by`` names those that take turns. "today" is the package ``controller`` itself. Each of the others is a
copy of its sources under a name of its own, made once in a process, in which ``controller`` is spelled by that name
wherever it is imported: so releases share nothing, and one may act within a call of another.

- "earlier" is ``tests/golden/controller-COMMIT.zip``, made by ``git archive --output FILE COMMIT controller``. Its
  records are of the same schema and lack what was added since. It is made again only until 0.1.0 is out, where a name
  that is stored changes;
- "next" writes the next schema's number, and fields that nobody knows yet;
- "hasty" is broken on purpose, to see that walks find it: it never asks whose routing the alias carries.

Note: each release has exceptions of its own. What AWS in memory raises in the controller's name (a download that fails)
must be of the release that asked.
"""

from __future__ import annotations

import importlib
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from controller.core.model import SlipwayError, Transient
from controller.settings import Settings
from tests.cloud.clock import half
from tests.cloud.cloud import Cloud
from tests.guards.changes import Change, answers, sets

TODAY = "today"
_EARLIER_RELEASE = "earlier"
_ROOT = Path(__file__).parents[2]
(_EARLIER,) = (_ROOT / "tests" / "golden").glob("controller-*.zip")
_CHANGES: Mapping[str, Sequence[Change]] = {
    "next": (
        sets("core.records.codec", "SCHEMA", "2"),
        sets("core.records.codec:to_record", "schema", 'SCHEMA, "of_the_next": {"a": [1, "x"]}'),
    ),
    "hasty": (answers("core.routing.desired:ours", "expected_routings", "True"),),
}
_IMPORTED = re.compile(r"^(\s*(?:from|import) )controller\b", re.MULTILINE)


def dispatcher(name: str, cloud: Cloud, settings: Settings) -> Any:
    """Returns a dispatcher of that release that has just started."""
    package = _package(name)
    of = _module(package, "settings").Settings
    known = {each.name for each in fields(of)}
    own = of(**{each.name: getattr(settings, each.name) for each in fields(settings) if each.name in known})

    def fetch(url: str) -> bytes:
        try:
            return cloud.fetch(url)
        except Transient as problem:
            raise _module(package, "core.model").Transient(str(problem)) from None

    clients = _module(package, "aws.clients")
    stands_on = {
        "client": cloud.client, "sleep": cloud.clock.sleep, "monotonic": cloud.clock.monotonic, "fetch": fetch,
        "chance": half,
    }  # fmt: skip
    platform = clients.Platform(**{each.name: stands_on[each.name] for each in fields(clients.Platform)})
    context = _module(package, "context").Context(clients.Adapters(own, platform), own, cloud.clock)
    return _module(package, "dispatch").Dispatcher(context)


def is_said_by_slipway(problem: BaseException) -> bool:
    """Is it a word of Slipway's about AWS, of whichever release?"""
    return any(kind.__name__ == SlipwayError.__name__ for kind in type(problem).__mro__)


def _module(package: str, name: str) -> Any:
    return importlib.import_module(f"{package}.{name}")


@cache
def _package(name: str) -> str:
    """Returns the package of a release; makes it where it is asked for the first time."""
    if name == TODAY:
        return "controller"
    package = f"controller_{name}"
    for path, content in _files(name):
        file = _folder() / path.replace("controller", package, 1)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_IMPORTED.sub(rf"\1{package}", content) if file.suffix == ".py" else content, "utf-8")
    importlib.invalidate_caches()
    return package


@cache
def _folder() -> Path:
    """Returns where packages are made; it goes with the process."""
    made = tempfile.TemporaryDirectory(prefix="slipway-")
    _KEPT.append(made)
    sys.path.append(made.name)
    return Path(made.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _files(name: str) -> Iterator[tuple[str, str]]:
    """Yields every file of a release by its path in the checkout."""
    if name == _EARLIER_RELEASE:
        with zipfile.ZipFile(_EARLIER) as archive:
            for path in archive.namelist():
                if not path.endswith("/"):
                    yield path, archive.read(path).decode()
        return
    for file in sorted((_ROOT / "controller").rglob("*.*")):
        if file.suffix in (".py", ".json"):
            path = file.relative_to(_ROOT).as_posix()
            yield path, _changed(path, file.read_text("utf-8"), _CHANGES[name])


def _changed(path: str, content: str, changes: Sequence[Change]) -> str:
    for change in changes:
        content = change.made(content) if change.file == path else content
    return content
