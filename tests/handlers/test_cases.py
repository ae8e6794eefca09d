"""Each row of the tables: what the controller says is what the runtime does."""

from __future__ import annotations

import pytest

from controller.core.artifact.handlers import handler_files, lacks_handler
from tests.handlers import compiled_cases, nodejs_cases, python_cases, ruby_cases
from tests.handlers.case import Case, Refused

CASES = (*python_cases.CASES, *nodejs_cases.CASES, *ruby_cases.CASES, *compiled_cases.CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_handler_is_judged_as_its_runtime_loads_it(case: Case) -> None:
    because = lacks_handler(case.archive, case.startup)
    if isinstance(case.expected, Refused):
        assert because is not None
        assert case.expected.words in because
    else:
        assert because is None


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_files_that_the_runtime_loads_are_named(case: Case) -> None:
    assert handler_files(case.archive, case.startup) == case.loaded


def test_each_row_is_there_once_and_has_a_source() -> None:
    assert len(set(map(str, CASES))) == len(CASES)
    assert all(case.source for case in CASES)
