"""The configuration of a function or version: its code's hash, its settings, its state.

Rules of the file:

- settings are complete and in the spelling of CreateFunction: a member missing in an answer has Lambda's default, so
  two configurations can be compared, and one can be made from the other;
- a setting of None is hidden by AWS (environment variables under a key the controller may not use).

Note: a version's Description is PublishVersion's, not the function's. Comparisons ignore it, and it cannot be restored
from a version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.aws.lambda_.client import Answer, number, section, sections, text

# Lambda's defaults. Each value also clears the setting in UpdateFunctionConfiguration.
# Source: Lambda API reference CreateFunction and UpdateFunctionConfiguration, 2026-11.
_DEFAULTS: Mapping[str, object] = {
    "Architectures": ["x86_64"],
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "DurableConfig": {},
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "Handler": "",
    "KMSKeyArn": "",
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "Role": "",
    "Runtime": "",
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False},
}
# Members of answers that requests lack. Source: botocore's model of FunctionConfiguration, 1.43.106.
_ONLY_IN_ANSWERS = frozenset({"VpcId", "OptimizationStatus", "Error"})
_NOT_OF_A_VERSION = frozenset({"Description"})
# Architectures go with the code, not with UpdateFunctionConfiguration; a function is durable from its creation or
# never. Source: Lambda API reference UpdateFunctionCode; Lambda developer guide, durable functions, 2026-11.
_NOT_RESTORED_AS_SETTING = _NOT_OF_A_VERSION | {"Architectures", "DurableConfig"}


@dataclass(frozen=True, slots=True)
class Configuration:
    """A function (``$LATEST``) or version as read. ``problem`` is empty unless AWS reports a failure."""

    function: str
    version: str
    sha256: str
    code_size: int
    revision_id: str
    settings: Mapping[str, object] = field(repr=False)  # environment variables may be secrets
    state: str
    is_settling: bool
    problem: str
    package_type: str
    on_managed_instances: bool

    def __str__(self) -> str:
        return f"{self.function}:{self.version}"

    @property
    def architectures(self) -> object:
        """The code's instruction set, which is set with the code and not with the settings."""
        return self.settings["Architectures"]

    def lacking(self, wanted: Mapping[str, object]) -> dict[str, object]:
        """Returns the settings in ``wanted`` with another value here."""
        return {name: value for name, value in wanted.items() if not _has(name, self.settings.get(name), value)}

    def runs_the_same_as(self, other: Configuration) -> bool:
        """Do both have the same code and settings? A hidden setting never counts as the same."""
        return self.sha256 == other.sha256 and all(
            value is not None and value == other.settings[name]
            for name, value in self.settings.items()
            if name not in _NOT_OF_A_VERSION
        )

    def changes_to(self, other: Configuration) -> dict[str, object]:
        """Returns the parameters of UpdateFunctionConfiguration to reach the settings of ``other``."""
        return {
            name: value
            for name, value in other.settings.items()
            if name not in _NOT_RESTORED_AS_SETTING and value is not None and value != self.settings[name]
        }


def configuration(answer: Answer) -> Configuration:
    """Reads a FunctionConfiguration: the answer of GetFunctionConfiguration and of most other calls."""
    state, update = text(answer, "State"), text(answer, "LastUpdateStatus")
    return Configuration(
        function=text(answer, "FunctionName"),
        version=text(answer, "Version"),
        sha256=text(answer, "CodeSha256"),
        code_size=number(answer, "CodeSize"),
        revision_id=text(answer, "RevisionId"),
        settings={name: _setting(name, answer.get(name)) for name in _DEFAULTS},
        state=state,
        is_settling=state == "Pending" or update == "InProgress",
        problem=_problem(answer, "State") or _problem(answer, "LastUpdateStatus"),
        package_type=text(answer, "PackageType") or "Zip",
        on_managed_instances=bool(section(answer, "CapacityProviderConfig")),
    )


def _problem(answer: Answer, status: str) -> str:
    """Returns the reported failure of a status, empty without one.

    Source: Lambda developer guide, function states: each status has its Reason and ReasonCode, 2026-11.
    """
    if text(answer, status) != "Failed":
        return ""
    return f"{status} is Failed: {text(answer, f'{status}Reason')} ({text(answer, f'{status}ReasonCode')})"


def _has(name: str, found: object, wanted: object) -> bool:
    if found is None:
        return False
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(found.get(key) == value for key, value in _as_in_a_request(name, wanted).items())
    return found == wanted


def _setting(name: str, value: object) -> object:
    if value is None:
        return _DEFAULTS[name]
    if name == "Layers":
        return [text(layer, "Arn") for layer in sections({name: value}, name)]
    if isinstance(value, Mapping):
        # Source: Lambda API reference EnvironmentResponse: Error instead of Variables, 2026-11.
        hidden = name == "Environment" and value.get("Error")
        return None if hidden else {**section(_DEFAULTS, name), **_as_in_a_request(name, value)}
    return value


def _as_in_a_request(name: str, value: Mapping[object, object]) -> dict[str, object]:
    """Returns a setting's object in the form of requests: without members of answers only, and with sets (subnets,
    security groups) sorted.
    """
    return {
        str(key): sorted(each) if name == "VpcConfig" and isinstance(each, list) else each
        for key, each in value.items()
        if key not in _ONLY_IN_ANSWERS
    }
