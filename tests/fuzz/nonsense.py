"""Nonsense: JSON values of every kind, and good ones that were damaged in some places.

Note: what only damages a value at random is refused at its first check. So most of a sample stays as it is, and one to
four places of it are changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Path = tuple[str | int, ...]


def nested(depth: int, value: object = 1) -> Any:
    """Returns a value inside of that many lists."""
    for _ in range(depth):
        value = [value]
    return value


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 0.1, 1e308, 2**63, 10**30, "", " ", "0", "-1", "7", "1e5", "null", "NaN", "\0",
    "\ud800", "\udfff\ud800", "\ufeff", "\u2028", "é" * 40, "😀", "..", "../../x", "%", "%2e%2e%2f", "a+b%20c", "a%zzb",
    "a\nb", "\r\n", "x" * 300, "x" * 3_000, "a" * 100_000, "live", "checkout", "checkout:live", "$LATEST", "previous",
    "slipway/checkout/live/1", "${jndi:x}", "%s{0}", [], {}, [[]], [{}], {"": {}}, {"a": None}, nested(9),
    nested(300), ["x"] * 1_000, {str(number): number for number in range(300)},
)  # fmt: skip
odd = st.sampled_from(ODD).map(lambda value: json.loads(json.dumps(value)))
"""Values that were always good for a surprise."""

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
values = st.recursive(
    odd | scalars,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=10), inside, max_size=4),
    max_leaves=8,
)
"""Any JSON value."""


def places(value: object, so_far: Path = ()) -> Iterator[Path]:
    """Yields the way to every value inside, and to the value itself."""
    yield so_far
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*so_far, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*so_far, index))


@st.composite
def damaged(draw: st.DrawFn, sample: object, most: int = 4) -> Any:
    """Draws the sample with one to ``most`` places of it changed."""
    value = json.loads(json.dumps(sample))
    for _ in range(draw(st.integers(1, most))):
        value = _changed(draw, value, draw(st.sampled_from(list(places(value)))))
    return value


def _changed(draw: st.DrawFn, value: Any, place: Path) -> Any:
    if not place:
        return draw(values) if draw(st.integers(0, 9)) == 0 else value
    *way, last = place
    around = value
    for key in way:
        around = around[key]
    change = draw(st.sampled_from(_CHANGES))
    change(draw, around, last)
    return value


def _replace(draw: st.DrawFn, around: Any, last: str | int) -> None:
    around[last] = draw(values)


def _remove(_draw: st.DrawFn, around: Any, last: Any) -> None:
    del around[last]


def _wrap(draw: st.DrawFn, around: Any, last: str | int) -> None:
    around[last] = draw(st.sampled_from([[around[last]], {"a": around[last]}, [around[last]] * 3]))


def _write_as_text(_draw: st.DrawFn, around: Any, last: str | int) -> None:
    around[last] = str(around[last])[:1_000]


def _lengthen(draw: st.DrawFn, around: Any, last: str | int) -> None:
    if isinstance(around[last], str):
        text = draw(st.sampled_from(["x", "\ud800", "\0", " ", "\n", "%20", "+", "/", "..", "é", "x" * 300]))
        around[last] = draw(st.sampled_from([around[last] + text, text + around[last]]))


def _add(draw: st.DrawFn, around: Any, _last: str | int) -> None:
    if isinstance(around, dict):
        around[
            draw(st.text(max_size=10) | st.sampled_from(["request", "Records", "alarmData", "detail", "source"]))
        ] = draw(odd)
    else:
        around.append(draw(odd))


_CHANGES = (_replace, _replace, _remove, _wrap, _write_as_text, _lengthen, _add)
