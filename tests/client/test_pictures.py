"""Answers are drawn for a terminal of 80 columns: all that a person needs at night, and nothing that is empty."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, RenderableType

from cli.asking import parsing
from cli.showing import pictures
from cli.showing.verdicts import verdict
from tests.client.told import ALL, ONE, ROLLED_BACK, SHORT


def drawn(picture: RenderableType, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(picture)
    return out.getvalue()


def of_all(**changes: Any) -> str:
    return drawn(pictures.overview(parsing.overview({**ALL, **changes})))


def of_one(**changes: Any) -> str:
    return drawn(pictures.target(parsing.target_status({**ONE, **changes})))


def test_what_is_open_has_its_share_its_step_and_why_it_waits_until_when() -> None:
    printed = of_all()
    for text in ("checkout:live#5", "SHIFTING", "v4->v5", "10%", "1/2", "hold for another 3m12s", "(in 3m12s)"):
        assert text in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_what_ended_in_the_last_day_has_its_reason() -> None:
    printed = of_all()
    assert "ended in the last day" in printed
    assert "stock:live#7" in printed and "is firing" in printed


def test_where_there_is_room_a_row_is_one_line() -> None:
    lines = drawn(pictures.overview(parsing.overview(ALL)), width=160).splitlines()
    (open_one,) = (line for line in lines if "checkout:live#5" in line)
    (ended,) = (line for line in lines if "stock:live#7" in line)
    assert "hold for another 3m12s" in open_one and "alarm stock-errors is firing" in ended


def test_an_alarm_that_fires_and_a_mode_are_shown() -> None:
    printed = of_all(open=[{**SHORT, "firing": ["checkout-p99"], "modes": ["awaiting_approval"]}])
    assert "firing: checkout-p99" in printed
    assert "awaiting approval" in printed


def test_freezes_refused_uploads_and_warnings_stand_below() -> None:
    freeze = {"in_words": "freeze of all until somebody sends unfreeze, by bob: the sale"}
    refused = {"artifact": "check.out/v1.zip", "artifact_version": "v", "reason": "no"}
    printed = of_all(freezes=[freeze], refused_uploads=[refused], controller={"warnings": ["version 1 answers"]})
    for text in ("freeze of all until", "bob: the sale", "check.out/v1.zip: no", "controller: version 1 answers"):
        assert text in printed


def test_one_target_says_what_serves_before_what_is_open() -> None:
    printed = of_one()
    assert printed.startswith("checkout:live serves 90 % v4, 10 % v5 (checkout:live#4, checkout/v4.zip)")
    for text in ("way back: version 4", "alice: orders of more than 99 items", "9 of 204 failed", "accepted"):
        assert text in printed
    assert "evidence 12 to 1, rolls back at 100 to 1" in " ".join(printed.split())


def test_the_newest_one_stands_below_the_open_one() -> None:
    printed = of_one(newest={**ROLLED_BACK, "deployment": "checkout:live#6"})
    assert printed.index("checkout:live#5") < printed.index("checkout:live#6")
    assert "4.2 s" in printed


def test_drift_at_rest_is_shown() -> None:
    assert "drift: somebody moved the alias" in of_one(open=None, drift="somebody moved the alias")


def test_nothing_open_and_nothing_deployed_are_said() -> None:
    assert "no deployment is open" in of_all(open=[], ended=[])
    assert "has no alias" in of_one(serves=None, open=None)


def test_what_the_controller_does_not_tell_is_left_out() -> None:
    told = {"deployment": "checkout:live#5", "phase": "SHIFTING"}
    assert "checkout:live#5" in of_all(open=[told], at=None, last_tick=None)
    assert "None" not in of_one(open=told, newest=None, backup=None, controller={})


def test_the_age_of_the_last_tick_and_dead_letters_are_told() -> None:
    assert "controller version 3, last tick 10:01:00Z (48s ago)" in of_all()
    assert "no tick seen in the last hour" in of_all(last_tick=None)
    printed = of_all(controller={"version": "3", "warnings": [], "dead_letters": 2})
    assert "dead letters: 2; `slipway redrive` handles them once more" in printed


def test_escape_codes_in_somebodys_text_never_reach_the_terminal() -> None:
    hostile = "\x1b]0;hacked\x07\x1b[2J\u202e\r"
    told = {**SHORT, "deployment": f"a{hostile}:live#1", "who": hostile, "why": hostile, "held_by": hostile}
    ended = {**ROLLED_BACK, "reason": hostile, "artifact": f"x/{hostile}.zip"}
    freeze, refused = {"in_words": hostile}, {"artifact": hostile, "reason": hostile}
    printed = of_all(open=[told], ended=[ended], freezes=[freeze], refused_uploads=[refused])
    printed += of_one(open={**told, "timeline": [{"at": None, "text": hostile}]}, drift=hostile)
    printed += drawn(verdict({"target": hostile, "would": "refuse", "because": hostile, "steps_of": [{"a": hostile}]}))
    assert "hacked" in printed
    assert [each for each in printed if not (each.isprintable() or each == "\n")] == []
