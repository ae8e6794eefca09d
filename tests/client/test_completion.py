"""Shells complete the commands of ``slipway``."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.client.account import Account


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_gets_its_completion_without_aws(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert Account().run("completion", shell) == 0
    script = capsys.readouterr().out
    assert "rollback" in script and "lift-quarantine" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("slipway promo", "promote"),
        ("slipway approve checkout --wh", "--who --why"),
        ("slipway check pyproj", "pyproject.toml"),
    ],
)
def test_bash_completes_commands_options_and_files(
    typed: str, completed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Account().run("completion", "bash")
    words = typed.split()
    ask = f'COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _shtab_slipway; echo "${{COMPREPLY[@]}}"'
    script = f"{capsys.readouterr().out}\n{ask}\n"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == completed.split()
