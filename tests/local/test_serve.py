"""``python -m local.serve`` tells how to reach the embedded AWS, stays up, and goes without a trace."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from local.package import ROOT


@pytest.fixture
def server(package: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    assert package.exists()
    command = [sys.executable, "-m", "local.serve", "--minute", "2"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        yield process
        process.kill()


def test_the_first_line_is_all_that_a_client_needs(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    said = json.loads(server.stdout.readline())
    clients = boto3.session.Session(said["access_key_id"], said["secret_access_key"], region_name=said["region"])
    functions = clients.client("lambda", endpoint_url=said["endpoint"])
    configuration = functions.get_function_configuration(FunctionName=said["controller"], Qualifier="live")
    assert configuration["Environment"]["Variables"]["SLIPWAY_TABLE"] == said["table"]
    assert configuration["Environment"]["Variables"]["SLIPWAY_ALLOWED_ROLES"] == said["role"]
    clients.client("s3", endpoint_url=said["endpoint"]).head_bucket(Bucket=said["bucket"])


def asked(address: str, path: str, body: bytes | None = None) -> tuple[int, str]:
    """Returns the status and the text of an answer of the page's console."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        connection.request("GET" if body is None else "POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_the_page_is_served_and_calls_the_functions_of_its_dashboard_alone(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    assert server.stderr is not None
    address = json.loads(server.stdout.readline())["page"]
    assert f"page: {address}\n" in iter(server.stderr.readline, "")
    assert "Requests by version" in asked(address, "/")[1]
    assert asked(address, "/etc/passwd")[0] == 404
    viewer = "arn:aws:lambda:us-east-1:123456789012:function:slipway-viewer"
    drawn = asked(address, "/call", json.dumps({"endpoint": viewer, "parameters": {}, "theme": "dark"}).encode())
    assert "No deployment is open." in drawn[1]
    other = json.dumps({"endpoint": viewer.replace("slipway-viewer", "payroll"), "parameters": {}}).encode()
    assert "no function of this dashboard" in asked(address, "/call", other)[1]
    assert asked(address, "/call", b"no JSON")[0] == 400


def test_a_stopped_server_exits_with_0_and_leaves_no_file(server: subprocess.Popen[str], tmp_path: Path) -> None:
    assert server.stdout is not None
    assert server.stdout.readline().startswith("{")
    server.send_signal(signal.SIGTERM)
    output, errors = server.communicate(timeout=20)
    assert (server.returncode, output, list(tmp_path.iterdir())) == (0, "", [])
    first, *_, last = errors.splitlines()
    assert (first, last) == ("building and deploying the stack; Ctrl-C stops it", "stopped")


def test_the_line_for_people_asks_this_aws_with_the_client(server: subprocess.Popen[str]) -> None:
    assert server.stderr is not None
    line = next(line for line in server.stderr if line.startswith("export "))
    asked = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
    # Once a minute has passed, the time of the last tick follows.
    assert (asked.returncode, asked.stdout.splitlines()[:1]) == (0, ["no deployment is open"]), asked.stderr


@pytest.mark.parametrize("minute", ["0", "61", "soon"])
def test_an_impossible_minute_is_refused_before_anything_starts(minute: str) -> None:
    command = [sys.executable, "-m", "local.serve", "--minute", minute]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "argument --minute" in refused.stderr


def test_a_taken_port_is_told_in_one_line(package: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "local.serve", "--port", str(taken.getsockname()[1])]
        refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Address already in use" in refused.stderr.splitlines()[-1]
