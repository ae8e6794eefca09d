"""What people are told of a notice: what, which, who, the numbers, and commands that exist."""

from __future__ import annotations

import shlex

import pytest

from cli.commands import parser
from controller.core.announcement import of_notice
from controller.core.model import Deployment, Notice, Phase
from controller.core.model.person import NOBODY, Person
from tests.builders import NOW, confirmed, deployment


def told(made: Deployment, text: str = "it happened", person: Person = NOBODY) -> str:
    return of_notice(made, Notice(NOW, made.phase, text, person)).in_words()


def test_the_phase_is_in_the_title_and_not_twice() -> None:
    announced = of_notice(deployment(Phase.BAKING), Notice(NOW, Phase.BAKING, "BAKING: all traffic to version 3"))
    assert (announced.title, announced.text) == ("checkout:live#42 BAKING", "all traffic to version 3")


def test_who_shipped_it_and_who_asked_are_said_each_once() -> None:
    made = confirmed(Phase.SHIFTING, person=Person("alice", "fix totals"))
    assert "alice shipped it: fix totals\nbob asked for this: looks good" in told(
        made, person=Person("bob", "looks good")
    )
    assert "asked" not in told(made, person=Person("alice", "fix totals"))


def test_a_first_deployment_has_nothing_to_go_back_to_and_no_way_back_is_named() -> None:
    made = deployment(Phase.BAKING, stable=None)
    assert "over version" not in told(made)
    assert "rollback" not in told(made)


def test_before_a_version_there_is_the_zip_alone() -> None:
    assert "\n\ncheckout/3.zip\n" in told(deployment(Phase.PREPARING, stable=None))


@pytest.mark.parametrize("phase", Phase)
def test_every_command_is_one_of_the_client_or_of_the_aws_cli(phase: Phase) -> None:
    for step in of_notice(deployment(phase), Notice(NOW, phase, "it happened")).next_steps:
        program, *arguments = shlex.split(step)
        assert program in ("aws", "slipway")
        if program == "slipway":
            assert parser().parse_args(arguments)


def test_what_serves_a_canary_can_be_brought_back_by_its_number() -> None:
    assert "slipway rollback checkout:live#42" in told(confirmed(Phase.SHIFTING))
