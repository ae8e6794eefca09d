"""The demo, as a person runs it: its last line is true, and it leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys

from local.package import ROOT


def test_the_demo_tells_its_story_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.demo"], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["ok"] is True
    assert (last["promoted"], last["rolled_back"]) == (["1", "2", "4"], ["3", "5"])
    assert last["rolled_back_by"] == {"3": "alarm", "5": "errors"}
    assert max(last["evidence"]["2"], last["evidence"]["4"]) < 125 <= last["evidence"]["5"]
    assert (last["live"], last["previous"]) == ({"version": "4", "weights": {}}, "2")
    assert last["requests"] > 20 * 45
    assert 0 < last["errors"] < last["requests"] * 0.05
    assert last["seconds_total"] <= 120
    judged = [line for line in done.stdout.splitlines() if "  judged: v5 " in line]
    assert len(judged) > 1
    assert "rolls back at 125 to 1" in judged[0]
