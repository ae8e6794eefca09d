"""The two functions of the stack, by the ARNs that the page's buttons and links call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """A function's ARN, and its parts: "slipway-controller" and "live"; the qualifier is empty without one."""

    arn: str
    name: str
    qualifier: str

    def __str__(self) -> str:
        return f"{self.name}:{self.qualifier}" if self.qualifier else self.name


@dataclass(frozen=True, slots=True)
class Functions:
    """The controller, whose alias answers every request, and the viewer."""

    controller: Function
    viewer: Function


def function(arn: str) -> Function:
    """Reads ``arn:aws:lambda:eu-west-1:123456789012:function:slipway-controller:live``. Raises ValueError for another
    text.
    """
    parts = arn.split(":")
    if len(parts) not in (7, 8) or parts[5] != "function":
        raise ValueError(f"found {arn!r}, allowed: the ARN of a Lambda function, with or without a qualifier")
    return Function(arn, parts[6], parts[7] if len(parts) == 8 else "")
