"""How many walks are taken, and with which seeds.

``make test`` takes the same walks every time: a failure there is a failure of the change at hand. ``make walks`` takes
``TIMES`` as many, others every time, and remembers in ``.build/hypothesis`` what failed.

Note: walks are counted, never seconds.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

from tests import hypothesis_settings

TIMES = int(os.environ.get("SLIPWAY_WALK_TIMES") or "0")
"""0: the same walks every time."""


def tried(walks: int, steps: int) -> settings:
    """Returns how a machine is to be tried that takes that many walks of that many steps in ``make test``."""
    return hypothesis_settings.tried(
        walks * (TIMES or 1),
        anew=bool(TIMES),
        stateful_step_count=steps,
        # What went wrong is shortened as a list of steps: see shrinking.py.
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
