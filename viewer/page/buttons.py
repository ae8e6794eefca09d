"""The buttons of an open deployment: each asks for confirmation, and calls the controller with one request.

    <a class="button">Pause</a>
    <cwdb-action action="call" display="popup" endpoint="arn:...:slipway-controller:live" confirmation="Pause ...?">
      {"request": "pause", "function": "checkout", "alias": "live", "deployment": 5, "alias_revision": "...", ...}
    </cwdb-action>

Rules of the file:

- a button carries the deployment and the alias's revision that the person saw, so one of an old page is refused;
- a button's ``id`` is that of the page it was drawn on: pressing it twice does the same as once;
- only what the controller would allow now has a button.

Source of the element: CloudWatch user guide, custom widgets, interactivity, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from viewer.page.markup import Content, json_text, tag
from viewer.page.seen import Deployment, Details


@dataclass(frozen=True, slots=True)
class Button:
    """``asks`` is the question before it acts; ``more`` are members of the request."""

    request: str
    label: str
    asks: str
    kind: str = ""
    more: tuple[tuple[str, object], ...] = ()


def drawn(deployment: Deployment, details: Details, controller: str, at: datetime) -> Iterator[Content]:
    """Yields the buttons. ``controller`` is the ARN to call, ``at`` the time of the page."""
    for button in buttons(deployment, details):
        yield tag("a", button.label, class_=f"button {button.kind}".strip(), data_request=button.request)
        yield tag(
            "cwdb-action",
            json_text(_request(button, deployment, details, at)),
            action="call",
            display="popup",
            endpoint=controller,
            confirmation=f"{button.asks} ({deployment.name})",
        )


def link(deployment: Deployment, viewer: str) -> Iterator[Content]:
    """Yields the deployment's name as a link that draws the page again, with that one whole and first."""
    yield tag("a", deployment.name, class_="link")
    shown = json_text({"target": deployment.target})
    yield tag("cwdb-action", shown, action="call", display="widget", endpoint=viewer)


def buttons(deployment: Deployment, details: Details) -> Iterator[Button]:
    """Yields the buttons that are allowed now, the way back last."""
    for family in (_approval, _forward, _hold, _back):
        yield from (button for button in family(deployment, details) if button.request in details.allowed)


def _approval(deployment: Deployment, details: Details) -> Iterator[Button]:
    if details.asked_about is None:
        return
    step = (("step", details.asked_about),)
    yield Button("approve", "Approve", f"Approve: may version {deployment.canary} go on?", "go", step)
    yield Button("deny", "Deny", f"Deny: shall version {deployment.canary} go no further?", "back", step)


def _forward(deployment: Deployment, _details: Details) -> Iterator[Button]:
    canary, stable = deployment.canary, deployment.stable
    if deployment.phase == "SHIFTING":
        step = (("step", deployment.step),)
        yield Button("next", "Next step", f"End this hold now? The gates still count for version {canary}", more=step)
        asks = f"Give version {canary} all traffic now, without the steps and gates to come?"
        yield Button("promote", "All traffic now", asks, more=(("phase", "SHIFTING"),))
    elif deployment.phase == "BAKING":
        asks = f"End the bake now? From then on no alarm brings version {stable} back"
        yield Button("promote", "End the bake", asks, more=(("phase", "BAKING"),))


def _hold(deployment: Deployment, _details: Details) -> Iterator[Button]:
    if {"paused", "frozen"} & {*deployment.modes}:
        yield Button("resume", "Resume", "Let the deployment go on?", "go")
    else:
        yield Button("pause", "Pause", "Hold every further step? An alarm still brings traffic back")


def _back(deployment: Deployment, _details: Details) -> Iterator[Button]:
    if "drifted" in deployment.modes:
        yield Button("accept_drift", "Keep what the alias carries", "Keep what somebody else made the alias carry?")
    if deployment.phase in ("SHIFTING", "BAKING"):
        asks = f"Roll back: version {deployment.stable} gets all traffic now, and these bytes are quarantined. Go on?"
        yield Button("rollback", "Roll back", asks, "back")
    elif deployment.phase in ("PREPARING", "TESTING"):
        yield Button("rollback", "Stop", "End the deployment before any traffic?", "back")


def _request(button: Button, deployment: Deployment, details: Details, at: datetime) -> dict[str, object]:
    revision = {"alias_revision": details.revision} if details.revision else {}
    return {
        "request": button.request,
        "function": deployment.function,
        "alias": deployment.alias,
        "deployment": deployment.number,
        **revision,
        **dict(button.more),
        "id": f"page of {at.isoformat(timespec='seconds')}: {button.request}",
    }
