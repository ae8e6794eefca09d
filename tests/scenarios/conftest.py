"""A scene for each test: one controller, one function, and nothing has happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cloud.scene import Scene
from tests.scenarios.story import Story


@pytest.fixture
def story(request: pytest.FixtureRequest) -> Iterator[Scene | Story]:
    """A scene that breaks no invariant, and whose controller fails only where something was made to go wrong."""
    if hasattr(request.module, "Story"):
        yield Story()
        return
    scene = Scene()
    yield scene
    assert list(scene.wrong()) == []
