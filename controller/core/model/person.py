"""The person behind a request or a drop.

    Person("alice", "load test").signed("paused")   ->  "paused by request of alice: load test"
    Person("alice", "load test").says("approved")   ->  "alice approved: load test"
    Person().signed("paused")                       ->  "paused by request"

Note: both are the person's own words. Slipway says them on and proves nothing: IAM and CloudTrail do.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_WHO, MAX_WHY = 200, 200


@dataclass(frozen=True, slots=True)
class Person:
    """A person's name and reason, either of which may be empty. Each is one line: unprintable characters become
    escapes, and a long text is cut.
    """

    who: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "who", one_line(self.who)[:MAX_WHO].strip())
        object.__setattr__(self, "why", one_line(self.why)[:MAX_WHY].strip())

    def signed(self, done: str) -> str:
        """Returns what was done with the person who asked for it at the end."""
        return f"{done} by request{self.who and f' of {self.who}'}{self.because}"

    def says(self, verb: str) -> str:
        """Returns what the person did: "alice asked: load test", "a person asked"."""
        return f"{self.who or 'a person'} {verb}{self.because}"

    @property
    def because(self) -> str:
        """The reason to put behind a sentence: ": load test", empty without one."""
        return f": {self.why}" if self.why else ""


def one_line(text: str) -> str:
    """Returns a text that may be anybody's as one line: its unprintable characters as escapes."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


NOBODY = Person()
