"""The probe: a function that does what it is asked, where it is the version that is asked.

{"2": "hang"}    version 2 sleeps into its timeout; every other version answers
{"2": "raise"}   version 2 raises
"""

from __future__ import annotations

import time
from typing import Any


def handler(event: dict[str, str], context: Any) -> dict[str, str]:
    match event.get(context.function_version):
        case "hang":
            time.sleep(900)
        case "raise":
            raise RuntimeError("the probe was asked to fail")
    time.sleep(0.005)  # so that the shortest request takes more than a millisecond
    return {"version": context.function_version}
