"""A function sees its own variables, Lambda's, and the way to the embedded AWS; nothing of this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from local.emulator.runtime.variables import variables

CONFIG: dict[str, Any] = {"FunctionName": "checkout", "Version": "7", "Handler": "app.handler", "MemorySize": 256}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": ""}


def variables_of(own: dict[str, str]) -> dict[str, str]:
    return variables(
        {**CONFIG, "Environment": {"Variables": own}},
        region="eu-west-1",
        credentials=CREDENTIALS,
        endpoint="http://127.0.0.1:4566",
        task_root=Path("/task"),
        log_stream="stream",
    )


def test_lambda_names_the_function_and_its_version() -> None:
    given = variables_of({})
    assert given["AWS_LAMBDA_FUNCTION_NAME"] == "checkout"
    assert given["AWS_LAMBDA_FUNCTION_VERSION"] == "7"
    assert given["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert (given["AWS_REGION"], given["_HANDLER"]) == ("eu-west-1", "app.handler")


def test_the_functions_own_variables_are_there() -> None:
    assert variables_of({"TABLE": "orders"})["TABLE"] == "orders"


def test_the_function_may_choose_another_endpoint() -> None:
    assert variables_of({})["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert variables_of({"AWS_ENDPOINT_URL": "http://elsewhere"})["AWS_ENDPOINT_URL"] == "http://elsewhere"


def test_what_lambda_reserves_cannot_be_chosen() -> None:
    assert variables_of({"AWS_REGION": "mars-1"})["AWS_REGION"] == "eu-west-1"


def test_an_empty_session_token_is_left_out() -> None:
    assert "AWS_SESSION_TOKEN" not in variables_of({})


def test_nothing_of_this_machine_is_passed_on() -> None:
    assert "PYTEST_CURRENT_TEST" in os.environ
    assert not {"HOME", "PYTEST_CURRENT_TEST"} & set(variables_of({}))


def test_the_profile_of_the_person_at_this_machine_is_not_read() -> None:
    assert variables_of({})["AWS_CONFIG_FILE"] == os.devnull
