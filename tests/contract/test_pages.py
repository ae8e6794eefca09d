"""The pages are true: their examples are taken or given by the code, their tables are current, their sums are right."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from controller.core.gates.hooks.answers import read_answer
from controller.core.gates.hooks.payload import payload
from controller.core.lifecycle.quarantine import spoken_against
from controller.core.manifest.building import build, schema
from controller.core.manifest.parsing import parse
from controller.core.manifest.schema_errors import first_problem
from controller.core.manifest.settings import HookPoint
from controller.core.model import Cause, Phase, Reason
from controller.core.model.deployment.hook_run import HookStatus
from controller.core.model.deployment.mode import Mode
from controller.core.model.effects import CallHook
from docs import generate
from tests.builders import confirmed
from tests.pages import BLOCKS, PAGES, ROOT, Block

REQUEST_SCHEMA = json.loads((ROOT / "controller" / "slipway.request.schema.json").read_text("utf-8"))


EXAMPLES = [block for block in BLOCKS if block.language == "json"]


def test_every_block_says_its_language() -> None:
    assert {block.language for block in BLOCKS} == {"sh", "text", "json", "python", "yaml"}


def test_the_generated_parts_are_current() -> None:
    assert generate.rewritten(PAGES) == PAGES, "run: make documents"


def test_the_maps_name_every_folder() -> None:
    folders = [folder for folder in ROOT.iterdir() if folder.is_dir() and folder.name[0] not in "._"]
    shown = PAGES["docs/contributing/folders.md"]
    assert [folder for folder in folders if f"| [{folder.name}/](../../{folder.name}/) |" not in shown] == []


@pytest.mark.parametrize(
    "page", sorted(page for page in PAGES if page.startswith("docs/") and "/decisions/" not in page)
)
def test_a_page_begins_with_whom_it_is_for_and_what_they_can_do_after_it(page: str) -> None:
    first = PAGES[page].split("\n\n")[1]
    assert first.startswith("For ")
    assert "After this page" in first


def test_the_readme_is_read_in_one_sitting() -> None:
    assert PAGES["README.md"].count("\n") <= 250


def kind(example: Any) -> str:
    """What an example of JSON is, told by the keys that nothing else has."""
    keys = {
        "Statement": "policy",
        "promoted": "the demo's last line",
        "endpoint": "the first line of make local",
        "detail-type": "notice",
    }
    found = [name for key, name in keys.items() if key in example]
    if "hook" in example:
        found.append("what a hook is told")
    if "status" in example:
        found.append("what a hook says")
    if "request" in example:
        found.append("answer" if "ok" in example else "request")
    return found[0] if found else "manifest"


@pytest.mark.parametrize("block", EXAMPLES, ids=str)
def test_an_example_of_json_is_what_the_code_takes_or_gives(block: Block) -> None:
    example = json.loads(block.text)
    match kind(example):
        case "manifest":
            assert parse((str(block), block.text)).document
        case "request":
            assert first_problem(example, REQUEST_SCHEMA) is None
        case "what a hook is told":
            told = payload(confirmed(Phase.SHIFTING), CallHook(HookPoint.EACH_STEP, 0, 1), "arn:")
            assert shape(example) == shape(told)
        case "policy":
            assert {statement["Effect"] for statement in example["Statement"]} == {"Allow"}  # tests/local tries them
        case "what a hook says":
            assert read_answer(example).status is HookStatus(example["status"])
        case name:
            assert set(re.findall(r'"(\w+)":', KEYS_OF[name])) >= (example.get("detail") or example).keys()


def shape(value: Any) -> Any:
    """Returns the keys of a JSON value, and of what it holds, without the hook's own state."""
    return {key: shape(each) for key, each in value.items() if key != "state"} if isinstance(value, dict) else None


def test_the_hook_is_a_whole_one() -> None:
    """Its code is run, with what it is told by the example above it, until it has said its last."""
    (code,) = (block.text for block in BLOCKS if block.language == "python" and "functions" in block.text)
    (told,) = (json.loads(block.text) for block in EXAMPLES if kind(json.loads(block.text)) == "what a hook is told")
    namespace: dict[str, Any] = {}
    exec(compile(code, "docs/guides/hooks.md", "exec"), namespace)  # noqa: S102 - the page's own code
    canary = Canary()
    namespace["functions"] = canary
    states = (None, {"done": 1}, {"done": 2})
    said = [read_answer(namespace["handler"]({**told, "state": state}, None)) for state in states]
    assert [each.status.value for each in said] == ["IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"]
    assert [each.state for each in said] == ['{"done": 1}', '{"done": 2}', None]
    assert {asked["FunctionName"] for asked in canary.asked} == {told["canary"]["arn"]}
    canary.fails = True
    failed = read_answer(namespace["handler"]({**told, "state": None}, None))
    assert (failed.status, failed.reason) == (HookStatus.FAILED, "check 1 of 3")


class Canary:
    """Lambda, as far as the hook asks it: the new version answers, or fails."""

    def __init__(self) -> None:
        self.fails = False
        self.asked: list[dict[str, Any]] = []

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        self.asked.append(parameters)
        json.loads(parameters["Payload"])
        return {"StatusCode": 200, **({"FunctionError": "Unhandled"} if self.fails else {})}


def source(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


KEYS_OF = {
    "the demo's last line": source("local/demo/run.py") + source("local/demo/outcome.py"),
    "the first line of make local": source("local/serve.py"),
    "notice": source("controller/aws/notices.py"),
    "answer": "".join(path.read_text("utf-8") for path in (ROOT / "controller/requests").rglob("*.py")),
}


def test_there_is_an_example_of_each_kind() -> None:
    kinds = {kind(json.loads(block.text)) for block in EXAMPLES}
    assert kinds == {"manifest", "request", "what a hook is told", "what a hook says", "policy", *KEYS_OF}


def test_one_manifest_says_every_key_but_those_of_lambda() -> None:
    manifests = [json.loads(block.text) for block in EXAMPLES if kind(json.loads(block.text)) == "manifest"]
    fullest = max(manifests, key=lambda document: len(json.dumps(document)))
    assert fullest.keys() == schema()["properties"].keys() - {"$schema"}  # type: ignore[attr-defined]
    for section in ("strategy", "gates"):
        assert fullest[section].keys() == schema()["$defs"][section]["properties"].keys()  # type: ignore[index]
    said = {key for test in fullest["tests"] for key in test}
    assert said == schema()["$defs"]["test"]["properties"].keys()  # type: ignore[index]


def test_every_named_strategy_is_one() -> None:
    page = PAGES["docs/reference/manifest.md"]
    (sentence,) = re.findall(r"^CodeDeploy's nine names.*?\n\n", page, re.MULTILINE | re.DOTALL)
    names = re.findall(r"`(Lambda\w+)`", sentence)
    assert len(set(names)) == 9
    for name in names:
        build({"strategy": name})


def names(page: str, heading: str) -> list[tuple[list[str], str]]:
    """Returns the names in the first cell of each row of a section's table, with the row's last cell."""
    section = PAGES[page].partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`(\w+)`", row[0]), row[-1]) for row in rows]


def test_the_page_of_the_states_has_every_mode_and_every_cause() -> None:
    page = "docs/reference/states.md"
    assert sorted(name for row, _ in names(page, "Modes") for name in row) == sorted(mode.value for mode in Mode)
    assert sorted(name for row, _ in names(page, "Causes") for name in row) == sorted(cause.value for cause in Cause)


def test_the_page_of_the_states_says_of_each_cause_whether_it_speaks_against_the_bytes() -> None:
    for causes, said in names("docs/reference/states.md", "Causes"):
        for cause in causes:
            ended = confirmed(Phase.ROLLING_BACK, reason=Reason(Cause(cause), "because"))
            assert said == ("yes" if spoken_against(ended) else "no"), cause


def costs() -> list[tuple[str, str, float]]:
    rows = re.findall(r"^\| (.+?) \| (.*?) ?\| (\**[0-9.]+\**) \|$", PAGES["docs/operate/costs.md"], re.MULTILINE)
    return [(what, how, float(dollars.strip("*"))) for what, how, dollars in rows]


def test_the_arithmetic_of_the_costs_is_right() -> None:
    together = 0.0
    for what, how, dollars in costs():
        if what == "**together**":
            assert dollars == pytest.approx(together, abs=1e-9)
            together = 0.0
        else:
            factors = [float(number.replace(",", "")) for number in re.findall(r"(?:^|\u00d7 )\$?([0-9.,]+)", how)]
            assert f"{math.prod(factors):.3f}" == f"{dollars:.3f}", what
            together += dollars
    assert len(costs()) >= 10


def test_the_sums_of_the_costs_are_those_that_are_told_elsewhere() -> None:
    idle, deployments = (dollars for what, _, dollars in costs() if what == "**together**")
    both = f"about ${idle:.2f} idle and ${idle + deployments:.2f} with a hundred deployments"
    assert both in PAGES["docs/operate/costs.md"]
    assert f"about ${idle:.2f} a month idle" in PAGES["README.md"]
