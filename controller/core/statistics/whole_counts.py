"""All requests of a shift judged once, by the counts of both versions, when none of them can change any more.

Looks judge errors when they come and need no counts of requests. A canary whose requests fail only after minutes has
hardly any errors by then. When the last request of the shift must have ended, its counts are complete, and one test of
them all finds what came late.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from controller.core.statistics.sequential_evidence import RATIOS, Minute, log_likelihood_ratio


def odds(strata: Sequence[Minute], power: float) -> float:
    """Returns the evidence of the whole shift as odds: the mean over ``RATIOS`` of the likelihood ratio to ``power``.

    Each stratum is what the minutes of one step came to. Within a step a request's version does not depend on when it
    came, so a rate of errors that drifts hurts both alike; over two steps of different weights that is not so.
    """
    logs = [power * sum(log_likelihood_ratio(each, ratio) for each in strata) for ratio in RATIOS]
    return sum(math.exp(min(log, 500.0)) for log in logs) / len(logs)
