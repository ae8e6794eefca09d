"""Says what deployments' timelines have gained, entry by entry."""

from __future__ import annotations

from collections import Counter

from local.demo.controller import Deployment
from local.demo.view import View


class Timelines:
    """Remembers how much of each timeline was said already."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._told: Counter[str] = Counter()

    def tell(self, deployment: Deployment) -> None:
        """Says what the deployment's timeline has gained since the last look."""
        for text in deployment.timeline[self._told[deployment.name] :]:
            self._view.say(f"  {deployment.name}  {text}")
        self._told[deployment.name] = len(deployment.timeline)
