"""The Lambda entry of STACK-viewer: a request that looks in, JSON out; a custom widget of CloudWatch in, the page out.

    {"request": "status"}                   ->  {"ok": true, "request": "status", "open": [], ...}
    {"request": "promote", ...}             ->  {"ok": false, "request": "promote", "error": "... only looks ..."}
    {"widgetContext": {"theme": "dark"}}    ->  '<div class="slipway dark">...</div>'

The function's role only reads, so nothing that is sent here changes anything.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger

from viewer.functions import Functions, function
from viewer.looking import Looking
from viewer.reading import ReadingAdapters
from viewer.viewer import Viewer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_LOGGER = Logger(service="slipway-viewer")


@_LOGGER.inject_lambda_context(clear_state=True)
def handler(event: object, context: LambdaContext) -> object:
    """Returns the answer to one question. Raises what AWS or the table did not answer; asking again is harmless."""
    try:
        outcome = _viewer(context.invoked_function_arn).answered(
            event, lambda: timedelta(milliseconds=context.get_remaining_time_in_millis())
        )
    except Exception:
        _LOGGER.exception("this question was not answered; ask again")
        raise
    _LOGGER.info("answered", extra=dict(outcome.line))
    return outcome.answer


@cache
def _viewer(own_arn: str) -> Viewer:
    functions = Functions(controller=function(os.environ["SLIPWAY_CONTROLLER"]), viewer=function(own_arn))
    return Viewer(functions, Looking(functions, boto3.client("lambda"), ReadingAdapters, _now), _now)


def _now() -> datetime:
    return datetime.now(UTC)
