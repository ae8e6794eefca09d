"""``make scan``: what checkov and AWS Control Tower's rules for cfn-guard find in template.yaml and it does not answer.

    Controller          CKV_AWS_115  Ensure that AWS Lambda function is configured for ... concurrent execution limit

Each finding is mended, or skipped beside the resource with the reason why it is not (``Metadata`` of template.yaml). A
skip of what no scanner finds is told too. The exit status is 0 only where nothing is left.

Note: neither scanner is installed with the rest. They bring a hundred packages that nothing else needs, so they have
locks and an environment of their own.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.scan.templates import skips, templates
from tests.template import ROOT

PLACE = ROOT / ".build" / "scan"
_RULE = re.compile(r"\[(CT\.[\w.]+)\]")


@dataclass(frozen=True, order=True)
class Finding:
    resource: str
    rule: str
    title: str

    def __str__(self) -> str:
        return f"{self.resource:22}{self.rule:20}{self.title}"


def main(environment: Path) -> int:
    """Scans with what is installed in ``environment``; returns the exit status."""
    PLACE.mkdir(parents=True, exist_ok=True)
    files = [_written(name, template) for name, template in templates().items()]
    left = 0
    for scanner, found in (
        ("checkov", set(_checkov(environment, files))),
        ("control_tower", set(_control_tower(environment, files))),
    ):
        told = list(_left(found, skips(scanner)))
        said = f"{scanner}: {len(found)} findings, {len(told)} not answered in template.yaml"
        print(said, *told, sep="\n  ")  # noqa: T201 - a command that talks to a person
        left += len(told)
    return 1 if left else 0


def _left(found: set[Finding], reasons: dict[str, dict[str, str]]) -> Iterator[str]:
    """Yields what is neither mended nor skipped with a reason, and what is skipped in vain."""
    for each in sorted(found):
        if not reasons.get(each.resource, {}).get(each.rule):
            yield str(each)
    raised = {(each.resource, each.rule) for each in found}
    for name, rule in sorted((name, rule) for name, skipped in reasons.items() for rule in skipped):
        if (name, rule) not in raised:
            yield f"{name:22}{rule:20}is skipped, and nothing finds it"


def _written(name: str, template: dict[str, Any]) -> Path:
    file = PLACE / f"{name.replace(' ', '-')}.json"
    file.write_text(json.dumps(template, indent=1))
    return file


def _checkov(environment: Path, files: list[Path]) -> Iterator[Finding]:
    asked = [part for file in files for part in ("--file", str(file))]
    command = [str(environment / "bin" / "checkov"), "--framework", "cloudformation", "--skip-download"]
    told = json.loads(_run([*command, "--output", "json", "--soft-fail", *asked]))
    assert told["summary"]["parsing_errors"] == 0, told["summary"]
    for check in told["results"]["failed_checks"]:
        yield Finding(check["resource"].rpartition(".")[2], check["check_id"], check["check_name"])


def _control_tower(environment: Path, files: list[Path]) -> Iterator[Finding]:
    rules = _guard(environment)
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    program = rules / "bin" / ("macos" if sys.platform == "darwin" else "ubuntu") / machine / "cfn-guard"
    asked = [part for file in files for part in ("--data", str(file))]
    command = [str(program), "validate", "--rules", str(rules / "rules" / "control-tower" / "cfn-guard"), *asked]
    told = json.loads(_run([*command, "--show-summary", "none", "--output-format", "json", "--structured"]))
    titles = _titles(rules)
    broken = (each for report in told for each in report["not_compliant"])
    for rule, path in (found for each in broken for found in _checks(each)):
        yield Finding(path.split("/")[2], rule, titles[rule])


def _guard(environment: Path) -> Path:
    """Takes the program and the rules out of the package; it is made for another language and brings both."""
    (archive,) = environment.glob("lib/python*/site-packages/cdklabs/cdk_validator_cfnguard/_jsii/*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(PLACE, filter="data")
    return PLACE / "package"


def _titles(rules: Path) -> dict[str, str]:
    told = [json.loads(file.read_text()) for file in rules.glob("rules/control-tower/metadata/**/*.json")]
    return {each["Id"]: f"{each['DisplayName']} ({each['Severity']})" for each in told}


def _checks(report: Any, rule: str = "") -> Iterator[tuple[str, str]]:
    """Yields the id of the rule and the path in the template of every check that failed."""
    if isinstance(report, list):
        for each in report:
            yield from _checks(each, rule)
    elif isinstance(report, dict):
        named = _RULE.search(str((report.get("messages") or {}).get("custom_message")))
        rule = named[1] if named else rule
        if str(report.get("path")).startswith("/Resources/"):
            yield rule, report["path"]
        for each in report.values():
            yield from _checks(each, rule)


def _run(command: list[str]) -> str:
    """Returns what a scanner prints. It exits with an error where it finds something, and where it cannot work too."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PLACE)
    if not done.stdout.strip():
        raise SystemExit(f"{command[0]} said nothing (exit status {done.returncode}): {done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
