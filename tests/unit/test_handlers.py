"""What a person is told, and how a function's settings say where its handler is looked for.

Which files each runtime loads is in the tables of tests/handlers.
"""

from __future__ import annotations

import pytest

from controller.core.artifact.handlers import Startup, handler_files, lacks_handler, startup_of
from controller.core.artifact.zip.archive import Archive, LinkEntry
from controller.core.artifact.zip.entries import Entry
from tests.growth import LINEAR, growth
from tests.pages import PAGES


def lacks(handler: str, runtime: str, *names: str) -> str | None:
    return lacks_handler(Archive(names, 0, None), Startup(handler, runtime))


def test_what_is_missing_is_named() -> None:
    assert lacks("src.app.handler", "python3.13", "main.py") == (
        "the handler src.app.handler needs src/app.py in the zip; add it, or correct the handler"
    )


@pytest.mark.parametrize("runtime", ["python3.13", "nodejs22.x", "nodejs24.x", "ruby3.3"])
def test_a_handler_that_names_no_function_is_said_to(runtime: str) -> None:
    assert lacks("app", runtime, "app.py") == (
        "the handler 'app' names no function: write FILE.FUNCTION, as in app.handler"
    )


@pytest.mark.parametrize("runtime", ["go1.x", "", "wasm", "python", "nodejs", "3.13"])
def test_other_runtimes_are_not_judged(runtime: str) -> None:
    assert lacks("com.example.App::handle", runtime) is None


# -- hints ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ("checkout/app.py",),
        ("checkout/app.py", "checkout/lib/util.py"),
        ("checkout/app.py", "__MACOSX/checkout/._app.py"),
        ("checkout/", "checkout/app.py"),
    ],
)
def test_a_zipped_folder_is_recognised(names: tuple[str, ...]) -> None:
    assert lacks("app.handler", "python3.13", *names) == (
        "the handler app.handler needs app.py in the zip (there is checkout/app.py: zip what is in the folder, not the"
        " folder); add it, or correct the handler"
    )


def test_a_file_in_one_of_several_folders_is_shown_with_the_handler_that_loads_it() -> None:
    assert lacks("app.handler", "python3.13", "src/app.py", "README.md") == (
        "the handler app.handler needs app.py in the zip (there is src/app.py: make the handler src/app.handler, or zip"
        " what is in the folder src); add it, or correct the handler"
    )
    assert lacks("src/app.handler", "python3.13", "src/app.py", "README.md") is None


@pytest.mark.parametrize(
    "dependency",
    [
        "node_modules/accepts/index.js",
        "a/node_modules/accepts/index.js",
        "vendor/accepts/index.js",
        "vendor/bundle/ruby/3.3.0/gems/accepts/index.js",
        "lib/python3.13/site-packages/accepts/index.js",
        "python/lib/python3.13/dist-packages/accepts/index.js",
        ".venv/lib/index.js",
        ".pnpm/accepts/index.js",
        "venv/index.js",
        "x/accepts-1.0.dist-info/index.js",
        "accepts.egg-info/index.js",
        "accepts.egg/index.js",
        "__pypackages__/index.js",
        "pip/_vendor/index.js",
        "bower_components/a/index.js",
        "__MACOSX/index.js",
    ],
)
def test_a_hint_never_names_a_file_of_a_dependency(dependency: str) -> None:
    assert "there is" not in (lacks("index.handler", "nodejs22.x", dependency, "README.md") or "")
    text = lacks("index.handler", "nodejs22.x", dependency, "z/y/index.js") or ""
    assert "there is z/y/index.js:" in text


def test_what_pip_installed_beside_the_project_may_be_a_dependency() -> None:
    assert "there is" not in (
        lacks("app.handler", "python3.13", "flask/app.py", "flask-3.0.dist-info/RECORD", "main.py") or ""
    )
    text = lacks("app.handler", "python3.13", "co/flask/app.py", "co/flask-3.0.dist-info/RECORD", "co/app.py") or ""
    assert "there is co/app.py:" in text


@pytest.mark.parametrize("names", [("b/a/app.py", "c/app.py"), ("c/app.py", "d/app.py"), ("d/app.py", "c/app.py")])
def test_the_shallowest_file_is_hinted_at_and_of_those_the_first(names: tuple[str, ...]) -> None:
    assert "there is c/app.py:" in (lacks("app.handler", "python3.13", *names) or "")


def test_a_long_name_of_a_file_is_cut() -> None:
    text = lacks("app.handler", "python3.13", f"{'x' * 60_000}/app.py") or ""
    assert "there is xxx" in text
    assert len(text) < 500


def test_a_hint_is_one_line() -> None:
    text = lacks("app.handler", "python3.13", "a\nb/app.py", "README.md") or ""
    assert "there is a\\nb/app.py" in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("runtime", "handler", "name"),
    [
        ("python3.13", "app.handler", "main.py"),
        ("python3.13", "./app.handler", "app.py"),
        ("java21", "com.acme.Handler::handle", "shop.jar"),
    ],
)
def test_the_readme_has_the_sentences(runtime: str, handler: str, name: str) -> None:
    text = lacks_handler(Archive((name,), 0, None), Startup(handler, runtime, "arm64"))
    assert f"| `{text}` |" in PAGES["docs/reference/refusals.md"]


@pytest.mark.parametrize("runtime", ["python3.13", "nodejs22.x", "nodejs24.x"])
def test_eight_times_the_files_are_searched_for_a_handler_in_eight_times_the_time(runtime: str) -> None:
    def names(count: int) -> list[str]:
        return [f"node_modules/a/{number:06d}/app.py" for number in range(count)]

    def search(among: list[str]) -> None:
        assert "needs a/a/a" in (lacks(f"{'a/' * 58}app.handler", runtime, *among) or "")

    assert growth(names, search, 8_000) < LINEAR


# -- links ------------------------------------------------------------------------------------------------------------


def linked(
    handler: str, runtime: str, names: tuple[str, ...], **links: str | None
) -> tuple[str | None, tuple[str, ...]]:
    """Returns what is said of a zip that has these links, by where they lead, and the files that are loaded."""
    entry = Entry(0, b"", 0, 0, 0, 0, 0o120777)
    archive = Archive(
        (*names, *links), 0, None,
        links={f"/var/task/{link}": place for link, place in links.items()},
        link_entries=tuple(LinkEntry(link, entry, 0) for link in links),
    )  # fmt: skip
    startup = Startup(handler, runtime)
    return lacks_handler(archive, startup), handler_files(archive, startup)


@pytest.mark.parametrize(
    ("runtime", "handler", "file", "link", "place"),
    [
        ("python3.13", "app.handler", "src/app.py", "app.py", "src/app.py"),
        ("python3.13", "src.app.handler", "store/app.py", "src", "store"),
        ("nodejs22.x", "dist/index.handler", "build/index.js", "dist", "build"),
        ("nodejs22.x", "kit.handler", ".pnpm/kit/index.js", "node_modules/kit", ".pnpm/kit"),
        ("ruby3.3", "lib/app.handler", "store/app.rb", "lib", "store"),
        ("provided.al2023", "any", "bin/main", "bootstrap", "bin/main"),
    ],
)
def test_a_link_counts_as_what_it_leads_to(runtime: str, handler: str, file: str, link: str, place: str) -> None:
    assert linked(handler, runtime, (file,), **{link: f"/var/task/{place}"}) == (None, (file,))


def test_jars_behind_a_link_are_on_the_class_path() -> None:
    said, _ = linked("com.acme.Handler::handle", "java21", ("jars/shop.jar",), lib="/var/task/jars")
    assert said is None


@pytest.mark.parametrize("place", ["/opt/lib", None])
@pytest.mark.parametrize(
    ("runtime", "handler", "link"),
    [
        ("python3.13", "src.app.handler", "src"),
        ("nodejs22.x", "dist/index.handler", "dist"),
        ("nodejs24.x", "kit.handler", "node_modules"),
        ("ruby3.3", "lib/app.handler", "lib"),
        ("java21", "com.acme.Handler::handle", "lib"),
        ("dotnet8", "Shop::Shop.Function::Handle", "Shop.dll"),
        ("provided.al2023", "any", "bootstrap"),
    ],
)
def test_what_lies_behind_a_link_that_cannot_be_followed_is_not_judged(
    runtime: str, handler: str, link: str, place: str | None
) -> None:
    assert linked(handler, runtime, ("README.md",), **{link: place}) == (None, ())


def test_a_link_to_nothing_is_no_file() -> None:
    because, files = linked("app.handler", "python3.13", ("main.py",), **{"app.py": "/var/task/src/app.py"})
    assert "needs app.py in the zip" in (because or "")
    assert files == ()


# -- settings ---------------------------------------------------------------------------------------------------------

APP = {"Handler": "app.handler", "Runtime": "python3.13"}


def test_the_settings_of_a_function_say_how_it_is_started() -> None:
    assert startup_of(APP) == Startup("app.handler", "python3.13", "x86_64")
    assert startup_of(
        {**APP, "Architectures": ["arm64"], "Layers": ["arn"], "Environment": {"Variables": {"PYTHONPATH": "/opt"}}}
    ) == Startup("app.handler", "python3.13", "arm64", has_layers=True, variables={"PYTHONPATH": "/opt"})


@pytest.mark.parametrize(
    "settings", [{}, {"Handler": "app.handler"}, {"Runtime": "python3.13"}, {**APP, "Handler": None}]
)
def test_a_function_without_handler_or_runtime_is_not_judged(settings: dict[str, object]) -> None:
    assert startup_of(settings) is None


@pytest.mark.parametrize("environment", [None, {"Variables": None}])
def test_variables_that_aws_does_not_show_may_be_any(environment: object) -> None:
    startup = startup_of({**APP, "Environment": environment})
    assert startup is not None
    assert startup.sets("PYTHONPATH")
    assert startup.is_wrapped


@pytest.mark.parametrize("environment", [{}, {"Variables": {}}])
def test_no_variables_are_none(environment: object) -> None:
    startup = startup_of({**APP, "Environment": environment, "Layers": []})
    assert startup == Startup("app.handler", "python3.13", "x86_64")


def test_values_of_variables_are_nobodys_log_line() -> None:
    assert "s3cret" not in repr(Startup("app.handler", "python3.13", variables={"PYTHONPATH": "s3cret"}))
