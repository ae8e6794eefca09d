"""A scene for each test: one controller, one function, and nothing has happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cloud.scene import Scene


@pytest.fixture
def story() -> Iterator[Scene]:
    """A scene that breaks no invariant, and whose controller fails only where something was made to go wrong."""
    scene = Scene()
    yield scene
    assert list(scene.wrong()) == []
