"""The subcommands of ``slipway``: a few of its own, and one for each request of the controller."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TypeAlias

import shtab

from cli import output
from cli.asking import schema
from cli.asking.connection import Place, Slipway
from cli.report.command import add_report, report
from cli.requests import add_request, ask, show
from cli.ship import add_ship, ship
from cli.showing.verdicts import verdict
from cli.watch import add_watch, watch
from controller import check
from controller.core.manifest.building import schema as manifest_schema

DONE, REFUSED = 0, 1
_EPILOG = """\
exit status:
  0  done; with --watch: SUCCEEDED
  1  refused; with --watch: FAILED or ROLLED_BACK; with --exit-code: something is not well
  2  the command line is wrong
  3  nobody could be asked: no credentials, no stack, no right, no network
  130  interrupted by Ctrl-C; whatever was begun goes on

environment:
  SLIPWAY_STACK, SLIPWAY_BUCKET  as --stack and --bucket
  AWS_PROFILE, AWS_REGION, ...   as for the AWS CLI
  NO_COLOR                       no colours
"""
Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"


def parser() -> ArgumentParser:
    """Returns the parser of the command line; the options that it reads have ``run``, which carries them out."""
    top = ArgumentParser(
        prog="slipway",
        description="Ships zips to AWS Lambda through Slipway, and asks Slipway about them.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"slipway {_release()}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_check(commands)
    shipping = command(commands, "ship", "Checks a zip, drops it, and with --watch waits for the end.", _on_stack(ship))
    add_ship(shipping)
    _complete_files(shipping)
    add_watch(command(commands, "watch", "Shows a deployment until its end, or all that are open.", _on_stack(watch)))
    words = "Writes the deployments of a time, and how often and how fast they were, as one HTML page."
    add_report(command(commands, "report", words, _on_stack(report)))
    for request in schema.requests():
        words = request.description.replace("%", "%%")
        added = command(commands, request.command, words, _on_stack(partial(ask, request)))
        add_request(added, request)
        _complete_files(added)
    _add_schema(commands)
    _add_completion(commands, top)
    return top


def _release() -> str:
    try:
        return version("slipway")
    except PackageNotFoundError:
        return "of a checkout"


def stack(options: Namespace) -> Slipway:
    """Returns the stack that the command line, or the environment, names."""
    environment: Mapping[str, str] = options.environment
    connect: Callable[[Place], Slipway] = options.connect
    name = options.stack or environment.get("SLIPWAY_STACK") or "slipway"
    bucket = getattr(options, "bucket", None) or environment.get("SLIPWAY_BUCKET")
    return connect(Place(name, options.region, options.profile, bucket))


def command(commands: Commands, name: str, words: str, run: Callable[[Namespace], int]) -> ArgumentParser:
    """Adds a subcommand that asks a stack, with the options that say which one."""
    added = commands.add_parser(name, help=words, description=words)
    added.set_defaults(run=run, parser=added)
    where = added.add_argument_group("where")
    where.add_argument("--stack", help="the stack's name, if not slipway")
    where.add_argument("--region", help="the stack's AWS Region")
    where.add_argument("--profile", help="the AWS profile to ask with")
    added.add_argument("--json", action="store_true", help="print the answer as it is")
    return added


def _on_stack(run: Callable[[Slipway, Namespace], int]) -> Callable[[Namespace], int]:
    return lambda options: run(stack(options), options)


def _add_check(commands: Commands) -> None:
    words = "Says whether Slipway would deploy a zip, without AWS."
    added = commands.add_parser("check", help=words, description=words)
    check.add_options(added)
    _complete_files(added)
    added.add_argument("--json", action="store_true", help="print the verdict as JSON")
    added.set_defaults(run=_check)


def _check(options: Namespace) -> int:
    answer = check.verdict(options)
    show(options, answer, verdict)
    return DONE if answer["would"] == "deploy" else REFUSED


def _complete_files(parser: ArgumentParser) -> None:
    """Lets shells complete the zip's name."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to its arguments
        if action.dest == "file":
            action.complete = shtab.FILE  # type: ignore[attr-defined]


def _add_schema(commands: Commands) -> None:
    words = "Prints the JSON Schema of slipway.json, for an editor."
    added = commands.add_parser("schema", help=words, description=words)
    added.set_defaults(run=lambda _: output.show_text(json.dumps(manifest_schema(), indent=2)))


def _add_completion(commands: Commands, top: ArgumentParser) -> None:
    words = "Prints the completion script of a shell."
    added = commands.add_parser("completion", help=words, description=words)
    added.add_argument("shell", choices=shtab.SUPPORTED_SHELLS)
    added.set_defaults(run=lambda options: output.show_text(shtab.complete(top, options.shell)))
