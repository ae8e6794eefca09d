"""What is said of a text that is no JSON: which mistake it is, where, and never what it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.manifest.json_mistakes import of_bytes
from controller.core.manifest.strict_json import NotJson, read

EMPTY = "it is empty; the least that it may hold is {}"
COMMENT = "a comment begins here, and JSON has no comments; take it out"
YAML = 'it looks like YAML; write it as JSON: {"name": "value"}'
QUOTES = 'JSON takes no other quotes than "; write keys and texts as "text"'
BARE = 'a word without quotes; write keys and texts as "text"'
NUMBER = "JSON writes numbers as 10, 0.5 or 1e3"
BROKEN = 'a line break or a tab within a text; close the text with ", or write \\n or \\t'
NO_JSON = 'no JSON begins here; a value is an object in {}, a list in [], a number, or "text"'
CONFLICT = "a conflict of git is not resolved here; keep one side, and take the marks out"
SHORT = "it ends here too early; close what was opened with { or ["


def said(text: str) -> str:
    with pytest.raises(NotJson) as refusal:
        read(text)
    return str(refusal.value)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\r\n ", "\ufeff", "\ufeff \n", "\ufeff\ufeff"])
def test_a_text_that_holds_nothing_is_called_empty(text: str) -> None:
    assert said(text) == EMPTY


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('// x\n{"a": 1}', 1, 1),
        ('/* x */ {"a": 1}', 1, 1),
        ("# x\n{}", 1, 1),
        ("<!-- x --> {}", 1, 1),
        ('{\n  // x\n  "a": 1}', 2, 3),
        ('{"a": 1, // x\n "b": 2}', 1, 10),
        ('{"a": 1 // x\n}', 1, 9),
        ('{"a": /* x */ 1}', 1, 7),
        ('{"a": [1, # x\n 2]}', 1, 11),
        ('{"a": 1}\n// x', 2, 1),
        ('{"a": 1,\n // x\n}', 2, 2),
    ],
)
def test_a_comment_is_called_one(text: str, line: int, column: int) -> None:
    assert said(text) == f"line {line} column {column}: {COMMENT}"


@pytest.mark.parametrize(
    ("text", "line", "column", "closing"),
    [
        ('{"a": 1,}', 1, 8, "}"),
        ('{"a": 1,\n\n}', 1, 8, "}"),
        ("[1, ]", 1, 3, "]"),
        ('{"a": [\n  1,\n  2,\n]}', 3, 4, "]"),
        ('{"a": {"b": 1 ,\r\n}}', 1, 15, "}"),
        ("{,}", 1, 2, "}"),
    ],
)
def test_a_comma_too_many_is_pointed_at(text: str, line: int, column: int, closing: str) -> None:
    assert said(text) == f"line {line} column {column}: JSON has no comma before {closing}; take the comma out"


@pytest.mark.parametrize(
    "text",
    ["alias: live", "# c\n\nalias: live\n", "---\nalias: live", "strategy:\n  steps: []", "- a: 1", '"alias": "live"'],
)
def test_yaml_is_called_so(text: str) -> None:
    assert said(text) == YAML


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{'a': 1}", f"line 1 column 2: {QUOTES}"),
        ("{\u201ca\u201d: 1}", f"line 1 column 2: {QUOTES}"),
        ('{"a": `b`}', f"line 1 column 7: {QUOTES}"),
        ("{a: 1}", f"line 1 column 2: {BARE}"),
        ('{"a": live}', f"line 1 column 7: {BARE}"),
        ('{"a": True}', "line 1 column 7: JSON writes true, false and null in small letters"),
        ('{"a": None}', "line 1 column 7: JSON writes true, false and null in small letters"),
        ('{\n "a": 1\n "b": 2}', "line 3 column 2: a comma is missing before this place"),
        ('["a" "b"]', "line 1 column 6: a comma is missing before this place"),
        ("{", f"line 1 column 2: {SHORT}"),
        ('{"a": [1, 2\n', f"line 2 column 1: {SHORT}"),
        ('{"a": "b', 'line 1 column 7: the text that begins here does not end; close it with "'),
        ('{"a": "b\n"}', f"line 1 column 9: {BROKEN}"),
        ('{"a": "C:\\dir"}', "line 1 column 10: \\ begins an escape that JSON does not know; write \\\\ for one \\"),
        ("{} {}", "line 1 column 4: more follows here, behind the end of the JSON; take it out"),
        ("{}\x1a", "line 1 column 3: more follows here, behind the end of the JSON; take it out"),
        ('{"a": 01}', f"line 1 column 8: {NUMBER}"),
        ('{"a": 0x1F}', f"line 1 column 8: {NUMBER}"),
        ('{"a": .5}', f"line 1 column 7: {NUMBER}"),
        ('{"a": +1}', f"line 1 column 7: {NUMBER}"),
        ('{"a" 1}', "line 1 column 6: a colon is missing at this place, between a key and its value"),
        ('{"a"="b"}', "line 1 column 5: a colon is missing at this place, between a key and its value"),
        ('{"a": 1,, "b": 2}', 'line 1 column 9: a key is missing at this place; write it as "text"'),
        ("{1: 2}", 'line 1 column 2: a key is missing at this place; write it as "text"'),
        ("<a/>", f"line 1 column 1: {NO_JSON}"),
        ("[1,,2]", f"line 1 column 4: {NO_JSON}"),
        ("{\u00a0}", "line 1 column 2: the invisible character U+00A0; take it out, or type a plain blank"),
        ("\u200b{}", "line 1 column 1: the invisible character U+200B; take it out, or type a plain blank"),
        ('{"a": 1,\n<<<<<<< HEAD\n"b": 2\n=======\n}', f"line 2 column 1: {CONFLICT}"),
        ("\ufeff{}", "it begins with more than one byte order mark; save it as UTF-8 without one"),
        ("{\0}\0", "it holds NUL characters, as text in UTF-16 does; save it as UTF-8"),
        ("[" * 100_000, "it is nested too deeply to be read"),
        ("9" * 5_000, "a number in it has more digits than readers take"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(text: str, words: str) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x1f\x8b\x08\x00", "is compressed by gzip; store it as plain text"),
        ("{}".encode("utf-16"), "but UTF-16, as PowerShell's > writes; save it as UTF-8"),
        ("{}".encode("utf-32"), "but UTF-32; save it as UTF-8"),
        ("{ü}".encode("latin-1"), "is not UTF-8 text (from byte 1 on); save it as UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_told_by_how_they_were_made(content: bytes, words: str) -> None:
    with pytest.raises(UnicodeDecodeError) as problem:
        content.decode("utf-8-sig")
    assert of_bytes(content, problem.value.start).endswith(words)


HOSTILE = st.text(st.sampled_from("{}[]\",:'/*#\\ \n\t-+.019eatruefalsnul\ufeff\0"), max_size=40)


@given(HOSTILE)
def test_any_text_is_read_or_refused_in_words_that_are_not_its_own(text: str) -> None:
    secret = "zqsecretqz"
    for whole in (text, text + secret, secret + text, f'{{"a": "{secret}" {text}'):
        try:
            read(whole)
        except NotJson as refusal:
            assert str(refusal)  # noqa: PT017 - a refusal says something
            assert secret not in str(refusal)  # noqa: PT017
