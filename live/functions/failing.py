"""A probe that passes its test and fails every other request."""

from __future__ import annotations

from typing import Any


def handler(event: dict[str, str], context: Any) -> dict[str, str]:
    if "test" in event:
        return {"version": context.function_version}
    raise RuntimeError("the probe fails its requests")
