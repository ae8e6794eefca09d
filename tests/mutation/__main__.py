"""``make mutation``: changes what functions of the controller do, a place at a time, and sees whether a test misses it.

    make mutation ONLY=controller/core/gates                      a folder, or a file
    make mutation ONLY=controller/core/gates/hold.py TESTS=tests/unit/test_gates.py      by these tests alone
    make mutation SHOW=controller.core.gates.hold.x_told__mutmut_4                       a change of the run before
    make mutation                                                 all of the controller

It works in a copy of this folder, and runs for each change the tests that come by the changed function, of
``tests/unit`` and ``tests/adapters``. Prints what no test missed, by function, and last
"controller/core/gates: 900 changes, 850 killed, 50 survived (94.4 %), 600 s". TESTS=tests/scenarios asks of a file
whether a test of whole deployments misses the rest: they come by nearly everything, and take minutes for each change.

Some changes are none: ``<`` for ``<=`` where both never meet. So what survives is no failure by itself. It ends with
1 if a function could do anything: five of its changes or more, and no test misses any.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = _ROOT / ".build" / "mutation"
_COPY = _FOLDER / "checkout"
_LOG = _FOLDER / "log.txt"
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__")
_ANYTHING = 5
"""So many changes of a function that are not missed are no accident."""


@dataclass(frozen=True)
class Change:
    """``name`` is mutmut's. ``outcome``: killed, survived, no tests, timeout, ..."""

    name: str
    file: str
    outcome: str

    @property
    def function(self) -> str:
        """Returns its name: "Store.save"."""
        return self.name.rpartition(".")[2].rpartition("__mutmut_")[0].removeprefix("x").strip("_ǁ").replace("ǁ", ".")

    @property
    def is_killed(self) -> bool:
        return self.outcome not in ("survived", "no tests")


def main(only: str, tests: Sequence[str]) -> int:
    """Changes what is below ``only``; returns 1 where a function could do anything. ``tests`` are all, or empty."""
    if not (_ROOT / only).exists():
        sys.exit(f"{only} does not exist; ONLY is a folder or a file, such as controller/core/gates")
    begun = time.monotonic()
    _copied()
    print(f"Changing {only}; .build/mutation/log.txt says how far it is", file=sys.stderr)
    with _LOG.open("w", encoding="utf-8") as log:
        run = [sys.executable, "-m", "tests.mutation", "--run", only, *tests]
        code = subprocess.run(run, cwd=_COPY, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    if code:
        sys.exit(f"mutmut could not go on; the end of its log:\n{_LOG.read_text('utf-8').replace(chr(13), '')[-2000:]}")
    os.chdir(_COPY)
    by_function = _by_function(_changes())
    for (file, function), changes in by_function.items():
        _tell(file, function, changes)
    all_of_them = [each for changes in by_function.values() for each in changes]
    killed = sum(each.is_killed for each in all_of_them)
    share = f"{len(all_of_them) - killed} survived ({100 * killed / max(1, len(all_of_them)):.1f} %)"
    print(f"{only}: {len(all_of_them)} changes, {killed} killed, {share}, {time.monotonic() - begun:.0f} s")
    return 1 if any(_may_do_anything(changes) for changes in by_function.values()) else 0


def run(only: str, tests: Sequence[str]) -> None:
    """Has mutmut change what is below ``only``, in the copy."""
    from mutmut import __main__ as mutmut
    from mutmut.configuration import config

    from tests.mutation import kinds

    kinds.install()
    config().only_mutate = [only, f"{only}/*"]
    if tests:
        config().pytest_add_cli_args_test_selection = [*tests]
    mutmut._run((only.removesuffix(".py").replace("/", ".") + ".*",), None)


def show(name: str) -> None:
    """Prints one change of the run before."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    os.chdir(_COPY)
    print(get_diff_for_mutant(name))


def _copied() -> None:
    shutil.rmtree(_COPY, ignore_errors=True)
    shutil.copytree(_ROOT, _COPY, ignore=_NOT_COPIED)


def _changes() -> Iterator[Change]:
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.stats import status_by_exit_code

    for meta in sorted(Path("mutants/controller").rglob("*.meta")):
        file = str(meta.relative_to("mutants").with_suffix(""))
        found = SourceFileMutationData(path=file)
        found.load()
        for name, code in found.exit_code_by_key.items():
            yield Change(name, file, status_by_exit_code[code])


def _by_function(changes: Iterator[Change]) -> Mapping[tuple[str, str], Sequence[Change]]:
    found: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        found[change.file, change.function].append(change)
    return found


def _may_do_anything(changes: Sequence[Change]) -> bool:
    return len(changes) >= _ANYTHING and not any(each.is_killed for each in changes)


def _tell(file: str, function: str, changes: Sequence[Change]) -> None:
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    survived = [each for each in changes if not each.is_killed]
    if not survived:
        return
    beside = "; it could do anything" if _may_do_anything(changes) else ""
    print(f"{file} {function}: {len(survived)} of {len(changes)} survived{beside}")
    for change in survived:
        lines = get_diff_for_mutant(change.name, path=change.file).splitlines()
        before, after = (" ".join(line[1:].strip() for line in lines[2:] if line[0] == sign) for sign in "-+")
        print(f"    {before}\n    {after}    SHOW={change.name}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--run", folder, *only_tests]:
            run(folder, only_tests)
        case ["--show", change_name]:
            show(change_name)
        case [folder, *only_tests]:
            sys.exit(main(folder.rstrip("/"), only_tests))
        case _:
            sys.exit(__doc__)
