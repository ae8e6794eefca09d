"""The client on the embedded AWS, as a person or a pipeline runs it: in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from local.package import ROOT
from local.polling import eventually
from local.server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, EmbeddedAws
from local.stack import Stack
from tests.local.shop import GOOD, Shop, zipped

Slipway = Callable[..., subprocess.CompletedProcess[str]]
SLOW = {"strategy": {"steps": [{"weight": 50, "hold": "10m"}], "bake": "10m"}}


@pytest.fixture
def shop(aws: EmbeddedAws, stack: Stack, role: str, function_name: str) -> Shop:
    return Shop(aws, stack, role, function_name)


@pytest.fixture
def environment(aws: EmbeddedAws) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_REGION": aws.region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }


@pytest.fixture
def slipway(environment: Mapping[str, str]) -> Slipway:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli", *arguments]


def built(shop: Shop, folder: Path, source: str, name: str, **sections: object) -> str:
    """Returns the path of a zip on this machine."""
    file = folder / f"{name}.zip"
    file.write_bytes(zipped({"app.py": source, "slipway.json": json.dumps(shop.manifest(**sections))}))
    return str(file)


def test_a_release_is_planned_shipped_held_and_brought_back_while_somebody_watches(
    shop: Shop, slipway: Slipway, environment: Mapping[str, str], tmp_path: Path
) -> None:
    first = built(shop, tmp_path, GOOD % "one", "v1")
    planned = slipway("plan", shop.function, first)
    assert (planned.returncode, planned.stdout.splitlines()[0]) == (0, f"{shop.function}:live  would deploy")
    shipped = slipway("ship", shop.function, first, "--watch")
    assert (shipped.returncode, shipped.stdout.splitlines()[-1].split()[-1]) == (0, "SUCCEEDED"), shipped

    second, pipe = built(shop, tmp_path, GOOD % "two", "v2", **SLOW), subprocess.PIPE
    watched = command("ship", shop.function, second, "--watch")
    with subprocess.Popen(watched, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as watching:
        eventually(lambda: shop.alias() == ("1", {"2": 0.5}))
        paused = json.loads(slipway("pause", shop.function, "--json").stdout)
        assert paused["deployment"]["modes"] == ["paused"]
        back = slipway("rollback", shop.function, "--why", "customers see wrong totals")
        assert back.returncode == 0, back
        assert shop.alias() == ("1", {})
        out, err = watching.communicate(timeout=40)
    assert (watching.returncode, out.splitlines()[-1].partition("#2 ")[2]) == (
        1,
        "ended as ROLLED_BACK: root asked: customers see wrong totals",
    ), err
    assert "paused by request" in out


def test_ctrl_c_ends_a_watch_and_says_that_nothing_else_ends(
    shop: Shop, environment: Mapping[str, str], make_function: Callable[..., str]
) -> None:
    make_function("def handler(event, context): pass")
    shop.aws.client("lambda").publish_version(FunctionName=shop.function)
    shop.aws.client("lambda").create_alias(FunctionName=shop.function, Name="live", FunctionVersion="1")
    watched, pipe = command("watch", shop.function), subprocess.PIPE
    with subprocess.Popen(watched, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as watching:
        assert watching.stdout is not None
        assert "waiting for the next one" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=20)
    assert (watching.returncode, err) == (130, "slipway: interrupted; whatever was begun goes on\n")
