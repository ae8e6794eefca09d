"""The controller deploys itself, as a person has it shown by ``make demo-self``: every drop ends on one that works.

How each drop must end is checked by ``local.demo_self.outcome``; a problem is an exit status of 1.
"""

from __future__ import annotations

import json
import subprocess
import sys

from local.package import ROOT


def test_the_controller_deploys_itself_good_and_broken_and_each_drop_ends_on_one_that_works() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.demo_self"], cwd=ROOT, capture_output=True, text=True, timeout=480, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["ok"] is True
    assert {
        name: (found["controller"], found["cause"], found["function"]) for name, found in last["drops"].items()
    } == {
        "good": ("SUCCEEDED", "promoted", "SUCCEEDED"),
        "fails-on-import": ("FAILED", "test_failed", "SUCCEEDED"),
        "fails-on-ticks": ("ROLLED_BACK", "alarm", "SUCCEEDED"),
        "cannot-roll-back": ("ROLLED_BACK", "alarm", "ROLLED_BACK"),
        "stops-starting": ("ROLLED_BACK", "alarm", "SUCCEEDED"),
    }
    assert {found["answers_status"] for found in last["drops"].values()} == {"2"}
    assert last["seconds_total"] <= 240
