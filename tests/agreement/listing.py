"""What a check is: one fact about AWS, and the code that asks an account about it.

    @check("1.2.4")
    def a_write_under_another_revision_is_refused(account: Account) -> None:
        \"""412, and nothing is changed. Source: LocalStack's snapshots of AWS, test_alias_lifecycle, 2022-2025.\"""

The number is a point of docs/contributing/aws-facts.md, such as "1.2.4", or a section, such as "3.1". A fact missing
there is cited by AWS's reference: "dynamodb", "s3", "events", "sns", "cloudwatch", "lambda".

Note: an ``unverified`` check is no weaker. It asserts the known part of a fact, and names the part that only a live
account could tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from tests.agreement.account import Account


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``says`` is the fact as a sentence, its source and date; ``unverified`` what nobody knows yet."""

    fact: str
    name: str
    says: str
    ask: Callable[[Account], None]
    unverified: str = ""

    @property
    def id(self) -> str:
        return f"{self.fact} {self.name.replace('_', ' ')}"


def check(fact: str, unverified: str = "") -> Callable[[Callable[[Account], None]], Check]:
    """Makes a check of a function."""

    def made(ask: Callable[[Account], None]) -> Check:
        return Check(fact, ask.__name__, " ".join((ask.__doc__ or "").split()), ask, unverified)

    return made


def checks_of(area: ModuleType) -> list[Check]:
    """Returns the checks of a module, in the order in which they stand there."""
    return [found for found in vars(area).values() if isinstance(found, Check)]
