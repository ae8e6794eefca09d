"""Builds HTML and SVG as a tree, so that all text is escaped when the tree is written.

    tag("p", "5 < 6", class_="note")  ->  <p class="note">5 &lt; 6</p>

Rules of the file: nobody writes markup as text, and no element of ``FORBIDDEN`` and no attribute that runs code can be
built. CloudWatch removes such parts itself. Source: CloudWatch user guide, custom widgets, security, 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

Element = ET.Element
Content = Element | str | None

FORBIDDEN = frozenset({"script", "iframe", "use", "object", "embed", "link", "base", "meta"})


def tag(name: str, /, *content: Content | Iterable[Content], **attributes: str | None) -> Element:
    """Returns an element with its content; a trailing "_" of an attribute's name is left out, None leaves out the
    attribute, and "_" within a name is "-".
    """
    named = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    if name in FORBIDDEN or any(key.startswith("on") for key in named):
        raise ValueError(f"the page has no <{name}> with {sorted(named)}: CloudWatch removes what could run code")
    made = ET.Element(name, {key: printable(value) for key, value in named.items()})
    for each in _flat(content):
        _append(made, each)
    return made


def json_text(value: Mapping[str, object]) -> str:
    """Returns JSON without a character that markup would escape, so that both readings of an element agree."""
    text = json.dumps(value)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def html(element: Element) -> str:
    """Returns the element as HTML."""
    return ET.tostring(element, encoding="unicode", method="html")


def printable(text: str) -> str:
    """Returns the text with a space for each character that shows nothing or turns the direction of writing."""
    return "".join(each if each.isprintable() else " " for each in text)


def _flat(content: Iterable[Content | Iterable[Content]]) -> Iterable[Element | str]:
    for each in content:
        if isinstance(each, str | Element):
            yield each
        elif each is not None:
            yield from _flat(each)


def _append(parent: Element, content: Element | str) -> None:
    if isinstance(content, Element):
        parent.append(content)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + printable(content)
    else:
        parent.text = (parent.text or "") + printable(content)
