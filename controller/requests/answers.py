"""Answers people's requests, made by invoking the controller, with JSON.

    {"request": "status", "function": "checkout", "alias": "live"}  ->  {"ok": true, "request": "status", ...}
    {"request": "promote", "function": "nobody"}                    ->  {"ok": false, "request": "promote", "error": ""}

Rules of the folder:

- one JSON Schema (``slipway.request.schema.json``) checks every request; a refusal gives the value found and the values
  allowed;
- a family of requests is one file: a class made of ``Parts``, with a method ``payload -> Answer`` for each request,
  which raises Unmet or Refused if the request cannot be met;
- a new request is such a method, a line of the table below, its part of the schema and its file in ``events/``;
- a request that changes the open deployment is one event for the loop: its line is ``answering`` of that event;
- a repeated request is answered with its result, and not carried out twice (``repeated.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.context import Context
from controller.core.manifest.schema_errors import first_problem
from controller.core.model import Refused
from controller.core.model.events import (
    AcceptDriftRequested,
    NextRequested,
    PauseRequested,
    PromoteRequested,
    ResumeRequested,
)
from controller.core.model.person import one_line
from controller.inbound.explain import explained
from controller.inbound.parse import parse
from controller.reconcile.loop import Reconciler
from controller.reconcile.performing.perform import Performer
from controller.requests import Answer, Unmet, acting, members
from controller.requests.acting import Acting
from controller.requests.deploying import Deploying
from controller.requests.drilling import Drilling
from controller.requests.freezing import Freezing
from controller.requests.looking import Looking
from controller.requests.looking.backtest import Backtest
from controller.requests.looking.dry_run import DryRun
from controller.requests.members import Payload
from controller.requests.parts import Parts
from controller.requests.quarantining import Quarantining
from controller.requests.redriving import Redelivery, Redriving
from controller.requests.repeated import Repeated, RepeatedRequests
from controller.requests.rolling_back import RollingBack

_EXAMPLE = 'say what is asked for, as {"request": "status", "function": "checkout"}'
Table = Mapping[str, Callable[[Payload], Answer]]


def looking(parts: Parts) -> Table:
    """Returns the requests that change nothing, by name. The viewer answers these and no others."""
    looks, backtest = Looking(parts), Backtest(parts.context)
    dry_run = DryRun(parts)
    clock = parts.context.clock
    return {
        "status": looks.status,
        "show": looks.show,
        "history": looks.history,
        "plan": lambda payload: dry_run.of(members.uploaded(payload, clock())),
        "explain": lambda payload: {"events": [explained(each) for each in parse(payload["event"], clock())]},
        "quarantine": Quarantining(parts).listed,
        "backtest": lambda payload: backtest.of(parts.target(payload), payload),
    }


class Answers:
    """Answers the requests of a table. ``function_arn`` is the beginning of this account's and Region's, or empty."""

    def __init__(self, table: Table, function_arn: str) -> None:
        self._table = table
        self._function_arn = function_arn

    @property
    def names(self) -> tuple[str, ...]:
        """The requests of the table."""
        return tuple(self._table)

    def knows(self, word: object) -> bool:
        """Is this the name of a request? Any other text is somebody's own."""
        return isinstance(word, str) and word in self._table

    def answer(self, payload: Payload) -> Answer:
        """Returns the answer to a request. Raises Transient if AWS did not answer; asking again is harmless."""
        asked = payload.get("request")
        word = members.whole(asked[: members.MAX_QUOTED]) if isinstance(asked, str) else None
        try:
            if "request" not in payload:
                raise Unmet(f"{_EXAMPLE}; allowed: {', '.join(self._table)}")
            wrong = first_problem(payload, members.schema())
            if wrong:
                raise Unmet(wrong)
            meant = members.as_meant(payload, self._function_arn)
            return {"ok": True, "request": word, **self._table[str(asked)](meant)}
        except (Unmet, Refused) as refusal:
            return {"ok": False, "request": word, "error": members.whole(str(refusal))}

    def line(self, payload: Payload, answer: Answer) -> dict[str, object]:
        """Returns the log line of a request: who asked for what, why, and whether it was met. Of a payload that is no
        request nothing is quoted, because it may hold secrets.
        """
        word = answer["request"] if self.knows(answer["request"]) else None
        line = {"event": "request", "request": word, "ok": answer["ok"]}
        if not answer["ok"] and first_problem(payload, members.schema()):
            return {**line, "error": "refused by slipway.request.schema.json"}
        deployment = answer.get("deployment")
        named = answer.get("target") or payload.get("function", payload.get("key"))
        target = deployment["deployment"] if isinstance(deployment, dict) else named
        said = {"target": target, "error": answer.get("error")}
        said |= {name: payload.get(name) for name in ("who", "why", "id")}
        one_lines = {name: one_line(members.whole(str(value))) for name, value in said.items() if value is not None}
        return {**line, **one_lines}


class Requests(Answers):
    """Answers every request: those that look, and those that act."""

    def __init__(
        self,
        context: Context,
        performer: Performer,
        reconciler: Reconciler,
        redelivery: Redelivery,
    ) -> None:
        parts, repeats = Parts(context, performer, reconciler), RepeatedRequests(context)
        deploying, freezing = Deploying(parts, repeats), Freezing(parts)
        self._acting = Acting(parts, repeats)
        answering = self._acting.answering
        table = {
            **looking(parts),
            "deploy": deploying.deploy,
            "promote": answering(lambda _: PromoteRequested()),
            "next": answering(lambda payload: NextRequested(members.step(payload))),
            "rollback": RollingBack(parts, repeats, self._acting).rollback,
            "drill": Drilling(parts, repeats, self._acting).drill,
            "pause": answering(lambda _: PauseRequested()),
            "resume": answering(lambda _: ResumeRequested()),
            "accept_drift": answering(lambda _: AcceptDriftRequested()),
            "approve": answering(acting.approve),
            "deny": answering(acting.deny),
            "override": answering(acting.override),
            "quarantine": Quarantining(parts).quarantine,
            "redrive": Redriving(parts, redelivery).redrive,
            "freeze": freezing.freeze,
            "unfreeze": freezing.unfreeze,
        }
        super().__init__(table, context.settings.function_arn)

    def answer(self, payload: Payload) -> Answer:
        """Returns the answer; a request that was carried out before is answered with its result."""
        try:
            return super().answer(payload)
        except Repeated as repeat:
            again = self._acting.looked_at_again(repeat.deployment)
            return {"ok": True, "request": payload["request"], "repeated": str(repeat), **again}
