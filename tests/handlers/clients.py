"""The runtimes' own clients on this machine, asked whether they load a handler. ``make clients`` installs them.

Each is given the zip's files in a folder, with a handler's function in each, and nothing is served to it: only what it
does at the start of a function is asked.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.handlers.case import Case

CLIENTS = Path(__file__).parents[2] / ".build" / "clients"
_PYTHON = """
import sys
sys.path.insert(0, ".")
from awslambdaric import bootstrap
bootstrap._get_handler(sys.argv[1])
"""
_RUBY = """
$LOAD_PATH.unshift(Dir.pwd)
require "aws_lambda_ric/lambda_handler"
require LambdaHandler.new(env_handler: ARGV[0]).handler_file_name
"""
# The two loaders are not exported, so that each is asked in a copy of its client that exports the loader alone.
_NODE = """
import {{ {exported} }} from "{copy}";
await {load}(process.argv[2], process.argv[3]);
"""
_NODE_3 = ("require_UserFunction", "require_UserFunction().load")
_NODE_4 = ("UserFunctionLoader", "UserFunctionLoader.load")
_JS = "exports.handler = async () => 1; exports.api = {handler: exports.handler};\n"
_MJS = "export const handler = async () => 1; export const api = {handler};\n"
_RB = "def handler(event:, context:) = 1\n"
_CONTENTS = {".py": "def handler(event, context):\n    return 1\n", ".mjs": _MJS, ".rb": _RB, ".json": "{}"}


@dataclass(frozen=True)
class Client:
    """``command`` starts it; it is given the folder and the handler, or the handler alone."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    takes_the_folder: bool = False

    def problem(self, case: Case, folder: Path) -> str | None:
        """Returns what the client says where it cannot load the handler of the case, None where it can."""
        for name in case.files:
            _write(folder, name, case.contents.get(name))
        handler = case.handler.replace("/var/task", str(folder))
        arguments = (str(folder), handler) if self.takes_the_folder else (handler,)
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "NODE_PATH": str(folder), **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stderr.strip() or f"ended with {done.returncode}" if done.returncode else None


def python() -> Client | None:
    found = CLIENTS / "python" / "bin" / "python"
    return Client((str(found), "-c", _PYTHON), {}) if found.exists() else None


def ruby() -> Client | None:
    found, gems = shutil.which("ruby"), CLIENTS / "ruby"
    return Client((found, "-e", _RUBY), {"GEM_PATH": str(gems)}) if found and gems.exists() else None


def node(number: int) -> Client | None:
    """Returns the client of nodejs22.x and before, or of nodejs24.x: both run on whichever Node is here."""
    found, module = shutil.which("node"), CLIENTS / f"node{number}" / "node_modules" / "aws-lambda-ric"
    if not found or not module.exists():
        return None
    source = module / ("index.mjs" if number >= 24 else "dist/index.mjs")
    exported, load = _NODE_4 if number >= 24 else _NODE_3
    copy = source.with_name("asked.mjs")
    copy.write_text(f"{source.read_text().replace('ignition();', '')}\nexport {{ {exported} }};\n")
    script = copy.with_name("asks.mjs")
    script.write_text(_NODE.format(exported=exported, copy=copy, load=load))
    return Client((found, str(script)), {}, takes_the_folder=True)


def _write(folder: Path, name: str, content: str | None) -> None:
    path = folder / name
    if name.endswith("/"):
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_CONTENTS.get(path.suffix, _JS) if content is None else content)
