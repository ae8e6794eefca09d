"""An alias is moved once under one revision, whoever is at it at once; all else of aliases is in tests/agreement."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from local.server import EmbeddedAws
from tests.local.lambda_functions import (
    Function,
    with_two_versions,
)

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def function(aws: EmbeddedAws, role: str) -> Function:
    return with_two_versions(aws, role, "pointed-at")


@pytest.fixture
def alias() -> str:
    return f"alias-{next(_numbers)}"


def test_of_twenty_updates_under_one_revision_one_wins(function: Function, alias: str) -> None:
    revision = function.call("create_alias", Name=alias, FunctionVersion="1")["RevisionId"]

    def update(number: int) -> bool:
        try:
            function.call("update_alias", Name=alias, Description=str(number), RevisionId=revision)
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(20) as callers:
        assert sum(callers.map(update, range(20))) == 1
