"""What came of a fact, and whether a run was good. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from live.facts import Fact


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one fact, in words, and whether it is the expected one."""

    fact: str
    found: str
    as_expected: bool


@dataclass(frozen=True, slots=True)
class NotFoundOut:
    """Nobody knows; ``why`` says in words what kept the run from finding out."""

    why: str


class Verdict(Enum):
    """How a fact's answer is to be taken. Only AS_EXPECTED says something good of this account."""

    AS_EXPECTED = "as expected"
    OTHERWISE = "otherwise"
    NOT_SHOWN = "not shown here"
    NOT_FOUND_OUT = "not found out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fact, what was found of it, and how that is to be taken."""

    fact: Fact
    found: str
    verdict: Verdict


def outcome(fact: Fact, answer: Finding | NotFoundOut | None, not_shown: Mapping[str, str]) -> Outcome:
    """Returns what a fact's answer comes to.

    ``not_shown`` are the facts that this AWS cannot show, with the reason: their answers prove the script and nothing
    of AWS, so they are never as expected.
    """
    match answer:
        case Finding():
            if fact.number in not_shown:
                return Outcome(fact, f"({answer.found}): {not_shown[fact.number]}", Verdict.NOT_SHOWN)
            return Outcome(fact, answer.found, Verdict.AS_EXPECTED if answer.as_expected else Verdict.OTHERWISE)
        case NotFoundOut():
            return Outcome(fact, answer.why, Verdict.NOT_FOUND_OUT)
        case None:
            return Outcome(fact, "the run ended before", Verdict.NOT_FOUND_OUT)
