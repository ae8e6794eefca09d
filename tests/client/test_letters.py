"""What became of dead letters is told in sentences."""

from __future__ import annotations

import pytest

from tests.client.account import Account
from tests.cloud.scene import Scene


@pytest.fixture
def account() -> Account:
    """A live function."""
    return Account(Scene().given_live())


def test_what_was_handled_says_what_it_did(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(account.story, Scene)
    account.story.puts("v2")
    account.story.cloud.dead_letters.put(account.story.upload("v2"), "the table did not answer")
    assert account.run("redrive") == 0
    printed = capsys.readouterr().out
    assert "1 of 1 dead letters handled" in printed
    assert "handled: upload: checkout:live#1 is SHIFTING" in printed
    assert "failed by: the table did not answer" in printed


def test_what_stays_says_why_and_what_it_was(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.story.cloud.dead_letters.put({"request": "promote", "function": "checkout"}, "timed out")
    assert account.run("redrive") == 0
    printed = capsys.readouterr().out
    assert "0 of 1 dead letters handled" in printed
    assert "still there: a person's request is not carried out again" in printed
    assert '{"request": "promote", "function": "checkout"}' in printed
    assert "about 1 are left in the queue" in printed


def test_none_is_said(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("redrive") == 0
    assert capsys.readouterr().out == "there is no dead letter\n"
