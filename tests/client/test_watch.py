"""``watch`` shows one deployment to its end, or all that are open until somebody ends it."""

from __future__ import annotations

import json
import re

import pytest

from controller.core.model import Phase
from tests.client.account import Account
from tests.cloud.steps import QUICK, Ask, Drop, Live, Minutes, Until
from tests.cloud.story import Story


@pytest.fixture
def account() -> Account:
    """checkout is being shifted from version 1 to version 2."""
    return Account(Story().play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING)]))


def test_a_deployment_is_shown_until_it_succeeds(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("watch", "checkout") == 0
    printed = capsys.readouterr().out
    shares = [printed.index(text) for text in ("80 % v1, 20 % v2", "40 % v1, 60 % v2", "100 % v2")]
    assert shares == sorted(shares)
    assert printed.splitlines()[-1].endswith("checkout:live#1 ended as SUCCEEDED")


def test_a_deployment_that_comes_back_is_1(account: Account) -> None:
    account.pauses = iter([lambda: account.story.play([Ask("rollback")])])
    assert account.run("watch", "checkout") == 1


def test_a_number_names_one_that_may_have_ended(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.story.play([Ask("rollback")]).to_the_end()
    account.story.play([Drop("v3"), Until(Phase.SHIFTING)])
    assert account.run("watch", "checkout#1") == 1
    assert "checkout:live#1 ended as ROLLED_BACK" in capsys.readouterr().out


def test_one_whose_place_a_newer_one_took_meanwhile_is_told_to_its_end(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.pauses = iter([lambda: account.story.play([Drop("v3"), *[Minutes(1)] * 3])])
    assert account.run("watch", "checkout") == 1
    printed = capsys.readouterr().out
    assert "ROLLED_BACK: version 1 serves" in printed
    assert "checkout:live#1 ended as ROLLED_BACK: the newer deployment #2 takes its place" in printed


def test_a_number_that_is_none_is_told_at_once(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("watch", "checkout#7") == 3
    assert "there is no deployment checkout:live#7" in capsys.readouterr().err


def test_json_is_the_end_and_nothing_else(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("watch", "checkout", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["ok"], printed["deployment"], printed["phase"]) == (True, "checkout:live#1", "SUCCEEDED")


def test_whoever_ends_a_watch_hears_that_the_deployment_goes_on(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.pauses = iter([interrupted])
    assert account.run("watch", "checkout") == 130
    assert "whatever was begun goes on" in capsys.readouterr().err


def interrupted() -> None:
    raise KeyboardInterrupt


def test_with_none_open_the_next_one_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(Story().play([Live("v1")]))
    account.pauses = iter([lambda: None, lambda: account.story.play([Drop("v2", QUICK)])])
    assert account.run("watch", "checkout") == 0
    printed = capsys.readouterr().out
    assert printed.count("no deployment is open; waiting") == 1
    assert "checkout:live#1 ended as SUCCEEDED" in printed


def test_the_first_deployment_of_a_function_that_nobody_knows_is_waited_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = Account()
    account.pauses = iter([lambda: None, lambda: account.story.play([Drop("v1", QUICK), Until(Phase.SUCCEEDED)])])
    assert account.run("watch", "checkout") == 0
    printed = capsys.readouterr().out
    assert printed.count("nothing of it is recorded yet; waiting") == 1
    assert "checkout:live#1 ended as SUCCEEDED" in printed


def test_so_is_one_that_ends_before_anybody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account()
    account.pauses = iter([lambda: account.story.play([Drop("v1", {"strategy": {"steps": 1}})])])
    assert account.run("watch", "checkout") == 1
    assert "checkout:live#1 ended as FAILED" in capsys.readouterr().out


def test_a_name_of_which_nothing_comes_is_waited_for_ten_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account()
    account.pauses = iter([lambda: None] * 400)
    assert account.run("watch", "chekout") == 3
    assert "in ten minutes nothing of chekout was recorded: check the name" in capsys.readouterr().err


def test_a_short_outage_does_not_end_a_watch(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    both = {"slipway-viewer", "slipway-controller:live", "slipway-controller:previous"}
    account.pauses = iter([lambda: account.broken.update(both), lambda: None, account.broken.clear])
    assert account.run("watch", "checkout") == 0
    assert "asking again in 2 s: slipway-controller:previous failed" in capsys.readouterr().out


def test_a_long_outage_ends_a_watch_after_minutes_and_says_that_the_deployment_goes_on(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    both = {"slipway-viewer", "slipway-controller:live", "slipway-controller:previous"}
    account.pauses = iter([lambda: account.broken.update(both), *[lambda: None] * 20])
    assert account.run("watch", "checkout") == 3
    printed = capsys.readouterr()
    waits = [float(wait) for wait in re.findall(r"asking again in (\d+) s", printed.out)]
    assert sum(waits) > 200
    assert "whatever was begun goes on, and `slipway watch` shows it again" in printed.err


def test_a_watch_of_everything_outlives_an_outage_too(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    both = {"slipway-viewer", "slipway-controller:live", "slipway-controller:previous"}
    account.pauses = iter(
        [lambda: account.broken.update(both), account.broken.clear, account.story.minute, interrupted]
    )
    assert account.run("watch") == 0
    assert "asking again in 2 s" in capsys.readouterr().err


def test_all_that_are_open_have_a_line_for_each_change(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.pauses = iter([*[account.story.minute] * 4, interrupted])
    assert account.run("watch") == 0
    lines = [line.partition("checkout:live#1  ")[2] for line in capsys.readouterr().out.splitlines()]
    assert [line.split("%")[0] for line in lines] == ["SHIFTING  20", "SHIFTING  60", "BAKING  100"]
