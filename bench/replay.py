"""Answers of the AWS in memory, recorded from a run in this process and replayed over HTTP to another one.

Note: the other process asks the same in the same order. A call too many is refused with 501, which botocore raises.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.cloud import answers
from tests.cloud.faults import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.answers import Response
    from tests.cloud.cloud import Cloud
    from tests.cloud.faults import Json
    from tests.cloud.wire import Service

_ALL_GIVEN: Response = (501, {}, b"")


def recorded(cloud: Cloud, run: Callable[[], object]) -> list[Response]:
    """Returns what ``cloud`` answers, in order, while ``run`` asks it."""
    given: list[Response] = []
    services = cloud.wire._services  # noqa: SLF001 - the recorder stands between the wire and the services
    cloud.wire._services = {name: _Recorder(cloud, name, each, given) for name, each in services.items()}  # noqa: SLF001
    run()
    return given


@dataclass(frozen=True, slots=True)
class _Recorder:
    """One service of ``cloud``; its answers go into ``given`` as HTTP responses."""

    cloud: Cloud
    name: str
    service: Service
    given: list[Response]

    def answer(self, operation: str, parameters: Json, body: bytes) -> Json:
        model = self.cloud.client(self.name).meta.service_model.operation_model(operation)
        try:
            answer = self.service.answer(operation, parameters, body)
        except Refusal as refusal:
            self.given.append(answers.failure(model, refusal))
            raise
        self.given.append(answers.success(model, answer))
        return answer


@contextmanager
def replayed(given: Sequence[Response]) -> Iterator[str]:
    """Gives the address of a server that answers with these, one for each request."""
    left = iter(given)

    class Replay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, body = next(left, _ALL_GIVEN)
            self.send_response(status)
            lengthened = {name.lower(): value for name, value in headers.items()} | {"content-length": str(len(body))}
            for name, value in lengthened.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Replay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
