"""That every line in the books explains itself, to the minor unit."""

from __future__ import annotations

from collections.abc import Iterable

from core.money import Money
from ledger.models import JournalLine
from ledger.queries.explain import explain_line


def assert_explained(lines: Iterable[JournalLine]) -> int:
    """Check that the terms of every line sum to its amount, each in words; returns how many lines there were."""
    count = 0
    for line in lines:
        why = explain_line(line)
        what = (line.event.kind, line.account.code, line.event.inputs, why.terms)
        whole = sum((term.amount for term in why.terms), Money(0, line.currency))
        assert whole == abs(line.amount), what
        assert all(term.words and all(term.words) for term in why.terms), what
        count += 1
    return count


def all_lines() -> Iterable[JournalLine]:
    """Every line of the bound network with what explains it."""
    return JournalLine.objects.select_related(
        "account", "event__organization", "event__rule_version__rule", "event__voids__organization",
        "event__voids__rule_version__rule",
    ).order_by("event_id", "line_no")  # fmt: skip
