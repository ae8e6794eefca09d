"""The pages beside the README are true: their links lead somewhere, and what they show works."""

from __future__ import annotations

import re
import runpy
from datetime import timedelta
from pathlib import Path

import pytest

from controller.core.model import Phase
from tests.builders import NOW, ROUTINGS, confirmed, seen

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
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
