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
    """The parts of a body. A link is one only where it is all of its line, so that no name can become one."""
    parts: list[Part] = []
    paragraph: list[str] = []
    for line in [*body.splitlines(), ""]:
        text = line.strip()
        kind = "link" if _LINK.fullmatch(text) else "code" if line.startswith(_INDENT) else "text"
        if text and kind == "text":
            paragraph.append(text)
            continue
        if paragraph:
            parts.append(Part("text", "\n".join(paragraph)))
            paragraph = []
        if text:
            parts.append(Part(kind, text))
    return parts
