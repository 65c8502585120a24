"""Search keys: text normalized once on writing, so that a prefix search keeps its index under the policy.

LIKE and lower() are not leakproof, so row-level security takes their index away; a range on a stored,
normalized column with collation "C" (or `^@` with text_pattern_ops) keeps it.
"""

from __future__ import annotations

import unicodedata

from django.db.models import Q

_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l"})


def normalize(text: str) -> str:
    """Lower case, without accents, every run of signs one space: 'Müller-Lüdenscheidt' -> 'muller ludenscheidt'.

    Letters, vowel signs and digits of every script are kept.
    """
    # Apart first, then folded, then apart again: letters in other dress (bold, raised) come apart as capitals.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char)).translate(_PLAIN)
    return " ".join(
        "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in plain).split()
    )


def range_of(field: str, start: str) -> Q:
    """Rows whose normalized `field` starts with a normalized text, as a range that an index serves."""
    return Q(**{f"{field}__gte": start, f"{field}__lt": start[:-1] + chr(ord(start[-1]) + 1)})


def prefix(field: str, typed: str) -> Q:
    """Rows whose `field` starts with what somebody typed, normalized; everything when nothing is left of it."""
    start = normalize(typed)
    return range_of(field, start) if start else Q()
