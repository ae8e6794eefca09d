"""Scales schedules: ``rate(1 minute)`` fires once in each minute of the embedded AWS.

MiniStack looks at schedules every 10 seconds, so a rule fires up to 10 seconds late. Here it looks several
times in a minute of the embedded AWS. ``cron(...)`` and ``at(...)`` name times of the clock on the wall and
are not scaled.

Note: EventBridge rules and EventBridge Scheduler are two services with a loop each; both read rates by the same
function.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ministack.services import eventbridge, scheduler

from local.emulator.patches.patching import replace
from local.settings import Settings

LONGEST_BETWEEN_LOOKS = 1.0
LOOKS_PER_MINUTE = 20

_logger = logging.getLogger(__name__)


def install(settings: Settings) -> None:
    pause = min(LONGEST_BETWEEN_LOOKS, settings.minute / LOOKS_PER_MINUTE)
    replace(eventbridge, "_parse_rate_seconds", ("expr",), lambda original: _scaled(original, settings))
    replace(
        eventbridge,
        "_scheduler_loop",
        (),
        lambda _: _loop(eventbridge._tick_scheduled_rules, pause),
    )
    replace(scheduler, "_ticker_loop", (), lambda _: _loop(scheduler._tick_schedules, pause))


def _scaled(original: Callable[[str], int | None], settings: Settings) -> Callable[[str], float | None]:
    def seconds(expr: str) -> float | None:
        aws = original(expr)
        return None if aws is None else aws * settings.minute / 60

    return seconds


def _loop(look: Callable[[], None], pause: float) -> Callable[[], None]:
    def loop() -> None:
        while True:
            time.sleep(pause)
            try:
                look()
            except Exception:
                _logger.exception("a schedule was not looked at")

    return loop
