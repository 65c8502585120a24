"""A plain mail in parts, so that it can be drawn: paragraphs, links on a line of their own, and codes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINK = re.compile(r"https?://\S+")
_INDENT = "    "


@dataclass(frozen=True)
class Part:
    """One part, and its `kind`: "text", "link" or "code"."""

    kind: str
    text: str


def parts_of(body: str) -> list[Part]:
    """The parts of a body. A link is all of its line and follows a colon, as in our own texts: another line that a name
    or a value puts there is text.
    """
    parts: list[Part] = []
    paragraph: list[str] = []
    announced = False
    for line in [*body.splitlines(), ""]:
        text = line.strip()
        is_link = announced and _LINK.fullmatch(text)
        kind = "link" if is_link else "code" if line.startswith(_INDENT) else "text"
        announced = text.endswith(":") if text else announced
        if text and kind == "text":
            paragraph.append(text)
            continue
        if paragraph:
            parts.append(Part("text", "\n".join(paragraph)))
            paragraph = []
        if text:
            parts.append(Part(kind, text))
    return parts
