"""The one list of all checks, by area. Both AWSes run it whole."""

from __future__ import annotations

import pytest

from tests.agreement import (
    checks_alarms,
    checks_aliases,
    checks_deletion,
    checks_events,
    checks_invocations,
    checks_metrics,
    checks_publishing,
    checks_readiness,
    checks_revisions,
    checks_routing,
    checks_states,
    checks_storage,
    checks_table,
)
from tests.agreement.listing import checks_of

AREAS = (
    checks_routing,
    checks_aliases,
    checks_publishing,
    checks_revisions,
    checks_states,
    checks_deletion,
    checks_invocations,
    checks_readiness,
    checks_metrics,
    checks_alarms,
    checks_storage,
    checks_events,
    checks_table,
)
CHECKS = tuple(check for area in AREAS for check in checks_of(area))
PARAMETERS = [
    pytest.param(check, id=check.id, marks=[pytest.mark.unverified] if check.unverified else []) for check in CHECKS
]
