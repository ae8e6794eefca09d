"""Says at the end of a run how many facts are checked, and which of section 1 are not."""

from __future__ import annotations

import pytest

from tests.agreement.every import CHECKS
from tests.agreement.facts import WITHOUT_A_CHECK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints two lines: of the list, and of what is not in it."""
    unverified = sum(bool(check.unverified) for check in CHECKS)
    counted = f"{len(CHECKS)} checks of {len({check.fact for check in CHECKS})} facts, {unverified} of them unverified"
    terminalreporter.write_line(f"agreement with AWS: {counted}")
    terminalreporter.write_line(f"facts of section 1 without a check: {', '.join(WITHOUT_A_CHECK)}")
