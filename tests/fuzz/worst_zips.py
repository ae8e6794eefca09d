"""Reads the worst zips in a process of their own, with limits that the system enforces, and prints what each took.

    python -m tests.fuzz.worst_zips                  # a line of JSON for each

Note: following every allocation makes the reading several times slower. So each zip is read twice, once for the time
and once for the memory.
"""

from __future__ import annotations

import json
import resource
import sys

from tests.fuzz.hostile_zips import WORST, written
from tests.fuzz.measured_reads import planned

_MOST_SECONDS = 240
_MOST_MEMORY = 1024 * 1024 * 1024
"""Of the whole process, with Python, botocore, the AWS in memory and the zips themselves in it."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    planned(b"")  # what is loaded at the first request is loaded now
    for name in sys.argv[1:] or WORST:
        content = written(name)
        timed, traced = planned(content), planned(content, traced=True)
        found = {"zip": name, "length": len(content), "seconds": round(timed.seconds, 2), "peak": traced.peak}
        more = {"gets": timed.gets, "bytes": timed.bytes, "because": timed.because, "failures": timed.failures}
        sys.stdout.write(json.dumps({**found, **more}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
