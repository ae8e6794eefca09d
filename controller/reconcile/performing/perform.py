"""Performs one effect and returns its outcome.

Rules of the file:

- it decides nothing: an effect in, an outcome out, one adapter call between;
- a refused milestone or notice is given up with a note; any other refusal is ``EffectRefused``, and the state machine
  decides.

Before traffic, Transient becomes the outcome Delayed. Later the loop performs the other effects and raises it at
the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.context import Context
from controller.core.gates.own_alarm import minutes_watched
from controller.core.lifecycle.quarantine import Lifted
from controller.core.manifest.settings import TestCase
from controller.core.model import (
    Cause,
    Conflict,
    Deployment,
    GivesWay,
    Milestone,
    Notice,
    NotYet,
    Outage,
    Phase,
    Reason,
    Refused,
    Throttled,
    Transient,
    effects,
    outcomes,
)
from controller.core.model.deployment.hold.delay import DelayKind
from controller.core.statistics.before_after import NOTHING_KNOWN
from controller.reconcile.performing.latest import Latest, beside_its_work
from controller.reconcile.performing.prechecks import Prechecks
from controller.reconcile.performing.prune import Pruner
from controller.reconcile.timeouts import longest_timeout

if TYPE_CHECKING:
    from controller.core.lifecycle.test_results import Answer


class Performer:
    """Performs effects. The deployments whose end people were told of are added to ``ends``."""

    def __init__(self, context: Context, ends: list[Deployment]) -> None:
        self._context = context
        self._aws = context.aws
        self._settings = context.settings
        self._clock = context.clock
        self._latest = Latest(context)
        self._pruner = Pruner(context)
        self.prechecks = Prechecks(context)
        self._ends = ends

    def perform(self, effect: effects.Effect, deployment: Deployment) -> outcomes.Outcome:
        """Returns the effect's outcome. Raises Transient if it may succeed later; before traffic the outcome is
        Delayed, because that wait has a time limit.
        """
        try:
            return self._perform(effect, deployment)
        except (Conflict, GivesWay):
            raise
        except Transient as problem:
            if not deployment.phase.is_before_traffic or isinstance(effect, effects.Send):
                raise
            cause = _CAUSES.get(type(effect), Cause.PUBLISH_FAILED)
            return outcomes.Delayed(_kind(problem), Reason(cause, problem.said), problem.advice)
        except Refused as refusal:
            if isinstance(effect, effects.Send):
                return self._sent(deployment, effect.notice, f"nobody was told: {refusal}")
            if isinstance(effect, effects.CallHook):
                from controller.core.gates.hooks.answers import no_answer  # late: a rollback does without it

                return outcomes.HookAnswered(effect.point, effect.step, effect.call, no_answer(str(refusal)))
            milestone = _given_up(effect)
            if milestone:
                return outcomes.Finished(milestone, f"given up: {refusal}")
            return outcomes.EffectRefused(refusal.reason)

    def _perform(self, effect: effects.Effect, deployment: Deployment) -> outcomes.Outcome:  # noqa: C901, PLR0912 - an arm for each effect
        match effect:
            case effects.Preflight():
                return self._preflight(deployment)
            case effects.Onboard():
                return self._aws.publishing.onboard(deployment)
            case effects.Identify():
                return self._identify(deployment)
            case effects.CatchUp(number):
                return self._latest.caught_up(deployment, number)
            case effects.Publish():
                return self._publish(deployment)
            case effects.AwaitActive(version):
                return self._activated(deployment.target.function, version)
            case effects.RunTests(version):
                return self._test(deployment, version)
            case effects.BackUp(version):
                self._aws.aliases.back_up(deployment.target, version, deployment.number)
                return outcomes.Finished(Milestone.BACKED_UP)
            case effects.RestoreBackup(version):
                return outcomes.Finished(Milestone.BACKUP_RESTORED, self._restore_backup(deployment, version))
            case effects.MakeAlarm():
                return self._make_alarm(deployment, effect)
            case effects.SetAlarm():
                self._aws.alarms.fire(deployment.alarms.own, f"slipway {deployment} is a drill")
                return outcomes.Finished(Milestone.DRILL_ALARM_SET)
            case effects.Route(routing, revision_id, description):
                urgent = deployment.phase is Phase.ROLLING_BACK
                target, aliases = deployment.target, self._aws.aliases
                return outcomes.Routed(aliases.route(target, routing, revision_id, description, urgent=urgent))
            case effects.Wake(version):
                found = self._aws.versions.wake(deployment.target.function, version)
                return outcomes.Finished(Milestone.AWAKE) if found.is_ready else outcomes.Asleep(found.in_words())
            case effects.Quarantine(sha256, reason):
                return self._quarantine(deployment, sha256, reason)
            case effects.Restore(version):
                return self._latest.restored(deployment, version)
            case effects.DeleteAlarm(milestone):
                self._aws.alarms.delete(deployment.alarms.own)
                return outcomes.Finished(milestone)
            case effects.Prune():
                return self._pruner.prune(deployment)
            case effects.DeleteVersion(version):
                left = self._aws.versions.delete(deployment.target.function, version)
                return outcomes.Finished(Milestone.PRUNED, left)
            case effects.Send(notice):
                self._aws.notices.send(deployment, notice)
                return self._sent(deployment, notice)
            case effects.CallHook():
                return self._call(effect, deployment)

    def _sent(self, deployment: Deployment, notice: Notice, note: str = "") -> outcomes.Sent:
        if notice.phase.is_terminal:
            self._ends.append(deployment)
        return outcomes.Sent(notice, note)

    def _make_alarm(self, deployment: Deployment, effect: effects.MakeAlarm) -> outcomes.Outcome:
        function, stable, canary = deployment.target.function, effect.stable, effect.canary
        longest = deployment.evidence.longest_timeout or longest_timeout(self._aws.versions, function, stable, canary)
        self._aws.alarms.make(deployment, stable, canary, minutes_watched(longest), effect.before)
        return outcomes.AlarmMade(effect.milestone, longest)

    def _call(self, effect: effects.CallHook, deployment: Deployment) -> outcomes.Outcome:
        from controller.core.gates.hooks.payload import payload  # late: a rollback does without it

        function = deployment.manifest.hooks[effect.point].function
        told = payload(deployment, effect, self._settings.function_arn)
        return outcomes.HookAnswered(effect.point, effect.step, effect.call, self._aws.hooks.call(function, told))

    def _identify(self, deployment: Deployment) -> outcomes.Outcome:
        found = self.prechecks.identified(deployment)
        if found.sha256 and found.quarantined and deployment.lifts_quarantine and not found.refused:
            with beside_its_work():
                lifted = Lifted(self._clock(), str(deployment), "deployed with lift_quarantine")
                self._aws.quarantines.lift(deployment.target, found.sha256, lifted)
            return outcomes.Identified(found.sha256)
        return found

    def _quarantine(self, deployment: Deployment, sha256: str, reason: Reason) -> outcomes.Outcome:
        # If only settings changed, the stable version has the same bytes, so they are not at fault.
        stable, function = deployment.stable, deployment.target.function
        if stable and self._aws.functions.sha256(function, stable) == sha256:
            return outcomes.Finished(
                Milestone.QUARANTINED, f"not quarantined: version {stable} has the same bytes, other settings"
            )
        self._aws.quarantines.keep(deployment, sha256, reason, self._clock())
        return outcomes.Finished(Milestone.QUARANTINED)

    def _preflight(self, deployment: Deployment) -> outcomes.Outcome:
        facts = self.prechecks.facts(deployment.target)
        problem = self.prechecks.problem(deployment, facts)
        if problem:
            return outcomes.EffectRefused(problem)
        found = self.prechecks.preflighted(deployment, facts)
        if found.stable:
            self._require_ready(deployment.target.function, found.stable)
        return found

    def _activated(self, function: str, version: str) -> outcomes.Outcome:
        found = self._aws.publishing.activated(function, version)
        if found is None:
            self._require_ready(function, version)
        return found or outcomes.BecameActive()

    def _require_ready(self, function: str, version: str) -> None:
        """Raises Transient while the version cannot serve, and wakes an Inactive one."""
        found = self._aws.versions.wake(function, version)
        if not found.is_ready:
            raise Transient(found.in_words())

    def _restore_backup(self, deployment: Deployment, version: str) -> str:
        # A rollback without a deployment has not moved the backup alias, so the way back is that of ``version`` itself,
        # unless that way leads to the version just left.
        target, aliases = deployment.target, self._aws.aliases
        if deployment.traffic.since is not None:
            return aliases.put_backup_back(target, version, deployment.number)
        released, kept = self._aws.store.made_by(target, version), deployment.versions.backup or version
        before = released.stable if released else None
        return aliases.put_backup_on(target, kept, before) if before and before != deployment.canary else ""

    def _publish(self, deployment: Deployment) -> outcomes.Outcome:
        outcome = self._aws.publishing.publish(deployment, self._latest.confirming(deployment))
        if not isinstance(outcome, outcomes.Published) or deployment.lifts_quarantine:
            return outcome
        # A hash unknown before the update is known now, before any traffic.
        refused = self.prechecks.quarantined(deployment, outcome.sha256)
        return outcomes.EffectRefused(refused) if refused else outcome

    def _test(self, deployment: Deployment, version: str) -> outcomes.Outcome:
        from controller.reconcile.performing.version_tests import run_tests  # late: a rollback does without it

        def invoke(test: TestCase) -> Answer:
            return self._aws.versions.invoke(deployment.target.function, version, test.payload, test.within)

        return outcomes.Tested(run_tests(deployment.manifest.tests, invoke))


def _given_up(effect: effects.Effect) -> Milestone | None:
    """Returns the milestone that a refusal by AWS ends with a note, None if the deployment needs the effect."""
    match effect:
        case effects.DeleteAlarm(milestone):
            return milestone
        case effects.MakeAlarm() if effect.before not in (None, NOTHING_KNOWN):
            return effect.milestone
    return _GIVEN_UP.get(type(effect))


def _kind(problem: Transient) -> DelayKind:
    match problem:
        case NotYet():
            return DelayKind.AT_WORK
        case Throttled():
            return DelayKind.THROTTLED
        case Outage():
            return DelayKind.OUTAGE
    return DelayKind.FAILING


_CAUSES = {effects.Preflight: Cause.PREFLIGHT, effects.RunTests: Cause.TEST_FAILED}
"""The cause of an end before traffic after a delay too long; other effects count as publishing."""
_GIVEN_UP = {
    effects.Quarantine: Milestone.QUARANTINED,
    effects.RestoreBackup: Milestone.BACKUP_RESTORED,
    effects.Prune: Milestone.PRUNED,
    effects.DeleteVersion: Milestone.PRUNED,
    effects.Wake: Milestone.AWAKE,
}
