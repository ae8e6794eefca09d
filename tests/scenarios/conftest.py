"""A story for each test: one controller, one function, and nothing has happened."""

from __future__ import annotations

import pytest

from tests.scenarios.story import Story


@pytest.fixture
def story() -> Story:
    return Story()
