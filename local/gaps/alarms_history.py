"""Keeps what DescribeAlarmHistory shows: every change of a state, to the millisecond, and every creation.

MiniStack keeps whole seconds, so a history cannot tell which of two quick changes came first, or how long after a
change an alias moved. And it remembers a creation as a change of state; CloudWatch remembers it as a change of
configuration. Source: CloudWatch API reference, AlarmHistoryItem, 2026-11.

What a newcomer would get wrong: another part of MiniStack (``first_alarm_time``) reads the stored times as whole
seconds and passes over all others. It is shown the history in whole seconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch

from local.gaps.alarms_events import AlarmState
from local.patching import replace

Entry = dict[str, Any]

_in_whole_seconds: ContextVar[bool] = ContextVar("the history is read in whole seconds", default=False)


def replace_history() -> None:
    """Replaces how MiniStack writes, reads and sends the history."""
    members = ("alarm_name", "old_state", "new_state", "reason", "alarm_type", "reason_data")
    replace(cloudwatch, "_record_history", members, lambda _: _record)
    replace(cloudwatch, "_history_entries", (), _entries)
    replace(cloudwatch, "first_alarm_time", ("alarm_arn", "start", "end"), _first_alarm_time)
    replace(cloudwatch, "_json_timestamp", ("value",), _json_timestamp)


def remember(alarm: dict[str, Any], previous: AlarmState, current: AlarmState) -> None:
    """Adds a change of state."""
    kind = "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm"
    _append_change(alarm["AlarmName"], kind, current.since, _remembered(previous), _remembered(current))


def written(epoch: float) -> str:
    """Returns a time as it is stored: ``2026-11-23T10:20:48.551Z``."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _remembered(state: AlarmState) -> dict[str, Any]:
    content: dict[str, Any] = {"stateValue": state.value, "stateReason": state.reason}
    return content if state.reason_data is None else content | {"stateReasonData": _json_or_text(state.reason_data)}


def _json_or_text(text: str) -> Any:
    """The history holds the reason data as JSON; what is set by hand need not be JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _record(
    alarm_name: str,
    old_state: str,
    new_state: str,
    reason: str,
    alarm_type: str = "MetricAlarm",
    reason_data: Any = None,
) -> None:
    now = time.time()
    if old_state == new_state:
        created = {"version": "1.0", "type": "Create"}
        _append(alarm_name, alarm_type, now, "ConfigurationUpdate", f'Alarm "{alarm_name}" created', created)
        return
    data = {} if reason_data is None else {"stateReasonData": reason_data}
    new = {"stateValue": new_state, "stateReason": reason, **data}
    _append_change(alarm_name, alarm_type, now, {"stateValue": old_state}, new)


def _append_change(name: str, kind: str, at: float, old: dict[str, Any], new: dict[str, Any]) -> None:
    summary = f"Alarm updated from {old['stateValue']} to {new['stateValue']}"
    _append(name, kind, at, "StateUpdate", summary, {"version": "1.0", "oldState": old, "newState": new})


def _append(name: str, kind: str, at: float, item: str, summary: str, data: dict[str, Any]) -> None:
    cloudwatch._history_entries().append(
        {
            "AlarmName": name,
            "AlarmType": kind,
            "Timestamp": written(at),
            "HistoryItemType": item,
            "HistorySummary": summary,
            "HistoryData": json.dumps(data, separators=(",", ":")),
        }
    )


def _entries(original: Callable[[], list[Entry]]) -> Callable[[], list[Entry]]:
    def entries() -> list[Entry]:
        stored = original()
        return [_rounded(entry) for entry in stored] if _in_whole_seconds.get() else stored

    return entries


def _rounded(entry: Entry) -> Entry:
    return {**entry, "Timestamp": cloudwatch._ts_iso(cloudwatch._parse_ts(entry["Timestamp"]))}


def _first_alarm_time(
    original: Callable[[str, float, float], float | None],
) -> Callable[[str, float, float], float | None]:
    def first_alarm_time(alarm_arn: str, start: float, end: float) -> float | None:
        token = _in_whole_seconds.set(True)
        try:
            return original(alarm_arn, start, end)
        finally:
            _in_whole_seconds.reset(token)

    return first_alarm_time


def _json_timestamp(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def timestamp(value: Any) -> Any:
        epoch = cloudwatch._parse_ts(value) if isinstance(value, str) else None
        return original(value) if epoch is None or epoch.is_integer() else epoch

    return timestamp
