"""Words an answer for the popup that opens when somebody has pressed a button of the page.

    {"ok": false, "request": "promote", "error": "checkout:live#5 is BAKING ..."}
    ->  "<p><strong>promote was refused</strong></p><p>checkout:live#5 is BAKING ...</p>"

All texts of an answer are escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from controller.requests import Answer


def html(answer: Answer) -> str:
    """Returns the answer as HTML for people."""
    title = f"{answer['request']} was {'accepted' if answer['ok'] else 'refused'}"
    lines = [str(answer[name]) for name in ("error", "repeated", "unfinished") if answer.get(name)]
    found = answer.get("deployment")
    if isinstance(found, Mapping):
        lines.append(_state(found))
    return "".join((f"<p><strong>{escape(title)}</strong></p>", *(f"<p>{escape(line)}</p>" for line in lines)))


def _state(deployment: Mapping[str, object]) -> str:
    """Says where the deployment is now, and why it does not go on or how it ends."""
    why = deployment.get("reason") or deployment.get("held_by")
    return f"{deployment.get('deployment')} is {deployment.get('phase')}{f': {why}' if why else ''}"
