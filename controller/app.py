"""The Lambda entry: settings, logging, one dispatch, one summary line. The only door, and the only place that catches
every exception.

A request is answered with its JSON; every other event with ``{"handled": n}``.

Note: an exception is logged once, here, and raised again. The platform's retry is the first remedy, the next minute's
tick the second, and the dead-letter queue gets the rest. A tick that failed during an outage of AWS is too old by its
second retry, so no ticks pile up.
"""

from __future__ import annotations

# Garbage collection while modules load takes a fifth of a cold start and finds next to nothing, so it waits for the
# first answer.
import gc

gc.disable()

import os
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from controller import own_metrics
from controller.aws.clients import Adapters
from controller.context import Context
from controller.dispatch import Dispatcher
from controller.reconcile.attempts import LooksFailed
from controller.settings import from_environment

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_LOGGER = Logger(service="slipway")


@_LOGGER.inject_lambda_context(clear_state=True)
def handler(event: object, context: LambdaContext) -> object:
    """Handles one invocation. ``event`` is any payload of ``events/``; others are ignored with a reason in the log."""
    began = time.monotonic()
    try:
        outcomes = _dispatcher().dispatch(event, lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()))
    except Exception as problem:
        _LOGGER.exception("this invocation failed; it is tried again")
        if isinstance(problem, LooksFailed):
            own_metrics.write([problem.line], context.function_name, _dispatcher().calls)
        raise
    finally:
        gc.enable()
    seconds = round(time.monotonic() - began, 3)
    for outcome in outcomes:
        _LOGGER.info("handled", extra={**outcome.line, "seconds": seconds})
    own_metrics.write((outcome.line for outcome in outcomes), context.function_name, _dispatcher().calls)
    answers = [outcome.answer for outcome in outcomes if outcome.answer is not None]
    return answers[0] if answers else {"handled": len(outcomes)}


@cache
def _dispatcher() -> Dispatcher:
    settings = from_environment(os.environ)
    return Dispatcher(Context(Adapters(settings), settings, lambda: datetime.now(UTC)))
