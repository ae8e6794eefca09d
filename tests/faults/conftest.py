"""What the sweeps came to, said at the end of the run."""

from __future__ import annotations

import pytest

from tests.faults.results import Swept

_SWEPT = pytest.StashKey[Swept]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SWEPT] = Swept()


@pytest.fixture
def swept(pytestconfig: pytest.Config) -> Swept:
    """The sum of all sweeps of this run."""
    return pytestconfig.stash[_SWEPT]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    swept = config.stash.get(_SWEPT, Swept())
    if swept.scenarios:
        terminalreporter.write_line("what was broken: stories, calls that failed, rules broken")
        for broken, row in sorted(swept.rows.items()):
            terminalreporter.write_line(f"  {broken}: {row.stories}, {row.injected}, {row.wrong}")
        terminalreporter.write_line(str(swept))
