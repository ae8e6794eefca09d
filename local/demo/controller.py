"""Asks the controller, as a person would: by invoking it with a request.

Note: the traffic knows of more requests than the error gate has judged. The controller counts what CloudWatch has
counted, which is a minute or two behind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cli.asking.answers import Deployment
from cli.asking.parsing import deployment, deployments
from local.demo.releases import ALIAS, FUNCTION


class ControllerFailed(RuntimeError):
    """The controller raised, or refused a request; the text is what it said."""


class Controller:
    """The deployed controller, asked about one function. ``functions`` is a client of Lambda; ``asked`` is the
    controller's own alias that answers.
    """

    def __init__(self, functions: Any, name: str, function: str = FUNCTION, asked: str = ALIAS) -> None:
        self._functions = functions
        self._invoked = {"FunctionName": name, "Qualifier": asked}
        self._function = function

    def status(self) -> Deployment | None:
        """Returns the open deployment, else the newest; None where there was none yet."""
        answer = self._ask("status")[0]
        return deployment(answer, "open") or deployment(answer, "newest")

    def history(self) -> tuple[Deployment, ...]:
        """Returns all deployments, oldest first."""
        return tuple(reversed(deployments(self._ask("history", limit=100)[0])))

    def version(self) -> str:
        """Returns the version of the controller that answers now."""
        return self._ask("status")[1]

    def _ask(self, request: str, **more: object) -> tuple[Mapping[str, Any], str]:
        payload = {"request": request, "function": self._function, "alias": ALIAS, **more}
        called = self._functions.invoke(**self._invoked, Payload=json.dumps(payload))
        answer = json.load(called["Payload"])
        is_unknown_yet = "newest" in answer
        if "FunctionError" in called or not (answer.get("ok") or is_unknown_yet):
            raise ControllerFailed(f"the request {request} was answered with {json.dumps(answer)}")
        return answer, str(called["ExecutedVersion"])
