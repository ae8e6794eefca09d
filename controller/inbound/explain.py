"""Shows how the controller understands an event, without acting on it.

    {"request": "explain", "event": {"source": "aws.events", "detail-type": "Scheduled Event"}}
    ->  {"ok": true, "request": "explain", "events": [{"event": "tick"}]}

A new version of the controller answers this before getting any traffic (``packaging/slipway.json``). The request also
shows people why an event did nothing.

This is no rehearsal: nothing is looked up, so an alarm may be understood and still guard nothing.
"""

from __future__ import annotations

from controller.core.model.events import AlarmFired, AliasChanged, ArtifactUploaded, Ignored, Tick
from controller.inbound.parse import Event, RequestReceived, UploadRefused

_MAX_SHOWN = 100


def explained(event: Event) -> dict[str, object]:
    """Returns an event as a JSON-like value, its kind under ``event``."""
    match event:
        case Tick():
            return {"event": "tick"}
        case AlarmFired():
            target = str(event.target) if event.target else None
            return {"event": "alarm", "alarm": event.name, "target": target, "version": event.version}
        case AliasChanged():
            return {"event": "alias changed", "target": str(event.target), "action": event.action, "who": event.who}
        case ArtifactUploaded():
            return {"event": "upload", "bucket": event.bucket, "key": event.key, "version": event.version_id}
        case UploadRefused(uploaded, _, reason):
            return {"event": "refused", "bucket": uploaded.bucket, "key": uploaded.key, "reason": reason.text}
        case RequestReceived(payload):
            return {"event": "request", "request": str(payload.get("request", ""))[:_MAX_SHOWN]}
        case Ignored(reason):
            return {"event": "ignored", "reason": reason}
