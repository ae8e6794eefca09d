"""What would be is said in words: how a zip would be shifted, and why it would be refused."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from cli.showing.times import span
from cli.showing.verdicts import verdict

PLANNED: dict[str, Any] = {
    "ok": True, "request": "plan", "target": "checkout:live", "would": "deploy", "creates_function": False,
    "onboards": True, "stable": "6", "tests": ["adds up", "refuses nonsense"],
    "steps": [{"weight": 10.0, "hold_seconds": 300.0}, {"pause_seconds": 43200.0, "then": "rollback"}],
    "bake_seconds": 600.0, "alarms": [], "hooks": {"before_promotion": "slipway-hook-smoke"},
    "open": {"deployment": "checkout:live#5", "would": "supersede", "in_words": "checkout:live#5 would be rolled back"},
}  # fmt: skip


def lines(**changes: Any) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=100).print(verdict({**PLANNED, **changes}))
    return [line.strip() for line in out.getvalue().splitlines()]


def test_a_plan_says_the_way_in_words_and_nothing_that_is_empty() -> None:
    assert lines() == [
        "checkout:live  would deploy",
        "onboards  yes",
        "stable    6",
        "tests     adds up, refuses nonsense",
        "steps     10 % for 5m, approval within 12h, else rollback",
        "bake      10m",
        "hooks     before_promotion slipway-hook-smoke",
        "open      checkout:live#5 would be rolled back",
    ]


def test_a_refusal_says_why() -> None:
    refused = verdict({"file": "build.zip", "would": "refuse", "because": "it is no zip", "cause": "bad_artifact"})
    out = io.StringIO()
    Console(file=out, width=80).print(refused)
    assert [" ".join(line.split()) for line in out.getvalue().splitlines()] == [
        "build.zip would refuse",
        "because it is no zip",
        "cause bad_artifact",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (9.4, "9s"), (252, "4m12s"), (300, "5m"), (3900, "1h5m"), (183_600, "2d3h"), (86_460, "1d")],
)
def test_a_time_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words
