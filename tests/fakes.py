"""AWS in memory, behind the adapters' own methods, with AWS's rules: revisions, two published versions, one alarm
state each.

``World`` holds what AWS would hold and a clock that a test moves. Every call is logged by name ("aliases.route") and
can be made to fail, or to crash the process before or after it was carried out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from controller.aws.dynamodb.store import Due, Duplicate
from controller.aws.lambda_.versions import Pruned
from controller.aws.s3.artifacts import BadArtifact, Inspection
from controller.context import Context
from controller.core.artifact.checksums import other_bytes
from controller.core.artifact.refused_uploads import RefusedUpload, RefusedUploads
from controller.core.artifact.zip.archive import Archive
from controller.core.artifact.zip.directory import BadArchive
from controller.core.gates.hooks.answers import no_answer, read_answer
from controller.core.gates.latency import Question
from controller.core.lifecycle.admission import Admission, Head, opened
from controller.core.lifecycle.plan import due_at
from controller.core.lifecycle.preflight import FunctionFacts, VersionFacts
from controller.core.lifecycle.readiness import Readiness
from controller.core.lifecycle.test_results import Answer
from controller.core.manifest.settings import MetricGate
from controller.core.model import (
    Alias,
    Artifact,
    Cause,
    Conflict,
    Deployment,
    Notice,
    NotYet,
    Phase,
    Reason,
    Refused,
    Routing,
    Target,
    Transient,
)
from controller.core.model.deployment.hook_run import HookAnswer
from controller.core.model.events import ArtifactUploaded
from controller.core.model.observation import AlarmState, DurationMetrics, Throttles
from controller.core.model.outcomes import BecameActive, Onboarded, Published, Unchanged
from controller.core.records.codec import from_record, to_record
from controller.core.routing import backup_description
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.slow_requests import ENOUGH, Measure, SlowRequests, Threshold
from controller.dispatch import Dispatcher
from controller.settings import Settings
from tests.builders import NOW
from tests.cloud.faults import Crash

SETTINGS = Settings(
    table="slipway",
    alarm_prefix="slipway/",
    allowed_roles=("arn:aws:iam::123456789012:role/*",),
    function_arn="arn:aws:lambda:eu-central-1:123456789012:function:",
    hook_prefix="slipway-hook-",
)
ROLE = "arn:aws:iam::123456789012:role/checkout"


@dataclass
class Function:
    """A function: its code is the name of the zip it came from."""

    code: str = ""
    made_by_slipway: bool = False
    versions: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    published: int = 0


@dataclass
class Zip:
    """What was dropped. ``bad`` makes its inspection refuse it."""

    manifest: str
    uploaded_at: datetime
    bad: str = ""
    files: dict[str, str] = field(default_factory=dict)


@dataclass
class FakePace:
    """How long requests take, for CloudWatch: what each minute counts as slow, and how many an hour had before."""

    minute: Minute | None = None
    in_hour: int = 100_000
    throttles: Throttles = field(default_factory=Throttles)


class World:
    """All that AWS holds, the clock, and what goes wrong."""

    def __init__(self) -> None:
        self.began = self.now = NOW
        self.settings = SETTINGS
        self.functions: dict[str, Function] = {}
        self.zips: dict[str, Zip] = {}
        self.alarms: dict[str, AlarmState] = {}
        self.items: dict[tuple[str, str], Any] = {}
        self.notices: list[tuple[str, Notice]] = []
        self.refused: list[RefusedUpload] = []
        self.invocations = 1_000
        self.alarms_made: dict[str, datetime] = {}
        self.traffic: Minute | Callable[[datetime], Minute] | None = None
        self.metrics_late = timedelta()
        self.published: Callable[[datetime], Minute | None] = lambda _began: None
        self.baking: tuple[int, int] | None = None
        self.day_before: tuple[int, int] | None = None
        self.answers: dict[str, Answer | Callable[[object], Answer]] = {}
        self.pace = FakePace()
        self.slow_publishes = 0
        self.left_as_published = ""
        self.states: dict[str, str] = {}
        self.hooks: dict[str, Callable[[Mapping[str, Any]], object]] = {}
        self.told: list[Mapping[str, Any]] = []
        self.calls: list[str] = []
        self.down: set[str] = set()
        self.crash: tuple[int, str] | None = None
        self.meanwhile: dict[str, Callable[[], None]] = {}
        self._revisions = 0

    def dispatcher(self) -> Dispatcher:
        """Returns a controller that has just started."""
        adapters: dict[str, object] = {name: Watched(self, name, make(self)) for name, make in _ADAPTERS.items()}
        adapters["budget"] = SimpleNamespace(begin=lambda _time_left: None)
        return Dispatcher(Context(SimpleNamespace(**adapters), self.settings, lambda: self.now))  # type: ignore[arg-type]

    def revision(self) -> str:
        self._revisions += 1
        return f"revision-{self._revisions}"

    def alias(self, target: Target) -> Alias | None:
        function = self.functions.get(target.function)
        return function.aliases.get(target.alias) if function else None

    def routing(self, target: Target) -> Routing | None:
        alias = self.alias(target)
        return alias.routing if alias else None

    def move(self, target: Target, routing: Routing, description: str = "") -> None:
        """Moves the alias by somebody else's hand."""
        self.functions[target.function].aliases[target.alias] = Alias(routing, self.revision(), description)

    def deployment(self, target: Target, number: int) -> Deployment:
        return _read(*self.items[str(target), f"deployment#{number}"])

    def deployments(self) -> Iterator[Deployment]:
        return (_read(*item) for (_, sk), item in self.items.items() if sk.startswith("deployment#"))

    def forget_faults(self) -> None:
        self.down.clear()
        self.crash = None


class Watched:
    """An adapter whose calls are logged and can fail."""

    def __init__(self, world: World, name: str, adapter: Any) -> None:
        self._world, self._name, self._adapter = world, name, adapter

    def __getattr__(self, method: str) -> Any:
        carried_out = getattr(self._adapter, method)
        world, name = self._world, f"{self._name}.{method}"

        def call(*arguments: Any, **named: Any) -> Any:
            number = len(world.calls)
            world.calls.append(name)
            if world.crash == (number, "before"):
                raise Crash(name)
            if {name, self._name} & world.down:
                raise Transient(f"{name} is down")
            meanwhile = world.meanwhile.pop(name, None)
            if meanwhile:
                meanwhile()
            answer = carried_out(*arguments, **named)
            if isinstance(answer, Iterator):
                answer = iter(list(answer))
            if world.crash == (number, "after"):
                raise Crash(name)
            return answer

        return call


class FakeAliases:
    def __init__(self, world: World) -> None:
        self._world = world

    def read(self, target: Target, *, urgent: bool = False) -> Alias | None:
        return self._world.alias(target)

    def route(
        self,
        target: Target,
        routing: Routing,
        revision_id: str | None,
        description: str,
        *,
        urgent: bool = False,
    ) -> Alias:
        function, found = self._world.functions.get(target.function), self._world.alias(target)
        if function is None or (found is None and revision_id is not None):
            raise Refused(Reason(Cause.DRIFT, f"{target} not found; somebody deleted it"))
        if (found.revision_id if found else None) != revision_id:
            raise Conflict("the revision is not the latest")
        for version in filter(None, (routing.version, routing.canary)):
            if version not in function.versions:
                raise Refused(Reason(Cause.DRIFT, f"Function not found: {version}; somebody deleted it"))
        function.aliases[target.alias] = Alias(routing, self._world.revision(), description)
        return function.aliases[target.alias]

    def back_up(self, target: Target, version: str, number: int) -> None:
        aliases, found = self._world.functions[target.function].aliases, self.backup_version(target)
        if found != version:
            line = backup_description.write(target, number, found)
            aliases[target.backup_alias] = Alias(Routing(version), self._world.revision(), line)

    def put_backup_back(self, target: Target, version: str, number: int) -> str:
        alias = self._world.alias(replace(target, alias=target.backup_alias))
        before = backup_description.before(alias.description, target, number) if alias else None
        return self.put_backup_on(target, version, before) if before else ""

    def put_backup_on(self, target: Target, version: str, before: str) -> str:
        if self.backup_version(target) == version:
            aliases = self._world.functions[target.function].aliases
            aliases[target.backup_alias] = Alias(Routing(before), self._world.revision())
        return ""

    def backup_version(self, target: Target) -> str | None:
        alias = self._world.alias(replace(target, alias=target.backup_alias))
        return alias.routing.version if alias else None


class FakePublishing:
    """Publishes what was zipped. AWS publishes the same code once in a row."""

    def __init__(self, world: World) -> None:
        self._world = world

    def settings(self, function: str) -> dict[str, object]:
        return {"Handler": "app.handler", "Runtime": "python3.13"} if function in self._world.functions else {}

    def facts(self, target: Target) -> FunctionFacts | None:
        function = self._world.functions.get(target.function)
        if function is None:
            return None
        routing = self._world.routing(target)
        stable = VersionFacts(routing.version, {"Role": ROLE}, "Active") if routing else None
        return FunctionFacts({"Role": ROLE}, made_by_slipway=function.made_by_slipway, alias=routing, stable=stable)

    def onboard(self, deployment: Deployment) -> Onboarded:
        function, found = self._world.functions[deployment.target.function], self._world.alias(deployment.target)
        if found:
            return Onboarded(found.routing.version)
        version = self._publish(function)
        function.aliases[deployment.target.alias] = Alias(
            Routing(version), self._world.revision(), "slipway: onboarded"
        )
        return Onboarded(version)

    def identify(self, artifact: Artifact, function: str) -> str | None:
        return _sha256(self._world, artifact) if function in self._world.functions else None

    def sha256(self, function: str, version: str) -> str | None:
        found = self._world.functions.get(function)
        return found.versions.get(version) if found else None

    def problem(self, artifact: Artifact, sha256: str) -> Reason | None:
        return other_bytes(artifact, sha256)

    def publish(self, deployment: Deployment, _confirm: Callable[[], None]) -> Published | Unchanged:
        if self._world.slow_publishes:
            self._world.slow_publishes -= 1
            raise NotYet("AWS is still working on checkout:$LATEST")
        function = self._world.functions.setdefault(deployment.target.function, Function(made_by_slipway=True))
        function.code = _sha256(self._world, deployment.artifact)
        if deployment.stable and function.versions[deployment.stable] == function.code:
            return Unchanged(deployment.stable)
        return Published(self._publish(function), function.code)

    def activated(self, _function: str, _version: str) -> BecameActive:
        return BecameActive()

    def restore(self, deployment: Deployment, version: str, _confirm: Callable[[], None]) -> str:
        left, self._world.left_as_published = self._world.left_as_published, ""
        if not left:
            function = self._world.functions[deployment.target.function]
            function.code = function.versions[version]
        return left

    @staticmethod
    def _publish(function: Function) -> str:
        last = str(function.published)
        if function.versions.get(last) != function.code:
            function.published += 1
            last = str(function.published)
            function.versions[last] = function.code
        return last


class FakeVersions:
    def __init__(self, world: World) -> None:
        self._world = world

    def invoke(self, function: str, version: str, payload: object, _within: timedelta) -> Answer:
        assert version in self._world.functions[function].versions
        answer = self._world.answers.get(version, Answer({"ok": True}, "", 0.01))
        return answer if isinstance(answer, Answer) else answer(payload)

    def wake(self, _function: str, version: str) -> Readiness:
        return Readiness(version, self._world.states.get(version, "Active"))

    def timeout(self, function: str, version: str) -> timedelta:
        found = self._world.functions.get(function)
        if found is None or version not in found.versions:
            raise Refused(Reason(Cause.OTHER, f"function {function} has no version {version}"))
        return timedelta(seconds=3)

    def prune(self, target: Target, keep: int, in_use: frozenset[str]) -> Pruned:
        function = self._world.functions[target.function]
        used = set(in_use)
        for alias in function.aliases.values():
            used |= {alias.routing.version, alias.routing.canary or ""}
        old = [version for version in sorted(function.versions, key=int)[:-keep] if version not in used]
        for version in old:
            del function.versions[version]
        return Pruned(tuple(old))


class FakeHooks:
    """Calls the world's ``hooks``: what one raises is its own error, and what it is told is kept."""

    def __init__(self, world: World) -> None:
        self._world = world

    def call(self, function: str, payload: Mapping[str, object]) -> HookAnswer:
        hook = self._world.hooks.get(function)
        if hook is None:
            return no_answer("the function does not exist")
        told = json.loads(json.dumps(payload))
        self._world.told.append(told)
        try:
            return read_answer(json.loads(json.dumps(hook(told))))
        except ArithmeticError as raised:
            return no_answer(f"the function failed with {type(raised).__name__}")

    def problem(self, function: str) -> str | None:
        return None if function in self._world.hooks else "it does not exist"


class FakeStore:
    """The table: compare-and-swap on each record, one open deployment of a target."""

    def __init__(self, world: World) -> None:
        self._world = world

    def head(self, target: Target) -> Head:
        found: Head = self._world.items.get((str(target), "head"), Head())
        return found

    def load(self, target: Target, number: int) -> Deployment | None:
        item = self._world.items.get((str(target), f"deployment#{number}"))
        return _read(*item) if item else None

    def accept(self, admission: Admission, now: datetime, *, once: bool = True) -> None:
        deployment = admission.deployment
        artifact = deployment.artifact
        upload = (f"upload#{artifact.key}", str(artifact.version_id))
        if once and upload in self._world.items:
            raise Duplicate("this upload was taken in before")
        self._check_head(deployment.target, admission.head)
        for changed in admission.changed:
            self._check(changed)
        self._world.items[str(deployment.target), "head"] = replace(
            admission.head, revision=admission.head.revision + 1
        )
        if once:
            self._world.items[upload] = True
        for each in (deployment, *admission.changed):
            self._put(each)
        for name in deployment.manifest.gates.alarms:
            self._world.items[f"alarm#{name}", str(deployment.target)] = True

    def save(self, deployment: Deployment, now: datetime) -> Deployment:
        self._check(deployment)
        head = self.head(deployment.target)
        if deployment.phase.is_terminal and head.open == deployment.number:
            if deployment.hold.newer:
                waiting = self.load(deployment.target, deployment.hold.newer)
                assert waiting
                self._put(opened(waiting, now), due=now)
            self._world.items[str(deployment.target), "head"] = replace(
                head, open=deployment.hold.newer, revision=head.revision + 1
            )
        return self._put(deployment)

    def due(self) -> Iterator[Due]:
        for deployment in self._world.deployments():
            at = self._world.items[str(deployment.target), f"due#{deployment.number}"]
            if at:
                alarms = deployment.alarm_names if deployment.phase.serves else ()
                rolls_back = deployment.phase is Phase.ROLLING_BACK
                yield Due(deployment.target, deployment.number, at, alarms, rolls_back)

    def history(self, target: Target, limit: int) -> Iterator[Deployment]:
        mine = [each for each in self._world.deployments() if each.target == target]
        return iter(sorted(mine, key=lambda each: -each.number)[:limit])

    def made_by(self, target: Target, version: str) -> Deployment | None:
        return next((each for each in self.history(target, 200) if each.canary == version), None)

    def guarded_by(self, alarm: str) -> tuple[Target, ...]:
        names = [sk for pk, sk in self._world.items if pk == f"alarm#{alarm}"]
        return tuple(Target(*name.split(":")) for name in names)

    def quarantine(self, target: Target, sha256: str, reason: Reason, by: str, now: datetime) -> None:
        self._world.items.setdefault((str(target), f"quarantine#{sha256}"), f"{by}: {reason.text}")

    def quarantined(self, target: Target, sha256: str) -> Reason | None:
        found = self._world.items.get((str(target), f"quarantine#{sha256}"))
        return Reason(Cause.QUARANTINED, str(found)) if found else None

    def lift_quarantine(self, target: Target, sha256: str) -> None:
        self._world.items.pop((str(target), f"quarantine#{sha256}"), None)

    def refused_uploads(self) -> RefusedUploads:
        found: RefusedUploads = self._world.items.get(("refused#uploads", "newest"), RefusedUploads())
        return found

    def save_refused_uploads(self, refused: RefusedUploads) -> None:
        if refused.revision != self.refused_uploads().revision:
            raise Conflict("somebody saved before")
        self._world.items["refused#uploads", "newest"] = replace(refused, revision=refused.revision + 1)

    def _check_head(self, target: Target, head: Head) -> None:
        if self.head(target).revision != head.revision:
            raise Conflict("the head has moved")

    def _check(self, deployment: Deployment) -> None:
        found = self.load(deployment.target, deployment.number)
        if found is None or found.revision != deployment.revision:
            raise Conflict(f"{deployment} was saved by somebody else")

    def _put(self, deployment: Deployment, due: datetime | None = None) -> Deployment:
        key = (str(deployment.target), f"deployment#{deployment.number}")
        self._world.items[str(deployment.target), f"due#{deployment.number}"] = due or due_at(
            deployment, self._world.now
        )
        self._world.items[key] = (to_record(deployment), deployment.revision + 1)
        return replace(deployment, revision=deployment.revision + 1)


class FakeArtifacts:
    def __init__(self, world: World) -> None:
        self._world = world

    def inspect(self, uploaded: ArtifactUploaded) -> Inspection:
        found = self._world.zips[uploaded.key]
        artifact = Artifact(uploaded.bucket, uploaded.key, uploaded.version_id, found.uploaded_at, uploaded.sequencer)
        if found.bad:
            raise BadArtifact(Reason(Cause.BAD_ARTIFACT, found.bad), artifact)
        return Inspection(artifact, 1000, FakeZip(self._world, found), None)


class FakeZip:
    """A zip of which only the files are known that a test gives."""

    def __init__(self, world: World, found: Zip) -> None:
        self.archive = Archive(("app.py", "slipway.json", *found.files), 2000, None)
        self.manifest = found.manifest
        self.texts = Watched(world, "artifacts", FakeFiles(found)).texts


class FakeFiles:
    def __init__(self, found: Zip) -> None:
        self._held = found.files

    def texts(self, names: Mapping[str, str]) -> dict[str, str]:
        for name, what in names.items():
            if name not in self._held:
                raise BadArchive(f"{what} is not in the zip", Cause.BAD_MANIFEST)
        return {name: self._held[name] for name in names}


class FakeAlarms:
    def __init__(self, world: World) -> None:
        self._world = world

    def states(self, names: Any) -> dict[str, AlarmState]:
        return {name: self._state(name) for name in names}

    def _state(self, name: str) -> AlarmState:
        """An alarm of ours has no state for a minute; then it is OK, also without any data."""
        state = self._world.alarms.get(name, AlarmState.MISSING)
        made = self._world.alarms_made.get(name)
        evaluated = made is not None and self._world.now >= made + timedelta(minutes=1)
        return AlarmState.OK if state is AlarmState.INSUFFICIENT_DATA and evaluated else state

    def make(
        self, deployment: Deployment, _stable: str, _canary: str, _minutes: int, _before: ServedBefore | None = None
    ) -> None:
        self._world.alarms.setdefault(deployment.alarms.own, AlarmState.INSUFFICIENT_DATA)
        self._world.alarms_made.setdefault(deployment.alarms.own, self._world.now)

    def delete(self, name: str) -> None:
        self._world.alarms.pop(name, None)


class FakeMetrics:
    def __init__(self, world: World) -> None:
        self._world = world

    def reached(self, _target: Target, _version: str, _since: datetime, _alone_since: datetime, _now: datetime) -> int:
        return self._world.invocations

    def minutes(
        self, _target: Target, _versions: tuple[str, str], since: datetime, until: datetime
    ) -> tuple[CountedMinute, ...]:
        """What each full minute brought that CloudWatch has counted by now: the world's ``traffic``. Where there is
        none, ``invocations`` of each version in the newest minute.
        """
        if self._world.traffic is None and self._world.invocations:
            return (CountedMinute(until, Minute(self._world.invocations, 0, self._world.invocations, 0)),)
        began = list(self._whole(since, min(self._world.now - self._world.metrics_late, until)))
        return tuple(CountedMinute(moment, counts) for moment in began if (counts := self._traffic(moment)))

    def all_minutes(
        self,
        target: Target,
        versions: tuple[str, str],
        counts_of: Sequence[MetricGate | None],
        since: datetime,
        until: datetime,
    ) -> tuple[tuple[CountedMinute, ...], ...]:
        """The same, and the world's ``published`` for each of the team's own metrics, before the story as well."""
        return tuple(
            self.minutes(target, versions, since, until)
            if gate is None
            else tuple(CountedMinute(began, each) for began in self._whole(since, until) if (each := published(began)))
            for gate in counts_of
            for published in (self._world.published,)
        )

    def served(
        self, _target: Target, version: str | None, since: datetime, until: datetime
    ) -> tuple[ServedMinute, ...]:
        """What each full minute brought: the stable side of ``traffic`` for a version, ``baking`` for the alias, and
        ``day_before`` for the alias before the story.
        """
        if self._world.traffic is self._world.baking is self._world.day_before is None:
            return ()
        found = []
        for began in self._whole(since, until):
            traffic = self._traffic(began)
            stable = (traffic.stable_invocations, traffic.stable_errors) if traffic and version else None
            in_story = began >= self._world.began
            alias = self._world.baking if in_story else self._world.day_before
            counts = (stable if in_story else None) if version else alias
            found += [ServedMinute(began, *counts)] if counts else []
        return tuple(found)

    def before(
        self, _target: Target, _stable: str, traffic_since: datetime, promoted_at: datetime
    ) -> tuple[ServedMinute, ...]:
        """The stable side of ``traffic`` in the shift and the hour before it; else ``invocations``, each minute."""
        found = []
        for began in self._whole(traffic_since - timedelta(hours=1), promoted_at):
            traffic = self._traffic(began)
            if self._world.traffic is None:
                found.append(ServedMinute(began, self._world.invocations, 0))
            elif traffic:
                found.append(ServedMinute(began, traffic.stable_invocations, traffic.stable_errors))
        return tuple(found)

    def _traffic(self, began: datetime) -> Minute | None:
        """One minute's counts; where ``traffic`` is a function it is asked for each minute, maybe more than once."""
        traffic = self._world.traffic
        return traffic(began) if callable(traffic) else traffic

    @staticmethod
    def _whole(since: datetime, now: datetime) -> Iterator[datetime]:
        minute = timedelta(minutes=1)
        return (since + each * minute for each in range(int((now - since) / minute)))


class FakeDurations:
    def __init__(self, world: World) -> None:
        self._world = world

    def read(self, _target: Target, asked: Question, now: datetime) -> DurationMetrics:
        """The percentiles are 240 ms once the hour has enough requests; each full minute is the same."""
        found, over = self._world.pace, timedelta(milliseconds=240)
        percentiles = [each for each in asked.unset if each in ENOUGH and found.in_hour >= ENOUGH[each]]
        return DurationMetrics(
            tuple(Threshold(each, over, over) for each in percentiles),
            {each.measure: tuple(self._minutes(each, now)) for each in asked.counted},
            found.throttles if asked.throttles_since else Throttles(),
        )

    def spreads(
        self, _target: Target, _stable: str, thresholds: Sequence[Threshold], _first: datetime
    ) -> Mapping[Measure, float]:
        """Slow requests come by chance alone."""
        return dict.fromkeys((each.measure for each in thresholds), 1.0)

    def _minutes(self, slowness: SlowRequests, now: datetime) -> Iterator[CountedMinute]:
        whole = int((now - slowness.next_after) / timedelta(minutes=1))
        for each in range(whole):
            began = slowness.next_after + timedelta(minutes=each)
            if self._world.pace.minute and slowness.wants(began):
                yield CountedMinute(began, self._world.pace.minute)


class FakeNotices:
    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, deployment: Deployment, notice: Notice) -> None:
        self._world.notices.append((str(deployment), notice))

    def send_refused(self, upload: RefusedUpload) -> None:
        self._world.refused.append(upload)


def _read(plain: Mapping[str, object], revision: int) -> Deployment:
    """Reads a record as it is stored, once: neither what is stored nor what was read ever changes."""
    stored, known = _READ.get(id(plain), (None, None))
    if stored is not plain or known is None or known.revision != revision:
        if len(_READ) >= _MOST_READ:
            _READ.clear()
        known = _read_text(json.dumps(plain), revision)
        _READ[id(plain)] = plain, known
    return known


@lru_cache(maxsize=2_000)
def _read_text(text: str, revision: int) -> Deployment:
    """Reads a record of which other stories have the same."""
    return from_record(json.loads(text), revision)


_READ: dict[int, tuple[Mapping[str, object], Deployment]] = {}
"""What is stored, which so keeps its id, and what was read of it."""
_MOST_READ = 2_000


def _sha256(world: World, artifact: Artifact) -> str:
    """The code of a zip is its manifest-independent name: everything before the first dash is the same bytes."""
    return f"sha-{artifact.key.rpartition('/')[2].removesuffix('.zip').partition('-')[0]}"


_ADAPTERS: dict[str, Any] = {
    "aliases": FakeAliases,
    "publishing": FakePublishing,
    "versions": FakeVersions,
    "hooks": FakeHooks,
    "store": FakeStore,
    "artifacts": FakeArtifacts,
    "alarms": FakeAlarms,
    "metrics": FakeMetrics,
    "durations": FakeDurations,
    "notices": FakeNotices,
}
