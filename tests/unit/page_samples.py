"""Answers of ``status`` and ``show`` in the shapes that the page is drawn from."""

from __future__ import annotations

from typing import Any

AT = "2026-12-01T04:30:00+00:00"


def short(name: str = "checkout:live#5", **more: Any) -> dict[str, Any]:
    return {
        "deployment": name, "phase": "SHIFTING", "since": "2026-12-01T04:26:20+00:00",
        "opened": "2026-12-01T04:20:00+00:00", "artifact": f"{name.partition(':')[0]}/build-1.4.2.zip",
        "artifact_version": "v5", "stable": "4", "canary": "5", "share": 10.0,
        "step": {"number": 1, "of": 2, "weight": 10.0}, "held_by": "hold for another 3m20s",
        "until": "2026-12-01T04:33:20+00:00", "modes": [], "firing": [], "reason": None, "cause": None, "who": "alice",
        "why": "faster totals", "ended": None, "seconds_to_restore": None, **more,
    }  # fmt: skip


def full(name: str = "checkout:live#5", **more: Any) -> dict[str, Any]:
    return {
        **short(name),
        "steps": [{"weight": 10.0, "hold_seconds": 300.0}, {"weight": 50.0, "hold_seconds": 600.0}],
        "allowed": ["next", "promote", "rollback", "pause", "resume"],
        "alias": {"version": "4", "weights": {"5": "10%"}}, "alias_revision": "8d6f",
        "approval": None,
        "errors": {
            "canary": {"invocations": 482, "errors": 6}, "stable": {"invocations": 4310, "errors": 4},
            "log_evidence": 3.466, "rolls_back_at": 4.828,
            "in_words": "6 of 10 errors were version 5's, which has 10% of the requests",
        },
        "errors_in_bake": None, "latency": None, "timeouts": None, "metrics": [],
        "timeline": [
            {"at": "2026-12-01T04:20:00+00:00", "text": "PREPARING: checkout/build-1.4.2.zip was dropped by alice"},
            {"at": "2026-12-01T04:20:40+00:00", "text": "TESTING: version 5 is Active"},
            {"at": "2026-12-01T04:21:02+00:00", "text": "3 tests passed"},
            {"at": "2026-12-01T04:21:04+00:00", "text": "SHIFTING: the alias carries version 4 with 10% to version 5"},
        ],
        **more,
    }  # fmt: skip


def status(*opened: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "ok": True, "request": "status", "at": AT, "open": list(opened), "ended": [], "freezes": [],
        "refused_uploads": [], "last_tick": "2026-12-01T04:29:48+00:00",
        "controller": {"version": "7", "settings": "3", "warnings": []}, **more,
    }  # fmt: skip
