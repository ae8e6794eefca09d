"""What Lambda holds: functions, their versions and aliases, and when what is in progress completes.

    $LATEST   create: Pending -> Active; update: InProgress -> Successful; a new revision at the call, at each arrow,
              and when a version is published
    version   publish: Pending -> Active; one revision for life
    alias     a new revision at every write, also at one that changes nothing

The rules are those of docs/contributing/aws-facts.md, section 1, pure functions that the embedded AWS asks too
(``local.emulator.rules``), so both say the same texts. ``test_lambda_*.py`` names each rule and its source.

Note: nothing runs in the background. What is over by now is completed when somebody looks.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from local.emulator.rules.lambda_ import answers
from local.emulator.rules.lambda_.version_states import settled, sleeping, waking
from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Refusal
from tests.cloud.wire import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.cloud.metrics import Metrics
    from tests.cloud.storage import Storage

LATEST = "$LATEST"
_DEFAULTS: Json = {
    "Architectures": ["x86_64"],
    "Description": "",
    "EphemeralStorage": {"Size": 512},
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "PackageType": "Zip",
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
}
"""What an answer shows of what nobody set. Source: Lambda API reference CreateFunction, 2026-11."""
_EMPTY: Json = {"DeadLetterConfig": {"TargetArn": ""}, "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}}


def sha256_of(code: bytes) -> str:
    """Returns the CodeSha256 of a zip: the digest in base64. Source: facts section 9."""
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


@dataclass
class Version:
    """``$LATEST`` or a published version: its configuration as GetFunctionConfiguration shows it, and its zip.

    ``settles_at`` is when AWS is done with it, None where it is; ``becomes`` is what it shows then, and ``replaced``
    the code that an update replaces, which runs until then. ``content`` is what makes one version differ from the next.
    """

    configuration: Json
    code: bytes
    replaced: bytes | None = None
    settles_at: datetime | None = None
    becomes: Json = field(default_factory=dict)
    content: Json = field(default_factory=dict)

    @property
    def running(self) -> bytes:
        """The code that an invocation runs. Source: facts 1.5: during an update it is the old one."""
        return self.code if self.replaced is None else self.replaced

    def __getitem__(self, member: str) -> Any:
        return self.configuration[member]

    def __setitem__(self, member: str, value: Any) -> None:
        """Somebody changes a setting, and no revision with it."""
        self.configuration[member] = value

    def update(self, **changes: Any) -> None:
        self.configuration.update(changes)


@dataclass
class Function:
    """One function. ``published`` is the last number given; no number is ever given twice."""

    name: str
    latest: Version
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    published: int = 0

    @property
    def arn(self) -> str:
        return arn_of(self.name)


@dataclass(frozen=True)
class Behaviour:
    """How code answers. It fails with ``error``, a class's name, in ``share`` of its invocations.

    ``fails_after`` is how long those take that fail, None as long as the others. What takes longer than the function's
    Timeout is ended then, and has failed. ``refuses`` is the error of Invoke, KMSAccessDeniedException for one, with
    which Lambda says that it cannot start the version at all. ``is_counted`` as in ``metrics.Invoked``, of failures.
    ``then`` is how it answers from the next invocation by the API on, None where it stays as it is.
    ``only`` is a text: the code fails only for payloads of the API that contain it.
    """

    response: object = field(default_factory=lambda: {"ok": True})
    error: str = ""
    share: float = 1.0
    duration: timedelta = timedelta(milliseconds=20)
    fails_after: timedelta | None = None
    refuses: str = ""
    is_counted: bool = True
    then: Behaviour | None = None
    only: str = ""


class LambdaState:
    """All functions, and how fast this Lambda is. A test may change any of it.

    ``dice`` decide which version of a weighted alias serves, and which invocation fails. ``history`` is every alias as
    it was written through the API, by the function's name. ``behaviours`` are by what ``zips.code_of`` calls the code.
    ``becomes`` is what the next completed change shows beside being complete. ``switched_off`` are the functions whose
    reserved concurrency is 0.
    """

    def __init__(self, clock: Clock, storage: Storage, metrics: Metrics) -> None:
        self.clock, self.storage, self.metrics = clock, storage, metrics
        self.dice = random.Random(1)
        self.functions: dict[str, Function] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.outages: dict[str, float] = {}
        self.provisioned: dict[tuple[str, str], datetime] = {}
        self.switched_off: set[str] = set()
        self.history: list[tuple[str, Json]] = []
        self.moving: dict[tuple[str, str], tuple[datetime, str]] = {}
        self.created_in = timedelta(seconds=2)
        self.updated_in = timedelta(seconds=1)
        self.published_in = timedelta(seconds=1)
        self.woken_in = timedelta(minutes=2)
        self.capacity_moves_in = timedelta(minutes=2)
        self.becomes: Json = {}
        self.unassumable_roles: set[str] = set()
        self.hidden_environments: set[str] = set()
        self.hidden_tags: set[str] = set()
        self.code_storage = 300 * 1024**3
        self.page = 50
        self.checks_zips = True
        self._payload = b""
        self._revisions = 0

    def revision(self) -> str:
        """Returns a revision that nobody has yet."""
        self._revisions += 1
        return f"{self._revisions:08x}-0000-4000-8000-000000000000"

    def make(self, name: str, code: bytes, **settings: Any) -> Function:
        """Puts a function that has been there for years, without a version."""
        given = {"Role": f"arn:aws:iam::{ACCOUNT}:role/{name}", "Runtime": "python3.13", "Handler": "app.handler"}
        configuration = self.configured({}, {**given, **settings}, name)
        latest = Version(settled(self.coded(configuration, code)), code)
        self.functions[name] = Function(name, latest)
        return self.functions[name]

    def configured(self, before: Json, settings: Json, name: str) -> Json:
        """Returns a configuration with these settings, in the spelling of answers, under a new revision."""
        found = {**copy.deepcopy(_DEFAULTS), "FunctionName": name, "FunctionArn": arn_of(name), "Version": LATEST}
        found |= before
        for member, value in settings.items():
            found[member] = _shown(member, value, name)
        for member, empty in _EMPTY.items():
            if found.get(member) == empty:
                del found[member]
        found["LoggingConfig"] = {"LogGroup": f"/aws/lambda/{name}", **found["LoggingConfig"]}
        return {**found, "RevisionId": self.revision(), "LastModified": self._modified()}

    def coded(self, configuration: Json, code: bytes) -> Json:
        """Returns the configuration of other code, under a new revision."""
        changed = {"CodeSha256": sha256_of(code), "CodeSize": len(code), "LastModified": self._modified()}
        return {**configuration, **changed, "RevisionId": self.revision()}

    def find(self, name: str) -> Function:
        """Returns the function as it is by now. Raises Refusal where there is none."""
        found = self.functions.get(name)
        if found is None:
            raise refused(answers.not_found(f"Function not found: {arn_of(name)}"))
        self._complete(found)
        return found

    def version(self, name: str, qualifier: str | None) -> Version:
        """Returns what a qualifier names: a version, an alias's own version, or ``$LATEST``."""
        function = self.find(name)
        if qualifier in (None, LATEST):
            return function.latest
        if qualifier in function.aliases:
            qualifier = str(function.aliases[qualifier]["FunctionVersion"])
        found = function.latest if qualifier == LATEST else function.versions.get(str(qualifier))
        if found is None:
            raise refused(answers.not_found(f"Function not found: {arn_of(name)}:{qualifier}"))
        return found

    def shown(self, version: Version) -> Json:
        """Returns the configuration as an answer shows it."""
        found = copy.deepcopy(version.configuration)
        if found["FunctionName"] in self.hidden_environments and "Environment" in found:
            error = {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt the variables."}
            found["Environment"] = {"Error": error}
        return found

    def later(self, version: Version, delay: timedelta) -> None:
        """Completes what was just begun with a version, ``delay`` from now."""
        version.becomes, self.becomes = self.becomes, {}
        version.settles_at = self.clock.now + delay

    def sleep(self, name: str, qualifier: str) -> None:
        """A version has not been invoked for weeks, and Lambda takes away what it needs to run."""
        version = self.version(name, qualifier)
        version.configuration = sleeping(version.configuration)

    def wake(self, version: Version) -> None:
        """Lambda makes again what a version needs that slept."""
        version.configuration = waking(version.configuration)
        self.later(version, self.woken_in)

    @property
    def code_stored(self) -> int:
        """How many bytes of zips are kept: those of every version count. Source: facts 4.2."""
        kept = (each for function in self.functions.values() for each in (function.latest, *function.versions.values()))
        return sum(len(each.code) for each in kept)

    def _complete(self, function: Function) -> None:
        for version in (function.latest, *function.versions.values()):
            if version.settles_at is not None and version.settles_at <= self.clock.now:
                version.configuration = {**settled(version.configuration), **version.becomes}
                version.settles_at = version.replaced = None
                if version is function.latest:
                    version.configuration["RevisionId"] = self.revision()

    def _modified(self) -> str:
        return self.clock.now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def arn_of(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def refused(refusal: answers.Refusal) -> Refusal:
    """Returns the refusal of one of the rules as what the wire sends."""
    return Refusal(refusal.status, refusal.code, refusal.message)


def require(refusal: answers.Refusal | None) -> None:
    """Raises what a rule says, if it says anything."""
    if refusal is not None:
        raise refused(refusal)


def _shown(member: str, value: Any, name: str) -> Any:
    """Returns a setting in the spelling of answers: layers with their sizes, a VPC with its id."""
    match member:
        case "Layers":
            return [{"Arn": arn, "CodeSize": 1000} for arn in value]
        case "VpcConfig":
            return {**value, "VpcId": "vpc-1"} if value.get("SubnetIds") else value
        case "SnapStart":
            return {"OptimizationStatus": "Off", **value}
        case "LoggingConfig":
            return {"LogGroup": f"/aws/lambda/{name}", **value}
        case "FileSystemConfigs" | "DeadLetterConfig" | "Environment":
            return copy.deepcopy(value)
    return value
