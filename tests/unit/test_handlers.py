from __future__ import annotations

import pytest

from controller.core.archive import Archive
from controller.core.handlers import Startup, handler_files, lacks_handler


def lacks(handler: str, runtime: str, *names: str, has_layers: bool = False) -> str | None:
    return lacks_handler(Archive(names, 0, None), Startup(handler, runtime, has_layers=has_layers))


@pytest.mark.parametrize(
    ("runtime", "handler", "name"),
    [
        ("python3.13", "app.handler", "app.py"),
        ("python3.13", "src/app.handler", "src/app.py"),
        ("python3.13", "src.app.handler", "src/app.py"),
        ("python3.13", "src.app.handler", "src/app/__init__.py"),
        ("python3.13", "app.handler", "app.pyc"),
        ("python3.13", "app.handler", "app.so"),
        ("python3.13", "app.handler", "app.cpython-313-aarch64-linux-gnu.so"),
        ("nodejs22.x", "index.handler", "index.js"),
        ("nodejs22.x", "dist/index.handler", "dist/index.mjs"),
        ("nodejs22.x", "index.api.handler", "index.cjs"),
        ("nodejs22.x", "toolkit.handler", "node_modules/toolkit/package.json"),
        ("ruby3.3", "app.handler", "app.rb"),
        ("ruby3.3", "src/app.Api::Handler.process", "src/app.rb"),
        ("ruby3.3", "lamby.cmd", "vendor/bundle/ruby/3.3.0/gems/lamby-6.0.1/lib/lamby.rb"),
        ("provided.al2023", "whatever", "bootstrap"),
    ],
)
def test_the_file_that_the_runtime_loads_is_found(runtime: str, handler: str, name: str) -> None:
    assert lacks(handler, runtime, "README.md", name) is None
    assert lacks(handler, runtime, "README.md") is not None


def test_what_is_missing_is_named() -> None:
    assert lacks("src.app.handler", "python3.13", "main.py") == (
        "the handler src.app.handler needs src/app.py in the zip; add it, or correct the handler"
    )


def test_a_zipped_folder_is_recognised() -> None:
    text = lacks("app.handler", "python3.13", "checkout/app.py")
    assert text is not None
    assert "there is checkout/app.py: zip what is in the folder, not the folder" in text


@pytest.mark.parametrize("runtime", ["python3.13", "nodejs22.x", "ruby3.3"])
def test_a_handler_that_names_no_function_is_said_to(runtime: str) -> None:
    assert lacks("app", runtime, "app.py") == (
        "the handler 'app' names no function: write FILE.FUNCTION, as in app.handler"
    )


@pytest.mark.parametrize("runtime", ["go1.x", "", "wasm"])
def test_other_runtimes_are_not_judged(runtime: str) -> None:
    assert lacks("com.example.App::handle", runtime) is None


def test_a_function_with_layers_is_not_judged() -> None:
    assert lacks("datadog.handler", "python3.13", has_layers=True) is None


def test_a_handler_outside_of_the_zip_is_not_judged() -> None:
    assert lacks("/opt/nodejs/wrapper.handler", "nodejs22.x") is None


def test_a_long_name_of_a_file_is_cut() -> None:
    text = lacks("app.handler", "python3.13", f"{'x' * 60_000}/app.py") or ""
    assert "there is xxx" in text and len(text) < 300


@pytest.mark.parametrize(
    ("runtime", "handler", "names", "files"),
    [
        ("python3.13", "src.app.handler", ("src/app.py", "src/__init__.py"), ("src/__init__.py", "src/app.py")),
        ("nodejs20.x", "hello.handler", ("hello/index.js",), ("hello/index.js",)),
        ("nodejs20.x", "hello.handler", ("hello/package.json", "hello/main.js"), ()),
        ("python3.13", "app.handler", ("main.py",), ()),
        ("go1.x", "main", ("main",), ()),
    ],
)
def test_the_files_that_the_runtime_loads_are_named(
    runtime: str, handler: str, names: tuple[str, ...], files: tuple[str, ...]
) -> None:
    assert handler_files(Archive(names, 0, None), Startup(handler, runtime)) == files
