"""The command: asks, runs the experiments, shows what was found, and takes everything away again, whatever ended it.

Exit status: 0 where every fact is as expected or cannot be shown here; 1 where one is otherwise or was not found out,
or where something could not be removed; 2 where the run did not begin; 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from live.cleaning import clean, is_a_name, new_name
from live.experiments import EXPERIMENTS
from live.facts import FACTS, Fact
from live.outcomes import outcome
from live.report import Report, console
from live.run import Aws, Installer, Run
from live.sam import Sam
from live.schedule import Answers, chosen, conduct
from live.waiting import GivenUp

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run takes place. ``who`` is the caller's ARN; ``not_shown`` are the facts that this AWS cannot show."""

    aws: Aws
    installer: Installer
    who: str = ""
    not_shown: Mapping[str, str] | None = None

    @property
    def is_embedded(self) -> bool:
        return self.not_shown is not None


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked for."""

    facts: tuple[Fact, ...]
    json: Path | None
    keep: bool
    yes: bool
    clean: str | None
    embedded: bool


def run() -> int:
    """Runs the command with this process's arguments, and returns the exit status."""
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command in the person's account, or on the embedded AWS, and returns the exit status."""
    options = parsed(arguments)
    try:
        with _embedded() if options.embedded else _own_account(options) as place:
            return perform(options, place)
    except (GivenUp, BotoCoreError, ClientError) as failure:
        _tell(f"could not begin: {failure}")
        return 2


def parsed(arguments: Sequence[str] | None) -> Options:
    """Reads the command line; a wrong one ends the program with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m live",
        description="Finds out in your AWS account what only a live account can tell, and takes everything away again."
        " Profile and Region come from the usual environment (AWS_PROFILE, AWS_REGION).",
    )
    parser.add_argument("--only", default="", metavar="L3,L5", help="try these facts alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found to this file, too")
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is made")
    parser.add_argument("--keep", action="store_true", help="take nothing away; --clean NAME does it later")
    parser.add_argument("--clean", metavar="NAME", help="only take away what a run of this name left")
    parser.add_argument("--embedded", action="store_true", help="play it on the embedded AWS, in a minute or two")
    given = parser.parse_args(arguments)
    wanted = [word.strip() for word in given.only.split(",") if word.strip()]
    if unknown := [word for word in wanted if not any(fact.is_of(word) for fact in FACTS)]:
        parser.error(
            f"argument --only: no such fact: {', '.join(unknown)}; there are {', '.join(f.number for f in FACTS)}"
        )
    if given.clean and not is_a_name(given.clean):
        parser.error(f"argument --clean: {given.clean} is no run's name; one looks like slipway-live-0a1b2c")
    if given.json and not given.json.absolute().parent.is_dir():
        parser.error(f"argument --json: there is no folder {given.json.absolute().parent}")
    facts = tuple(fact for fact in FACTS if not wanted or any(fact.is_of(word) for word in wanted))
    return Options(facts, given.json, given.keep, given.yes, given.clean, given.embedded)


@contextmanager
def _embedded() -> Iterator[Place]:
    from live import embedded

    with embedded.started() as (aws, stack):
        yield Place(aws, stack, "the embedded AWS", embedded.NOT_SHOWN)


@contextmanager
def _own_account(options: Options) -> Iterator[Place]:
    # boto3 reads AWS_DEFAULT_REGION alone; the AWS CLI, the SAM CLI and the other SDKs read AWS_REGION, too.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    if session.region_name is None:
        raise GivenUp("no Region is set; say AWS_REGION=eu-central-1, or choose a profile with one")
    aws = Aws(session)
    who = str(aws.client("sts").get_caller_identity()["Arn"])
    with Sam(aws) as sam:
        if not options.clean:
            sam.require()
        yield Place(aws, sam, who)


def perform(options: Options, place: Place) -> int:
    """Does what the options say at this place, and returns the exit status."""
    if options.clean:
        return _cleaned(place.aws, options.clean)
    name = new_name()
    if not options.yes and not _agreed(name, place):
        _tell("nothing was made")
        return 2
    return _played(name, options, place)


def _agreed(name: str, place: Place) -> bool:
    _tell(
        f"This takes about half an hour and costs a few cents. As {place.who} in {place.aws.region}\n"
        f"it makes a stack {name} from template.yaml, some ten functions, a bucket, a role, a queue,\n"
        "an EventBridge rule, CloudWatch alarms and a KMS key, and removes all of it at the end. The key is\n"
        "scheduled for deletion, which KMS does after 7 days."
    )
    if not sys.stdin.isatty():
        _tell("Standard input is no terminal, so nobody can be asked: say --yes.")
        return False
    return input("Go on? [y/N] ").strip().lower() in ("y", "yes")


def _played(name: str, options: Options, place: Place) -> int:
    run, answers, began = Run(name, place.aws, place.installer), Answers(), Run.now()
    _tell(f"the run is called {name}")
    try:
        interrupted = _conducted(options, run, answers)
    finally:
        left = _kept(name) if options.keep else _taken_away(place.aws, name)
    found = [outcome(fact, answers.get(fact.number), place.not_shown or {}) for fact in options.facts]
    report = Report(name, place.aws.region, place.is_embedded, began, Run.now(), found, interrupted, options.keep, left)
    report.show(console())
    if options.json:
        options.json.write_text(f"{json.dumps(report.as_json(), indent=2)}\n", "utf-8")
    return INTERRUPTED if interrupted else 0 if report.is_good else 1


def _conducted(options: Options, run: Run, answers: Answers) -> bool:
    """Runs the experiments; returns whether that was cut off."""
    try:
        conduct(chosen(EXPERIMENTS, {fact.number for fact in options.facts}), run, answers, _tell)
    except KeyboardInterrupt:
        _tell("stopped; taking everything away, which takes some minutes")
        return True
    return False


def _kept(name: str) -> tuple[str, ...]:
    _tell(f"everything is kept; python -m live --clean {name} takes it away")
    return ()


def _taken_away(aws: Aws, name: str) -> tuple[str, ...]:
    try:
        return clean(aws, name, _tell)
    except KeyboardInterrupt:
        return (f"whatever is called {name}-...; python -m live --clean {name} takes it away",)


def _cleaned(aws: Aws, name: str) -> int:
    left = _taken_away(aws, name)
    for problem in left:
        _tell(f"left behind: {problem}")
    _tell(f"nothing of {name} is left" if not left else f"python -m live --clean {name} tries again")
    return 1 if left else 0


def _tell(text: str) -> None:
    print(f"{Run.now().astimezone():%H:%M:%S}  {text}", file=sys.stderr, flush=True)
