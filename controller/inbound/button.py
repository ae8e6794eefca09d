"""Reads a request that a button of the page sends: CloudWatch adds the widget's context, with what was typed there.

    {"request": "pause", "function": "checkout", "widgetContext": {"forms": {"all": {"who": "alice", "why": ""}}}}
    ->  {"request": "pause", "function": "checkout", "who": "alice"}

Source: CloudWatch user guide, details about custom widgets, 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping

CONTEXT = "widgetContext"
_TYPED = ("who", "why")


def pressed(payload: Mapping[str, object]) -> Mapping[str, object]:
    """Returns the request of a button's payload; what the request says itself counts before what was typed."""
    request = {name: value for name, value in payload.items() if name != CONTEXT}
    return {**_typed(payload[CONTEXT]), **request}


def _typed(context: object) -> Mapping[str, object]:
    """Returns the person's name and reason, each only if there is one."""
    forms = context.get("forms") if isinstance(context, Mapping) else None
    fields = forms.get("all") if isinstance(forms, Mapping) else None
    found = {name: fields.get(name) for name in _TYPED} if isinstance(fields, Mapping) else {}
    return {name: value.strip() for name, value in found.items() if isinstance(value, str) and value.strip()}
