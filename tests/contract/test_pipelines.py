"""The recipes for pipelines are taken by the schemas of GitHub and GitLab, and their commands by the client."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from cli.commands import parser
from tests.pages import BLOCKS

PAGE = "docs/guides/pipelines.md"
GITHUB, GITLAB = (block.text for block in BLOCKS if block.page == PAGE and block.language == "yaml")
COMMANDS = [
    line.strip().removeprefix("- run: ").removeprefix("- ")
    for block in BLOCKS
    if block.page == PAGE
    for line in block.text.splitlines()
    if re.match(r"\s*(- run: |- )?slipway ", line)
]


@pytest.mark.parametrize(("recipe", "schema"), [(GITHUB, "vendor.github-workflows"), (GITLAB, "vendor.gitlab-ci")])
def test_a_recipe_is_taken_by_the_schema_of_its_pipeline(recipe: str, schema: str, tmp_path: Path) -> None:
    assert refusal(recipe, schema, tmp_path) == ""
    assert refusal(recipe.replace("timeout", "time-out"), schema, tmp_path) != "", "a schema must refuse too"


def refusal(recipe: str, schema: str, folder: Path) -> str:
    """What check-jsonschema, which brings both schemas, has against a recipe."""
    file = folder / "recipe.yaml"
    file.write_text(recipe)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr if ended.returncode else ""


def test_the_client_takes_every_command_of_a_recipe(tmp_path: Path) -> None:
    assert len(COMMANDS) == 4
    (tmp_path / "build.zip").touch()
    with contextlib.chdir(tmp_path):
        for command in COMMANDS:
            assert parser().parse_args(shlex.split(command)[1:])


def test_a_job_has_no_key_and_asks_for_a_token() -> None:
    github, gitlab = (YAML(typ="safe").load(recipe) for recipe in (GITHUB, GITLAB))
    assert github["permissions"]["id-token"] == "write"
    assert gitlab["ship"]["id_tokens"].keys() == {"AWS_TOKEN"}
    assert re.search(r"AKIA|SECRET", GITHUB + GITLAB) is None
