"""Every request of the schema is a subcommand; its answer is shown, and its exit status is one for pipelines."""

from __future__ import annotations

import getpass
import json

import pytest

from cli.asking import schema
from cli.commands import parser
from cli.main import main
from controller.core.model import Phase
from tests.client.account import Account
from tests.cloud.steps import QUICK, Ask, Drop, Live, Minutes, Until
from tests.cloud.story import Story
from tests.pages import ROOT


@pytest.fixture
def account() -> Account:
    """checkout is being shifted from version 1 to version 2."""
    return Account(Story().play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING)]))


@pytest.mark.parametrize("request_", schema.requests(), ids=lambda found: found.word)
def test_a_request_of_the_schema_is_a_subcommand(request_: schema.Request, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([request_.command, "--help"])
    assert ended.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert request_.description in printed
    lacking = [member.name for member in request_.members if member.description not in printed]
    assert lacking in ([], ["bucket"])  # the client names the stack's own


def test_status_shows_what_is_open_with_its_share_and_why_it_waits(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("status") == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("checkout:live#1"))
    assert "SHIFTING  v1->v2    20%      1/2   hold for another" in row


def test_status_of_one_shows_what_serves_and_the_timeline(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("status", "checkout") == 0
    printed = capsys.readouterr().out
    for text in ("80 % v1, 20 % v2", "held by", "hold for another", "timeline", "SHIFTING"):
        assert text in printed


def test_a_request_that_acts_is_carried_out_and_says_what_became_of_it(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("pause", "checkout") == 0
    assert "paused" in capsys.readouterr().out
    assert account.asked[-1][0] == "slipway-controller:live"


def test_a_refusal_is_told_on_standard_error_and_is_1(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("approve", "checkout") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("slipway: ")


def test_json_prints_the_answer_as_it_is(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.run("status", "checkout", "--json")
    assert json.loads(capsys.readouterr().out) == account.story.answers[-1]


def test_json_prints_a_refusal_too(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("promote", "nobody", "--json") == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_members_are_sent_as_the_types_of_the_schema(account: Account) -> None:
    account.run("rollback", "checkout", "--deployment", "1", "--why", "customers see wrong totals")
    _, sent = account.asked[-1]
    assert (sent["deployment"], sent["why"]) == (1, "customers see wrong totals")


def test_a_flag_is_sent_only_if_given(account: Account) -> None:
    account.run("deploy", "--key", "checkout/v2.zip")
    assert account.asked[-1][1] == {"request": "deploy", "bucket": "drop", "key": "checkout/v2.zip", "who": "alice"}
    account.run("deploy", "--key", "checkout/v2.zip", "--lift-quarantine")
    assert account.asked[-1][1]["lift_quarantine"] is True


def test_equal_commands_of_a_person_are_each_carried_out(account: Account) -> None:
    """A pause after pause and resume, and a freeze that was lifted meanwhile: the controller knows equal requests."""
    for _ in range(2):
        assert account.run("pause", "checkout") == 0
        assert account.run("resume", "checkout") == 0
        assert not account.story.deployments()[0].hold.paused
        assert account.run("freeze", "--scope", "all", "--why", "the sale") == 0
        assert len(account.story.answers[-1]["freezes"]) == 1
        assert account.run("unfreeze", "--scope", "all", "--why", "it is over") == 0
        assert account.story.answers[-1]["freezes"] == []


@pytest.mark.parametrize(
    ("command", "pinned"),
    [
        (("promote", "checkout"), ("--phase", "SHIFTING")),
        (("next", "checkout"), ("--step", "1")),
        (("approve", "checkout"), ("--step", "1")),
        (("rollback", "checkout"), ("--to", "1")),
    ],
    ids=lambda found: found[0],
)
def test_a_command_that_goes_further_each_time_is_typed_twice_and_done_once(
    account: Account, command: tuple[str, ...], pinned: tuple[str, ...]
) -> None:
    account.run(*command)
    assert "id" not in account.asked[-1][1]
    account.run(*command, *pinned)
    assert account.asked[-1][1]["id"]


def test_promote_typed_again_ends_no_bake(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert account.run("promote", "checkout") == 0
    assert account.story.phase() is Phase.BAKING
    assert 'to end the bake, with "phase": "BAKING"' in capsys.readouterr().out


def test_who_asks_is_the_callers_session_unless_said(account: Account) -> None:
    account.run("approve", "checkout")
    assert account.asked[-1][1]["who"] == "alice"
    account.run("approve", "checkout", "--who", "bob")
    assert account.asked[-1][1]["who"] == "bob"


def test_who_asks_is_the_user_of_the_machine_if_aws_does_not_say(account: Account) -> None:
    account.may_tell_caller = False
    account.run("approve", "checkout")
    assert account.asked[-1][1]["who"] == getpass.getuser()


def test_any_json_is_given_as_text_or_as_a_file(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for event in ('{"request": "status"}', "events/tick.json"):
        assert account.run("explain", "--event", event) == 0
    with pytest.raises(SystemExit) as ended:
        account.run("explain", "--event", "{nonsense")
    assert ended.value.code == 2
    assert "neither JSON nor a file" in capsys.readouterr().err


def test_show_has_one_deployment_whole_by_the_name_that_is_printed(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("show", "checkout:live#1") == 0
    printed = capsys.readouterr().out
    for text in ("checkout:live#1  SHIFTING", "zip       checkout/v2.zip", "step      1 of 2, 20 %", "accepted"):
        assert text in printed


def test_a_function_that_nobody_knows_is_1(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run("status", "nobody") == 1
    assert capsys.readouterr().err.startswith("slipway: nobody knows nobody:live")


def test_history_has_a_row_for_each_deployment(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.story.play([Ask("rollback"), Minutes(5)])
    assert account.run("history", "checkout") == 0
    assert "checkout:live#1  ROLLED_BACK" in capsys.readouterr().out


def test_a_wrong_command_line_is_2(account: Account) -> None:
    for wrong in (["promote"], ["history", "checkout", "--limit", "two"], ["nonsense"]):
        with pytest.raises(SystemExit) as ended:
            account.run(*wrong)
        assert ended.value.code == 2
    assert account.asked == []


def test_an_editor_gets_the_schema_that_the_controller_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((ROOT / "controller" / "slipway.schema.json").read_text())
    assert printed["$id"] == "urn:slipway:manifest"


def test_freezes_are_told_in_words_with_all_that_are_in_force(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("freeze", "--scope", "all", "--why", "the sale") == 0
    printed = capsys.readouterr().out.splitlines()
    made = "freeze of all until somebody sends unfreeze, by alice: the sale"
    assert printed == [f"made: {made}", "in force now:", f"  {made}"]
    assert account.run("unfreeze", "--scope", "all", "--why", "it is over") == 0
    assert capsys.readouterr().out.splitlines() == [f"lifted: {made}", "no freeze is in force now"]


def test_quarantined_bytes_are_listed_with_the_command_that_lifts_them(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.run("quarantine", "checkout")
    assert capsys.readouterr().out == "nothing is quarantined for checkout:live\n"
    account.story.play([Ask("rollback"), Minutes(5)])
    account.run("quarantine", "checkout")
    printed = capsys.readouterr().out
    assert "checkout:live#1  v2.zip" in printed
    assert '`slipway quarantine checkout:live --lift checkout:live#1 --why "..."`' in printed
    assert account.run("quarantine", "checkout:live", "--lift", "checkout:live#1", "--why", "it was the network") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("lifted: checkout/v2.zip of checkout:live#1 may be deployed again\n")
    assert "alice  it was the network" in printed
