"""A function of the run: made, published, pointed at and asked, with the names of the run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from live.run import Run
from live.waiting import Waiting, until

ALIAS = "live"
RUNTIME = "python3.14"
HANDLER = "app.handler"
_FUNCTIONS = Path(__file__).parent / "functions"
_A_ROLE_TAKES = 2.0
"""Minutes until Lambda may assume a new role: seconds as a rule."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answered a request, and whether the function failed."""

    version: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Probe:
    """One function of the run, by its name."""

    run: Run
    name: str

    def call(self, operation: str, **parameters: Any) -> Any:
        """Asks Lambda something about this function."""
        return getattr(self.run.client("lambda"), operation)(FunctionName=self.name, **parameters)

    def create(self, code: bytes, role: str, **settings: Any) -> Waiting[None]:
        """Makes the function and waits until it is Active; a role that is seconds old is waited for."""
        wanted = {"Runtime": RUNTIME, "Handler": HANDLER, "Tags": self.run.tags, **settings}

        def made() -> bool:
            try:
                self.call("create_function", Role=role, Code={"ZipFile": code}, **wanted)
            except ClientError as refusal:
                if "cannot be assumed" in str(refusal):
                    return False
                raise
            return True

        yield from until(made, "the new role to be assumed by Lambda", _A_ROLE_TAKES, every=1 / 12)
        yield from until(lambda: self.state()["State"] == "Active", f"{self.name} to be Active", within=2)

    def update(self, code: bytes) -> Waiting[None]:
        """Gives the function's $LATEST other code, and waits until it has that."""
        self.call("update_function_code", ZipFile=code)
        yield from self.settled()

    def publish(self, description: str | None = None) -> Waiting[str]:
        """Publishes a version, with another description of the function if given, and returns its number."""
        if description is not None:
            self.call("update_function_configuration", Description=description)
            yield from self.settled()
        number = str(self.call("publish_version")["Version"])
        yield from until(
            lambda: self.state(number)["State"] == "Active", f"{self.name}:{number} to be Active", within=2
        )
        return number

    def settled(self) -> Waiting[None]:
        """Waits until no update of $LATEST is in progress."""
        yield from until(
            lambda: self.state().get("LastUpdateStatus") == "Successful", f"{self.name} to be updated", within=2
        )

    def state(self, qualifier: str | None = None) -> Mapping[str, Any]:
        named = {"Qualifier": qualifier} if qualifier else {}
        found: Mapping[str, Any] = self.call("get_function_configuration", **named)
        return found

    def point(self, version: str, weights: Mapping[str, float] | None = None, alias: str = ALIAS) -> None:
        """Moves the alias; makes it where it is absent."""
        carried = {"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": weights or {}}}
        try:
            self.call("update_alias", Name=alias, **carried)
        except self.run.client("lambda").exceptions.ResourceNotFoundException:
            self.call("create_alias", Name=alias, **carried)

    def carried(self, alias: str = ALIAS) -> tuple[str, Mapping[str, float]]:
        """Returns the alias's version, and the weights of others."""
        found = self.call("get_alias", Name=alias)
        return str(found["FunctionVersion"]), found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def ask(self, payload: Mapping[str, object] | None = None, qualifier: str = ALIAS) -> Answer:
        """Sends one request and waits for its answer."""
        called = self.call("invoke", Qualifier=qualifier, Payload=json.dumps(payload or {}))
        called["Payload"].read()
        return Answer(str(called["ExecutedVersion"]), "FunctionError" in called)

    def send(self, payload: Mapping[str, object]) -> None:
        """Sends one request through the alias and waits for no answer; see ``never_again``."""
        self.call("invoke", Qualifier=ALIAS, InvocationType="Event", Payload=json.dumps(payload))

    def never_again(self) -> None:
        """What is sent without waiting is tried once, or every failure would be counted three times."""
        self.call("put_function_event_invoke_config", Qualifier=ALIAS, MaximumRetryAttempts=0)


def probe(run: Run, suffix: str, **settings: Any) -> Waiting[Probe]:
    """Makes a function with the probe's code and its version 1, and points its alias there."""
    made = Probe(run, f"{run.name}-{suffix}")
    yield from made.create(zipped("probe"), run.role, **settings)
    made.point((yield from made.publish()))
    return made


def zipped(function: str, more: Mapping[str, str] | None = None, remark: str = "") -> bytes:
    """Returns a zip with the code of ``functions/FUNCTION.py`` and other files. Another remark makes other bytes."""
    code = (_FUNCTIONS / f"{function}.py").read_text("utf-8")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in {"app.py": f"{code}# {remark}\n", **(more or {})}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100644 << 16  # Lambda reads as another user, and zipfile's own is 0600
            archive.writestr(entry, text)
    return buffer.getvalue()
