"""Checks a zip on disk as the controller would, before the upload and without AWS.

    python -m controller.check build.zip --runtime python3.13 --handler app.handler

Prints the verdict as JSON, {"would": "deploy", ...} or {"would": "refuse", "because": "..."}, as the request ``plan``
answers. The exit status is 0 or 1, and 2 for a wrong command line. Facts known to AWS alone, such as whether an alarm
exists or a role is allowed, are for ``plan``.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from controller.core.artifact import misplaced_manifest, object_keys
from controller.core.artifact.handlers import Startup, handler_files
from controller.core.artifact.verdict import ArtifactRefused, Settings, Sources, check
from controller.core.artifact.zip.contents import as_text
from controller.core.artifact.zip.directory import TAIL, BadArchive
from controller.core.artifact.zip.limits import MAX_FILE_SIZE
from controller.core.artifact.zip.opened import Opened, opened
from controller.core.manifest.settings import MANIFEST
from controller.core.model import Cause, Reason, Refused

Answer = dict[str, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the verdict asked for by the command line, and returns the exit status."""
    parser = ArgumentParser(prog="python -m controller.check", description="Would Slipway deploy this zip?")
    add_options(parser)
    answer = verdict(parser.parse_args(arguments))
    print(json.dumps(answer, indent=2))
    return 0 if answer["would"] == "deploy" else 1


def verdict(options: Namespace) -> Answer:
    """Returns the verdict on the file that the options name: {"file": "build.zip", "would": "deploy", ...}."""
    try:
        answer = _answer(options)
    except Refused as refusal:
        answer = {"would": "refuse", "because": refusal.reason.text, "cause": refusal.reason.cause.value}
    return {"file": str(options.file), **answer}


def add_options(parser: ArgumentParser) -> None:
    """Gives a parser the file, its key, and what the function has."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the zip, or whatever is to be dropped")
    parser.add_argument("--key", help="the key it is dropped at, as checkout/build.zip")
    add_facts(parser)


def add_facts(parser: ArgumentParser) -> None:
    """Gives a parser the options that say what the function has."""
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="the function's slipway.json in the bucket")
    parser.add_argument("--runtime", help="the function's, as python3.13, where no manifest names it")
    parser.add_argument("--handler", help="the function's, as app.handler, where no manifest names it")
    parser.add_argument("--architecture", default="x86_64", help="x86_64 or arm64, where no manifest names it")
    parser.add_argument("--layers", nargs="*", metavar="ARN", help="the function's; without an ARN: it has some")
    parser.add_argument(
        "--env", nargs="+", type=_variable, default=[], action="extend", metavar="NAME=VALUE", help="its environment"
    )


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _answer(options: Namespace) -> Answer:
    """Returns the verdict on an acceptable zip. Raises Refused for others."""
    if options.key is not None:
        _check_key(options.key)
    function = object_keys.function_of(options.key or "") or "FUNCTION"
    sources = Sources(function, _manifest(options.manifest) if options.manifest else None)
    settings = _settings(options)
    with _file(options.file, Cause.BAD_ARTIFACT) as file:
        zipped = _opened(options.file.name, file)
        verdict = check(zipped, sources, lambda: settings)
    if isinstance(verdict, ArtifactRefused):
        raise Refused(verdict.reason)
    texts = {
        f"{MANIFEST} in the zip": zipped.manifest,
        f"{object_keys.manifest_key(function)} in the bucket": sources.in_bucket,
    }
    return {
        "would": "deploy",
        "alias": verdict.manifest.alias,
        "manifests": [name for name, text in texts.items() if text is not None],
        "entries": len(zipped.archive.names),
        "unzipped": zipped.archive.unzipped,
        "handler": _handler(zipped, verdict.startup),
    }


def _handler(zipped: Opened, startup: Startup | None) -> Answer:
    """Returns the zip's files loaded for the handler, or why this was not judged."""
    if startup is None:
        return {"not_judged": "no manifest names Runtime and Handler, nor do --runtime and --handler"}
    options = {"runtime": startup.runtime, "handler": startup.handler}
    files = handler_files(zipped.archive, startup)
    return (
        {**options, "loads": list(files)} if files else {**options, "not_judged": "nobody can tell from the zip alone"}
    )


def _check_key(key: str) -> None:
    misplaced = misplaced_manifest.problem_of_key(key)
    if misplaced:
        raise Refused(Reason(Cause.BAD_MANIFEST, misplaced))
    problem = object_keys.refusal(key)
    if problem:
        raise Refused(Reason(Cause.BAD_ARTIFACT, problem))


def _manifest(path: Path) -> str:
    with _file(path, Cause.BAD_MANIFEST) as file:
        content = file.read(MAX_FILE_SIZE + 1)
    if len(content) > MAX_FILE_SIZE:
        raise BadArchive(f"{path} is longer than the {MAX_FILE_SIZE} bytes that are read", Cause.BAD_MANIFEST)
    return as_text(content, str(path))


def _settings(options: Namespace) -> Settings:
    """Returns the function's settings from the command line, in the spelling of CreateFunction."""
    # An OS-only runtime starts bootstrap, whatever the handler is.
    always = "bootstrap" if (options.runtime or "").startswith("provided") else None
    said = {
        "Runtime": options.runtime,
        "Handler": options.handler or always,
        "Architectures": [options.architecture],
        "Environment": {"Variables": dict(options.env)},
        # The mere presence of layers leaves missing files to them.
        "Layers": None if options.layers is None else options.layers or ["some"],
    }
    return {name: value for name, value in said.items() if value is not None}


@contextmanager
def _file(path: Path, cause: Cause) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except IsADirectoryError as problem:
        raise BadArchive(f"{path} is a folder: zip what is in it, and check the zip", cause) from problem
    except OSError as problem:
        raise BadArchive(f"{path} cannot be read: {problem.strerror}", cause) from problem


def _opened(name: str, file: BinaryIO) -> Opened:
    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    size = file.seek(0, SEEK_END)
    return opened(name, size, read(max(size - TAIL, 0), TAIL), read)


if __name__ == "__main__":
    sys.exit(main())
