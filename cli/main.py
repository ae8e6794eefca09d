"""``slipway``: carries one command line out and returns an exit status for pipelines."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from cli import output
from cli.asking.aws_errors import CouldNotAsk
from cli.asking.connection import Place, Slipway
from cli.commands import parser

NOT_ASKED = 3
INTERRUPTED = 130


def main(
    arguments: Sequence[str] | None = None,
    connect: Callable[[Place], Slipway] = Slipway,
    environment: Mapping[str, str] = os.environ,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Carries the command line out and returns the exit status. A wrong one ends the process with 2."""
    options = parser().parse_args(arguments, Namespace(connect=connect, environment=environment, pause=pause))
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except CouldNotAsk as problem:
        output.tell(str(problem))
        return NOT_ASKED
    except KeyboardInterrupt:
        output.tell("interrupted; whatever was begun goes on")
        return INTERRUPTED
    except BrokenPipeError:  # `slipway history checkout | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status
