"""The pictures are current, small, and stand still for people who turn motion off."""

from __future__ import annotations

import json
import math
import re
from xml.etree import ElementTree as ET

import pytest

from docs.draw import DRAWN, PICTURES, SHIFT
from docs.recording import COLUMNS, EVERY, FASTER, ROWS, Frame, Piece, moving, still
from tests.pages import PAGES

WHOLE: Frame = ((Piece(0, "first", "#fff", bold=False),), (), (Piece(2, "a < b", "#fff", bold=True),))
NEXT: Frame = ((Piece(0, "first", "#fff", bold=False),), (Piece(0, "second", "#fff", bold=False),))


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_as_it_would_be_drawn_now(name: str) -> None:
    assert (PICTURES / f"{name}.svg").read_text("utf-8") == DRAWN[name]().svg(), "run: make pictures"


def test_every_picture_is_on_a_page() -> None:
    shown = {name for text in PAGES.values() for name in re.findall(r"pictures/([a-z-]+\.svg)", text)}
    assert {file.name for file in PICTURES.glob("*.svg")} == shown


def test_every_picture_is_well_formed_small_and_alone() -> None:
    for file in PICTURES.glob("*.svg"):
        text = file.read_text("utf-8")
        ET.fromstring(text)  # noqa: S314 - this repository's own file
        assert len(text) < 400_000
        assert re.findall(r"https?://(?!www\.w3\.org/)", text) == []


def test_the_evidence_of_the_shift_climbs_over_its_limit_at_the_end_alone() -> None:
    minutes = json.loads(SHIFT.read_text("utf-8"))
    assert [each["log"] >= each["log_bar"] for each in minutes] == [False] * (len(minutes) - 1) + [True]
    assert {round(math.exp(each["log_bar"])) for each in minutes} == {125}
    assert [each["minute"] for each in minutes] == sorted({each["minute"] for each in minutes})


def test_the_recording_writes_a_row_once_and_pulls_the_strip_a_frame_at_a_time() -> None:
    picture = moving((WHOLE, NEXT))
    assert picture.count(">first<") == 1
    assert picture.count('<use href="#r0"') == 2
    assert "steps(1,end)" in picture
    assert f"{2 * EVERY / FASTER + 6:g}s infinite" in picture


def test_the_recording_stands_at_its_end_where_motion_is_turned_off() -> None:
    style = re.sub(r"@keyframes play\{.*?\}\}", "", moving((WHOLE, NEXT)))
    assert "@media(prefers-reduced-motion:reduce){#strip{animation:none}}" in style
    assert f"#strip{{transform:translateY(-{ROWS * 18}px);animation:" in style


def test_the_still_is_one_frame_of_a_terminal_of_100_columns() -> None:
    picture = still(WHOLE)
    assert COLUMNS == 100
    assert "a &lt; b" in picture
    assert "<style>" not in picture
