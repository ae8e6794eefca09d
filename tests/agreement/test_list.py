"""The list of checks is one list, each check cites a fact that exists, and no fact of section 1 is forgotten."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.agreement import test_fake as of_the_fake
from tests.agreement.every import AREAS, CHECKS, PARAMETERS
from tests.agreement.facts import REFERENCES, SECTION_1, SECTIONS, WITHOUT_A_CHECK
from tests.agreement.listing import Check
from tests.local import test_agreement as of_the_embedded

FOLDER = Path(__file__).parent


def run_by(module: ModuleType) -> list[object]:
    """Returns what the one test of a module is run with."""
    (test,) = [found for name, found in vars(module).items() if name.startswith("test_")]
    (mark,) = test.pytestmark
    assert mark.args[0] == "check"
    return list(mark.args[1])


def test_both_run_the_very_same_list() -> None:
    assert run_by(of_the_fake) == run_by(of_the_embedded) == PARAMETERS
    assert [parameter.values[0] for parameter in PARAMETERS] == list(CHECKS)


def test_every_area_is_in_the_list() -> None:
    assert {path.stem for path in FOLDER.glob("checks_*.py")} == {area.__name__.rpartition(".")[2] for area in AREAS}
    names = [check.name for check in CHECKS]
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_has_the_number_of_its_fact_and_says_it_with_source_and_date(check: Check) -> None:
    assert check.fact in {*SECTION_1, *SECTIONS, *REFERENCES}
    assert check.fact not in WITHOUT_A_CHECK
    said, _, source = check.says.partition("Source: ")
    assert source
    # A year, or a release of what the source is a part of, or a standard, or an issue by its number.
    assert re.search(r"\b20\d\d\b|\b\d+\.\d+\.\d+\b|RFC \d+|#\d+", source), source
    assert said or len(source) > 20


def test_every_fact_of_section_1_has_a_check_or_says_why_it_has_none() -> None:
    """A failure prints the facts that are left."""
    assert len(SECTION_1) == len(set(SECTION_1)) > 40
    known = {*(check.fact for check in CHECKS), *WITHOUT_A_CHECK}
    assert [number for number in SECTION_1 if number not in known] == []
    assert [name for name in REFERENCES if name not in known] == []
    assert [number for number in WITHOUT_A_CHECK if number not in SECTION_1] == []


@pytest.mark.parametrize("path", sorted((FOLDER.parent / "cloud").glob("*.py")), ids=lambda path: path.name)
def test_the_aws_in_memory_cites_facts_that_exist(path: Path) -> None:
    cited = re.findall(r"\bfacts (\d+\.\d+)", path.read_text("utf-8"))
    assert [number for number in cited if number not in SECTIONS] == []
