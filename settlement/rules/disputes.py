"""Why an item may be disputed, how a dispute may end, and how old one is."""

from __future__ import annotations

REASONS = {
    "amount": "The amount is wrong",
    "not_performed": "It was not performed",
    "twice": "It is there twice",
    "not_ours": "It belongs to somebody else",
    "terms": "The terms are others",
    "day": "It belongs to another day",
    "other": "Something else",
}
OUTCOMES = {
    "corrected": "Corrected",
    "accepted": "Accepted as it stands",
    "withdrawn": "Withdrawn",
}
#: (first day, last day or None, label)
AGES: tuple[tuple[int, int | None, str], ...] = (
    (0, 30, "0–30 days"),
    (31, 60, "31–60 days"),
    (61, 90, "61–90 days"),
    (91, None, "over 90 days"),
)


def age_band(days: int) -> str:
    """The label of the band that an age in days falls into."""
    return next(label for _, last, label in AGES if last is None or days <= last)
