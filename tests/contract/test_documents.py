"""The pages beside the README are true: their links lead somewhere, and what they show works."""

from __future__ import annotations

import re
import runpy
from datetime import timedelta
from pathlib import Path

import pytest

from controller.core.model import Phase
from controller.reconcile import emergency_rollback
from tests.agreement.fake import FakeAccount
from tests.agreement.listing import Check
from tests.builders import NOW, ROUTINGS, confirmed, seen
from tests.cloud.steps import Scenario
from tests.faults.scenarios import ALL
from tests.pages import Block, blocks

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TESTS = ROOT / "tests" / "README.md"
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), TESTS]
FRIDAY = NOW + timedelta(days=(4 - NOW.weekday()) % 7)
SHIFTING, SEEN = confirmed(Phase.SHIFTING), seen(ROUTINGS[Phase.SHIFTING])


def headings(page: Path) -> set[str]:
    """Returns the anchors of a page, as GitHub makes them of its headings."""
    names = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", name.lower()).replace(" ", "-") for name in names}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_or_a_heading(page: Path) -> None:
    links = re.findall(r"\]\((?!https://)([^)#]*)(?:#([^)]+))?\)", page.read_text("utf-8"))
    ends = [(page.parent / file if file else page, anchor) for file, anchor in links]
    assert [file for file, _ in ends if not file.exists()] == []
    assert [(file, anchor) for file, anchor in ends if anchor and anchor not in headings(file)] == []


def test_the_page_has_the_ways_back_of_the_code_in_their_order() -> None:
    table = (emergency_rollback.__doc__ or "").partition("writes\n")[2].partition("\n\n")[0]
    ways = [re.split(r" {2,}", line.strip()) for line in table.splitlines()]
    page = (ROOT / "docs" / "explain" / "how-it-works.md").read_text("utf-8").partition("## Six ways back")[2]
    shown = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")][2:]
    assert [writes.replace("the ", "") for *_, writes in shown] == [writes.replace("the ", "") for *_, writes in ways]
    assert [when.split()[:2] for when, *_ in shown] == [when.split()[:2] for when, *_ in ways]


def test_the_gate_of_the_exercise_holds_on_friday_afternoons(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    (gate,) = (block for block in blocks if "def holds" in block)
    (tmp_path / "fridays.py").write_text(gate, "utf-8")
    holds = runpy.run_path(str(tmp_path / "fridays.py"))["holds"]
    said = [holds(SHIFTING, SEEN, moment) for moment in (FRIDAY.replace(hour=9), FRIDAY.replace(hour=13))]
    assert said == [None, "it is Friday afternoon; send promote to go on"]


def test_every_file_that_the_exercise_names_is_there() -> None:
    named = re.findall(r"`([a-z_/]+\.(?:py|toml|json))`", CONTRIBUTING)
    known = {path.name for path in ROOT.glob("controller/**/*.py")} | {"pyproject.toml"}
    assert {Path(name).name for name in named} - known == {"fridays.py"}


# -- tests/README.md --------------------------------------------------------------------------------------------------

EXAMPLES = [each for each in blocks("tests/README.md", TESTS.read_text("utf-8")) if each.language == "python"]


def test_the_page_of_the_tests_names_every_folder() -> None:
    folders = {path.relative_to(TESTS.parent).parts[0] for path in TESTS.parent.glob("*/**/*.*")}
    named = set(re.findall(r"^\| .+ \| \[(\w+)\]\(\1\) \| ", TESTS.read_text("utf-8"), re.MULTILINE))
    assert named == folders - {"__pycache__"}


def test_its_commands_name_what_is_there() -> None:
    (commands,) = (each.text for each in blocks("tests/README.md", TESTS.read_text("utf-8")) if each.language == "sh")
    file, words, scenarios = re.findall(r"pytest (tests/\S+)|-k (\w+) tests/unit|tests\.faults (.*?)  ", commands)
    assert (ROOT / file[0]).is_file()
    assert any(f"{words[1]}(" in path.read_text("utf-8") for path in (ROOT / "tests" / "unit").glob("test_*.py"))
    assert any(scenarios[2] in scenario.name for scenario in ALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_of_a_test_passes(example: Block, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(example.text, "utf-8")
    found = runpy.run_path(str(tmp_path / "example.py"))
    tests = [value for name, value in found.items() if name.startswith("test_")]
    checks = [value for value in found.values() if isinstance(value, Check)]
    scenarios = [value for value in found.values() if isinstance(value, Scenario)]
    assert len(tests + checks + scenarios) == 1
    for test in tests:
        test()
    for check in checks:
        check.ask(FakeAccount())
    for scenario in scenarios:
        assert scenario.wrong(scenario.begun().to_the_end()) == []
