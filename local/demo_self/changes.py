"""The controller's package with a change in it: what is dropped, good and broken.

A change stands at the end of the door's file. So all else of the package is what is deployed anyway, its tests too, but
for a manifest that takes seconds and not an hour.

Note: whatever cannot be imported fails its tests, too. The version that stops starting reads an object as it is
imported, which somebody deletes later; a process that runs already does not notice.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DOOR = "controller/app.py"
_DOORS_BYTECODE = "controller/__pycache__/app."
MANIFEST = "slipway.json"
LICENCE = "licence.txt"
"""An object beside the controller's zips; one version needs it to start."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is dropped: a name, what it does in a sentence, lines for the door, and how it shifts. ``{bucket}`` and
    ``{key}`` in them stand for the licence.
    """

    name: str
    does: str
    source: str
    steps: tuple[int, ...] = ()
    bake: str = "1m"


GOOD = Change("good", "does the same as before", "# good", (50,), "2s")
FAILS_ON_IMPORT = Change("fails-on-import", "cannot be imported", "raise RuntimeError('cannot be imported')")
FAILS_ON_TICKS = Change(
    "fails-on-ticks",
    "passes its tests and fails on every tick",
    """
from controller.reconcile.ticks.tick import Ticks
def _fails_on_ticks(self, time_left):
    raise RuntimeError("ticks are beyond me")
assert Ticks._walk, "what is to fail is there"
Ticks._walk = _fails_on_ticks
""",
)
CANNOT_ROLL_BACK = Change(
    "cannot-roll-back",
    "does all but bring traffic back",
    """
from controller.core.lifecycle import plan
from controller.core.model import Phase
from controller.reconcile.emergency_rollback import EmergencyRollback
def _fails_to_roll_back(*given, **more):
    raise RuntimeError("rolling back is beyond me")
EmergencyRollback.from_alarm = plan._PLANS[Phase.ROLLING_BACK] = _fails_to_roll_back
""",
)
STOPS_STARTING = Change(
    "stops-starting",
    "reads a licence when it is imported, and that is deleted in its bake",
    """
import boto3
boto3.client("s3").head_object(Bucket="{bucket}", Key="{key}")
""",
)


def changed(package: Path, source: str, sections: Mapping[str, object]) -> bytes:
    """Returns the package with ``source`` at the end of its door's file, and these sections in its manifest.

    The door's bytecode is left out: Python takes bytecode with unchecked hashes for the file, whatever is in the file.
    """
    with zipfile.ZipFile(package) as archive:
        entries = [entry for entry in archive.infolist() if not entry.filename.startswith(_DOORS_BYTECODE)]
        files = {entry.filename: archive.read(entry) for entry in entries}
    files[DOOR] += source.encode()
    files[MANIFEST] = json.dumps({**json.loads(files[MANIFEST]), **sections}).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in entries:
            archive.writestr(entry, files[entry.filename])  # with its mode: Lambda has to read it
    return buffer.getvalue()


def quick(steps: tuple[int, ...], bake: str) -> Mapping[str, object]:
    """Returns sections of a manifest that takes seconds: little comes to a controller besides its ticks."""
    return {
        "strategy": {"steps": [{"weight": weight, "hold": "2s"} for weight in steps], "bake": bake},
        "gates": {"min_invocations": 1, "no_traffic": {"wait": "60s", "then": "rollback"}},
    }
