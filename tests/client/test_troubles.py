"""``status --exit-code`` is 1 while something is not well, and says what."""

from __future__ import annotations

from typing import Any

import pytest

from cli.asking import parsing
from cli.showing import troubles
from tests.client.told import ALL, ONE, ROLLED_BACK, SHORT

SUCCEEDED = {**ROLLED_BACK, "deployment": "stock:live#8", "phase": "SUCCEEDED"}


def of_all(**changes: Any) -> list[str]:
    return list(troubles.of_all(parsing.overview({**ALL, "ended": [], **changes})))


def of_one(**changes: Any) -> list[str]:
    return list(troubles.of_target(parsing.target_status({**ONE, **changes})))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"open": [{**SHORT, "phase": "ROLLING_BACK"}]}, ["checkout:live#5 is being rolled back"]),
        ({"open": [{**SHORT, "modes": ["frozen"]}]}, ["checkout:live#5 is frozen"]),
        ({"open": [{**SHORT, "modes": ["drifted"]}]}, ["checkout:live#5 was moved by somebody else"]),
        ({"open": [{**SHORT, "modes": ["paused", "awaiting_approval"]}]}, []),
        ({"open": [{**SHORT, "firing": ["p99"]}]}, ["checkout:live#5: p99 is firing"]),
        ({"ended": [ROLLED_BACK]}, ["stock:live#7 ended as ROLLED_BACK"]),
        ({"ended": [SUCCEEDED, ROLLED_BACK]}, []),
        ({"ended": [{**ROLLED_BACK, "cause": "drill"}]}, []),
        ({"last_tick": "2026-11-24T09:56:00+00:00"}, ["the controller's last tick was at 2026-11-24T09:56:00+00:00"]),
        ({"controller": {"warnings": ["version 1 answers"]}}, ["version 1 answers"]),
        ({"controller": {"warnings": [], "dead_letters": 2}}, ["dead letters wait: 2"]),
    ],
)
def test_what_is_not_well_anywhere_is_told(changes: dict[str, Any], told: list[str]) -> None:
    assert of_all(**changes) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"drift": "somebody moved the alias"}, ["somebody moved the alias"]),
        ({"open": None, "newest": ROLLED_BACK}, ["stock:live#7 ended as ROLLED_BACK"]),
        ({"open": None, "newest": SUCCEEDED}, []),
    ],
)
def test_what_is_not_well_with_one_target_is_told(changes: dict[str, Any], told: list[str]) -> None:
    assert of_one(**changes) == told
