"""How clients and adapters are made: late, once, and with retries and patience that are chosen."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from controller.aws import clients
from controller.aws.clients import Adapters, Platform
from controller.aws.lambda_.invoke.hooks import WAIT_SECONDS
from controller.core.model import Transient
from tests.cloud.story import SETTINGS
from tests.loopback import content, serving

ROOT = Path(__file__).parents[2]
NAMES = ["aliases", "store", "publishing", "versions", "hooks", "artifacts", "alarms", "metrics", "notices"]


@pytest.fixture
def adapters() -> Adapters:
    return Adapters(SETTINGS)


class Watched:
    """Adapters, and the services that a client has been made of for them so far."""

    def __init__(self) -> None:
        self.made: list[str] = []
        session = botocore.session.get_session()
        session.register("creating-client-class.*", lambda event_name, **_: self.made.append(event_name))
        platform = Platform(session.create_client, time.sleep, time.monotonic, clients._fetch, random.random)
        self.adapters = Adapters(SETTINGS, platform)


@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_is_made_once_and_its_clients_not_before_a_call(name: str) -> None:
    watched = Watched()
    assert getattr(watched.adapters, name) is getattr(watched.adapters, name)
    assert watched.made == []


def test_a_client_is_made_when_it_is_first_used_and_then_kept() -> None:
    watched = Watched()
    client: Any = watched.adapters.aliases._client
    for _ in range(2):
        assert client.meta.service_model.service_name == "lambda"
    assert watched.made == ["creating-client-class.lambda"]


def test_all_that_asks_a_service_asks_the_same_client(adapters: Adapters) -> None:
    cloudwatch: list[Any] = [adapters.alarms._client, adapters.series._client]
    assert cloudwatch[0] is cloudwatch[1]
    table: list[Any] = [
        each._client for each in (adapters.store, adapters.quarantines, adapters.leases, adapters._reservations)
    ]
    assert len({id(client) for client in table}) == 1


def test_what_waits_for_aws_is_tried_six_times_and_not_for_long(adapters: Adapters) -> None:
    waiting: list[Any] = [
        adapters.aliases._client,
        adapters.artifacts._client,
        adapters.notices._events,
        adapters.notices._sns,
    ]
    for client in waiting:
        config = client.meta.config
        assert config.retries["total_max_attempts"] == 6
        assert config.retries["mode"] == "standard"
        assert (config.connect_timeout, config.read_timeout) == (3, 20)


def test_cloudwatch_is_asked_twice_and_briefly_because_a_rollback_may_wait_behind_it(adapters: Adapters) -> None:
    for client in (adapters.alarms._client, adapters.series._client):
        config: Any = client.meta.config  # type: ignore[attr-defined]
        assert config.retries["total_max_attempts"] == 2
        assert (config.connect_timeout, config.read_timeout) == (2, 5)


def test_the_table_is_given_up_within_seconds_because_a_rollback_may_wait_behind_it(adapters: Adapters) -> None:
    """An alarm that a manifest names is looked up first; only when that fails does traffic come back without it."""
    config: Any = adapters.store._client.meta.config  # type: ignore[attr-defined]
    attempts, pauses = config.retries["total_max_attempts"], 1 + 2
    assert attempts == 3
    assert attempts * max(config.connect_timeout, config.read_timeout) + pauses <= 12


def test_what_carries_a_zip_has_a_minute_to_be_answered_and_no_more_time_in_all_than_other_calls(
    adapters: Adapters,
) -> None:
    functions = adapters.publishing._functions
    steady: Any = functions._client
    with_a_zip: Any = functions._code_client
    assert with_a_zip.meta.config.read_timeout == 60

    def longest(config: Any) -> float:
        return float(config.retries["total_max_attempts"] * config.read_timeout)

    assert longest(with_a_zip.meta.config) <= longest(steady.meta.config)


def test_a_test_is_one_invocation_that_may_take_a_minute(adapters: Adapters) -> None:
    client: Any = adapters.versions._test_client
    config = client.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout > 60


def test_a_hook_is_called_once_and_waited_for_as_long_as_its_adapter_says(adapters: Adapters) -> None:
    client: Any = adapters.hooks._once
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.read_timeout == WAIT_SECONDS


def test_the_settings_reach_the_adapters(adapters: Adapters) -> None:
    assert adapters.store._table == SETTINGS.table
    assert adapters.notices._topic == SETTINGS.topic


def test_what_answers_an_alarm_loads_nothing_else() -> None:
    """A cold start on the way to a rollback does not wait for what reads zips, publishes, tests or sends notices."""
    loaded = (
        "import sys\n"
        "from controller.aws.clients import Adapters\n"
        "from controller.settings import Settings\n"
        "adapters = Adapters(Settings('slipway', 'slipway/'))\n"
        "adapters.aliases, adapters.store\n"
        "print(*sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    names = set(ran.stdout.split())
    assert {f"controller.aws.{name}" for name in ("lambda_.aliases", "dynamodb.store", "clients")} <= names
    late = {
        *(f"lambda_.{name}" for name in ("invoke", "publishing", "versions", "restore_latest", "functions")),
        *(f"cloudwatch.{name}" for name in ("alarms", "metrics")),
        *("s3.artifacts", "notices"),
    }
    modules = {f"controller.aws.{name}" for name in late}
    assert all(importlib.util.find_spec(name) for name in modules)
    assert names & {"boto3", "jsonschema", *modules} == set()


class TestFetch:
    def test_the_bytes_come_as_they_are(self) -> None:
        with serving(content(b"\x00zip\xff")) as address:
            assert clients._fetch(address) == b"\x00zip\xff"

    def test_no_more_is_read_than_lambda_takes(self) -> None:
        with serving(endless) as address:
            assert len(clients._fetch(address)) == clients._MAX_DOWNLOAD_SIZE + 1

    @pytest.mark.parametrize("status", [403, 404, 500, 503])
    def test_an_address_that_has_expired_or_fails_may_go_better_later(self, status: int) -> None:
        with (
            serving(content(b"<Error/>", status)) as address,
            pytest.raises(Transient, match=f"cannot be downloaded now: HTTP Error {status}"),
        ):
            clients._fetch(address)

    def test_an_address_where_nobody_is_may_go_better_later(self) -> None:
        with serving(content(b"")) as address:
            pass
        with pytest.raises(Transient, match="cannot be downloaded now"):
            clients._fetch(address)

    def test_a_connection_that_ends_before_the_last_byte_may_go_better_later(self) -> None:
        with serving(content(b"half", length=8)) as address, pytest.raises(Transient):
            clients._fetch(address)

    def test_a_connection_that_breaks_may_go_better_later(self) -> None:
        with serving(breaking) as address, pytest.raises(Transient):
            clients._fetch(address)


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    block = bytes(1024 * 1024)
    for _ in range(51):
        request.wfile.write(block)


def breaking(request: BaseHTTPRequestHandler) -> None:
    request.connection.close()
