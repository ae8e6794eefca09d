"""Builds the site of these pages: ``make docs``. Links that leave docs/ become plain names: the site has no such files.

python -m docs.site ZENSICAL     # the program of that name, from its own environment
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = ROOT / ".build" / "pages"
"""What ``docs_dir`` of zensical.toml says."""
_PICTURES = (".svg", ".png")
_LINK = re.compile(r"\[(?P<label>[^\]]+)\]\((?P<file>(?!https://)[^)#]+)(?P<anchor>#[^)]+)?\)")


def main(arguments: Sequence[str]) -> int:
    """Copies the pages and runs the generator; returns its exit status, which is not 0 where a link is broken."""
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir(parents=True)
    for file in sorted(DOCS.rglob("*")):
        copy = PAGES / file.relative_to(DOCS)
        if file.is_dir():
            copy.mkdir()
        elif file.suffix == ".md":
            copy.write_text(page(file), "utf-8")
        elif file.suffix in (".css", *_PICTURES):
            shutil.copyfile(file, copy)
    return subprocess.run([*arguments, "build", "--clean", "--strict"], cwd=ROOT, check=False).returncode


def page(file: Path) -> str:
    """Returns a page as the site has it."""

    def linked(match: re.Match[str]) -> str:
        target, kinds = (file.parent / match["file"]).resolve(), (".md", *_PICTURES)
        stays = target.is_relative_to(DOCS) and target.name.endswith(kinds)
        return match[0] if stays else match["label"]

    return _LINK.sub(linked, file.read_text("utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
