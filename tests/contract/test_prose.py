"""Pages and docstrings are plain: sentences begin with the thing, and nouns stand where pronouns would."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import PAGES, ROOT

OF_THE_ROOT = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
TEXTS = {**PAGES, **{name: (ROOT / name).read_text("utf-8") for name in OF_THE_ROOT}}
CODE = sorted((ROOT / "controller").rglob("*.py"))
REFERRING = {
    "it", "its", "itself", "this", "that", "these", "those", "they", "them", "their", "what", "which", "who", "whom",
    "whose", "whoever", "whatever", "one", "ones", "each",
}  # fmt: skip
MAX_REFERRING = 6.0
"""In a hundred words. Documents of other projects have 3 to 6."""
MAX_REFERRING_ON_A_PAGE = 7.5
DEFINES = "docs/contributing/glossary.md"
"""A glossary says of a word which thing it is: "the version that is being deployed"."""
POOR = re.compile(r"^(What|Where|Who|Whoever|Whatever|So does|So is)\b[^?]*[.;]$|\b[Bb]ut for\b|\bleave it away\b")
NO_PROSE = (r"^ *```.*?^ *```$", r"<!--.*?-->")
NO_LINE = (r"^#+ .*$", r"^\|[-: |]+\|$")


def prose(text: str) -> str:
    """Returns a page without its code, its headings and the targets of its links."""
    for away in NO_PROSE:
        text = re.sub(away, "", text, flags=re.MULTILINE | re.DOTALL)
    for away in NO_LINE:
        text = re.sub(away, "", text, flags=re.MULTILINE)
    return re.sub(r"`[^`]*`", "code", re.sub(r"\]\([^)]*\)", "]", text))


def sentences(text: str) -> Iterator[str]:
    """Yields the sentences of a page's paragraphs and lists; cells of tables are none."""
    for paragraph in re.split(r"\n\s*\n|\n(?=[-\d])", prose(text)):
        if not paragraph.lstrip().startswith("|"):
            yield from re.split(r"(?<=[.;!?])\s+", " ".join(paragraph.split()).lstrip("-0123456789. "))


def docstrings(file: Path) -> Iterator[str]:
    """Yields the docstrings of modules, classes, functions and attributes."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value.replace("``", "`")


def share(text: str) -> float:
    """Returns how many of a hundred words refer to another word."""
    words = re.findall(r"[a-z']+", prose(text).lower())
    return 100 * sum(word in REFERRING for word in words) / len(words)


@pytest.mark.parametrize("page", TEXTS)
def test_no_sentence_begins_with_a_pronoun_in_place_of_the_thing(page: str) -> None:
    assert [sentence for sentence in sentences(TEXTS[page]) if POOR.search(sentence)] == []


def test_nouns_stand_where_pronouns_would() -> None:
    assert share("\n\n".join(TEXTS.values())) <= MAX_REFERRING


@pytest.mark.parametrize("page", sorted(TEXTS.keys() - {DEFINES}))
def test_nouns_stand_where_pronouns_would_on_every_page(page: str) -> None:
    assert share(TEXTS[page]) <= MAX_REFERRING_ON_A_PAGE


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_docstring_begins_a_sentence_with_a_pronoun_in_place_of_the_thing(file: Path) -> None:
    assert [sentence for text in docstrings(file) for sentence in sentences(text) if POOR.search(sentence)] == []


def test_docstrings_name_the_thing_too() -> None:
    assert share("\n\n".join(text for file in CODE for text in docstrings(file))) <= MAX_REFERRING


def test_a_poor_sentence_is_found() -> None:
    page = "Fine. What is left is said.\n\n- All, but for the first.\n- What now?\n\n| What | is |\n"
    found = [sentence for sentence in sentences(page) if POOR.search(sentence)]
    assert found == ["What is left is said.", "All, but for the first."]


def test_referring_words_are_counted_outside_of_code() -> None:
    assert share("it is the one `that that` has") == pytest.approx(200 / 6)
    assert share("the alias carries version 2") == 0
