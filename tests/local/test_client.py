"""The client on the embedded AWS, as a person or a pipeline runs it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from local.package import ROOT
from local.polling import eventually
from local.server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, EmbeddedAws
from local.stack import Stack
from tests.local.shop import BAD, GOOD, Shop, zipped

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


def test_a_release_is_planned_shipped_and_followed_to_its_end(shop: Shop, slipway: Slipway, tmp_path: Path) -> None:
    first = built(shop, tmp_path, GOOD % "one", "v1")
    planned = slipway("plan", shop.function, first)
    assert (planned.returncode, planned.stdout.splitlines()[0]) == (0, f"{shop.function}:live  would deploy")
    shipped = slipway("ship", shop.function, first, "--watch")
    assert (shipped.returncode, shipped.stdout.splitlines()[-1].split()[-1]) == (0, "SUCCEEDED"), shipped
    assert f"{shop.function}:live serves 100 % v1" in slipway("status", shop.function).stdout

    bad = slipway("ship", shop.function, built(shop, tmp_path, BAD.replace("ping", "pong"), "v2"), "--watch", "--json")
    ended = json.loads(bad.stdout)
    assert (bad.returncode, ended["phase"], ended["cause"]) == (1, "FAILED", "test_failed"), bad
    assert slipway("status", shop.function, "--exit-code").returncode == 1


def test_a_shift_is_held_and_brought_back_while_somebody_watches(
    shop: Shop, slipway: Slipway, environment: Mapping[str, str], tmp_path: Path
) -> None:
    assert slipway("ship", shop.function, built(shop, tmp_path, GOOD % "one", "v1"), "--watch").returncode == 0
    second = built(shop, tmp_path, GOOD % "two", "v2", **SLOW)
    pipe = subprocess.PIPE
    watched = command("ship", shop.function, second, "--watch")
    with subprocess.Popen(watched, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as watching:
        eventually(lambda: shop.alias() == ("1", {"2": 0.5}), 40)
        assert "paused" in slipway("pause", shop.function, "--json").stdout
        held = slipway("status", shop.function).stdout
        assert "50 % v1, 50 % v2" in held and "paused; send resume" in held
        assert slipway("resume", shop.function).returncode == 0
        back = slipway("rollback", f"{shop.function}", "--why", "customers see wrong totals")
        assert back.returncode == 0, back
        assert shop.alias() == ("1", {})
        out, err = watching.communicate(timeout=40)
    assert (watching.returncode, out.splitlines()[-1].split()[-1]) == (1, "ROLLED_BACK"), err
    assert "customers see wrong totals" in slipway("history", shop.function).stdout
    refused = slipway("promote", shop.function)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is open" in refused.stderr
