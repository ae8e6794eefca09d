"""Answers of the controller, as literal examples."""

from __future__ import annotations

from typing import Any

SHORT: dict[str, Any] = {
    "deployment": "checkout:live#5", "phase": "SHIFTING", "since": "2026-11-24T10:00:00+00:00",
    "opened": "2026-11-24T09:58:00+00:00", "artifact": "checkout/v5.zip", "artifact_version": "v", "stable": "4",
    "canary": "5", "share": 10.0, "step": {"number": 1, "of": 2, "weight": 10.0},
    "held_by": "hold for another 3m12s", "until": "2026-11-24T10:05:00+00:00", "modes": [], "firing": [],
    "reason": None, "cause": None, "who": "alice", "why": "orders of more than 99 items", "ended": None,
    "seconds_to_restore": None,
}  # fmt: skip
ROLLED_BACK: dict[str, Any] = {
    **SHORT, "deployment": "stock:live#7", "phase": "ROLLED_BACK", "share": None, "step": None, "held_by": None,
    "until": None, "reason": "alarm stock-errors is firing", "cause": "alarm", "ended": "2026-11-24T09:59:00+00:00",
    "seconds_to_restore": 4.2,
}  # fmt: skip
FULL: dict[str, Any] = {
    **SHORT,
    "alias": {"version": "4", "weights": {"5": "10%"}},
    "errors": {
        "looks": 4, "canary": {"invocations": 204, "errors": 9}, "stable": {"invocations": 1411, "errors": 0},
        "log_evidence": 2.485, "rolls_back_at": 4.605,
    },
    "timeline": [
        {"at": "2026-11-24T09:58:00+00:00", "text": "accepted checkout/v5.zip"},
        {"at": "2026-11-24T10:00:00+00:00", "text": "SHIFTING: 10% to version 5, the rest to 4"},
    ],
}  # fmt: skip
ALL: dict[str, Any] = {
    "ok": True, "request": "status", "at": "2026-11-24T10:01:48+00:00", "open": [SHORT], "ended": [ROLLED_BACK],
    "freezes": [], "refused_uploads": [], "last_tick": "2026-11-24T10:01:00+00:00",
    "controller": {"version": "3", "warnings": []},
}  # fmt: skip
ONE: dict[str, Any] = {
    "ok": True, "request": "status", "at": "2026-11-24T10:01:48+00:00", "target": "checkout:live",
    "serves": {
        "version": "4", "weights": {"5": "10%"}, "revision": "r", "deployment": "checkout:live#4",
        "artifact": "checkout/v4.zip",
    },
    "backup": "4", "drift": None, "open": FULL, "newest": None, "refused_uploads": [], "freeze": None,
    "controller": {"version": "3", "warnings": []},
}  # fmt: skip
