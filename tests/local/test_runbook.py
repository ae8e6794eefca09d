"""The runbook's commands print what the page says, on the embedded AWS, in the situation that each section is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from local.package import ROOT
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import FAST, Stack, deploy
from tests.local.shop import GOOD, Shop, zipped
from tests.pages import BLOCKS, RUNBOOK, with_output
from tests.shell import Shell, prints

PAGE = [block for block in BLOCKS if block.page == RUNBOOK]
PASTED_ONCE = PAGE[0].text
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


def shifts(shop: Shop, **sections: object) -> None:
    """A good second version has half of the requests."""
    shop.drop(GOOD % "two", "v2", **{**SHIFTING, **sections})
    eventually(lambda: shop.alias() == ("1", {"2": 0.5}), 60)
    name = f"{shop.stack.name}/{shop.function}/live/2"
    assert eventually(lambda: shop.aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"], 20)


def fires(shop: Shop) -> None:
    name = f"{shop.stack.name}/{shop.function}/live/2"
    shop.aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")


def comes_back(shop: Shop) -> None:
    shifts(shop)
    fires(shop)
    assert shop.wait(number=2)["phase"] == "ROLLED_BACK"


def freezes(shop: Shop) -> None:
    shifts(shop, on_failure="freeze")
    fires(shop)
    assert eventually(lambda: "frozen" in str(held_by(shop)), 20)


def drifts(shop: Shop) -> None:
    shifts(shop)
    by_hand = {"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {}}}
    shop.aws.client("lambda").update_alias(FunctionName=shop.function, Name="live", **by_hand)
    assert eventually(lambda: "accept_drift" in str(held_by(shop)), 20)


def loses_an_event(shop: Shop) -> None:
    """A tick has become a dead letter."""
    queues = shop.aws.client("sqs")
    (queue,) = queues.list_queues(QueueNamePrefix=f"{shop.stack.name}-DeadLetters")["QueueUrls"]
    queues.send_message(QueueUrl=queue, MessageBody=json.dumps(json.loads((ROOT / "events" / "tick.json").read_text())))


def loses_its_controller(shop: Shop) -> None:
    """The version that ``live`` carries does not start, and a shift is on its way."""
    shifts(shop)
    functions, name = shop.aws.client("lambda"), shop.stack.controller
    broken = {"controller/app.py": "raise ImportError", "controller/__init__.py": ""}
    functions.update_function_code(FunctionName=name, ZipFile=zipped(broken))
    eventually(lambda: functions.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful", 20)
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=version)


def held_by(shop: Shop) -> object:
    deployment: Mapping[str, object] = shop.ask("status")["deployment"]
    return deployment["held_by"]


SITUATIONS: Mapping[Callable[[Shop], None], set[str]] = {
    shifts: {"Ask and tell", "Bring the old version back"},
    comes_back: {"A release was rolled back", "What did it do?"},
    freezes: {"A deployment is frozen", "A deployment waits"},
    drifts: {"Somebody else moved the alias"},
    loses_an_event: {"An event was lost"},
    loses_its_controller: {"The controller does not answer"},
}


def test_every_section_with_commands_has_its_situation() -> None:
    assert {block.heading for block in PAGE} == set().union(*SITUATIONS.values())


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_commands_print_what_the_page_says(situation: Callable[[Shop], None], shop: Shop, shell: Shell) -> None:
    situation(shop)
    shell.run(placed(PASTED_ONCE, shop))
    for block, expected in with_output([block for block in PAGE if block.heading in SITUATIONS[situation]]):
        printed = shell.run(placed(block.text, shop))
        assert not expected or prints(placed(expected, shop), printed), f"{block} printed\n{printed}"


def placed(text: str, shop: Shop) -> str:
    """Returns a text of the page with the names of this stack and this function."""
    for written, name in (("slipway-", f"{shop.stack.name}-"), ("slipway/", f"{shop.stack.name}/")):
        text = text.replace(written, name)
    return text.replace("checkout", shop.function)
