"""Explains why a text is no JSON, for the author: "line 3 column 5: JSON has no comments; ...".

Python's reader gives a position and a terse message. The text around the position shows the actual mistake. Messages
never quote the text, which may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecodeError

_BLANK = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"//|/\*|#|<!--")
_YAML = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*(?:---|[ \t]*(?:- )?[\"']?[A-Za-z_$][\w$-]*[\"']?[ \t]*:(?:\s|\Z))")
_BARE_WORD = re.compile(r"[A-Za-z_$]")
_PYTHON_WORD = re.compile(r"(?:True|False|None)\b")
_SINGLE_QUOTES = "'`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"
_CONFLICT = re.compile(r"<{7} |={7}$|>{7} ", re.MULTILINE)
_BYTE_ORDER_MARK = "\ufeff"
_UTF_32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_GZIP = b"\x1f\x8b"


def in_words(text: str, problem: JSONDecodeError) -> str:
    """Returns the mistake behind ``problem``, raised by reading ``text`` as JSON, and its place."""
    if not text.strip(_BYTE_ORDER_MARK + " \t\r\n\f\v"):
        return "it is empty; the least that it may hold is {}"
    if "\0" in text:
        return "it holds NUL characters, as text in UTF-16 does; save it as UTF-8"
    if text.startswith(_BYTE_ORDER_MARK):
        return "it begins with more than one byte order mark; save it as UTF-8 without one"
    if _YAML.match(text):
        return 'it looks like YAML; write it as JSON: {"name": "value"}'
    at = _BLANK.match(text, problem.pos).end()  # type: ignore[union-attr]
    return next(words for words in (rule(text, at, problem) for rule in _RULES) if words)


def of_bytes(content: bytes, start: int) -> str:
    """Returns why bytes are no text; ``start`` is the first byte that is no UTF-8."""
    if content.startswith(_GZIP):
        return "is compressed by gzip; store it as plain text"
    if content.startswith(_UTF_32):
        return f"is not UTF-8 text (from byte {start} on) but UTF-32; save it as UTF-8"
    if content.startswith(_UTF_16):
        return f"is not UTF-8 text (from byte {start} on) but UTF-16, as PowerShell's > writes; save it as UTF-8"
    return f"is not UTF-8 text (from byte {start} on); save it as UTF-8"


def _at(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"line {line} column {position - text.rfind(chr(10), 0, position)}"


def _trailing_comma(text: str, at: int, _: JSONDecodeError) -> str:
    # Python before 3.13 stops at the bracket after the comma, later versions at the comma itself.
    comma = at if text[at : at + 1] == "," else len(text[:at].rstrip(" \t\r\n")) - 1
    closing = _BLANK.match(text, comma + 1).end()  # type: ignore[union-attr]
    if comma < 0 or text[comma] != "," or text[closing : closing + 1] not in ("}", "]"):
        return ""
    return f"{_at(text, comma)}: JSON has no comma before {text[closing]}; take the comma out"


def _comment(text: str, at: int, _: JSONDecodeError) -> str:
    if not _COMMENT.match(text, at):
        return ""
    return f"{_at(text, at)}: a comment begins here, and JSON has no comments; take it out"


def _invisible(text: str, at: int, _: JSONDecodeError) -> str:
    letter = text[at : at + 1]
    if not letter or (letter.isprintable() and not letter.isspace()):
        return ""
    return f"{_at(text, at)}: the invisible character U+{ord(letter):04X}; take it out, or type a plain blank"


def _conflict(text: str, at: int, _: JSONDecodeError) -> str:
    if not _CONFLICT.match(text, at):
        return ""
    return f"{_at(text, at)}: a conflict of git is not resolved here; keep one side, and take the marks out"


def _missing_colon(text: str, at: int, problem: JSONDecodeError) -> str:
    if problem.msg != "Expecting ':' delimiter":
        return ""
    return f"{_at(text, at)}: a colon is missing at this place, between a key and its value"


def _quotes(text: str, at: int, _: JSONDecodeError) -> str:
    if text[at : at + 1] not in tuple(_SINGLE_QUOTES):
        return ""
    return f'{_at(text, at)}: JSON takes no other quotes than "; write keys and texts as "text"'


def _too_short(text: str, at: int, problem: JSONDecodeError) -> str:
    if problem.msg.startswith("Unterminated string"):
        return f'{_at(text, problem.pos)}: the text that begins here does not end; close it with "'
    if at < len(text):
        return ""
    return f"{_at(text, at)}: it ends here too early; close what was opened with {{ or ["


def _more(text: str, at: int, problem: JSONDecodeError) -> str:
    if problem.msg != "Extra data":
        return ""
    return f"{_at(text, at)}: more follows here, behind the end of the JSON; take it out"


def _missing_comma(text: str, at: int, problem: JSONDecodeError) -> str:
    if problem.msg != "Expecting ',' delimiter" or text[at] in "}]":
        return ""
    return f"{_at(text, at)}: a comma is missing before this place"


def _number(text: str, at: int, problem: JSONDecodeError) -> str:
    # Python stops after the first digits of 01, 0x1F and 1., and before .5 and +1.
    goes_on = at == problem.pos and text[max(at - 1, 0)].isdigit() and (text[at].isalnum() or text[at] in "._")
    begins_so = problem.msg == "Expecting value" and text[at] in ".+"
    if not (goes_on or begins_so):
        return ""
    return f"{_at(text, at)}: JSON writes numbers as 10, 0.5 or 1e3"


def _bare_word(text: str, at: int, _: JSONDecodeError) -> str:
    if _PYTHON_WORD.match(text, at):
        return f"{_at(text, at)}: JSON writes true, false and null in small letters"
    if not _BARE_WORD.match(text, at):
        return ""
    return f'{_at(text, at)}: a word without quotes; write keys and texts as "text"'


def _in_a_text(text: str, _: int, problem: JSONDecodeError) -> str:
    if problem.msg.startswith("Invalid control character"):
        return (
            f'{_at(text, problem.pos)}: a line break or a tab within a text; close the text with ", or write \\n or \\t'
        )
    if problem.msg.startswith(("Invalid \\escape", "Invalid \\uXXXX escape")):
        return f"{_at(text, problem.pos)}: \\ begins an escape that JSON does not know; write \\\\ for one \\"
    return ""


def _otherwise(text: str, at: int, problem: JSONDecodeError) -> str:
    if problem.msg == "Expecting value":
        return f'{_at(text, at)}: no JSON begins here; a value is an object in {{}}, a list in [], a number, or "text"'
    if problem.msg.startswith("Expecting property name"):
        return f'{_at(text, at)}: a key is missing at this place; write it as "text"'
    return f"{problem.msg}: {_at(text, problem.pos)}"


_RULES: tuple[Callable[[str, int, JSONDecodeError], str], ...] = (
    _in_a_text,
    _comment,
    _conflict,
    _trailing_comma,
    _quotes,
    _too_short,
    _more,
    _number,
    _missing_comma,
    _bare_word,
    _missing_colon,
    _invisible,
    _otherwise,
)
"""The possible mistakes in the order of checking; the last rule matches anything."""
