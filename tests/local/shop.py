"""Drops artifacts on the deployed stack and asks the controller about them, as a team would."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.package import python_runtime
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack

ENDS = ("SUCCEEDED", "ROLLED_BACK", "FAILED")
GOOD = "def handler(event, context):\n    return {'ok': True, 'release': %r}\n"
STRICT = """
def handler(event, context):
    if "lines" not in event:
        raise ValueError("no lines in " + repr(event))
    return {"total": sum(event["lines"])}
"""
BAD = """
def handler(event, context):
    if event.get("ping"):
        return {"ok": True}
    raise ValueError("boom")
"""


@dataclass(frozen=True)
class Shop:
    """One function of one team: drops its zips, calls its alias, asks the controller."""

    aws: EmbeddedAws
    stack: Stack
    role: str
    function: str
    controller: str = "live"
    """The alias or version of the controller that is asked."""

    def manifest(self, **sections: object) -> dict[str, Any]:
        """Returns a manifest of one step whose times are seconds, and which is promoted although nobody may call it."""
        return {
            "strategy": {"steps": [{"weight": 50, "hold": "2s"}], "bake": "2s"},
            "gates": {"min_invocations": 0, "no_traffic": {"wait": "0s", "then": "promote"}},
            "tests": [{"name": "ping", "payload": {"ping": True}, "response": {"required": ["ok"]}}],
            "function": {"Runtime": python_runtime(), "Handler": "app.handler", "Role": self.role},
            **sections,
        }

    def serve(self, source: str) -> None:
        """Makes the function without Slipway: alias live carries version 1, with the settings of the manifest."""
        functions, settings = self.aws.client("lambda"), self.manifest()["function"]
        functions.create_function(
            FunctionName=self.function, Code={"ZipFile": zipped({"app.py": source})}, **dict(settings)
        )
        one = {"FunctionName": self.function}
        eventually(lambda: functions.get_function(**one)["Configuration"]["State"] == "Active")
        functions.publish_version(**one)
        # Slipway asks again after a real minute whether a version that is Pending can serve.
        eventually(lambda: functions.get_function(**one, Qualifier="1")["Configuration"]["State"] == "Active")
        functions.create_alias(**one, Name="live", FunctionVersion="1")

    def drop(self, source: str, name: str = "build", files: Mapping[str, str] | None = None, **sections: object) -> str:
        """Drops a zip of ``app.py``, its manifest and ``files``; returns the object's version id."""
        manifest = json.dumps(self.manifest(**sections))
        return self.put(zipped({"app.py": source, **(files or {}), "slipway.json": manifest}), name)

    def put(self, content: bytes, name: str = "build", folder: str | None = None) -> str:
        answer = self.aws.client("s3").put_object(
            Bucket=self.stack.bucket, Key=f"{folder or self.function}/{name}.zip", Body=content
        )
        version: str = answer["VersionId"]
        return version

    def ask(self, request: str, **more: object) -> Mapping[str, Any]:
        """Returns the controller's answer about this function."""
        return self.invoke({"request": request, "function": self.function, **more})

    def newest(self) -> Mapping[str, Any]:
        """Returns the newest deployment, whole; empty before the first."""
        status = self.ask("status")
        found: Mapping[str, Any] = status.get("open") or status.get("newest") or {}
        return found

    def invoke(self, payload: Mapping[str, object]) -> Mapping[str, Any]:
        functions = self.aws.client("lambda", read_timeout=120)
        answer = functions.invoke(
            FunctionName=self.stack.controller, Qualifier=self.controller, Payload=json.dumps(payload).encode()
        )
        body = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, body
        found: Mapping[str, Any] = body
        return found

    def call(self, count: int = 1) -> list[str]:
        """Invokes the alias and returns the versions that answered."""
        functions = self.aws.client("lambda")
        return [
            functions.invoke(FunctionName=self.function, Qualifier="live", Payload=b"{}")["ExecutedVersion"]
            for _ in range(count)
        ]

    def wait(self, phase: str | tuple[str, ...] = ENDS, number: int = 1) -> Mapping[str, Any]:
        """Waits until a deployment is in a phase, or has ended otherwise, and returns its summary."""

        def reached() -> Mapping[str, Any] | None:
            name = f":live#{number}"
            # A function that nobody knows yet has no history.
            made = self.ask("history").get("deployments", ())
            found = [each for each in made if each["deployment"].endswith(name)]
            return found[0] if found and found[0]["phase"] in ((phase,) if isinstance(phase, str) else phase) else None

        found = eventually(reached, every=0.5)
        assert found is not None
        return found

    def alias(self, name: str = "live") -> tuple[str, Mapping[str, float]] | None:
        """Returns what an alias carries, None where it does not exist."""
        functions = self.aws.client("lambda")
        try:
            found = functions.get_alias(FunctionName=self.function, Name=name)
        except functions.exceptions.ResourceNotFoundException:
            return None
        return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def versions(self) -> list[str]:
        """Returns the published versions, none where the function does not exist."""
        functions = self.aws.client("lambda")
        try:
            listed = functions.list_versions_by_function(FunctionName=self.function)["Versions"]
        except functions.exceptions.ResourceNotFoundException:
            return []
        return [each["Version"] for each in listed if each["Version"] != "$LATEST"]


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Returns a zip; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16  # Lambda reads as another user, and zipfile's own is 0600
            archive.writestr(entry, content)
    return buffer.getvalue()
