"""``python -m local.serve``: the embedded AWS with Slipway deployed to it, up until Ctrl-C or SIGTERM.

The first line of stdout is one JSON object, for people and programs alike:

    {"endpoint": "http://127.0.0.1:40123", "region": "us-east-1",
     "access_key_id": "test", "secret_access_key": "test",
     "bucket": "slipway-artifacts-...", "controller": "slipway-controller", "table": "slipway-Deployments-...",
     "role": "arn:aws:iam::123456789012:role/slipway-demo",
     "viewer": "slipway-viewer", "page": "http://127.0.0.1:40124/"}

``role`` is the one role that functions dropped into the bucket may be given, and ``page`` is for a browser. A line of
stderr is for people to paste into another shell: there the client asks this AWS.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Sequence

from local.package import ROOT, BuildFailed, build_package
from local.page.console import served_page
from local.roles import demo_role
from local.server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, EmbeddedAws, embedded_aws
from local.settings import Settings
from local.signals import stopped_by_signals
from local.stack import FAST, Stack, StackFailed, deploy
from local.trail import log_calls


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until told to stop. The exit status is 0 after Ctrl-C or SIGTERM, 1 where it could not start."""
    settings, port = _options(arguments)
    with stopped_by_signals():
        try:
            _serve(settings, port)
        except KeyboardInterrupt:
            _tell("stopped")
        except (BuildFailed, StackFailed, OSError) as failure:
            _tell(f"could not start: {failure}")
            return 1
    return 0


def _options(arguments: Sequence[str] | None) -> tuple[Settings, int]:
    parser = argparse.ArgumentParser(prog="python -m local.serve", description=__doc__.splitlines()[0])
    parser.add_argument("--minute", type=float, default=5.0, help="how many seconds a minute of alarms and ticks lasts")
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1 (default: a free port)")
    options = parser.parse_args(arguments)
    try:
        return Settings(minute=options.minute), options.port
    except ValueError as refusal:
        parser.error(f"argument --minute: {refusal}")


def _serve(settings: Settings, port: int) -> None:
    _tell("building and deploying the stack; Ctrl-C stops it")
    package = build_package()
    with embedded_aws(settings, port) as aws:
        log_calls(aws)
        role = demo_role(aws)
        stack = deploy(aws, ROOT / "template.yaml", package, {"AllowedRoles": role, **FAST})
        with served_page(aws, stack) as page:
            print(_line(aws, stack, role, page), flush=True)
            _tell(_client(aws))
            _tell(f"page: {page}")
            threading.Event().wait()


def _line(aws: EmbeddedAws, stack: Stack, role: str, page: str) -> str:
    return json.dumps(
        {
            "endpoint": aws.endpoint,
            "region": aws.region,
            "access_key_id": ACCESS_KEY_ID,
            "secret_access_key": SECRET_ACCESS_KEY,
            "bucket": stack.bucket,
            "controller": stack.controller,
            "table": stack.table,
            "role": role,
            "viewer": stack.viewer,
            "page": page,
        }
    )


def _client(aws: EmbeddedAws) -> str:
    """Says how a person asks with the client, in another shell of this folder."""
    return (
        f"export AWS_ENDPOINT_URL={aws.endpoint} AWS_REGION={aws.region} AWS_ACCESS_KEY_ID={ACCESS_KEY_ID}"
        f" AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}; .venv/bin/python -m cli status"
    )


def _tell(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
