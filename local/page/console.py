"""Serves the console's part of the page on 127.0.0.1: ``console.html``, and the calls that it asks for.

    POST /call {"endpoint": ARN, "parameters": {...}, "theme": "dark", "forms": {"who": "alice"}}
    ->  {"answer": "<div ...>"}, or {"answer": {"ok": true, ...}}, or {"error": "..."}

Only the two functions of the stack are called, as on a dashboard whose owner has allowed those.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.server import ADDRESS, EmbeddedAws
from local.stack import Stack

_CONSOLE = Path(__file__).parent / "console.html"
_MOST = 1_000_000
"""Bytes of a body that are read."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The dashboard as the template made it: the custom widget's properties, and the titles of the graphs beside it."""

    name: str
    widget: Mapping[str, Any]
    graphs: tuple[str, ...]


@contextmanager
def served_page(aws: EmbeddedAws, stack: Stack, port: int = 0) -> Iterator[str]:
    """Yields the page's address, for the length of a ``with`` block; ``port`` 0 means a free one."""
    server = _Console((ADDRESS, port), aws, stack)
    thread = threading.Thread(target=server.serve_forever, name="page", daemon=True)
    thread.start()
    try:
        yield f"http://{ADDRESS}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dashboard(aws: EmbeddedAws, stack: Stack) -> Dashboard:
    """Returns the stack's dashboard."""
    name = stack.outputs["PageName"]
    widgets = json.loads(aws.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])["widgets"]
    (custom,) = (each["properties"] for each in widgets if each["type"] == "custom")
    return Dashboard(name, custom, tuple(each["properties"]["title"] for each in widgets if each["type"] == "metric"))


class _Console(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], aws: EmbeddedAws, stack: Stack) -> None:
        self.dashboard = dashboard(aws, stack)
        self.functions = aws.client("lambda", read_timeout=300)
        found = (
            self.functions.get_function_configuration(FunctionName=each) for each in (stack.controller, stack.viewer)
        )
        controller, viewer = (each["FunctionArn"] for each in found)
        self.allowed = {f"{controller}:live", viewer}
        super().__init__(address, _Asked)

    def called(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns what the function of a widget, or of a button, answers."""
        endpoint, theme = asked.get("endpoint"), asked.get("theme", "light")
        if endpoint not in self.allowed:
            return {"error": f"{endpoint} is no function of this dashboard"}
        context = {"dashboardName": self.dashboard.name, "theme": theme, "forms": {"all": asked.get("forms", {})}}
        payload = {**asked.get("parameters", {}), "widgetContext": context}
        try:
            answer = self.functions.invoke(FunctionName=endpoint, Payload=json.dumps(payload).encode())
        except (ClientError, BotoCoreError) as problem:
            return {"error": str(problem)}
        found = json.load(answer["Payload"])
        return {"error": json.dumps(found)} if "FunctionError" in answer else {"answer": found}


class _Asked(BaseHTTPRequestHandler):
    server: _Console

    def do_GET(self) -> None:
        if self.path != "/":
            self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
            return
        widget = {"endpoint": self.server.dashboard.widget["endpoint"], "graphs": self.server.dashboard.graphs}
        text = _CONSOLE.read_text("utf-8").replace("WIDGET", json.dumps(widget))
        self._send(HTTPStatus.OK, text.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        try:
            asked = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _MOST)))
        except ValueError:
            self._send(HTTPStatus.BAD_REQUEST, b"send JSON", "text/plain")
            return
        self._send(HTTPStatus.OK, json.dumps(self.server.called(asked)).encode(), "application/json")

    def log_message(self, *_: object) -> None:
        """Says nothing: standard error is for people."""

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        with suppress(ConnectionError):  # the browser has left the page meanwhile
            self.end_headers()
            self.wfile.write(body)
