"""Prints the table, and a last line of JSON for programs. The exit status is 1 where a bar does not hold."""

from __future__ import annotations

import json
import sys

from bench import alarm_path, artifact_check, busy_tick, cold_start, packages, quiet_tick
from bench.environment import isolate
from bench.load import alarm_storm, judged_ticks, one_deployment, overlapping_ticks, upload_flood
from bench.row import table, verdict


def main() -> int:
    """Measures everything; the counts first, while nothing has warmed up."""
    isolate()
    rows = [
        *alarm_path.counted(),
        *alarm_path.timed(),
        *cold_start.measured(),
        artifact_check.measured(),
        quiet_tick.counted(),
        busy_tick.counted(),
        one_deployment.counted(),
        judged_ticks.judged_row(judged_ticks.played(3_000)),
        alarm_storm.one_alarm(),
        alarm_storm.judged_row(alarm_storm.played(100, 0)),
        alarm_storm.judged_row(alarm_storm.played(1_000, 60)),
        overlapping_ticks.judged_row(overlapping_ticks.played(300)),
        upload_flood.judged_row(upload_flood.played(200)),
        packages.size(),
    ]
    result = verdict(rows)
    sys.stdout.write(f"{table(rows)}{json.dumps(result)}\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
