"""Runs asynchronous invocations: accepted at once, run in the background, repeated, a dead letter in the end.

    invoke_asynchronously("arn:aws:lambda:us-east-1:123456789012:function:checkout:live", {"order": 1})

Every event source that AWS calls asynchronous calls this. MiniStack's own queue takes the retries of the
function where the caller named an alias, and sends the wrong thing to a dead-letter queue.

Rules of the file:
- the event invoke config is the qualifier's own; an alias without one has the defaults, whatever the function
  has;
- the alias is looked up at each attempt, so a repeated attempt may run on another version than the first.
  Whether AWS draws again is not documented; a fixed version would hide what a roll-back does to the events
  still waiting;
- waits are counted in the embedded AWS's minutes.

Note: acceptance is no success. The caller hears of an absent function or alias and of nothing else.
"""

from __future__ import annotations

import contextvars
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import timedelta
from functools import wraps
from typing import Any

from ministack.core.responses import _request_account_id, _request_region, get_account_id, get_region
from ministack.services import lambda_svc

from local.emulator.patches.lambda_invocations import readiness
from local.emulator.patches.lambda_invocations.dead_letters import send
from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.dead_letters import attributes
from local.emulator.rules.lambda_.references import LATEST, Reference, parse
from local.emulator.rules.lambda_.retries import Attempts, Outcome, Policy, after, policy_of
from local.emulator.runtime import invocation
from local.settings import Settings

Record = dict[str, Any]

_settings = Settings()


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that waits to be run."""

    addressed: Reference
    event: object
    request_id: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one run ended. ``record`` is the one that ran, None where the function or alias has gone."""

    record: Record | None
    result: Record
    outcome: Outcome


def install(settings: Settings) -> None:
    """Replaces MiniStack's queue of asynchronous invocations."""
    global _settings
    _settings = settings
    replace(lambda_svc, "invoke_async_with_retry", ("func", "event"), _queue)


def invoke_asynchronously(function_reference: str, payload: object) -> None:
    """Accepts an event for a function and returns at once.

    ``function_reference`` is an ARN, with or without a qualifier, or a name. Raises LookupError where the
    function, version or alias does not exist.
    """
    addressed = parse(function_reference, get_account_id(), get_region())
    _accept(Accepted(addressed, payload, str(uuid.uuid4())))


def _queue(original: Callable[[Record, object], None]) -> Callable[[Record, object], None]:
    @wraps(original)
    def queue(func: Record, event: object) -> None:
        config = func.get("config") or func
        request_id = invocation.invoked() or str(uuid.uuid4())
        _accept(Accepted(parse(config["FunctionArn"]), event, request_id))

    return queue


def _accept(accepted: Accepted) -> None:
    addressed = accepted.addressed
    function = lambda_svc._functions.get_scoped(addressed.account, addressed.region, addressed.name)
    if not lambda_svc._function_qualifier_exists(function, addressed.qualifier):
        raise LookupError(f"Function not found: {addressed.arn}")
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_deliver, accepted), name="lambda-asynchronous", daemon=True).start()


def _deliver(accepted: Accepted) -> None:
    """Runs the event until it is over. Called in a thread and a context of its own."""
    _request_account_id.set(accepted.addressed.account)
    _request_region.set(accepted.addressed.region)
    policy = _policy(accepted.addressed)
    if policy is None:
        return
    began = time.monotonic()
    made = Attempts()
    with invocation.invoking(accepted.request_id):
        while (attempt := _attempt(accepted)).record is not None:
            made = _counted(made, attempt.outcome, time.monotonic() - began)
            wait = after(policy, attempt.outcome, made)
            if wait is None:
                _end(accepted, attempt)
                return
            time.sleep(_settings.scaled(wait).total_seconds())


def _policy(addressed: Reference) -> Policy | None:
    """Returns what the qualifier's config says; None where the function has gone since, with all of the embedded AWS
    where that was stopped.
    """
    function = lambda_svc._functions.get(addressed.name)
    if function is None:
        return None
    config = lambda_svc._event_invoke_config(function, addressed.qualifier)
    if config is None and addressed.qualifier in (None, LATEST):
        other = LATEST if addressed.qualifier is None else None
        config = lambda_svc._event_invoke_config(function, other)
    return policy_of(config)


def _attempt(accepted: Accepted) -> Attempt:
    record, config, _ = lambda_svc._get_func_record_for_ref(accepted.addressed.arn)
    if record is None or config is None:
        return Attempt(None, {}, Outcome.FAILED)
    runnable = lambda_svc._execution_record_for_config(record, config)
    stored = readiness.stored(accepted.addressed.name, config.get("Version", LATEST))
    if stored is not None and readiness.refusal_of(stored):
        return Attempt(runnable, {}, Outcome.THROTTLED)
    result = lambda_svc._execute_function_with_config_scope(runnable, accepted.event)
    if result.get("throttle"):
        return Attempt(runnable, result, Outcome.THROTTLED)
    return Attempt(runnable, result, Outcome.FAILED if result.get("error") else Outcome.SUCCEEDED)


def _counted(made: Attempts, outcome: Outcome, seconds: float) -> Attempts:
    age = timedelta(seconds=seconds) * (60 / _settings.minute)
    if outcome is Outcome.THROTTLED:
        return changed(made, throttled=made.throttled + 1, age=age)
    return changed(made, runs=made.runs + 1, throttled=0, age=age)


def _end(accepted: Accepted, attempt: Attempt) -> None:
    target = ((attempt.record or {})["config"].get("DeadLetterConfig") or {}).get("TargetArn")
    if target and attempt.outcome is not Outcome.SUCCEEDED:
        send(target, accepted.event, attributes(accepted.request_id, attempt.result.get("body")))
