"""The controller's package as it is deployed, and its size."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from bench.row import Row

_SCRIPT = Path(__file__).parents[1] / "packaging" / "build.py"


@contextmanager
def built(platform: str) -> Iterator[Path]:
    """Gives a package for ``platform``: "lambda", or "this" for the Python that runs this."""
    script = _script()
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        try:
            script.build(Path(folder) / "package", platform)
        except script.BuildError as error:
            raise SystemExit(f"bench: {error}") from error
        yield Path(folder) / "package"


def size() -> Row:
    """Returns the row of the package's size; over the limit there is no package, and the build says so."""
    script = _script()
    with built("lambda") as package:
        unzipped: int = script.checked_size(package)
    limit: int = script.LIMIT
    return Row(
        "deployment package, unzipped",
        f"under {limit / 1e6:.0f} MB",
        f"{unzipped / 1e6:.1f} MB",
        unzipped < limit,
        {"bytes": unzipped},
    )


def _script() -> ModuleType:
    """Loads the script by its path: there is a library of the name of its folder."""
    specification = importlib.util.spec_from_file_location("slipway_packaging", _SCRIPT)
    if specification is None or specification.loader is None:
        raise RuntimeError(f"{_SCRIPT} cannot be loaded")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    return script
