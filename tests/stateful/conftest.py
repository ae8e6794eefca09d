"""How far the walks went, said at the end of the run."""

from __future__ import annotations

import pytest

from tests.stateful.walk import Walked

_WALKED = pytest.StashKey[Walked]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_WALKED] = Walked()


@pytest.fixture
def walked(pytestconfig: pytest.Config) -> Walked:
    """The sum of all walks of this run."""
    return pytestconfig.stash[_WALKED]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    walked = config.stash.get(_WALKED, Walked())
    if walked.walks:
        terminalreporter.write_line(str(walked))
