"""Runs the embedded AWS inside this process, on 127.0.0.1 only, and stops all of it at the end.

    with embedded_aws(Settings(minute=2)) as aws:
        aws.client("s3").create_bucket(Bucket="drop")

Rules of the file:
- everything is undone in the reverse order of its doing, whatever ends the block: the end of the story, an
  exception, Ctrl-C or SIGTERM, at any moment of the start too;
- nothing is printed on stdout; warnings of MiniStack and its server go to stderr.

Note: MiniStack reads its settings while it is imported and keeps its state in its modules, so the environment is set
first, MiniStack is imported here and nowhere else, and a process can start one embedded AWS in its life.
"""

from __future__ import annotations

import http.client
import importlib.metadata
import logging
import os
import secrets
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from local.emulator import patches
from local.emulator.patches.patching import MINISTACK_VERSION, PatchMismatch, replace_module
from local.emulator.runtime.packages import remove_read_only
from local.emulator.runtime.processes import FunctionProcesses
from local.environment import replaced_environment
from local.serving import ServingThread
from local.settings import Settings
from local.signals import stopped_by_signals

ADDRESS = "127.0.0.1"
REGION = "us-east-1"
ACCOUNT = "123456789012"
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"

# Neither clients nor functions read the user's profile or ask the machine for credentials.
NO_PROFILE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

QUIET = (
    "samtranslator",  # warns about its own bookkeeping at every template
    "kms",  # warns that signing would need a package that nothing here needs
)

_started = threading.Event()


class AlreadyStarted(RuntimeError):
    """This process has started an embedded AWS before."""


@dataclass(frozen=True, slots=True)
class EmbeddedAws:
    """A running embedded AWS: where it listens and how to talk to it."""

    endpoint: str
    region: str
    settings: Settings
    _session: boto3.session.Session = field(repr=False)
    _making_a_client: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def client(self, service: str, **config: Any) -> Any:
        """Returns a boto3 client of ``service``. ``config`` are members of ``botocore.config.Config``.

        It tries once unless told otherwise: a retry would hide a failure of the embedded AWS. May be called
        in any thread.
        """
        with self._making_a_client:
            return self._session.client(
                service,
                endpoint_url=self.endpoint,
                config=Config(**{"retries": {"total_max_attempts": 1}, "max_pool_connections": 50, **config}),
            )

    def recycle(self, function: str) -> None:
        """Ends a function's environments, idle ones now and busy ones after their run, as Lambda does now and then.

        The next run starts anew.
        """
        from ministack.services import lambda_svc

        lambda_svc.invalidate_worker(function)

    def reset(self) -> None:
        """Removes everything from it: buckets, functions and their processes, the stack, the roles."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=30)
        with closing(connection):
            connection.request("POST", "/_ministack/reset")
            status = connection.getresponse().status
        if status != HTTPStatus.OK:
            raise RuntimeError(f"the embedded AWS could not be reset: HTTP {status}")


@contextmanager
def embedded_aws(settings: Settings, port: int = 0) -> Iterator[EmbeddedAws]:
    """Runs the embedded AWS for the length of a ``with`` block.

    ``port`` 0 means a free one. Raises AlreadyStarted on the second call in a process, PatchMismatch where
    the installed MiniStack is not the one the patches were written for, OSError where the port is taken.
    """
    if _started.is_set():
        raise AlreadyStarted("a process can start one embedded AWS; start the second one in a process of its own")
    with ExitStack() as undo:
        ignore_signals = undo.enter_context(stopped_by_signals())
        folder = undo.enter_context(_folder())
        listener = undo.enter_context(_listener(port))
        number = listener.getsockname()[1]
        undo.enter_context(replaced_environment(NO_PROFILE | _settings_of_ministack(number, folder)))
        warnings = undo.enter_context(_warnings_on_stderr())
        processes = FunctionProcesses(folder)
        undo.callback(processes.stop)
        server = ServingThread(_application(settings, processes), listener)
        undo.callback(server.stop)
        server.start_and_wait()
        aws = EmbeddedAws(f"http://{ADDRESS}:{number}", REGION, settings, _session())
        # Threads of MiniStack live as long as the process; with its state gone they have nothing more to do.
        undo.callback(aws.reset)
        undo.callback(processes.stop)
        # The last ones run first: what is cut off by stopping is no news to anybody.
        undo.callback(warnings.setLevel, logging.CRITICAL + 1)
        undo.callback(ignore_signals)
        yield aws


@contextmanager
def _folder() -> Iterator[Path]:
    """Yields a new folder. Its name is known before it exists: no interruption in between leaves it behind."""
    folder = Path(tempfile.gettempdir(), f"slipway-aws-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        remove_read_only(folder)


def _listener(port: int) -> socket.socket:
    return socket.create_server((ADDRESS, port), backlog=512)


def _settings_of_ministack(port: int, folder: Path) -> dict[str, str]:
    return {
        "BIND_HOST": ADDRESS,
        "MINISTACK_HOST": ADDRESS,
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Roles must exist and what their policies do not allow is refused: a permission missing in the template shows.
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        # MiniStack looks for a Docker engine and removes containers there; this one cannot exist.
        "DOCKER_HOST": f"unix://{folder}/no-docker",
    }


@contextmanager
def _warnings_on_stderr() -> Iterator[logging.Handler]:
    """Yields the handler that shows MiniStack's warnings; a program's own handlers, if any, take its place."""
    root = logging.getLogger()
    handler: logging.Handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("embedded AWS: %(levelname)s %(name)s: %(message)s"))
    if not root.handlers:
        root.addHandler(handler)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield handler
    finally:
        root.removeHandler(handler)


def _application(settings: Settings, processes: FunctionProcesses) -> Any:
    installed = importlib.metadata.version("ministack")
    if installed != MINISTACK_VERSION:
        raise PatchMismatch(f"ministack {installed} is installed; install ministack=={MINISTACK_VERSION}")
    _started.set()
    from ministack.app import app
    from ministack.core import lambda_runtime

    replace_module(lambda_runtime, subprocess, Popen=processes.start)
    replace_module(lambda_runtime, tempfile, mkdtemp=processes.new_folder)
    processes.runs_under_way = lambda_runtime.workers_in_use
    patches.install(settings)
    return app


def _session() -> boto3.session.Session:
    return boto3.session.Session(
        aws_access_key_id=ACCESS_KEY_ID, aws_secret_access_key=SECRET_ACCESS_KEY, region_name=REGION
    )
