"""``report`` writes how often and how fast a team deploys, as one page that runs nothing and needs no network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from cli.asking import parsing
from cli.asking.connection import Slipway
from cli.main import main
from cli.report.figures import History, Outcome, Period, four_keys, outcome, stays
from cli.report.page import Report, page
from controller.core.model import Phase
from tests.client.account import Account
from tests.client.told import ALL, FULL, SHORT
from tests.cloud.steps import QUICK, Ask, Drop, Live, Until
from tests.cloud.story import Story
from tests.drawn_page import Read
from tests.pages import ROOT

NOW = datetime(2026, 11, 24, 10, 1, 48, tzinfo=UTC)
PERIOD = Period(NOW - timedelta(days=28), NOW)
HOSTILE = '</style><script>window.hacked = 1</script><img src="http://127.0.0.1:9/x" onerror="window.hacked = 1">&{x}'
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def told(number: int, phase: str = "SUCCEEDED", took: int = 60, **changed: Any) -> dict[str, Any]:
    """Returns deployment #number of checkout as ``history`` lists it; each one begins a day before the next."""
    opened = NOW - timedelta(days=20 - number)
    ended = (opened + timedelta(minutes=took)).isoformat()
    plain = {
        **SHORT, "deployment": f"checkout:live#{number}", "phase": phase, "canary": str(number),
        "opened": opened.isoformat(), "since": ended, "ended": ended, "held_by": None, "until": None,
    }  # fmt: skip
    return {**plain, **changed}


def back(number: int, cause: str = "alarm", seconds: float | None = 4.2, **changed: Any) -> dict[str, Any]:
    reason = "alarm checkout-errors is firing"
    return told(number, "ROLLED_BACK", **{"cause": cause, "reason": reason, "seconds_to_restore": seconds, **changed})


def history(*deployments: Mapping[str, Any], is_whole: bool = True) -> History:
    found = parsing.deployments({"deployments": [*reversed(deployments)]})
    return History("checkout:live", found, is_whole)


def drawn(*histories: History) -> str:
    return page(Report(histories, PERIOD))


def read(page: str) -> Read:
    """Returns the page's body, as a browser reads it."""
    return Read(page.partition("</head>")[2].partition("</html>")[0])


def test_a_deployment_that_succeeded_counts_for_frequency_and_lead_time() -> None:
    keys = four_keys([history(told(1, took=30), told(2, took=60), told(3, took=90), told(4, took=600))], PERIOD)
    assert (keys.live, keys.a_week, keys.lead_time) == (4, 1.0, timedelta(minutes=75))


def test_a_rollback_counts_for_failures_and_for_the_time_to_restore() -> None:
    keys = four_keys([history(told(1), back(2, seconds=3.0), told(3), back(4, "requested", seconds=9.0))], PERIOD)
    assert (keys.changes, keys.failures, keys.failure_rate) == (4, 2, 0.5)
    assert (keys.time_to_restore, keys.longest_restore) == (timedelta(seconds=6), timedelta(seconds=9))


def test_a_version_that_succeeded_and_was_brought_back_later_is_one_change_that_failed() -> None:
    keys = four_keys([history(told(1), told(2), back(3, "requested", canary="2"))], PERIOD)
    assert (keys.live, keys.changes, keys.failures) == (2, 2, 1)


@pytest.mark.parametrize("cause", ["drill", "superseded", "no_traffic", "unanswered", "deadline"])
def test_a_rollback_that_is_not_the_versions_fault_is_no_failure(cause: str) -> None:
    keys = four_keys([history(told(1), back(2, cause))], PERIOD)
    assert (keys.changes, keys.failures, keys.restores) == (1, 0, 0)


def test_a_failure_before_traffic_is_no_change_that_failed() -> None:
    failed = told(2, "FAILED", cause="test_failed")
    assert four_keys([history(told(1), failed)], PERIOD).failure_rate == 0.0
    assert outcome(history(failed).deployments[0]) is Outcome.FAILED


def test_equal_version_numbers_of_two_functions_are_two_changes() -> None:
    other = History("stock:live", parsing.deployments({"deployments": [told(1, deployment="stock:live#1")]}))
    assert four_keys([history(back(1)), other], PERIOD).failure_rate == 0.5


def test_what_ended_before_the_period_and_what_is_open_do_not_count() -> None:
    keys = four_keys([history(told(-20), told(19, "SHIFTING", ended=None))], PERIOD)
    assert (keys.live, keys.changes, keys.lead_time, keys.time_to_restore) == (0, 0, None, None)


def test_answers_without_the_newer_members_are_read() -> None:
    old = {
        "deployment": "checkout:live#1", "phase": "SUCCEEDED", "since": NOW.isoformat(), "artifact": "checkout/v1.zip",
        "stable": None, "canary": "1", "reason": None, "cause": None,
    }  # fmt: skip
    keys = four_keys([history(old)], PERIOD)
    assert (keys.live, keys.lead_time) == (1, None)
    assert "checkout/v1.zip" in read(drawn(history(old))).text


def test_phases_are_read_from_the_timeline() -> None:
    at = [(NOW + timedelta(minutes=minute)).isoformat() for minute in range(5)]
    words = ("accepted", "TESTING: version 5", "SHIFTING: 10% to version 5", "10% confirmed", "SUCCEEDED: done")
    timeline = [{"at": moment, "text": text} for moment, text in zip(at, words, strict=True)]
    found = stays(history(told(5, opened=at[0], timeline=timeline)).deployments[0])
    lasted = [(each.phase, (each.ended or NOW) - each.began) for each in found]
    minutes = [("PREPARING", 1), ("TESTING", 1), ("SHIFTING", 2)]
    assert lasted == [(phase, timedelta(minutes=count)) for phase, count in minutes]


def test_the_page_says_the_four_keys_and_each_rollback_with_its_seconds() -> None:
    text = read(drawn(history(told(1), back(2)))).text
    for words in ("0.2 a week", "1h", "50%", "1 of 2 versions", "4.2 s", "alarm checkout-errors is firing", "alice"):
        assert words in text
    assert text.count("checkout:live#") == 2


def test_hostile_texts_are_shown_and_build_no_element() -> None:
    hostile = history(back(1, deployment=f"{HOSTILE}:live#1", reason=HOSTILE, who=HOSTILE, artifact=HOSTILE))
    text = page(Report((History(HOSTILE, hostile.deployments),), PERIOD))
    body = read(text)
    assert {name for name, _ in body.elements}.isdisjoint({"script", "img", "style"})
    assert body.text.count("window.hacked") >= 4
    assert text.count("</style>") == text.count("</head>") == 1


def test_an_empty_history_says_so() -> None:
    text = read(drawn(history())).text
    assert "No deployment of checkout:live in this period." in text
    assert text.count("none yet") == 3


def test_a_report_of_all_without_any_target_says_so() -> None:
    assert "No target is known; name one." in read(drawn()).text


def test_the_page_says_what_it_does_not_cover() -> None:
    text = read(drawn(history(told(3), is_whole=False))).text
    assert "only the newest 1 deployments could be read, back to 2026-11-07" in text


@dataclass
class Controller:
    """Answers with literals; ``pages`` are those of ``history`` of a target, ``ended`` those of all, by ``before``."""

    pages: dict[object, list[dict[str, Any]]]
    before: bool = True
    ended: dict[object, list[dict[str, Any]]] = field(default_factory=lambda: {None: []})
    asked: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def ask(self, request: str, members: Mapping[str, object]) -> Mapping[str, object]:
        self.asked.append((request, members))
        if request == "status":
            return ALL
        if request == "show":
            every = {each["deployment"]: each for page in self.pages.values() for each in page}
            return {"ok": True, "deployment": every[members["function"]]}
        if "before" in members and not self.before:
            return {"ok": False, "error": "unknown member before"}
        if "function" not in members:
            return {"ok": True, "deployments": self.ended[members.get("before")]}
        listed = self.pages[members.get("before")]
        return {"ok": True, "target": f"{members['function']}:live", "deployments": listed}

    def run(self, *arguments: str) -> int:
        return main(("report", *arguments), lambda _: cast("Slipway", self), {})


def many(numbers: Iterable[int]) -> list[dict[str, Any]]:
    return [told(number, deployment=f"checkout:live#{number}", opened=NOW.isoformat()) for number in numbers]


def test_a_long_history_is_read_page_by_page(capsys: pytest.CaptureFixture[str]) -> None:
    recent = [{**each, "ended": NOW.isoformat()} for each in many(range(250, 0, -1))]
    pages: dict[object, list[dict[str, Any]]] = {
        None: recent[:100], "checkout:live#151": recent[100:200], "checkout:live#51": recent[200:],
    }  # fmt: skip
    assert Controller(pages).run("checkout", "--json") == 0
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    assert (target["whole"], target["four_keys"]["live"], len(target["deployments"])) == (True, 250, 250)


def test_a_controller_that_reads_no_further_is_told_on_the_page(tmp_path: Path) -> None:
    recent = [{**each, "ended": NOW.isoformat()} for each in many(range(250, 150, -1))]
    file = tmp_path / "page.html"
    assert Controller({None: recent}, before=False).run("checkout", "--output", str(file)) == 0
    assert "only the newest 100 deployments could be read" in file.read_text("utf-8")


def test_all_are_those_of_the_command_line_those_that_are_open_and_those_that_ended_in_the_period(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quiet = told(1, deployment="quiet:live#1")
    asked = Controller({None: []}, ended={None: [quiet] * 100, "quiet:live#1": [told(1, deployment="cart:live#1")]})
    assert asked.run("--all", "search", "--json", "--days", "28") == 0
    targets = [each["target"] for each in json.loads(capsys.readouterr().out)["targets"]]
    assert targets == ["search:live", "cart:live", "checkout:live", "quiet:live", "stock:live"]
    assert ("history", {"limit": 100, "from": "2026-10-27T10:01:48+00:00", "before": "quiet:live#1"}) in asked.asked


def test_neither_a_function_nor_all_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Controller({}).run()
    assert ended.value.code == 2
    assert "FUNCTION, or --all" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Controller({None: []}).run("checkout", "--output", str(tmp_path / "no" / "page.html")) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_the_controllers_own_answers_make_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story().play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING), Ask("rollback")]).to_the_end()
    story.play([Drop("v3", QUICK)]).to_the_end()
    file = tmp_path / "page.html"
    assert Account(story).run("report", "--all", "--output", str(file)) == 0
    assert "deployment frequency 0.2 a week" in capsys.readouterr().out
    text = read(file.read_text("utf-8")).text
    for words in ("Deployments of checkout:live", "1 of 2 versions", "rolled back", "shifting", "preparing"):
        assert words in text


def test_a_target_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert Account(Story().play([Live("v1")])).run("report", "nobody") == 1
    assert "nobody knows nobody:live" in capsys.readouterr().err


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; apt-get install chromium")
@pytest.mark.parametrize("look", LOOKS)
def test_a_browser_shows_the_page_and_asks_nobody(look: Literal["light", "dark"], tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright  # it starts a driver, which skipped tests do without

    at = [(NOW - timedelta(days=14) + timedelta(minutes=minute)).isoformat() for minute in (0, 2, 4, 59, 60)]
    words = ("accepted", "TESTING: version 6", "SHIFTING: 10% to version 6", "ROLLING_BACK: to 4", "ROLLED_BACK: back")
    timeline = [{"at": moment, "text": text} for moment, text in zip(at, words, strict=True)]
    bad = back(6, "errors", timeline=timeline, errors=FULL["errors"], reason="version 6 fails more requests than 4")
    drill = back(8, "drill", seconds=3.1, reason="drill: the way back was rehearsed")
    file = tmp_path / "page.html"
    some = (told(1), told(4, took=90), bad, drill, told(9, "FAILED", 5, cause="test_failed", reason=HOSTILE))
    file.write_text(drawn(history(*some, told(15), told(19, "BAKING", ended=None))), "utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(color_scheme=look, viewport={"width": 1200, "height": 900})
        asked: list[str] = []
        troubles: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.on("console", lambda message: troubles.append(message.text))
        shown.on("pageerror", lambda error: troubles.append(str(error)))
        shown.goto(file.as_uri())
        pictures = ROOT / ".build" / "docs"
        pictures.mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=pictures / f"report-{look}.png", full_page=True)
        ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        bars = shown.locator("svg .bar").count()
        fits = shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hacked = shown.evaluate("window.hacked")
        browser.close()
    assert (asked, troubles, hacked) == ([file.as_uri()], [], None)
    assert (bars, fits) == (7, True)
    assert ground == {"light": "rgb(245, 246, 248)", "dark": "rgb(13, 18, 25)"}[look]
