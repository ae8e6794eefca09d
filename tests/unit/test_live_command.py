"""What ``python -m live`` takes, and what it refuses before anything is made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from live.cleaning import is_a_name, new_name
from live.command import Place, parsed, perform
from live.facts import FACTS
from live.outcomes import Finding, Verdict, outcome
from live.run import Aws
from live.sam import Sam

ALL = tuple(fact.number for fact in FACTS)
Captured = pytest.CaptureFixture[str]


def numbers(*arguments: str) -> tuple[str, ...]:
    return tuple(fact.number for fact in parsed(arguments).facts)


def test_without_a_choice_every_fact_is_tried() -> None:
    assert numbers() == ALL


def test_a_number_without_a_letter_means_all_that_begin_so() -> None:
    assert numbers("--only", "L9, L13c") == ("L9a", "L9b", "L9c", "L13c")
    assert numbers("--only", "L1") == ("L1a", "L1b")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only", "L3,L99"), "no such fact: L99; there are L1a, "),
        (("--clean", "slipway"), "slipway is no run's name"),
        (("--clean", "slipway-live-0a1b2"), "one looks like slipway-live-0a1b2c"),
        (("--json", "/no/such/folder/live.json"), "there is no folder /no/such/folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], says: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(arguments)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["slipway", "slipway-live-", "slipway-live-0A1B2C", "slipway-live-0a1b2c-x", " slipway-live-0a1b2c"]
)
def test_only_the_whole_name_of_a_run_is_one(text: str) -> None:
    assert not is_a_name(text)
    assert is_a_name(new_name())


def test_nothing_is_made_where_nobody_can_be_asked(capsys: Captured) -> None:
    """Pytest gives no terminal. The clients of this account would reach nothing."""
    aws = Aws(SimpleNamespace(region_name="eu-north-1"), endpoint="http://127.0.0.1:1")
    assert perform(parsed([]), Place(aws, Sam(aws), "arn:aws:iam::123456789012:user/ada")) == 2
    said = capsys.readouterr().err
    assert "As arn:aws:iam::123456789012:user/ada in eu-north-1" in said
    assert "say --yes" in said
    assert said.rstrip().endswith("nothing was made")


@dataclass(frozen=True)
class Interrupted(Aws):
    """An account in which somebody presses Ctrl-C at the first call."""

    def client(self, service: str) -> Any:
        raise KeyboardInterrupt


def test_a_second_ctrl_c_ends_the_clean_up_and_says_how_to_go_on(tmp_path: Path, capsys: Captured) -> None:
    """The first one is that at the first call of the run, the second that at the first call of the clean-up."""
    aws = Interrupted(SimpleNamespace(region_name="eu-north-1"), minute=0.001)
    file = tmp_path / "live.json"
    assert perform(parsed(["--yes", "--json", str(file)]), Place(aws, Sam(aws), "ada")) == 130
    report = json.loads(file.read_text("utf-8"))
    assert (report["interrupted"], report["ok"]) == (True, False)
    (left,) = report["left"]
    assert left == f"whatever is called {report['name']}-...; python -m live --clean {report['name']} takes it away"
    assert "takes it away" in " ".join(capsys.readouterr().out.split())


def test_what_an_aws_cannot_show_is_never_as_expected() -> None:
    fact = FACTS[0]
    for as_expected in (True, False):
        shown = outcome(fact, Finding(fact.number, "the hash", as_expected=as_expected), {fact.number: "so chosen"})
        assert (shown.verdict, shown.found) == (Verdict.NOT_SHOWN, "(the hash): so chosen")


def test_the_policy_touches_nothing_but_what_is_named_after_the_run() -> None:
    path = Path(__file__).parents[2] / "live" / "permissions.json"
    for statement in json.loads(path.read_text("utf-8"))["Statement"]:
        resources = [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
        if statement["Sid"] == "FindWhatIsLeft":
            verbs = {action.partition(":")[2] for action in statement["Action"]}
            assert [verb for verb in verbs if not verb.startswith(("Describe", "List", "Get"))] == []
        elif "Condition" in statement:
            assert "slipway-live-*" in json.dumps(statement["Condition"])
        else:
            assert [each for each in resources if "slipway-live-" not in each and "transform" not in each] == []
