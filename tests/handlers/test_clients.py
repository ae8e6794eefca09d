"""The rows of the tables, asked of the runtimes' own clients. Skipped where ``make clients`` has not installed them.

What is compiled is not asked: the files here are no real ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handlers import clients, nodejs_cases, python_cases, ruby_cases
from tests.handlers.case import Case, Refused
from tests.handlers.clients import Client

COMPILED = (".so", ".pyc")


def asked(cases: tuple[Case, ...], runtime: str) -> list[Case]:
    """Returns the rows that a client can answer: those about the zip alone."""
    return [
        case
        for case in cases
        if case.runtime.startswith(runtime)
        and case.is_asked
        and case.expected is not None
        and not case.has_layers
        and not case.variables
        and not any(file.endswith(COMPILED) for file in case.loaded)
    ]


def check(client: Client | None, case: Case, folder: Path) -> None:
    if client is None:
        pytest.skip("the runtime's client is not on this machine: make clients installs those that are asked")
    problem = client.problem(case, folder)
    assert (problem is not None) == isinstance(case.expected, Refused), problem


@pytest.mark.parametrize("case", asked(python_cases.CASES, "python"), ids=str)
def test_pythons_client_says_the_same(case: Case, tmp_path: Path) -> None:
    check(clients.python(), case, tmp_path)


@pytest.mark.parametrize(
    "case", [*asked(nodejs_cases.CASES, "nodejs20"), *asked(nodejs_cases.CASES, "nodejs22")], ids=str
)
def test_the_client_of_node_22_and_before_says_the_same(case: Case, tmp_path: Path) -> None:
    check(clients.node(22), case, tmp_path)


@pytest.mark.parametrize("case", asked(nodejs_cases.CASES, "nodejs24"), ids=str)
def test_the_client_of_node_24_says_the_same(case: Case, tmp_path: Path) -> None:
    check(clients.node(24), case, tmp_path)


@pytest.mark.parametrize("case", asked(ruby_cases.CASES, "ruby"), ids=str)
def test_rubys_client_says_the_same(case: Case, tmp_path: Path) -> None:
    check(clients.ruby(), case, tmp_path)
