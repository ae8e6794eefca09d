"""The runbook's commands print what the page says, on the embedded AWS, in the situation that each section is about.

The page itself says how to get into the situation, for people who rehearse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from local.package import ROOT
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import FAST, Stack, deploy
from tests.local.shop import GOOD, Shop
from tests.pages import BLOCKS, RUNBOOK, Block, with_output
from tests.shell import Shell, prints

PAGE = [block for block in BLOCKS if block.page == RUNBOOK]
PASTED_ONCE = PAGE[0].text
REHEARSAL = "Rehearse this page"
ALARM_FIRES, ALIAS_MOVES, EVENT_IS_LOST, CONTROLLER_BREAKS = (block for block in PAGE if block.heading == REHEARSAL)
SHIFTING = {"strategy": {"steps": [{"weight": 50, "hold": "10m"}], "bake": "10m"}}


@pytest.fixture(scope="module")
def own_stack(aws: EmbeddedAws, package: Path, role: str) -> Stack:
    """A stack whose controller a test may break."""
    return deploy(aws, ROOT / "template.yaml", package, {**FAST, "AllowedRoles": role}, "runbook")


@pytest.fixture
def shop(aws: EmbeddedAws, own_stack: Stack, role: str, function_name: str) -> Shop:
    shop = Shop(aws, own_stack, role, function_name)
    shop.drop(GOOD % "one", "v1")
    assert shop.wait()["phase"] == "SUCCEEDED"
    return shop


@pytest.fixture
def shell(aws: EmbeddedAws, own_stack: Stack, tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path / "stderr", tmp_path)
    shell.run(
        f"export PATH={ROOT}/.venv/bin:$PATH AWS_DEFAULT_REGION={aws.region} AWS_ACCESS_KEY_ID=test "
        "AWS_SECRET_ACCESS_KEY=test AWS_PAGER=\n"
        f'aws() {{ command aws --endpoint-url {aws.endpoint} "$@"; }}\n'
    )
    yield shell
    shell.end()


def shifts(shop: Shop, _shell: Shell, **sections: object) -> None:
    """A good second version has half of the requests."""
    shop.drop(GOOD % "two", "v2", **{**SHIFTING, **sections})
    eventually(lambda: shop.alias() == ("1", {"2": 0.5}))
    name = f"{shop.stack.name}/{shop.function}/live/2"
    assert eventually(lambda: shop.aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"])


def comes_back(shop: Shop, shell: Shell) -> None:
    shifts(shop, shell)
    rehearse(shop, shell, ALARM_FIRES)
    assert shop.wait(number=2)["phase"] == "ROLLED_BACK"


def freezes(shop: Shop, shell: Shell) -> None:
    shifts(shop, shell, on_failure="freeze")
    rehearse(shop, shell, ALARM_FIRES)
    assert eventually(lambda: "frozen" in str(held_by(shop)))
    assert eventually(lambda: is_calm(shop)), "resume is for a deployment whose reason is gone"


def is_calm(shop: Shop) -> bool:
    name = f"{shop.stack.name}/{shop.function}/live/2"
    (alarm,) = shop.aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return bool(alarm["StateValue"] != "ALARM")


def drifts(shop: Shop, shell: Shell) -> None:
    shifts(shop, shell)
    rehearse(shop, shell, ALIAS_MOVES)
    assert eventually(lambda: "accept_drift" in str(held_by(shop)))


def loses_an_event(shop: Shop, shell: Shell) -> None:
    rehearse(shop, shell, EVENT_IS_LOST)


def loses_its_controller(shop: Shop, shell: Shell) -> None:
    """The version that ``live`` carries does not start, and a shift is on its way."""
    shifts(shop, shell)
    rehearse(shop, shell, CONTROLLER_BREAKS)


def rehearse(shop: Shop, shell: Shell, block: Block) -> None:
    shell.run(placed(block.text, shop))


def held_by(shop: Shop) -> object:
    return shop.newest().get("held_by")


Situation = Callable[[Shop, Shell], None]
SITUATIONS: Mapping[Situation, set[str]] = {
    shifts: {"Ask and tell", "Freeze everything", "Bring the old version back"},
    comes_back: {"A release was rolled back", "What did it do?"},
    freezes: {"A deployment is frozen", "A deployment waits"},
    drifts: {"Somebody else moved the alias"},
    loses_an_event: {"An event was lost"},
    loses_its_controller: {"The controller does not answer"},
}


def test_every_section_with_commands_has_its_situation() -> None:
    assert {block.heading for block in PAGE} == {REHEARSAL}.union(*SITUATIONS.values())


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_commands_print_what_the_page_says(situation: Situation, shop: Shop, shell: Shell) -> None:
    shell.run(placed(PASTED_ONCE, shop))
    situation(shop, shell)
    for block, expected in with_output([block for block in PAGE if block.heading in SITUATIONS[situation]]):
        printed = shell.run(placed(block.text, shop))
        assert not expected or prints(placed(expected, shop), printed), f"{block} printed\n{printed}"


def placed(text: str, shop: Shop) -> str:
    """Returns a text of the page with the names of this stack and this function."""
    for written, name in (("slipway-", f"{shop.stack.name}-"), ("slipway/", f"{shop.stack.name}/")):
        text = text.replace(written, name)
    return text.replace("checkout", shop.function)
