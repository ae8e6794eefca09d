"""Names a Lambda function the way callers do: by name, ``name:qualifier`` or ARN.

Note: a qualifier is a version's number, an alias's name or ``$LATEST``; an alias cannot be all digits, so the three
never clash. Source: Lambda API reference, CreateAlias, Name, 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Reference:
    """One function, addressed. ``qualifier`` is None where the caller gave none."""

    account: str
    region: str
    name: str
    qualifier: str | None = None

    @property
    def resource(self) -> str:
        """Returns ``checkout`` or ``checkout:live``, as the metric dimension Resource has it."""
        return self.name if self.qualifier is None else f"{self.name}:{self.qualifier}"

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.resource}"

    @property
    def is_alias(self) -> bool:
        return self.qualifier is not None and self.qualifier != LATEST and not self.qualifier.isdigit()


def parse(reference: str, account: str = "", region: str = "") -> Reference:
    """Reads an ARN, or a bare name as a function of ``account`` and ``region``.

    Raises ValueError where an ARN names no Lambda function.
    """
    if not reference.startswith("arn:"):
        name, _, qualifier = reference.partition(":")
        return Reference(account, region, name, qualifier or None)
    match reference.split(":"):
        case ["arn", _, "lambda", region, account, "function", name]:
            return Reference(account, region, name)
        case ["arn", _, "lambda", region, account, "function", name, qualifier]:
            return Reference(account, region, name, qualifier)
    raise ValueError(f"{reference} is not the ARN of a Lambda function")
