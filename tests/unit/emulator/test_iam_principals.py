from __future__ import annotations

import pytest

from local.emulator.patches.iam.principals import principal

ACCOUNT = "123456789012"


def test_a_session_is_its_role() -> None:
    assert principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/pipeline/run-7") == f"arn:aws:iam::{ACCOUNT}:role/pipeline"
    china = f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/pipeline/run-7"
    assert principal(china) == f"arn:aws-cn:iam::{ACCOUNT}:role/pipeline"


@pytest.mark.parametrize("who", ["root", "user/alice", "role/pipeline"])
def test_whoever_is_no_session_is_themselves(who: str) -> None:
    assert principal(f"arn:aws:iam::{ACCOUNT}:{who}") == f"arn:aws:iam::{ACCOUNT}:{who}"


def test_a_federated_user_is_no_session_of_a_role() -> None:
    assert principal(f"arn:aws:sts::{ACCOUNT}:federated-user/alice") == f"arn:aws:sts::{ACCOUNT}:federated-user/alice"
