"""Answers one invocation of the viewer: a request with JSON, a custom widget of CloudWatch with the page.

Note: CloudWatch sends a widget's own parameters with ``widgetContext`` beside them, and ``describe`` for the help of
the widget's editor. Source: CloudWatch user guide, details about custom widgets, 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core.model import Refused, Transient
from controller.requests import Answer
from viewer.functions import Functions
from viewer.looking import Looking
from viewer.page import asking, drawing
from viewer.page.answer_parts import Part

_DESCRIBED = """## Slipway

Open deployments with their share of traffic, what ended in the last day, freezes and quarantine. The buttons call the
controller with the rights of the person who presses them.

| parameter | means |
| --- | --- |
| `target` | a target that is shown whole first: `checkout:live` |
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``line`` is for the log, ``answer`` for whoever asked: a JSON object, or HTML."""

    line: Mapping[str, object]
    answer: Answer | str


class Viewer:
    """The viewer of one stack. ``clock`` gives the UTC time."""

    def __init__(self, functions: Functions, looking: Looking, clock: Callable[[], datetime]) -> None:
        self._functions = functions
        self._looking = looking
        self._clock = clock

    def answered(self, event: object, time_left: Callable[[], timedelta]) -> Outcome:
        """Returns the outcome of one invocation. Raises Transient if AWS did not answer a request."""
        asked = event if isinstance(event, Mapping) else {}
        if asked.get("describe") is True:
            return Outcome({"request": "describe", "ok": True}, _DESCRIBED)
        if "widgetContext" in asked and "request" not in asked:
            return self._page(Part(asked), time_left)
        answer = self._looking.answers(time_left)(asked)
        return Outcome({"request": answer["request"] if answer["ok"] else None, "ok": answer["ok"]}, answer)

    def _page(self, widget: Part, time_left: Callable[[], timedelta]) -> Outcome:
        theme = widget.part("widgetContext").text("theme")
        try:
            found = asking.asked(self._looking.answers(time_left), widget.text("target"), self._clock())
        except (Transient, Refused) as problem:
            return Outcome({"request": "page", "ok": False}, drawing.sorry(str(problem), theme))
        return Outcome({"request": "page", "ok": True}, drawing.page(found, self._functions, theme))
