"""How a wait before traffic is written down, and read back.

{"kind": "failing", "said": "Invoke of checkout:2 failed: ...", "advice": "",
     "failing_since": "2026-11-24T10:05:04+00:00"}
"""

from __future__ import annotations

from controller.core.model.delay import Delay, DelayKind
from controller.core.records.json_values import mapping, moment, read_moment


def to_plain(delay: Delay | None) -> dict[str, object] | None:
    """Returns a wait as a JSON-like value."""
    if delay is None:
        return None
    return {
        "kind": delay.kind.value,
        "said": delay.said,
        "advice": delay.advice,
        "failing_since": moment(delay.failing_since),
    }


def read(value: object) -> Delay | None:
    """Returns the wait that ``to_plain`` wrote; None where there is none, or one of a kind of another release."""
    plain = mapping(value) if value else {}
    if plain.get("kind") not in {kind.value for kind in DelayKind}:
        return None
    since = read_moment(plain.get("failing_since"))
    return Delay(DelayKind(plain["kind"]), str(plain["said"]), str(plain["advice"]), since)
