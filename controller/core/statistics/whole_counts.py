"""All requests of a shift judged once by the counts of both versions, after the last of them must have ended.

Looks judge errors as they come, without counts of requests. If a canary's requests fail only after minutes, a look
finds hardly any errors. Once the shift's last request must have ended, its counts are complete, and one test of all
counts finds the late errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from controller.core.statistics.sequential_evidence import RATIOS, Minute, log_likelihood_ratio


def odds(strata: Sequence[Minute], power: float) -> float:
    """Returns the evidence of the whole shift as odds: the mean over ``RATIOS`` of the likelihood ratio to ``power``.

    Each stratum has the counts of one step. Within a step a request's version does not depend on its time, so a
    drifting error rate hurts both versions alike; across steps of different weights this would be untrue.
    """
    logs = [power * sum(log_likelihood_ratio(each, ratio) for each in strata) for ratio in RATIOS]
    return sum(math.exp(min(log, 500.0)) for log in logs) / len(logs)
