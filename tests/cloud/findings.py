"""What a test looks at in a story: deployments, what people and hooks were told, what AWS was asked and holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.model import Deployment, Phase, Target
from tests.builders import CHECKOUT
from tests.cloud.faults import Call, Json
from tests.cloud.steps import HOOK
from tests.cloud.story import Story
from tests.cloud.zips import code_of


@dataclass
class Findings(Story):
    """A story, and what there is to be found in it."""

    def deployment(self, number: int | None = None, target: Target = CHECKOUT) -> Deployment:
        """Returns a deployment, the newest where none is named."""
        made = self.deployments(target)
        return made[-1] if number is None else next(each for each in made if each.number == number)

    def timeline(self, number: int | None = None) -> list[str]:
        return [entry.text for entry in self.deployment(number).timeline]

    def because(self, number: int | None = None) -> str:
        """Returns the reason of a deployment in words."""
        reason = self.deployment(number).objection
        return reason.text if reason else ""

    def told(self, number: int | None = None) -> list[Phase]:
        """Returns the phases that people were told of, in order."""
        name = str(self.deployment(number))
        return [Phase(each["phase"]) for each in self.cloud.bus.details if each.get("deployment") == name]

    def notices(self) -> list[str]:
        """Returns what people were told, oldest first."""
        return [str(each["text"]) for each in self.cloud.bus.details]

    def hooks_told(self) -> list[Json]:
        """Returns what hook functions were told, in each call that reached one."""
        return [json.loads(call.parameters["Payload"]) for call in self.cloud.calls if _reached_a_hook(call)]

    def hooks_asked(self) -> list[tuple[str, int]]:
        """Returns the hooks that were called, each with the number of the call."""
        return [(told["hook"], told["call"]) for told in self.hooks_told()]

    def operations(self, since: int = 0) -> list[str]:
        """Returns what AWS was asked for, from that call on."""
        return [call.operation for call in self.cloud.calls[since:]]

    @property
    def latest_code(self) -> str:
        """The code of ``$LATEST``."""
        return code_of(self.cloud.lambda_.functions[CHECKOUT.function].latest.code)

    @property
    def versions(self) -> dict[str, str]:
        """The code of each published version."""
        function = self.cloud.lambda_.functions[CHECKOUT.function]
        return {number: code_of(version.code) for number, version in function.versions.items()}

    def is_quarantined(self, version: str = "2") -> bool:
        return self.seen().is_quarantined(CHECKOUT, version)

    def wrong(self) -> Iterator[str]:
        """Yields what no test may leave behind: broken invariants, and failures where nothing was made to go wrong."""
        yield from self.violations
        if not self.cloud.plan.injected:
            yield from self.failures


def _reached_a_hook(call: Call) -> bool:
    is_hook = call.operation == "Invoke" and call.parameters["FunctionName"].startswith(HOOK.format(""))
    is_away = call.fault is not None and call.fault.is_before
    return is_hook and "Payload" in call.parameters and not is_away and not call.error.endswith("Exception")
