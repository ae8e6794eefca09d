"""What an invocation is answered of a version that cannot be started, or sleeps."""

from __future__ import annotations

import pytest

from local.emulator.rules.lambda_.starts import CANNOT_START, cannot_start, not_ready
from local.emulator.rules.lambda_.version_states import settled, sleeping, unsettled, waking

READY = {"State": "Active", "LastUpdateStatus": "Successful", "Timeout": 3}


@pytest.mark.parametrize("error", CANNOT_START)
def test_a_refusal_has_the_status_of_the_model_and_its_words(error: str) -> None:
    found = cannot_start(error)
    assert found.code == error
    assert found.status in (403, 408, 502)
    assert len(found.message) > 20
    assert "<" not in found.message


def test_an_error_that_invoke_does_not_have_is_no_refusal() -> None:
    with pytest.raises(ValueError, match="Invoke has no error KMSException; it has CodeArtifact"):
        cannot_start("KMSException")


def test_only_an_active_version_is_ready() -> None:
    assert not_ready(READY) is None
    for state in ("Pending", "Failed"):
        found = not_ready({**READY, "State": state})
        assert found is not None
        assert (found.code, found.status, state in found.message) == ("ResourceConflictException", 409, True)


@pytest.mark.parametrize(
    ("applies_to", "code"),
    [("PublishedVersions", "SnapStartNotReadyException"), ("None", "ResourceNotReadyException")],
)
def test_a_version_with_a_snapshot_has_a_refusal_of_its_own(applies_to: str, code: str) -> None:
    found = not_ready({**sleeping(READY), "SnapStart": {"ApplyOn": applies_to}})
    assert found is not None
    assert found.code == code


def test_a_version_sleeps_wakes_and_is_as_it_was() -> None:
    assert sleeping(READY)["State"] == "Inactive"
    assert waking(sleeping(READY))["State"] == "Pending"
    assert settled(waking(sleeping(READY))) == READY


def test_what_wakes_is_not_completed_with_what_is_published() -> None:
    assert not unsettled(waking(sleeping(READY)))
