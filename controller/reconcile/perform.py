"""Performs one effect and says how it went.

Rules of the file:
- it decides nothing: an effect in, an outcome out, one adapter call between;
- a refusal of a milestone, or of a notice, ends that with a note; a refusal of anything else is ``Rejected`` and the
  machine decides.

Note: Transient is caught here only before traffic. Else the loop lets the other effects go
on and raises it at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from controller.context import Context
from controller.core.gates.hooks.answers import no_answer
from controller.core.gates.own_alarm import minutes_watched
from controller.core.manifest.settings import Manifest, TestCase
from controller.core.model import (
    Cause,
    Conflict,
    Deployment,
    Milestone,
    NotYet,
    Outage,
    Phase,
    Reason,
    Refused,
    Target,
    Throttled,
    Transient,
)
from controller.core.model.delay import DelayKind
from controller.core.model.effects import (
    Adopt,
    AwaitActive,
    BackUp,
    CallHook,
    CatchUp,
    DeleteAlarm,
    Effect,
    Identify,
    MakeAlarm,
    Preflight,
    Prune,
    Publish,
    Quarantine,
    Restore,
    RestoreBackup,
    Route,
    RunTests,
    Send,
    Wake,
)
from controller.core.model.observation import AlarmState
from controller.core.model.outcomes import (
    AlarmMade,
    Asleep,
    BecameActive,
    CaughtUp,
    Delayed,
    Finished,
    HookAnswered,
    Identified,
    Outcome,
    Preflighted,
    Published,
    Rejected,
    Restored,
    Routed,
    Sent,
    Tested,
)

if TYPE_CHECKING:
    from controller.core.lifecycle.preflight import HookFacts
    from controller.core.lifecycle.test_results import Answer


class Performer:
    """Performs effects."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._settings = context.settings
        self._clock = context.clock

    def perform(self, effect: Effect, deployment: Deployment) -> Outcome:
        """Returns how the effect went. Raises Transient where it may go better later; before traffic that is Delayed,
        because it is waited for with an end.
        """
        try:
            return self._perform(effect, deployment)
        except Conflict:
            raise
        except Transient as problem:
            if deployment.phase not in (Phase.PREPARING, Phase.TESTING) or isinstance(effect, Send):
                raise
            cause = _CAUSES.get(type(effect), Cause.PUBLISH_FAILED)
            return Delayed(_kind(problem), Reason(cause, problem.said), problem.advice)
        except Refused as refusal:
            if isinstance(effect, Send):
                return Sent(effect.notice, f"nobody was told: {refusal}")
            if isinstance(effect, CallHook):
                return HookAnswered(effect.point, effect.step, effect.call, no_answer(str(refusal)))
            milestone = _given_up(effect)
            return Finished(milestone, f"given up: {refusal}") if milestone else Rejected(refusal.reason)

    def problem(self, deployment: Deployment) -> Reason | None:
        """Returns what AWS would refuse, None where nothing is foreseen. It only reads."""
        from controller.core.lifecycle import preflight  # late, with what it needs: a rollback does without it

        facts = self._aws.publishing.facts(deployment.target)
        with _beside_its_work():
            states = self._aws.alarms.states(deployment.manifest.gates.alarms)
        missing = frozenset(name for name, state in states.items() if state is AlarmState.MISSING)
        return preflight.problem(
            facts,
            deployment.manifest,
            self._settings.allowed_roles,
            deployment.artifact.size,
            missing,
            deployment.target,
            self._hooks(deployment.manifest),
            self._settings.function_keys,
        )

    def _hooks(self, manifest: Manifest) -> HookFacts:
        """Only what may be called at all is asked about; asking runs nothing."""
        from controller.core.lifecycle.preflight import HookFacts

        prefix = self._settings.hook_prefix
        names = {hook.function for hook in manifest.hooks.values() if prefix and hook.function.startswith(prefix)}
        problems = {name: why for name in sorted(names) if (why := self._aws.hooks.problem(name))}
        return HookFacts(prefix, problems)

    def preflighted(self, deployment: Deployment) -> Preflighted:
        """Returns what there is to go back to, and where its bytes came from. It only reads."""
        found = self._aws.publishing.preflighted(deployment.target, self._aws.publishing.facts(deployment.target))
        with _beside_its_work():
            made_by = self._aws.store.made_by(deployment.target, found.stable) if found.stable else None
        if made_by is None:
            return Preflighted(found.stable, found.adopts)
        behind = made_by.number if made_by.leaves_latest_behind else None
        return Preflighted(found.stable, found.adopts, made_by.artifact, behind)

    def identified(self, deployment: Deployment) -> Identified:
        """Returns the hash of the artifact and whether these bytes are refused. It only reads."""
        sha256 = self._aws.publishing.identify(deployment.artifact, deployment.target.function)
        refused = self._aws.publishing.problem(deployment.artifact, sha256) if sha256 else None
        return Identified(sha256, self._quarantined(deployment, sha256), refused)

    def _perform(self, effect: Effect, deployment: Deployment) -> Outcome:  # noqa: C901, PLR0912 - an arm for each effect
        match effect:
            case Preflight():
                return self._preflight(deployment)
            case Adopt():
                return self._aws.publishing.adopt(deployment)
            case Identify():
                return self._identify(deployment)
            case CatchUp(number):
                return self._catch_up(deployment, number)
            case Publish():
                return self._publish(deployment)
            case AwaitActive(version):
                return self._activated(deployment.target.function, version)
            case RunTests(version):
                return self._test(deployment, version)
            case BackUp(version):
                self._aws.aliases.back_up(deployment.target, version, deployment.number)
                return Finished(Milestone.BACKED_UP)
            case RestoreBackup(version):
                return Finished(Milestone.BACKUP_RESTORED, self._restore_backup(deployment, version))
            case MakeAlarm():
                return self._make_alarm(deployment, effect)
            case Route(routing, revision_id, description):
                urgent = deployment.phase is Phase.ROLLING_BACK
                self._aws.aliases.route(deployment.target, routing, revision_id, description, urgent=urgent)
                return Routed()
            case Wake(version):
                found = self._aws.versions.wake(deployment.target.function, version)
                return Finished(Milestone.AWAKE) if found.is_ready else Asleep(found.in_words())
            case Quarantine(sha256, reason):
                return self._quarantine(deployment, sha256, reason)
            case Restore(version) if self._is_overtaken(deployment):
                return Restored(version, self._left_to_newer(deployment))
            case Restore(version):
                note = self._restore(deployment, version, deployment)
                if self._is_overtaken(deployment):
                    raise Conflict(f"a newer deployment than {deployment} came meanwhile; $LATEST is looked at again")
                return Restored(version, note)
            case DeleteAlarm(milestone):
                self._aws.alarms.delete(deployment.own_alarm)
                return Finished(milestone)
            case Prune():
                return self._prune(deployment)
            case Send(notice):
                self._aws.notices.send(deployment, notice)
                return Sent(notice)
            case CallHook():
                return self._call(effect, deployment)

    def _make_alarm(self, deployment: Deployment, effect: MakeAlarm) -> Outcome:
        function, timeout = deployment.target.function, self._aws.versions.timeout
        stable, canary = effect.stable, effect.canary
        longest = deployment.longest_timeout or max(timeout(function, stable), timeout(function, canary))
        self._aws.alarms.make(deployment, stable, canary, minutes_watched(longest), effect.before)
        return AlarmMade(effect.milestone, longest)

    def _call(self, effect: CallHook, deployment: Deployment) -> Outcome:
        from controller.core.gates.hooks.payload import payload  # late: a rollback does without it

        function = deployment.manifest.hooks[effect.point].function
        told = payload(deployment, effect, self._settings.function_arn)
        return HookAnswered(effect.point, effect.step, effect.call, self._aws.hooks.call(function, told))

    def _identify(self, deployment: Deployment) -> Outcome:
        found = self.identified(deployment)
        if found.sha256 and found.quarantined and deployment.lifts_quarantine and not found.refused:
            with _beside_its_work():
                self._aws.store.lift_quarantine(deployment.target, found.sha256)
            return Identified(found.sha256)
        return found

    def _quarantine(self, deployment: Deployment, sha256: str, reason: Reason) -> Outcome:
        """Where only settings changed the bytes are those that serve again: it was not they that were wrong."""
        stable, function = deployment.stable, deployment.target.function
        if stable and self._aws.publishing.sha256(function, stable) == sha256:
            return Finished(
                Milestone.QUARANTINED, f"not quarantined: version {stable} has the same bytes, other settings"
            )
        self._aws.store.quarantine(deployment.target, sha256, reason, str(deployment), self._clock())
        return Finished(Milestone.QUARANTINED)

    def _preflight(self, deployment: Deployment) -> Outcome:
        problem = self.problem(deployment)
        if problem:
            return Rejected(problem)
        found = self.preflighted(deployment)
        if found.stable:
            self._require_ready(deployment.target.function, found.stable)
        return found

    def _activated(self, function: str, version: str) -> Outcome:
        found = self._aws.publishing.activated(function, version)
        if found is None:
            self._require_ready(function, version)
        return found or BecameActive()

    def _require_ready(self, function: str, version: str) -> None:
        """Raises Transient while the version cannot serve, and wakes it where it is Inactive."""
        found = self._aws.versions.wake(function, version)
        if not found.is_ready:
            raise Transient(found.in_words())

    def _restore_backup(self, deployment: Deployment, version: str) -> str:
        """Where it only goes back it has backed nothing up: the way back is that which ``version`` had before."""
        target, aliases = deployment.target, self._aws.aliases
        if deployment.serving_since is not None:
            return aliases.put_backup_back(target, version, deployment.number)
        released = self._aws.store.made_by(target, version)
        return aliases.put_backup_on(target, version, released.stable) if released and released.stable else ""

    def _is_overtaken(self, deployment: Deployment) -> bool:
        """Has it succeeded, and was a newer one accepted since? That may be a rollback, which is through already."""
        if deployment.phase is not Phase.SUCCEEDED:
            return False
        return self._aws.store.head(deployment.target).number != deployment.number

    def _left_to_newer(self, deployment: Deployment) -> str:
        """Leaves $LATEST to the newest deployment. One that is over already may have been before a late write to
        $LATEST, so what it wants is put there.
        """
        newest = self._aws.store.load(deployment.target, self._aws.store.head(deployment.target).number)
        if newest is not None and newest.phase.is_terminal and newest.latest is not None:
            self._restore(deployment, newest.latest, newest)
        return "$LATEST is left to a newer deployment of the target"

    def _catch_up(self, deployment: Deployment, number: int) -> Outcome:
        with _beside_its_work():
            behind = self._aws.store.load(deployment.target, number)
        if behind is None or behind.canary is None:
            return CaughtUp()
        return CaughtUp(self._restore(behind, behind.canary, deployment))

    def _restore(self, deployment: Deployment, version: str, whose: Deployment) -> str:
        return self._aws.publishing.restore(deployment, version, self._confirming(whose))

    def _confirming(self, deployment: Deployment) -> Callable[[], None]:
        """Returns what raises Conflict once the deployment's record was saved by somebody else."""

        def confirm() -> None:
            with _beside_its_work():
                found = self._aws.store.load(deployment.target, deployment.number)
            if found is None or found.revision != deployment.revision:
                raise Conflict(f"{deployment} has moved on; it is read again")
            if self._is_overtaken(deployment):
                raise Conflict(f"a newer deployment than {deployment} has come; it is read again")

        return confirm

    def _publish(self, deployment: Deployment) -> Outcome:
        outcome = self._aws.publishing.publish(deployment, self._confirming(deployment))
        if not isinstance(outcome, Published) or deployment.lifts_quarantine:
            return outcome
        # Bytes whose hash was not known before the update are known now, and have had no traffic yet.
        refused = self._quarantined(deployment, outcome.sha256)
        return Rejected(refused) if refused else outcome

    def _quarantined(self, deployment: Deployment, sha256: str | None) -> Reason | None:
        with _beside_its_work():
            return self._aws.store.quarantined(deployment.target, sha256) if sha256 else None

    def _test(self, deployment: Deployment, version: str) -> Outcome:
        from controller.reconcile.version_tests import run_tests  # late: a rollback does without it

        def invoke(test: TestCase) -> Answer:
            return self._aws.versions.invoke(deployment.target.function, version, test.payload, test.within)

        return Tested(run_tests(deployment.manifest.tests, invoke))

    def _prune(self, deployment: Deployment) -> Outcome:
        found = self._aws.versions.prune(deployment.target, self._settings.keep_versions, self._in_use(deployment))
        gone = [f"old versions deleted: {', '.join(found.deleted)}"] if found.deleted else []
        left = [f"version {version} {_NOT_DELETED}: {said}" for version, said in found.refused.items()]
        new = [text for text in left if not self._is_noted(deployment.target, text)]
        advice = ["nothing waits for that; delete it by hand once nothing holds it, or leave it"] if new else []
        return Finished(Milestone.PRUNED, "; ".join([*gone, *new, *advice]))

    def _is_noted(self, target: Target, text: str) -> bool:
        """Does the timeline of an earlier deployment say so already? Once is enough for a version that stays."""
        start = text[: text.index(_NOT_DELETED)]
        entries = (entry for each in self._aws.store.history(target, 200) for entry in each.timeline)
        return any(start + _NOT_DELETED in entry.text for entry in entries)

    def _in_use(self, deployment: Deployment) -> frozenset[str]:
        """AWS publishes the same code once, so an open deployment of another alias may be about the same version."""
        store, function = self._aws.store, deployment.target.function
        looked_at = (store.load(due.target, due.number) for due in store.due() if due.target.function == function)
        others = (each for each in looked_at if each and not each.phase.is_terminal)
        return frozenset(version for each in (deployment, *others) for version in (each.stable, each.canary) if version)


def _given_up(effect: Effect) -> Milestone | None:
    """Returns the milestone that a refusal of AWS ends with a note, None where the deployment cannot do without."""
    match effect:
        case DeleteAlarm(milestone):
            return milestone
        case MakeAlarm() if effect.before:
            return effect.milestone
    return _CHORES.get(type(effect))


@contextmanager
def _beside_its_work() -> Iterator[None]:
    """What fails in the block is no fault of the deployment's: it is not counted against it."""
    try:
        yield
    except Conflict:
        raise
    except Transient as problem:
        raise Outage(str(problem), problem.said) from problem


def _kind(problem: Transient) -> DelayKind:
    match problem:
        case NotYet():
            return DelayKind.AT_WORK
        case Throttled():
            return DelayKind.THROTTLED
        case Outage():
            return DelayKind.OUTAGE
    return DelayKind.FAILING


_CAUSES = {Preflight: Cause.PREFLIGHT, RunTests: Cause.TEST_FAILED}
"""Why a deployment ends before traffic that could not be carried on for too long; all else is about publishing."""
_NOT_DELETED = "is not deleted"
_CHORES = {
    Quarantine: Milestone.QUARANTINED,
    RestoreBackup: Milestone.BACKUP_RESTORED,
    Prune: Milestone.PRUNED,
    Wake: Milestone.AWAKE,
}
