"""Asks again what nobody answered: a watch of an hour outlives an outage of minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cli.asking.aws_errors import CouldNotAsk
from cli.asking.connection import Slipway
from cli.asking.parsing import Answer

_WAITS = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
"""Seconds between two tries: four minutes in all, and botocore's own tries besides."""


@dataclass
class Patient:
    """``say`` tells a person about each try. The very first question is asked once: it finds out a wrong stack."""

    slipway: Slipway
    pause: Callable[[float], None]
    say: Callable[[str], None]
    _was_answered: bool = field(default=False, init=False)

    def ask(self, request: str, members: Mapping[str, object]) -> Answer:
        """Returns the answer to a request that looks. Raises CouldNotAsk."""
        for wait in _WAITS if self._was_answered else ():
            try:
                return self.slipway.ask(request, members)
            except CouldNotAsk as problem:
                self.say(f"asking again in {wait:g} s: {problem}")
                self.pause(wait)
        try:
            answer = self.slipway.ask(request, members)
        except CouldNotAsk as problem:
            if not self._was_answered:
                raise
            raise CouldNotAsk(f"{problem}; whatever was begun goes on, and `slipway watch` shows it again") from problem
        self._was_answered = True
        return answer
